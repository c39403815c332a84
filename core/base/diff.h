/* Diff: two texts, compared by lines, as `diff -u` writes it. */
#ifndef FOYER_BASE_DIFF_H
#define FOYER_BASE_DIFF_H

#include "base/buf.h"

struct diff_text {
    struct str name, text;
};

/* Nothing where both are the same. Texts that differ much are shown as all old, all new. */
void diff_write(const struct diff_text *before, const struct diff_text *after, struct buf *out);

#endif

/* Nearest: what somebody who mistyped a word probably meant. */
#ifndef FOYER_BASE_NEAREST_H
#define FOYER_BASE_NEAREST_H

#include "base/str.h"

/* Of words that are offered one after the other, the one that differs least: in case, '_', '-' and spaces
 * alone, or in two letters at most. */
struct nearest {
    struct str given;
    const char *word; /* NULL: none is near enough to be what was meant */
    unsigned least;
};

/* given is borrowed, as each word is. */
void nearest_init(struct nearest *nearest, struct str given);
void nearest_offer(struct nearest *nearest, const char *word);

#endif

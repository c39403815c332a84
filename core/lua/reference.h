/* Reference: the API as a part of scripts/README.md, out of the tables. */
#ifndef FOYER_LUA_REFERENCE_H
#define FOYER_LUA_REFERENCE_H

#include "base/buf.h"

/* Markdown. A test compares it with the file, so that no signature changes unseen. */
void reference_write(struct buf *out);

#endif

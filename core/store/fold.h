/* Fold: the twin of a text under which it is searched and unique (columns that end in _key).
 *
 * NFKC, case folded, accents removed, zero-width and other ignorables removed, white space
 * collapsed; by ICU. Addresses: the local part folded, the domain by IDN (UTS 46) to ASCII.
 */
#ifndef FOYER_STORE_FOLD_H
#define FOYER_STORE_FOLD_H

#include "base/str.h"

struct arena;

void fold_start(void); /* once, before threads */
struct str fold_text(struct arena *arena, struct str text);
/* Checks the form of an address as well (one @, a domain with a dot or "localhost", no blanks or
 * controls, no quotes, at most 254 bytes) and gives its key; absent: not an address. */
struct str fold_email(struct arena *arena, struct str email);

#endif

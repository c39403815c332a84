/* Fold: the twin of a text under which it is searched and unique (columns that end in _key).
 *
 * NFKC, case folded, accents removed (also ł, ø, đ, ħ, ŧ, ı, æ, œ to plain letters), zero-width and
 * other ignorables removed, white space trimmed and collapsed; by ICU. Marks that make another
 * word (vowel signs of Indic scripts, voicing of kana) stay. Folding a key gives the key. Addresses: the local
 * part folded but for its accents (josé and jose are two mailboxes), the domain by IDN (UTS 46,
 * non-transitional, CheckBidi, CheckContextJ) to ASCII. Any thread after fold_start.
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
/* A domain as it travels, in ASCII and lower case; absent: not a domain. */
struct str fold_domain(struct arena *arena, struct str domain);

#endif

/* Digest: tells whether two texts are the same, by 128 bits; the same on every machine. Any thread.
 *
 * XXH3 reads a page of rows in the time in which a cryptographic hash reads one row. It is none: who may
 * choose the text could find two of one digest, so it stands for ETags, where he would fool himself
 * alone, and not for secrets, signatures or what was asked before.
 */
#ifndef FOYER_BASE_DIGEST_H
#define FOYER_BASE_DIGEST_H

#include "base/str.h"

#include <stdint.h>

enum { DIGEST = 16 };

void digest128(struct str text, uint8_t out[DIGEST]);

#endif

/* Uuid: 16 bytes inside, canonical lower-case text (36 characters) outside.
 *
 * New ones are version 7 (RFC 9562): milliseconds, then random bits, so that
 * keys grow with time. All-zero is "none".
 */
#ifndef FOYER_BASE_UUID_H
#define FOYER_BASE_UUID_H

#include "base/str.h"

struct uuid {
    uint8_t bytes[16];
};

#define UUID_NONE ((struct uuid){ { 0 } })
#define UUID_TEXT 37 /* with the NUL */

/* now in microseconds UTC; random are 10 random bytes. */
struct uuid uuid_v7(int64_t now, const uint8_t random[10]);
bool uuid_is_none(struct uuid id);
bool uuid_eq(struct uuid a, struct uuid b);
int uuid_compare(struct uuid a, struct uuid b);
/* Takes the canonical form in either case, nothing else; false leaves *id untouched. */
bool uuid_parse(struct str text, struct uuid *id);
void uuid_format(struct uuid id, char text[UUID_TEXT]);

#endif

/* Throttle: one count for every door where a secret is tried, per account and per address.
 *
 * Failures are free up to a number, then each doubles a pause, up to 15 minutes; a day without one
 * forgets them. IPv6 addresses count by their /64. Keys are hashed: no address of a person is kept.
 * The account counts whether or not it exists, so that the unknown answer like the known.
 */
#ifndef FOYER_STORE_THROTTLE_H
#define FOYER_STORE_THROTTLE_H

#include "store/tx.h"

/* ST_TOO_MANY with Retry-After when the account (a folded address or token id, within the
 * workspace) or tx->peer must wait. account may be absent. Read or write. */
enum status throttle_check(struct tx *tx, struct str account);
/* Counts a failure of both. Write. */
void throttle_fail(struct tx *tx, struct str account);
/* A success forgets the account's failures, not the address's. */
void throttle_clear(struct tx *tx, struct str account);
/* Chore: deletes counts a day old, at most 500. */
size_t throttle_sweep(struct tx *tx);

#endif

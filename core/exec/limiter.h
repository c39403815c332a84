/* Limiter: a token bucket for each key and each address, in a table of fixed size.
 *
 * A full bucket holds `burst` requests and `rate` a second flow in. When the table is crowded the fullest
 * bucket is forgotten: whoever had it is the one who loses least. One for all loops, so that the limit
 * does not grow with the cores. Locks inside; any thread.
 */
#ifndef FOYER_EXEC_LIMITER_H
#define FOYER_EXEC_LIMITER_H

#include "base/str.h"
#include "base/uuid.h"

struct limiter;

/* What a bucket holds after a request, for the RateLimit header. */
struct limit {
    bool is_on;
    int64_t remaining;
    int64_t reset; /* seconds until it is full again */
    int64_t retry; /* refused: seconds until a request flows in */
};

/* NULL: rate is 0, nothing is limited. */
struct limiter *limiter_new(int64_t rate, int64_t burst);
void limiter_free(struct limiter *limiter); /* takes NULL */

/* Takes one out of the bucket. False: it is empty. now is clock_monotonic. limiter may be NULL. */
bool limiter_take_key(struct limiter *limiter, struct uuid key, uint64_t now, struct limit *limit);
/* By IPv4 address, or the /64 of an IPv6 one; texts that are neither share a bucket. */
bool limiter_take_peer(struct limiter *limiter, struct str peer, uint64_t now, struct limit *limit);

#endif

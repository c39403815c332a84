/* Password: what a password must be, and the work of hashing and checking it.
 *
 * A route that takes a password has three phases: .read prepares a struct password_work and leaves it
 * as tx->scratch, .work is password_work_run, .write finds the hash and the verdict in tx->scratch.
 * Exactly one verification and one hash are run as wanted, whether the account exists or not.
 */
#ifndef FOYER_API_PASSWORD_H
#define FOYER_API_PASSWORD_H

#include "base/crypto.h"
#include "http/route.h"
#include "store/tx.h"

struct password_work {
    struct str given; /* to be verified against `known`, when verifies */
    struct str known; /* stored hash; absent: a dummy is checked */
    struct str fresh; /* to be hashed, when hashes */
    bool verifies, hashes;
    bool fits;                       /* outcome: given fits known */
    char hash[CRYPTO_PASSWORD_TEXT]; /* outcome: of fresh */
    void *more;                      /* the route's own */
};

/* At least 12 characters and at most 256, not a common one, not one character again and again, not the
 * address or the workspace's name. Faults fail tx on `field`, with ST_UNPROCESSABLE. */
enum status password_check(struct tx *tx, const char *field, struct str password, struct str email);

/* Begins: gives a zeroed one that .work and .write will find as scratch. */
struct password_work *password_work_new(struct tx *tx);
route_work password_work_run;

#endif

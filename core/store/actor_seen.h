/* Actor seen: who holds which API key, in the snapshot that a connection keeps (tx_keep_read).
 *
 * Requests of one round of a loop read the same snapshot, and most of them come with the same few keys: what was found
 * there is found there again. With the snapshot all of it is forgotten, so that nobody is ever known by what
 * was so before. The connection's thread; a transaction that writes looks nothing up here.
 */
#ifndef FOYER_STORE_ACTOR_SEEN_H
#define FOYER_STORE_ACTOR_SEEN_H

#include "base/crypto.h"
#include "store/tx.h"

/* Gives what actor_seen_keep kept of the key with that hash, copied into the transaction: who it is, and of which
 * workspace. False: nobody asked with it in this snapshot, or it has expired since. */
bool actor_seen_find(struct tx *tx, const uint8_t hash[CRYPTO_HASH]);
/* Keeps tx->actor, who holds the key. expires_at: 0: never. */
void actor_seen_keep(struct tx *tx, const uint8_t hash[CRYPTO_HASH], int64_t expires_at);

#endif

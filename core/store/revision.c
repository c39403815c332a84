/* Revision: rows of `revisions`. */
#include "store/revision.h"

#include "base/crypto.h"
#include "store/query.h"

enum status revision_insert(struct tx *tx, struct str name, struct str source)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(source, hash);
    query_run(tx, "UPDATE revisions SET state = 'replaced' WHERE name = $1 AND state = 'live'",
              ARGS(arg_text(name)));
    query_run(
        tx,
        "INSERT INTO revisions (name, sha256, source, state, actor_kind, actor_id, created_at)"
        " VALUES ($1, $2, $3, 'live', $4, $5, $6)",
        ARGS(arg_text(name), arg_blob(hash, sizeof(hash)), arg_text(source),
             arg_text(str_from(actor_kind_name(tx->actor.kind))), arg_id(tx->actor.id),
             arg_int(tx_now(tx))));
    return tx_status(tx);
}

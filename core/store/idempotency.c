/* Idempotency: rows of `idempotency`. */
#include "store/idempotency.h"

#include "base/clock.h"
#include "store/query.h"

#include <string.h>

bool idempotency_find(struct tx *tx, struct kept_answer *answer)
{
    struct query q = query_open(
        tx,
        "SELECT body_hash, status, body, entity_id FROM idempotency"
        " WHERE workspace = $1 AND actor = $2 AND route = $3 AND key = $4 AND created_at > $5",
        ARGS(arg_int(tx->workspace), arg_blob(answer->actor.bytes, sizeof(answer->actor.bytes)),
             arg_text(answer->route), arg_text(answer->key), arg_int(tx_now(tx) - CLOCK_DAY)));
    bool found = query_next(&q);

    if (found) {
        struct str hash = query_blob(&q, 0);

        memset(answer->body_hash, 0, sizeof(answer->body_hash));
        if (hash.len == sizeof(answer->body_hash))
            memcpy(answer->body_hash, hash.at, hash.len);
        answer->status = (int)query_int(&q, 1);
        answer->body = query_text(&q, 2);
        answer->entity_id = query_id(&q, 3);
    }
    query_close(&q);
    return found;
}

enum status idempotency_keep(struct tx *tx, const struct kept_answer *answer)
{
    query_run(
        tx,
        "INSERT OR REPLACE INTO idempotency (workspace, actor, route, key, body_hash, status, body,"
        " entity_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ARGS(arg_int(tx->workspace), arg_blob(answer->actor.bytes, sizeof(answer->actor.bytes)),
             arg_text(answer->route), arg_text(answer->key),
             arg_blob(answer->body_hash, sizeof(answer->body_hash)), arg_int(answer->status),
             arg_text(answer->body), arg_id(answer->entity_id), arg_int(tx_now(tx))));
    return tx_status(tx);
}

size_t idempotency_sweep(struct tx *tx)
{
    return (size_t)query_run(tx,
                             "DELETE FROM idempotency WHERE (workspace, actor, route, key) IN"
                             " (SELECT workspace, actor, route, key FROM idempotency"
                             " WHERE created_at < $1 LIMIT 500)",
                             ARGS(arg_int(tx_now(tx) - CLOCK_DAY)));
}

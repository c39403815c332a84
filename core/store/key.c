/* Key: rows of `api_keys`. */
#include "store/key.h"

#include "base/bytes.h"
#include "base/crypto.h"
#include "store/query.h"

enum { KEY_BYTES = 32 };

enum status key_create(struct tx *tx, struct api_key *key, struct str *text)
{
    uint8_t secret[KEY_BYTES], hash[CRYPTO_HASH];

    tx_random(tx, secret, sizeof(secret));
    *text =
        str_concat(tx->arena, STR("foyer_"), bytes_to_base64url(tx->arena, secret, sizeof(secret)));
    crypto_sha256(*text, hash);
    key->id = tx_id(tx);
    key->created_at = tx_now(tx);
    query_run(
        tx,
        "INSERT INTO api_keys (workspace, id, name, key_hash, scopes, internal_user, created_at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ARGS(arg_int(tx->workspace), arg_id(key->id), arg_text(key->name),
             arg_blob(hash, sizeof(hash)), arg_text(key->scopes),
             key->internal_user ? arg_int(key->internal_user) : arg_text(STR_NONE),
             arg_int(key->created_at), arg_time(key->expires_at)));
    key->seq = query_last_seq(tx);
    return tx_status(tx);
}

enum status key_list(struct tx *tx, struct api_key **keys, size_t *count)
{
    int64_t most = query_one_int(tx, 0, "SELECT count(*) FROM api_keys WHERE workspace = $1",
                                 ARGS(arg_int(tx->workspace)));
    struct query q = query_open(
        tx,
        "SELECT seq, id, name, scopes, internal_user, created_at, last_used_at, expires_at,"
        " revoked_at FROM api_keys WHERE workspace = $1 ORDER BY seq",
        ARGS(arg_int(tx->workspace)));

    *count = 0;
    *keys = arena_array(tx->arena, struct api_key, (size_t)most);
    while (*count < (size_t)most && query_next(&q))
        (*keys)[(*count)++] = (struct api_key){
            .seq = query_int(&q, 0),
            .id = query_id(&q, 1),
            .name = query_text(&q, 2),
            .scopes = query_text(&q, 3),
            .internal_user = query_int(&q, 4),
            .created_at = query_int(&q, 5),
            .last_used_at = query_int(&q, 6),
            .expires_at = query_int(&q, 7),
            .revoked_at = query_int(&q, 8),
        };
    query_close(&q);
    return tx_status(tx);
}

bool key_revoke(struct tx *tx, struct uuid id)
{
    return query_run(tx,
                     "UPDATE api_keys SET revoked_at = $3 WHERE workspace = $1 AND id = $2"
                     " AND revoked_at IS NULL",
                     ARGS(arg_int(tx->workspace), arg_id(id), arg_int(tx_now(tx)))) > 0;
}

enum status key_touch(struct tx *tx, struct uuid id, int64_t at)
{
    query_run(tx,
              "UPDATE api_keys SET last_used_at = $3 WHERE workspace = $1 AND id = $2"
              " AND coalesce(last_used_at, 0) < $3",
              ARGS(arg_int(tx->workspace), arg_id(id), arg_int(at)));
    return tx_status(tx);
}

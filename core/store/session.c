/* Session: rows of `sessions`. */
#include "store/session.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/query.h"

enum { SESSION_BYTES = 32, LISTED = 100 };

enum status session_create(struct tx *tx, struct session *session, struct str *text)
{
    uint8_t secret[SESSION_BYTES], hash[CRYPTO_HASH];

    tx_random(tx, secret, sizeof(secret));
    *text = bytes_to_base64url(tx->arena, secret, sizeof(secret));
    crypto_sha256(*text, hash);
    session->id = tx_id(tx);
    session->created_at = session->last_seen_at = tx_now(tx);
    query_run(
        tx,
        "INSERT INTO sessions (workspace, id, token_hash, login, kind, person, peer, user_agent,"
        " created_at, last_seen_at, idle, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)",
        ARGS(arg_int(tx->workspace), arg_id(session->id), arg_blob(hash, sizeof(hash)),
             arg_int(session->login), arg_text(str_from(actor_kind_name(session->kind))),
             arg_id(session->person), arg_text(session->peer), arg_text(session->user_agent),
             arg_int(session->created_at), arg_int(session->idle), arg_int(session->expires_at)));
    session->seq = query_last_seq(tx);
    return tx_status(tx);
}

enum status session_end(struct tx *tx, struct uuid id)
{
    if (query_run(tx,
                  "UPDATE sessions SET ended_at = $3 WHERE workspace = $1 AND id = $2 AND ended_at "
                  "IS NULL",
                  ARGS(arg_int(tx->workspace), arg_id(id), arg_int(tx_now(tx)))) == 0)
        return tx_not_found(tx);
    return tx_status(tx);
}

enum status session_end_all(struct tx *tx, int64_t login, struct uuid keep)
{
    query_run(tx,
              "UPDATE sessions SET ended_at = $3 WHERE login = $1 AND ended_at IS NULL"
              " AND id IS NOT $2",
              ARGS(arg_int(login), arg_id(keep), arg_int(tx_now(tx))));
    return tx_status(tx);
}

enum status session_end_person(struct tx *tx, struct uuid person, struct uuid keep)
{
    query_run(tx,
              "UPDATE sessions SET ended_at = $4 WHERE workspace = $1 AND person = $2"
              " AND ended_at IS NULL AND id IS NOT $3",
              ARGS(arg_int(tx->workspace), arg_id(person), arg_id(keep), arg_int(tx_now(tx))));
    return tx_status(tx);
}

enum status session_end_holders(struct tx *tx, int64_t role, struct uuid keep)
{
    query_run(tx,
              "UPDATE sessions SET ended_at = $4 WHERE workspace = $1 AND ended_at IS NULL"
              " AND id IS NOT $3 AND person IN (SELECT id FROM internal_users"
              " WHERE workspace = $1 AND role = $2 AND removed_at IS NULL)",
              ARGS(arg_int(tx->workspace), arg_int(role), arg_id(keep), arg_int(tx_now(tx))));
    return tx_status(tx);
}

enum status session_list(struct tx *tx, int64_t login, struct session **sessions, size_t *count)
{
    struct query q = query_open(
        tx,
        "SELECT seq, id, login, kind, person, peer, user_agent, created_at, last_seen_at, idle, "
        "expires_at"
        " FROM sessions WHERE login = $1 AND workspace = $2 AND ended_at IS NULL AND expires_at > "
        "$3"
        " AND last_seen_at + idle > $3 ORDER BY seq DESC LIMIT $4",
        ARGS(arg_int(login), arg_int(tx->workspace), arg_int(tx_now(tx)), arg_int(LISTED)));

    *sessions = arena_array(tx->arena, struct session, LISTED);
    for (*count = 0; query_next(&q); (*count)++)
        (*sessions)[*count] = (struct session){
            .seq = query_int(&q, 0),
            .id = query_id(&q, 1),
            .login = query_int(&q, 2),
            .kind = str_is(query_text(&q, 3), "client") ? ACTOR_CLIENT : ACTOR_STAFF,
            .person = query_id(&q, 4),
            .peer = query_text(&q, 5),
            .user_agent = query_text(&q, 6),
            .created_at = query_int(&q, 7),
            .last_seen_at = query_int(&q, 8),
            .idle = query_int(&q, 9),
            .expires_at = query_int(&q, 10),
        };
    query_close(&q);
    return tx_status(tx);
}

enum status session_touch(struct tx *tx, struct uuid id, int64_t at)
{
    query_run(tx,
              "UPDATE sessions SET last_seen_at = $3 WHERE workspace = $1 AND id = $2 AND "
              "last_seen_at < $3",
              ARGS(arg_int(tx->workspace), arg_id(id), arg_int(at)));
    return tx_status(tx);
}

size_t session_sweep(struct tx *tx)
{
    return (size_t)query_run(tx,
                             "DELETE FROM sessions WHERE seq IN (SELECT seq FROM sessions"
                             " WHERE expires_at < $1 LIMIT 500)",
                             ARGS(arg_int(tx_now(tx) - CLOCK_DAY)));
}

/* Record: rows of `events` and `audit`, and the sealer of the audit chain.
 *
 * Numbers are given per workspace inside the write transaction, so they follow the order of commits.
 */
#include "store/record.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "store/query.h"

enum { SALT = 16 };

struct sealed {
    int64_t workspace, seq;
    uint8_t hash[CRYPTO_HASH], seal[CRYPTO_HASH];
};

#define AUDIT_COLUMNS                                                                              \
    "a.workspace, a.seq, a.action, a.entity, a.entity_id, a.actor_kind, a.actor_id, "              \
    "a.behalf_kind,"                                                                               \
    " a.behalf_id, a.road, a.peer, a.request_id, a.created_at, a.salt, a.detail, a.detail_hash, "  \
    "a.seal"

static int64_t next_number(struct tx *tx, const char *raise, const char *read);
static void hash_detail(struct query *q, uint8_t hash[CRYPTO_HASH]);
static void chain(struct query *q, struct str before, const uint8_t detail_hash[CRYPTO_HASH],
                  uint8_t seal[CRYPTO_HASH]);

void tx_event(struct tx *tx, const char *name, const char *entity, struct uuid id,
              struct str payload)
{
    int64_t seq = next_number(tx, "UPDATE workspaces SET event_seq = event_seq + 1 WHERE seq = $1",
                              "SELECT event_seq FROM workspaces WHERE seq = $1");

    query_run(tx,
              "INSERT INTO events (workspace, seq, name, entity, entity_id, actor_kind, actor_id, "
              "payload,"
              " request_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
              ARGS(arg_int(tx->workspace), arg_int(seq), arg_text(str_from(name)),
                   arg_text(str_from(entity)), arg_id(id),
                   arg_text(str_from(actor_kind_name(tx->actor.kind))), arg_id(tx->actor.id),
                   arg_text(payload), arg_text(tx->request_id), arg_int(tx_now(tx))));
    if (tx->event_depth > 0)
        query_run(tx, "UPDATE events SET depth = $3 WHERE workspace = $1 AND seq = $2",
                  ARGS(arg_int(tx->workspace), arg_int(seq), arg_int(tx->event_depth)));
    tx->effects.events = 1;
}

void tx_audit(struct tx *tx, const char *action, const char *entity, struct uuid id,
              struct str detail)
{
    const struct actor *actor = &tx->actor;
    uint8_t salt[SALT];
    int64_t seq = next_number(tx, "UPDATE workspaces SET audit_seq = audit_seq + 1 WHERE seq = $1",
                              "SELECT audit_seq FROM workspaces WHERE seq = $1");

    tx_random(tx, salt, sizeof(salt));
    query_run(tx,
              "INSERT INTO audit (workspace, seq, action, entity, entity_id, actor_kind, actor_id,"
              " behalf_kind, behalf_id, road, peer, request_id, created_at, salt, detail)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
              ARGS(arg_int(tx->workspace), arg_int(seq), arg_text(str_from(action)),
                   arg_text(str_from(entity)), arg_id(id),
                   arg_text(str_from(actor_kind_name(actor->kind))), arg_id(actor->id),
                   arg_text(actor->behalf_kind == ACTOR_NOBODY
                                ? STR_NONE
                                : str_from(actor_kind_name(actor->behalf_kind))),
                   arg_id(actor->behalf_id),
                   arg_text(str_from(actor->road ? actor->road : "system")), arg_text(tx->peer),
                   arg_text(tx->request_id), arg_int(tx_now(tx)), arg_blob(salt, sizeof(salt)),
                   arg_text(detail)));
}

/* The seal before is the newest one of the workspace: entries are sealed in order, so it is at seq-1. */
size_t audit_seal(struct tx *tx, size_t most)
{
    struct sealed *sealed = arena_array(tx->arena, struct sealed, most);
    size_t count = 0;
    struct query q = query_open(
        tx,
        "SELECT " AUDIT_COLUMNS
        ", (SELECT b.seal FROM audit b WHERE b.workspace = a.workspace AND b.seq = a.seq - 1)"
        " FROM audit a WHERE a.seal IS NULL ORDER BY a.workspace, a.seq LIMIT $1",
        ARGS(arg_int((int64_t)most)));

    while (count < most && query_next(&q)) {
        struct sealed *now = &sealed[count];
        struct str before = query_blob(&q, 17);

        now->workspace = query_int(&q, 0);
        now->seq = query_int(&q, 1);
        if (count > 0 && now[-1].workspace == now->workspace) /* sealed in this very run */
            before = str_slice((const char *)now[-1].seal, CRYPTO_HASH);
        hash_detail(&q, now->hash);
        chain(&q, before, now->hash, now->seal);
        count++;
    }
    query_close(&q);
    for (size_t i = 0; i < count; i++)
        query_run(
            tx, "UPDATE audit SET seal = $3, detail_hash = $4 WHERE workspace = $1 AND seq = $2",
            ARGS(arg_int(sealed[i].workspace), arg_int(sealed[i].seq),
                 arg_blob(sealed[i].seal, CRYPTO_HASH), arg_blob(sealed[i].hash, CRYPTO_HASH)));
    return count;
}

bool audit_verify(struct tx *tx, int64_t *seq)
{
    uint8_t last[CRYPTO_HASH];
    struct str before = STR_NONE;
    int64_t expected = 1;
    bool holds = true;
    struct query q =
        query_open(tx,
                   "SELECT " AUDIT_COLUMNS
                   " FROM audit a WHERE a.workspace = $1 AND a.seal IS NOT NULL ORDER BY a.seq",
                   ARGS(arg_int(tx->workspace)));

    while (holds && query_next(&q)) {
        struct str detail_hash = query_blob(&q, 15), seal = query_blob(&q, 16);
        uint8_t hash[CRYPTO_HASH];

        *seq = query_int(&q, 1);
        hash_detail(&q, hash);
        holds = *seq == expected++ && detail_hash.len == CRYPTO_HASH && seal.len == CRYPTO_HASH;
        if (holds &&
            !query_is_null(&q, 13)) /* not erased: the detail must be the one that was sealed */
            holds = crypto_equal(hash, detail_hash.at, CRYPTO_HASH);
        if (holds) {
            chain(&q, before, (const uint8_t *)detail_hash.at, last);
            holds = crypto_equal(last, seal.at, CRYPTO_HASH);
            before = str_slice((const char *)last, CRYPTO_HASH);
        }
    }
    query_close(&q);
    return holds && tx_status(tx) == ST_OK;
}

size_t event_sweep(struct tx *tx)
{
    return (size_t)query_run(
        tx,
        "DELETE FROM events WHERE (workspace, seq) IN (SELECT workspace, seq FROM events"
        " WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM deliveries d"
        " WHERE d.workspace = events.workspace AND d.event_seq = events.seq) LIMIT 500)",
        ARGS(arg_int(tx_now(tx) - 14 * CLOCK_DAY)));
}

/* Two statements: for RETURNING SQLite makes a temporary table each time. */
static int64_t next_number(struct tx *tx, const char *raise, const char *read)
{
    query_run(tx, raise, ARGS(arg_int(tx->workspace)));
    return query_one_int(tx, 0, read, ARGS(arg_int(tx->workspace)));
}

static void hash_detail(struct query *q, uint8_t hash[CRYPTO_HASH])
{
    struct buf message;

    buf_init(&message, MIB(2));
    buf_str(&message, query_blob(q, 13));
    buf_str(&message, query_text(q, 14));
    crypto_sha256(buf_view(&message), hash);
    buf_fini(&message);
}

/* Over everything but the detail itself, each value with its length, so that none can be moved. */
static void chain(struct query *q, struct str before, const uint8_t detail_hash[CRYPTO_HASH],
                  uint8_t seal[CRYPTO_HASH])
{
    struct buf message;

    buf_init(&message, MIB(2));
    buf_str(&message, before);
    for (int column = 0; column <= 12; column++) {
        struct str value = query_blob(q, column);

        buf_printf(&message, "%zu:", value.len);
        buf_str(&message, value);
    }
    buf_put(&message, detail_hash, CRYPTO_HASH);
    crypto_sha256(buf_view(&message), seal);
    buf_fini(&message);
}

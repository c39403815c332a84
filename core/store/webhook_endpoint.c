/* Webhook endpoint: rows of `webhook_endpoints`. */
#include "store/webhook_endpoint.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/client_row.h"
#include "store/query.h"
#include "store/webhook_work.h"

#include <string.h>

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.url, t.description, t.events, t.paused_reason, t.paused_at,"            \
    " t.created_by_kind, t.created_by, t.created_at, t.updated_at, t.succeeded_at, t.failed_at,"   \
    " t.failed_status, t.failed_why, t.failing_since, t.failures, t.took_ms, t.before_until,"      \
    " t.salt, t.salt_before, t.contact"
#define FROM "FROM webhook_endpoints t"

static const struct list_sort sorts[] = { { "createdAt", { "t.seq" } }, { 0 } };
static const struct filter filters[] = {
    { "status", FILTER_ENUM, "(t.paused_at IS NOT NULL) = %s", NULL },
    { "url", FILTER_TEXT, "t.url = %s", NULL },
    { 0 },
};

const struct list_columns webhook_endpoint_columns = {
    .select = SELECT,
    .from = FROM,
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
    .scope = { .row = { .ids = "has_id(%s, t.id)" } },
};

static void read_row(struct query *q, struct webhook_endpoint *endpoint);
static void read_salt(struct query *q, int column, uint8_t salt[WEBHOOK_SALT]);
static struct str derive(struct tx *tx, struct uuid id, const uint8_t salt[WEBHOOK_SALT]);

enum status webhook_endpoint_create(struct tx *tx, struct webhook_endpoint *endpoint)
{
    const struct actor *actor = &tx->actor;

    delivery_listens(tx);
    tx->effects.listeners = 1;
    tx_random(tx, endpoint->salt, sizeof(endpoint->salt));
    endpoint->id = tx_id(tx);
    endpoint->created_by_kind = str_from(actor_kind_name(actor->kind));
    endpoint->created_by = actor->id;
    endpoint->contact = actor->kind == ACTOR_STAFF          ? actor->id
                        : actor->behalf_kind == ACTOR_STAFF ? actor->behalf_id
                                                            : UUID_NONE;
    endpoint->created_at = endpoint->updated_at = tx_now(tx);
    query_run(
        tx,
        "INSERT INTO webhook_endpoints (workspace, id, url, description, events, since_event, salt,"
        " created_by_kind, created_by, contact, created_at, updated_at) SELECT seq, $2, $3, $4, $5,"
        " event_seq, $6, $7, $8, $9, $10, $10 FROM workspaces WHERE seq = $1",
        ARGS(arg_int(tx->workspace), arg_id(endpoint->id), arg_text(endpoint->url),
             arg_text(endpoint->description), arg_text(texts_to_json(tx->arena, endpoint->events)),
             arg_blob(endpoint->salt, sizeof(endpoint->salt)), arg_text(endpoint->created_by_kind),
             arg_id(endpoint->created_by), arg_id(endpoint->contact), arg_int(tx_now(tx))));
    endpoint->seq = query_last_seq(tx);
    if (str_is(tx->failure.code, "too_many_webhook_endpoints"))
        tx->failure.message = STR("A workspace has 50 endpoints at most: delete one that is not "
                                  "needed.");
    return tx_status(tx);
}

bool webhook_endpoint_find(struct tx *tx, int64_t workspace, struct uuid id,
                           struct webhook_endpoint *endpoint)
{
    struct query q = query_open(tx, SELECT " " FROM " WHERE t.workspace = $1 AND t.id = $2",
                                ARGS(arg_int(workspace), arg_id(id)));
    bool found = query_next(&q);

    if (found)
        read_row(&q, endpoint);
    query_close(&q);
    return found;
}

enum status webhook_endpoint_load(struct tx *tx, struct uuid id, struct webhook_endpoint *endpoint)
{
    return webhook_endpoint_find(tx, tx->workspace, id, endpoint) ? tx_status(tx)
                                                                  : tx_not_found(tx);
}

enum status webhook_endpoint_list(struct tx *tx, const struct list *list,
                                  struct webhook_endpoint **endpoints, size_t *count)
{
    struct query q = list_open(tx, &webhook_endpoint_columns, list);

    *endpoints = arena_array(tx->arena, struct webhook_endpoint, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        read_row(&q, &(*endpoints)[*count]);
    query_close(&q);
    return tx_status(tx);
}

bool webhook_endpoint_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &webhook_endpoint_columns, scope, id);
}

enum status webhook_endpoint_update(struct tx *tx, struct webhook_endpoint *endpoint)
{
    endpoint->updated_at = tx_now(tx);
    query_run(tx,
              "UPDATE webhook_endpoints SET url = $3, description = $4, events = $5, updated_at ="
              " $6 WHERE workspace = $1 AND seq = $2",
              ARGS(arg_int(tx->workspace), arg_int(endpoint->seq), arg_text(endpoint->url),
                   arg_text(endpoint->description),
                   arg_text(texts_to_json(tx->arena, endpoint->events)), arg_int(tx_now(tx))));
    return tx_status(tx);
}

/* As many as one transaction should hold: the sweep finds the others, and nobody sends them. */
enum status webhook_endpoint_delete(struct tx *tx, const struct webhook_endpoint *endpoint)
{
    query_run(tx,
              "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries WHERE workspace = $1"
              " AND plugin IN (SELECT plugin FROM handlers WHERE event = '" WEBHOOK_DUE "')"
              " AND handler = $2 AND ended_at IS NULL LIMIT 500)",
              ARGS(arg_int(tx->workspace), arg_text(webhook_handler(tx->arena, endpoint->id))));
    query_run(tx, "DELETE FROM webhook_endpoints WHERE workspace = $1 AND seq = $2",
              ARGS(arg_int(tx->workspace), arg_int(endpoint->seq)));
    tx->effects.listeners = 1;
    return tx_status(tx);
}

bool webhook_endpoint_pause(struct tx *tx, struct webhook_endpoint *endpoint, struct str reason)
{
    bool is_new = query_run(tx,
                            "UPDATE webhook_endpoints SET paused_at = $3, paused_reason = $4,"
                            " updated_at = $3 WHERE workspace = $1 AND seq = $2"
                            " AND paused_at IS NULL",
                            ARGS(arg_int(tx->workspace), arg_int(endpoint->seq),
                                 arg_int(tx_now(tx)), arg_text(reason))) > 0;

    webhook_endpoint_load(tx, endpoint->id, endpoint);
    return is_new;
}

bool webhook_endpoint_resume(struct tx *tx, struct webhook_endpoint *endpoint)
{
    bool is_new =
        query_run(tx,
                  "UPDATE webhook_endpoints SET paused_at = NULL, paused_reason = NULL,"
                  " failing_since = NULL, failures = 0, updated_at = $3"
                  " WHERE workspace = $1 AND seq = $2 AND paused_at IS NOT NULL",
                  ARGS(arg_int(tx->workspace), arg_int(endpoint->seq), arg_int(tx_now(tx)))) > 0;

    webhook_endpoint_load(tx, endpoint->id, endpoint);
    return is_new;
}

enum status webhook_endpoint_rotate(struct tx *tx, struct webhook_endpoint *endpoint)
{
    uint8_t salt[WEBHOOK_SALT];

    tx_random(tx, salt, sizeof(salt));
    query_run(tx,
              "UPDATE webhook_endpoints SET salt = $3, salt_before = salt, before_until = $4,"
              " updated_at = $5 WHERE workspace = $1 AND seq = $2",
              ARGS(arg_int(tx->workspace), arg_int(endpoint->seq), arg_blob(salt, sizeof(salt)),
                   arg_int(tx_now(tx) + CLOCK_DAY), arg_int(tx_now(tx))));
    return webhook_endpoint_load(tx, endpoint->id, endpoint);
}

void webhook_endpoint_tell_secrets(struct tx *tx, struct webhook_endpoint *endpoint)
{
    endpoint->secret = derive(tx, endpoint->id, endpoint->salt);
    endpoint->secret_before = endpoint->before_until > tx_now(tx)
                                  ? derive(tx, endpoint->id, endpoint->salt_before)
                                  : STR_NONE;
}

static void read_row(struct query *q, struct webhook_endpoint *endpoint)
{
    *endpoint = (struct webhook_endpoint){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .url = query_text(q, 2),
        .description = query_text(q, 3),
        .events = texts_from_json(q->tx->arena, query_text(q, 4)),
        .paused_reason = query_text(q, 5),
        .paused_at = query_int(q, 6),
        .created_by_kind = query_text(q, 7),
        .created_by = query_id(q, 8),
        .created_at = query_int(q, 9),
        .updated_at = query_int(q, 10),
        .succeeded_at = query_int(q, 11),
        .failed_at = query_int(q, 12),
        .failed_status = query_int(q, 13),
        .failed_why = query_text(q, 14),
        .failing_since = query_int(q, 15),
        .failures = query_int(q, 16),
        .took_ms = query_int(q, 17),
        .before_until = query_int(q, 18),
    };
    endpoint->status = endpoint->paused_at ? WEBHOOK_PAUSED : WEBHOOK_ACTIVE;
    read_salt(q, 19, endpoint->salt);
    read_salt(q, 20, endpoint->salt_before);
    endpoint->contact = query_id(q, 21);
}

static void read_salt(struct query *q, int column, uint8_t salt[WEBHOOK_SALT])
{
    struct str blob = query_blob(q, column);

    if (blob.len == WEBHOOK_SALT)
        memcpy(salt, blob.at, WEBHOOK_SALT);
}

/* "whsec_" and Base64 with padding: what Standard Webhooks calls a secret. */
static struct str derive(struct tx *tx, struct uuid id, const uint8_t salt[WEBHOOK_SALT])
{
    static const char purpose[] = "webhook";
    char message[sizeof(purpose) + sizeof(id.bytes) + WEBHOOK_SALT];
    uint8_t mac[CRYPTO_HASH];

    PRE(tx->server_key);
    memcpy(message, purpose, sizeof(purpose)); /* with its NUL: of tokens that is where ids begin */
    memcpy(message + sizeof(purpose), id.bytes, sizeof(id.bytes));
    memcpy(message + sizeof(purpose) + sizeof(id.bytes), salt, WEBHOOK_SALT);
    crypto_hmac_sha256(tx->server_key, str_slice(message, sizeof(message)), mac);
    return str_concat(tx->arena, STR("whsec_"), bytes_to_base64(tx->arena, mac, sizeof(mac)));
}

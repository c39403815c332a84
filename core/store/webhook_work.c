/* Webhook work: deliveries to endpoints, and the rows of `webhook_attempts`. */
#include "store/webhook_work.h"

#include "base/clock.h"
#include "store/delivery_row.h"
#include "store/record.h"

#include <string.h>

#define PREFIX "endpoint:"

/* As webhook_handler makes it. */
#define HANDLER_OF(id)                                                                             \
    "'" PREFIX "' || lower(substr(hex(" id "), 1, 8) || '-' || substr(hex(" id "), 9, 4) || '-'"   \
    " || substr(hex(" id "), 13, 4) || '-' || substr(hex(" id "), 17, 4) || '-'"                   \
    " || substr(hex(" id "), 21))"

/* GLOB reads the patterns of an endpoint: names have none of its other signs. */
#define WANTED_SELECT                                                                              \
    "SELECT e.workspace, e.seq, e.name, e.entity, e.entity_id, e.depth, e.request_id, h.plugin,"   \
    " w.id FROM webhook_endpoints w JOIN events e ON e.workspace = w.workspace"                    \
    " AND e.seq > w.since_event JOIN handlers h ON h.event = '" WEBHOOK_DUE                        \
    "' AND " DELIVERY_WAS_ON " WHERE e.name <> '" WEBHOOK_TEST "' AND EXISTS"                      \
    " (SELECT 1 FROM json_each(w.events) p WHERE e.name GLOB p.value) "

#define ATTEMPT_SELECT                                                                             \
    "SELECT t.seq, d.id, d.event, d.event_seq, t.at, t.took_ms, t.status, t.answer, t.error,"      \
    " d.status, d.due_at"

static const struct list_sort sorts[] = { { "at", { "t.seq" } }, { 0 } };
static const struct filter filters[] = {
    { "deliveryId", FILTER_ID, "d.id = %s", NULL },
    { "event", FILTER_TEXT, "d.event = %s", NULL },
    { "ok", FILTER_BOOL, "t.error IS NULL", "t.error IS NOT NULL" },
    { 0 },
};

const struct list_columns webhook_attempt_columns = {
    .select = ATTEMPT_SELECT,
    .from = "FROM webhook_attempts t JOIN deliveries d ON d.seq = t.delivery",
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
};

static void make_wanted(struct tx *tx, struct query q);

struct str webhook_handler(struct arena *arena, struct uuid id)
{
    char text[UUID_TEXT];

    uuid_format(id, text);
    return str_printf(arena, PREFIX "%s", text);
}

bool webhook_handler_id(struct str handler, struct uuid *id)
{
    size_t skip = sizeof(PREFIX) - 1;

    return str_starts(handler, STR(PREFIX)) &&
           uuid_parse(str_slice(handler.at + skip, handler.len - skip), id);
}

bool webhook_has_endpoints(struct tx *tx)
{
    return query_one_int(tx, 0, "SELECT EXISTS (SELECT 1 FROM webhook_endpoints)", NO_ARGS) != 0;
}

/* Its key is its own, so that it waits for nothing. */
enum status webhook_test(struct tx *tx, const struct webhook_endpoint *endpoint, struct str payload,
                         struct delivery *delivery)
{
    struct query q =
        query_open(tx,
                   "SELECT h.plugin FROM handlers h WHERE h.event = '" WEBHOOK_DUE
                   "' AND " DELIVERY_IS_ON("$1", "h.plugin") " ORDER BY h.plugin LIMIT 1",
                   ARGS(arg_int(tx->workspace)));
    bool found = query_next(&q);
    struct str plugin = found ? query_text(&q, 0) : STR_NONE;

    query_close(&q);
    if (!found)
        return tx_fail(tx, ST_UNPROCESSABLE, "no_webhook_plugin",
                       "Nothing is sent: the plugin webhooks is off in this workspace.");
    tx_event(tx, WEBHOOK_TEST, "webhook_endpoint", endpoint->id, payload);
    *delivery = (struct delivery){ .workspace = tx->workspace,
                                   .plugin = plugin,
                                   .handler = webhook_handler(tx->arena, endpoint->id),
                                   .event = STR(WEBHOOK_TEST),
                                   .entity = STR("webhook_endpoint"),
                                   .key = tx_id(tx),
                                   .depth = tx->event_depth,
                                   .request_id = tx->request_id };
    delivery->event_seq = query_one_int(tx, 0, "SELECT event_seq FROM workspaces WHERE seq = $1",
                                        ARGS(arg_int(tx->workspace)));
    delivery_make(tx, delivery);
    q = query_open(tx,
                   "SELECT id FROM deliveries WHERE workspace = $1 AND event_seq = $2"
                   " AND plugin = $3 AND handler = $4",
                   ARGS(arg_int(tx->workspace), arg_int(delivery->event_seq), arg_text(plugin),
                        arg_text(delivery->handler)));
    if (query_next(&q))
        delivery->id = query_id(&q, 0);
    query_close(&q);
    return delivery_load(tx, delivery->id, delivery);
}

enum status webhook_dead(struct tx *tx, const struct webhook_endpoint *endpoint, int64_t since,
                         size_t most, struct ids *ids)
{
    struct query q = query_open(
        tx,
        "SELECT id FROM deliveries WHERE status = $1 AND ended_at >= $2 AND workspace = $3"
        " AND handler = $4 AND created_at >= $2 AND event <> '" WEBHOOK_TEST
        "' ORDER BY seq LIMIT $5",
        ARGS(arg_int(DELIVERY_DEAD), arg_int(since), arg_int(tx->workspace),
             arg_text(webhook_handler(tx->arena, endpoint->id)), arg_int((int64_t)most)));
    size_t cap = 0;

    *ids = (struct ids){ 0 };
    while (query_next(&q)) {
        if (ids->count == cap) {
            size_t more = cap ? cap * 2 : 64;

            ids->at =
                arena_grow(tx->arena, ids->at, cap * sizeof(*ids->at), more * sizeof(*ids->at));
            cap = more;
        }
        ids->at[ids->count++] = query_id(&q, 0);
    }
    query_close(&q);
    return tx_status(tx);
}

/* ---- For the writer ---------------------------------------------------------------------------- */

void webhook_fan_out(struct tx *tx, int64_t workspace, int64_t from, int64_t to)
{
    make_wanted(tx, query_open(tx,
                               WANTED_SELECT "AND w.workspace = $1 AND e.seq > $2 AND e.seq <= $3"
                                             " ORDER BY e.seq, w.seq",
                               ARGS(arg_int(workspace), arg_int(from), arg_int(to))));
}

void webhook_catch_up(struct tx *tx, struct str plugin, int64_t since)
{
    make_wanted(tx, query_open(tx,
                               WANTED_SELECT "AND h.plugin = $1 AND e.created_at >= $2"
                                             " AND e.seq <= (SELECT m.event_seq FROM"
                                             " delivery_marks m WHERE m.workspace = e.workspace)"
                                             " ORDER BY e.workspace, e.seq, w.seq",
                               ARGS(arg_text(plugin), arg_int(since))));
}

/* All of them, before the first is written. */
static void make_wanted(struct tx *tx, struct query q)
{
    struct delivery *deliveries = NULL;
    size_t count = 0, cap = 0, size = sizeof(*deliveries);

    for (; query_next(&q); count++) {
        if (count == cap) {
            size_t more = cap ? cap * 2 : 16;

            deliveries = arena_grow(tx->arena, deliveries, cap * size, more * size);
            cap = more;
        }
        deliveries[count] =
            (struct delivery){ .workspace = query_int(&q, 0),
                               .event_seq = query_int(&q, 1),
                               .event = query_text(&q, 2),
                               .entity = query_text(&q, 3),
                               .key = query_id(&q, 4),
                               .depth = query_int(&q, 5),
                               .request_id = query_text(&q, 6),
                               .plugin = query_text(&q, 7),
                               .handler = webhook_handler(tx->arena, query_id(&q, 8)) };
    }
    query_close(&q);
    for (size_t i = 0; i < count; i++)
        delivery_make(tx, &deliveries[i]);
}

size_t webhook_sweep(struct tx *tx, size_t most)
{
    int64_t now = tx_now(tx), swept;

    swept = query_run(tx,
                      "DELETE FROM deliveries WHERE seq IN (SELECT d.seq FROM deliveries d"
                      " WHERE d.ended_at IS NULL AND d.handler GLOB '" PREFIX "*' AND d.handler"
                      " NOT IN (SELECT " HANDLER_OF("w.id") " FROM webhook_endpoints w) LIMIT $1)",
                      ARGS(arg_int((int64_t)most)));
    swept += query_run(
        tx,
        "UPDATE deliveries SET status = 3, ended_at = $1, due_at = NULL,"
        " error_where = NULL, error_message = 'it waited for 14 days: its endpoint"
        " was paused, or the plugin off' WHERE seq IN (SELECT seq FROM deliveries"
        " WHERE ended_at IS NULL AND created_at < $2 AND handler GLOB '" PREFIX "*' LIMIT $3)",
        ARGS(arg_int(now), arg_int(now - WEBHOOK_DAYS * CLOCK_DAY), arg_int((int64_t)most)));
    return (size_t)swept;
}

/* ---- For whoever runs handlers ----------------------------------------------------------------- */

/* By steps along the index, so that it costs what there is to send, and not what waits. */
bool webhook_next(struct tx *tx, struct str plugin, struct str handler, struct webhook_turn *turn)
{
    struct uuid id;
    struct query q =
        query_open(tx,
                   "SELECT min(handler) FROM deliveries WHERE plugin = $1 AND handler > $2"
                   " AND due_at IS NOT NULL",
                   ARGS(arg_text(plugin), arg_text(str_is_empty(handler) ? STR(PREFIX) : handler)));

    turn->handler = query_next(&q) ? query_text(&q, 0) : STR_NONE;
    query_close(&q);
    if (str_is_absent(turn->handler) || !webhook_handler_id(turn->handler, &id))
        return false;
    q = query_open(tx,
                   "SELECT paused_at IS NOT NULL, failures > 0 OR coalesce(took_ms, $2 + 1) > $2"
                   " FROM webhook_endpoints WHERE id = $1",
                   ARGS(arg_id(id), arg_int(WEBHOOK_SLOW_MS)));
    turn->is_paused = turn->is_slow = true;
    if (query_next(&q)) {
        turn->is_paused = query_bool(&q, 0);
        turn->is_slow = query_bool(&q, 1);
    }
    query_close(&q);
    return true;
}

void webhook_attempted(struct tx *tx, const struct delivery *delivery,
                       const struct webhook_attempt *attempt)
{
    struct uuid id;

    if (!webhook_handler_id(delivery->handler, &id))
        return;
    query_run(tx,
              "INSERT INTO webhook_attempts (workspace, endpoint, delivery, at, took_ms, status,"
              " answer, error) VALUES ($1, $2, $3, $4, $5, nullif($6, 0), $7, $8)",
              ARGS(arg_int(tx->workspace), arg_id(id), arg_int(delivery->seq), arg_int(tx_now(tx)),
                   arg_int(attempt->took_ms), arg_int(attempt->status), arg_text(attempt->answer),
                   arg_text(attempt->error)));
    if (str_is(delivery->event, WEBHOOK_TEST)) /* says nothing of what it will be told */
        return;
    if (str_is_absent(attempt->error))
        query_run(tx,
                  "UPDATE webhook_endpoints SET succeeded_at = $3, failing_since = NULL,"
                  " failures = 0, took_ms = $4 WHERE workspace = $1 AND id = $2",
                  ARGS(arg_int(tx->workspace), arg_id(id), arg_int(tx_now(tx)),
                       arg_int(attempt->took_ms)));
    else
        query_run(tx,
                  "UPDATE webhook_endpoints SET failed_at = $3, failed_status = nullif($5, 0),"
                  " failed_why = $6, failing_since = coalesce(failing_since, $3), failures ="
                  " failures + 1, took_ms = $4 WHERE workspace = $1 AND id = $2",
                  ARGS(arg_int(tx->workspace), arg_id(id), arg_int(tx_now(tx)),
                       arg_int(attempt->took_ms), arg_int(attempt->status),
                       arg_text(attempt->error)));
}

/* ---- The log ----------------------------------------------------------------------------------- */

void webhook_attempt_of(struct list *list, const struct webhook_endpoint *endpoint)
{
    list->filters[list->filter_count++] =
        (struct list_filter){ .condition = "t.endpoint = %s", .value = arg_id(endpoint->id) };
}

enum status webhook_attempt_list(struct tx *tx, const struct list *list,
                                 struct webhook_attempt **attempts, size_t *count)
{
    struct query q = list_open(tx, &webhook_attempt_columns, list);

    *attempts = arena_array(tx->arena, struct webhook_attempt, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        (*attempts)[*count] = (struct webhook_attempt){
            .seq = query_int(&q, 0),
            .delivery_id = query_id(&q, 1),
            .event = query_text(&q, 2),
            .event_seq = query_int(&q, 3),
            .at = query_int(&q, 4),
            .took_ms = query_int(&q, 5),
            .status = query_int(&q, 6),
            .answer = query_text(&q, 7),
            .error = query_text(&q, 8),
            .delivery_status = (int)query_int(&q, 9),
            .due_at = query_int(&q, 10),
        };
    query_close(&q);
    return tx_status(tx);
}

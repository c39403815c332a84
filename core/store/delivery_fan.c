/* Delivery fan: from events to deliveries. Run by the writer alone.
 *
 * Who listens is read from `handlers`, not from the scripts that are in force now: what happened before
 * those changed was meant for the ones before.
 */
#include "base/clock.h"
#include "store/delivery_row.h"
#include "store/webhook_work.h"

enum { SWEPT = 500, DONE_DAYS = 7, DEAD_DAYS = 30, GONE_DAYS = 30 };

/* With who listens. */
#define EVENT_SELECT                                                                               \
    "SELECT e.workspace, e.seq, e.name, e.entity, e.entity_id, e.depth, e.request_id,"             \
    " h.plugin, h.name FROM events e JOIN handlers h ON h.event = e.name AND " DELIVERY_WAS_ON " "

static struct delivery *read_events(struct tx *tx, struct query q, size_t *count);
static bool next_marked(struct tx *tx, int64_t *workspace, int64_t *from, int64_t *to);
static void forget_missing(struct tx *tx, const struct listener *listeners, size_t count);
static bool is_known(struct tx *tx, const struct listener *listener);
static void catch_up(struct tx *tx, const struct listener *listener, int64_t since);

bool delivery_has_listeners(struct tx *tx)
{
    return query_one_int(tx, 0,
                         "SELECT EXISTS (SELECT 1 FROM handlers WHERE event <> '" WEBHOOK_DUE "')"
                         " OR EXISTS (SELECT 1 FROM webhook_endpoints)",
                         NO_ARGS) != 0;
}

size_t delivery_fan_out(struct tx *tx, size_t most)
{
    int64_t workspace, from, to;
    size_t seen = 0;

    while (seen < most && next_marked(tx, &workspace, &from, &to)) {
        struct delivery *deliveries;
        size_t count;

        if (to - from > (int64_t)(most - seen))
            to = from + (int64_t)(most - seen);
        deliveries =
            read_events(tx,
                        query_open(tx,
                                   EVENT_SELECT "WHERE e.workspace = $1 AND e.seq > $2"
                                                " AND e.seq <= $3 ORDER BY e.seq, h.plugin, h.name",
                                   ARGS(arg_int(workspace), arg_int(from), arg_int(to))),
                        &count);
        for (size_t i = 0; i < count; i++)
            delivery_make(tx, &deliveries[i]);
        webhook_fan_out(tx, workspace, from, to);
        query_run(tx,
                  "INSERT INTO delivery_marks (workspace, event_seq) VALUES ($1, $2)"
                  " ON CONFLICT (workspace) DO UPDATE SET event_seq = excluded.event_seq",
                  ARGS(arg_int(workspace), arg_int(to)));
        seen += (size_t)(to - from);
    }
    return seen;
}

void delivery_listens(struct tx *tx)
{
    if (!delivery_has_listeners(tx)) /* nobody has moved the marks meanwhile */
        query_run(tx,
                  "INSERT OR REPLACE INTO delivery_marks (workspace, event_seq)"
                  " SELECT seq, event_seq FROM workspaces",
                  NO_ARGS);
}

void delivery_follow(struct tx *tx, const struct listener *listeners, size_t count, int64_t since)
{
    tx->effects.deliveries = 1; /* those of handlers that are back go on */
    for (size_t i = 0; i < count; i++)
        if (!str_is(listeners[i].event, WEBHOOK_DUE)) /* that one is told what endpoints want */
            delivery_listens(tx);
    forget_missing(tx, listeners, count);
    for (size_t i = 0; i < count; i++)
        if (!is_known(tx, &listeners[i])) {
            query_run(tx,
                      "INSERT INTO handlers (plugin, name, event, since) VALUES ($1, $2, $3, $4)",
                      ARGS(arg_text(listeners[i].plugin), arg_text(listeners[i].name),
                           arg_text(listeners[i].event), arg_int(since)));
            catch_up(tx, &listeners[i], since);
        }
}

/* In the order of their ends. Paused ones that nobody will ever run are given up, so that they do not keep
 * their events for ever. */
size_t delivery_sweep(struct tx *tx)
{
    static const char sweep[] =
        "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries"
        " WHERE ended_at IS NOT NULL AND status = $1 AND ended_at < $2 LIMIT $3)";
    int64_t now = tx_now(tx), swept = 0;

    swept += query_run(
        tx, sweep,
        ARGS(arg_int(DELIVERY_DONE), arg_int(now - DONE_DAYS * CLOCK_DAY), arg_int(SWEPT)));
    swept += query_run(
        tx, sweep,
        ARGS(arg_int(DELIVERY_DEAD), arg_int(now - DEAD_DAYS * CLOCK_DAY), arg_int(SWEPT)));
    swept += query_run(
        tx,
        "UPDATE deliveries SET status = 3, ended_at = $1, due_at = NULL, error_where = NULL,"
        " error_message = 'its handler has been gone for 30 days' WHERE seq IN (SELECT d.seq"
        " FROM deliveries d WHERE d.ended_at IS NULL AND d.created_at < $2 AND NOT EXISTS"
        " (SELECT 1 FROM handlers h WHERE h.plugin = d.plugin AND h.name = d.handler "
        "AND " DELIVERY_IS_ON("d.workspace",
                              "d.plugin") " UNION ALL SELECT 1 FROM jobs j"
                                          " WHERE j.plugin = d.plugin AND j.name = d.handler "
                                          "AND " DELIVERY_IS_ON("d.workspace",
                                                                "d.plugin") ") LIMIT $3)",
        ARGS(arg_int(now), arg_int(now - GONE_DAYS * CLOCK_DAY), arg_int(SWEPT)));
    return (size_t)swept + webhook_sweep(tx, SWEPT);
}

/* All of them, before the first is written. */
static struct delivery *read_events(struct tx *tx, struct query q, size_t *count)
{
    struct delivery *deliveries = NULL;
    size_t cap = 0, size = sizeof(*deliveries);

    for (*count = 0; query_next(&q); (*count)++) {
        if (*count == cap) {
            size_t more = cap ? cap * 2 : 16;

            deliveries = arena_grow(tx->arena, deliveries, cap * size, more * size);
            cap = more;
        }
        deliveries[*count] = (struct delivery){ .workspace = query_int(&q, 0),
                                                .event_seq = query_int(&q, 1),
                                                .event = query_text(&q, 2),
                                                .entity = query_text(&q, 3),
                                                .key = query_id(&q, 4),
                                                .depth = query_int(&q, 5),
                                                .request_id = query_text(&q, 6),
                                                .plugin = query_text(&q, 7),
                                                .handler = query_text(&q, 8) };
    }
    query_close(&q);
    return deliveries;
}

/* Handlers that cause each other's events in a circle end here, with a word. */
void delivery_make(struct tx *tx, const struct delivery *delivery)
{
    bool is_circle = delivery->depth > DELIVERY_DEPTH;

    query_run(
        tx,
        "INSERT INTO deliveries (workspace, id, plugin, handler, event, event_seq, entity, key,"
        " depth, request_id, created_at, status, ended_at, error_message, due_at) SELECT $1, $2, "
        "$3,"
        " $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, CASE WHEN $12 = 0 AND NOT EXISTS "
        "(SELECT 1"
        " FROM deliveries WHERE workspace = $1 AND plugin = $3 AND handler = $4 AND key = $8"
        " AND due_at IS NOT NULL) THEN $11 END"
        " WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE workspace = $1 AND event_seq = $6"
        " AND plugin = $3 AND handler = $4)",
        ARGS(arg_int(delivery->workspace), arg_id(tx_id(tx)), arg_text(delivery->plugin),
             arg_text(delivery->handler), arg_text(delivery->event), arg_int(delivery->event_seq),
             arg_text(delivery->entity), arg_id(delivery->key), arg_int(delivery->depth),
             arg_text(delivery->request_id), arg_int(tx_now(tx)),
             arg_int(is_circle ? DELIVERY_DEAD : DELIVERY_QUEUED),
             arg_time(is_circle ? tx_now(tx) : 0),
             arg_text(is_circle ? STR("handlers cause each other's events in a circle: this one is "
                                      "the ninth in a row")
                                : STR_NONE)));
    tx->effects.deliveries = 1;
}

static bool next_marked(struct tx *tx, int64_t *workspace, int64_t *from, int64_t *to)
{
    struct query q =
        query_open(tx,
                   "SELECT w.seq, coalesce(m.event_seq, 0), w.event_seq"
                   " FROM workspaces w LEFT JOIN delivery_marks m ON m.workspace = w.seq"
                   " WHERE w.event_seq > coalesce(m.event_seq, 0) LIMIT 1",
                   NO_ARGS);
    bool found = query_next(&q);

    if (found) {
        *workspace = query_int(&q, 0);
        *from = query_int(&q, 1);
        *to = query_int(&q, 2);
    }
    query_close(&q);
    return found;
}

static void forget_missing(struct tx *tx, const struct listener *listeners, size_t count)
{
    struct query q = query_open(tx, "SELECT plugin, name, event FROM handlers", NO_ARGS);
    struct listener *gone = NULL;
    size_t gone_count = 0, size = sizeof(*gone);

    while (query_next(&q)) {
        struct listener one = { query_text(&q, 0), query_text(&q, 1), query_text(&q, 2) };
        size_t i;

        for (i = 0; i < count; i++)
            if (str_eq(listeners[i].plugin, one.plugin) && str_eq(listeners[i].name, one.name) &&
                str_eq(listeners[i].event, one.event))
                break;
        if (i < count)
            continue;
        gone = arena_grow(tx->arena, gone, gone_count * size, (gone_count + 1) * size);
        gone[gone_count++] = one;
    }
    query_close(&q);
    for (size_t i = 0; i < gone_count; i++)
        query_run(tx, "DELETE FROM handlers WHERE plugin = $1 AND name = $2",
                  ARGS(arg_text(gone[i].plugin), arg_text(gone[i].name)));
}

static bool is_known(struct tx *tx, const struct listener *listener)
{
    return query_one_int(tx, 0, "SELECT 1 FROM handlers WHERE plugin = $1 AND name = $2",
                         ARGS(arg_text(listener->plugin), arg_text(listener->name))) != 0;
}

/* What happened between its coming into force and now: up to where the marks stand. */
static void catch_up(struct tx *tx, const struct listener *listener, int64_t since)
{
    struct delivery *deliveries;
    size_t count;

    if (str_is(listener->event, WEBHOOK_DUE)) {
        webhook_catch_up(tx, listener->plugin, since);
        return;
    }
    deliveries = read_events(
        tx,
        query_open(tx,
                   EVENT_SELECT "JOIN delivery_marks m ON m.workspace = e.workspace"
                                " WHERE e.created_at >= $1 AND e.seq <= m.event_seq"
                                " AND h.plugin = $2 AND h.name = $3 ORDER BY e.workspace, e.seq",
                   ARGS(arg_int(since), arg_text(listener->plugin), arg_text(listener->name))),
        &count);
    for (size_t i = 0; i < count; i++)
        delivery_make(tx, &deliveries[i]);
}

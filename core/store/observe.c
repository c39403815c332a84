/* Observe: rows of a workspace as tests see them. */
#include "store/observe.h"

#include "base/clock.h"
#include "store/query.h"

static void put_text(struct buf *out, const char *name, struct str text);
static void put_id(struct buf *out, const char *name, struct uuid id);
static void put_time(struct buf *out, const char *name, int64_t wall);

void observe_events(struct tx *tx, struct buf *out)
{
    struct query q = query_open(tx,
                                "SELECT seq, name, entity, entity_id, actor_kind, actor_id, "
                                "payload, created_at FROM events WHERE workspace = $1"
                                " AND name <> 'job.due' ORDER BY seq",
                                ARGS(arg_int(tx->workspace)));
    bool is_first = true;

    buf_char(out, '[');
    while (query_next(&q)) {
        struct str payload = query_text(&q, 6);

        buf_printf(out, "%s{\"number\":%lld", is_first ? "" : ",", (long long)query_int(&q, 0));
        is_first = false;
        put_text(out, "name", query_text(&q, 1));
        put_text(out, "entity", query_text(&q, 2));
        put_id(out, "entityId", query_id(&q, 3));
        put_text(out, "actorType", query_text(&q, 4));
        put_id(out, "actorId", query_id(&q, 5));
        put_time(out, "createdAt", query_int(&q, 7));
        if (str_starts(payload, STR("{\"data\":"))) { /* "before" may stand beside it */
            buf_char(out, ',');
            buf_put(out, payload.at + 1, payload.len - 1);
        } else {
            buf_printf(out, ",\"data\":%.*s}", STR_ARG(payload));
        }
    }
    buf_char(out, ']');
}

void observe_deliveries(struct tx *tx, struct buf *out)
{
    static const char *const statuses[] = { "queued", "failed", "done", "dead" };
    struct query q =
        query_open(tx,
                   "SELECT id, plugin, handler, event, event_seq, key, status, attempts, due_at,"
                   " error_message, error_where FROM deliveries WHERE workspace = $1 ORDER BY seq",
                   ARGS(arg_int(tx->workspace)));
    bool is_first = true;

    buf_char(out, '[');
    while (query_next(&q)) {
        int64_t status = query_int(&q, 6);

        buf_printf(out, "%s{\"attempts\":%lld,\"eventNumber\":%lld", is_first ? "" : ",",
                   (long long)query_int(&q, 7), (long long)query_int(&q, 4));
        is_first = false;
        put_id(out, "id", query_id(&q, 0));
        put_text(out, "plugin", query_text(&q, 1));
        put_text(out, "handler", query_text(&q, 2));
        put_text(out, "event", query_text(&q, 3));
        put_id(out, "entityId", query_id(&q, 5));
        put_text(out, "status", str_from(statuses[status & 3]));
        if (status < 2)
            put_time(out, "dueAt", query_int(&q, 8));
        put_text(out, "error", query_text(&q, 9));
        put_text(out, "where", query_text(&q, 10));
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void observe_trouble(struct tx *tx, struct buf *out)
{
    struct query q =
        query_open(tx,
                   "SELECT handler, plugin, attempts, error_where, error_message FROM deliveries"
                   " WHERE error_message IS NOT NULL AND status <> 2 ORDER BY seq LIMIT 5",
                   NO_ARGS);

    while (query_next(&q)) {
        buf_printf(out, "  handler %.*s of %.*s failed", STR_ARG(query_text(&q, 0)),
                   STR_ARG(query_text(&q, 1)));
        if (query_int(&q, 2) > 1)
            buf_printf(out, " %lld times", (long long)query_int(&q, 2));
        buf_printf(out, ": %.*s: %.*s\n", STR_ARG(query_text(&q, 3)), STR_ARG(query_text(&q, 4)));
    }
    q = query_open(tx,
                   "SELECT recipient, coalesce(answer_text, state) FROM mails"
                   " WHERE state IN ('cancelled', 'refused') ORDER BY seq LIMIT 5",
                   NO_ARGS);
    while (query_next(&q))
        buf_printf(out, "  a mail to %.*s did not go: %.*s\n", STR_ARG(query_text(&q, 0)),
                   STR_ARG(query_text(&q, 1)));
}

static void put_text(struct buf *out, const char *name, struct str text)
{
    if (str_is_absent(text))
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, text);
}

static void put_id(struct buf *out, const char *name, struct uuid id)
{
    char text[UUID_TEXT];

    if (uuid_is_none(id))
        return;
    uuid_format(id, text);
    put_text(out, name, str_from(text));
}

static void put_time(struct buf *out, const char *name, int64_t wall)
{
    char text[CLOCK_TEXT];

    if (!wall)
        return;
    clock_format(wall, text);
    put_text(out, name, str_from(text));
}

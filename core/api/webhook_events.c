/* Webhook events: GET /v1/webhook-events, what an endpoint may be told, to choose from; and POST
 * /v1/webhooks/{event}, by which an app tells what has happened there. */
#include "api/body.h"
#include "api/webhook_endpoints.h"
#include "base/limits.h"
#include "http/json.h"
#include "plugin/known.h"
#include "policy/action.h"
#include "store/query.h"
#include "store/record.h"

#include <stddef.h>

static route_phase list, tell;

struct event_row {
    struct str name, help;
};
static const char *const object[] = { "webhookEventType", NULL };

#define AT(member) offsetof(struct event_row, member)
static const struct field fields[] = {
    { "name", FIELD_TEXT, 0, AT(name), 0, 0, NULL, NULL, "As endpoints name it." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"webhookEventType\"." },
    { "help", FIELD_TEXT, 0, AT(help), 0, 0, NULL, NULL, "What has happened." },
    { 0 },
};
static const struct entity event_entity = { "webhook_event_type", fields,
                                            sizeof(struct event_row) };

struct told_row {
    struct str event;
    int64_t number;
};
static const char *const told_object[] = { "webhookEvent", NULL };
static const struct field told_fields[] = {
    { "object", FIELD_CONST, 0, 0, 0, 0, told_object, NULL, "Always \"webhookEvent\"." },
    { "eventType", FIELD_TEXT, 0, offsetof(struct told_row, event), 0, 0, NULL, NULL, "Its name." },
    { "eventNumber", FIELD_INT, 0, offsetof(struct told_row, number), 0, 0, NULL, NULL,
      "Its place among the events of the workspace." },
    { 0 },
};
static const struct entity told_entity = { "webhook_event", told_fields, sizeof(struct told_row) };
static const struct route_query of_tell[] = {
    { "key", "Id of what it tells of: events of one key come in their order.", false },
    { 0 },
};

const struct route webhook_event_routes[] = {
    { GET, "/v1/webhook-events", .entity = &event_entity, .may = "webhook_endpoint.list",
      .read = list, .flags = ROUTE_ALL,
      .summary = "Events that endpoints may be told, beside those of plugins and apps" },
    { POST, "/v1/webhooks/{event}", .answer = &told_entity, .may = "event.create", .write = tell,
      .query = of_tell, .flags = ROUTE_NO_TARGET | ROUTE_OPTIONAL_BODY,
      .summary =
          "Tell endpoints, scripts and plugins what has happened in an app; any JSON is its data" },
    { 0 },
};

static bool check_name(struct tx *tx, struct str name);

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf *out = reply_json(rp, 200);
    bool is_first = true;

    (void)rq;
    buf_text(out, "{\"data\":[");
    for (const struct action *a = events; a->name; a++) {
        const struct event_row row = { str_from(a->name), str_from(a->help) };

        if (str_starts(row.name, STR("webhook."))) /* these nobody asks for */
            continue;
        if (!is_first)
            buf_char(out, ',');
        is_first = false;
        json_write(&event_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

/* What the app says is passed on as it came: it was parsed, so it is JSON. */
static enum status tell(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct told_row told = { .event = request_param(rq, "event") };
    struct str key = request_query(rq, "key");
    struct uuid id = UUID_NONE;

    if (!check_name(tx, told.event))
        return tx_status(tx);
    if (rq->body.len > LIMIT_SCRIPT_EVENT)
        return tx_fail(tx, ST_TOO_LARGE, NULL, "The data of an event is at most 64 KiB of JSON.");
    if (!str_is_absent(key) && !uuid_parse(key, &id))
        tx_fail_field(tx, ST_INVALID, "key", "invalid_id",
                      "Must be an id: a UUID of 36 characters.");
    if (uuid_is_none(id))
        id = tx_id(tx);
    tx_event(tx, str_copy(tx->arena, told.event).at, "app", id,
             str_printf(tx->arena, "{\"data\":%.*s}",
                        STR_ARG(str_is_empty(rq->body) ? STR("{}") : rq->body)));
    told.number = query_one_int(tx, 0, "SELECT event_seq FROM workspaces WHERE seq = $1",
                                ARGS(arg_int(tx->workspace)));
    return reply_row(tx, rp, 200, &told_entity, &told);
}

/* Nobody is to take it for what Foyer or a plugin has told. */
static bool check_name(struct tx *tx, struct str name)
{
    struct str rest = name, kind;

    if (!known_is_good(name)) {
        tx_fail(tx, ST_INVALID, "invalid_event",
                "The name of an event is letters, digits, '_', '-' and '.', at most 100: "
                "invoice.paid.");
        return false;
    }
    str_cut(&rest, '.', &kind);
    if (webhook_is_foyers(kind) || str_is(kind, "job"))
        tx_fail(tx, ST_UNPROCESSABLE, "event_taken",
                "Events that begin with \"%.*s\" are Foyer's own: name it otherwise, such as "
                "app.%.*s.",
                STR_ARG(kind), STR_ARG(name));
    else if (webhook_is_plugins(tx, kind))
        tx_fail(tx, ST_UNPROCESSABLE, "event_taken",
                "Events that begin with \"%.*s\" are told by the plugin of that name: name it "
                "otherwise, such as app.%.*s.",
                STR_ARG(kind), STR_ARG(name));
    return tx_status(tx) == ST_OK;
}

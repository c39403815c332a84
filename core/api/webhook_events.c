/* Webhook events: GET /v1/webhook-events: what an endpoint may be told, to choose from. */
#include "api/webhook_endpoints.h"
#include "http/json.h"
#include "policy/action.h"
#include "store/tx.h"

#include <stddef.h>

static route_phase list;

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

const struct route webhook_event_routes[] = {
    { GET, "/v1/webhook-events", .entity = &event_entity, .may = "webhook_endpoint.list",
      .read = list, .flags = ROUTE_ALL,
      .summary = "Events that endpoints may be told, beside those of plugins and apps" },
    { 0 },
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_text(out, "{\"data\":[");
    for (const struct action *a = events; a->name; a++) {
        const struct event_row row = { str_from(a->name), str_from(a->help) };

        if (str_starts(row.name, STR("webhook."))) /* these nobody asks for */
            continue;
        if (a != events)
            buf_char(out, ',');
        json_write(&event_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

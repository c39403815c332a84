/* Deliveries: GET /v1/deliveries, and POST …/replay. They are made and run by exec/. */
#include "api/deliveries.h"

#include "api/body.h"
#include "api/list.h"
#include "plugin/choices.h"
#include "plugin/handler.h"
#include "store/record.h"
#include "store/webhook_work.h"

#include <stddef.h>

static route_target target;
static route_phase list, read_one, replay;

static const char *const object[] = { "delivery", NULL };
static const char *const statuses[] = { "queued", "failed", "done", "dead", NULL };

#define AT(member) offsetof(struct delivery, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, NULL, "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"delivery\"." },
    { "plugin", FIELD_TEXT, FIELD_FILTER, AT(plugin), 0, 0, NULL, NULL,
      "The script whose handler it goes to: house_rules.lua." },
    { "handler", FIELD_TEXT, FIELD_FILTER, AT(handler), 0, 0, NULL, NULL,
      "Name of the handler, where none was given that of the event; endpoint:ID is one of "
      "webhooks." },
    { "event", FIELD_TEXT, FIELD_FILTER, AT(event), 0, 0, NULL, NULL,
      "What happened: client.created." },
    { "eventNumber", FIELD_INT, 0, AT(event_seq), 0, 0, NULL, NULL,
      "Place of the event among those of the workspace." },
    { "entity", FIELD_TEXT, 0, AT(entity), 0, 0, NULL, NULL, "Kind of what it happened to." },
    { "entityId", FIELD_ID, FIELD_FILTER, AT(key), 0, 0, NULL, NULL, "What it happened to." },
    { "status", FIELD_ENUM, FIELD_FILTER, AT(status), 0, 0, statuses, NULL,
      "queued, failed (it is tried again), done, or dead: given up, until it is replayed." },
    { "isPaused", FIELD_BOOL, 0, AT(is_paused), 0, 0, NULL, NULL,
      "It waits for its handler, which is not there now, or for its endpoint, which is paused." },
    { "attempts", FIELD_INT, 0, AT(attempts), 0, 0, NULL, NULL, "Tries that failed." },
    { "dueAt", FIELD_TIME, 0, AT(due_at), 0, 0, NULL, NULL,
      "When it is tried next; null: it is over, or waits for an earlier one of the same thing." },
    { "error", FIELD_TEXT, 0, AT(error_message), 0, 0, NULL, NULL,
      "Why the newest try that failed did." },
    { "errorAt", FIELD_TEXT, 0, AT(error_where), 0, 0, NULL, NULL, "Where: file and line." },
    { "requestId", FIELD_TEXT, FIELD_FILTER, AT(request_id), 0, 0, NULL, NULL,
      "Of the request that the event comes of; what the handler changes has it, too." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, NULL, "When it was made." },
    { "triedAt", FIELD_TIME, 0, AT(tried_at), 0, 0, NULL, NULL, "When the newest try ended." },
    { "endedAt", FIELD_TIME, 0, AT(ended_at), 0, 0, NULL, NULL,
      "When it was done or given up; 7 and 30 days later it is forgotten." },
    { 0 },
};
const struct entity delivery_entity = { "delivery", fields, sizeof(struct delivery) };

const struct route delivery_routes[] = {
    { GET, "/v1/deliveries", .entity = &delivery_entity, .may = "delivery.list", .read = list,
      .flags = ROUTE_LIST, .summary = "What became of events at the handlers of scripts" },
    { GET, "/v1/deliveries/{id}", .entity = &delivery_entity, .may = "delivery.read",
      .target = target, .read = read_one, .summary = "Retrieve a delivery" },
    { POST, "/v1/deliveries/{id}/replay", .entity = &delivery_entity, .may = "delivery.replay",
      .target = target, .write = replay, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Give the event to its handler again, now" },
    { 0 },
};

static bool is_there(struct tx *tx, const struct delivery *delivery);
static enum status answer(struct tx *tx, struct reply *rp, struct delivery *delivery);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct delivery *delivery = arena_new(tx->arena, struct delivery);
    struct scope scope;

    if (delivery_load(tx, rq->target_id, delivery) != ST_OK ||
        policy_scope(tx, "delivery", &scope) != ST_OK)
        return tx_status(tx);
    if (!list_holds(tx, &delivery_columns, &scope, delivery->id))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &delivery_entity, .row = delivery, .id = delivery->id };
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list wanted;

    if (list_read(tx, rq, &delivery_entity, &delivery_columns, &wanted) != ST_OK)
        return tx_status(tx);
    return delivery_reply_list(tx, rq, &wanted, rp);
}

enum status delivery_reply_list(struct tx *tx, const struct request *rq, const struct list *wanted,
                                struct reply *rp)
{
    struct list_page page = { .entity = &delivery_entity, .columns = &delivery_columns };
    struct delivery *deliveries;

    if (delivery_list(tx, wanted, &deliveries, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = deliveries;
    if (list_has_more(wanted, page.count))
        page.next = list_token(tx, wanted, ARGS(arg_int(deliveries[wanted->limit - 1].seq)));
    for (size_t i = 0; i < page.count; i++)
        delivery_show(tx, &deliveries[i]);
    return list_reply(tx, rq, wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct delivery delivery = *(const struct delivery *)tx->subject->row;

    (void)rq;
    return answer(tx, rp, &delivery);
}

/* Also of one that waits for its next try: it is tried now. */
static enum status replay(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct delivery before = *(const struct delivery *)tx->subject->row, delivery = before;

    if (body_none(tx, rq) != ST_OK || delivery_replay(tx, &delivery) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "delivery.replay", "delivery", delivery.id,
             record_detail(tx, &delivery_entity, &before, &delivery));
    return answer(tx, rp, &delivery);
}

static bool is_there(struct tx *tx, const struct delivery *delivery)
{
    struct webhook_endpoint endpoint;
    struct uuid id;

    if (!webhook_handler_id(delivery->handler, &id))
        return handler_is_there(tx->policy, delivery->plugin, delivery->handler);
    return webhook_endpoint_find(tx, tx->workspace, id, &endpoint) &&
           (endpoint.status == WEBHOOK_ACTIVE || str_is(delivery->event, WEBHOOK_TEST));
}

void delivery_show(struct tx *tx, struct delivery *delivery)
{
    delivery->is_paused = !delivery->ended_at && tx->policy &&
                          (!is_there(tx, delivery) || choices_has_disabled(tx, delivery->plugin));
}

static enum status answer(struct tx *tx, struct reply *rp, struct delivery *delivery)
{
    delivery_show(tx, delivery);
    if (tx_status(tx) == ST_OK)
        json_write(&delivery_entity, delivery, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

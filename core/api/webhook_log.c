/* Webhook log: what was sent to an endpoint, trying it out, and sending again what it has missed. */
#include "api/body.h"
#include "api/deliveries.h"
#include "api/list.h"
#include "api/operations.h"
#include "api/webhook_endpoints.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/json.h"
#include "store/record.h"
#include "store/webhook_work.h"

#include <stddef.h>

static route_phase list_attempts, list_deliveries, test, replay;

static const char *const object[] = { "webhookAttempt", NULL };
static const char *const statuses[] = { "queued", "failed", "done", "dead", NULL };

#define AT(member) offsetof(struct webhook_attempt, member)
static const struct field fields[] = {
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"webhookAttempt\"." },
    { "at", FIELD_TIME, FIELD_SORT, AT(at), 0, 0, NULL, NULL, "When it ended." },
    { "deliveryId", FIELD_ID, FIELD_FILTER, AT(delivery_id), 0, 0, NULL, NULL,
      "The delivery that it is a try of; the header webhook-id." },
    { "event", FIELD_TEXT, FIELD_FILTER, AT(event), 0, 0, NULL, NULL, "What it told." },
    { "eventNumber", FIELD_INT, 0, AT(event_seq), 0, 0, NULL, NULL,
      "Place of the event among those of the workspace." },
    { "statusCode", FIELD_INT, 0, AT(status), 0, 0, NULL, NULL,
      "HTTP status of the answer; 0: there was none." },
    { "durationMs", FIELD_INT, 0, AT(took_ms), 0, 0, NULL, NULL, "How long it took." },
    { "answer", FIELD_TEXT, FIELD_LINES, AT(answer), 0, 0, NULL, NULL,
      "The first 1,000 bytes of the answer." },
    { "error", FIELD_TEXT, FIELD_LINES, AT(error), 0, 0, NULL, NULL,
      "Why it failed; null: it was taken." },
    { "deliveryStatus", FIELD_ENUM, 0, AT(delivery_status), 0, 0, statuses, NULL,
      "What has become of the delivery: queued, failed (it is tried again), done, dead." },
    { "nextTryAt", FIELD_TIME, 0, AT(due_at), 0, 0, NULL, NULL, "When that is tried again." },
    { 0 },
};
const struct entity webhook_attempt_entity = { "webhook_attempt", fields,
                                               sizeof(struct webhook_attempt) };
static const struct route_query of_attempts[] = {
    { "ok", "true: those that were taken; false: those that failed.", true },
    { 0 },
};

struct replay_body {
    struct uuid delivery_id;
    int64_t since;
};
static const struct field replay_fields[] = {
    { "deliveryId", FIELD_ID, FIELD_WRITE, offsetof(struct replay_body, delivery_id), 0, 0, NULL,
      NULL, "This one, whatever became of it; instead of since." },
    { "since", FIELD_TIME, FIELD_WRITE, offsetof(struct replay_body, since), 0, 0, NULL, NULL,
      "All that were made since then, and have failed for good." },
    { 0 },
};
static const struct entity replay_entity = { "webhook_replay", replay_fields,
                                             sizeof(struct replay_body) };

#define ENDPOINT "/v1/webhook-endpoints/{id}"
const struct route webhook_log_routes[] = {
    { GET, ENDPOINT "/attempts", .entity = &webhook_attempt_entity, .may = "webhook_endpoint.read",
      .target = webhook_target, .read = list_attempts, .query = of_attempts,
      .flags = ROUTE_LIST | ROUTE_INSIDE,
      .summary = "What was sent to it, each try, with what it answered" },
    { GET, ENDPOINT "/deliveries", .entity = &delivery_entity, .may = "webhook_endpoint.read",
      .target = webhook_target, .read = list_deliveries, .flags = ROUTE_LIST | ROUTE_INSIDE,
      .summary = "What it was told, is told and will be told" },
    { POST, ENDPOINT "/test", .entity = &webhook_endpoint_entity, .answer = &delivery_entity,
      .may = "webhook_endpoint.test", .target = webhook_target, .write = test,
      .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Send it webhook.test once, now: the answer is the delivery" },
    { POST, ENDPOINT "/replay", .entity = &webhook_endpoint_entity, .body = &replay_entity,
      .answer = &operation_entity, .may = "webhook_endpoint.replay", .target = webhook_target,
      .write = replay, .flags = ROUTE_OPERATION,
      .summary = "Send again what has failed for good since a time, or one delivery" },
    { 0 },
};

static enum status list_attempts(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &webhook_attempt_entity,
                              .columns = &webhook_attempt_columns };
    struct webhook_attempt *attempts;
    struct list wanted;

    if (list_read_inside(tx, rq, &webhook_attempt_entity, &webhook_attempt_columns, &wanted) !=
        ST_OK)
        return tx_status(tx);
    webhook_attempt_of(&wanted, tx->subject->row);
    if (webhook_attempt_list(tx, &wanted, &attempts, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = attempts;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(attempts[wanted.limit - 1].seq)));
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status list_deliveries(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *endpoint = tx->subject->row;
    struct list wanted;

    if (list_read_inside(tx, rq, &delivery_entity, &delivery_columns, &wanted) != ST_OK)
        return tx_status(tx);
    NEVER(wanted.filter_count == LIST_FILTERS);
    wanted.filters[wanted.filter_count++] =
        (struct list_filter){ .condition = "t.handler = %s",
                              .value = arg_text(webhook_handler(tx->arena, endpoint->id)) };
    return delivery_reply_list(tx, rq, &wanted, rp);
}

static enum status test(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *endpoint = tx->subject->row;
    struct delivery delivery;

    if (body_none(tx, rq) != ST_OK ||
        webhook_test(tx, endpoint, record_payload(tx, &webhook_endpoint_entity, NULL, endpoint),
                     &delivery) != ST_OK)
        return tx_status(tx);
    webhook_record(tx, NULL, "webhook_endpoint.test", NULL, endpoint);
    rp->entity_id = delivery.id;
    delivery_show(tx, &delivery);
    return reply_row(tx, rp, 200, &delivery_entity, &delivery);
}

/* ---- Sending again ----------------------------------------------------------------------------- */

static enum status replay(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *endpoint = tx->subject->row;
    struct operation operation = { .kind = STR("webhook_endpoint.replay"),
                                   .subject = endpoint->id,
                                   .input = STR("{}") };
    struct replay_body body = { .since = 0 };
    struct ids ids = { &body.delivery_id, 1 };
    uint64_t given = 0;

    if (body_read(tx, rq, &replay_entity, JSON_CREATE, &body, &given) != ST_OK)
        return tx_status(tx);
    if ((body.since != 0) == !uuid_is_none(body.delivery_id))
        return tx_fail(tx, ST_INVALID, NULL,
                       "Give since, a time after which all that has failed for good is sent again, "
                       "or deliveryId.");
    if (body.since && webhook_dead(tx, endpoint, body.since, LIMIT_OPERATION_ITEMS, &ids) != ST_OK)
        return tx_status(tx);
    return operation_do(tx, &operation, ids, rp);
}

enum status operation_replay(struct tx *tx, const struct operation *operation, struct uuid id)
{
    struct webhook_endpoint endpoint;
    const struct subject subject = { .entity = &webhook_endpoint_entity,
                                     .row = &endpoint,
                                     .id = operation->subject };
    struct delivery before, delivery;

    if (webhook_endpoint_load(tx, operation->subject, &endpoint) != ST_OK ||
        policy_may(tx, "webhook_endpoint.replay", &subject) != ST_OK ||
        delivery_load(tx, id, &before) != ST_OK)
        return tx_status(tx);
    if (!str_eq(before.handler, webhook_handler(tx->arena, endpoint.id)))
        return tx_not_found(tx);
    delivery = before;
    if (delivery_replay(tx, &delivery) == ST_OK)
        tx_audit(tx, "delivery.replay", "delivery", id,
                 record_detail(tx, &delivery_entity, &before, &delivery));
    return tx_status(tx);
}

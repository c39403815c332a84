/* Webhook endpoints: /v1/webhook-endpoints. Other servers that are told what happens; what is sent to them, and
 * how, is the plugin's (plugins/webhooks).
 *
 * The secret is told at creation, by rotate-secret, and by …/secret to whoever may know it.
 */
#include "api/webhook_endpoints.h"

#include "api/body.h"
#include "api/list.h"
#include "http/json.h"
#include "store/record.h"

#include <stddef.h>

static route_target target_new;
static route_phase list, read_one, create, patch, delete_one, pause, resume, rotate, tell_secret;

static const char *const object[] = { "webhookEndpoint", NULL };
static const char *const statuses[] = { "active", "paused", NULL };

#define AT(member) offsetof(struct webhook_endpoint, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"webhookEndpoint\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "url", FIELD_URL, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER, AT(url), 8, 2048, NULL, "url",
      "Where events are sent to, by POST: https, or an address that the operator lists." },
    { "description", FIELD_TEXT, FIELD_WRITE, AT(description), 0, 255, NULL, "description",
      "What it is for." },
    { "events", FIELD_TEXTS, FIELD_WRITE | FIELD_REQUIRED, AT(events), 1, 100, NULL, "events",
      "What it is told: names (client.created), all of a kind (client.*), or everything (*)." },
    { "status", FIELD_ENUM, FIELD_FILTER, AT(status), 0, 0, statuses, NULL,
      "active, or paused: nothing is sent, what happens waits." },
    { "pausedReason", FIELD_TEXT, 0, AT(paused_reason), 0, 0, NULL, NULL, "Why it is paused." },
    { "pausedAt", FIELD_TIME, 0, AT(paused_at), 0, 0, NULL, NULL, "Since when." },
    { "createdByType", FIELD_TEXT, 0, AT(created_by_kind), 0, 0, NULL, NULL,
      "Kind of who made it." },
    { "createdById", FIELD_ID, 0, AT(created_by), 0, 0, NULL, NULL, "Who made it." },
    { "contactId", FIELD_ID, 0, AT(contact), 0, 0, NULL, NULL,
      "The member of staff who is told when it is paused: who made it, himself or by a key of "
      "his." },
    { "lastSuccessAt", FIELD_TIME, FIELD_NO_ETAG, AT(succeeded_at), 0, 0, NULL, NULL,
      "When it last took something." },
    { "lastFailureAt", FIELD_TIME, FIELD_NO_ETAG, AT(failed_at), 0, 0, NULL, NULL,
      "When it last did not." },
    { "lastFailureStatus", FIELD_INT, FIELD_NO_ETAG, AT(failed_status), 0, 0, NULL, NULL,
      "HTTP status of that answer; 0: there was none." },
    { "lastFailure", FIELD_TEXT, FIELD_NO_ETAG, AT(failed_why), 0, 0, NULL, NULL, "Why." },
    { "failures", FIELD_INT, FIELD_NO_ETAG, AT(failures), 0, 0, NULL, NULL,
      "Tries that failed one after the other until now." },
    { "failingSince", FIELD_TIME, FIELD_NO_ETAG, AT(failing_since), 0, 0, NULL, NULL,
      "The first of them." },
    { "secret", FIELD_TEXT, FIELD_OMIT_NULL, AT(secret), 0, 0, NULL, NULL,
      "What signatures are made with; only in the answers that made it." },
    { 0 },
};
const struct entity webhook_endpoint_entity = { "webhook_endpoint", fields,
                                                sizeof(struct webhook_endpoint) };

static const char *const secret_object[] = { "webhookSecret", NULL };
static const struct field secret_fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, NULL, "Of the endpoint." },
    { "object", FIELD_CONST, 0, 0, 0, 0, secret_object, NULL, "Always \"webhookSecret\"." },
    { "secret", FIELD_TEXT, 0, AT(secret), 0, 0, NULL, NULL, "What signatures are made with." },
    { "previousSecret", FIELD_TEXT, 0, AT(secret_before), 0, 0, NULL, NULL,
      "The one before, which signs, too, for 24 hours after it was replaced; else null." },
    { "previousSecretUntil", FIELD_TIME, 0, AT(before_until), 0, 0, NULL, NULL, "Up to then." },
    { 0 },
};
const struct entity webhook_secret_entity = { "webhook_secret", secret_fields,
                                              sizeof(struct webhook_endpoint) };

struct pause_body {
    struct str reason;
};
static const struct field pause_fields[] = {
    { "reason", FIELD_TEXT, FIELD_WRITE, offsetof(struct pause_body, reason), 1, 255, NULL, NULL,
      "Why, for whoever looks at it." },
    { 0 },
};
static const struct entity pause_entity = { "webhook_pause", pause_fields,
                                            sizeof(struct pause_body) };

#define ENDPOINT "/v1/webhook-endpoints/{id}"
const struct route webhook_endpoint_routes[] = {
    { GET, "/v1/webhook-endpoints", .entity = &webhook_endpoint_entity,
      .may = "webhook_endpoint.list", .read = list, .flags = ROUTE_LIST,
      .summary = "List webhook endpoints" },
    { POST, "/v1/webhook-endpoints", .entity = &webhook_endpoint_entity,
      .may = "webhook_endpoint.create", .target = target_new, .write = create,
      .summary = "Create a webhook endpoint, and tell its secret" },
    { GET, ENDPOINT, .entity = &webhook_endpoint_entity, .may = "webhook_endpoint.read",
      .target = webhook_target, .read = read_one, .summary = "Retrieve a webhook endpoint" },
    { PATCH, ENDPOINT, .entity = &webhook_endpoint_entity, .may = "webhook_endpoint.update",
      .target = webhook_target, .write = patch,
      .summary = "Change where it is, or what it is told" },
    { DELETE, ENDPOINT, .entity = &webhook_endpoint_entity, .may = "webhook_endpoint.delete",
      .target = webhook_target, .write = delete_one,
      .summary = "Delete a webhook endpoint, with what waits for it" },
    { POST, ENDPOINT "/pause", .entity = &webhook_endpoint_entity, .body = &pause_entity,
      .may = "webhook_endpoint.update", .target = webhook_target, .write = pause,
      .flags = ROUTE_OPTIONAL_BODY, .summary = "Send it nothing: what happens waits" },
    { POST, ENDPOINT "/resume", .entity = &webhook_endpoint_entity,
      .may = "webhook_endpoint.update", .target = webhook_target, .write = resume,
      .flags = ROUTE_OPTIONAL_BODY, .summary = "Send it what waited, and what happens" },
    { GET, ENDPOINT "/secret", .entity = &webhook_endpoint_entity, .answer = &webhook_secret_entity,
      .may = "webhook_endpoint.secret", .target = webhook_target, .read = tell_secret,
      .summary = "Tell what its signatures are made with" },
    { POST, ENDPOINT "/rotate-secret", .entity = &webhook_endpoint_entity,
      .answer = &webhook_secret_entity, .may = "webhook_endpoint.secret", .target = webhook_target,
      .write = rotate, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Make a new secret; the one before signs, too, for 24 hours" },
    { 0 },
};

static enum status answer(struct tx *tx, struct reply *rp, const struct webhook_endpoint *endpoint);
static enum status answer_secret(struct tx *tx, struct reply *rp,
                                 struct webhook_endpoint *endpoint);
static enum status check(struct tx *tx, struct webhook_endpoint *wish, uint64_t *given);

enum status webhook_target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct webhook_endpoint *endpoint = arena_new(tx->arena, struct webhook_endpoint),
                            *wish = arena_new(tx->arena, struct webhook_endpoint);
    struct scope scope;

    if (webhook_endpoint_load(tx, rq->target_id, endpoint) != ST_OK ||
        policy_scope(tx, "webhook_endpoint", &scope) != ST_OK)
        return tx_status(tx);
    if (!webhook_endpoint_is_in_scope(tx, endpoint->id, &scope))
        return tx_not_found(tx);
    *subject =
        (struct subject){ .entity = &webhook_endpoint_entity, .row = endpoint, .id = endpoint->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &webhook_endpoint_entity, JSON_PATCH, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct webhook_endpoint *wish = arena_new(tx->arena, struct webhook_endpoint);

    body_read(tx, rq, &webhook_endpoint_entity, JSON_CREATE, wish, &subject->given);
    subject->entity = &webhook_endpoint_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &webhook_endpoint_entity,
                              .columns = &webhook_endpoint_columns };
    struct webhook_endpoint *endpoints;
    struct list wanted;

    if (list_read(tx, rq, &webhook_endpoint_entity, &webhook_endpoint_columns, &wanted) != ST_OK ||
        webhook_endpoint_list(tx, &wanted, &endpoints, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = endpoints;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(endpoints[wanted.limit - 1].seq)));
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return answer(tx, rp, tx->subject->row);
}

/* The answer has the secret, and is not kept for a repeated Idempotency-Key. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct webhook_endpoint endpoint = *(const struct webhook_endpoint *)tx->subject->change;
    uint64_t given = tx->subject->given;

    (void)rq;
    if (policy_filter(tx, "webhook_endpoint.create", &webhook_endpoint_entity, NULL, &endpoint,
                      &given) != ST_OK ||
        check(tx, &endpoint, &given) != ST_OK || webhook_endpoint_create(tx, &endpoint) != ST_OK)
        return tx_status(tx);
    webhook_record(tx, "webhook_endpoint.created", "webhook_endpoint.create", NULL, &endpoint);
    rp->entity_id = endpoint.id;
    rp->has_secret = true;
    webhook_endpoint_tell_secrets(tx, &endpoint);
    return answer(tx, rp, &endpoint);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *before = tx->subject->row;
    struct webhook_endpoint wish = *(const struct webhook_endpoint *)tx->subject->change;
    struct webhook_endpoint endpoint = *before;
    uint64_t given = tx->subject->given;

    (void)rq;
    if (policy_filter(tx, "webhook_endpoint.update", &webhook_endpoint_entity, before, &wish,
                      &given) != ST_OK ||
        check(tx, &wish, &given) != ST_OK)
        return tx_status(tx);
    body_apply(&webhook_endpoint_entity, &wish, given, &endpoint);
    if (webhook_endpoint_update(tx, &endpoint) != ST_OK)
        return tx_status(tx);
    webhook_record(tx, "webhook_endpoint.updated", "webhook_endpoint.update", before, &endpoint);
    return answer(tx, rp, &endpoint);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *endpoint = tx->subject->row;
    uint64_t given = 0;

    (void)rq;
    if (policy_filter(tx, "webhook_endpoint.delete", &webhook_endpoint_entity, endpoint,
                      &(struct webhook_endpoint){ 0 }, &given) != ST_OK ||
        webhook_endpoint_delete(tx, endpoint) != ST_OK)
        return tx_status(tx);
    webhook_record(tx, "webhook_endpoint.deleted", "webhook_endpoint.delete", endpoint, NULL);
    return reply_deleted(tx, rp, object[0], endpoint->id);
}

/* Of one that is paused nothing changes, the reason neither: whoever paused it first knew why. */
static enum status pause(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *before = tx->subject->row;
    struct webhook_endpoint endpoint = *before;
    struct pause_body body = { .reason = STR_NONE };
    uint64_t given = 0;

    if (body_read(tx, rq, &pause_entity, JSON_CREATE, &body, &given) != ST_OK)
        return tx_status(tx);
    if (str_is_absent(body.reason))
        body.reason = STR("Paused by hand.");
    if (webhook_endpoint_pause(tx, &endpoint, body.reason))
        webhook_record(tx, "webhook_endpoint.paused", "webhook_endpoint.update", before, &endpoint);
    return answer(tx, rp, &endpoint);
}

static enum status resume(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *before = tx->subject->row;
    struct webhook_endpoint endpoint = *before;

    if (body_none(tx, rq) != ST_OK)
        return tx_status(tx);
    if (webhook_endpoint_resume(tx, &endpoint))
        webhook_record(tx, "webhook_endpoint.resumed", "webhook_endpoint.update", before,
                       &endpoint);
    return answer(tx, rp, &endpoint);
}

static enum status tell_secret(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct webhook_endpoint endpoint = *(const struct webhook_endpoint *)tx->subject->row;

    (void)rq;
    return answer_secret(tx, rp, &endpoint);
}

static enum status rotate(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct webhook_endpoint *before = tx->subject->row;
    struct webhook_endpoint endpoint = *before;

    if (body_none(tx, rq) != ST_OK || webhook_endpoint_rotate(tx, &endpoint) != ST_OK)
        return tx_status(tx);
    webhook_record(tx, "webhook_endpoint.updated", "webhook_endpoint.rotate", before, &endpoint);
    return answer_secret(tx, rp, &endpoint);
}

/* A filter may have changed what was checked, so it comes after. */
static enum status check(struct tx *tx, struct webhook_endpoint *wish, uint64_t *given)
{
    if (body_gave(&webhook_endpoint_entity, *given, "url"))
        webhook_check_url(tx, wish->url);
    if (body_gave(&webhook_endpoint_entity, *given, "events"))
        webhook_check_events(tx, wish->events);
    return tx_status(tx);
}

enum status webhook_record(struct tx *tx, const char *event, const char *action,
                           const struct webhook_endpoint *before,
                           const struct webhook_endpoint *after)
{
    struct uuid id = after ? after->id : before->id;

    if (event)
        tx_event(tx, event, "webhook_endpoint", id,
                 record_payload(tx, &webhook_endpoint_entity, before, after));
    tx_audit(tx, action, "webhook_endpoint", id,
             record_detail(tx, &webhook_endpoint_entity, before, after));
    return tx_status(tx);
}

static enum status answer(struct tx *tx, struct reply *rp, const struct webhook_endpoint *endpoint)
{
    return reply_row(tx, rp, 200, &webhook_endpoint_entity, endpoint);
}

static enum status answer_secret(struct tx *tx, struct reply *rp, struct webhook_endpoint *endpoint)
{
    webhook_endpoint_tell_secrets(tx, endpoint);
    if (str_is_absent(endpoint->secret_before))
        endpoint->before_until = 0;
    rp->has_secret = true;
    return reply_row(tx, rp, 200, &webhook_secret_entity, endpoint);
}

/* Operations: how they are begun, read, listed and cancelled. Working them off is exec/piece.c. */
#include "api/operations.h"

#include "api/body.h"
#include "api/list.h"
#include "api/site.h"
#include "base/check.h"
#include "store/record.h"

#include <stddef.h>

static route_target target;
static route_phase list, read_one, cancel, verdicts;

static const char *const object[] = { "operation", NULL };
static const char *const statuses[] = { "queued", "running", "done", "cancelled", "failed", NULL };

#define AT(member) offsetof(struct operation, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"operation\"." },
    { "kind", FIELD_TEXT, FIELD_FILTER, AT(kind), 0, 0, NULL, "kind",
      "What is done: the action of the request that began it, company.delete_clients." },
    { "status", FIELD_ENUM, FIELD_FILTER, AT(status), 0, 0, statuses, "status",
      "queued, running, done (every item has its verdict), cancelled, or failed (it could not go "
      "on: errorCode)." },
    { "total", FIELD_INT, 0, AT(total), 0, 0, NULL, NULL, "How many items it has." },
    { "done", FIELD_INT, 0, AT(done), 0, 0, NULL, NULL,
      "How many have their verdict, refused ones too." },
    { "failed", FIELD_INT, 0, AT(failed), 0, 0, NULL, NULL,
      "How many of these were refused: /verdicts?ok=false says why." },
    { "errorCode", FIELD_TEXT, 0, AT(error_code), 0, 0, NULL, NULL,
      "Why it failed as a whole, for programs; null: it did not." },
    { "errorMessage", FIELD_TEXT, 0, AT(error_message), 0, 0, NULL, NULL, "The same for people." },
    { "subjectId", FIELD_ID, 0, AT(subject), 0, 0, NULL, NULL,
      "What it is about, the company; null: nothing beside its items." },
    { "actorType", FIELD_TEXT, 0, AT(actor_kind), 0, 0, NULL, NULL, "Kind of who asked." },
    { "actorId", FIELD_ID, 0, AT(actor_id), 0, 0, NULL, NULL,
      "Who asked: each item is done with the rights that he has when it is." },
    { "onBehalfOfId", FIELD_ID, 0, AT(behalf_id), 0, 0, NULL, NULL, "For a key: its owner." },
    { "requestId", FIELD_TEXT, 0, AT(request_id), 0, 0, NULL, NULL,
      "Of the request that began it; events and audit entries of the items have it, too." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was asked for." },
    { "startedAt", FIELD_TIME, 0, AT(started_at), 0, 0, NULL, NULL, "When the first item was." },
    { "endedAt", FIELD_TIME, 0, AT(ended_at), 0, 0, NULL, NULL,
      "When it ended; 30 days later it is forgotten." },
    { "url", FIELD_URL, 0, AT(url), 0, 0, NULL, NULL, "Where this is told." },
    { 0 },
};
const struct entity operation_entity = { "operation", fields, sizeof(struct operation) };

static const char *const verdict_object[] = { "verdict", NULL };

#define OF(member) offsetof(struct item_verdict, member)
static const struct field verdict_fields[] = {
    { "id", FIELD_ID, 0, OF(item), 0, 0, NULL, NULL, "Of the item: of the client." },
    { "object", FIELD_CONST, 0, 0, 0, 0, verdict_object, NULL, "Always \"verdict\"." },
    { "number", FIELD_INT, FIELD_SORT, OF(number), 0, 0, NULL, NULL,
      "Place among the items, from 1." },
    { "ok", FIELD_BOOL, FIELD_FILTER, OF(ok), 0, 0, NULL, NULL, "Whether it was done." },
    { "code", FIELD_TEXT, 0, OF(code), 0, 0, NULL, NULL, "Why it was refused, for programs." },
    { "message", FIELD_TEXT, 0, OF(message), 0, 0, NULL, NULL, "The same for people." },
    { 0 },
};
const struct entity verdict_entity = { "verdict", verdict_fields, sizeof(struct item_verdict) };

const struct route operation_routes[] = {
    { GET, "/v1/operations", .entity = &operation_entity, .may = "operation.list", .read = list,
      .flags = ROUTE_LIST, .summary = "List operations: work on many things" },
    { GET, "/v1/operations/{id}", .entity = &operation_entity, .may = "operation.read",
      .target = target, .read = read_one, .summary = "Retrieve how far an operation is" },
    { GET, "/v1/operations/{id}/verdicts", .entity = &verdict_entity, .may = "operation.read",
      .target = target, .read = verdicts, .flags = ROUTE_LIST | ROUTE_INSIDE,
      .summary = "List what became of each item" },
    { POST, "/v1/operations/{id}/cancel", .entity = &operation_entity, .may = "operation.cancel",
      .target = target, .write = cancel, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Leave the rest undone; what is done stays" },
    { 0 },
};

static enum status do_at_once(struct tx *tx, const struct operation *operation, struct ids items,
                              struct reply *rp);
static void show(struct tx *tx, struct operation *operation);
static enum status answer(struct tx *tx, struct reply *rp, int status, struct operation *operation);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct operation *operation = arena_new(tx->arena, struct operation);
    struct scope scope;

    if (operation_load(tx, rq->target_id, operation) != ST_OK ||
        policy_scope(tx, "operation", &scope) != ST_OK)
        return tx_status(tx);
    if (!operation_is_in_scope(tx, operation->id, &scope))
        return tx_not_found(tx);
    *subject =
        (struct subject){ .entity = &operation_entity, .row = operation, .id = operation->id };
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &operation_entity, .columns = &operation_columns };
    struct list wanted;
    struct operation *operations;

    if (list_read(tx, rq, &operation_entity, &operation_columns, &wanted) != ST_OK ||
        operation_list(tx, &wanted, &operations, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = operations;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(operations[wanted.limit - 1].seq)));
    for (size_t i = 0; i < page.count; i++)
        show(tx, &operations[i]);
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct operation operation = *(const struct operation *)tx->subject->row;

    (void)rq;
    return answer(tx, rp, 200, &operation);
}

static enum status verdicts(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct operation *operation = tx->subject->row;
    struct list_page page = { .entity = &verdict_entity,
                              .columns = &verdict_columns,
                              .total = verdict_count };
    struct list wanted;
    struct item_verdict *all;

    if (list_read_inside(tx, rq, &verdict_entity, &verdict_columns, &wanted) != ST_OK)
        return tx_status(tx);
    verdict_list_of(&wanted, operation);
    if (verdict_list(tx, &wanted, &all, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = all;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(all[wanted.limit - 1].number)));
    return list_reply(tx, rq, &wanted, &page, rp);
}

/* ST_CONFLICT: it has ended. */
static enum status cancel(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct operation before = *(const struct operation *)tx->subject->row, operation = before;

    if (body_none(tx, rq) != ST_OK || operation_cancel(tx, &operation) != ST_OK)
        return tx_status(tx);
    operation_tell(tx, "operation.cancelled", &operation);
    tx_audit(tx, "operation.cancel", "operation", operation.id,
             record_detail(tx, &operation_entity, &before, &operation));
    return answer(tx, rp, 200, &operation);
}

enum status operation_start(struct tx *tx, struct operation *operation, struct ids items,
                            struct reply *rp)
{
    PRE(operation_kind_find(operation->kind));
    if (operation_create(tx, operation, items) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "operation.create", "operation", operation->id,
             record_detail(tx, &operation_entity, NULL, operation));
    rp->entity_id = operation->id;
    operation_headers(rp, tx->arena, operation->id);
    return answer(tx, rp, 202, operation);
}

enum status operation_do(struct tx *tx, struct operation *operation, struct ids items,
                         struct reply *rp)
{
    return items.count > OPERATION_AT_ONCE ? operation_start(tx, operation, items, rp)
                                           : do_at_once(tx, operation, items, rp);
}

enum status operation_input(struct tx *tx, const struct operation *operation,
                            const struct entity *entity, void *row)
{
    struct json_t *json = NULL;
    uint64_t given = 0;
    enum status status = json_parse(operation->input, tx->arena, &json, &tx->failure);

    if (status == ST_OK)
        status = json_read(entity, json, JSON_PATCH, tx->arena, row, &given, &tx->failure);
    json_free(json);
    if (status != ST_OK)
        tx_fail(tx, status, NULL, "%s", status_text(status)); /* makes it stick */
    return tx_status(tx);
}

void operation_headers(struct reply *rp, struct arena *arena, struct uuid id)
{
    char text[UUID_TEXT];

    uuid_format(id, text);
    reply_header(rp, "Location", site_link(arena, "/v1/operations/", str_from(text)));
    reply_header(rp, "Retry-After", STR("1"));
}

void operation_tell(struct tx *tx, const char *event, struct operation *operation)
{
    show(tx, operation);
    tx_event(tx, event, "operation", operation->id,
             record_payload(tx, &operation_entity, NULL, operation));
}

static enum status do_at_once(struct tx *tx, const struct operation *operation, struct ids items,
                              struct reply *rp)
{
    const struct operation_kind *kind = operation_kind_find(operation->kind);
    struct buf *out = reply_json(rp, 200);

    PRE(kind);
    buf_text(out, "{\"object\":\"verdicts\",\"data\":[");
    for (size_t i = 0; i < items.count; i++) {
        struct item_verdict verdict = { .number = (int64_t)i + 1, .item = items.at[i], .ok = true };
        struct failure failure;
        enum status status;

        tx_item_begin(tx);
        kind->item(tx, operation, items.at[i]);
        status = tx_item_end(tx, &failure);
        if (tx_status(tx) != ST_OK)
            return tx_status(tx);
        verdict.ok = status == ST_OK;
        if (!verdict.ok)
            verdict_words(status, &failure, &verdict.code, &verdict.message);
        if (i)
            buf_char(out, ',');
        json_write(&verdict_entity, &verdict, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static void show(struct tx *tx, struct operation *operation)
{
    char text[UUID_TEXT];

    uuid_format(operation->id, text);
    operation->url = site_link(tx->arena, "/v1/operations/", str_from(text));
}

static enum status answer(struct tx *tx, struct reply *rp, int status, struct operation *operation)
{
    show(tx, operation);
    if (tx_status(tx) == ST_OK)
        json_write(&operation_entity, operation, ~UINT64_C(0), reply_json(rp, status));
    return tx_status(tx);
}

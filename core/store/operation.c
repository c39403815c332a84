/* Operation: rows of `operations` as requests make, read and cancel them. */
#include "store/operation.h"

#include "base/check.h"
#include "store/operation_row.h"

#define BY_ACTOR                                                                                   \
    "SELECT seq FROM operations WHERE workspace = $1 AND actor_id = %s"                            \
    " UNION ALL SELECT seq FROM operations WHERE workspace = $1 AND behalf_id = %s"

static const struct list_sort sorts[] = { { "createdAt", { "t.seq" } }, { 0 } };
static const struct filter filters[] = {
    { "kind", FILTER_TEXT, "t.kind = %s", NULL },
    { "status", FILTER_ENUM, "t.status = %s", NULL },
    { 0 },
};

const struct list_columns operation_columns = {
    .select = OPERATION_SELECT,
    .from = "FROM operations t",
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
    .scope = {
        .row = { .own = "(t.actor_id = %s OR t.behalf_id = %s)", .ids = "has_id(%s, t.id)" },
        .rows = { .own = BY_ACTOR,
                  .ids = "SELECT o.seq FROM ids(%s) i CROSS JOIN operations o"
                         " ON o.workspace = $1 AND o.id = i.id" },
    },
};

static const struct list_sort verdict_sorts[] = { { "number", { "t.number" } }, { 0 } };
static const struct filter verdict_filters[] = {
    { "ok", FILTER_BOOL, "t.ok = 1", "t.ok = 0" },
    { 0 },
};

const struct list_columns verdict_columns = {
    .select = "SELECT t.number, t.item, t.ok, t.code, t.message",
    .from = "FROM operation_verdicts t",
    .where = "t.workspace = $1",
    .filters = verdict_filters,
    .sorts = verdict_sorts,
};

enum status operation_create(struct tx *tx, struct operation *operation, struct ids items)
{
    const struct actor *actor = &tx->actor;

    operation->id = tx_id(tx);
    operation->created_at = tx_now(tx);
    operation->total = (int64_t)items.count;
    operation->status = OPERATION_QUEUED;
    operation->actor_kind = str_from(actor_kind_name(actor->kind));
    operation->actor_id = actor->id;
    operation->behalf_id = actor->behalf_id;
    operation->road = str_from(actor->road ? actor->road : "system");
    operation->peer = tx->peer;
    operation->request_id = tx->request_id;
    query_run(tx,
              "INSERT INTO operations (workspace, id, kind, subject, input, total, actor_kind,"
              " actor_id, behalf_id, road, peer, request_id, created_at)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
              ARGS(arg_int(tx->workspace), arg_id(operation->id), arg_text(operation->kind),
                   arg_id(operation->subject), arg_text(operation->input),
                   arg_int(operation->total), arg_text(operation->actor_kind),
                   arg_id(operation->actor_id), arg_id(operation->behalf_id),
                   arg_text(operation->road), arg_text(operation->peer),
                   arg_text(operation->request_id), arg_int(operation->created_at)));
    operation->seq = query_last_seq(tx);
    if (tx->event_depth > 0)
        query_run(tx, "UPDATE operations SET event_depth = $2 WHERE seq = $1",
                  ARGS(arg_int(operation->seq), arg_int(tx->event_depth)));
    for (size_t from = 0; from < items.count; from += OPERATION_PART) {
        size_t count = items.count - from < OPERATION_PART ? items.count - from : OPERATION_PART;

        query_run(tx,
                  "INSERT INTO operation_lists (workspace, operation, part, ids)"
                  " VALUES ($1, $2, $3, $4)",
                  ARGS(arg_int(tx->workspace), arg_int(operation->seq),
                       arg_int((int64_t)(from / OPERATION_PART)),
                       arg_blob(items.at + from, count * sizeof(struct uuid))));
    }
    tx->effects.operations = 1;
    return tx_status(tx);
}

enum status operation_load(struct tx *tx, struct uuid id, struct operation *operation)
{
    struct query q =
        query_open(tx, OPERATION_SELECT " FROM operations t WHERE t.workspace = $1 AND t.id = $2",
                   ARGS(arg_int(tx->workspace), arg_id(id)));
    bool found = query_next(&q);

    if (found)
        operation_read_row(&q, operation);
    query_close(&q);
    return found ? tx_status(tx) : tx_not_found(tx);
}

enum status operation_list(struct tx *tx, const struct list *list, struct operation **operations,
                           size_t *count)
{
    struct query q = list_open(tx, &operation_columns, list);

    *operations = arena_array(tx->arena, struct operation, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        operation_read_row(&q, &(*operations)[*count]);
    query_close(&q);
    return tx_status(tx);
}

bool operation_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &operation_columns, scope, id);
}

enum status operation_cancel(struct tx *tx, struct operation *operation)
{
    if (query_run(
            tx,
            "UPDATE operations SET status = $2, ended_at = $3 WHERE seq = $1"
            " AND ended_at IS NULL",
            ARGS(arg_int(operation->seq), arg_int(OPERATION_CANCELLED), arg_int(tx_now(tx)))) == 0)
        return tx_fail(tx, ST_CONFLICT, "operation_over",
                       "This operation has ended: there is nothing left to cancel.");
    operation_drop_list(tx, operation);
    return operation_load(tx, operation->id, operation);
}

void verdict_list_of(struct list *list, const struct operation *operation)
{
    NEVER(list->filter_count == LIST_FILTERS);
    list->filters[list->filter_count++] =
        (struct list_filter){ "t.operation = %s", arg_int(operation->seq), false };
}

enum status verdict_list(struct tx *tx, const struct list *list, struct item_verdict **verdicts,
                         size_t *count)
{
    struct query q = list_open(tx, &verdict_columns, list);

    *verdicts = arena_array(tx->arena, struct item_verdict, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        (*verdicts)[*count] = (struct item_verdict){ .number = query_int(&q, 0),
                                                     .item = query_id(&q, 1),
                                                     .ok = query_bool(&q, 2),
                                                     .code = query_text(&q, 3),
                                                     .message = query_text(&q, 4) };
    query_close(&q);
    return tx_status(tx);
}

int64_t verdict_count(struct tx *tx, const struct list *list)
{
    return list_count(tx, &verdict_columns, list);
}

void operation_read_row(struct query *q, struct operation *operation)
{
    *operation = (struct operation){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .kind = query_text(q, 2),
        .status = (int)query_int(q, 3),
        .subject = query_id(q, 4),
        .input = query_text(q, 5),
        .total = query_int(q, 6),
        .done = query_int(q, 7),
        .failed = query_int(q, 8),
        .error_code = query_text(q, 9),
        .error_message = query_text(q, 10),
        .actor_kind = query_text(q, 11),
        .actor_id = query_id(q, 12),
        .behalf_id = query_id(q, 13),
        .road = query_text(q, 14),
        .peer = query_text(q, 15),
        .request_id = query_text(q, 16),
        .created_at = query_int(q, 17),
        .started_at = query_int(q, 18),
        .ended_at = query_int(q, 19),
        .event_depth = query_int(q, 20),
    };
}

void operation_drop_list(struct tx *tx, const struct operation *operation)
{
    query_run(tx, "DELETE FROM operation_lists WHERE workspace = $1 AND operation = $2",
              ARGS(arg_int(tx->workspace), arg_int(operation->seq)));
}

/* Decisions: pages of `decisions`. */
#include "store/decisions.h"

static const struct list_sort sorts[] = { { "createdAt", { "t.seq" } }, { 0 } };

static const struct filter filters[] = {
    { "action", FILTER_TEXT, "t.action = %s", NULL },
    { "verdict", FILTER_TEXT, "t.verdict = %s", NULL },
    { "actorId", FILTER_ID, "t.actor_id = %s", NULL },
    { "entityId", FILTER_ID, "t.entity_id = %s", NULL },
    { "requestId", FILTER_TEXT, "t.request_id = %s", NULL },
    { 0 },
};

const struct list_columns decision_columns = {
    .select = "SELECT t.seq, t.at, t.request_id, t.actor_kind, t.actor_id, t.action, t.entity_id,"
              " t.verdict, t.code, t.reason, t.rule, t.reads, t.nanoseconds",
    .from = "FROM decisions t",
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
};

enum status decision_list(struct tx *tx, const struct list *list, struct decision_row **rows,
                          size_t *count)
{
    struct query q = list_open(tx, &decision_columns, list);

    *rows = arena_array(tx->arena, struct decision_row, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        (*rows)[*count] = (struct decision_row){
            .seq = query_int(&q, 0),
            .at = query_int(&q, 1),
            .request_id = query_text(&q, 2),
            .actor_kind = query_text(&q, 3),
            .actor_id = query_id(&q, 4),
            .action = query_text(&q, 5),
            .entity_id = query_id(&q, 6),
            .verdict = query_text(&q, 7),
            .code = query_text(&q, 8),
            .reason = query_text(&q, 9),
            .rule = query_text(&q, 10),
            .reads = query_text(&q, 11),
            .nanoseconds = query_int(&q, 12),
        };
    query_close(&q);
    return tx_status(tx);
}

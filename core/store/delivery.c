/* Delivery: rows of `deliveries` as requests read and replay them. */
#include "store/delivery.h"

#include "store/delivery_row.h"

static const struct list_sort sorts[] = { { "createdAt", { "t.seq" } }, { 0 } };
static const struct filter filters[] = {
    { "status", FILTER_ENUM, "t.status = %s", NULL },
    { "plugin", FILTER_TEXT, "t.plugin = %s", NULL },
    { "handler", FILTER_TEXT, "t.handler = %s", NULL },
    { "event", FILTER_TEXT, "t.event = %s", NULL },
    { "entityId", FILTER_ID, "t.key = %s", NULL },
    { "requestId", FILTER_TEXT, "t.request_id = %s", NULL },
    { 0 },
};

const struct list_columns delivery_columns = {
    .select = DELIVERY_SELECT,
    .from = "FROM deliveries t",
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
};

enum status delivery_load(struct tx *tx, struct uuid id, struct delivery *delivery)
{
    struct query q =
        query_open(tx, DELIVERY_SELECT " FROM deliveries t WHERE t.workspace = $1 AND t.id = $2",
                   ARGS(arg_int(tx->workspace), arg_id(id)));
    bool found = query_next(&q);

    if (found)
        delivery_read_row(&q, delivery);
    query_close(&q);
    return found ? tx_status(tx) : tx_not_found(tx);
}

enum status delivery_list(struct tx *tx, const struct list *list, struct delivery **deliveries,
                          size_t *count)
{
    struct query q = list_open(tx, &delivery_columns, list);

    *deliveries = arena_array(tx->arena, struct delivery, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        delivery_read_row(&q, &(*deliveries)[*count]);
    query_close(&q);
    return tx_status(tx);
}

/* Whoever has the turn of its key goes on now, so that it need not wait for hours behind him. */
enum status delivery_replay(struct tx *tx, struct delivery *delivery)
{
    if (delivery->status == DELIVERY_DONE)
        query_run(tx, "DELETE FROM delivery_steps WHERE delivery = $1",
                  ARGS(arg_int(delivery->seq)));
    query_run(tx, "UPDATE deliveries SET status = 0, attempts = 0, ended_at = NULL WHERE seq = $1",
              ARGS(arg_int(delivery->seq)));
    query_run(tx,
              "UPDATE deliveries SET due_at = $5 WHERE workspace = $1 AND plugin = $2"
              " AND handler = $3 AND key = $4 AND due_at > $5",
              ARGS(arg_int(tx->workspace), arg_text(delivery->plugin), arg_text(delivery->handler),
                   arg_id(delivery->key), arg_int(tx_now(tx))));
    delivery_next_turn(tx, delivery);
    tx->effects.deliveries = 1;
    return delivery_load(tx, delivery->id, delivery);
}

void delivery_next_turn(struct tx *tx, const struct delivery *delivery)
{
    query_run(tx,
              "UPDATE deliveries SET due_at = $5 WHERE seq ="
              " (SELECT min(seq) FROM deliveries WHERE workspace = $1 AND plugin = $2"
              " AND handler = $3 AND key = $4 AND ended_at IS NULL)"
              " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE workspace = $1 AND plugin = $2"
              " AND handler = $3 AND key = $4 AND due_at IS NOT NULL)",
              ARGS(arg_int(tx->workspace), arg_text(delivery->plugin), arg_text(delivery->handler),
                   arg_id(delivery->key), arg_int(tx_now(tx))));
}

void delivery_read_row(struct query *q, struct delivery *delivery)
{
    *delivery = (struct delivery){
        .seq = query_int(q, 0),
        .workspace = query_int(q, 1),
        .id = query_id(q, 2),
        .plugin = query_text(q, 3),
        .handler = query_text(q, 4),
        .event = query_text(q, 5),
        .event_seq = query_int(q, 6),
        .entity = query_text(q, 7),
        .key = query_id(q, 8),
        .depth = query_int(q, 9),
        .status = (int)query_int(q, 10),
        .attempts = query_int(q, 11),
        .due_at = query_int(q, 12),
        .error_message = query_text(q, 13),
        .error_where = query_text(q, 14),
        .request_id = query_text(q, 15),
        .created_at = query_int(q, 16),
        .tried_at = query_int(q, 17),
        .ended_at = query_int(q, 18),
    };
}

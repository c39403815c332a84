/* Audit: pages of `audit`. */
#include "store/audit.h"

#include "base/bytes.h"

static const struct list_sort sorts[] = { { "createdAt", { "t.seq" } }, { 0 } };

static const struct filter filters[] = {
    { "entityId", FILTER_ID, "t.entity_id = %s", NULL },
    { "action", FILTER_TEXT, "t.action = %s", NULL },
    { 0 },
};

const struct list_columns audit_columns = {
    .select =
        "SELECT t.seq, t.action, t.entity, t.entity_id, t.actor_kind, t.actor_id, t.behalf_kind,"
        " t.behalf_id, t.road, t.peer, t.request_id, t.detail, t.seal, t.created_at",
    .from = "FROM audit t",
    .where = "t.workspace = $1",
    .filters = filters,
    .sorts = sorts,
};

enum status audit_list(struct tx *tx, const struct list *list, struct audit_entry **entries,
                       size_t *count)
{
    struct query q = list_open(tx, &audit_columns, list);

    *entries = arena_array(tx->arena, struct audit_entry, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++) {
        struct str seal = query_blob(&q, 12);

        (*entries)[*count] = (struct audit_entry){
            .seq = query_int(&q, 0),
            .action = query_text(&q, 1),
            .entity = query_text(&q, 2),
            .entity_id = query_id(&q, 3),
            .actor_kind = query_text(&q, 4),
            .actor_id = query_id(&q, 5),
            .behalf_kind = query_text(&q, 6),
            .behalf_id = query_id(&q, 7),
            .road = query_text(&q, 8),
            .peer = query_text(&q, 9),
            .request_id = query_text(&q, 10),
            .detail = query_text(&q, 11),
            .seal = str_is_absent(seal) ? STR_NONE : bytes_to_hex(tx->arena, seal.at, seal.len),
            .created_at = query_int(&q, 13),
        };
    }
    query_close(&q);
    return tx_status(tx);
}

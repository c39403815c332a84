/* Membership: rows of `memberships`, read with their company, and their roles. */
#include "store/membership.h"

#include "store/company.h"
#include "store/query.h"

#define SELECT                                                                                     \
    "SELECT t.id, c.id, c.name, c.is_placeholder, m.role, m.created_at FROM clients t"             \
    " CROSS JOIN memberships m ON m.workspace = $1 AND m.client = t.seq"                           \
    " CROSS JOIN companies c ON c.seq = m.company"                                                 \
    " WHERE t.workspace = $1 AND t.id = $2 AND t.archived_at IS NULL"

static void read_row(struct query *q, struct membership *membership);

bool membership_find(struct tx *tx, struct uuid client, struct uuid company,
                     struct membership *membership)
{
    struct query q = query_open(tx, SELECT " AND c.id = $3",
                                ARGS(arg_int(tx->workspace), arg_id(client), arg_id(company)));
    bool found = query_next(&q);

    if (found)
        read_row(&q, membership);
    query_close(&q);
    return found;
}

enum status membership_list(struct tx *tx, struct uuid client, struct membership **memberships,
                            size_t *count)
{
    struct query q = query_open(tx, SELECT " ORDER BY instr(t.company_ids, c.id)",
                                ARGS(arg_int(tx->workspace), arg_id(client)));

    *memberships = arena_array(tx->arena, struct membership, COMPANIES_OF_CLIENT);
    for (*count = 0; *count < COMPANIES_OF_CLIENT && query_next(&q); (*count)++)
        read_row(&q, &(*memberships)[*count]);
    query_close(&q);
    return tx_status(tx);
}

enum status membership_set_role(struct tx *tx, const struct membership *membership)
{
    if (query_run(tx,
                  "UPDATE memberships SET role = $4 WHERE workspace = $1"
                  " AND client = (SELECT seq FROM clients WHERE workspace = $1 AND id = $2)"
                  " AND company = (SELECT seq FROM companies WHERE workspace = $1 AND id = $3)",
                  ARGS(arg_int(tx->workspace), arg_id(membership->client_id),
                       arg_id(membership->company_id), arg_text(membership->role))) == 0)
        return tx_not_found(tx);
    return tx_status(tx);
}

bool membership_is_role(struct str role)
{
    for (size_t i = 0; i < role.len; i++) {
        char c = role.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return role.len > 0;
}

static void read_row(struct query *q, struct membership *membership)
{
    *membership = (struct membership){
        .client_id = query_id(q, 0),
        .company_id = query_id(q, 1),
        .company_name = query_text(q, 2),
        .is_placeholder = query_bool(q, 3),
        .role = query_text(q, 4),
        .created_at = query_int(q, 5),
    };
}

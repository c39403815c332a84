/* Company change: what becomes of a company that is made or changed, and of the clients of one that is
 * deleted, step by step. */
#include "api/companies.h"

#include "api/clients.h"
#include "api/message_channels.h"
#include "policy/policy.h"
#include "store/workspace.h"

static void tell(struct tx *tx, const struct client_moves *moves);

enum status companies_are_on(struct tx *tx)
{
    struct workspace workspace;

    if (workspace_load(tx, &workspace) == ST_OK && !workspace.companies_enabled)
        tx_fail(tx, ST_NOT_FOUND, "companies_disabled",
                "This workspace has no companies: switch them on by isCompaniesEnabled.");
    return tx_status(tx);
}

enum status company_visible(struct tx *tx, struct uuid id, struct company *company)
{
    struct scope scope;

    if (company_load(tx, id, company) != ST_OK || policy_scope(tx, "company", &scope) != ST_OK)
        return tx_status(tx);
    return company_is_in_scope(tx, id, &scope) ? tx_status(tx) : tx_not_found(tx);
}

size_t company_delete_step(struct tx *tx, const struct company *company, size_t most)
{
    struct arena_mark mark = arena_mark(tx->arena);
    struct client_moves moves;
    size_t taken = channel_end_some(tx, company->seq, most);

    if (taken < most && tx_status(tx) == ST_OK) {
        taken = company_delete_some(tx, company, true, most, &moves);
        tell(tx, &moves);
    }
    if (tx_status(tx) != ST_OK) /* the failure lies in the arena */
        return 0;
    arena_rewind(tx->arena, mark);
    return taken;
}

size_t company_house_step(struct tx *tx, int64_t *after, size_t most)
{
    struct arena_mark mark = arena_mark(tx->arena);
    struct client_moves moves;
    size_t looked = company_house_some(tx, after, most, &moves);

    tell(tx, &moves);
    if (tx_status(tx) != ST_OK)
        return 0;
    arena_rewind(tx->arena, mark);
    return looked;
}

enum status companies_switched(struct tx *tx, bool was_on, bool is_on)
{
    int64_t after = 0;

    if (!was_on && is_on)
        while (company_house_step(tx, &after, COMPANY_STEP) == COMPANY_STEP)
            ;
    return tx_status(tx);
}

static void tell(struct tx *tx, const struct client_moves *moves)
{
    for (size_t i = 0; i < moves->count && tx_status(tx) == ST_OK; i++)
        client_record(tx, &moves->before[i], &moves->after[i]);
}

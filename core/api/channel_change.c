/* Channel change: what the rules of channels make of a channel that is asked for. */
#include "api/message_channels.h"

#include "api/list.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

static void take_old_name(struct tx *tx, struct channel *wish);
static void settle_individual(struct tx *tx, struct channel *wish);
static void settle_company(struct tx *tx, struct channel *wish);
static void settle_group(struct tx *tx, struct channel *wish, int64_t **members);
static bool sort_members(struct tx *tx, struct ids *ids);
static void find_members(struct tx *tx, struct ids ids, int64_t *members);
static bool find_company(struct tx *tx, const int64_t *members, size_t count, struct channel *wish);
static void other_company(struct tx *tx);
static int compare(const void *a, const void *b);

enum status channel_settle(struct tx *tx, struct channel *wish, int64_t **members)
{
    struct workspace workspace;

    if (workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    if (wish->kind != CHANNEL_INDIVIDUAL && !workspace.companies_enabled)
        return tx_fail(tx, ST_UNPROCESSABLE, "companies_disabled",
                       "This workspace has no companies, and so individual channels only.");
    take_old_name(tx, wish);
    wish->seq = wish->client = wish->company = 0;
    if (wish->kind != CHANNEL_INDIVIDUAL && !uuid_is_none(wish->client_id))
        tx_fail_field(tx, ST_INVALID, "clientId", "individual_only",
                      "Only an individual channel is of one client: leave it out.");
    if (wish->kind == CHANNEL_INDIVIDUAL)
        settle_individual(tx, wish);
    else if (wish->kind == CHANNEL_COMPANY)
        settle_company(tx, wish);
    else
        settle_group(tx, wish, members);
    return tx_status(tx);
}

enum status channel_settle_members(struct tx *tx, const struct channel *before,
                                   struct channel *wish, int64_t **members)
{
    size_t count = wish->member_ids.count;

    *members = arena_array(tx->arena, int64_t, count);
    if (channel_own_members(tx, before) != ST_OK || !sort_members(tx, &wish->member_ids))
        return tx_status(tx);
    find_members(tx, wish->member_ids, *members);
    if (tx_status(tx) == ST_OK && channel_count_in(tx, *members, count, before->company) < count)
        other_company(tx);
    return tx_status(tx);
}

enum status channel_own_members(struct tx *tx, const struct channel *channel)
{
    struct scope scope;

    if (policy_scope(tx, "client", &scope) == ST_OK && channel_has_others(tx, channel, &scope))
        tx_fail(tx, ST_DENIED, "members_not_yours",
                "Not all who are in this channel are clients of yours: ask somebody who looks "
                "after all of them.");
    return tx_status(tx);
}

/* membershipEntityId is one of two, by the kind. */
static void take_old_name(struct tx *tx, struct channel *wish)
{
    struct uuid *id = wish->kind == CHANNEL_INDIVIDUAL ? &wish->client_id : &wish->company_id;

    if (!uuid_is_none(wish->entity_id) && !uuid_is_none(*id) && !uuid_eq(wish->entity_id, *id))
        tx_fail_field(tx, ST_INVALID, "membershipEntityId", "contradiction",
                      "%s names another one: leave this one out.",
                      wish->kind == CHANNEL_INDIVIDUAL ? "clientId" : "companyId");
    if (uuid_is_none(*id))
        *id = wish->entity_id;
    wish->entity_id = UUID_NONE;
}

/* A company only says where the client is looked for: the channel is of the client, wherever it is. */
static void settle_individual(struct tx *tx, struct channel *wish)
{
    struct ids ids = { &wish->client_id, 1 };

    if (uuid_is_none(wish->client_id)) {
        tx_fail_field(tx, ST_INVALID, "clientId", "required",
                      "An individual channel is of a client: name it.");
        return;
    }
    find_members(tx, ids, &wish->client);
    if (!uuid_is_none(wish->company_id) && find_company(tx, &wish->client, 1, wish) &&
        wish->client && channel_count_in(tx, &wish->client, 1, wish->company) == 0)
        tx_fail_field(tx, ST_UNPROCESSABLE, "companyId", "other_company",
                      "The client is not in this company.");
    wish->company = 0;
    wish->company_id = UUID_NONE;
    channel_set_one(tx, wish);
}

static void settle_company(struct tx *tx, struct channel *wish)
{
    if (uuid_is_none(wish->company_id))
        tx_fail_field(tx, ST_INVALID, "companyId", "required",
                      "A company channel is of a company: name it.");
    else
        find_company(tx, NULL, 0, wish);
    wish->member_ids = (struct ids){ 0 };
}

static void settle_group(struct tx *tx, struct channel *wish, int64_t **members)
{
    size_t count = wish->member_ids.count;
    struct scope scope;
    int found = 1;

    *members = arena_array(tx->arena, int64_t, count);
    if (!sort_members(tx, &wish->member_ids))
        return;
    wish->member_count = (int64_t)count;
    find_members(tx, wish->member_ids, *members);
    if (!uuid_is_none(wish->company_id)) {
        if (find_company(tx, *members, count, wish) && tx_status(tx) == ST_OK &&
            channel_count_in(tx, *members, count, wish->company) < count)
            other_company(tx);
        return;
    }
    if (list_shown_companies(tx, &scope) == ST_OK)
        found =
            channel_shared_company(tx, *members, count, &scope, &wish->company, &wish->company_id);
    if (found == 0)
        other_company(tx);
    if (found > 1)
        tx_fail_field(tx, ST_UNPROCESSABLE, "companyId", "company_ambiguous",
                      "These clients share several companies: name the one that the group is of.");
}

/* False: they are no group. */
static bool sort_members(struct tx *tx, struct ids *ids)
{
    struct uuid *sorted = arena_array(tx->arena, struct uuid, ids->count);
    char text[UUID_TEXT];

    if (ids->count < 2) {
        tx_fail_field(tx, ST_INVALID, "memberIds", "too_few",
                      "A group has two clients or more; for one there is the individual channel.");
        return false;
    }
    memcpy(sorted, ids->at, ids->count * sizeof(*sorted));
    qsort(sorted, ids->count, sizeof(*sorted), compare);
    ids->at = sorted;
    for (size_t i = 1; i < ids->count; i++)
        if (uuid_eq(sorted[i - 1], sorted[i])) {
            uuid_format(sorted[i], text);
            tx_fail_field(tx, ST_INVALID, "memberIds", "duplicate", "%s stands there twice.", text);
            return false;
        }
    return true;
}

/* Among those that the actor sees. */
static void find_members(struct tx *tx, struct ids ids, int64_t *members)
{
    const char *field = ids.count > 1 ? "memberIds" : "clientId";
    struct scope scope;

    if (policy_scope(tx, "client", &scope) != ST_OK ||
        channel_clients(tx, ids, &scope, members) != ST_OK)
        return;
    for (size_t i = 0; i < ids.count; i++) {
        char text[UUID_TEXT];

        if (members[i])
            continue;
        uuid_format(ids.at[i], text);
        tx_fail_field(tx, ST_INVALID, field, "not_found", "There is no client %s.", text);
        return;
    }
}

/* One that the actor sees, or that its clients show it: then all members must be in it. */
static bool find_company(struct tx *tx, const int64_t *members, size_t count, struct channel *wish)
{
    struct scope scope;

    if (policy_scope(tx, "company", &scope) != ST_OK)
        return false;
    if (channel_company(tx, wish->company_id, &scope, &wish->company))
        return true;
    if (wish->company && count > 0 && !list_hides_companies(tx) &&
        channel_count_in(tx, members, count, wish->company) == count)
        return true;
    tx_fail_field(tx, ST_INVALID, "companyId", "not_found", "There is no such company.");
    return false;
}

static void other_company(struct tx *tx)
{
    tx_fail_field(tx, ST_UNPROCESSABLE, "memberIds", "other_company",
                  "All members of a group must be of one company, and these are not.");
}

static int compare(const void *a, const void *b)
{
    return uuid_compare(*(const struct uuid *)a, *(const struct uuid *)b);
}

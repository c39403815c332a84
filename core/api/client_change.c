/* Client change: what the settings of a workspace make of a client that is made or changed. */
#include "api/body.h"
#include "api/clients.h"
#include "api/custom_values.h"
#include "api/invites.h"
#include "api/list.h"
#include "api/message_channels.h"
#include "api/site.h"
#include "store/company.h"
#include "store/record.h"
#include "store/staff.h"

static void settle_companies(struct tx *tx, const struct workspace *workspace,
                             const struct client *before, struct client *client, uint64_t given);
static void check_company(struct tx *tx, const struct workspace *workspace, struct uuid id);
static struct ids each_once(struct tx *tx, struct ids ids);
static bool has_real_company(struct tx *tx, struct ids ids);
static void keep_hidden(struct tx *tx, const struct client *before, struct client *client);
static void set_company(struct tx *tx, struct client *client, struct uuid company);

enum status client_settle(struct tx *tx, const struct workspace *workspace,
                          const struct client *before, struct client *client, uint64_t given,
                          bool replace)
{
    struct internal_user manager;

    if (workspace->email_required && str_is_empty(client->email))
        tx_fail_field(tx, ST_INVALID, "email", "required",
                      "A client of this workspace needs an address.");
    if (body_gave(&client_entity, given, "customFields") || replace)
        client->custom_fields =
            custom_values_merge(tx, "client", before ? before->custom_fields : STR("{}"),
                                client->custom_fields, replace);
    else if (before)
        client->custom_fields = before->custom_fields;
    if (body_gave(&client_entity, given, "accountManagerId") &&
        !uuid_is_none(client->account_manager) && tx_status(tx) == ST_OK &&
        !internal_user_find(tx, client->account_manager, &manager))
        tx_fail_field(tx, ST_INVALID, "accountManagerId", "not_found",
                      "There is no such member of staff.");
    settle_companies(tx, workspace, before, client, given);
    return tx_status(tx);
}

enum status client_apply(struct tx *tx, const struct client *before, const struct client *wish,
                         uint64_t given, bool replace, struct client *after)
{
    struct client change = *wish;
    struct channel_watch channels = { 0 };
    struct workspace workspace;

    if (policy_filter(tx, "client.update", &client_entity, before, &change, &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    *after = *before;
    body_apply(&client_entity, &change, given, after);
    if (client_settle(tx, &workspace, before, after, given, replace) != ST_OK)
        return tx_status(tx);
    if (!ids_eq(before->company_ids, after->company_ids))
        channel_watch(tx, before, &channels);
    if (client_update(tx, after) != ST_OK)
        return tx_status(tx);
    client_record(tx, before, after);
    return ids_eq(before->company_ids, after->company_ids) ? tx_status(tx)
                                                           : channel_tell(tx, &channels, after);
}

void client_record(struct tx *tx, const struct client *before, const struct client *after)
{
    struct arena_mark mark = arena_mark(tx->arena);

    tx_event(tx, "client.updated", "client", after->id,
             record_payload(tx, &client_entity, before, after));
    tx_audit(tx, "client.update", "client", after->id,
             record_detail(tx, &client_entity, before, after));
    if (tx_status(tx) == ST_OK) /* else the failure lies there */
        arena_rewind(tx->arena, mark);
}

/* The address becomes free either way. */
enum status client_remove(struct tx *tx, const struct client *client)
{
    struct channel_watch channels;
    struct workspace workspace;
    uint64_t given = 0;

    if (policy_filter(tx, "client.delete", &client_entity, client, &(struct client){ 0 }, &given) !=
            ST_OK ||
        workspace_load(tx, &workspace) != ST_OK || channel_watch(tx, client, &channels) != ST_OK)
        return tx_status(tx);
    if (workspace.delete_permanently)
        client_delete(tx, client);
    else
        client_archive(tx, client);
    tx_event(tx, "client.deleted", "client", client->id,
             record_payload(tx, &client_entity, client, NULL));
    tx_audit(tx, "client.delete", "client", client->id,
             record_detail(tx, &client_entity, client, NULL));
    return channel_tell(tx, &channels, NULL);
}

enum status client_invite(struct tx *tx, const struct client *client)
{
    const struct subject subject = { .entity = &client_entity, .row = client, .id = client->id };
    struct invite_request wanted = { .client_ids = { (struct uuid[]){ client->id }, 1 } };
    struct invite invite;
    uint64_t given = 0;

    if (policy_may(tx, "invite.create", &subject) != ST_OK)
        return tx_status(tx);
    if (policy_filter(tx, "invite.create", &invite_request_entity, NULL, &wanted, &given) != ST_OK)
        return tx_status(tx);
    invite_make(
        tx, client,
        &(struct invite_options){ .message = wanted.message, .days = wanted.days, .mail = true },
        site.invite_days, &invite);
    return invite_record(tx, "invite.created", "invite.create", NULL, &invite);
}

void client_hide_companies(struct tx *tx, struct client *client)
{
    if (!list_hides_companies(tx))
        return;
    client->company_ids = list_seen_companies(tx, client->company_ids);
    client->company_id = client->company_ids.count > 0 ? client->company_ids.at[0] : UUID_NONE;
}

static void settle_companies(struct tx *tx, const struct workspace *workspace,
                             const struct client *before, struct client *client, uint64_t given)
{
    bool gave_many = body_gave(&client_entity, given, "companyIds");
    bool gave_one = body_gave(&client_entity, given, "companyId");
    const char *field = gave_many ? "companyIds" : "companyId";

    if (before && !gave_many && !gave_one)
        return;
    if (gave_one && !uuid_is_none(client->company_id)) {
        if (!gave_many || client->company_ids.count == 0) { /* PUT gave both, and names one */
            field = "companyId";
            set_company(tx, client, client->company_id);
            check_company(tx, workspace, client->company_id);
        } else if (!ids_has(client->company_ids, client->company_id))
            tx_fail_field(tx, ST_INVALID, "companyId", "contradiction",
                          "companyIds does not hold this company.");
    } else if (!gave_many || client->company_ids.count == 0) {
        client->company_ids = (struct ids){ 0 };
    }
    if (!workspace->companies_enabled) {
        if (client->company_ids.count > 0)
            tx_fail_field(tx, ST_UNPROCESSABLE, field, "companies_disabled",
                          "This workspace has no companies: leave it out.");
        client->company_id = UUID_NONE;
        return;
    }
    if (before)
        keep_hidden(tx, before, client);
    client->company_ids = each_once(tx, client->company_ids);
    if (client->company_ids.count > COMPANIES_OF_CLIENT)
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "too_many_companies",
                      "A client is in %d companies at most.", COMPANIES_OF_CLIENT);
    if (workspace->one_company && client->company_ids.count > 1)
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "one_company",
                      "A client of this workspace has one company at most.");
    if (client->company_ids.count == 0 && before && before->company_ids.count > 0 &&
        !workspace->company_required && !has_real_company(tx, before->company_ids))
        client->company_ids = before->company_ids; /* it has none already, and its placeholder */
    else if (client->company_ids.count == 0 && tx_status(tx) == ST_OK)
        client_choose_company(tx, workspace, client);
    else if (workspace->company_required && !has_real_company(tx, client->company_ids))
        tx_fail_field(tx, ST_UNPROCESSABLE, field, "company_required",
                      "A client of this workspace needs a company that is no placeholder.");
    client->company_id = client->company_ids.count ? client->company_ids.at[0] : UUID_NONE;
}

/* membership_set would tell of companyIds, which nobody gave. */
static void check_company(struct tx *tx, const struct workspace *workspace, struct uuid id)
{
    struct company company;

    if (workspace->companies_enabled && tx_status(tx) == ST_OK && !company_find(tx, id, &company))
        tx_fail_field(tx, ST_INVALID, "companyId", "not_found", "There is no such company.");
}

/* Whoever does not see a company cannot have meant to take the client out of it: it stays, where it stood. */
static void keep_hidden(struct tx *tx, const struct client *before, struct client *client)
{
    const struct ids had = before->company_ids, wanted = client->company_ids;
    struct ids all = { 0 };
    size_t next = 0;

    if (!list_hides_companies(tx))
        return;
    all.at = arena_array(tx->arena, struct uuid, had.count + wanted.count);
    for (size_t i = 0; i < had.count; i++) {
        if (list_is_kept_from(tx, had.at[i]) && !ids_has(wanted, had.at[i]))
            all.at[all.count++] = had.at[i];
        else if (next < wanted.count)
            all.at[all.count++] = wanted.at[next++];
    }
    while (next < wanted.count)
        all.at[all.count++] = wanted.at[next++];
    client->company_ids = all;
}

void client_choose_company(struct tx *tx, const struct workspace *workspace, struct client *client)
{
    struct company company = { .is_placeholder = true };

    if (workspace->company_required) {
        if (company_find_only(tx, &company))
            set_company(tx, client, company.id);
        else
            tx_fail_field(tx, ST_UNPROCESSABLE, "companyId", "company_required",
                          "A client of this workspace needs a company: name one.");
        return;
    }
    company.name = str_trim(str_printf(tx->arena, "%.*s %.*s", STR_ARG(client->given_name),
                                       STR_ARG(client->family_name)));
    if (company_create(tx, &company) == ST_OK)
        set_company(tx, client, company.id);
}

/* Twice the same company is one membership. */
static struct ids each_once(struct tx *tx, struct ids ids)
{
    struct ids once = { arena_array(tx->arena, struct uuid, ids.count), 0 };

    for (size_t i = 0; i < ids.count; i++)
        if (!ids_has(once, ids.at[i]))
            once.at[once.count++] = ids.at[i];
    return once;
}

/* Ids that are of nobody count as real: membership_set says what they are. */
static bool has_real_company(struct tx *tx, struct ids ids)
{
    struct company company;

    for (size_t i = 0; i < ids.count; i++)
        if (!company_find(tx, ids.at[i], &company) || !company.is_placeholder)
            return true;
    return false;
}

static void set_company(struct tx *tx, struct client *client, struct uuid company)
{
    client->company_ids = (struct ids){ arena_new(tx->arena, struct uuid), 1 };
    client->company_ids.at[0] = client->company_id = company;
}

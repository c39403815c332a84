/* Memberships: /v1/clients/{id}/companies, which companies a client is in, and its role in each.
 *
 * The same change can be made by companyIds of the client; here it is one company at a time, and
 * nobody needs to know the others. Nobody is mailed: it appears at the next sign-in.
 */
#include "api/companies.h"

#include "api/body.h"
#include "api/clients.h"
#include "api/list.h"
#include "api/message_channels.h"
#include "http/reply.h"
#include "store/record.h"
#include "store/workspace.h"

#include <stddef.h>

static route_target target, target_list;
static route_phase list, read_one, put, delete_one;

static const char *const object[] = { "membership", NULL };

#define AT(member) offsetof(struct membership, member)
static const struct field fields[] = {
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"membership\"." },
    { "clientId", FIELD_ID, 0, AT(client_id), 0, 0, NULL, NULL, "Who is in the company." },
    { "companyId", FIELD_ID, 0, AT(company_id), 0, 0, NULL, NULL, "The company." },
    { "companyName", FIELD_TEXT, 0, AT(company_name), 0, 0, NULL, NULL, "Its name." },
    { "isPlaceholder", FIELD_BOOL, 0, AT(is_placeholder), 0, 0, NULL, NULL,
      "The company stands for having none." },
    { "role", FIELD_TEXT, FIELD_UPDATE | FIELD_KEEP, AT(role), 0, 40, NULL, NULL,
      "admin, member, billing, viewer, or one of your own: lower-case letters, digits, _ and -. "
      "Without: as it was, member at first." },
    { "createdAt", FIELD_TIME, 0, AT(created_at), 0, 0, NULL, NULL, "When the client joined." },
    { 0 },
};
const struct entity membership_entity = { "membership", fields, sizeof(struct membership) };

#define ONE "/v1/clients/{id}/companies/{companyId}"
const struct route membership_routes[] = {
    { GET, "/v1/clients/{id}/companies", .entity = &membership_entity, .may = "membership.list",
      .target = target_list, .read = list, .flags = ROUTE_ALL,
      .summary = "List the companies of a client, with its role in each" },
    { GET, ONE, .entity = &membership_entity, .may = "membership.read", .target = target,
      .read = read_one, .summary = "Retrieve the role of a client in a company" },
    { PUT, ONE, .entity = &membership_entity, .may = "membership.update", .target = target,
      .write = put, .summary = "Put a client into a company, or change its role there" },
    { DELETE, ONE, .entity = &membership_entity, .may = "membership.delete", .target = target,
      .write = delete_one, .summary = "Take a client out of a company; both stay" },
    { 0 },
};

static enum status load_client(struct tx *tx, struct uuid id, struct client *client);
static bool is_in(const struct membership *membership);
static enum status join(struct tx *tx, const struct workspace *workspace,
                        struct membership *membership);
static enum status leave(struct tx *tx, const struct workspace *workspace,
                         const struct membership *membership);
static bool has_real(struct tx *tx, struct ids ids);
static enum status stays_seen(struct tx *tx, const struct membership *membership);
static enum status move(struct tx *tx, const struct client *before, struct client *client);
static void check_role(struct tx *tx, struct str role);
static enum status answer(struct tx *tx, struct reply *rp, const struct membership *membership);

/* The membership as it is; of a client that is not in the company one without createdAt. */
static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct membership *membership = arena_new(tx->arena, struct membership),
                      *wish = arena_new(tx->arena, struct membership);
    struct client client;
    struct company company;
    struct uuid id;

    if (companies_are_on(tx) != ST_OK || load_client(tx, rq->target_id, &client) != ST_OK)
        return tx_status(tx);
    if (!uuid_parse(request_param(rq, "companyId"), &id))
        return tx_not_found(tx);
    if (company_visible(tx, id, &company) != ST_OK)
        return tx_status(tx);
    if (!membership_find(tx, client.id, id, membership))
        *membership = (struct membership){ .client_id = client.id,
                                           .company_id = id,
                                           .company_name = company.name,
                                           .is_placeholder = company.is_placeholder };
    *subject = (struct subject){ .entity = &membership_entity, .row = membership, .id = client.id };
    if (rq->method == PUT) {
        body_read(tx, rq, &membership_entity, JSON_PUT, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_list(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct membership *of = arena_new(tx->arena, struct membership);
    struct client client;

    if (companies_are_on(tx) != ST_OK || load_client(tx, rq->target_id, &client) != ST_OK)
        return tx_status(tx);
    of->client_id = client.id;
    *subject = (struct subject){ .entity = &membership_entity, .row = of, .id = client.id };
    return tx_status(tx);
}

/* At most COMPANIES_OF_CLIENT there are: no pages. Who is limited to some companies sees those. */
static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct membership *all;
    struct scope scope;
    struct buf *out;
    size_t count;
    bool any = false;

    if (membership_list(tx, rq->target_id, &all, &count) != ST_OK ||
        policy_scope(tx, "company", &scope) != ST_OK)
        return tx_status(tx);
    out = reply_json(rp, 200);
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < count; i++) {
        if (!company_is_in_scope(tx, all[i].company_id, &scope))
            continue;
        if (any)
            buf_char(out, ',');
        json_write(&membership_entity, &all[i], ~UINT64_C(0), out);
        any = true;
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return is_in(tx->subject->row) ? answer(tx, rp, tx->subject->row) : tx_not_found(tx);
}

/* ST_UNPROCESSABLE one_company, too_many_companies. What is so already changes nothing. */
static enum status put(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct membership *before = tx->subject->row;
    struct membership wish = *(const struct membership *)tx->subject->change, membership = *before;
    uint64_t given = tx->subject->given;
    struct workspace workspace;

    (void)rq;
    if (policy_filter(tx, "membership.update", &membership_entity, is_in(before) ? before : NULL,
                      &wish, &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    if (!str_is_empty(wish.role))
        membership.role = wish.role;
    else if (!is_in(before))
        membership.role = STR("member");
    check_role(tx, membership.role);
    if (tx_status(tx) != ST_OK || (is_in(before) && str_eq(before->role, membership.role)))
        return answer(tx, rp, before);
    if (!is_in(before) && join(tx, &workspace, &membership) != ST_OK)
        return tx_status(tx);
    if (membership_set_role(tx, &membership) != ST_OK)
        return tx_status(tx);
    if (is_in(before))
        tx_event(tx, "membership.updated", "client", membership.client_id,
                 record_payload(tx, &membership_entity, before, &membership));
    tx_audit(tx, "membership.update", "client", membership.client_id,
             record_detail(tx, &membership_entity, is_in(before) ? before : NULL, &membership));
    return answer(tx, rp, &membership);
}

/* ST_UNPROCESSABLE company_required, only_placeholder; ST_DENIED: the actor would not see the client any
 * more. Who is not in the company has left it already. */
static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct membership *membership = tx->subject->row;
    struct workspace workspace;
    uint64_t given = 0;

    (void)rq;
    if (policy_filter(tx, "membership.delete", &membership_entity, membership,
                      &(struct membership){ 0 }, &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK)
        return tx_status(tx);
    if (is_in(membership)) {
        if (leave(tx, &workspace, membership) != ST_OK || stays_seen(tx, membership) != ST_OK)
            return tx_status(tx);
        tx_audit(tx, "membership.delete", "client", membership->client_id,
                 record_detail(tx, &membership_entity, membership, NULL));
    }
    return reply_deleted(tx, rp, "membership", membership->company_id);
}

static enum status load_client(struct tx *tx, struct uuid id, struct client *client)
{
    struct scope scope;

    if (client_load(tx, id, client) != ST_OK || policy_scope(tx, "client", &scope) != ST_OK)
        return tx_status(tx);
    return client_is_in_scope(tx, id, &scope) ? tx_status(tx) : tx_not_found(tx);
}

static bool is_in(const struct membership *membership)
{
    return membership->created_at != 0;
}

/* Placeholders stand for having no company: whoever joins one leaves them, but for those that who asks does
 * not see. */
static enum status join(struct tx *tx, const struct workspace *workspace,
                        struct membership *membership)
{
    struct client before, client;
    struct ids ids = { arena_array(tx->arena, struct uuid, COMPANIES_OF_CLIENT + 1), 0 };
    struct company company;

    if (client_load(tx, membership->client_id, &before) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < before.company_ids.count && ids.count < COMPANIES_OF_CLIENT; i++)
        if (membership->is_placeholder || list_is_kept_from(tx, before.company_ids.at[i]) ||
            !company_find(tx, before.company_ids.at[i], &company) || !company.is_placeholder)
            ids.at[ids.count++] = before.company_ids.at[i];
    if (workspace->one_company && ids.count > 0)
        return tx_fail(tx, ST_UNPROCESSABLE, "one_company",
                       "A client of this workspace has one company at most: change companyId.");
    if (ids.count == COMPANIES_OF_CLIENT)
        return tx_fail(tx, ST_UNPROCESSABLE, "too_many_companies",
                       "A client is in %d companies at most.", COMPANIES_OF_CLIENT);
    ids.at[ids.count++] = membership->company_id;
    client = before;
    client.company_ids = ids;
    client.company_id = ids.at[0];
    membership->created_at = tx_now(tx);
    return move(tx, &before, &client);
}

/* Without another one it gets a placeholder. What is refused depends on the companies that the actor sees:
 * otherwise it would tell of the others. */
static enum status leave(struct tx *tx, const struct workspace *workspace,
                         const struct membership *membership)
{
    struct client before, client;
    struct ids ids = { arena_array(tx->arena, struct uuid, COMPANIES_OF_CLIENT), 0 };
    struct ids seen;

    if (client_load(tx, membership->client_id, &before) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < before.company_ids.count && ids.count < COMPANIES_OF_CLIENT; i++)
        if (!uuid_eq(before.company_ids.at[i], membership->company_id))
            ids.at[ids.count++] = before.company_ids.at[i];
    seen = list_seen_companies(tx, ids);
    if (!has_real(tx, seen) && !membership->is_placeholder && workspace->company_required)
        return tx_fail(tx, ST_UNPROCESSABLE, "company_required",
                       "A client of this workspace needs a company: put it into another first.");
    if (seen.count == 0 && membership->is_placeholder)
        return tx_fail(tx, ST_UNPROCESSABLE, "only_placeholder",
                       "This stands for having no company: put the client into one instead.");
    client = before;
    client.company_ids = ids;
    client.company_id = ids.count ? ids.at[0] : UUID_NONE;
    if (ids.count == 0)
        client_choose_company(tx, workspace, &client);
    return move(tx, &before, &client);
}

static bool has_real(struct tx *tx, struct ids ids)
{
    struct company company;

    for (size_t i = 0; i < ids.count; i++)
        if (company_find(tx, ids.at[i], &company) && !company.is_placeholder)
            return true;
    return false;
}

static enum status stays_seen(struct tx *tx, const struct membership *membership)
{
    struct scope scope;

    if (policy_scope(tx, "client", &scope) == ST_OK &&
        !client_is_in_scope(tx, membership->client_id, &scope))
        tx_fail(tx, ST_DENIED, "company_not_yours",
                "You would not see this client any more: put it into another company that you look "
                "after first.");
    return tx_status(tx);
}

static enum status move(struct tx *tx, const struct client *before, struct client *client)
{
    struct channel_watch channels;

    if (tx_status(tx) != ST_OK || channel_watch(tx, before, &channels) != ST_OK ||
        client_update(tx, client) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "client.updated", "client", client->id,
             record_payload(tx, &client_entity, before, client));
    return channel_tell(tx, &channels, client);
}

static void check_role(struct tx *tx, struct str role)
{
    if (!membership_is_role(role))
        tx_fail_field(tx, ST_INVALID, "role", "not_a_role",
                      "Give admin, member, billing, viewer, or a name of your own of lower-case "
                      "letters, digits, _ and -.");
}

static enum status answer(struct tx *tx, struct reply *rp, const struct membership *membership)
{
    if (tx_status(tx) == ST_OK)
        json_write(&membership_entity, membership, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

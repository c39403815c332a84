/* Clients: /v1/clients. The resource from which the others are copied. */
#include "api/clients.h"

#include "api/body.h"
#include "api/list.h"
#include "api/message_channels.h"
#include "api/site.h"
#include "store/company.h"
#include "store/record.h"
#include "store/token.h"

#include <stddef.h>

static route_target target, target_new;
static route_phase list, read_one, create, patch, put, delete_one;

static const char *const object[] = { "client", NULL };
static const char *const statuses[] = { "notInvited", "invited", "active", NULL };
static const char *const methods[] = { "internalUser", "client", "directSignUp", "import", NULL };

#define AT(member) offsetof(struct client, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"client\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "archivedAt", FIELD_TIME, FIELD_OMIT_NULL, AT(archived_at), 0, 0, NULL, "archived_at",
      "When it was archived; only those that are have it." },
    { "givenName", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER | FIELD_SORT,
      AT(given_name), 1, 100, NULL, "given_name", "First name." },
    { "familyName", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER | FIELD_SORT,
      AT(family_name), 1, 100, NULL, "family_name", "Last name." },
    { "email", FIELD_EMAIL, FIELD_WRITE | FIELD_FILTER | FIELD_KEEP, AT(email), 3, 254, NULL,
      "email", "Address for contact and invitation; unique in the workspace whatever its case." },
    { "companyId", FIELD_ID, FIELD_WRITE | FIELD_FILTER, AT(company_id), 0, 0, NULL, NULL,
      "The first of companyIds. Without one, a placeholder company is made." },
    { "companyIds", FIELD_IDS, FIELD_WRITE | FIELD_FILTER, AT(company_ids), 0, COMPANIES_OF_CLIENT,
      NULL, NULL, "The companies of the client. In lists: clients of any of these." },
    { "status", FIELD_ENUM, FIELD_FILTER, AT(status), 0, 0, statuses, "status",
      "How far the invitation has come." },
    { "phone", FIELD_PHONE, FIELD_WRITE, AT(phone), 0, 40, NULL, "phone", "Telephone number." },
    { "position", FIELD_TEXT, FIELD_WRITE, AT(position), 0, 100, NULL, "position", "Job title." },
    { "tags", FIELD_TEXTS, FIELD_WRITE, AT(tags), 0, 50, NULL, "tags",
      "Words of your own, for rules and scopes." },
    { "accountManagerId", FIELD_ID, FIELD_WRITE | FIELD_FILTER, AT(account_manager), 0, 0, NULL,
      "account_manager", "The member of staff who looks after the client." },
    { "customFields", FIELD_JSON, FIELD_WRITE, AT(custom_fields), 0, 0, NULL, "custom_fields",
      "Values by the key of each custom field; an object, or its JSON text." },
    { "avatarImageUrl", FIELD_URL, 0, AT(avatar_url), 0, 0, NULL, "avatar_url", "Picture." },
    { "fallbackColor", FIELD_COLOR, 0, AT(fallback_color), 0, 0, NULL, "fallback_color",
      "Shown without a picture." },
    { "inviteUrl", FIELD_URL, FIELD_NO_ETAG, AT(invite_url), 0, 0, NULL, NULL,
      "A link to copy while an invite is open; null unless you may invite.link." },
    { "creationMethod", FIELD_ENUM, 0, AT(creation_method), 0, 0, methods, "creation_method",
      "Who made it." },
    { "firstLoginDate", FIELD_TIME, 0, AT(first_login_at), 0, 0, NULL, "first_login_at",
      "First sign-in." },
    { "lastLoginDate", FIELD_TIME, 0, AT(last_login_at), 0, 0, NULL, "last_login_at",
      "Newest sign-in." },
    { "lastActivityDate", FIELD_TIME, FIELD_NO_ETAG, AT(last_activity_at), 0, 0, NULL,
      "last_activity_at", "Newest request, to within a minute." },
    { 0 },
};
const struct entity client_entity = { "client", fields, sizeof(struct client) };

static const struct route_query of_list[] = {
    { "archived", "true: those that are archived, and nobody else.", true },
    { 0 },
};
static const struct route_query send_invite[] = {
    { "sendInvite", "true: mail an invitation as well.", true },
    { 0 },
};

const struct route client_routes[] = {
    { GET, "/v1/clients", .entity = &client_entity, .may = "client.list", .read = list,
      .query = of_list, .flags = ROUTE_LIST, .summary = "List clients" },
    { POST, "/v1/clients", .entity = &client_entity, .may = "client.create", .target = target_new,
      .write = create, .query = send_invite, .summary = "Create a client" },
    { GET, "/v1/clients/{id}", .entity = &client_entity, .may = "client.read", .target = target,
      .read = read_one, .summary = "Retrieve a client" },
    { PATCH, "/v1/clients/{id}", .entity = &client_entity, .may = "client.update", .target = target,
      .write = patch, .query = send_invite, .summary = "Change what is named of a client" },
    { PUT, "/v1/clients/{id}", .entity = &client_entity, .may = "client.update", .target = target,
      .write = put, .summary = "Change a client and clear what is not named" },
    { DELETE, "/v1/clients/{id}", .entity = &client_entity, .may = "client.delete",
      .target = target, .write = delete_one, .summary = "Archive a client" },
    { 0 },
};

static enum status change(struct tx *tx, const struct request *rq, struct reply *rp,
                          enum json_mode mode);

/* Loads the client, and what the body asks for. Outside of the actor's scope it is not there. */
static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct client *client = arena_new(tx->arena, struct client),
                  *wish = arena_new(tx->arena, struct client);
    struct scope scope;

    if (client_load(tx, rq->target_id, client) != ST_OK ||
        policy_scope(tx, "client", &scope) != ST_OK)
        return tx_status(tx);
    if (!client_is_in_scope(tx, client->id, &scope))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &client_entity, .row = client, .id = client->id };
    if (rq->method == PATCH || rq->method == PUT) {
        body_read(tx, rq, &client_entity, rq->method == PUT ? JSON_PUT : JSON_PATCH, wish,
                  &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct client *wish = arena_new(tx->arena, struct client);

    body_read(tx, rq, &client_entity, JSON_CREATE, wish, &subject->given);
    subject->entity = &client_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    bool is_archive = query_flag(rq, "archived");
    struct list_columns columns = is_archive ? client_archived_columns() : client_columns;
    struct list_page page = { .entity = &client_entity,
                              .columns = &columns,
                              .total = is_archive ? NULL : client_count };
    struct list wanted;
    struct client *clients;

    if (list_read(tx, rq, &client_entity, &columns, &wanted) != ST_OK ||
        list_shown_companies(tx, &wanted.second) != ST_OK ||
        (is_archive ? client_list_archived : client_list)(tx, &wanted, &clients, &page.count) !=
            ST_OK)
        return tx_status(tx);
    page.rows = clients;
    if (list_has_more(&wanted, page.count)) {
        struct arg values[3];
        size_t count = client_sort_values(tx, &wanted, &clients[wanted.limit - 1], values);

        page.next = list_token(tx, &wanted, values, count);
    }
    for (size_t i = 0; i < page.count; i++) {
        client_show_link(tx, &clients[i]);
        client_hide_companies(tx, &clients[i]);
    }
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct client client = *(const struct client *)tx->subject->row;

    (void)rq;
    return client_answer(tx, rp, &client);
}

/* ST_INVALID: faulty fields; ST_CONFLICT: the address is taken; ST_UNPROCESSABLE: a setting, a filter or
 * the limit of clients forbids it. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct client client = *(const struct client *)tx->subject->change;
    uint64_t given = tx->subject->given;
    bool invites = query_flag(rq, "sendInvite");
    struct workspace workspace;

    client.creation_method = tx->actor.kind == ACTOR_CLIENT ? BY_CLIENT : BY_INTERNAL_USER;
    if (policy_filter(tx, "client.create", &client_entity, NULL, &client, &given) != ST_OK ||
        workspace_load(tx, &workspace) != ST_OK ||
        client_settle(tx, &workspace, NULL, &client, given, false) != ST_OK ||
        client_create(tx, &client) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "client.created", "client", client.id,
             record_payload(tx, &client_entity, NULL, &client));
    tx_audit(tx, "client.create", "client", client.id,
             record_detail(tx, &client_entity, NULL, &client));
    channel_tell(tx, &(struct channel_watch){ 0 }, &client);
    channel_make_for(tx, &workspace, &client);
    if (invites && client_invite(tx, &client) == ST_OK)
        client_load(tx, client.id, &client);
    rp->entity_id = client.id;
    return client_answer(tx, rp, &client);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    return change(tx, rq, rp, JSON_PATCH);
}

static enum status put(struct tx *tx, const struct request *rq, struct reply *rp)
{
    return change(tx, rq, rp, JSON_PUT);
}

static enum status change(struct tx *tx, const struct request *rq, struct reply *rp,
                          enum json_mode mode)
{
    const struct client *before = tx->subject->row;
    bool invites = mode == JSON_PATCH && query_flag(rq, "sendInvite");
    struct client client;

    if (client_apply(tx, before, tx->subject->change, tx->subject->given, mode == JSON_PUT,
                     &client) != ST_OK)
        return tx_status(tx);
    if (invites && client_invite(tx, &client) == ST_OK)
        client_load(tx, client.id, &client);
    return client_answer(tx, rp, &client);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct client *client = tx->subject->row;

    (void)rq;
    return client_remove(tx, client) == ST_OK ? reply_deleted(tx, rp, "client", client->id)
                                              : tx_status(tx);
}

void client_show_link(struct tx *tx, struct client *client)
{
    const struct subject subject = { .entity = &client_entity, .row = client, .id = client->id };
    struct decision decision;
    struct token token;

    if (uuid_is_none(client->link_token) || !token_load(tx, client->link_token, &token) ||
        !token_is_good(tx, &token))
        return;
    if (policy_ask(tx, "invite.link", &subject, false, &decision) == VERDICT_ALLOW)
        client->invite_url = site_link(tx->arena, "/invite/", token_text(tx, &token));
}

enum status client_answer(struct tx *tx, struct reply *rp, struct client *client)
{
    client_show_link(tx, client);
    client_hide_companies(tx, client);
    rp->has_secret = !str_is_absent(client->invite_url);
    return reply_row(tx, rp, 200, &client_entity, client);
}

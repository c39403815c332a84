/* Invites: /v1/invites for those who invite. Accepting and renewing are accept.c. */
#include "api/invites.h"

#include "api/body.h"
#include "api/clients.h"
#include "api/internal_users.h"
#include "api/list.h"
#include "api/operations.h"
#include "api/site.h"
#include "base/limits.h"
#include "base/table.h"
#include "store/record.h"

#include <stddef.h>

static route_target target, target_new, target_resend;
static route_phase list, read_one, create, resend, cancel, link_of;

static const char *const object[] = { "invite", NULL };
static const char *const statuses[] = { "pending", "expired", "accepted", "cancelled", NULL };

#define AT(member) offsetof(struct invite, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"invite\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "clientId", FIELD_ID, FIELD_FILTER, AT(client_id), 0, 0, NULL, NULL,
      "The client who is invited; null: it is a member of staff." },
    { "internalUserId", FIELD_ID, FIELD_FILTER, AT(internal_user_id), 0, 0, NULL, NULL,
      "The member of staff who is invited; null: it is a client." },
    { "email", FIELD_EMAIL, 0, AT(email), 0, 0, NULL, "email", "The address that it went to." },
    { "message", FIELD_TEXT, FIELD_LINES, AT(message), 0, 0, NULL, "message",
      "Personal words of the inviter." },
    { "status", FIELD_ENUM, 0, AT(status), 0, 0, statuses, NULL,
      "pending, expired, accepted or cancelled." },
    { "inviterType", FIELD_TEXT, 0, AT(inviter_kind), 0, 0, NULL, NULL, "Kind of who invited." },
    { "inviterId", FIELD_ID, 0, AT(inviter_id), 0, 0, NULL, NULL, "Who invited." },
    { "inviterName", FIELD_TEXT, 0, AT(inviter_name), 0, 0, NULL, NULL, "Name of who invited." },
    { "expiresAt", FIELD_TIME, 0, AT(expires_at), 0, 0, NULL, NULL,
      "When its links stop working." },
    { "acceptedAt", FIELD_TIME, 0, AT(accepted_at), 0, 0, NULL, NULL, "When it was accepted." },
    { "cancelledAt", FIELD_TIME, 0, AT(cancelled_at), 0, 0, NULL, NULL, "When it was cancelled." },
    { "delivery", FIELD_TEXT, 0, AT(delivery_name), 0, 0, NULL, NULL,
      "State of its newest mail: queued, sent, deferred, refused, bounced, cancelled; null: none "
      "was mailed." },
    { "deliveryCode", FIELD_INT, 0, AT(delivery_code), 0, 0, NULL, NULL,
      "Answer code of the SMTP server; 0: none." },
    { "deliveryText", FIELD_TEXT, 0, AT(delivery_text), 0, 0, NULL, NULL,
      "Answer of the SMTP server." },
    { "deliveryFallback", FIELD_TEXT, 0, AT(delivery_fallback), 0, 0, NULL, NULL,
      "Why the mail got the built-in text; null: the scripts worded it." },
    { "deliveryAttempts", FIELD_INT, 0, AT(delivery_attempts), 0, 0, NULL, NULL,
      "How often the mail was tried." },
    { "nextDeliveryAt", FIELD_TIME, 0, AT(next_delivery_at), 0, 0, NULL, NULL,
      "When it is tried next; null: it went out, or will not be tried again." },
    { "deliveredAt", FIELD_TIME, 0, AT(delivered_at), 0, 0, NULL, NULL,
      "When the server took the mail." },
    { 0 },
};
const struct entity invite_entity = { "invite", fields, sizeof(struct invite) };

#define ASKED(member) offsetof(struct invite_request, member)
static const struct field request_fields[] = {
    { "clientIds", FIELD_IDS, FIELD_CREATE, ASKED(client_ids), 1, LIMIT_INVITES, NULL, NULL,
      "Which clients to invite; more than 100 are answered 202 with an operation." },
    { "internalUserIds", FIELD_IDS, FIELD_CREATE, ASKED(internal_user_ids), 1, 100, NULL, NULL,
      "Which staff to invite; with clientIds 100 in all." },
    { "message", FIELD_TEXT, FIELD_CREATE | FIELD_UPDATE | FIELD_LINES, ASKED(message), 0, 2000,
      NULL, NULL, "Personal words that stand in the mail." },
    { "expiresInDays", FIELD_INT, FIELD_CREATE | FIELD_UPDATE, ASKED(days), 1, 365, NULL, NULL,
      "Days until the links stop working; without: the workspace's setting." },
    { "email", FIELD_EMAIL, FIELD_CREATE, ASKED(email), 3, 254, NULL, NULL,
      "With one client that has no address: the address to give it." },
    { 0 },
};
const struct entity invite_request_entity = { "invite", request_fields,
                                              sizeof(struct invite_request) };

/* Body of resend: a struct invite_request, too. */
static const struct field resend_fields[] = {
    { "message", FIELD_TEXT, FIELD_CREATE | FIELD_LINES, ASKED(message), 0, 2000, NULL, NULL,
      "Personal words that stand in the mail; without: those of the invite; empty: none." },
    { "expiresInDays", FIELD_INT, FIELD_CREATE, ASKED(days), 1, 365, NULL, NULL,
      "Days from now until the links stop working; without: as it was, and an expired invite lives "
      "again." },
    { 0 },
};
static const struct entity resend_entity = { "invite_resend", resend_fields,
                                             sizeof(struct invite_request) };

const struct route invite_routes[] = {
    { GET, "/v1/invites", .entity = &invite_entity, .may = "invite.list", .read = list,
      .flags = ROUTE_LIST, .summary = "List invites" },
    { POST, "/v1/invites", .entity = &invite_entity, .body = &invite_request_entity,
      .may = "invite.create", .target = target_new, .write = create,
      .answer = &invite_verdict_entity, .flags = ROUTE_OPERATION | ROUTE_ALL,
      .summary = "Invite one or many people by mail" },
    { GET, "/v1/invites/{id}", .entity = &invite_entity, .may = "invite.read", .target = target,
      .read = read_one, .summary = "Retrieve an invite" },
    { POST, "/v1/invites/{id}/resend", .entity = &invite_entity, .body = &resend_entity,
      .may = "invite.resend", .target = target_resend, .write = resend,
      .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Mail the same link again, perhaps with other words" },
    { POST, "/v1/invites/{id}/cancel", .entity = &invite_entity, .may = "invite.cancel",
      .target = target, .write = cancel, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Cancel: the links die at once" },
    { GET, "/v1/invites/{id}/link", .entity = &invite_entity, .may = "invite.link",
      .target = target, .read = link_of, .answer = &invite_link_entity,
      .summary = "The link to copy; changes no status" },
    { 0 },
};

enum { MOST_AT_ONCE = 100 };

static enum status give_address(struct tx *tx, struct client *client,
                                const struct invite_request *asked);
static enum status target_staff(struct tx *tx, const struct request *rq,
                                const struct invite *invite);
static enum status create_many(struct tx *tx, const struct invite_request *asked, struct reply *rp);
static struct ids each_once(struct tx *tx, struct ids ids);
static void invite_one(struct tx *tx, const struct invite_request *asked,
                       struct invite_verdict *row);
static enum status invite_client(struct tx *tx, struct uuid id, const struct invite_request *asked,
                                 struct invite *invite);
static void invite_staff(struct tx *tx, const struct invite_request *asked,
                         struct invite_verdict *row);
static enum status answer(struct tx *tx, struct reply *rp, const struct invite *invite);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct invite *invite = arena_new(tx->arena, struct invite);
    struct scope scope;

    if (invite_load(tx, rq->target_id, invite) != ST_OK)
        return tx_status(tx);
    if (invite->internal_user) {
        if (target_staff(tx, rq, invite) != ST_OK)
            return tx_status(tx);
    } else if (policy_scope(tx, "invite", &scope) != ST_OK ||
               !invite_is_in_scope(tx, invite->id, &scope)) {
        return tx_not_found(tx);
    }
    *subject = (struct subject){ .entity = &invite_entity, .row = invite, .id = invite->id };
    return tx_status(tx);
}

/* An invite of staff is seen by whoever sees the person. Whoever mails it again, or has its link, could
 * be that person in a moment: beside the rule of the route it is asked whether he may invite him. */
static enum status target_staff(struct tx *tx, const struct request *rq,
                                const struct invite *invite)
{
    struct internal_user user;
    const struct subject subject = { .entity = &internal_user_entity,
                                     .row = &user,
                                     .id = invite->internal_user_id };
    struct scope scope;

    if (policy_scope(tx, "internal_user", &scope) != ST_OK)
        return tx_status(tx);
    if (!internal_user_find(tx, subject.id, &user) ||
        !internal_user_is_in_scope(tx, subject.id, &scope))
        return tx_not_found(tx);
    if (str_is(str_from(rq->route->may), "invite.read"))
        return tx_status(tx);
    return policy_may(tx, "internal_user.invite", &subject);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct invite_request *asked = arena_new(tx->arena, struct invite_request);
    size_t count;

    body_read(tx, rq, &invite_request_entity, JSON_CREATE, asked, &subject->given);
    count = asked->client_ids.count + asked->internal_user_ids.count;
    if (tx_status(tx) == ST_OK && count == 0)
        tx_fail_field(tx, ST_INVALID, "clientIds", "required",
                      "Name whom to invite, by clientIds or internalUserIds.");
    else if (tx_status(tx) == ST_OK && count > MOST_AT_ONCE && asked->internal_user_ids.count > 0)
        tx_fail_field(
            tx, ST_INVALID, "clientIds", "too_many",
            "Together with internalUserIds at most %d: invite the clients by a request of "
            "their own.",
            MOST_AT_ONCE);
    if (!str_is_empty(asked->email) && (asked->client_ids.count != 1 || count > 1))
        tx_fail_field(tx, ST_INVALID, "email", "one_client_only",
                      "An address can be given to one client at a time.");
    subject->entity = &invite_request_entity;
    subject->row = subject->change = asked;
    return tx_status(tx);
}

static enum status target_resend(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct invite_request asked = { .days = 0 };
    uint64_t given;

    if (target(tx, rq, subject) == ST_OK)
        body_read(tx, rq, &resend_entity, JSON_CREATE, &asked, &given);
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &invite_entity, .columns = &invite_columns };
    struct list wanted;
    struct invite *invites;

    if (list_read(tx, rq, &invite_entity, &invite_columns, &wanted) != ST_OK ||
        policy_scope(tx, "internal_user", &wanted.second) != ST_OK ||
        invite_list(tx, &wanted, &invites, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = invites;
    if (list_has_more(&wanted, page.count))
        page.next = list_token(tx, &wanted, ARGS(arg_int(invites[wanted.limit - 1].seq)));
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return answer(tx, rp, tx->subject->row);
}

/* Each person gets a verdict of his own: what one refuses does not hold up the others. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct invite_request asked = *(const struct invite_request *)tx->subject->change;
    uint64_t given = tx->subject->given;
    struct invite_verdict *rows;
    size_t count, clients;

    (void)rq;
    if (policy_filter(tx, "invite.create", &invite_request_entity, NULL, &asked, &given) != ST_OK)
        return tx_status(tx);
    if (asked.client_ids.count > OPERATION_AT_ONCE)
        return create_many(tx, &asked, rp);
    clients = asked.client_ids.count;
    count = clients + asked.internal_user_ids.count;
    rows = arena_array(tx->arena, struct invite_verdict, count);
    for (size_t i = 0; i < count; i++) {
        rows[i].is_staff = i >= clients;
        rows[i].person =
            i < clients ? asked.client_ids.at[i] : asked.internal_user_ids.at[i - clients];
        invite_one(tx, &asked, &rows[i]);
        if (tx_status(tx) != ST_OK)
            return tx_status(tx);
    }
    if (count > 0)
        rp->entity_id = rows[0].invite.id;
    invite_verdicts_write(rows, count, reply_json(rp, 200));
    return ST_OK;
}

static void invite_one(struct tx *tx, const struct invite_request *asked,
                       struct invite_verdict *row)
{
    tx_item_begin(tx);
    if (row->is_staff)
        invite_staff(tx, asked, row);
    else
        invite_client(tx, row->person, asked, &row->invite);
    row->status = tx_item_end(tx, &row->failure);
}

static enum status create_many(struct tx *tx, const struct invite_request *asked, struct reply *rp)
{
    struct operation operation = { .kind = STR("invite.create") };
    uint64_t shown = UINT64_C(1) << field_find(&invite_request_entity, STR("message"));
    struct buf input;

    if (asked->days)
        shown |= UINT64_C(1) << field_find(&invite_request_entity, STR("expiresInDays"));
    buf_init(&input, LIMIT_JSON_BODY);
    json_write(&invite_request_entity, asked, shown, &input);
    operation.input = str_copy(tx->arena, buf_view(&input));
    buf_fini(&input);
    return operation_start(tx, &operation, each_once(tx, asked->client_ids), rp);
}

/* Who is named twice is one item. */
static struct ids each_once(struct tx *tx, struct ids ids)
{
    struct ids once = { arena_array(tx->arena, struct uuid, ids.count), 0 };
    struct table seen;

    table_init(&seen, ids.count);
    for (size_t i = 0; i < ids.count; i++) {
        struct str key = str_slice((const char *)ids.at[i].bytes, sizeof(ids.at[i].bytes));

        if (table_get(&seen, key))
            continue;
        table_put(&seen, key, &ids.at[i]);
        once.at[once.count++] = ids.at[i];
    }
    table_fini(&seen);
    return once;
}

enum status operation_invite(struct tx *tx, const struct operation *operation, struct uuid id)
{
    struct invite_request asked = { .days = 0 };
    struct invite invite;

    if (operation_input(tx, operation, &invite_request_entity, &asked) != ST_OK)
        return tx_status(tx);
    return invite_client(tx, id, &asked, &invite);
}

static enum status invite_client(struct tx *tx, struct uuid id, const struct invite_request *asked,
                                 struct invite *invite)
{
    struct client client;
    struct scope scope;
    const struct invite_options options = { .message = asked->message,
                                            .days = asked->days,
                                            .mail = true };
    const struct subject subject = { .entity = &client_entity, .row = &client, .id = id };

    if (policy_scope(tx, "client", &scope) != ST_OK)
        return tx_status(tx);
    if (client_load(tx, id, &client) != ST_OK || !client_is_in_scope(tx, id, &scope))
        return tx_not_found(tx);
    if (give_address(tx, &client, asked) == ST_OK &&
        policy_may(tx, "invite.create", &subject) == ST_OK &&
        invite_make(tx, &client, &options, site.invite_days, invite) == ST_OK)
        invite_record(tx, "invite.created", "invite.create", NULL, invite);
    return tx_status(tx);
}

static void invite_staff(struct tx *tx, const struct invite_request *asked,
                         struct invite_verdict *row)
{
    struct internal_user user;
    struct scope scope;
    const struct invite_options options = { .message = asked->message,
                                            .days = asked->days,
                                            .mail = true };
    const struct subject subject = { .entity = &internal_user_entity,
                                     .row = &user,
                                     .id = row->person };

    if (policy_scope(tx, "internal_user", &scope) != ST_OK ||
        !internal_user_is_in_scope(tx, row->person, &scope) ||
        internal_user_load(tx, row->person, &user) != ST_OK)
        tx_not_found(tx);
    else if (policy_may(tx, "internal_user.invite", &subject) == ST_OK &&
             invite_make_staff(tx, &user, &options, site.invite_days, &row->invite) == ST_OK)
        invite_record(tx, "invite.created", "invite.create", NULL, &row->invite);
}

/* The invite call may give an address to a contact that has none. */
static enum status give_address(struct tx *tx, struct client *client,
                                const struct invite_request *asked)
{
    struct client before = *client;
    const struct subject subject = { .entity = &client_entity, .row = &before, .id = client->id };

    if (str_is_empty(asked->email) || str_eq(asked->email, client->email))
        return tx_status(tx);
    if (!str_is_empty(client->email))
        return tx_fail(tx, ST_UNPROCESSABLE, "has_address",
                       "This client has an address: change it with PATCH /v1/clients/{id}.");
    if (policy_may(tx, "client.update", &subject) != ST_OK)
        return tx_status(tx);
    client->email = asked->email;
    if (client_update(tx, client) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "client.updated", "client", client->id,
             record_payload(tx, &client_entity, &before, client));
    tx_audit(tx, "client.update", "client", client->id,
             record_detail(tx, &client_entity, &before, client));
    return tx_status(tx);
}

static enum status resend(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct invite before = *(const struct invite *)tx->subject->row, invite = before;
    struct invite_request asked = { .days = 0 };
    uint64_t given = 0;

    if (body_read(tx, rq, &resend_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    if (body_gave(&resend_entity, given, "message"))
        invite.message = asked.message;
    if (invite_resend(tx, &invite, asked.days, site.invite_days) != ST_OK)
        return tx_status(tx);
    invite_record(tx, "invite.resent", "invite.resend", &before, &invite);
    return answer(tx, rp, &invite);
}

/* The links die at once. ST_CONFLICT: accepted or cancelled already. */
static enum status cancel(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct invite before = *(const struct invite *)tx->subject->row, invite = before;

    if (body_none(tx, rq) != ST_OK || invite_cancel(tx, &invite) != ST_OK)
        return tx_status(tx);
    invite_record(tx, "invite.cancelled", "invite.cancel", &before, &invite);
    return answer(tx, rp, &invite);
}

static enum status link_of(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct invite *invite = tx->subject->row;
    struct invite_copy copy = { .expires_at = invite->expires_at };
    struct token token;

    (void)rq;
    if (invite_link(tx, invite, &token) != ST_OK)
        return tx_status(tx);
    copy.url = site_link(tx->arena, "/invite/", token_text(tx, &token));
    rp->has_secret = true;
    json_write(&invite_link_entity, &copy, ~UINT64_C(0), reply_json(rp, 200));
    return ST_OK;
}

enum status invite_record(struct tx *tx, const char *event, const char *action,
                          const struct invite *before, const struct invite *after)
{
    tx_event(tx, event, "invite", after->id, record_payload(tx, &invite_entity, before, after));
    tx_audit(tx, action, "invite", after->id, record_detail(tx, &invite_entity, before, after));
    return tx_status(tx);
}

static enum status answer(struct tx *tx, struct reply *rp, const struct invite *invite)
{
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    json_write(&invite_entity, invite, ~UINT64_C(0), reply_json(rp, 200));
    return ST_OK;
}

/* Internal users: /v1/internal-users, the staff of the workspace. What a change means is staff_change.c. */
#include "api/internal_users.h"

#include "api/body.h"
#include "api/list.h"
#include "api/signin.h"
#include "api/site.h"
#include "http/json.h"
#include "store/session.h"
#include "store/token.h"

#include <stddef.h>

static route_target target, target_new;
static route_phase list, read_one, create, patch, delete_one;

static const char *const object[] = { "internalUser", NULL };
static const char *const statuses[] = { "notInvited", "invited", "active", NULL };

#define AT(member) offsetof(struct internal_user, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"internalUser\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "givenName", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_SORT, AT(given_name), 1, 100,
      NULL, "given_name", "First name." },
    { "familyName", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_SORT, AT(family_name), 1, 100,
      NULL, "family_name", "Last name." },
    { "email", FIELD_EMAIL, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER | FIELD_SORT, AT(email), 3,
      254, NULL, "email",
      "Address; unique among the staff whatever its case. Whoever has signed in keeps signing in "
      "with the address that he proved." },
    { "role", FIELD_TEXT, FIELD_WRITE | FIELD_FILTER, AT(role), 1, 100, NULL, NULL,
      "Name of the role: a set of permissions. One of role and roleId is needed." },
    { "roleId", FIELD_ID, FIELD_WRITE | FIELD_FILTER, AT(role_id), 0, 0, NULL, NULL,
      "The same by its id." },
    { "permissions", FIELD_TEXTS, 0, AT(permissions), 0, 0, NULL, NULL, "What the role gives." },
    { "isOwner", FIELD_BOOL, 0, AT(is_owner), 0, 0, NULL, NULL,
      "Whether the role owns the workspace." },
    { "status", FIELD_ENUM, FIELD_FILTER, AT(status), 0, 0, statuses, "status",
      "How far the invitation has come." },
    { "fallbackColor", FIELD_COLOR, 0, AT(fallback_color), 0, 0, NULL, NULL,
      "Shown without a picture." },
    { "avatarImageUrl", FIELD_URL, 0, AT(avatar_url), 0, 0, NULL, NULL, "Picture." },
    { "isClientAccessLimited", FIELD_BOOL, FIELD_WRITE, AT(is_limited), 0, 0, NULL, NULL,
      "Only the companies of companyAccessList, and their clients, exist for this person." },
    { "companyAccessList", FIELD_IDS, FIELD_WRITE, AT(limited_to), 0, 0, NULL, NULL,
      "See isClientAccessLimited; empty where that is false." },
    { "inviteUrl", FIELD_URL, FIELD_NO_ETAG, AT(invite_url), 0, 0, NULL, NULL,
      "A link to copy while an invite is open; null unless you may invite this person." },
    { "firstLoginDate", FIELD_TIME, 0, AT(first_login_at), 0, 0, NULL, NULL, "First sign-in." },
    { "lastLoginDate", FIELD_TIME, 0, AT(last_login_at), 0, 0, NULL, NULL, "Newest sign-in." },
    { 0 },
};
const struct entity internal_user_entity = { "internal_user", fields,
                                             sizeof(struct internal_user) };

static const struct route_query send_invite[] = {
    { "sendInvite", "true: mail an invitation as well.", true },
    { 0 },
};
static const struct route_query successor[] = {
    { "newAccountManagerId",
      "Who looks after his clients and companies from now on; without: nobody." },
    { 0 },
};

const struct route internal_user_routes[] = {
    { GET, "/v1/internal-users", .entity = &internal_user_entity, .may = "internal_user.list",
      .read = list, .flags = ROUTE_LIST, .summary = "List the staff" },
    { POST, "/v1/internal-users", .entity = &internal_user_entity, .may = "internal_user.create",
      .target = target_new, .write = create, .query = send_invite,
      .summary = "Create a member of staff" },
    { GET, "/v1/internal-users/{id}", .entity = &internal_user_entity, .may = "internal_user.read",
      .target = target, .read = read_one, .summary = "Retrieve a member of staff" },
    { PATCH, "/v1/internal-users/{id}", .entity = &internal_user_entity,
      .may = "internal_user.update", .target = target, .write = patch, .query = send_invite,
      .summary = "Change what is named of a member of staff" },
    { DELETE, "/v1/internal-users/{id}", .entity = &internal_user_entity,
      .may = "internal_user.delete", .target = target, .write = delete_one, .query = successor,
      .summary = "Remove a member of staff: sessions and keys end" },
    { 0 },
};

static enum status take_successor(struct tx *tx, const struct request *rq,
                                  const struct internal_user *user, struct uuid *id);
static enum status answer(struct tx *tx, struct reply *rp, int status, struct internal_user *user);

/* Loads the person, and what the body asks for. Outside of the actor's scope he is not there. */
static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct internal_user *user = arena_new(tx->arena, struct internal_user),
                         *wish = arena_new(tx->arena, struct internal_user);
    struct scope scope;

    if (internal_user_load(tx, rq->target_id, user) != ST_OK ||
        policy_scope(tx, "internal_user", &scope) != ST_OK)
        return tx_status(tx);
    if (!internal_user_is_in_scope(tx, user->id, &scope))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &internal_user_entity, .row = user, .id = user->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &internal_user_entity, JSON_PATCH, wish, &subject->given);
        staff_take_role(tx, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct internal_user *wish = arena_new(tx->arena, struct internal_user);

    if (body_read(tx, rq, &internal_user_entity, JSON_CREATE, wish, &subject->given) == ST_OK &&
        str_is_empty(wish->role) && uuid_is_none(wish->role_id))
        tx_fail_field(tx, ST_INVALID, "role", "required",
                      "Name a role, by role or roleId: GET /v1/roles lists them.");
    staff_take_role(tx, wish, &subject->given);
    subject->entity = &internal_user_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &internal_user_entity, .columns = &internal_user_columns };
    struct list wanted;
    struct internal_user *users;

    if (list_read(tx, rq, &internal_user_entity, &internal_user_columns, &wanted) != ST_OK ||
        internal_user_list(tx, &wanted, &users, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = users;
    if (list_has_more(&wanted, page.count)) {
        struct arg values[3];
        size_t count = internal_user_sort_values(tx, &wanted, &users[wanted.limit - 1], values);

        page.next = list_token(tx, &wanted, values, count);
    }
    for (size_t i = 0; i < page.count; i++) {
        staff_show_link(tx, &users[i]);
        users[i].limited_to = list_seen_companies(tx, users[i].limited_to);
    }
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct internal_user user = *(const struct internal_user *)tx->subject->row;

    (void)rq;
    return answer(tx, rp, 200, &user);
}

/* ST_INVALID: faulty fields, an unknown role or company; ST_CONFLICT: the address is taken. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct internal_user user = *(const struct internal_user *)tx->subject->change;
    uint64_t given = tx->subject->given;
    bool invites = query_flag(rq, "sendInvite");

    if (staff_filter(tx, "internal_user.create", NULL, &user, &given) != ST_OK ||
        staff_settle(tx, &user, given) != ST_OK || internal_user_create(tx, &user) != ST_OK ||
        internal_user_load(tx, user.id, &user) != ST_OK)
        return tx_status(tx);
    staff_record(tx, "internal_user.created", "internal_user.create", NULL, &user);
    if (invites && staff_invite(tx, &user) == ST_OK)
        internal_user_load(tx, user.id, &user);
    rp->entity_id = user.id;
    return answer(tx, rp, 200, &user);
}

/* Whoever's rights change signs in again; he who changes his own goes on under a new session.
 * ST_UNPROCESSABLE: the last owner stays one. */
static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct internal_user *before = tx->subject->row;
    struct internal_user wish = *(const struct internal_user *)tx->subject->change, user = *before;
    uint64_t given = tx->subject->given;
    bool invites = query_flag(rq, "sendInvite");

    if (staff_filter(tx, "internal_user.update", before, &wish, &given) != ST_OK)
        return tx_status(tx);
    body_apply(&internal_user_entity, &wish, given, &user);
    if (wish.role_seq)
        user.role_seq = wish.role_seq;
    if (staff_settle(tx, &user, given) != ST_OK || internal_user_update(tx, &user) != ST_OK ||
        internal_user_load(tx, user.id, &user) != ST_OK)
        return tx_status(tx);
    staff_record(tx, "internal_user.updated", "internal_user.update", before, &user);
    if (invites && staff_invite(tx, &user) == ST_OK)
        internal_user_load(tx, user.id, &user);
    if (staff_has_other_rights(before, &user)) {
        session_end_person(tx, user.id, tx->actor.session);
        if (tx->actor.kind == ACTOR_STAFF && uuid_eq(tx->actor.id, user.id))
            sign_in_again(tx, rq, rp);
    }
    return answer(tx, rp, 200, &user);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct internal_user *user = tx->subject->row;
    struct uuid heir = UUID_NONE;
    uint64_t given = 0;

    if (staff_is_actor(tx, user->id))
        return tx_fail(tx, ST_UNPROCESSABLE, "is_yourself",
                       "Nobody removes himself: ask a colleague who may.");
    if (policy_filter(tx, "internal_user.delete", &internal_user_entity, user,
                      &(struct internal_user){ 0 }, &given) != ST_OK ||
        take_successor(tx, rq, user, &heir) != ST_OK ||
        internal_user_remove(tx, user, heir) != ST_OK)
        return tx_status(tx);
    staff_record(tx, "internal_user.deleted", "internal_user.delete", user, NULL);
    return reply_deleted(tx, rp, "internalUser", user->id);
}

static enum status take_successor(struct tx *tx, const struct request *rq,
                                  const struct internal_user *user, struct uuid *id)
{
    struct str text = request_query(rq, "newAccountManagerId");
    struct internal_user heir;
    struct scope scope;

    if (str_is_empty(text) || policy_scope(tx, "internal_user", &scope) != ST_OK)
        return tx_status(tx);
    if (!uuid_parse(text, id) || uuid_eq(*id, user->id) || !internal_user_find(tx, *id, &heir) ||
        !internal_user_is_in_scope(tx, *id, &scope))
        tx_fail_field(tx, ST_INVALID, "newAccountManagerId", "not_found",
                      "There is no such other member of staff.");
    return tx_status(tx);
}

void staff_show_link(struct tx *tx, struct internal_user *user)
{
    const struct subject subject = { .entity = &internal_user_entity, .row = user, .id = user->id };
    struct decision decision;
    struct token token;

    if (uuid_is_none(user->link_token) || !token_load(tx, user->link_token, &token) ||
        !token_is_good(tx, &token))
        return;
    if (policy_ask(tx, "internal_user.invite", &subject, false, &decision) == VERDICT_ALLOW)
        user->invite_url = site_link(tx->arena, "/invite/", token_text(tx, &token));
}

static enum status answer(struct tx *tx, struct reply *rp, int status, struct internal_user *user)
{
    staff_show_link(tx, user);
    user->limited_to = list_seen_companies(tx, user->limited_to);
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    rp->has_secret |= !str_is_absent(user->invite_url);
    json_write(&internal_user_entity, user, ~UINT64_C(0), reply_json(rp, status));
    return ST_OK;
}

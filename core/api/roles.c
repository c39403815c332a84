/* Roles: /v1/roles: sets of permissions. Which permissions there are tells permissions.c. */
#include "api/roles.h"

#include "api/body.h"
#include "api/internal_users.h"
#include "api/list.h"
#include "api/signin.h"
#include "http/json.h"
#include "store/query.h"
#include "store/record.h"
#include "store/session.h"

#include <stddef.h>

static route_target target, target_new;
static route_phase list, read_one, create, duplicate, patch, delete_one;

static const char *const object[] = { "role", NULL };

#define AT(member) offsetof(struct role, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"role\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "name", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER | FIELD_SORT, AT(name), 1,
      100, NULL, "name", "Unique in the workspace whatever its case." },
    { "description", FIELD_TEXT, FIELD_WRITE, AT(description), 0, 500, NULL, "description",
      "What it is for." },
    { "permissions", FIELD_TEXTS, FIELD_WRITE, AT(permissions), 0, 64, NULL, NULL,
      "Names out of GET /v1/permissions; of a role that owns the workspace all." },
    { "isOwner", FIELD_BOOL, FIELD_WRITE | FIELD_FILTER, AT(is_owner), 0, 0, NULL, "is_owner",
      "Whether it owns the workspace: only an owner gives and takes this." },
    { "isPreset", FIELD_BOOL, FIELD_FILTER, AT(is_preset), 0, 0, NULL, "is_preset",
      "Whether it came with the workspace." },
    { "internalUserCount", FIELD_INT, FIELD_NO_ETAG, AT(holders), 0, 0, NULL, NULL,
      "How many staff hold it." },
    { 0 },
};
const struct entity role_entity = { "role", fields, sizeof(struct role) };

/* Body of a duplication. */
struct copy_request {
    struct str name;
};
static const struct field copy_fields[] = {
    { "name", FIELD_TEXT, FIELD_CREATE, offsetof(struct copy_request, name), 1, 100, NULL, NULL,
      "Name of the copy; without: a free one made of the name." },
    { 0 },
};
static const struct entity copy_entity = { "role_copy", copy_fields, sizeof(struct copy_request) };

static const struct route_query replacement[] = {
    { "replacementRoleId", "The role that those get who hold this one." },
    { 0 },
};

const struct route role_routes[] = {
    { GET, "/v1/roles", .entity = &role_entity, .may = "role.list", .read = list,
      .flags = ROUTE_LIST, .summary = "List roles" },
    { POST, "/v1/roles", .entity = &role_entity, .may = "role.create", .target = target_new,
      .write = create, .summary = "Create a role" },
    { GET, "/v1/roles/{id}", .entity = &role_entity, .may = "role.read", .target = target,
      .read = read_one, .summary = "Retrieve a role" },
    { PATCH, "/v1/roles/{id}", .entity = &role_entity, .may = "role.update", .target = target,
      .write = patch, .summary = "Change what is named of a role" },
    { DELETE, "/v1/roles/{id}", .entity = &role_entity, .may = "role.delete", .target = target,
      .write = delete_one, .query = replacement, .summary = "Delete a role that nobody holds" },
    { POST, "/v1/roles/{id}/duplicate", .entity = &role_entity, .body = &copy_entity,
      .may = "role.duplicate", .target = target, .write = duplicate, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Make an ordinary role with the same permissions" },
    { 0 },
};

enum { NAMED_MOST = 3, COPIES_MOST = 100 };

static void check_permissions(struct tx *tx, struct role *role);
static enum status make(struct tx *tx, struct reply *rp, struct role *role);
static struct str free_name(struct tx *tx, struct str name);
static enum status refuse_limited(struct tx *tx, const struct role *role);
static enum status end_sessions(struct tx *tx, const struct request *rq, struct reply *rp,
                                const struct role *role);
static enum status holders(struct tx *tx, const struct role *role, struct internal_user **users,
                           size_t *count);
static enum status refuse_in_use(struct tx *tx, const struct internal_user *users, size_t count);
static enum status replace(struct tx *tx, const struct role *role, struct str id,
                           const struct internal_user *users, size_t count);
static enum status record(struct tx *tx, const char *event, const char *action,
                          const struct role *before, const struct role *after);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct role *role = arena_new(tx->arena, struct role),
                *wish = arena_new(tx->arena, struct role);
    struct scope scope;

    if (role_load(tx, rq->target_id, role) != ST_OK || policy_scope(tx, "role", &scope) != ST_OK)
        return tx_status(tx);
    if (!list_holds(tx, &role_columns, &scope, role->id))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &role_entity, .row = role, .id = role->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &role_entity, JSON_PATCH, wish, &subject->given);
        check_permissions(tx, wish);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct role *wish = arena_new(tx->arena, struct role);

    body_read(tx, rq, &role_entity, JSON_CREATE, wish, &subject->given);
    check_permissions(tx, wish);
    subject->entity = &role_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &role_entity, .columns = &role_columns };
    struct list wanted;
    struct role *roles;

    if (list_read(tx, rq, &role_entity, &role_columns, &wanted) != ST_OK ||
        role_list(tx, &wanted, &roles, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = roles;
    if (list_has_more(&wanted, page.count)) {
        struct arg values[3];
        size_t count = role_sort_values(tx, &wanted, &roles[wanted.limit - 1], values);

        page.next = list_token(tx, &wanted, values, count);
    }
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    json_write(&role_entity, tx->subject->row, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct role role = *(const struct role *)tx->subject->change;
    uint64_t given = tx->subject->given;

    (void)rq;
    if (policy_filter(tx, "role.create", &role_entity, NULL, &role, &given) != ST_OK)
        return tx_status(tx);
    check_permissions(tx, &role);
    return make(tx, rp, &role);
}

/* A copy owns nothing: whoever wants another role of owners says so with PATCH. */
static enum status duplicate(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct role *model = tx->subject->row;
    struct copy_request asked = { .name = STR_NONE };
    struct role role = { .description = model->description, .permissions = model->permissions };
    uint64_t given = 0;

    if (body_read(tx, rq, &copy_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    role.name = str_is_empty(asked.name) ? free_name(tx, model->name) : asked.name;
    if (policy_filter(tx, "role.create", &role_entity, NULL, &role, &given) != ST_OK)
        return tx_status(tx);
    check_permissions(tx, &role);
    return make(tx, rp, &role);
}

/* Whoever holds the role and may other things than before signs in again. */
static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct role *before = tx->subject->row;
    struct role wish = *(const struct role *)tx->subject->change, role = *before;
    uint64_t given = tx->subject->given, had, has;
    struct str unknown;

    if (policy_filter(tx, "role.update", &role_entity, before, &wish, &given) != ST_OK)
        return tx_status(tx);
    body_apply(&role_entity, &wish, given, &role);
    check_permissions(tx, &role);
    had = role_bits(before->permissions, &unknown);
    if (role.is_owner && body_gave(&role_entity, given, "permissions") &&
        role_bits(role.permissions, &unknown) != PERMISSIONS_ALL)
        tx_fail_field(
            tx, ST_UNPROCESSABLE, "permissions", "owners_hold_all",
            "A role that owns the workspace holds all permissions: duplicate it, and take "
            "them from the copy.");
    if ((role.is_owner && !before->is_owner && refuse_limited(tx, before) != ST_OK) ||
        role_update(tx, &role) != ST_OK || role_load(tx, role.id, &role) != ST_OK)
        return tx_status(tx);
    has = role_bits(role.permissions, &unknown);
    record(tx, "role.updated", "role.update", before, &role);
    if (had != has || before->is_owner != role.is_owner)
        end_sessions(tx, rq, rp, &role);
    json_write(&role_entity, &role, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

/* ST_CONFLICT role_in_use: somebody holds it, and no replacement is named. */
static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct role *role = tx->subject->row;
    struct str other = request_query(rq, "replacementRoleId");
    struct internal_user *users;
    uint64_t given = 0;
    size_t count;

    if (policy_filter(tx, "role.delete", &role_entity, role, &(struct role){ 0 }, &given) !=
            ST_OK ||
        holders(tx, role, &users, &count) != ST_OK)
        return tx_status(tx);
    if (!str_is_empty(other) && replace(tx, role, other, users, count) != ST_OK)
        return tx_status(tx);
    if (str_is_empty(other) && count > 0)
        return refuse_in_use(tx, users, count);
    if (role_remove(tx, role) != ST_OK)
        return tx_status(tx);
    record(tx, "role.deleted", "role.delete", role, NULL);
    for (size_t i = 0; i < count; i++)
        if (tx->actor.kind == ACTOR_STAFF && uuid_eq(users[i].id, tx->actor.id))
            sign_in_again(tx, rq, rp);
    return reply_deleted(tx, rp, "role", role->id);
}

/* In the order of all permissions, each once. */
static void check_permissions(struct tx *tx, struct role *role)
{
    struct str unknown;
    uint64_t bits = role_bits(role->permissions, &unknown);

    if (!str_is_absent(unknown))
        tx_fail_field(tx, ST_INVALID, "permissions", "unknown_permission",
                      "There is no permission \"%.*s\": GET /v1/permissions lists them.",
                      STR_ARG(unknown));
    role->permissions = permissions_texts(tx->arena, bits);
}

static enum status make(struct tx *tx, struct reply *rp, struct role *role)
{
    if (role_create(tx, role) != ST_OK || role_load(tx, role->id, role) != ST_OK)
        return tx_status(tx);
    record(tx, "role.created", "role.create", NULL, role);
    rp->entity_id = role->id;
    json_write(&role_entity, role, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

/* "Copy of Staff", "Copy of Staff 2" … */
static struct str free_name(struct tx *tx, struct str name)
{
    struct str wish = str_printf(tx->arena, "Copy of %.*s", STR_ARG(name)), tried = wish;
    struct role other;

    for (int i = 2; i <= COPIES_MOST && role_find_by_name(tx, tried, &other); i++)
        tried = str_printf(tx->arena, "%.*s %d", STR_ARG(wish), i);
    return tried;
}

static enum status refuse_limited(struct tx *tx, const struct role *role)
{
    if (query_one_int(tx, 0,
                      "SELECT EXISTS (SELECT 1 FROM internal_users WHERE workspace = $1 AND role = "
                      "$2 AND removed_at IS NULL AND is_limited = 1)",
                      ARGS(arg_int(tx->workspace), arg_int(role->seq))))
        return tx_fail(
            tx, ST_UNPROCESSABLE, "owner_not_limited",
            "Somebody who holds this role is limited to some companies, and an owner sees "
            "everything: set isClientAccessLimited to false first.");
    return tx_status(tx);
}

static enum status end_sessions(struct tx *tx, const struct request *rq, struct reply *rp,
                                const struct role *role)
{
    struct internal_user user;

    session_end_holders(tx, role->seq, tx->actor.session);
    if (tx->actor.kind == ACTOR_STAFF && internal_user_find(tx, tx->actor.id, &user) &&
        user.role_seq == role->seq)
        return sign_in_again(tx, rq, rp);
    return tx_status(tx);
}

/* All of them: whether the actor sees them is asked where they are named. */
static enum status holders(struct tx *tx, const struct role *role, struct internal_user **users,
                           size_t *count)
{
    const struct list all = { .scope = { .kind = SCOPE_EVERYTHING },
                              .sort = internal_user_columns.sorts,
                              .filters = { { "r.id = %s", arg_id(role->id), false } },
                              .filter_count = 1,
                              .limit = role->holders };

    return internal_user_list(tx, &all, users, count);
}

static enum status refuse_in_use(struct tx *tx, const struct internal_user *users, size_t count)
{
    struct str names = STR("");
    struct scope scope;
    size_t named = 0;

    if (policy_scope(tx, "internal_user", &scope) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < count && named < NAMED_MOST; i++)
        if (internal_user_is_in_scope(tx, users[i].id, &scope))
            names = str_printf(tx->arena, "%.*s%s%.*s%s%.*s", STR_ARG(names), named++ ? ", " : "",
                               STR_ARG(users[i].given_name),
                               str_is_empty(users[i].family_name) ? "" : " ",
                               STR_ARG(users[i].family_name));
    if (named < count)
        names = str_printf(tx->arena, "%.*s%s%zu %s", STR_ARG(names), named ? " and " : "",
                           count - named, named ? "more" : "of the staff");
    return tx_fail(tx, ST_CONFLICT, "role_in_use",
                   "%.*s %s this role: give them another one, or name it as replacementRoleId.",
                   STR_ARG(names), count == 1 ? "holds" : "hold");
}

/* Each gets the other role as if he were changed by himself: by the same rule. */
static enum status replace(struct tx *tx, const struct role *role, struct str id,
                           const struct internal_user *users, size_t count)
{
    struct internal_user wish = { .given_name = STR_NONE };
    uint64_t given = UINT64_C(1) << field_find(&internal_user_entity, STR("roleId"));
    struct role other;

    if (!uuid_parse(id, &wish.role_id) || uuid_eq(wish.role_id, role->id) ||
        !role_find(tx, wish.role_id, &other)) {
        tx_fail_field(tx, ST_INVALID, "replacementRoleId", "not_found",
                      "There is no such other role: GET /v1/roles lists them.");
        return tx_status(tx);
    }
    staff_take_role(tx, &wish, &given);
    for (size_t i = 0; i < count && tx_status(tx) == ST_OK; i++) {
        struct internal_user user = users[i];
        const struct subject subject = { .entity = &internal_user_entity,
                                         .row = &users[i],
                                         .change = &wish,
                                         .given = given,
                                         .id = user.id };

        if (policy_may(tx, "internal_user.update", &subject) != ST_OK)
            return tx_status(tx);
        body_apply(&internal_user_entity, &wish, given, &user);
        user.role_seq = wish.role_seq;
        if (staff_settle(tx, &user, given) != ST_OK || internal_user_update(tx, &user) != ST_OK)
            return tx_status(tx);
        staff_record(tx, "internal_user.updated", "internal_user.update", &users[i], &user);
        if (staff_has_other_rights(&users[i], &user))
            session_end_person(tx, user.id, tx->actor.session);
    }
    return tx_status(tx);
}

static enum status record(struct tx *tx, const char *event, const char *action,
                          const struct role *before, const struct role *after)
{
    struct uuid id = after ? after->id : before->id;

    tx_event(tx, event, "role", id, record_payload(tx, &role_entity, before, after));
    tx_audit(tx, action, "role", id, record_detail(tx, &role_entity, before, after));
    return tx_status(tx);
}

/* Staff change: what roles and limits mean when a member of staff is made or changed. */
#include "api/body.h"
#include "api/internal_users.h"
#include "api/invites.h"
#include "api/site.h"
#include "store/fold.h"
#include "store/record.h"
#include "store/role.h"

static bool find_role(struct tx *tx, const struct internal_user *wish, struct role *role);
static bool has_same_ids(struct ids a, struct ids b);
static bool has_same_texts(struct texts a, struct texts b);

enum status staff_take_role(struct tx *tx, struct internal_user *wish, uint64_t *given)
{
    static const char *const follows[] = { "role", "roleId", "permissions", "isOwner" };
    bool gave_id, gave_name;
    struct role role;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    gave_id = body_gave(&internal_user_entity, *given, "roleId");
    gave_name = body_gave(&internal_user_entity, *given, "role");
    if (!gave_id && !gave_name)
        return tx_status(tx);
    if (!find_role(tx, wish, &role)) {
        tx_fail_field(tx, ST_INVALID, gave_id ? "roleId" : "role", "not_found",
                      "There is no such role: GET /v1/roles lists them.");
        return tx_status(tx);
    }
    if (gave_id && gave_name && !str_is_empty(wish->role) &&
        !str_eq(fold_text(tx->arena, wish->role), fold_text(tx->arena, role.name)))
        tx_fail_field(tx, ST_INVALID, "roleId", "contradiction",
                      "role names another one: leave one of them out.");
    wish->role_seq = role.seq;
    wish->role = role.name;
    wish->role_id = role.id;
    wish->permissions = role.permissions;
    wish->is_owner = role.is_owner;
    for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++)
        *given |= UINT64_C(1) << field_find(&internal_user_entity, str_from(follows[i]));
    return tx_status(tx);
}

enum status staff_filter(struct tx *tx, const char *hook, const struct internal_user *before,
                         struct internal_user *wish, uint64_t *given)
{
    struct internal_user asked = *wish;

    if (policy_filter(tx, hook, &internal_user_entity, before, wish, given) != ST_OK)
        return tx_status(tx);
    if (!uuid_eq(asked.role_id, wish->role_id))
        wish->role = STR_NONE;
    else if (!str_eq(asked.role, wish->role))
        wish->role_id = UUID_NONE;
    else
        return tx_status(tx);
    return staff_take_role(tx, wish, given);
}

enum status staff_settle(struct tx *tx, struct internal_user *user, uint64_t given)
{
    bool gave_list = body_gave(&internal_user_entity, given, "companyAccessList");

    if (!user->is_limited && user->limited_to.count > 0 && gave_list)
        tx_fail_field(tx, ST_INVALID, "companyAccessList", "not_limited",
                      "Companies are listed for whoever is limited to them: set "
                      "isClientAccessLimited to true as well, or leave this out.");
    else if (!user->is_limited)
        user->limited_to = (struct ids){ 0 };
    if (user->is_owner && user->is_limited)
        tx_fail_field(tx, ST_UNPROCESSABLE, "isClientAccessLimited", "owner_not_limited",
                      "An owner sees everything: set isClientAccessLimited to false, or choose "
                      "another role.");
    return tx_status(tx);
}

bool staff_has_other_rights(const struct internal_user *before, const struct internal_user *after)
{
    return before->is_owner != after->is_owner || before->is_limited != after->is_limited ||
           !has_same_texts(before->permissions, after->permissions) ||
           !has_same_ids(before->limited_to, after->limited_to);
}

enum status staff_invite(struct tx *tx, const struct internal_user *user)
{
    const struct subject subject = { .entity = &internal_user_entity, .row = user, .id = user->id };
    struct invite_request wanted = { .internal_user_ids = { (struct uuid[]){ user->id }, 1 } };
    struct invite invite;
    uint64_t given = 0;

    if (policy_may(tx, "internal_user.invite", &subject) != ST_OK ||
        policy_filter(tx, "invite.create", &invite_request_entity, NULL, &wanted, &given) !=
            ST_OK ||
        invite_make_staff(tx, user,
                          &(struct invite_options){
                              .message = wanted.message, .days = wanted.days, .mail = true },
                          site.invite_days, &invite) != ST_OK)
        return tx_status(tx);
    return invite_record(tx, "invite.created", "invite.create", NULL, &invite);
}

bool staff_is_actor(const struct tx *tx, struct uuid id)
{
    const struct actor *actor = &tx->actor;

    return (actor->kind == ACTOR_STAFF && uuid_eq(actor->id, id)) ||
           (actor->behalf_kind == ACTOR_STAFF && uuid_eq(actor->behalf_id, id));
}

enum status staff_record(struct tx *tx, const char *event, const char *action,
                         const struct internal_user *before, const struct internal_user *after)
{
    struct uuid id = after ? after->id : before->id;

    tx_event(tx, event, "internal_user", id,
             record_payload(tx, &internal_user_entity, before, after));
    tx_audit(tx, action, "internal_user", id,
             record_detail(tx, &internal_user_entity, before, after));
    return tx_status(tx);
}

/* By its id where one is named. */
static bool find_role(struct tx *tx, const struct internal_user *wish, struct role *role)
{
    if (!uuid_is_none(wish->role_id))
        return role_find(tx, wish->role_id, role);
    return !str_is_empty(wish->role) && role_find_by_name(tx, wish->role, role);
}

/* The order tells nothing. */
static bool has_same_ids(struct ids a, struct ids b)
{
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (!ids_has(b, a.at[i]))
            return false;
    return true;
}

/* Both are in the order of permissions. */
static bool has_same_texts(struct texts a, struct texts b)
{
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (!str_eq(a.at[i], b.at[i]))
            return false;
    return true;
}

/* Internal users: /v1/internal-users, the staff of the workspace. Reading only for now. */
#include "api/internal_users.h"

#include "api/list.h"
#include "http/json.h"

#include <stddef.h>

static route_target target;
static route_phase list, read_one;

static const char *const object[] = { "internalUser", NULL };

#define AT(member) offsetof(struct internal_user, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"internalUser\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, "updated_at",
      "When it was last changed." },
    { "givenName", FIELD_TEXT, 0, AT(given_name), 1, 100, NULL, "given_name", "First name." },
    { "familyName", FIELD_TEXT, 0, AT(family_name), 1, 100, NULL, "family_name", "Last name." },
    { "email", FIELD_EMAIL, FIELD_FILTER | FIELD_SORT, AT(email), 3, 254, NULL, "email",
      "Address." },
    { "role", FIELD_TEXT, 0, AT(role), 0, 0, NULL, NULL,
      "Name of the role: a set of permissions." },
    { "fallbackColor", FIELD_COLOR, 0, AT(fallback_color), 0, 0, NULL, NULL,
      "Shown without a picture." },
    { "avatarImageUrl", FIELD_URL, 0, AT(avatar_url), 0, 0, NULL, NULL, "Picture." },
    { "isClientAccessLimited", FIELD_BOOL, 0, AT(is_limited), 0, 0, NULL, NULL,
      "Only the companies of companyAccessList exist for this person." },
    { "companyAccessList", FIELD_IDS, 0, AT(limited_to), 0, 0, NULL, NULL,
      "See isClientAccessLimited." },
    { 0 },
};
const struct entity internal_user_entity = { "internal_user", fields,
                                             sizeof(struct internal_user) };

const struct route internal_user_routes[] = {
    { GET, "/v1/internal-users", .entity = &internal_user_entity, .may = "internal_user.list",
      .read = list, .flags = ROUTE_LIST, .summary = "List the staff" },
    { GET, "/v1/internal-users/{id}", .entity = &internal_user_entity, .may = "internal_user.read",
      .target = target, .read = read_one, .summary = "Retrieve a member of staff" },
    { 0 },
};

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct internal_user *user = arena_new(tx->arena, struct internal_user);
    struct scope scope;

    if (internal_user_load(tx, rq->target_id, user) != ST_OK ||
        policy_scope(tx, "internal_user", &scope) != ST_OK)
        return tx_status(tx);
    if (!internal_user_is_in_scope(tx, user->id, &scope))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &internal_user_entity, .row = user, .id = user->id };
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
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    json_write(&internal_user_entity, tx->subject->row, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

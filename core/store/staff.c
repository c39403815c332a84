/* Staff: rows of `internal_users`, and the companies that they are limited to. */
#include "store/staff.h"

#include "store/company.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/session.h"
#include "store/workspace.h"

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.login, t.given_name, t.family_name, t.email, t.status, r.seq, r.name,"  \
    " r.id, r.permissions, r.is_owner, t.avatar_url, t.fallback_color, t.is_limited,"              \
    " (SELECT group_concat(hex(id), '') FROM (SELECT c.id FROM internal_user_companies i"          \
    " JOIN companies c ON c.seq = i.company WHERE i.workspace = t.workspace"                       \
    " AND i.internal_user = t.seq ORDER BY c.seq)), t.first_login_at, t.last_login_at,"            \
    " t.created_at, t.updated_at, CASE WHEN t.status = 2 THEN NULL ELSE (SELECT k.id FROM"         \
    " invites i JOIN tokens k ON k.subject = i.id AND k.purpose = 'invite.link' WHERE"             \
    " i.workspace = t.workspace AND i.internal_user = t.seq AND i.accepted_at IS NULL"             \
    " AND i.cancelled_at IS NULL) END"
#define FROM  "FROM internal_users t JOIN roles r ON r.seq = t.role"
#define LIVE  "t.workspace = $1 AND t.removed_at IS NULL"
#define WHERE " " FROM " WHERE " LIVE

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "email", { "t.email_key", "t.seq" } },
    { "givenName", { "t.given_key", "t.seq" } },
    { "familyName", { "t.family_key", "t.given_key", "t.seq" } },
    { 0 },
};

static const struct filter filters[] = {
    { "email", FILTER_EMAIL, "t.email_key = %s", NULL },
    { "status", FILTER_ENUM, "t.status = %s", NULL },
    { "role", FILTER_NAME, "r.name_key = %s", NULL },
    { "roleId", FILTER_ID, "r.id = %s", NULL },
    { 0 },
};

const struct list_columns internal_user_columns = {
    .select = SELECT,
    .from = FROM,
    .where = LIVE,
    .filters = filters,
    .sorts = sorts,
    .word = "instr(' ' || t.given_key || ' ' || t.family_key || ' ' || t.email_key, ' ' || %s) > 0",
    .scope = { .row = { .own = "t.id = %s", .ids = "has_id(%s, t.id)" } },
};

static enum status check_email(struct tx *tx, struct str email, struct str *key);
static enum status email_taken(struct tx *tx);
static enum status set_limits(struct tx *tx, const struct internal_user *user);
static void hand_over(struct tx *tx, const struct internal_user *user, struct uuid successor);
static void end_invites(struct tx *tx, const struct internal_user *user);
static void read_row(struct query *q, struct internal_user *user);
static bool read_one(struct query q, struct internal_user *user);

enum status internal_user_create(struct tx *tx, struct internal_user *user)
{
    struct str key;
    struct role role;

    if (check_email(tx, user->email, &key) != ST_OK)
        return tx_status(tx);
    if (!user->role_seq && role_find_by_name(tx, user->role, &role))
        user->role_seq = role.seq;
    user->id = tx_id(tx);
    user->created_at = user->updated_at = tx_now(tx);
    if (str_is_absent(user->fallback_color))
        user->fallback_color = fallback_color(user->id);
    if (query_run_unique(
            tx,
            "INSERT INTO internal_users (workspace, id, login, role, given_name, given_key,"
            " family_name, family_key, email, email_key, status, fallback_color, is_limited,"
            " created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
            ARGS(arg_int(tx->workspace), arg_id(user->id),
                 user->login ? arg_int(user->login) : arg_text(STR_NONE), arg_int(user->role_seq),
                 arg_text(user->given_name), arg_text(fold_text(tx->arena, user->given_name)),
                 arg_text(user->family_name), arg_text(fold_text(tx->arena, user->family_name)),
                 arg_text(user->email), arg_text(key), arg_int(user->status),
                 arg_text(user->fallback_color), arg_bool(user->is_limited),
                 arg_int(user->created_at))))
        return email_taken(tx);
    user->seq = query_last_seq(tx);
    if (role_explain(tx) != ST_OK)
        return tx_status(tx);
    return set_limits(tx, user);
}

enum status internal_user_load(struct tx *tx, struct uuid id, struct internal_user *user)
{
    return internal_user_find(tx, id, user) ? tx_status(tx) : tx_not_found(tx);
}

bool internal_user_find(struct tx *tx, struct uuid id, struct internal_user *user)
{
    return read_one(
        query_open(tx, SELECT WHERE " AND t.id = $2", ARGS(arg_int(tx->workspace), arg_id(id))),
        user);
}

bool internal_user_find_by_seq(struct tx *tx, int64_t seq, struct internal_user *user)
{
    return read_one(
        query_open(tx, SELECT WHERE " AND t.seq = $2", ARGS(arg_int(tx->workspace), arg_int(seq))),
        user);
}

enum status internal_user_find_by_email(struct tx *tx, struct str email, struct internal_user *user)
{
    if (read_one(query_open(tx, SELECT WHERE " AND t.email_key = $2",
                            ARGS(arg_int(tx->workspace), arg_text(fold_email(tx->arena, email)))),
                 user))
        return tx_status(tx);
    return tx_not_found(tx);
}

/* A link that was mailed proves the address that it was mailed to, and no other. */
enum status internal_user_update(struct tx *tx, struct internal_user *user)
{
    struct internal_user before;
    struct str key;

    if (check_email(tx, user->email, &key) != ST_OK ||
        internal_user_load(tx, user->id, &before) != ST_OK)
        return tx_status(tx);
    user->updated_at = tx_now(tx);
    if (!str_eq(before.email, user->email))
        query_run(tx,
                  "UPDATE tokens SET cancelled_at = $3 WHERE purpose = 'invite.mail' AND used_at IS"
                  " NULL AND cancelled_at IS NULL AND subject IN"
                  " (SELECT id FROM invites WHERE workspace = $1 AND internal_user = $2)",
                  ARGS(arg_int(tx->workspace), arg_int(user->seq), arg_int(tx_now(tx))));
    if (query_run_unique(
            tx,
            "UPDATE internal_users SET role = $3, given_name = $4, given_key = $5,"
            " family_name = $6, family_key = $7, email = $8, email_key = $9, is_limited = $10,"
            " updated_at = $11 WHERE workspace = $1 AND seq = $2",
            ARGS(arg_int(tx->workspace), arg_int(user->seq), arg_int(user->role_seq),
                 arg_text(user->given_name), arg_text(fold_text(tx->arena, user->given_name)),
                 arg_text(user->family_name), arg_text(fold_text(tx->arena, user->family_name)),
                 arg_text(user->email), arg_text(key), arg_bool(user->is_limited),
                 arg_int(user->updated_at))))
        return email_taken(tx);
    if (role_explain(tx) != ST_OK)
        return tx_status(tx);
    return set_limits(tx, user);
}

enum status internal_user_remove(struct tx *tx, const struct internal_user *user,
                                 struct uuid successor)
{
    if (query_run(tx,
                  "UPDATE internal_users SET removed_at = $2, updated_at = $2 WHERE seq = $1"
                  " AND removed_at IS NULL",
                  ARGS(arg_int(user->seq), arg_int(tx_now(tx)))) == 0)
        return tx_status(tx) == ST_OK ? tx_not_found(tx) : role_explain(tx);
    session_end_person(tx, user->id, UUID_NONE);
    query_run(tx,
              "UPDATE api_keys SET revoked_at = $3 WHERE workspace = $1 AND internal_user = $2"
              " AND revoked_at IS NULL",
              ARGS(arg_int(tx->workspace), arg_int(user->seq), arg_int(tx_now(tx))));
    end_invites(tx, user);
    hand_over(tx, user, successor);
    return tx_status(tx);
}

void internal_user_set_invited(struct tx *tx, int64_t seq, bool is_invited)
{
    query_run(tx,
              "UPDATE internal_users SET status = $2, updated_at = $4 WHERE seq = $1 AND status = "
              "$3",
              ARGS(arg_int(seq), arg_int(is_invited ? STAFF_INVITED : STAFF_NOT_INVITED),
                   arg_int(is_invited ? STAFF_NOT_INVITED : STAFF_INVITED), arg_int(tx_now(tx))));
}

bool internal_user_signed_in(struct tx *tx, int64_t seq, int64_t login)
{
    bool was_first =
        query_run(tx,
                  "UPDATE internal_users SET first_login_at = $2, updated_at = $2 WHERE seq = $1"
                  " AND first_login_at IS NULL",
                  ARGS(arg_int(seq), arg_int(tx_now(tx)))) == 1;

    query_run(
        tx, "UPDATE internal_users SET login = $2, last_login_at = $3, status = $4 WHERE seq = $1",
        ARGS(arg_int(seq), arg_int(login), arg_int(tx_now(tx)), arg_int(STAFF_ACTIVE)));
    return was_first;
}

enum status internal_user_list(struct tx *tx, const struct list *list, struct internal_user **users,
                               size_t *count)
{
    struct query q = list_open(tx, &internal_user_columns, list);

    *users = arena_array(tx->arena, struct internal_user, (size_t)list->limit + 1);
    *count = 0;
    while (query_next(&q))
        read_row(&q, &(*users)[(*count)++]);
    query_close(&q);
    return tx_status(tx);
}

bool internal_user_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &internal_user_columns, scope, id);
}

size_t internal_user_sort_values(const struct tx *tx, const struct list *list,
                                 const struct internal_user *user, struct arg values[3])
{
    struct str sort = str_from(list->sort->name);
    size_t count = 0;

    if (str_is(sort, "email"))
        values[count++] = arg_text(fold_email(tx->arena, user->email));
    if (str_is(sort, "familyName"))
        values[count++] = arg_text(fold_text(tx->arena, user->family_name));
    if (str_is(sort, "familyName") || str_is(sort, "givenName"))
        values[count++] = arg_text(fold_text(tx->arena, user->given_name));
    values[count++] = arg_int(user->seq);
    return count;
}

static enum status check_email(struct tx *tx, struct str email, struct str *key)
{
    *key = fold_email(tx->arena, email);
    if (str_is_absent(*key))
        tx_fail_field(tx, ST_INVALID, "email", "not_an_address",
                      "Give an address such as ann@example.com.");
    return tx_status(tx);
}

static enum status email_taken(struct tx *tx)
{
    tx_fail_field(tx, ST_CONFLICT, "email", "email_taken",
                  "Somebody of the staff has this address already (case does not matter).");
    return tx_status(tx);
}

static enum status set_limits(struct tx *tx, const struct internal_user *user)
{
    struct company company;

    query_run(tx, "DELETE FROM internal_user_companies WHERE workspace = $1 AND internal_user = $2",
              ARGS(arg_int(tx->workspace), arg_int(user->seq)));
    for (size_t i = 0; i < user->limited_to.count; i++) {
        if (!company_find(tx, user->limited_to.at[i], &company)) {
            tx_fail_field(tx, ST_INVALID, "companyAccessList", "not_found",
                          "There is no such company.");
            break;
        }
        query_run(
            tx,
            "INSERT OR IGNORE INTO internal_user_companies (workspace, internal_user, company)"
            " VALUES ($1, $2, $3)",
            ARGS(arg_int(tx->workspace), arg_int(user->seq), arg_int(company.seq)));
    }
    return tx_status(tx);
}

/* What he looks after goes to somebody else, or to nobody. */
static void hand_over(struct tx *tx, const struct internal_user *user, struct uuid successor)
{
    query_run(
        tx,
        "UPDATE clients SET account_manager = $3, updated_at = $4"
        " WHERE workspace = $1 AND account_manager = $2",
        ARGS(arg_int(tx->workspace), arg_id(user->id), arg_id(successor), arg_int(tx_now(tx))));
    query_run(
        tx,
        "UPDATE companies SET account_manager = $3, updated_at = $4"
        " WHERE workspace = $1 AND account_manager = $2",
        ARGS(arg_int(tx->workspace), arg_id(user->id), arg_id(successor), arg_int(tx_now(tx))));
}

static void end_invites(struct tx *tx, const struct internal_user *user)
{
    query_run(
        tx,
        "UPDATE tokens SET cancelled_at = $3 WHERE used_at IS NULL AND cancelled_at IS NULL"
        " AND subject IN (SELECT id FROM invites WHERE workspace = $1 AND internal_user = $2)",
        ARGS(arg_int(tx->workspace), arg_int(user->seq), arg_int(tx_now(tx))));
    query_run(tx,
              "UPDATE invites SET cancelled_at = $3 WHERE workspace = $1 AND internal_user = $2"
              " AND accepted_at IS NULL AND cancelled_at IS NULL",
              ARGS(arg_int(tx->workspace), arg_int(user->seq), arg_int(tx_now(tx))));
}

static bool read_one(struct query q, struct internal_user *user)
{
    bool found = query_next(&q);

    if (found)
        read_row(&q, user);
    query_close(&q);
    return found;
}

static void read_row(struct query *q, struct internal_user *user)
{
    struct arena *arena = q->tx->arena;

    *user = (struct internal_user){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .login = query_int(q, 2),
        .given_name = query_text(q, 3),
        .family_name = query_text(q, 4),
        .email = query_text(q, 5),
        .status = (int)query_int(q, 6),
        .role_seq = query_int(q, 7),
        .role = query_text(q, 8),
        .role_id = query_id(q, 9),
        .is_owner = query_bool(q, 11),
        .avatar_url = query_text(q, 12),
        .fallback_color = query_text(q, 13),
        .is_limited = query_bool(q, 14),
        .limited_to = ids_from_hex(arena, query_text(q, 15)),
        .first_login_at = query_int(q, 16),
        .last_login_at = query_int(q, 17),
        .created_at = query_int(q, 18),
        .updated_at = query_int(q, 19),
        .link_token = query_id(q, 20),
    };
    user->permissions = permissions_texts(
        arena, user->is_owner ? PERMISSIONS_ALL : permissions_read(query_text(q, 10)));
}

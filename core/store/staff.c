/* Staff: rows of `internal_users`. */
#include "store/staff.h"

#include "store/fold.h"
#include "store/query.h"
#include "store/workspace.h"

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.login, t.given_name, t.family_name, t.email,"                           \
    " (SELECT name FROM roles r WHERE r.seq = t.role), t.avatar_url, t.fallback_color,"            \
    " t.is_limited, (SELECT group_concat(hex(c.id), '') FROM internal_user_companies i"            \
    " JOIN companies c ON c.seq = i.company WHERE i.workspace = t.workspace"                       \
    " AND i.internal_user = t.seq), t.first_login_at, t.last_login_at, t.created_at,"              \
    " t.updated_at"
#define FROM  "FROM internal_users t"
#define WHERE " " FROM " WHERE t.workspace = $1 AND t.removed_at IS NULL"

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "email", { "t.email_key", "t.seq" } },
    { 0 },
};

static const struct filter filters[] = {
    { "email", FILTER_EMAIL, "t.email_key = %s", NULL },
    { 0 },
};

const struct list_columns internal_user_columns = {
    .select = SELECT,
    .from = FROM,
    .where = "t.workspace = $1 AND t.removed_at IS NULL",
    .filters = filters,
    .sorts = sorts,
    .scope = { .row = { .own = "t.id = %s", .ids = "has_id(%s, t.id)" } },
};

static void read_row(struct query *q, struct internal_user *user);
static bool read_one(struct query q, struct internal_user *user);

enum status internal_user_create(struct tx *tx, struct internal_user *user)
{
    struct str key = fold_email(tx->arena, user->email);

    if (str_is_absent(key)) {
        tx_fail_field(tx, ST_INVALID, "email", "not_an_address",
                      "Give an address such as ann@example.com.");
        return tx_status(tx);
    }
    user->id = tx_id(tx);
    user->created_at = user->updated_at = tx_now(tx);
    if (str_is_absent(user->fallback_color))
        user->fallback_color = fallback_color(user->id);
    if (query_run_unique(
            tx,
            "INSERT INTO internal_users (workspace, id, login, role, given_name, family_name,"
            " email, email_key, fallback_color, is_limited, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
            ARGS(arg_int(tx->workspace), arg_id(user->id),
                 user->login ? arg_int(user->login) : arg_text(STR_NONE),
                 arg_int(role_find(tx, user->role)), arg_text(user->given_name),
                 arg_text(user->family_name), arg_text(user->email), arg_text(key),
                 arg_text(user->fallback_color), arg_bool(user->is_limited),
                 arg_int(user->created_at))))
        return tx_fail(tx, ST_CONFLICT, "email_taken",
                       "Somebody of the staff has this address already.");
    user->seq = query_last_seq(tx);
    return tx_status(tx);
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

enum status internal_user_find_by_email(struct tx *tx, struct str email, struct internal_user *user)
{
    if (read_one(query_open(tx, SELECT WHERE " AND t.email_key = $2",
                            ARGS(arg_int(tx->workspace), arg_text(fold_email(tx->arena, email)))),
                 user))
        return tx_status(tx);
    return tx_not_found(tx);
}

enum status internal_user_rename(struct tx *tx, struct internal_user *user)
{
    user->updated_at = tx_now(tx);
    query_run(tx,
              "UPDATE internal_users SET given_name = $2, family_name = $3, updated_at = $4 WHERE "
              "seq = $1",
              ARGS(arg_int(user->seq), arg_text(user->given_name), arg_text(user->family_name),
                   arg_int(user->updated_at)));
    return tx_status(tx);
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
    size_t count = 0;

    if (str_is(str_from(list->sort->name), "email"))
        values[count++] = arg_text(fold_email(tx->arena, user->email));
    values[count++] = arg_int(user->seq);
    return count;
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
    *user = (struct internal_user){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .login = query_int(q, 2),
        .given_name = query_text(q, 3),
        .family_name = query_text(q, 4),
        .email = query_text(q, 5),
        .role = query_text(q, 6),
        .avatar_url = query_text(q, 7),
        .fallback_color = query_text(q, 8),
        .is_limited = query_bool(q, 9),
        .first_login_at = query_int(q, 11),
        .last_login_at = query_int(q, 12),
        .created_at = query_int(q, 13),
        .updated_at = query_int(q, 14),
    };
    user->limited_to = ids_from_hex(q->tx->arena, query_text(q, 10));
}

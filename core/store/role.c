/* Role: rows of `roles`. */
#include "store/role.h"

#include "store/fold.h"
#include "store/query.h"

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.name, t.description, t.permissions, t.is_owner, t.is_preset,"           \
    " (SELECT count(*) FROM internal_users u WHERE u.workspace = t.workspace AND u.role = t.seq"   \
    " AND u.removed_at IS NULL), t.created_at, t.updated_at"
#define FROM "FROM roles t"
#define LIVE "t.workspace = $1 AND t.removed_at IS NULL"

struct preset {
    const char *name, *description;
    bool is_owner;
    const char *permissions; /* JSON; NULL: all of them */
};

static const struct preset presets[] = {
    { "Owner", "Everything, and the workspace itself.", true, NULL },
    { "Admin", "Everything but making owners.", false, NULL },
    { "Admin without billing", "Everything but bills.", false,
      "[\"view_clients\",\"create_clients\",\"edit_clients\",\"delete_clients\",\"invite_clients\","
      "\"manage_client_organizations\",\"view_staff\",\"manage_staff\",\"view_settings\","
      "\"edit_settings\",\"view_audit\",\"view_requests\",\"edit_requests\",\"view_services\","
      "\"edit_services\",\"manage_api_keys\",\"manage_plugins\",\"manage_webhooks\"]" },
    { "Staff", "Works with clients and invites them.", false,
      "[\"view_clients\",\"create_clients\",\"edit_clients\",\"invite_clients\","
      "\"manage_client_organizations\",\"view_staff\",\"view_requests\",\"edit_requests\","
      "\"view_services\"]" },
    { "Staff of assigned clients only",
      "Works with the clients whose account manager one is, and with those of companies that one "
      "is "
      "given.",
      false,
      "[\"edit_clients\",\"view_staff\",\"view_requests\",\"edit_requests\","
      "\"view_assigned_clients\"]" },
};

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "name", { "t.name_key", "t.seq" } },
    { 0 },
};

static const struct filter filters[] = {
    { "name", FILTER_NAME, "t.name_key = %s", NULL },
    { "isOwner", FILTER_BOOL, "t.is_owner = %s", NULL },
    { "isPreset", FILTER_BOOL, "t.is_preset = %s", NULL },
    { 0 },
};

const struct list_columns role_columns = {
    .select = SELECT,
    .from = FROM,
    .where = LIVE,
    .filters = filters,
    .sorts = sorts,
    .scope = { .row = { .ids = "has_id(%s, t.id)" } },
};

static enum status insert(struct tx *tx, struct role *role, struct str permissions);
static struct str stored(struct tx *tx, const struct role *role);
static enum status name_taken(struct tx *tx);
static void read_row(struct query *q, struct role *role);
static bool read_one(struct query q, struct role *role);

void role_create_presets(struct tx *tx)
{
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        struct role role = { .name = str_from(presets[i].name),
                             .description = str_from(presets[i].description),
                             .is_owner = presets[i].is_owner,
                             .is_preset = true };

        insert(tx, &role,
               presets[i].permissions ? str_from(presets[i].permissions)
                                      : permissions_json(tx->arena, PERMISSIONS_ALL));
    }
}

enum status role_create(struct tx *tx, struct role *role)
{
    return insert(tx, role, stored(tx, role));
}

enum status role_load(struct tx *tx, struct uuid id, struct role *role)
{
    return role_find(tx, id, role) ? tx_status(tx) : tx_not_found(tx);
}

bool role_find(struct tx *tx, struct uuid id, struct role *role)
{
    return read_one(query_open(tx, SELECT " " FROM " WHERE " LIVE " AND t.id = $2",
                               ARGS(arg_int(tx->workspace), arg_id(id))),
                    role);
}

bool role_find_by_name(struct tx *tx, struct str name, struct role *role)
{
    return read_one(query_open(tx, SELECT " " FROM " WHERE " LIVE " AND t.name_key = $2",
                               ARGS(arg_int(tx->workspace), arg_text(fold_text(tx->arena, name)))),
                    role);
}

enum status role_update(struct tx *tx, struct role *role)
{
    role->updated_at = tx_now(tx);
    if (query_run_unique(
            tx,
            "UPDATE roles SET name = $3, name_key = $4, description = $5, permissions = $6,"
            " is_owner = $7, updated_at = $8 WHERE workspace = $1 AND seq = $2",
            ARGS(arg_int(tx->workspace), arg_int(role->seq), arg_text(role->name),
                 arg_text(fold_text(tx->arena, role->name)), arg_text(role->description),
                 arg_text(stored(tx, role)), arg_bool(role->is_owner), arg_int(role->updated_at))))
        return name_taken(tx);
    return role_explain(tx);
}

enum status role_remove(struct tx *tx, const struct role *role)
{
    query_run(tx,
              "UPDATE roles SET removed_at = $3, updated_at = $3, name_key = lower(hex(id))"
              " WHERE workspace = $1 AND seq = $2 AND removed_at IS NULL",
              ARGS(arg_int(tx->workspace), arg_int(role->seq), arg_int(tx_now(tx))));
    return role_explain(tx);
}

enum status role_list(struct tx *tx, const struct list *list, struct role **roles, size_t *count)
{
    struct query q = list_open(tx, &role_columns, list);

    *roles = arena_array(tx->arena, struct role, (size_t)list->limit + 1);
    for (*count = 0; query_next(&q); (*count)++)
        read_row(&q, &(*roles)[*count]);
    query_close(&q);
    return tx_status(tx);
}

size_t role_sort_values(const struct tx *tx, const struct list *list, const struct role *role,
                        struct arg values[3])
{
    size_t count = 0;

    if (str_is(str_from(list->sort->name), "name"))
        values[count++] = arg_text(fold_text(tx->arena, role->name));
    values[count++] = arg_int(role->seq);
    return count;
}

uint64_t role_bits(struct texts names, struct str *unknown)
{
    uint64_t bits = 0;

    *unknown = STR_NONE;
    for (size_t i = 0; i < names.count; i++) {
        int found = permission_find(names.at[i]);

        if (found >= 0)
            bits |= UINT64_C(1) << found;
        else if (str_is_absent(*unknown))
            *unknown = names.at[i];
    }
    return bits;
}

enum status role_explain(struct tx *tx)
{
    if (tx->status != ST_UNPROCESSABLE)
        return tx_status(tx);
    if (str_is(tx->failure.code, "last_owner"))
        tx->failure.message =
            STR("This would leave the workspace without an owner who can sign in: "
                "make somebody else an owner first, and have him accept.");
    if (str_is(tx->failure.code, "owner_role_fixed"))
        tx->failure.message = STR(
            "The role of the owner owns the workspace and stays: duplicate it for another one.");
    if (str_is(tx->failure.code, "role_in_use"))
        tx->failure.message = STR("Somebody holds this role: give him another one first.");
    if (str_is(tx->failure.code, "role_gone"))
        tx->failure.message = STR("This role was removed meanwhile: choose another one.");
    return tx_status(tx);
}

static enum status insert(struct tx *tx, struct role *role, struct str permissions)
{
    role->id = tx_id(tx);
    role->created_at = role->updated_at = tx_now(tx);
    if (query_run_unique(
            tx,
            "INSERT INTO roles (workspace, id, name, name_key, description, is_owner, is_preset,"
            " permissions, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
            ARGS(arg_int(tx->workspace), arg_id(role->id), arg_text(role->name),
                 arg_text(fold_text(tx->arena, role->name)), arg_text(role->description),
                 arg_bool(role->is_owner), arg_bool(role->is_preset), arg_text(permissions),
                 arg_int(role->created_at))))
        return name_taken(tx);
    role->seq = query_last_seq(tx);
    return tx_status(tx);
}

static struct str stored(struct tx *tx, const struct role *role)
{
    struct str unknown;

    return permissions_json(tx->arena, role->is_owner ? PERMISSIONS_ALL
                                                      : role_bits(role->permissions, &unknown));
}

static enum status name_taken(struct tx *tx)
{
    tx_fail_field(tx, ST_CONFLICT, "name", "name_taken",
                  "Another role has this name (case does not matter).");
    return tx_status(tx);
}

static void read_row(struct query *q, struct role *role)
{
    *role = (struct role){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .name = query_text(q, 2),
        .description = query_text(q, 3),
        .is_owner = query_bool(q, 5),
        .is_preset = query_bool(q, 6),
        .holders = query_int(q, 7),
        .created_at = query_int(q, 8),
        .updated_at = query_int(q, 9),
    };
    role->permissions = permissions_texts(
        q->tx->arena, role->is_owner ? PERMISSIONS_ALL : permissions_read(query_text(q, 4)));
}

static bool read_one(struct query q, struct role *role)
{
    bool found = query_next(&q);

    if (found)
        read_row(&q, role);
    query_close(&q);
    return found;
}

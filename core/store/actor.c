/* Actor: loading who asks, from a key, a session, or by id. */
#include "store/actor.h"

#include "base/crypto.h"
#include "store/actor_seen.h"
#include "store/query.h"

const char *const permission_names[PERMISSION_COUNT + 1] = {
    [PERMISSION_VIEW_CLIENTS] = "view_clients",
    [PERMISSION_CREATE_CLIENTS] = "create_clients",
    [PERMISSION_EDIT_CLIENTS] = "edit_clients",
    [PERMISSION_DELETE_CLIENTS] = "delete_clients",
    [PERMISSION_INVITE_CLIENTS] = "invite_clients",
    [PERMISSION_MANAGE_CLIENT_ORGANIZATIONS] = "manage_client_organizations",
    [PERMISSION_VIEW_STAFF] = "view_staff",
    [PERMISSION_MANAGE_STAFF] = "manage_staff",
    [PERMISSION_VIEW_SETTINGS] = "view_settings",
    [PERMISSION_EDIT_SETTINGS] = "edit_settings",
    [PERMISSION_VIEW_AUDIT] = "view_audit",
    [PERMISSION_VIEW_BILLING] = "view_billing",
    [PERMISSION_EDIT_BILLING] = "edit_billing",
    [PERMISSION_VIEW_REQUESTS] = "view_requests",
    [PERMISSION_EDIT_REQUESTS] = "edit_requests",
    [PERMISSION_VIEW_SERVICES] = "view_services",
    [PERMISSION_EDIT_SERVICES] = "edit_services",
    [PERMISSION_VIEW_ASSIGNED_CLIENTS] = "view_assigned_clients",
    [PERMISSION_MANAGE_API_KEYS] = "manage_api_keys",
    [PERMISSION_MANAGE_PLUGINS] = "manage_plugins",
    [PERMISSION_MANAGE_WEBHOOKS] = "manage_webhooks",
};

#define KEY_SELECT                                                                                 \
    "SELECT k.id, k.workspace, w.id, k.name, k.scopes, u.id, u.seq, u.is_limited, r.permissions,"  \
    " r.is_owner, r.name, coalesce(l.may_operate, 0), w.plugins_version,"                          \
    " coalesce(k.expires_at, 0)"                                                                   \
    " FROM api_keys k JOIN workspaces w ON w.seq = k.workspace"                                    \
    " LEFT JOIN internal_users u ON u.seq = k.internal_user"                                       \
    " LEFT JOIN roles r ON r.seq = u.role LEFT JOIN logins l ON l.seq = u.login "
#define KEY_IS_GOOD                                                                                \
    "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AND u.removed_at IS "    \
    "NULL"

static bool read_key(struct tx *tx, struct query q, int64_t *expires_at);
static enum status unknown_key(struct tx *tx);
static uint64_t permissions_of(bool is_owner, struct str json);
static void load_limits(struct tx *tx, int64_t internal_user);
static void load_companies(struct tx *tx, int64_t client);
static enum status load_person(struct tx *tx, enum actor_kind kind, struct uuid id);

bool actor_can(const struct actor *actor, enum permission permission)
{
    return (actor->permissions >> permission) & 1u;
}

int permission_find(struct str name)
{
    for (int i = 0; i < PERMISSION_COUNT; i++)
        if (str_is(name, permission_names[i]))
            return i;
    return -1;
}

/* The stored form is ours: names of [a-z_] in quotes. */
uint64_t permissions_read(struct str json)
{
    uint64_t bits = 0;
    struct str piece;

    for (bool is_name = false; str_cut(&json, '"', &piece); is_name = !is_name) {
        int found = is_name ? permission_find(piece) : -1;

        if (found >= 0)
            bits |= UINT64_C(1) << found;
    }
    return bits;
}

struct str permissions_json(struct arena *arena, uint64_t bits)
{
    struct texts names = permissions_texts(arena, bits);
    struct str list = STR("[");

    for (size_t i = 0; i < names.count; i++)
        list =
            str_printf(arena, "%.*s%s\"%.*s\"", STR_ARG(list), i ? "," : "", STR_ARG(names.at[i]));
    return str_concat(arena, list, STR("]"));
}

struct texts permissions_texts(struct arena *arena, uint64_t bits)
{
    struct texts names = { arena_array(arena, struct str, PERMISSION_COUNT), 0 };

    for (int i = 0; i < PERMISSION_COUNT; i++)
        if (bits >> i & 1u)
            names.at[names.count++] = str_from(permission_names[i]);
    return names;
}

const char *actor_kind_name(enum actor_kind kind)
{
    static const char *const names[] = { "nobody", "internalUser", "client",
                                         "apiKey", "plugin",       "system" };

    return names[kind];
}

enum status actor_load_by_key(struct tx *tx, struct str key_text)
{
    struct str workspace_text = STR_NONE, rest = key_text, piece;
    uint8_t hash[CRYPTO_HASH];
    struct uuid workspace = UUID_NONE;
    int64_t expires_at;

    if (str_cut(&rest, '/', &piece) && !str_is_absent(rest)) { /* workspaceId/KEY[/tokenId] */
        workspace_text = piece;
        str_cut(&rest, '/', &piece);
        if (!uuid_parse(workspace_text, &workspace))
            return unknown_key(tx);
    }
    crypto_sha256(piece, hash);

    if (!actor_seen_find(tx, hash)) {
        if (!read_key(tx,
                      query_open(tx, KEY_SELECT "WHERE k.key_hash = $1 AND " KEY_IS_GOOD,
                                 ARGS(arg_blob(hash, sizeof(hash)), arg_int(tx_now(tx)))),
                      &expires_at))
            return unknown_key(tx);
        actor_seen_keep(tx, hash, expires_at);
    }
    if (!uuid_is_none(workspace) && !uuid_eq(workspace, tx->workspace_id))
        return unknown_key(tx);
    return tx_status(tx);
}

bool actor_find_key(struct tx *tx, struct uuid key)
{
    int64_t expires_at;

    return read_key(tx,
                    query_open(tx,
                               KEY_SELECT "WHERE k.id = $1 AND k.workspace = $3 AND " KEY_IS_GOOD,
                               ARGS(arg_id(key), arg_int(tx_now(tx)), arg_int(tx->workspace))),
                    &expires_at);
}

enum status actor_load_by_session(struct tx *tx, struct str session_text)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(session_text, hash);
    struct query q = query_open(
        tx,
        "SELECT s.id, s.workspace, w.id, s.kind, s.person, l.may_operate, w.plugins_version"
        " FROM sessions s JOIN workspaces w ON w.seq = s.workspace JOIN logins l ON l.seq = s.login"
        " WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2"
        " AND s.last_seen_at + s.idle > $2",
        ARGS(arg_blob(hash, sizeof(hash)), arg_int(tx_now(tx))));
    if (!query_next(&q)) {
        query_close(&q);
        return tx_fail(tx, ST_UNAUTHENTICATED, "session_over",
                       "You are not signed in any more: sign in again.");
    }

    struct uuid session = query_id(&q, 0), person = query_id(&q, 4);
    enum actor_kind kind = str_is(query_text(&q, 3), "client") ? ACTOR_CLIENT : ACTOR_STAFF;
    bool may_operate = query_bool(&q, 5);

    tx->workspace = query_int(&q, 1);
    tx->workspace_id = query_id(&q, 2);
    tx->plugins_of = tx->workspace;
    tx->plugins_version = query_int(&q, 6);
    query_close(&q);
    if (load_person(tx, kind, person) == ST_NOT_FOUND) /* removed or archived since */
        return tx_fail(tx, ST_UNAUTHENTICATED, "session_over",
                       "You are not signed in any more: sign in again.");
    tx->actor.session = session;
    tx->actor.road = "session";
    tx->actor.may_operate = may_operate && kind == ACTOR_STAFF;
    return tx_status(tx);
}

enum status actor_load_staff(struct tx *tx, struct uuid internal_user)
{
    return actor_find_staff(tx, internal_user) ? tx_status(tx) : tx_not_found(tx);
}

enum status actor_load_client(struct tx *tx, struct uuid client)
{
    return actor_find_client(tx, client) ? tx_status(tx) : tx_not_found(tx);
}

bool actor_find_staff(struct tx *tx, struct uuid internal_user)
{
    return load_person(tx, ACTOR_STAFF, internal_user) == ST_OK;
}

bool actor_find_client(struct tx *tx, struct uuid client)
{
    return load_person(tx, ACTOR_CLIENT, client) == ST_OK;
}

static bool read_key(struct tx *tx, struct query q, int64_t *expires_at)
{
    uint64_t scopes;
    int64_t owner;

    if (!query_next(&q)) {
        query_close(&q);
        return false;
    }
    owner = query_int(&q, 6);
    scopes = query_is_null(&q, 4) ? PERMISSIONS_ALL : permissions_read(query_text(&q, 4));
    tx->actor = (struct actor){
        .kind = ACTOR_KEY,
        .id = query_id(&q, 0),
        .name = query_text(&q, 3),
        .role = owner ? query_text(&q, 10) : STR("key"),
        .permissions =
            owner ? scopes & permissions_of(query_bool(&q, 9), query_text(&q, 8)) : scopes,
        .is_owner = query_bool(&q, 9) && query_is_null(&q, 4),
        .is_limited = query_bool(&q, 7),
        .behalf_kind = owner ? ACTOR_STAFF : ACTOR_NOBODY,
        .behalf_id = query_id(&q, 5),
        .road = "api",
        .may_operate = query_bool(&q, 11) && query_is_null(&q, 4),
    };
    tx->workspace = query_int(&q, 1);
    tx->workspace_id = query_id(&q, 2);
    tx->plugins_of = tx->workspace;
    tx->plugins_version = query_int(&q, 12);
    *expires_at = query_int(&q, 13);
    query_close(&q);
    if (tx->actor.is_limited)
        load_limits(tx, owner);
    return true;
}

static enum status unknown_key(struct tx *tx)
{
    return tx_fail(tx, ST_UNAUTHENTICATED, "unknown_api_key",
                   "This API key is unknown, revoked or expired: send a good one in X-API-Key.");
}

/* ST_NOT_FOUND without failing the transaction: the caller says what that means. */
static enum status load_person(struct tx *tx, enum actor_kind kind, struct uuid id)
{
    struct query q =
        kind == ACTOR_STAFF
            ? query_open(tx,
                         "SELECT u.seq, u.given_name || ' ' || u.family_name, u.email, r.name,"
                         " r.permissions, r.is_owner, u.is_limited, coalesce(l.may_operate, 0)"
                         " FROM internal_users u JOIN roles r ON r.seq = u.role"
                         " LEFT JOIN logins l ON l.seq = u.login"
                         " WHERE u.workspace = $1 AND u.id = $2 AND u.removed_at IS NULL",
                         ARGS(arg_int(tx->workspace), arg_id(id)))
            : query_open(tx,
                         "SELECT seq, trim(given_name || ' ' || family_name), email, 'client', "
                         "'[]', 0, 0, 0"
                         " FROM clients WHERE workspace = $1 AND id = $2 AND archived_at IS NULL",
                         ARGS(arg_int(tx->workspace), arg_id(id)));
    int64_t seq;

    if (!query_next(&q)) {
        query_close(&q);
        return ST_NOT_FOUND;
    }
    seq = query_int(&q, 0);
    tx->actor = (struct actor){
        .kind = kind,
        .id = id,
        .name = query_text(&q, 1),
        .email = query_text(&q, 2),
        .role = query_text(&q, 3),
        .permissions = permissions_of(query_bool(&q, 5), query_text(&q, 4)),
        .is_owner = query_bool(&q, 5),
        .is_limited = query_bool(&q, 6),
        .road = "system",
        .may_operate = query_bool(&q, 7),
    };
    query_close(&q);
    if (tx->actor.is_limited)
        load_limits(tx, seq);
    if (kind == ACTOR_CLIENT)
        load_companies(tx, seq);
    return ST_OK;
}

/* Owners hold all, also what a newer program brought. */
static uint64_t permissions_of(bool is_owner, struct str json)
{
    return is_owner ? PERMISSIONS_ALL : permissions_read(json);
}

static void load_limits(struct tx *tx, int64_t internal_user)
{
    struct ids *limits = &tx->actor.limited_to;
    size_t cap = 0;
    struct query q = query_open(
        tx,
        "SELECT c.id FROM internal_user_companies i JOIN companies c ON c.seq = i.company"
        " WHERE i.workspace = $1 AND i.internal_user = $2 ORDER BY c.seq",
        ARGS(arg_int(tx->workspace), arg_int(internal_user)));

    while (query_next(&q)) {
        if (limits->count == cap) {
            cap = cap ? cap * 2 : 8;
            limits->at = arena_grow(tx->arena, limits->at, limits->count * sizeof(*limits->at),
                                    cap * sizeof(*limits->at));
        }
        limits->at[limits->count++] = query_id(&q, 0);
    }
    query_close(&q);
}

static void load_companies(struct tx *tx, int64_t client)
{
    struct actor *actor = &tx->actor;
    size_t cap = 0;
    struct query q =
        query_open(tx,
                   "SELECT c.id, m.role FROM memberships m JOIN companies c ON c.seq = m.company"
                   " WHERE m.workspace = $1 AND m.client = $2 AND"
                   " (SELECT companies_enabled FROM workspaces WHERE seq = $1)"
                   " ORDER BY m.created_at, c.seq",
                   ARGS(arg_int(tx->workspace), arg_int(client)));

    while (query_next(&q)) {
        if (actor->company_count == cap) {
            cap = cap ? cap * 2 : 4;
            actor->companies = arena_grow(tx->arena, actor->companies,
                                          actor->company_count * sizeof(*actor->companies),
                                          cap * sizeof(*actor->companies));
        }
        actor->companies[actor->company_count++] =
            (struct company_role){ query_id(&q, 0), query_text(&q, 1) };
    }
    query_close(&q);
}

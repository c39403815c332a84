/* Key: rows of `api_keys`. */
#include "store/key.h"

#include "base/bytes.h"
#include "base/crypto.h"
#include "store/query.h"
#include "store/staff.h"

#define SELECT                                                                                     \
    "SELECT t.seq, t.id, t.name, t.scopes, t.internal_user, u.id, r.permissions, r.is_owner,"      \
    " u.is_limited, (SELECT group_concat(hex(id), '') FROM (SELECT c.id FROM"                      \
    " internal_user_companies i JOIN companies c ON c.seq = i.company"                             \
    " WHERE i.workspace = t.workspace AND i.internal_user = u.seq ORDER BY c.seq)),"               \
    " t.created_at, t.last_used_at, t.expires_at, t.revoked_at"
#define FROM                                                                                       \
    "FROM api_keys t LEFT JOIN internal_users u ON u.seq = t.internal_user"                        \
    " LEFT JOIN roles r ON r.seq = u.role"
#define ALL  "t.workspace = $1"
#define LIVE ALL " AND t.revoked_at IS NULL AND u.removed_at IS NULL"

static const struct list_sort sorts[] = {
    { "createdAt", { "t.seq" } },
    { "name", { "t.name", "t.seq" } },
    { 0 },
};

static const struct filter filters[] = {
    { "internalUserId", FILTER_ID, "u.id = %s", NULL },
    { "name", FILTER_TEXT, "t.name = %s", NULL },
    { 0 },
};

/* One's own: the key that asks, or those that act for the one who asks. */
const struct list_columns api_key_columns = {
    .select = SELECT,
    .from = FROM,
    .where = LIVE,
    .filters = filters,
    .sorts = sorts,
    .scope = { .row = { .own = "(t.id = %s OR u.id = %s)", .ids = "has_id(%s, t.id)" } },
};

enum { KEY_BYTES = 32 };

static void read_row(struct query *q, struct api_key *key);
static void fill(struct tx *tx, uint64_t owners, bool is_owner, struct api_key *key);

enum status key_create(struct tx *tx, struct api_key *key, struct str *text)
{
    uint8_t secret[KEY_BYTES], hash[CRYPTO_HASH];

    tx_random(tx, secret, sizeof(secret));
    *text =
        str_concat(tx->arena, STR("foyer_"), bytes_to_base64url(tx->arena, secret, sizeof(secret)));
    crypto_sha256(*text, hash);
    key->id = tx_id(tx);
    key->created_at = tx_now(tx);
    query_run(
        tx,
        "INSERT INTO api_keys (workspace, id, name, key_hash, scopes, internal_user, created_at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ARGS(arg_int(tx->workspace), arg_id(key->id), arg_text(key->name),
             arg_blob(hash, sizeof(hash)), arg_text(key->scopes),
             key->internal_user ? arg_int(key->internal_user) : arg_text(STR_NONE),
             arg_int(key->created_at), arg_time(key->expires_at)));
    key->seq = query_last_seq(tx);
    return tx_status(tx);
}

enum status key_load(struct tx *tx, struct uuid id, struct api_key *key)
{
    struct query q = query_open(tx, SELECT " " FROM " WHERE " LIVE " AND t.id = $2",
                                ARGS(arg_int(tx->workspace), arg_id(id)));
    bool found = query_next(&q);

    if (found)
        read_row(&q, key);
    query_close(&q);
    return found ? tx_status(tx) : tx_not_found(tx);
}

void key_settle(struct tx *tx, const struct internal_user *owner, struct api_key *key)
{
    struct str unknown;

    key->internal_user = owner ? owner->seq : 0;
    key->internal_user_id = owner ? owner->id : UUID_NONE;
    key->is_limited = owner && owner->is_limited;
    key->limited_to = owner ? owner->limited_to : (struct ids){ 0 };
    fill(tx, owner ? role_bits(owner->permissions, &unknown) : PERMISSIONS_ALL,
         owner && owner->is_owner, key);
}

enum status key_update(struct tx *tx, struct api_key *key)
{
    query_run(tx,
              "UPDATE api_keys SET name = $3, scopes = $4, expires_at = $5"
              " WHERE workspace = $1 AND seq = $2",
              ARGS(arg_int(tx->workspace), arg_int(key->seq), arg_text(key->name),
                   arg_text(key->scopes), arg_time(key->expires_at)));
    return tx_status(tx);
}

/* The room grows with what there is: operators ask for all of them. */
enum status key_list(struct tx *tx, const struct list *list, bool with_revoked,
                     struct api_key **keys, size_t *count)
{
    struct list_columns columns = api_key_columns;
    struct query q;
    size_t cap = 0;

    if (with_revoked)
        columns.where = ALL;
    q = list_open(tx, &columns, list);
    *keys = NULL;
    for (*count = 0; query_next(&q); (*count)++) {
        if (*count == cap) {
            cap = cap ? cap * 2 : 32;
            *keys = arena_grow(tx->arena, *keys, *count * sizeof(**keys), cap * sizeof(**keys));
        }
        read_row(&q, &(*keys)[*count]);
    }
    query_close(&q);
    return tx_status(tx);
}

bool key_revoke(struct tx *tx, struct uuid id)
{
    return query_run(tx,
                     "UPDATE api_keys SET revoked_at = $3 WHERE workspace = $1 AND id = $2"
                     " AND revoked_at IS NULL",
                     ARGS(arg_int(tx->workspace), arg_id(id), arg_int(tx_now(tx)))) > 0;
}

bool key_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope)
{
    return list_holds(tx, &api_key_columns, scope, id);
}

size_t key_sort_values(const struct tx *tx, const struct list *list, const struct api_key *key,
                       struct arg values[3])
{
    size_t count = 0;

    (void)tx;
    if (str_is(str_from(list->sort->name), "name"))
        values[count++] = arg_text(key->name);
    values[count++] = arg_int(key->seq);
    return count;
}

enum status key_touch(struct tx *tx, struct uuid id, int64_t at)
{
    query_run(tx,
              "UPDATE api_keys SET last_used_at = $3 WHERE workspace = $1 AND id = $2"
              " AND coalesce(last_used_at, 0) < $3",
              ARGS(arg_int(tx->workspace), arg_id(id), arg_int(at)));
    return tx_status(tx);
}

static void read_row(struct query *q, struct api_key *key)
{
    struct tx *tx = q->tx;
    bool is_owner = query_bool(q, 7);

    *key = (struct api_key){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .name = query_text(q, 2),
        .scopes = query_text(q, 3),
        .internal_user = query_int(q, 4),
        .internal_user_id = query_id(q, 5),
        .is_limited = query_bool(q, 8),
        .limited_to = ids_from_hex(tx->arena, query_text(q, 9)),
        .created_at = query_int(q, 10),
        .last_used_at = query_int(q, 11),
        .expires_at = query_int(q, 12),
        .revoked_at = query_int(q, 13),
    };
    fill(tx, !key->internal_user || is_owner ? PERMISSIONS_ALL : permissions_read(query_text(q, 6)),
         is_owner, key);
}

/* As actor.c has it when the key asks. */
static void fill(struct tx *tx, uint64_t owners, bool is_owner, struct api_key *key)
{
    bool has_scopes = !str_is_absent(key->scopes);
    uint64_t scopes = has_scopes ? permissions_read(key->scopes) : PERMISSIONS_ALL;

    key->scope_names = has_scopes ? permissions_texts(tx->arena, scopes) : (struct texts){ 0 };
    key->permissions = permissions_texts(tx->arena, scopes & owners);
    key->is_owner = is_owner && !has_scopes;
}

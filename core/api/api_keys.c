/* Api keys: /v1/api-keys. A key is told once, at its creation; only its hash is kept.
 *
 * A key acts for a member of staff, within its scopes and never beyond what he may now; it dies with him.
 * One without an owner is the workspace's own.
 */
#include "api/api_keys.h"

#include "api/body.h"
#include "api/list.h"
#include "http/json.h"
#include "store/record.h"
#include "store/staff.h"

#include <stddef.h>

static route_target target, target_new;
static route_phase list, read_one, create, patch, delete_one;

static const char *const object[] = { "apiKey", NULL };

#define AT(member) offsetof(struct api_key, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, "id", "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"apiKey\"." },
    { "createdAt", FIELD_TIME, FIELD_SORT, AT(created_at), 0, 0, NULL, "created_at",
      "When it was made." },
    { "name", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED | FIELD_FILTER | FIELD_SORT, AT(name), 1,
      100, NULL, "name", "What it is called in lists and audit." },
    { "scopes", FIELD_TEXTS, FIELD_WRITE, AT(scope_names), 0, 64, NULL, NULL,
      "Permissions that it is held to, out of GET /v1/permissions; empty: all that its owner "
      "has." },
    { "permissions", FIELD_TEXTS, 0, AT(permissions), 0, 0, NULL, NULL,
      "What it may now: its scopes, within what its owner may." },
    { "internalUserId", FIELD_ID, FIELD_CREATE | FIELD_FILTER, AT(internal_user_id), 0, 0, NULL,
      NULL,
      "The member of staff on whose behalf it acts, and with whom it dies. Not named: who makes "
      "it; "
      "null: nobody, it is the workspace's own." },
    { "isOwner", FIELD_BOOL, 0, AT(is_owner), 0, 0, NULL, NULL,
      "Whether it acts as an owner: without scopes, for an owner." },
    { "isClientAccessLimited", FIELD_BOOL, 0, AT(is_limited), 0, 0, NULL, NULL, "As its owner." },
    { "companyAccessList", FIELD_IDS, 0, AT(limited_to), 0, 0, NULL, NULL, "As its owner." },
    { "expiresAt", FIELD_TIME, FIELD_WRITE, AT(expires_at), 0, 0, NULL, "expires_at",
      "When it stops working; null: never." },
    { "lastUsedAt", FIELD_TIME, FIELD_NO_ETAG, AT(last_used_at), 0, 0, NULL, "last_used_at",
      "Newest use, to within a minute." },
    { "key", FIELD_TEXT, FIELD_OMIT_NULL, AT(text), 0, 0, NULL, NULL,
      "The key itself, told this once: only in the answer that made it." },
    { 0 },
};
const struct entity api_key_entity = { "api_key", fields, sizeof(struct api_key) };

const struct route api_key_routes[] = {
    { GET, "/v1/api-keys", .entity = &api_key_entity, .may = "api_key.list", .read = list,
      .flags = ROUTE_LIST, .summary = "List API keys" },
    { POST, "/v1/api-keys", .entity = &api_key_entity, .may = "api_key.create",
      .target = target_new, .write = create, .summary = "Create an API key, and tell it once" },
    { GET, "/v1/api-keys/{id}", .entity = &api_key_entity, .may = "api_key.read", .target = target,
      .read = read_one, .summary = "Retrieve an API key" },
    { PATCH, "/v1/api-keys/{id}", .entity = &api_key_entity, .may = "api_key.update",
      .target = target, .write = patch, .summary = "Change name, scopes or expiry of an API key" },
    { DELETE, "/v1/api-keys/{id}", .entity = &api_key_entity, .may = "api_key.delete",
      .target = target, .write = delete_one, .summary = "Revoke an API key: it is dead at once" },
    { 0 },
};

static enum status settle(struct tx *tx, struct api_key *key, uint64_t *given);
static bool find_owner(struct tx *tx, struct api_key *key, uint64_t given,
                       struct internal_user *owner);
static enum status take_scopes(struct tx *tx, struct api_key *key);
static void mark_follows(uint64_t *given);
static enum status record(struct tx *tx, const char *event, const char *action,
                          const struct api_key *before, const struct api_key *after);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct api_key *key = arena_new(tx->arena, struct api_key),
                   *wish = arena_new(tx->arena, struct api_key);
    struct scope scope;

    if (key_load(tx, rq->target_id, key) != ST_OK || policy_scope(tx, "api_key", &scope) != ST_OK)
        return tx_status(tx);
    if (!key_is_in_scope(tx, key->id, &scope))
        return tx_not_found(tx);
    *subject = (struct subject){ .entity = &api_key_entity, .row = key, .id = key->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &api_key_entity, JSON_PATCH, wish, &subject->given);
        wish->internal_user_id = key->internal_user_id;
        if (!body_gave(&api_key_entity, subject->given, "scopes"))
            wish->scope_names = key->scope_names;
        settle(tx, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct api_key *wish = arena_new(tx->arena, struct api_key);

    body_read(tx, rq, &api_key_entity, JSON_CREATE, wish, &subject->given);
    if (tx_status(tx) == ST_OK && !body_gave(&api_key_entity, subject->given, "internalUserId"))
        wish->internal_user_id = tx->actor.kind == ACTOR_STAFF ? tx->actor.id : tx->actor.behalf_id;
    settle(tx, wish, &subject->given);
    subject->entity = &api_key_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct list_page page = { .entity = &api_key_entity, .columns = &api_key_columns };
    struct list wanted;
    struct api_key *keys;

    if (list_read(tx, rq, &api_key_entity, &api_key_columns, &wanted) != ST_OK ||
        key_list(tx, &wanted, false, &keys, &page.count) != ST_OK)
        return tx_status(tx);
    page.rows = keys;
    for (size_t i = 0; i < page.count; i++)
        keys[i].limited_to = list_seen_companies(tx, keys[i].limited_to);
    if (list_has_more(&wanted, page.count)) {
        struct arg values[3];
        size_t count = key_sort_values(tx, &wanted, &keys[wanted.limit - 1], values);

        page.next = list_token(tx, &wanted, values, count);
    }
    return list_reply(tx, rq, &wanted, &page, rp);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct api_key key = *(const struct api_key *)tx->subject->row;

    (void)rq;
    key.limited_to = list_seen_companies(tx, key.limited_to);
    json_write(&api_key_entity, &key, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

/* The answer holds the key, and is not kept for a repeated Idempotency-Key. */
static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct api_key key = *(const struct api_key *)tx->subject->change;
    uint64_t given = tx->subject->given;
    struct str text;

    (void)rq;
    if (policy_filter(tx, "api_key.create", &api_key_entity, NULL, &key, &given) != ST_OK ||
        settle(tx, &key, &given) != ST_OK || key_create(tx, &key, &text) != ST_OK)
        return tx_status(tx);
    record(tx, "api_key.created", "api_key.create", NULL, &key);
    key.text = text;
    rp->has_secret = true;
    rp->entity_id = key.id;
    json_write(&api_key_entity, &key, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

/* In force with the next request of the key. */
static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct api_key *before = tx->subject->row;
    struct api_key wish = *(const struct api_key *)tx->subject->change, key = *before;
    uint64_t given = tx->subject->given;

    (void)rq;
    if (policy_filter(tx, "api_key.update", &api_key_entity, before, &wish, &given) != ST_OK)
        return tx_status(tx);
    body_apply(&api_key_entity, &wish, given, &key);
    if (settle(tx, &key, &given) != ST_OK || key_update(tx, &key) != ST_OK)
        return tx_status(tx);
    record(tx, "api_key.updated", "api_key.update", before, &key);
    json_write(&api_key_entity, &key, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct api_key *key = tx->subject->row;
    uint64_t given = 0;

    (void)rq;
    if (policy_filter(tx, "api_key.delete", &api_key_entity, key, &(struct api_key){ 0 }, &given) !=
        ST_OK)
        return tx_status(tx);
    if (!key_revoke(tx, key->id))
        return tx_not_found(tx);
    record(tx, "api_key.deleted", "api_key.delete", key, NULL);
    return reply_deleted(tx, rp, "apiKey", key->id);
}

/* What follows from owner and scopes, so that rules see what the key would be. */
static enum status settle(struct tx *tx, struct api_key *key, uint64_t *given)
{
    struct internal_user owner;
    bool has_owner;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    has_owner = find_owner(tx, key, *given, &owner);
    if (body_gave(&api_key_entity, *given, "expiresAt") && key->expires_at &&
        key->expires_at <= tx_now(tx))
        tx_fail_field(tx, ST_INVALID, "expiresAt", "in_the_past",
                      "Give a time that is still to come, or null for a key that does not expire.");
    if (take_scopes(tx, key) == ST_OK) {
        key_settle(tx, has_owner ? &owner : NULL, key);
        mark_follows(given);
    }
    return tx_status(tx);
}

static bool find_owner(struct tx *tx, struct api_key *key, uint64_t given,
                       struct internal_user *owner)
{
    struct scope scope;

    if (uuid_is_none(key->internal_user_id))
        return false;
    if (internal_user_find(tx, key->internal_user_id, owner)) {
        /* One's own name one knows; of others only those who are seen. */
        if (!body_gave(&api_key_entity, given, "internalUserId") ||
            (tx->actor.kind == ACTOR_STAFF && uuid_eq(tx->actor.id, owner->id)))
            return true;
        if (policy_scope(tx, "internal_user", &scope) == ST_OK &&
            internal_user_is_in_scope(tx, owner->id, &scope))
            return true;
    }
    tx_fail_field(tx, ST_INVALID, "internalUserId", "not_found",
                  "There is no such member of staff.");
    return false;
}

static enum status take_scopes(struct tx *tx, struct api_key *key)
{
    struct str unknown;
    uint64_t bits = role_bits(key->scope_names, &unknown);

    if (!str_is_absent(unknown))
        tx_fail_field(tx, ST_INVALID, "scopes", "unknown_permission",
                      "There is no permission \"%.*s\": GET /v1/permissions lists them.",
                      STR_ARG(unknown));
    key->scopes = key->scope_names.count ? permissions_json(tx->arena, bits) : STR_NONE;
    return tx_status(tx);
}

static void mark_follows(uint64_t *given)
{
    static const char *const follows[] = { "permissions", "isOwner", "isClientAccessLimited",
                                           "companyAccessList" };

    for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++)
        *given |= UINT64_C(1) << field_find(&api_key_entity, str_from(follows[i]));
}

static enum status record(struct tx *tx, const char *event, const char *action,
                          const struct api_key *before, const struct api_key *after)
{
    struct uuid id = after ? after->id : before->id;

    tx_event(tx, event, "api_key", id, record_payload(tx, &api_key_entity, before, after));
    tx_audit(tx, action, "api_key", id, record_detail(tx, &api_key_entity, before, after));
    return tx_status(tx);
}

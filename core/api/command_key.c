/* Command key: API keys, made, listed and revoked by whoever owns the data folder. */
#include "api/command.h"

#include "api/body.h"
#include "base/clock.h"
#include "store/key.h"
#include "store/record.h"
#include "store/staff.h"

#include <stddef.h>

static route_phase create, list, revoke;

struct given {
    struct str workspace, name, scopes, owner;
    struct uuid id;
    bool with_revoked;
};

#define TEXT(member, max, flags)                                                                   \
    {                                                                                              \
#member, FIELD_TEXT, FIELD_WRITE | (flags), offsetof(struct given, member), 0, max, NULL,  \
            NULL, NULL                                                                             \
    }

static const struct field create_fields[] = { TEXT(name, 100, FIELD_REQUIRED),
                                              TEXT(workspace, 64, 0),
                                              TEXT(scopes, 2000, 0),
                                              TEXT(owner, 254, 0),
                                              { 0 } };
static const struct field list_fields[] = {
    TEXT(workspace, 64, 0),
    { "all", FIELD_BOOL, FIELD_WRITE, offsetof(struct given, with_revoked), 0, 0, NULL, NULL,
      NULL },
    { 0 },
};
static const struct field revoke_fields[] = {
    { "id", FIELD_ID, FIELD_WRITE | FIELD_REQUIRED, offsetof(struct given, id), 0, 0, NULL, NULL,
      NULL },
    TEXT(workspace, 64, 0),
    { 0 },
};
static const struct entity create_entity = { "key", create_fields, sizeof(struct given) };
static const struct entity list_entity = { "key", list_fields, sizeof(struct given) };
static const struct entity revoke_entity = { "key", revoke_fields, sizeof(struct given) };

const struct route command_key_routes[] = {
    { POST, "key create", .body = &create_entity, .write = create },
    { POST, "key list", .body = &list_entity, .read = list },
    { POST, "key revoke", .body = &revoke_entity, .write = revoke },
    { 0 },
};

static enum status read_given(struct tx *tx, const struct request *rq, const struct entity *entity,
                              struct given *given);
static enum status read_scopes(struct tx *tx, struct str list, struct str *json);
static enum status find_owner(struct tx *tx, struct str email, int64_t *seq);
static void put_key(const struct api_key *key, bool as_text, struct buf *out);
static void put_time(const char *name, int64_t at, struct buf *out);

static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct api_key key = { 0 };
    struct given given;
    char id[UUID_TEXT];
    struct str text;
    struct buf *out;

    if (read_given(tx, rq, &create_entity, &given) != ST_OK ||
        read_scopes(tx, given.scopes, &key.scopes) != ST_OK ||
        find_owner(tx, given.owner, &key.internal_user) != ST_OK)
        return tx_status(tx);
    key.name = given.name;
    if (key_create(tx, &key, &text) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "api_key.create", "api_key", key.id, STR_NONE);
    uuid_format(key.id, id);
    out = command_reply(rq, rp);
    rp->has_secret = true;
    if (command_wants_text(rq))
        buf_printf(out, "%.*s\n", STR_ARG(text));
    else
        buf_printf(out, "{\"id\":\"%s\",\"apiKey\":\"%.*s\"}\n", id, STR_ARG(text));
    return tx_status(tx);
}

/* All of them, oldest first: the folder's owner asks no scope. */
static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct list all = { .scope = { .kind = SCOPE_EVERYTHING },
                              .sort = api_key_columns.sorts,
                              .limit = INT32_MAX };
    bool as_text = command_wants_text(rq);
    struct api_key *keys;
    struct given given;
    struct buf *out;
    size_t count;

    if (read_given(tx, rq, &list_entity, &given) != ST_OK ||
        key_list(tx, &all, given.with_revoked, &keys, &count) != ST_OK)
        return tx_status(tx);
    out = command_reply(rq, rp);
    buf_text(out, as_text ? "" : "[");
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i && !as_text ? "," : "");
        put_key(&keys[i], as_text, out);
    }
    buf_text(out, as_text ? "" : "]\n");
    if (as_text && count == 0)
        buf_text(out, "there is no key; `foyer key create` makes one\n");
    return tx_status(tx);
}

static enum status revoke(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct given given;
    char id[UUID_TEXT];

    if (read_given(tx, rq, &revoke_entity, &given) != ST_OK)
        return tx_status(tx);
    uuid_format(given.id, id);
    if (!key_revoke(tx, given.id)) {
        tx_fail_field(tx, ST_NOT_FOUND, "id", "not_found",
                      "There is no key of the id %s that could be revoked; `foyer key list` shows "
                      "them.",
                      id);
        return tx_status(tx);
    }
    tx_audit(tx, "api_key.revoke", "api_key", given.id, STR_NONE);
    if (command_wants_text(rq))
        buf_printf(command_reply(rq, rp), "%s is revoked\n", id);
    else
        buf_printf(command_reply(rq, rp), "{\"id\":\"%s\",\"revoked\":true}\n", id);
    return tx_status(tx);
}

/* Empty is not left out: `--scopes "$SCOPES"` of an unset variable would make a key that may everything. */
static enum status read_given(struct tx *tx, const struct request *rq, const struct entity *entity,
                              struct given *given)
{
    uint64_t which;

    *given = (struct given){ .name = STR_NONE };
    if (body_read(tx, rq, entity, JSON_CREATE, given, &which) != ST_OK)
        return tx_status(tx);
    for (const struct field *field = entity->fields; field->name; field++)
        if (field->type == FIELD_TEXT && which >> (field - entity->fields) & 1u &&
            str_is_empty(*FIELD_AT(struct str, given, field)))
            tx_fail_field(tx, ST_INVALID, field->name, "required",
                          "Cannot be empty: give a value, or leave it out.");
    return command_choose(tx, given->workspace);
}

/* "a,b" to ["a","b"], each the name of a permission. */
static enum status read_scopes(struct tx *tx, struct str list, struct str *json)
{
    struct str rest = list, name, text = STR("[");

    *json = STR_NONE;
    if (str_is_absent(list))
        return tx_status(tx);
    while (str_cut(&rest, ',', &name)) {
        name = str_trim(name);
        if (permission_find(name) < 0)
            tx_fail_field(tx, ST_INVALID, "scopes", "unknown_permission",
                          "There is no permission `%.*s`: view_clients, create_clients, "
                          "edit_clients … are some.",
                          STR_ARG(name));
        text = str_printf(tx->arena, "%.*s%s\"%.*s\"", STR_ARG(text), text.len > 1 ? "," : "",
                          STR_ARG(name));
    }
    *json = str_concat(tx->arena, text, STR("]"));
    return tx_status(tx);
}

static enum status find_owner(struct tx *tx, struct str email, int64_t *seq)
{
    struct internal_user user;

    *seq = 0;
    if (str_is_empty(email))
        return tx_status(tx);
    if (internal_user_find_by_email(tx, email, &user) != ST_OK && tx->status == ST_NOT_FOUND) {
        failure_clear(&tx->failure);
        tx->status = ST_OK;
        tx_fail_field(tx, ST_NOT_FOUND, "owner", "not_found",
                      "Nobody of the staff has the address %.*s.", STR_ARG(email));
        return tx_status(tx);
    }
    *seq = user.seq;
    return tx_status(tx);
}

static void put_key(const struct api_key *key, bool as_text, struct buf *out)
{
    char id[UUID_TEXT], used[CLOCK_TEXT];

    uuid_format(key->id, id);
    if (as_text) {
        clock_format(key->last_used_at, used);
        buf_printf(out, "%s  %-24.*s  %s%.10s%s\n", id, STR_ARG(key->name),
                   key->last_used_at ? "used " : "never used", key->last_used_at ? used : "",
                   key->revoked_at ? "  revoked" : "");
        return;
    }
    buf_printf(out, "{\"id\":\"%s\",\"name\":", id);
    buf_json(out, key->name);
    buf_printf(out, ",\"scopes\":%.*s",
               STR_ARG(str_is_absent(key->scopes) ? STR("null") : key->scopes));
    put_time("createdAt", key->created_at, out);
    put_time("lastUsedAt", key->last_used_at, out);
    put_time("expiresAt", key->expires_at, out);
    put_time("revokedAt", key->revoked_at, out);
    buf_char(out, '}');
}

static void put_time(const char *name, int64_t at, struct buf *out)
{
    char text[CLOCK_TEXT];

    clock_format(at, text);
    if (at)
        buf_printf(out, ",\"%s\":\"%s\"", name, text);
    else
        buf_printf(out, ",\"%s\":null", name);
}

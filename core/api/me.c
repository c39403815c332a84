/* Me: /v1/me and /v1/sessions: who I am, what I may, and where I am signed in. */
#include "api/me.h"

#include "api/body.h"
#include "api/clients.h"
#include "api/internal_users.h"
#include "api/workspaces.h"
#include "store/query.h"
#include "store/record.h"
#include "store/session.h"

#include <stddef.h>

static route_target target_me;
static route_phase read_me, patch_me, list_sessions, delete_session;

/* What a person may change of himself; the rest is the firm's. Forms give all of it. */
struct profile {
    struct str given_name, family_name, phone, position;
};
#define AT(member) offsetof(struct profile, member)
static const struct field profile_fields[] = {
    { "givenName", FIELD_TEXT, FIELD_CREATE | FIELD_UPDATE | FIELD_REQUIRED, AT(given_name), 1, 100,
      NULL, NULL, "First name." },
    { "familyName", FIELD_TEXT, FIELD_CREATE | FIELD_UPDATE | FIELD_REQUIRED, AT(family_name), 1,
      100, NULL, NULL, "Last name." },
    { "phone", FIELD_PHONE, FIELD_CREATE | FIELD_UPDATE, AT(phone), 0, 40, NULL, NULL,
      "Telephone number (clients)." },
    { "position", FIELD_TEXT, FIELD_CREATE | FIELD_UPDATE, AT(position), 0, 100, NULL, NULL,
      "Job title (clients)." },
    { 0 },
};
static const struct entity profile_entity = { "me", profile_fields, sizeof(struct profile) };

static const char *const session_object[] = { "session", NULL };
struct session_row {
    struct uuid id;
    int64_t created_at, last_seen_at, expires_at;
    struct str peer, user_agent;
    bool is_current;
};
#define OF(member) offsetof(struct session_row, member)
static const struct field session_fields[] = {
    { "id", FIELD_ID, 0, OF(id), 0, 0, NULL, NULL, "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, session_object, NULL, "Always \"session\"." },
    { "createdAt", FIELD_TIME, 0, OF(created_at), 0, 0, NULL, NULL, "When it was signed in." },
    { "lastSeenAt", FIELD_TIME, FIELD_NO_ETAG, OF(last_seen_at), 0, 0, NULL, NULL,
      "Newest use, to within a minute." },
    { "expiresAt", FIELD_TIME, 0, OF(expires_at), 0, 0, NULL, NULL, "When it ends at the latest." },
    { "address", FIELD_TEXT, 0, OF(peer), 0, 0, NULL, NULL, "Where it was signed in from." },
    { "userAgent", FIELD_TEXT, 0, OF(user_agent), 0, 0, NULL, NULL, "The program that signed in." },
    { "isCurrent", FIELD_BOOL, 0, OF(is_current), 0, 0, NULL, NULL,
      "Whether it is the one that asks." },
    { 0 },
};
static const struct entity session_entity = { "session", session_fields,
                                              sizeof(struct session_row) };

const struct route me_routes[] = {
    { GET, "/v1/me", .may = "me.read", .target = target_me, .read = read_me,
      .summary = "Who I am and what I may" },
    { PATCH, "/v1/me", .body = &profile_entity, .may = "me.update", .target = target_me,
      .write = patch_me, .summary = "Change my own profile" },
    { GET, "/v1/sessions", .entity = &session_entity, .may = "session.list", .read = list_sessions,
      .flags = ROUTE_ALL, .summary = "Where I am signed in" },
    { DELETE, "/v1/sessions/{id}", .entity = &session_entity, .may = "session.delete",
      .target = me_session_target, .write = delete_session, .summary = "Sign out there" },
    { 0 },
};

static int64_t own_login(struct tx *tx);
static size_t own_sessions(struct tx *tx, struct session_row **rows);
static enum status patch_client(struct tx *tx, const struct profile *wish, uint64_t given);
static enum status patch_staff(struct tx *tx, const struct profile *wish, uint64_t given);

enum status reply_me(struct tx *tx, struct reply *rp)
{
    const struct actor *actor = &tx->actor;
    struct workspace workspace;
    struct client client;
    struct internal_user user;
    struct buf *out;
    bool is_client = actor->kind == ACTOR_CLIENT, is_staff = actor->kind == ACTOR_STAFF;

    if (workspace_load(tx, &workspace) != ST_OK ||
        (is_client && client_load(tx, actor->id, &client) != ST_OK) ||
        (is_staff && internal_user_load(tx, actor->id, &user) != ST_OK))
        return tx_status(tx);
    out = reply_json(rp, 200);
    buf_text(out, "{\"object\":\"me\",\"kind\":");
    buf_json(out, str_from(actor_kind_name(actor->kind)));
    buf_text(out, ",\"workspace\":{");
    for (size_t i = 0; workspace_entity.fields[i].name; i++) {
        const char *name = workspace_entity.fields[i].name;

        if (!str_is(str_from(name), "id") && !str_is(str_from(name), "brandName") &&
            !str_is(str_from(name), "locale") && !str_is(str_from(name), "timeZone") &&
            !str_is(str_from(name), "isCompaniesEnabled"))
            continue;
        json_write_field(&workspace_entity.fields[i], &workspace, out);
    }
    buf_text(out, "},\"permissions\":[");
    for (int i = 0, shown = 0; i < PERMISSION_COUNT; i++)
        if (actor_can(actor, (enum permission)i))
            buf_printf(out, "%s\"%s\"", shown++ ? "," : "", permission_names[i]);
    buf_char(out, ']');
    if (is_client) {
        buf_text(out, ",\"client\":");
        json_write(&client_entity, &client, ~UINT64_C(0), out);
    }
    if (is_staff) {
        buf_text(out, ",\"internalUser\":");
        json_write(&internal_user_entity, &user, ~UINT64_C(0), out);
    }
    buf_char(out, '}');
    return tx_status(tx);
}

static enum status target_me(struct tx *tx, const struct request *rq, struct subject *subject)
{
    subject->id = tx->actor.id;
    return rq->method == PATCH ? me_read_wish(tx, rq, subject) : tx_status(tx);
}

enum status me_read_wish(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct profile *wish = arena_new(tx->arena, struct profile);

    subject->entity = &profile_entity;
    subject->change = wish;
    subject->id = tx->actor.id;
    return body_read(tx, rq, &profile_entity, JSON_PATCH, wish, &subject->given);
}

static enum status read_me(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return reply_me(tx, rp);
}

static enum status patch_me(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return me_change(tx, tx->subject) == ST_OK ? reply_me(tx, rp) : tx_status(tx);
}

enum status me_change(struct tx *tx, const struct subject *subject)
{
    if (tx->actor.kind == ACTOR_CLIENT)
        return patch_client(tx, subject->change, subject->given);
    if (tx->actor.kind == ACTOR_STAFF)
        return patch_staff(tx, subject->change, subject->given);
    return tx_fail(tx, ST_UNPROCESSABLE, "not_a_person",
                   "A key has no profile: sign in as a person.");
}

static enum status patch_client(struct tx *tx, const struct profile *wish, uint64_t given)
{
    struct client before, client, change = { 0 };
    uint64_t bits = 0;

    if (client_load(tx, tx->actor.id, &before) != ST_OK)
        return tx_status(tx);
    change.given_name = wish->given_name;
    change.family_name = wish->family_name;
    change.phone = wish->phone;
    change.position = wish->position;
    for (size_t i = 0; profile_fields[i].name; i++)
        if (given >> i & 1u)
            bits |= UINT64_C(1) << field_find(&client_entity, str_from(profile_fields[i].name));
    if (policy_filter(tx, "client.update", &client_entity, &before, &change, &bits) != ST_OK)
        return tx_status(tx);
    client = before;
    body_apply(&client_entity, &change, bits, &client);
    if (client_update(tx, &client) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "client.updated", "client", client.id,
             record_payload(tx, &client_entity, &before, &client));
    tx_audit(tx, "me.update", "client", client.id,
             record_detail(tx, &client_entity, &before, &client));
    return tx_status(tx);
}

static enum status patch_staff(struct tx *tx, const struct profile *wish, uint64_t given)
{
    struct internal_user before, user;

    if (internal_user_load(tx, tx->actor.id, &before) != ST_OK)
        return tx_status(tx);
    if (body_gave(&profile_entity, given, "phone") || body_gave(&profile_entity, given, "position"))
        return tx_fail(tx, ST_UNPROCESSABLE, "not_a_client",
                       "Staff have names only: leave phone and position out.");
    user = before;
    if (body_gave(&profile_entity, given, "givenName"))
        user.given_name = wish->given_name;
    if (body_gave(&profile_entity, given, "familyName"))
        user.family_name = wish->family_name;
    if (internal_user_update(tx, &user) != ST_OK)
        return tx_status(tx);
    tx_event(tx, "internal_user.updated", "internal_user", user.id,
             record_payload(tx, &internal_user_entity, &before, &user));
    tx_audit(tx, "me.update", "internal_user", user.id,
             record_detail(tx, &internal_user_entity, &before, &user));
    return tx_status(tx);
}

static enum status list_sessions(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_text(out, "{\"data\":");
    me_write_sessions(tx, out);
    buf_char(out, '}');
    return tx_status(tx);
}

void me_write_sessions(struct tx *tx, struct buf *out)
{
    struct session_row *rows;
    size_t count = own_sessions(tx, &rows);

    buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(out, ',');
        json_write(&session_entity, &rows[i], ~UINT64_C(0), out);
    }
    buf_char(out, ']');
}

/* Only the person's own: another one's does not exist. */
enum status me_session_target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct session_row *rows;
    size_t count = own_sessions(tx, &rows);

    for (size_t i = 0; i < count; i++)
        if (uuid_eq(rows[i].id, rq->target_id)) {
            *subject =
                (struct subject){ .entity = &session_entity, .row = &rows[i], .id = rows[i].id };
            return tx_status(tx);
        }
    return tx_not_found(tx);
}

static enum status delete_session(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    if (me_end_session(tx) != ST_OK)
        return tx_status(tx);
    return reply_deleted(tx, rp, "session", tx->subject->id);
}

enum status me_end_session(struct tx *tx)
{
    if (session_end(tx, tx->subject->id) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "session.delete", "session", tx->subject->id, STR_NONE);
    return tx_status(tx);
}

static size_t own_sessions(struct tx *tx, struct session_row **rows)
{
    struct session *sessions;
    size_t count;

    if (session_list(tx, own_login(tx), &sessions, &count) != ST_OK)
        return 0;
    *rows = arena_array(tx->arena, struct session_row, count);
    for (size_t i = 0; i < count; i++)
        (*rows)[i] = (struct session_row){
            .id = sessions[i].id,
            .created_at = sessions[i].created_at,
            .last_seen_at = sessions[i].last_seen_at,
            .expires_at = sessions[i].expires_at,
            .peer = sessions[i].peer,
            .user_agent = sessions[i].user_agent,
            .is_current = uuid_eq(sessions[i].id, tx->actor.session),
        };
    return count;
}

/* 0 for whoever has none: a key has no sessions. */
static int64_t own_login(struct tx *tx)
{
    return query_one_int(tx, 0, "SELECT login FROM sessions WHERE workspace = $1 AND id = $2",
                         ARGS(arg_int(tx->workspace), arg_id(tx->actor.session)));
}

/* Replay past: what was recorded, laid over what is there today. */
#include "api/replay_past.h"

#include "api/explain.h"
#include "http/json.h"
#include "plugin/handler.h"
#include "policy/reads.h"
#include "store/workspace.h"

#include <jansson.h>
#include <string.h>

enum { FIELDS_MOST = 64 };

static void lay_over_actor(struct actor *actor, json_t *reads, struct arena *arena);
static void lay_over_roles(struct actor *actor, json_t *roles, struct arena *arena);
static bool was_told_short(const json_t *value);
static uint64_t lay_over(const struct entity *entity, const char *prefix, json_t *reads,
                         struct arena *arena, void *row);

bool past_actor(struct tx *tx, const struct past *past, struct json_t *reads)
{
    bool is_found = true;

    tx->actor = (struct actor){ .kind = ACTOR_NOBODY, .road = "api" };
    if (str_is(past->actor_kind, actor_kind_name(ACTOR_STAFF))) {
        is_found = actor_find_staff(tx, past->actor_id);
        if (is_found)
            explain_operator(tx);
    } else if (str_is(past->actor_kind, actor_kind_name(ACTOR_CLIENT))) {
        is_found = actor_find_client(tx, past->actor_id);
        tx->actor.road = "session";
    } else if (str_is(past->actor_kind, actor_kind_name(ACTOR_KEY))) {
        is_found = actor_find_key(tx, past->actor_id);
        tx->actor.road = "api";
    } else if (str_is(past->actor_kind, actor_kind_name(ACTOR_SYSTEM))) {
        tx->actor.kind = ACTOR_SYSTEM;
    } else if (str_is(past->actor_kind, actor_kind_name(ACTOR_PLUGIN))) {
        is_found = plugin_actor_find(tx->policy, past->actor_id, &tx->actor);
    }
    tx->workspace = past->workspace; /* a key brings its own */
    tx->workspace_id = past->workspace_id;
    if (is_found && reads)
        lay_over_actor(&tx->actor, reads, tx->arena);
    return is_found && tx_status(tx) == ST_OK;
}

static void lay_over_actor(struct actor *actor, json_t *reads, struct arena *arena)
{
    const json_t *road = json_object_get(reads, "actor.road");
    const json_t *role = json_object_get(reads, "actor.role");
    json_t *limits = json_object_get(reads, "actor.limitedTo"), *value;
    const char *key;

    json_object_foreach(reads, key, value)
    {
        struct str name = str_from(key);
        int permission;

        if (!str_starts(name, STR("actor:can(")) || !str_ends(name, STR(")")))
            continue;
        permission = permission_find(str_slice(name.at + 10, name.len - 11));
        if (permission >= 0 && json_is_true(value))
            actor->permissions |= UINT64_C(1) << permission;
        else if (permission >= 0)
            actor->permissions &= ~(UINT64_C(1) << permission);
    }
    if (json_is_string(road))
        actor->road = str_copy(arena, str_from(json_string_value(road))).at;
    if (json_is_string(role))
        actor->role = str_copy(arena, str_from(json_string_value(role)));
    if ((value = json_object_get(reads, "actor.isOwner")))
        actor->is_owner = json_is_true(value);
    if ((value = json_object_get(reads, "actor.mayOperate")))
        actor->may_operate = json_is_true(value);
    if (json_is_null(limits))
        actor->is_limited = false;
    if (json_is_array(limits)) {
        actor->is_limited = true;
        actor->limited_to =
            (struct ids){ arena_array(arena, struct uuid, json_array_size(limits)), 0 };
        for (size_t i = 0; i < json_array_size(limits); i++)
            if (uuid_parse(str_from(json_string_value(json_array_get(limits, i))),
                           &actor->limited_to.at[actor->limited_to.count]))
                actor->limited_to.count++;
    }
    lay_over_roles(actor, json_object_get(reads, "actor.companyIds"), arena);
    lay_over_roles(actor, json_object_get(reads, "actor.companyRoles"), arena);
}

static void lay_over_roles(struct actor *actor, json_t *roles, struct arena *arena)
{
    const char *id;
    json_t *role;

    if (!json_is_object(roles))
        return;
    actor->companies = arena_array(arena, struct company_role, json_object_size(roles));
    actor->company_count = 0;
    json_object_foreach(roles, id, role)
    {
        struct company_role *one = &actor->companies[actor->company_count];

        one->role = str_copy(arena, str_from(json_string_value(role)));
        if (uuid_parse(str_from(id), &one->company))
            actor->company_count++;
    }
}

bool past_workspace(struct tx *tx, struct json_t *reads)
{
    struct workspace *workspace = arena_new(tx->arena, struct workspace);

    if (workspace_load(tx, workspace) != ST_OK)
        return false;
    lay_over(&workspace_view, "workspace.", reads, tx->arena, workspace);
    tx->workspace_seen = workspace;
    return true;
}

struct json_t *past_body(struct tx *tx, const struct route *route, const struct past *past,
                         struct json_t *reads)
{
    bool is_made = uuid_is_none(past->subject);
    json_t *body, *value;
    const char *key;

    (void)tx;
    if (route->method != POST && route->method != PUT && route->method != PATCH)
        return NULL;
    body = json_object();
    json_object_foreach(reads, key, value)
    {
        size_t prefix = str_starts(str_from(key), STR("input."))               ? 6
                        : is_made && str_starts(str_from(key), STR("target.")) ? 7
                                                                               : 0;

        if (prefix && !json_is_null(value) && !was_told_short(value))
            json_object_set(body, key + prefix, value);
    }
    return body;
}

uint64_t past_target(struct tx *tx, struct json_t *reads, struct subject *subject)
{
    void *row;
    uint64_t laid;

    if (!subject->row || !reads)
        return 0;
    row = arena_alloc(tx->arena, subject->entity->size);
    memcpy(row, subject->row, subject->entity->size);
    laid = lay_over(subject->entity, "target.", reads, tx->arena, row);
    if (subject->change == subject->row)
        subject->change = row;
    subject->row = row;
    return laid;
}

/* The fields of the table under their names, as if all of them could be written. */
static uint64_t lay_over(const struct entity *entity, const char *prefix, json_t *reads,
                         struct arena *arena, void *row)
{
    struct field fields[FIELDS_MOST + 1];
    const struct entity writable = { entity->name, fields, entity->size };
    struct failure ignored = { .status = ST_OK };
    json_t *values = json_object();
    uint64_t given = 0;
    size_t i;

    for (i = 0; entity->fields[i].name && i < FIELDS_MOST; i++) {
        char name[200];
        json_t *value;

        fields[i] = entity->fields[i];
        fields[i].flags = FIELD_WRITE | FIELD_LINES;
        snprintf(name, sizeof(name), "%s%s", prefix, fields[i].name);
        value = reads ? json_object_get(reads, name) : NULL;
        if (value && fields[i].type != FIELD_CONST && !was_told_short(value))
            json_object_set(values, fields[i].name, value);
    }
    fields[i] = (struct field){ .name = NULL };
    /* What cannot be read back any more stays as it is today. */
    json_read(&writable, values, JSON_CHANGE, arena, row, &given, &ignored);
    json_decref(values);
    return given;
}

/* "(300 bytes)" stands for a value that was too long to be recorded. */
static bool was_told_short(const json_t *value)
{
    struct str text = str_from(json_string_value(value));

    return text.len > 8 && text.at[0] == '(' && text.at[1] >= '0' && text.at[1] <= '9' &&
           str_ends(text, STR(" bytes)"));
}

/* Test ask: actors, targets and workspaces out of tables. */
#include "lua/test_ask.h"

#include "base/clock.h"
#include "lua/api.h"
#include "lua/row.h"
#include "lua/test_run.h"
#include "lua/value.h"
#include "lua/view.h"
#include "plugin/choices.h"
#include "plugin/seat.h"
#include "policy/reads.h"

#include <lauxlib.h>
#include <string.h>

static void check_names(lua_State *L, int table, const char *what, const char *const *names);
static const struct entity *entity_of(lua_State *L, enum hook_kind kind, struct str name,
                                      bool of_input);
static bool is_asked_by_a_route(lua_State *L, struct str action);
static const struct entity *entity_called(const struct known *known, struct str name);
static void *read_row(lua_State *L, const char *name, const struct entity *entity, uint64_t *given);
static void read_workspace(lua_State *L, struct workspace *workspace);
static void read_settings_of(lua_State *L, const struct plugin *plugin, struct chosen *chosen);
static void read_permissions(lua_State *L, struct actor *actor);
static void read_companies(lua_State *L, struct actor *actor);
static struct ids read_ids(lua_State *L, const char *name);
static struct str get_text(lua_State *L, int table, const char *name);
static bool get_flag(lua_State *L, int table, const char *name);

void test_read_question(lua_State *L, enum hook_kind kind, struct test_question *question)
{
    static const char *const names[] = { "actor",     "target", "input",    "entity",
                                         "workspace", "now",    "settings", NULL };
    struct call *call = call_of(L);
    struct str now;

    check_names(L, 2, "the question", names);
    *question = (struct test_question){ .name = api_copy_text(L, 1) };
    question->tx = (struct tx){ .arena = call->arena,
                                .now = call->tx->now,
                                .kept = call->tx->kept,
                                .workspace = 1,
                                .policy = instance_of(L)->tests->policy,
                                .workspace_seen = &question->workspace };
    if (lua_getfield(L, 2, "actor") == LUA_TTABLE)
        test_read_actor(L, lua_gettop(L), &question->tx.actor);
    lua_pop(L, 1);
    read_workspace(L, &question->workspace);
    test_read_settings(L, &question->tx);
    now = get_text(L, 2, "now");
    if (!str_is_absent(now) && !clock_parse(now, &question->tx.now))
        luaL_error(L, "now must be a time like \"2026-11-23T08:00:00Z\"");
    if (kind == HOOK_SCOPE)
        return;
    question->subject.entity = entity_of(L, kind, question->name, false);
    question->subject.row =
        read_row(L, "target", question->subject.entity, &question->subject.given);
    if (!question->subject.row)
        question->subject.entity = entity_of(L, kind, question->name, true);
    question->subject.change =
        read_row(L, "input", question->subject.entity, &question->subject.given);
    if (!question->subject.row && !question->subject.change)
        question->subject.entity = NULL;
}

/* The name of another entity may be said: an invitation is asked for with the client as target. */
static const struct entity *entity_of(lua_State *L, enum hook_kind kind, struct str name,
                                      bool of_input)
{
    const struct known *known = instance_of(L)->known;
    const struct known_name *action = known_find(known, kind, name);
    struct str wanted = get_text(L, 2, "entity");
    const struct entity *entity;

    if (!action && kind == HOOK_RULE && is_asked_by_a_route(L, name))
        return NULL;
    if (!action)
        luaL_error(L, "there is no action \"%s\"", name.at);
    if (!str_is_absent(wanted)) {
        entity = entity_called(known, wanted);
        if (!entity)
            luaL_error(L, "there is no entity \"%s\"", wanted.at);
        return entity;
    }
    return of_input && action->body ? action->body : action->entity;
}

/* One of a plugin's own: about nothing that is known. */
static bool is_asked_by_a_route(lua_State *L, struct str action)
{
    const struct seat *seat = (const struct seat *)instance_of(L)->tests->policy;

    return seat->generation && generation_hook(seat->generation, HOOK_RULE, action);
}

static const struct entity *entity_called(const struct known *known, struct str name)
{
    for (size_t i = 0; i < known->count[HOOK_RULE]; i++) {
        const struct entity *entity = known->at[HOOK_RULE][i].entity;

        if (entity && str_is(name, entity->name))
            return entity;
    }
    return NULL;
}

/* NULL: the question has no such table. */
static void *read_row(lua_State *L, const char *name, const struct entity *entity, uint64_t *given)
{
    struct arena *arena = call_of(L)->arena;
    struct value fields;
    struct str reason;
    void *row = NULL;

    if (lua_getfield(L, 2, name) != LUA_TNIL) {
        if (!entity)
            luaL_error(L, "%s: this action is about nothing that is known; say entity = \"client\"",
                       name);
        reason = value_read(L, lua_gettop(L), arena, &fields);
        row = arena_alloc(arena, entity->size);
        if (str_is_absent(reason))
            reason = row_read(entity, &fields, arena, row, given);
        if (!str_is_absent(reason))
            luaL_error(L, "%s: %s", name, reason.at);
    }
    lua_pop(L, 1);
    return row;
}

static void read_workspace(lua_State *L, struct workspace *workspace)
{
    struct arena *arena = call_of(L)->arena;
    struct value fields;
    struct str reason;
    uint64_t given;

    *workspace = (struct workspace){ .seq = 1,
                                     .name = STR("Test"),
                                     .locale = STR("en"),
                                     .time_zone = STR("Etc/UTC"),
                                     .companies_enabled = true,
                                     .client_limit = -1 };
    if (lua_getfield(L, 2, "workspace") != LUA_TNIL) {
        reason = value_read(L, lua_gettop(L), arena, &fields);
        if (str_is_absent(reason))
            reason = row_read(&workspace_view, &fields, arena, workspace, &given);
        if (!str_is_absent(reason))
            luaL_error(L, "workspace: %s", reason.at);
    }
    lua_pop(L, 1);
}

/* settings = { house_rules = { most_tags = 3 } }: as if the workspace had chosen so. */
void test_read_settings(lua_State *L, struct tx *tx)
{
    const struct generation *generation = ((const struct seat *)tx->policy)->generation;
    struct plugin_choices *choices;
    struct arena *arena = call_of(L)->arena;

    if (lua_getfield(L, 2, "settings") != LUA_TNIL) {
        if (!lua_istable(L, -1))
            luaL_error(L, "settings are written { house_rules = { most_tags = 3 } }");
        choices = arena_new(arena, struct plugin_choices);
        choices->generation = generation;
        choices->workspace = tx->plugins_of = tx->workspace;
        choices->version = tx->plugins_version = 1;
        choices->by_plugin = arena_array(arena, struct chosen, generation->plugin_count);
        tx->plugins = choices;
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
            struct str name = lua_type(L, -2) == LUA_TSTRING ? api_text(L, -2) : STR("?");
            size_t i;

            for (i = 0; i < generation->plugin_count && !str_eq(generation->plugins[i].name, name);
                 i++)
                ;
            if (i == generation->plugin_count || !lua_istable(L, -1))
                luaL_error(L, "settings: there is no script or plugin \"%s\"", name.at);
            read_settings_of(L, &generation->plugins[i], &choices->by_plugin[i]);
        }
    }
    lua_pop(L, 1);
}

static void read_settings_of(lua_State *L, const struct plugin *plugin, struct chosen *chosen)
{
    struct arena *arena = call_of(L)->arena;
    const char *of = str_copy(arena, plugin->name).at;

    chosen->values = arena_array(arena, struct value, plugin->setting_count);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        struct str name = lua_type(L, -2) == LUA_TSTRING ? api_text(L, -2) : STR("?"), reason;
        const struct plugin_setting *setting =
            setting_find(plugin->settings, plugin->setting_count, name);
        struct value *value;

        if (!setting)
            luaL_error(L, "settings: %s has no setting \"%s\"", of, name.at);
        value = &chosen->values[setting - plugin->settings];
        reason = value_read(L, lua_gettop(L), arena, value);
        if (setting->type == SETTING_SECRET && value->type == VALUE_BOOL && !value->boolean)
            continue; /* is not set */
        if (str_is_absent(reason))
            reason = setting_refusal(setting, value, arena);
        if (!str_is_absent(reason))
            luaL_error(L, "settings: %s.%s: %s", of, name.at, reason.at);
    }
}

/* ---- Actors ------------------------------------------------------------------------------------ */

void test_read_actor(lua_State *L, int index, struct actor *actor)
{
    static const char *const names[] = { "kind",      "id",        "name",       "email",
                                         "role",      "isOwner",   "mayOperate", "permissions",
                                         "limitedTo", "companies", "ownerId",    "road",
                                         NULL };
    struct str kind, id;
    int i;

    index = lua_absindex(L, index);
    check_names(L, index, "the actor", names);
    kind = get_text(L, index, "kind");
    for (i = ACTOR_NOBODY; i <= ACTOR_SYSTEM; i++)
        if (str_is(kind, actor_kind_name((enum actor_kind)i)))
            break;
    if (i > ACTOR_SYSTEM)
        luaL_error(L, "the actor's kind must be \"internalUser\", \"client\", \"apiKey\", "
                      "\"nobody\", \"plugin\" or \"system\"");
    *actor = (struct actor){ .kind = (enum actor_kind)i,
                             .name = get_text(L, index, "name"),
                             .email = get_text(L, index, "email"),
                             .role = get_text(L, index, "role"),
                             .is_owner = get_flag(L, index, "isOwner"),
                             .may_operate = get_flag(L, index, "mayOperate"),
                             .road = i == ACTOR_KEY ? "api" : "session" };
    id = get_text(L, index, "id");
    if (!str_is_absent(id) && !uuid_parse(id, &actor->id))
        luaL_error(L, "the actor's id must be an id: t.id(\"jane\") makes one");
    id = get_text(L, index, "ownerId");
    if (!str_is_absent(id)) {
        if (!uuid_parse(id, &actor->behalf_id))
            luaL_error(L, "the actor's ownerId must be an id: t.id(\"jane\") makes one");
        actor->behalf_kind = ACTOR_STAFF;
    }
    lua_pushvalue(L, index);
    read_permissions(L, actor);
    read_companies(L, actor);
    actor->limited_to = read_ids(L, "limitedTo");
    actor->is_limited = actor->limited_to.at != NULL;
    lua_pop(L, 1);
}

/* The actor's table is on top of the stack. */
static void read_permissions(lua_State *L, struct actor *actor)
{
    if (lua_getfield(L, -1, "permissions") == LUA_TTABLE)
        for (lua_Integer i = 1; i <= luaL_len(L, -1); i++) {
            int permission;

            lua_geti(L, -1, i);
            permission = lua_type(L, -1) == LUA_TSTRING ? permission_find(api_text(L, -1)) : -1;
            if (permission < 0)
                luaL_error(L, "there is no permission \"%s\"", luaL_tolstring(L, -1, NULL));
            actor->permissions |= UINT64_C(1) << permission;
            lua_pop(L, 1);
        }
    lua_pop(L, 1);
}

/* companies = { [id] = "admin" } */
static void read_companies(lua_State *L, struct actor *actor)
{
    struct arena *arena = call_of(L)->arena;

    if (lua_getfield(L, -1, "companies") == LUA_TTABLE) {
        size_t count = 0;

        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            count++;
        actor->companies = arena_array(arena, struct company_role, count);
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
            struct company_role *company = &actor->companies[actor->company_count++];

            if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING ||
                !uuid_parse(api_text(L, -2), &company->company))
                luaL_error(L, "companies are written { [t.id(\"rockets\")] = \"admin\" }");
            company->role = api_copy_text(L, -1);
        }
    }
    lua_pop(L, 1);
}

static struct ids read_ids(lua_State *L, const char *name)
{
    struct ids ids = { NULL, 0 };

    if (lua_getfield(L, -1, name) == LUA_TTABLE) {
        lua_Integer count = luaL_len(L, -1);

        ids.at = arena_array(call_of(L)->arena, struct uuid, (size_t)count);
        for (lua_Integer i = 1; i <= count; i++) {
            lua_geti(L, -1, i);
            if (lua_type(L, -1) != LUA_TSTRING || !uuid_parse(api_text(L, -1), &ids.at[i - 1]))
                luaL_error(L, "%s must be an array of ids", name);
            lua_pop(L, 1);
        }
        ids.count = (size_t)count;
    }
    lua_pop(L, 1);
    return ids;
}

static void check_names(lua_State *L, int table, const char *what, const char *const *names)
{
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        int i;

        for (i = 0; names[i] && strcmp(names[i], name) != 0; i++)
            ;
        if (!names[i])
            luaL_error(L, "%s has no \"%s\"", what, name);
    }
}

static struct str get_text(lua_State *L, int table, const char *name)
{
    struct str text;

    lua_getfield(L, table, name);
    text = api_copy_text(L, -1);
    lua_pop(L, 1);
    return text;
}

static bool get_flag(lua_State *L, int table, const char *name)
{
    bool is;

    lua_getfield(L, table, name);
    is = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is;
}

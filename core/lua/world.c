/* World: t.workspace, the object `w` and its members. */
#include "lua/world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/test_run.h"
#include "lua/value.h"

#include <lauxlib.h>
#include <string.h>

/* A Monday. */
#define BEGINS_AT "2026-01-05T09:00:00Z"
enum { LOOKED_AT = 4 * 1024 * 1024 };

static int workspace_index(lua_State *L);
static void make_class(lua_State *L, const char *class, lua_CFunction index,
                       const char *const *members);
static int refuse_write(lua_State *L);
static struct scratch *open_scratch(lua_State *L);
static void read_begin(lua_State *L, int64_t *now);
static void apply_fields(lua_State *L, const struct world *world);
static void apply_settings(lua_State *L, const struct world *world);
static int look(lua_State *L, struct scratch *scratch, const struct world *world,
                enum scratch_sight sight);
static void push_time(lua_State *L, int64_t wall);

static const char WORLDS; /* registry: number -> w */

static const char *const members[] = { "mails", "events", "deliveries", "log",    "fetches", "now",
                                       "id",    "owner",  "nobody",     "plugin", NULL };

void world_open(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &WORLDS);
    make_class(L, TEST_WORKSPACE, workspace_index, members);
    make_class(L, TEST_PERSON, person_index, NULL);
}

/* Its methods are those of api_scratch, and stand with the members in the first upvalue of __index. */
static void make_class(lua_State *L, const char *class, lua_CFunction index,
                       const char *const *names)
{
    luaL_newmetatable(L, class);
    lua_newtable(L);
    for (; names && *names; names++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, *names);
    }
    for (const struct api_function *row = api_scratch; row->name; row++)
        if (!strcmp(row->of, class)) {
            api_push(L, row);
            lua_setfield(L, -2, strchr(row->name, ':') + 1);
        }
    lua_pushcclosure(L, index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

static int refuse_write(lua_State *L)
{
    return luaL_error(L, "nothing can be written there");
}

/* ---- t.workspace ------------------------------------------------------------------------------- */

int bind_test_workspace(lua_State *L)
{
    static const char *const names[] = { "name",     "zone",      "locale",  "now",
                                         "settings", "workspace", "plugins", NULL };
    struct test_run *tests = instance_of(L)->tests;
    struct scratch *scratch;
    struct world *world;
    struct str name, why = STR_NONE;

    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    world_check_names(L, 1, "t.workspace", names);
    scratch = open_scratch(L);
    name = world_get_text(L, 1, "name");
    world = lua_newuserdatauv(L, sizeof(*world), WORLD_VALUES - 1);
    *world = (struct world){ .test = tests->serial };
    luaL_setmetatable(L, TEST_WORKSPACE);
    for (int i = WORLD_STUBS; i <= WORLD_FETCHES; i++) {
        lua_newtable(L);
        lua_setiuservalue(L, 2, i);
    }
    if (!scratch_calls->found(scratch, str_is_empty(name) ? STR("Test") : name, &world->place,
                              call_of(L)->arena, &why))
        return luaL_error(L, "t.workspace: %s", why.at);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &WORLDS);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, world->place.number);
    lua_settop(L, 2);
    apply_fields(L, world);
    apply_settings(L, world);
    world_run_until(L, world->test,
                    scratch_calls->now(scratch)); /* its jobs are planned from now on */
    lua_settop(L, 2);
    return 1;
}

static struct scratch *open_scratch(lua_State *L)
{
    struct test_run *tests = instance_of(L)->tests;
    struct str why = STR_NONE;
    uint64_t begun = clock_monotonic();
    int64_t now = 0;

    if (!scratch_calls) {
        tests->is_left = true;
        luaL_error(L, "t.workspace is there in `foyer plugin test` and `foyer script test` alone");
    }
    read_begin(L, &now);
    if (tests->scratch) {
        if (now && now != scratch_calls->now(tests->scratch))
            luaL_error(L, "t.workspace: the workspaces of a test share a clock: move it by "
                          "w:advance");
        return tests->scratch;
    }
    if (!now)
        clock_parse(STR(BEGINS_AT), &now);
    tests->scratch = scratch_calls->open(now, call_of(L)->arena, &why);
    script_excuse(L, clock_monotonic() - begun);
    if (!tests->scratch)
        luaL_error(L, "t.workspace: %s", why.at);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &WORLDS);
    return tests->scratch;
}

/* 0: the test does not say when. */
static void read_begin(lua_State *L, int64_t *now)
{
    int64_t first = 0, last = 0;
    struct str text = world_get_text(L, 1, "now");

    if (str_is_absent(text))
        return;
    clock_parse(STR("2001-01-01T00:00:00Z"), &first);
    clock_parse(STR("2200-01-01T00:00:00Z"), &last);
    if (!clock_parse(text, now) || *now < first || *now > last)
        luaL_error(L, "t.workspace: now must be a time like \"" BEGINS_AT "\", of 2001 to 2199");
}

/* zone, locale, and what PATCH /v1/workspaces takes. */
static void apply_fields(lua_State *L, const struct world *world)
{
    static const struct {
        const char *name, *field;
    } said[] = { { "zone", "timeZone" }, { "locale", "locale" } };
    struct scratch_reply reply;
    bool is_any = false;

    if (lua_getfield(L, 1, "workspace") == LUA_TTABLE) {
        is_any = true;
        lua_newtable(L); /* the test's own stays as it is */
        lua_pushnil(L);
        while (lua_next(L, -3)) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
    } else {
        lua_newtable(L);
    }
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        if (lua_getfield(L, 1, said[i].name) != LUA_TNIL) {
            lua_setfield(L, -2, said[i].field);
            is_any = true;
        } else {
            lua_pop(L, 1);
        }
    if (is_any)
        person_ask_owner(L, world, "t.workspace", PATCH, STR("/v1/workspaces"),
                         world_json(L, lua_gettop(L), "t.workspace"), &reply);
    lua_settop(L, 2);
}

/* settings are those of what is tested, plugins = { ID = { … } } those of others. */
static void apply_settings(lua_State *L, const struct world *world)
{
    struct arena *arena = call_of(L)->arena;
    struct str json;

    if (lua_getfield(L, 1, "settings") != LUA_TNIL) {
        json = world_json(L, lua_gettop(L), "t.workspace: settings");
        world_choose(L, world, "t.workspace", world_plugin_at(L, 0),
                     str_printf(arena, "{\"settings\":%.*s}", STR_ARG(json)));
    }
    if (lua_getfield(L, 1, "plugins") == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (lua_type(L, -2) != LUA_TSTRING)
                luaL_error(L, "t.workspace: plugins = { ID = { its settings } }");
            json = world_json(L, lua_gettop(L), "t.workspace: plugins");
            world_choose(L, world, "t.workspace", api_text(L, lua_gettop(L) - 1),
                         str_printf(arena, "{\"settings\":%.*s}", STR_ARG(json)));
            lua_pop(L, 1);
        }
    }
    lua_settop(L, 2);
}

void world_check_names(lua_State *L, int index, const char *what, const char *const *names)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        const char *const *name = names;

        lua_pop(L, 1);
        while (*name && (lua_type(L, -1) != LUA_TSTRING || !str_is(api_text(L, -1), *name)))
            name++;
        if (*name)
            continue;
        lua_newtable(L);
        for (name = names; *name; name++) {
            lua_pushboolean(L, 1);
            lua_setfield(L, -2, *name);
        }
        api_unknown(L, what, lua_gettop(L) - 1, lua_gettop(L));
    }
}

struct str world_get_text(lua_State *L, int table, const char *name)
{
    struct str text = STR_NONE;

    if (lua_getfield(L, table, name) == LUA_TSTRING)
        text = str_copy(call_of(L)->arena, api_text(L, -1));
    else if (!lua_isnil(L, -1))
        luaL_error(L, "%s must be a text", name);
    lua_pop(L, 1);
    return text;
}

/* ---- The object -------------------------------------------------------------------------------- */

struct scratch *world_scratch(lua_State *L, uint64_t test)
{
    struct test_run *tests = instance_of(L)->tests;

    if (!tests->scratch || tests->serial != test)
        luaL_error(L, "this is of another test: each makes its own by t.workspace");
    if (tests->is_answering)
        luaL_error(L, "nothing can be asked while what was fetched waits for the answer of a stub");
    return tests->scratch;
}

struct world *world_check(lua_State *L)
{
    struct world *world = luaL_checkudata(L, 1, TEST_WORKSPACE);

    world_scratch(L, world->test);
    return world;
}

void world_push(lua_State *L, int64_t number)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &WORLDS);
    lua_rawgeti(L, -1, number);
    lua_remove(L, -2);
}

static int workspace_index(lua_State *L)
{
    struct world *world = world_check(L);
    struct scratch *scratch = world_scratch(L, world->test);
    struct str name;
    char id[UUID_TEXT];

    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TFUNCTION)
        return 1;
    if (lua_isnil(L, -1))
        return api_unknown(L, "the workspace of a test", 2, lua_upvalueindex(1));
    name = api_text(L, 2);
    if (str_is(name, "mails"))
        return look(L, scratch, world, SCRATCH_MAILS);
    if (str_is(name, "events"))
        return look(L, scratch, world, SCRATCH_EVENTS);
    if (str_is(name, "deliveries"))
        return look(L, scratch, world, SCRATCH_DELIVERIES);
    if (str_is(name, "log"))
        return look(L, scratch, world, SCRATCH_LOG);
    if (str_is(name, "fetches")) {
        lua_getiuservalue(L, 1, WORLD_FETCHES);
    } else if (str_is(name, "now")) {
        push_time(L, scratch_calls->now(scratch));
    } else if (str_is(name, "plugin")) {
        name = scratch_calls->tested();
        lua_pushlstring(L, name.at ? name.at : "", name.len);
    } else if (str_is(name, "id")) {
        uuid_format(world->place.id, id);
        lua_pushstring(L, id);
    } else {
        bool is_owner = str_is(name, "owner");

        if (lua_getiuservalue(L, 1, is_owner ? WORLD_OWNER : WORLD_NOBODY) != LUA_TNIL)
            return 1;
        lua_newtable(L);
        if (is_owner) {
            uuid_format(world->place.owner, id);
            lua_pushstring(L, id);
            lua_setfield(L, -2, "id");
            lua_pushlstring(L, world->place.owner_email.at, world->place.owner_email.len);
            lua_setfield(L, -2, "email");
        }
        person_push(L, world, is_owner ? ACTOR_STAFF : ACTOR_NOBODY,
                    is_owner ? world->place.owner : UUID_NONE, STR_NONE);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, is_owner ? WORLD_OWNER : WORLD_NOBODY);
    }
    return 1;
}

static int look(lua_State *L, struct scratch *scratch, const struct world *world,
                enum scratch_sight sight)
{
    struct buf out;
    struct str json;

    buf_init(&out, LOOKED_AT);
    scratch_calls->look(scratch, sight, &world->place, &out);
    json = out.overflowed ? STR_NONE : str_copy(call_of(L)->arena, buf_view(&out));
    buf_fini(&out);
    if (str_is_absent(json))
        return luaL_error(L, "there is more than a test can look at");
    world_push_json(L, json);
    return 1;
}

int bind_world_kv(lua_State *L)
{
    struct world *world = world_check(L);
    struct str plugin = world_plugin_at(L, 2), json;
    struct buf out;

    buf_init(&out, LOOKED_AT);
    scratch_calls->kept(world_scratch(L, world->test), &world->place, plugin, &out);
    json = out.overflowed ? STR("{}") : str_copy(call_of(L)->arena, buf_view(&out));
    buf_fini(&out);
    world_push_json(L, json);
    return 1;
}

static void push_time(lua_State *L, int64_t wall)
{
    char text[CLOCK_TEXT];

    clock_format(wall, text);
    lua_pushstring(L, text);
}

/* ---- JSON -------------------------------------------------------------------------------------- */

struct str world_json(lua_State *L, int index, const char *what)
{
    struct arena *arena = call_of(L)->arena;
    struct value value;
    struct str reason = value_read(L, index, arena, &value), text;
    struct buf out;

    if (!str_is_absent(reason))
        luaL_error(L, "%s: %s", what, reason.at);
    buf_init(&out, LIMIT_JSON_BODY);
    value_to_json(&value, &out);
    text = out.overflowed ? STR_NONE : str_copy(arena, buf_view(&out));
    buf_fini(&out);
    if (str_is_absent(text))
        luaL_error(L, "%s: it is larger than a request may be", what);
    return text;
}

void world_push_json(lua_State *L, struct str json)
{
    struct value value = value_nil();
    struct str reason = STR_NONE;

    if (json.len)
        reason = value_from_json(json, call_of(L)->arena, &value);
    if (!str_is_absent(reason))
        luaL_error(L, "what came back cannot be read: %s", reason.at);
    value_push(L, &value, 0);
}

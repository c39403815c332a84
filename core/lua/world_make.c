/* World make: whom and what a test makes in its workspace, what it chooses there, and a start anew. */
#include "lua/world.h"

#include "base/clock.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/test_run.h"

#include <lauxlib.h>
#include <string.h>

static struct uuid pushed_id(lua_State *L);

/* ---- What it chooses --------------------------------------------------------------------------- */

int bind_world_set(lua_State *L)
{
    struct world *world = world_check(L);
    struct str json = world_json(L, 2, "w:set");

    world_choose(L, world, "w:set", world_plugin_at(L, 3),
                 str_printf(call_of(L)->arena, "{\"settings\":%.*s}", STR_ARG(json)));
    return 0;
}

int bind_world_enable(lua_State *L)
{
    world_choose(L, world_check(L), "w:enable", world_plugin_at(L, 2), STR("{\"enabled\":true}"));
    return 0;
}

int bind_world_disable(lua_State *L)
{
    world_choose(L, world_check(L), "w:disable", world_plugin_at(L, 2), STR("{\"enabled\":false}"));
    return 0;
}

void world_choose(lua_State *L, const struct world *world, const char *what, struct str plugin,
                  struct str change)
{
    struct scratch_reply reply;

    person_ask_owner(L, world, what, PATCH,
                     str_printf(call_of(L)->arena, "/v1/plugins/%.*s", STR_ARG(plugin)), change,
                     &reply);
}

/* The text at index; where there is none, what is tested. */
struct str world_plugin_at(lua_State *L, int index)
{
    struct str plugin = index && lua_type(L, index) == LUA_TSTRING ? api_copy_text(L, index)
                                                                   : scratch_calls->tested();

    if (str_is_empty(plugin))
        luaL_error(L, "say which plugin: no script or plugin is tested here");
    return plugin;
}

/* ---- Whom and what it makes -------------------------------------------------------------------- */

int bind_world_client(lua_State *L)
{
    struct world *world = world_check(L);
    struct scratch_reply reply;

    person_ask_owner(L, world, "w:client", POST, STR("/v1/clients"), world_json(L, 2, "w:client"),
                     &reply);
    world_push_json(L, reply.body);
    person_push(L, world, ACTOR_CLIENT, pushed_id(L), STR_NONE);
    return 1;
}

int bind_world_company(lua_State *L)
{
    struct world *world = world_check(L);
    struct scratch_reply reply;

    person_ask_owner(L, world, "w:company", POST, STR("/v1/companies"),
                     world_json(L, 2, "w:company"), &reply);
    world_push_json(L, reply.body);
    return 1;
}

int bind_world_key(lua_State *L)
{
    struct world *world = world_check(L);
    struct scratch_reply reply;
    struct str key;

    person_ask_owner(L, world, "w:key", POST, STR("/v1/api-keys"), world_json(L, 2, "w:key"),
                     &reply);
    world_push_json(L, reply.body);
    key = world_get_text(L, lua_gettop(L), "key");
    person_push(L, world, ACTOR_KEY, pushed_id(L), key);
    return 1;
}

/* Without an invitation: no mail of that is in the way. */
int bind_world_staff(lua_State *L)
{
    static const char *const names[] = { "role", "email", "givenName", "familyName", NULL };
    struct world *world = world_check(L);
    struct scratch_hired hired = { .role = STR("Staff") };
    struct str why = STR_NONE, role;
    char id[UUID_TEXT];

    world_check_names(L, 2, "w:staff", names);
    role = world_get_text(L, 2, "role");
    if (!str_is_empty(role))
        hired.role = role;
    hired.email = world_get_text(L, 2, "email");
    hired.given_name = world_get_text(L, 2, "givenName");
    hired.family_name = world_get_text(L, 2, "familyName");
    if (str_is_empty(hired.email))
        return luaL_error(L, "w:staff needs an email: { role = \"Staff\", email = \"…\" }");
    if (str_is_absent(hired.given_name))
        hired.given_name = str_slice(hired.email.at, strcspn(hired.email.at, "@"));
    if (str_is_absent(hired.family_name))
        hired.family_name = STR("");
    if (!scratch_calls->hire(world_scratch(L, world->test), &world->place, &hired,
                             call_of(L)->arena, &why))
        return luaL_error(L, "w:staff: %s", why.at);
    lua_newtable(L);
    uuid_format(hired.id, id);
    lua_pushstring(L, id);
    lua_setfield(L, -2, "id");
    lua_pushlstring(L, hired.email.at, hired.email.len);
    lua_setfield(L, -2, "email");
    lua_pushlstring(L, hired.role.at, hired.role.len);
    lua_setfield(L, -2, "role");
    person_push(L, world, ACTOR_STAFF, hired.id, STR_NONE);
    return 1;
}

/* The member id of the table on top. */
static struct uuid pushed_id(lua_State *L)
{
    struct uuid id = UUID_NONE;

    uuid_parse(world_get_text(L, lua_gettop(L), "id"), &id);
    return id;
}

int bind_world_sign_in(lua_State *L)
{
    struct world *world = world_check(L);
    const struct world_person *person = luaL_checkudata(L, 2, TEST_PERSON);
    struct str why = STR_NONE;

    if (person->kind != ACTOR_CLIENT && person->kind != ACTOR_STAFF)
        return luaL_error(L, "w:sign_in: clients and staff sign in");
    if (!scratch_calls->sign_in(world_scratch(L, world->test), &world->place, person->kind,
                                person->id, call_of(L)->arena, &why))
        return luaL_error(L, "w:sign_in: %s", why.at);
    lua_settop(L, 2);
    return 1;
}

int bind_world_transaction(lua_State *L)
{
    struct world *world = world_check(L);
    struct str args = lua_isnoneornil(L, 3) ? STR("null") : world_json(L, 3, "w:transaction");
    struct str result = STR_NONE, why = STR_NONE;

    if (!scratch_calls->transaction(world_scratch(L, world->test), &world->place,
                                    world_plugin_at(L, 4), api_copy_text(L, 2), args,
                                    call_of(L)->arena, &result, &why)) {
        lua_pushnil(L);
        lua_pushlstring(L, why.at, why.len);
        return 2;
    }
    world_push_json(L, result);
    return 1;
}

int bind_world_restart(lua_State *L)
{
    struct world *world = world_check(L);
    struct str why = STR_NONE;
    uint64_t begun = clock_monotonic();
    bool is_good = scratch_calls->restart(world_scratch(L, world->test), call_of(L)->arena, &why);

    script_excuse(L, clock_monotonic() - begun);
    return is_good ? 0 : luaL_error(L, "w:restart: %s", why.at);
}

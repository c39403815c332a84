/* Rule: the plainest way to ask a Lua function. The context is made once and filled anew. */
#include "bare.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

static const char source[] = "local allow, can = ...\n"
                             "return function(ctx, permission)\n"
                             "  if can(ctx, permission) then return allow('role') end\n"
                             "end\n";

struct rule {
    lua_State *lua;
    const struct key *key; /* who is asked about in the call under way */
    int function;          /* in the registry */
};

static int allow(lua_State *lua);
static int can(lua_State *lua);

struct rule *rule_new(void)
{
    struct rule *rule = calloc(1, sizeof(*rule));

    rule->lua = luaL_newstate();
    luaL_openlibs(rule->lua);
    if (luaL_loadstring(rule->lua, source))
        abort();
    lua_pushcfunction(rule->lua, allow);
    lua_pushcfunction(rule->lua, can);
    if (lua_pcall(rule->lua, 2, 1, 0))
        abort();
    rule->function = luaL_ref(rule->lua, LUA_REGISTRYINDEX);
    return rule;
}

void rule_free(struct rule *rule)
{
    lua_close(rule->lua);
    free(rule);
}

bool rule_allows(struct rule *rule, const struct key *key, enum may what)
{
    lua_State *lua = rule->lua;
    bool allowed;

    lua_rawgeti(lua, LUA_REGISTRYINDEX, rule->function);
    lua_pushlightuserdata(lua, (void *)(uintptr_t)key);
    lua_pushinteger(lua, what);
    if (lua_pcall(lua, 2, 1, 0)) {
        fprintf(stderr, "bare: rule: %s\n", lua_tostring(lua, -1));
        exit(1);
    }
    allowed = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return allowed;
}

static int allow(lua_State *lua)
{
    luaL_checkstring(lua, 1);
    lua_pushboolean(lua, 1);
    return 1;
}

static int can(lua_State *lua)
{
    const struct key *key = lua_touserdata(lua, 1);

    lua_pushboolean(lua, (key->may & (uint64_t)luaL_checkinteger(lua, 2)) != 0);
    return 1;
}

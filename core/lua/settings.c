/* Settings: declarations are checked when the file is loaded, so that a fault is told then. */
#include "lua/settings.h"

#include <lauxlib.h>
#include <string.h>

static const char VALUES; /* registry: name -> value */

static void declare(lua_State *L, const char *name, int declaration, int values);
static void check_keys(lua_State *L, const char *name, int declaration);
static void check_default(lua_State *L, const char *name, const char *type, int declaration);
static void check_bound(lua_State *L, const char *name, int declaration, const char *key, int sign);
static bool is_choice(lua_State *L, int declaration);

void settings_open(lua_State *L)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &VALUES);
}

void settings_declare(lua_State *L, int index)
{
    int values;

    instance_of(L)->has_settings = true;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &VALUES);
    values = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TTABLE)
            luaL_error(L, "settings are declared as NAME = { type = \"number\", default = 50 }");
        declare(L, lua_tostring(L, -2), lua_gettop(L), values);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void declare(lua_State *L, const char *name, int declaration, int values)
{
    const char *type;

    check_keys(L, name, declaration);
    type = lua_getfield(L, declaration, "type") == LUA_TSTRING ? lua_tostring(L, -1) : "";
    lua_getfield(L, declaration, "default");
    check_default(L, name, type, declaration);
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_rawset(L, values);
    lua_pop(L, 1);
}

static void check_keys(lua_State *L, const char *name, int declaration)
{
    static const char *const keys[] = { "type", "default", "min", "max", "choices", "help" };

    lua_pushnil(L);
    while (lua_next(L, declaration)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        bool is_known = false;

        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
            is_known |= strcmp(keys[i], key) == 0;
        if (!is_known)
            luaL_error(L, "setting %s: \"%s\" is none of type, default, min, max, choices, help",
                       name, key);
        lua_pop(L, 1);
    }
}

/* The default is on top of the stack. */
static void check_default(lua_State *L, const char *name, const char *type, int declaration)
{
    int got = lua_type(L, -1);

    if (strcmp(type, "number") == 0 || strcmp(type, "integer") == 0) {
        if (got != LUA_TNUMBER || (type[0] == 'i' && !lua_isinteger(L, -1)))
            luaL_error(L, "setting %s: the default must be a%s", name,
                       type[0] == 'i' ? " whole number" : " number");
        check_bound(L, name, declaration, "min", -1);
        check_bound(L, name, declaration, "max", 1);
    } else if (strcmp(type, "text") == 0) {
        if (got != LUA_TSTRING)
            luaL_error(L, "setting %s: the default must be a text", name);
    } else if (strcmp(type, "boolean") == 0) {
        if (got != LUA_TBOOLEAN)
            luaL_error(L, "setting %s: the default must be true or false", name);
    } else if (strcmp(type, "choice") == 0) {
        if (!is_choice(L, declaration))
            luaL_error(L, "setting %s: the default must be one of its choices", name);
    } else {
        luaL_error(L, "setting %s: type must be number, integer, text, boolean or choice", name);
    }
}

static void check_bound(lua_State *L, const char *name, int declaration, const char *key, int sign)
{
    if (lua_getfield(L, declaration, key) != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TNUMBER)
            luaL_error(L, "setting %s: %s must be a number", name, key);
        if ((lua_tonumber(L, -2) - lua_tonumber(L, -1)) * sign > 0)
            luaL_error(L, "setting %s: the default is beyond its %s", name, key);
    }
    lua_pop(L, 1);
}

static bool is_choice(lua_State *L, int declaration)
{
    bool is = false;

    if (lua_getfield(L, declaration, "choices") == LUA_TTABLE)
        for (lua_Integer i = 1; i <= luaL_len(L, -1); i++) {
            lua_geti(L, -1, i);
            is |= lua_rawequal(L, -1, -3);
            lua_pop(L, 1);
        }
    lua_pop(L, 1);
    return is;
}

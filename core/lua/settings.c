/* Settings: declarations are checked when the file is loaded, so that a fault is told then. */
#include "lua/settings.h"

#include "lua/api.h"
#include "lua/value.h"
#include "plugin/setting.h"

#include <lauxlib.h>

static const char VALUES; /* registry: name -> default */

static void declare(lua_State *L, struct str name, int declaration, int values);

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
        declare(L, api_text(L, -2), lua_gettop(L), values);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void declare(lua_State *L, struct str name, int declaration, int values)
{
    struct plugin_setting setting;
    struct value value;
    struct str reason = value_read(L, declaration, script_scratch(L), &value);

    if (str_is_absent(reason))
        reason = setting_read(name, &value, &setting, script_scratch(L));
    if (!str_is_absent(reason))
        luaL_error(L, "%s", reason.at);
    if (!registry_add_setting(instance_of(L)->registry, &setting))
        luaL_error(L, "more than %d settings are declared", SETTINGS_MAX);
    if (setting.type == SETTING_SECRET) /* its name is known, and what it is, is not told */
        lua_pushlightuserdata(L, NULL);
    else
        value_push(L, &setting.otherwise, 0);
    lua_setfield(L, values, name.at);
}

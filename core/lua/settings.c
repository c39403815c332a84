/* Settings: declarations are checked when the file is loaded, so that a fault is told then. */
#include "lua/settings.h"

#include "base/arena.h"
#include "lua/api.h"
#include "lua/value.h"
#include "plugin/setting.h"

#include <lauxlib.h>
#include <string.h>

static const char VALUES; /* registry: name -> default */

static void declare(lua_State *L, struct str name, int declaration, int values);
static void check_keys(lua_State *L, const char *name, int declaration);
static enum setting_type read_type(lua_State *L, const char *name, int declaration);
static void read_bound(lua_State *L, const struct plugin_setting *setting, int declaration,
                       const char *key, bool *has, double *bound);
static void read_choices(lua_State *L, struct plugin_setting *setting, int declaration);
static void read_default(lua_State *L, struct plugin_setting *setting, int declaration);

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
    struct plugin_setting setting = { .name = name, .help = STR_NONE };

    for (size_t i = 0; i < name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
                    name.at[i]) ||
            name.len > 64)
            luaL_error(L, "setting %s: a name is letters, digits and '_', at most 64", name.at);
    check_keys(L, name.at, declaration);
    setting.type = read_type(L, name.at, declaration);
    read_bound(L, &setting, declaration, "min", &setting.has_min, &setting.min);
    read_bound(L, &setting, declaration, "max", &setting.has_max, &setting.max);
    read_choices(L, &setting, declaration);
    if (lua_getfield(L, declaration, "help") == LUA_TSTRING)
        setting.help = api_text(L, -1);
    else if (!lua_isnil(L, -1))
        luaL_error(L, "setting %s: help must be a text", name.at);
    read_default(L, &setting, declaration); /* on top now */
    if (!registry_add_setting(instance_of(L)->registry, &setting))
        luaL_error(L, "more than %d settings are declared", SETTINGS_MAX);
    lua_setfield(L, values, name.at);
    lua_pop(L, 1); /* help */
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

static enum setting_type read_type(lua_State *L, const char *name, int declaration)
{
    enum setting_type type = SETTING_TYPES;

    if (lua_getfield(L, declaration, "type") == LUA_TSTRING)
        for (int i = 0; i < SETTING_TYPES; i++)
            if (strcmp(setting_type_names[i], lua_tostring(L, -1)) == 0)
                type = (enum setting_type)i;
    lua_pop(L, 1);
    if (type == SETTING_TYPES)
        luaL_error(L, "setting %s: type must be number, integer, text, boolean or choice", name);
    return type;
}

static void read_bound(lua_State *L, const struct plugin_setting *setting, int declaration,
                       const char *key, bool *has, double *bound)
{
    if (lua_getfield(L, declaration, key) != LUA_TNIL) {
        if (setting->type == SETTING_BOOLEAN || setting->type == SETTING_CHOICE)
            luaL_error(L, "setting %s: a %s has no %s", setting->name.at,
                       setting_type_names[setting->type], key);
        if (lua_type(L, -1) != LUA_TNUMBER)
            luaL_error(L, "setting %s: %s must be a number", setting->name.at, key);
        *has = true;
        *bound = lua_tonumber(L, -1);
    }
    lua_pop(L, 1);
}

static void read_choices(lua_State *L, struct plugin_setting *setting, int declaration)
{
    bool is_choice = setting->type == SETTING_CHOICE;
    int kind = lua_getfield(L, declaration, "choices");
    lua_Integer count = kind == LUA_TTABLE ? luaL_len(L, -1) : 0;

    if (is_choice ? count < 1 || count > 100 : kind != LUA_TNIL)
        luaL_error(L,
                   is_choice ? "setting %s: choices must be an array of texts"
                             : "setting %s: only a choice has choices",
                   setting->name.at);
    setting->choices.at = arena_array(script_scratch(L), struct str, (size_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_geti(L, -1, i) != LUA_TSTRING)
            luaL_error(L, "setting %s: choices must be an array of texts", setting->name.at);
        setting->choices.at[setting->choices.count++] =
            str_copy(script_scratch(L), api_text(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Leaves it on the stack. */
static void read_default(lua_State *L, struct plugin_setting *setting, int declaration)
{
    struct str reason;

    lua_getfield(L, declaration, "default");
    reason = value_read(L, lua_gettop(L), script_scratch(L), &setting->otherwise);
    if (str_is_absent(reason))
        reason = setting_refusal(setting, &setting->otherwise, script_scratch(L));
    if (!str_is_absent(reason))
        luaL_error(L, "setting %s: the default %s", setting->name.at,
                   reason.at[0] == 'M' ? str_printf(script_scratch(L), "m%s", reason.at + 1).at
                                       : reason.at);
}

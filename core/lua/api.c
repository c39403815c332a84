/* Api: building the module from the table, and what every call is checked for. */
#include "lua/api.h"

#include "lua/answer.h"
#include "lua/bind.h"
#include "lua/secret.h"
#include "lua/settings.h"
#include "lua/stdlib.h"
#include "lua/template.h"
#include "lua/value.h"
#include "lua/view.h"

#include <lauxlib.h>
#include <string.h>

static int call_row(lua_State *L);
static void check_place(lua_State *L, const struct api_function *row);
static const char *prefix_of(const struct api_function *row);
static void check_arguments(lua_State *L, const struct api_function *row);
static bool is_self(lua_State *L, const struct api_function *row);
static bool fits(lua_State *L, int index, enum api_type type);
static int unknown_name(lua_State *L);
static void push_module(lua_State *L, lua_CFunction open);
static void set_function(lua_State *L, const struct api_function *row);

static const char *const type_names[] = { "nothing",        "a text",        "a number",
                                          "a whole number", "true or false", "a table",
                                          "a function",     "a value",       "a text or a secret" };

struct instance *instance_of(lua_State *L)
{
    return script_host(L);
}

struct call *call_of(lua_State *L)
{
    return script_call_context(L);
}

int api_open(lua_State *L)
{
    int module;

    lua_settop(L, 0);
    settings_open(L);
    view_open(L);
    actor_open(L);
    answer_open(L);
    secret_open(L);
    reply_open(L);
    lua_newtable(L);
    module = lua_gettop(L);
    push_module(L, json_open);
    lua_setfield(L, module, "json");
    push_module(L, template_open);
    lua_setfield(L, module, "template");
    for (const struct api_function *row = api_functions; row->name; row++)
        set_function(L, row);
    for (const struct api_function *row = api_tools; row->name; row++)
        set_function(L, row);
    for (const struct api_function *row = api_metrics; row->name; row++)
        set_function(L, row);
    lua_pushnil(L);
    while (lua_next(L, module)) {
        if (lua_istable(L, -1) && !lua_getmetatable(L, -1)) {
            api_finish(L, lua_tostring(L, -2));
            script_freeze_table(L, -1);
        }
        lua_settop(L, module + 1);
    }
    api_finish(L, "foyer");
    return 1;
}

void api_push(lua_State *L, const struct api_function *row)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)row);
    lua_pushcclosure(L, call_row, 1);
}

struct str api_json(lua_State *L, int index, struct arena *arena, size_t most, const char *deletes)
{
    struct value value;
    struct str reason, text;
    struct buf out;
    bool is_too_large;

    if (lua_isnil(L, index))
        luaL_argerror(L, index,
                      lua_pushfstring(L, "a value expected; %s takes an entry away", deletes));
    reason = value_read(L, index, arena, &value);
    luaL_argcheck(L, str_is_absent(reason), index, reason.at);
    buf_init(&out, most);
    value_to_json(&value, &out);
    is_too_large = out.overflowed;
    text = is_too_large ? STR_NONE : str_copy(arena, buf_view(&out));
    buf_fini(&out);
    if (is_too_large)
        luaL_argerror(L, index,
                      lua_pushfstring(L, "at most %d KiB of JSON expected", (int)(most / 1024)));
    return text;
}

struct str api_text(lua_State *L, int index)
{
    struct str text;

    text.at = lua_tolstring(L, index, &text.len);
    return text;
}

struct str api_copy_text(lua_State *L, int index)
{
    struct str text = STR_NONE;

    if (lua_type(L, index) == LUA_TSTRING) {
        text.at = lua_tolstring(L, index, &text.len);
        text = str_copy(call_of(L)->arena, text);
    }
    return text;
}

int api_unknown(lua_State *L, const char *what, int name, int names)
{
    struct str meant;

    if (lua_type(L, name) != LUA_TSTRING)
        return luaL_error(L, "%s has names only, no %s", what, luaL_typename(L, name));
    meant = stdlib_closest_key(L, names, api_text(L, name));
    if (str_is_absent(meant))
        return luaL_error(L, "%s has no \"%s\"", what, lua_tostring(L, name));
    return luaL_error(L, "%s has no \"%s\": did you mean \"%s\"?", what, lua_tostring(L, name),
                      meant.at);
}

/* ---- Calling ----------------------------------------------------------------------------------- */

static int call_row(lua_State *L)
{
    const struct api_function *row = lua_touserdata(L, lua_upvalueindex(1));

    check_place(L, row);
    check_arguments(L, row);
    return row->body(L);
}

static void check_place(lua_State *L, const struct api_function *row)
{
    const struct call *call = call_of(L);
    const struct instance *instance;
    const struct manifest *says;

    if (!row->body)
        luaL_error(L, "foyer.%s comes with a later level of the API: %s", row->name, row->help);
    if (!(row->kinds & (call ? call->kind : API_LOAD)))
        luaL_error(L, "%s%s is called %s, not %s", prefix_of(row), row->name,
                   api_kinds_text(row->kinds, script_scratch(L)).at,
                   api_kind_name(call ? call->kind : API_LOAD));
    if (!row->capability)
        return;
    instance = instance_of(L);
    says = instance_says(instance);
    if (!says)
        return;
    for (size_t i = 0; i < says->capabilities.count; i++)
        if (str_is(says->capabilities.at[i], row->capability))
            return;
    luaL_error(L, "foyer.%s needs \"%s\" among the capabilities of %s", row->name, row->capability,
               instance->plugin->manifest ? "plugin.json" : "foyer.plugin");
}

/* Methods and functions of tests have theirs in the name. */
static const char *prefix_of(const struct api_function *row)
{
    return row->is_method || strncmp(row->name, "t.", 2) == 0 ? "" : "foyer.";
}

/* An optional table in the middle may be left out. */
static void check_arguments(lua_State *L, const struct api_function *row)
{
    int count = 0, shift = row->is_method;

    if (shift && !is_self(L, row))
        luaL_error(L, "call it with a colon: %s%s", row->of ? row->name : row->example,
                   row->of ? "(…)" : "");
    for (; count < API_PARAMS && row->params[count].type != API_END; count++) {
        const struct api_param *param = &row->params[count];
        int index = count + 1 + shift;

        if (param->is_optional && lua_isnoneornil(L, index))
            continue;
        if (param->is_optional && param->type == API_TABLE && lua_isfunction(L, index)) {
            lua_pushnil(L);
            lua_insert(L, index);
            continue;
        }
        if (!fits(L, index, param->type))
            luaL_error(L, "%s%s: %s must be %s, not %s", prefix_of(row), row->name, param->name,
                       type_names[param->type],
                       secret_is(L, index) ? "a secret" : luaL_typename(L, index));
    }
    if (lua_gettop(L) > count + shift)
        luaL_error(L, "%s%s takes %d argument%s, not %d", prefix_of(row), row->name, count,
                   count == 1 ? "" : "s", lua_gettop(L) - shift);
    lua_settop(L, count + shift);
}

static bool is_self(lua_State *L, const struct api_function *row)
{
    if (row->of)
        return luaL_testudata(L, 1, row->of);
    return strncmp(row->name, "secret:", 7) == 0
               ? secret_is(L, 1)
               : lua_touserdata(L, 1) == instance_of(L)->places[OBJECT_ACTOR];
}

static bool fits(lua_State *L, int index, enum api_type type)
{
    switch (type) {
    case API_STRING:
        return lua_type(L, index) == LUA_TSTRING;
    case API_NUMBER:
        return lua_type(L, index) == LUA_TNUMBER;
    case API_INTEGER:
        return lua_isinteger(L, index);
    case API_BOOLEAN:
        return lua_isboolean(L, index);
    case API_TABLE:
        return lua_istable(L, index);
    case API_FUNCTION:
        return lua_isfunction(L, index);
    case API_ANY:
        return !lua_isnone(L, index);
    case API_SECRET:
        return lua_type(L, index) == LUA_TSTRING || secret_is(L, index);
    case API_END:
        break;
    }
    return false;
}

/* ---- Building ---------------------------------------------------------------------------------- */

static void push_module(lua_State *L, lua_CFunction open)
{
    lua_pushcfunction(L, open);
    lua_pushlightuserdata(L, NULL);
    lua_call(L, 1, 1);
}

/* "text.trim" goes into the table `text` of the module at the top of the stack, made when missing. */
static void set_function(lua_State *L, const struct api_function *row)
{
    const char *dot = strchr(row->name, '.');

    if (!dot) {
        api_push(L, row);
        lua_setfield(L, -2, row->name);
        return;
    }
    lua_pushlstring(L, row->name, (size_t)(dot - row->name));
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushlstring(L, row->name, (size_t)(dot - row->name));
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    }
    api_push(L, row);
    lua_setfield(L, -2, dot + 1);
    lua_pop(L, 1);
}

/* A name that is not there is an error that says which was meant. */
void api_finish(lua_State *L, const char *name)
{
    lua_createtable(L, 0, 1);
    lua_pushstring(L, name);
    lua_pushcclosure(L, unknown_name, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

static int unknown_name(lua_State *L)
{
    return api_unknown(L, lua_tostring(L, lua_upvalueindex(1)), 2, 1);
}

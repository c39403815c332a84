/* Base: the functions of _G, where they differ from Lua's own: nothing of a budget or a frozen table
 * is lost in them.
 */
#include "lua/sandbox.h"
#include "lua/stdlib.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum { ERROR_STEPS = 2000 };

static void take_originals(lua_State *L);
static int base_load(lua_State *L);
static int base_next(lua_State *L);
static int base_pairs(lua_State *L);
static int base_pcall(lua_State *L);
static int finish_pcall(lua_State *L, int status, lua_KContext context);
static int finish_pairs(lua_State *L, int status, lua_KContext context);
static int base_rawget(lua_State *L);
static int base_rawlen(lua_State *L);
static int base_rawset(lua_State *L);
static int base_setmetatable(lua_State *L);
static int base_tostring(lua_State *L);

void stdlib_open_base(lua_State *L)
{
    static const luaL_Reg own[] = {
        { "load", base_load },         { "next", base_next },
        { "pairs", base_pairs },       { "pcall", base_pcall },
        { "rawget", base_rawget },     { "rawlen", base_rawlen },
        { "rawset", base_rawset },     { "setmetatable", base_setmetatable },
        { "tostring", base_tostring }, { NULL, NULL },
    };

    take_originals(L);
    luaL_setfuncs(L, own, 0);
    stdlib_charge(L, (const char *const[]){ "tonumber", NULL });
}

/* luaopen_base fills the global table; what is wanted is copied from there, the rest is forgotten. */
static void take_originals(lua_State *L)
{
    static const char *const names[] = { "assert",   "error",    "getmetatable",
                                         "ipairs",   "rawequal", "select",
                                         "tonumber", "type",     "_VERSION" };

    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    lua_newtable(L);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        lua_getfield(L, -2, names[i]);
        lua_setfield(L, -2, names[i]);
    }
    lua_remove(L, -2);
}

/* load(text [, name]): text only, from a string only, in the script's own environment. */
static int base_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "text");

    if (lua_gettop(L) > 2 && !lua_isnil(L, 3) && strcmp(luaL_checkstring(L, 3), "t") != 0)
        return luaL_argerror(L, 3, "only text is loaded: mode \"t\"");
    if (!lua_isnoneornil(L, 4))
        return luaL_argerror(L, 4, "chunks get the environment of the script");
    /* the brackets keep it from passing for a file in error messages and decisions */
    lua_pushfstring(L, "[load %s]", name);
    lua_replace(L, 2);
    if (stdlib_compile(L, str_from(lua_tostring(L, 2)), str_slice(text, len), SCRIPT_LOAD_TEXT))
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int base_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    script_see_through(L, 1);
    while (lua_next(L, 1)) {
        if (!metatable_is_hidden(L, -2))
            return 2;
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    return 1;
}

static int base_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") == LUA_TNIL) {
        lua_pushcfunction(L, base_next);
        lua_pushvalue(L, 1);
        lua_pushnil(L);
        return 3;
    }
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 3, 0, finish_pairs);
    return 3;
}

static int finish_pairs(lua_State *L, int status, lua_KContext context)
{
    (void)L;
    (void)status;
    (void)context;
    return 3;
}

/* ---- pcall ------------------------------------------------------------------------------------- */

static int base_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall), 0);
}

/* A script over budget that could not yield raised an error instead: it goes on here. */
static int finish_pcall(lua_State *L, int status, lua_KContext context)
{
    struct script_state *state = script_state_of(L);

    (void)context;
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L);
    script_pass_expiry(L);
    script_charge(L, ERROR_STEPS); /* making the message, too, is work that no hook sees */
    if (state->run)
        state->run->is_memory = false;
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
}

/* ---- Raw access and metatables ----------------------------------------------------------------- */

static int base_rawget(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    script_see_through(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int base_rawlen(lua_State *L)
{
    int type = lua_type(L, 1);

    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    if (type == LUA_TTABLE)
        script_see_through(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

static int base_rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    script_check_writable(L, 1);
    lua_rawset(L, 1);
    return 1;
}

static int base_setmetatable(lua_State *L)
{
    int type = lua_type(L, 2);

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    if (type == LUA_TTABLE)
        script_check_metatable(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* ---- tostring ---------------------------------------------------------------------------------- */

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    stdlib_push_text(L, 1);
    return 1;
}

/* An address would tell a script where things lie in memory, and differs on every thread. */
void stdlib_push_text(lua_State *L, int index)
{
    int type = lua_type(L, index);
    bool has_text = luaL_getmetafield(L, index, "__tostring") != LUA_TNIL;

    if (has_text)
        lua_pop(L, 1);
    if (has_text || type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER ||
        type == LUA_TSTRING)
        luaL_tolstring(L, index, NULL);
    else if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING)
        lua_pushstring(L, lua_typename(L, type));
}

/* Text: the string library but for its patterns (patterns_lua.c): what walks a long text pays for
 * it, and nothing makes a text above the ceiling of one allocation.
 */
#include "lua/patterns.h"
#include "lua/sandbox.h"
#include "lua/stdlib.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum { BLOCK_HEAD = 64 }; /* of a text or buffer, at most */

static void lock_metatable(lua_State *L);
static int charged(lua_State *L);
static int text_format(lua_State *L);
static void check_format(lua_State *L, const char *at, const char *end);
static int text_rep(lua_State *L);

void stdlib_open_string(lua_State *L)
{
    static const char *const walking[] = { "byte", "lower",  "pack",  "packsize", "reverse",
                                           "sub",  "unpack", "upper", NULL };

    lua_pushcfunction(L, luaopen_string); /* sets the metatable of strings, too */
    lua_call(L, 0, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    stdlib_charge(L, walking);
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, text_format, 1);
    lua_setfield(L, -2, "format");
    lua_pushcfunction(L, text_rep);
    lua_setfield(L, -2, "rep");
    patterns_open(L);
    lock_metatable(L);
}

/* Methods are found in a table of their own: the library table will be an empty, frozen one. Arithmetic
 * on texts reads them as numbers, digit by digit. */
static void lock_metatable(lua_State *L)
{
    static const char *const arithmetic[] = { "__add", "__sub",  "__mul", "__mod", "__pow",
                                              "__div", "__idiv", "__unm", NULL };

    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    stdlib_charge(L, arithmetic);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, -5)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

void stdlib_charge(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_getfield(L, -1, *names);
        if (lua_iscfunction(L, -1)) {
            lua_pushcclosure(L, charged, 1);
            lua_setfield(L, -2, *names);
        } else {
            lua_pop(L, 1);
        }
    }
}

static int charged(lua_State *L)
{
    uint64_t steps = 1;

    for (int i = lua_gettop(L); i > 0; i--) {
        if (lua_type(L, i) == LUA_TSTRING)
            steps += lua_rawlen(L, i) / 16;
    }
    script_charge(L, steps);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Lua's own, after what would print an address was replaced. */
static int text_format(lua_State *L)
{
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len);

    check_format(L, format, format + len);
    for (int i = lua_gettop(L); i > 1; i--) {
        int type = lua_type(L, i);

        if (type != LUA_TTABLE && type != LUA_TFUNCTION && type != LUA_TUSERDATA &&
            type != LUA_TTHREAD && type != LUA_TLIGHTUSERDATA)
            continue;
        stdlib_push_text(L, i);
        lua_replace(L, i);
    }
    return charged(L);
}

static void check_format(lua_State *L, const char *at, const char *end)
{
    while (at < end) {
        if (*at++ != '%')
            continue;
        while (at < end && strchr("-+ #0123456789.", *at) != NULL && *at != '\0')
            at++;
        if (at < end && *at == 'p')
            luaL_error(L, "'%%p' is not available: addresses are not shown");
        at++;
    }
}

static int text_rep(lua_State *L)
{
    size_t len;
    size_t separator_len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer times = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &separator_len);
    size_t ceiling = script_state_of(L)->limits.allocation - BLOCK_HEAD;
    size_t total;
    luaL_Buffer buffer;
    char *at;

    if (times <= 0 || len + separator_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (len + separator_len > ceiling / (lua_Unsigned)times)
        return luaL_error(L, "resulting string too large");
    total = (size_t)times * len + (size_t)(times - 1) * separator_len;
    script_charge(L, (uint64_t)times + total / 16);
    at = luaL_buffinitsize(L, &buffer, total);
    for (lua_Integer i = 0; i < times; i++) {
        memcpy(at, text, len);
        at += len;
        if (i < times - 1) {
            memcpy(at, separator, separator_len);
            at += separator_len;
        }
    }
    luaL_pushresultsize(&buffer, total);
    return 1;
}

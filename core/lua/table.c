/* Table: concat, insert, move, pack, remove, sort, unpack. All raw: no metamethod is asked, so that
 * nothing runs in them but what is counted; frozen tables are read through and never written.
 */
#include "lua/sandbox.h"
#include "lua/stdlib.h"

#include <lauxlib.h>
#include <limits.h>
#include <lualib.h>

static int table_concat(lua_State *L);
static int table_insert(lua_State *L);
static int table_move(lua_State *L);
static int table_remove_item(lua_State *L);
static int table_unpack(lua_State *L);
static int sort(lua_State *L);
static void merge_runs(lua_State *L, int from, int to, lua_Integer count, lua_Integer width);
static bool is_before(lua_State *L, int a, int b);
static void move_items(lua_State *L, lua_Integer from, lua_Integer end, lua_Integer to, int target);

void stdlib_open_table(lua_State *L)
{
    static const luaL_Reg own[] = {
        { "concat", table_concat },
        { "insert", table_insert },
        { "move", table_move },
        { "remove", table_remove_item },
        { "sort", sort },
        { "unpack", table_unpack },
        { NULL, NULL },
    };

    lua_pushcfunction(L, luaopen_table);
    lua_call(L, 0, 1);
    luaL_setfuncs(L, own, 0);
}

static lua_Integer readable(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    script_see_through(L, index);
    return (lua_Integer)lua_rawlen(L, index);
}

static lua_Integer writable(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    script_check_writable(L, index);
    return (lua_Integer)lua_rawlen(L, index);
}

static int table_concat(lua_State *L)
{
    lua_Integer last = readable(L, 1);
    size_t separator_len;
    const char *separator = luaL_optlstring(L, 2, "", &separator_len);
    lua_Integer i = luaL_optinteger(L, 3, 1);
    luaL_Buffer buffer;

    last = luaL_optinteger(L, 4, last);
    luaL_buffinit(L, &buffer);
    for (; i <= last; i++) {
        lua_rawgeti(L, 1, i);
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid value (%s) at index %I in table for 'concat'",
                              luaL_typename(L, -1), (LUAI_UACINT)i);
        script_charge(L, 2 + (lua_rawlen(L, -1) + separator_len) / 16);
        luaL_addvalue(&buffer);
        if (i == last)
            break; /* it may be the largest integer */
        luaL_addlstring(&buffer, separator, separator_len);
    }
    luaL_pushresult(&buffer);
    return 1;
}

static int table_insert(lua_State *L)
{
    lua_Integer end = (lua_Integer)((lua_Unsigned)writable(L, 1) + 1);
    lua_Integer at = end;

    switch (lua_gettop(L)) {
    case 2:
        break;
    case 3:
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2, "position out of bounds");
        for (; end > at; end--) { /* a table with holes may have any length: pay as it goes */
            script_charge(L, 1);
            lua_rawgeti(L, 1, end - 1);
            lua_rawseti(L, 1, end);
        }
        break;
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, at);
    return 0;
}

static int table_remove_item(lua_State *L)
{
    lua_Integer size = writable(L, 1);
    lua_Integer at = luaL_optinteger(L, 2, size);

    if (at != size)
        luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_rawgeti(L, 1, at);
    for (; at < size; at++) {
        script_charge(L, 1);
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, at);
    return 1;
}

static int table_move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2);
    lua_Integer end = luaL_checkinteger(L, 3);
    lua_Integer to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;

    luaL_checktype(L, 1, LUA_TTABLE);
    writable(L, target);
    if (end >= from) {
        luaL_argcheck(L, from > 0 || end < LUA_MAXINTEGER + from, 3, "too many elements to move");
        luaL_argcheck(L, to <= LUA_MAXINTEGER - (end - from + 1) + 1, 4, "destination wrap around");
        lua_pushvalue(L, target);
        script_see_through(L, 1);
        move_items(L, from, end, to, target);
        return 1;
    }
    lua_pushvalue(L, target);
    return 1;
}

static void move_items(lua_State *L, lua_Integer from, lua_Integer end, lua_Integer to, int target)
{
    bool same = target == 1 || lua_rawequal(L, 1, target);
    lua_Integer count = end - from + 1;

    if (to > end || to <= from || !same) {
        for (lua_Integer i = 0; i < count; i++) {
            script_charge(L, 1);
            lua_rawgeti(L, 1, from + i);
            lua_rawseti(L, target, to + i);
        }
        return;
    }
    for (lua_Integer i = count - 1; i >= 0; i--) {
        script_charge(L, 1);
        lua_rawgeti(L, 1, from + i);
        lua_rawseti(L, target, to + i);
    }
}

static int table_unpack(lua_State *L)
{
    lua_Integer last = readable(L, 1);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Unsigned count;

    last = luaL_optinteger(L, 3, last);
    if (first > last)
        return 0;
    count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= INT_MAX || !lua_checkstack(L, (int)++count))
        return luaL_error(L, "too many results to unpack");
    script_charge(L, count);
    for (; first < last; first++)
        lua_rawgeti(L, 1, first);
    lua_rawgeti(L, 1, last);
    return (int)count;
}

/* ---- Sort -------------------------------------------------------------------------------------- */

/* A merge sort: n log n steps whatever the comparator answers, and equals keep their order. It works
 * on copies, so that a comparator that writes into the list, or raises, does no harm. Indexes
 * on the stack: 1 list, 2 comparator or nil, 3 and 4 the copies. */
static int sort(lua_State *L)
{
    lua_Integer count = writable(L, 1);
    int from = 3;
    int to = 4;

    luaL_argcheck(L, count < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    script_charge(L, 2 * (uint64_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, from, i);
    }
    for (lua_Integer width = 1; width < count; width *= 2) {
        merge_runs(L, from, to, count, width);
        from = 7 - from;
        to = 7 - to;
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, 1, i);
    }
    return 0;
}

static void merge_runs(lua_State *L, int from, int to, lua_Integer count, lua_Integer width)
{
    for (lua_Integer start = 1; start <= count; start += 2 * width) {
        lua_Integer middle = start + width < count + 1 ? start + width : count + 1;
        lua_Integer end = start + 2 * width < count + 1 ? start + 2 * width : count + 1;
        lua_Integer a = start;
        lua_Integer b = middle;

        script_charge(L, (uint64_t)(end - start));
        for (lua_Integer i = start; i < end; i++) {
            bool take_second = a >= middle;

            if (!take_second && b < end) {
                lua_rawgeti(L, from, b);
                lua_rawgeti(L, from, a);
                take_second = is_before(L, -2, -1);
                lua_pop(L, 2);
            }
            lua_rawgeti(L, from, take_second ? b++ : a++);
            lua_rawseti(L, to, i);
        }
    }
}

static bool is_before(lua_State *L, int a, int b)
{
    bool before;

    if (lua_isnil(L, 2))
        return lua_compare(L, a, b, LUA_OPLT) != 0;
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    before = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return before;
}

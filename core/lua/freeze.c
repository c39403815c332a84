/* Freeze: tables that nobody can write any more, and keep their identity.
 *
 * The content moves to a hidden table; the table itself stays empty, with a metatable that reads
 * from the hidden one and refuses writes. What is raw in Lua (next, rawget, #, table.*) is ours
 * and sees through. Fields that begin with "__" stay in place beside: metamethods are looked up raw
 * when the table serves as a metatable.
 */
#include "base/check.h"
#include "lua/sandbox.h"

#include <lauxlib.h>
#include <string.h>

enum { FREEZE_DEPTH = 32 };

const char KEY_FROZEN; /* in the metatable of a frozen table: its content */

static void freeze(lua_State *L, int index, int depth);
static void freeze_fields(lua_State *L, int content, int depth);
static void move_content(lua_State *L, int table, int content);
static void inherit(lua_State *L, int old, int metatable);
static int refuse_write(lua_State *L);
static int content_length(lua_State *L);

void script_freeze_table(struct lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    freeze(L, lua_absindex(L, index), 0);
}

bool script_push_frozen_content(struct lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    if (lua_rawgetp(L, -1, &KEY_FROZEN) != LUA_TTABLE) {
        lua_pop(L, 2);
        return false;
    }
    lua_remove(L, -2);
    return true;
}

bool script_is_frozen(lua_State *L, int index)
{
    if (!script_push_frozen_content(L, index))
        return false;
    lua_pop(L, 1);
    return true;
}

void script_see_through(lua_State *L, int index)
{
    if (script_push_frozen_content(L, index))
        lua_replace(L, index);
}

void script_check_writable(lua_State *L, int index)
{
    if (script_is_frozen(L, index))
        luaL_error(L, "this table is frozen: after loading nothing in a module may be changed");
}

static void freeze(lua_State *L, int index, int depth)
{
    int content;
    int metatable;

    if (script_is_frozen(L, index))
        return;
    if (depth > FREEZE_DEPTH)
        luaL_error(L, "a table nests deeper than %d and cannot be frozen", FREEZE_DEPTH);
    luaL_checkstack(L, 12, "freezing");
    lua_newtable(L);
    content = lua_gettop(L);
    lua_newtable(L);
    metatable = lua_gettop(L);
    move_content(L, index, content);
    if (lua_getmetatable(L, index)) {
        inherit(L, lua_gettop(L), metatable);
        lua_setmetatable(L, content);
    }
    lua_pushvalue(L, content);
    lua_setfield(L, metatable, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, metatable, "__newindex");
    lua_pushcfunction(L, content_length);
    lua_setfield(L, metatable, "__len");
    lua_pushboolean(L, 0);
    lua_setfield(L, metatable, "__metatable");
    lua_pushvalue(L, content);
    lua_rawsetp(L, metatable, &KEY_FROZEN);
    script_check_metatable(L, metatable);
    lua_setmetatable(L, index); /* before the fields: a table may hold itself */
    freeze_fields(L, content, depth);
    lua_settop(L, content - 1);
}

static void move_content(lua_State *L, int table, int content)
{
    const char *name;

    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, content);
    }
    lua_pushnil(L);
    while (lua_next(L, content)) {
        lua_pop(L, 1);
        name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (strncmp(name, "__", 2) == 0)
            continue;
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, table);
    }
}

/* The old metatable goes on serving the content; of its metamethods those that are not about
 * reading and writing must be found at the table itself, too. */
static void inherit(lua_State *L, int old, int metatable)
{
    static const char *const own[] = { "__index", "__newindex", "__len", "__metatable", "__pairs" };
    const char *name;

    lua_pushnil(L);
    while (lua_next(L, old)) {
        bool is_own = lua_type(L, -2) != LUA_TSTRING;

        name = is_own ? "" : lua_tostring(L, -2);
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
            is_own = is_own || strcmp(name, own[i]) == 0;
        if (is_own || strncmp(name, "__", 2) != 0) {
            lua_pop(L, 1);
            continue;
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, metatable);
    }
}

static void freeze_fields(lua_State *L, int content, int depth)
{
    lua_pushnil(L);
    while (lua_next(L, content)) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            bool has_metatable = !value_is_marked(L, -1) && lua_getmetatable(L, -1);

            if (has_metatable)
                lua_pop(L, 1);
            else
                freeze(L, lua_gettop(L), depth + 1);
        }
        lua_pop(L, 1);
    }
}

static int refuse_write(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);

    return luaL_error(L,
                      "cannot set '%s': the table is frozen, after loading nothing in a module "
                      "may be changed",
                      name);
}

static int content_length(lua_State *L)
{
    if (!script_push_frozen_content(L, 1))
        return luaL_error(L, "not a frozen table");
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

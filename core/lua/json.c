/* Json: the module `json` of scripts. Between text and values: http/json_tree.h. */
#include "lua/bind.h"
#include "lua/sandbox.h"
#include "lua/value.h"

#include <lauxlib.h>

enum { TEXT_KEPT = 64 * 1024 };

/* ---- The module -------------------------------------------------------------------------------- */

int json_open(struct lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "encode", bind_json_encode },
        { "decode", bind_json_decode },
        { "array", bind_json_array },
        { NULL, NULL },
    };

    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}

/* The state owns arena and buffer: what raises below leaks nothing. */
int bind_json_encode(lua_State *L)
{
    struct script_state *state = script_state_of(L);
    struct value value;
    struct str reason;

    luaL_checkany(L, 1);
    arena_reset(&state->once);
    reason = value_read(L, 1, &state->once, &value);
    if (!str_is_absent(reason))
        return luaL_error(L, "json.encode: %s", reason.at);
    if (state->text.cap > TEXT_KEPT)
        buf_fini(&state->text);
    buf_clear(&state->text);
    value_to_json(&value, &state->text);
    script_look(L);
    if (state->text.overflowed)
        return luaL_error(L, "json.encode: the text would be longer than 1 MiB");
    lua_pushlstring(L, state->text.at, state->text.len);
    return 1;
}

int bind_json_decode(lua_State *L)
{
    struct script_state *state = script_state_of(L);
    struct value value;
    struct str reason;
    struct str text;

    text.at = luaL_checklstring(L, 1, &text.len);
    script_charge(L, 1 + text.len / 16);
    arena_reset(&state->once);
    reason = value_from_json(text, &state->once, &value);
    script_look(L);
    if (!str_is_absent(reason)) {
        lua_pushnil(L);
        lua_pushlstring(L, reason.at, reason.len);
        return 2;
    }
    value_push(L, &value, 0);
    return 1;
}

int bind_json_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    script_check_writable(L, 1);
    if (lua_getmetatable(L, 1)) {
        if (!value_is_marked(L, 1))
            return luaL_argerror(L, 1, "the table has a metatable already");
        lua_pop(L, 1);
    }
    value_mark_array(L);
    return 1;
}

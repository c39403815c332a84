/* Metatable: which metamethods there are, and how those that must not be are kept from working.
 *
 * Lua keeps the names of metamethods as interned strings and compares their addresses. With other
 * bytes in it the kept string is no name that a script can write, and "__mode" becomes a string like any
 * other: a metatable may get such a field at any time, and it means nothing. (Refusing it in
 * setmetatable, which is done too, for the message, does not see what is added later.)
 *
 *   __mode    collecting chains of weak tables takes time that no hook sees; bugs before 5.4.8
 *   __concat  up to 5.4.5 the stack that was moved by it goes on being used
 *   __call    a table that names itself there makes one instruction shift the stack for each slot
 *             of it, half a second for 640 KiB. It gets a secret name instead, under which
 *             script_check_metatable puts it when it is a function: so there are no chains.
 *
 * __gc counts only when it is there at setmetatable, which refuses it. A __close put in later is run
 * for the fourth value of a generic `for` alone, within the budget.
 */
#include "base/crypto.h"
#include "lua/sandbox.h"

#include <lauxlib.h>

static const char KEY_CALL; /* in the registry: the string that stands for "__call" */

static char *name_bytes(lua_State *L, const char *name);

void metatable_open(lua_State *L)
{
    char *call = name_bytes(L, "__call");

    lua_pushstring(L, "__call");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_CALL);
    call[0] = '\x01';
    crypto_random(call + 1, 5);
    script_state_of(L)->call_name = call;
    name_bytes(L, "__mode")[0] = '\x01';
#if LUA_VERSION_RELEASE_NUM < 50406
    name_bytes(L, "__concat")[0] = '\x01';
#endif
}

/* Lua never collects these strings, and finds them by the hash that it keeps in them. */
static char *name_bytes(lua_State *L, const char *name)
{
    char *bytes;

    lua_pushstring(L, name);
    bytes = (char *)(uintptr_t)lua_tostring(L, -1);
    lua_pop(L, 1);
    return bytes;
}

bool metatable_is_hidden(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TSTRING &&
           lua_tostring(L, index) == script_state_of(L)->call_name;
}

void script_check_metatable(struct lua_State *L, int index)
{
    static const char *const refused[] = {
        "__gc",
        "__close",
        "__mode",
#if LUA_VERSION_RELEASE_NUM < 50406
        "__concat",
#endif
    };
    int type;

    index = lua_absindex(L, index);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, index) != LUA_TNIL)
            luaL_error(L, "a metatable must not have '%s' here", refused[i]);
        lua_pop(L, 1);
    }
    lua_pushstring(L, "__call");
    type = lua_rawget(L, index);
    if (type != LUA_TFUNCTION && type != LUA_TNIL)
        luaL_error(L, "'__call' of a metatable must be a function");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_CALL);
    lua_insert(L, -2);
    lua_rawset(L, index);
}

/* Answer: objects of what functions return. */
#include "lua/answer.h"

#include <lauxlib.h>

static const char METATABLE; /* registry */

void answer_open(lua_State *L)
{
    struct instance *instance = instance_of(L);

    lua_createtable(L, 0, 2);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, "answer");
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &METATABLE);
    for (int i = 0; i < ANSWERS_READY; i++) {
        instance->answer_places[i] = lua_newuserdatauv(L, sizeof(struct answer), 0);
        *instance->answer_places[i] = (struct answer){ .serial = 0 };
        lua_pushvalue(L, -2);
        lua_setmetatable(L, -2);
        instance->answers[i] = script_keep(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

struct answer *answer_push(lua_State *L, enum answer_kind kind)
{
    struct call *call = call_of(L);
    struct instance *instance = call->instance;
    struct answer *answer;

    /* An inner call must not take those of the one around it: it makes new ones. */
    if (call->answers < ANSWERS_READY && call->is_outermost) {
        script_push(L, instance->answers[call->answers]);
        answer = instance->answer_places[call->answers];
    } else {
        answer = lua_newuserdatauv(L, sizeof(*answer), 0);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &METATABLE);
        lua_setmetatable(L, -2);
    }
    call->answers++;
    *answer = (struct answer){ .kind = kind, .serial = call->serial };
    return answer;
}

struct answer *answer_at(lua_State *L, int index)
{
    struct answer *answer = lua_touserdata(L, index);
    bool is_answer = false;

    if (!answer || !lua_getmetatable(L, index))
        return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &METATABLE);
    is_answer = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (!is_answer)
        return NULL;
    if (answer->serial != call_of(L)->serial)
        luaL_error(L, "an answer of an earlier call was kept: answers are good for one call");
    return answer;
}

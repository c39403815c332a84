/* Answer: the objects that functions return. A few are made ready, so that an answer costs nothing. */
#ifndef FOYER_LUA_ANSWER_H
#define FOYER_LUA_ANSWER_H

#include "lua/instance.h"

/* Makes the ready ones; once, while the module is opened. */
void answer_open(lua_State *L);
/* Pushes an empty answer of this call. */
struct answer *answer_push(lua_State *L, enum answer_kind kind);
/* The answer at index; NULL: something else. Raises where it is of an earlier call. */
struct answer *answer_at(lua_State *L, int index);

#endif

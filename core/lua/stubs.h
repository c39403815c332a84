/* Stubs: the API for editors, in the annotations of LuaLS, out of the tables. */
#ifndef FOYER_LUA_STUBS_H
#define FOYER_LUA_STUBS_H

#include "base/buf.h"

struct router;

/* foyer.d.lua: functions, classes, permissions, actions, and a class for the rows of each entity. */
void stubs_write(const struct router *router, struct buf *out);

#endif

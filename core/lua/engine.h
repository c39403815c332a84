/* Engine: Lua as the runtime of plugins. */
#ifndef FOYER_LUA_ENGINE_H
#define FOYER_LUA_ENGINE_H

#include "plugin/runtime.h"

extern const struct runtime lua_runtime;

const char *lua_engine_version(void); /* "Lua 5.4.4" */

#endif

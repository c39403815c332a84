/* Engine: Lua as the runtime of plugins. */
#ifndef FOYER_LUA_ENGINE_H
#define FOYER_LUA_ENGINE_H

#include "plugin/runtime.h"

extern const struct runtime lua_runtime;

#endif

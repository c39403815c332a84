/* Planted: the API never includes Lua. */
#include "lua/state.h"

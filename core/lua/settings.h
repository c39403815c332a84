/* Settings: what foyer.settings or plugin.json declare, and ctx.settings gives.
 *
 *   foyer.settings { max_group = { type = "number", default = 50, min = 2, max = 500, help = "…" } }
 *
 * Types: "number", "integer", "text", "boolean", "choice" (with choices = {…}); plugin/setting.h.
 */
#ifndef FOYER_LUA_SETTINGS_H
#define FOYER_LUA_SETTINGS_H

#include "lua/instance.h"

/* Checks the table of declarations at index, and makes them those of ctx.settings. */
void settings_declare(lua_State *L, int index);
/* Pushes the table of values, empty until something is declared. Once, while the module is opened. */
void settings_open(lua_State *L);

#endif

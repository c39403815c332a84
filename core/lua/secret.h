/* Secret: what foyer.secret gives: which setting it is, and how it is worded where it is used; never its text.
 *
 * The text is opened where it goes (http.fetch, crypto.hmac, crypto.equal), into an arena of C's. Whatever reads data
 * of scripts (lua/value.h) refuses one, so it is written down nowhere.
 */
#ifndef FOYER_LUA_SECRET_H
#define FOYER_LUA_SECRET_H

#include "base/str.h"

#include <lua.h>

struct arena;

/* Once, while the module is opened. */
void secret_open(lua_State *L);
bool secret_is(lua_State *L, int index);
/* The text of a secret, as it is worded, in the arena. Raises why there is none. */
struct str secret_text(lua_State *L, int index, struct arena *arena);

#endif

/* Api: the module `foyer` out of the table, with its checks; and what bindings use of it. */
#ifndef FOYER_LUA_API_H
#define FOYER_LUA_API_H

#include "lua/api_table.h"

/* lua_CFunction for script_module: the table of `foyer`. */
int api_open(lua_State *L);
/* Pushes the checked function of a row. */
void api_push(lua_State *L, const struct api_function *row);
/* Raises "WHAT has no NAME; did you mean …?" The keys of the table at `names` are what there is. */
int api_unknown(lua_State *L, const char *what, int name, int names);
/* Makes a name that the table at the top has not an error that tells which was meant. */
void api_finish(lua_State *L, const char *name);
/* The text at index, borrowed from Lua. */
struct str api_text(lua_State *L, int index);
/* Copies it into the call's arena. Absent where there is none. */
struct str api_copy_text(lua_State *L, int index);
/* The value of an entry as JSON in the arena, of at most `most` bytes. Raises for what cannot be kept, and for nil,
 * which `deletes` is for ("foyer.kv.delete"). */
struct str api_json(lua_State *L, int index, struct arena *arena, size_t most, const char *deletes);

#endif

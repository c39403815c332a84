/* Stdlib: the part of Lua's standard library that scripts see, and nothing else of it.
 *
 * There: assert error getmetatable ipairs load (16 KiB of text) next pairs pcall rawequal rawget
 * rawlen rawset require select setmetatable tonumber tostring type _G _VERSION; string (no dump),
 * table, math (no random: a rule gives the same answer everywhere), utf8, coroutine (no close).
 * Missing on purpose: collectgarbage debug dofile io loadfile os package print warn xpcall; asking
 * for one names what to use instead. tostring and format print no addresses.
 *
 * Reading or writing any other global is an error with "did you mean". All tables here are frozen
 * (state.h) and the metatable of strings is locked. setmetatable refuses __gc, __close, __mode and,
 * on a Lua older than 5.4.6, __concat; __mode and __concat do not work when smuggled in later
 * either. (A __close put in later works for the fourth value of a generic `for` alone, within the
 * budget like everything.)
 */
#ifndef FOYER_LUA_STDLIB_H
#define FOYER_LUA_STDLIB_H

#include "base/str.h"

struct lua_State;

/* Makes the environment and leaves it in the registry; called once by script_state_new, protected.
 * Raises on memory. */
void stdlib_open(struct lua_State *L);

/* Pushes the environment that chunks get as _ENV. */
void stdlib_push_env(struct lua_State *L);

/* Pushes the value of a global name of the standard library, or nil; raw, no error. For
 * environments made by others (templates). */
void stdlib_push_name(struct lua_State *L, struct str name);

/* The candidate that `name` was probably meant to be, or absent: at most 2 edits away (1 for names
 * up to 4 bytes; 64 bytes at most). Borrows. No Lua. */
struct str stdlib_did_you_mean(struct str name, const struct str *candidates, size_t count);

/* The same among the string keys of the table at index (raw; the first 500). Borrows from the table. */
struct str stdlib_closest_key(struct lua_State *L, int index, struct str name);

/* Compiles text to a function on the stack, with the environment of stdlib_push_env, and returns
 * true; else leaves a message "name:line: reason" and returns false. Checks first size (up to
 * `ceiling` bytes) and source.h, and the budget while it reads. Raises on memory and when over budget. */
bool stdlib_compile(struct lua_State *L, struct str name, struct str source, size_t ceiling);

#endif

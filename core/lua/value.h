/* Values between C and Lua. The tree itself is base/value.h, its JSON http/json_tree.h.
 *
 * Lua has one kind of table and no null. A table with only the keys 1 to n is an array, one with
 * only string keys an object; an empty one is an object unless it carries the array mark, which
 * tables pushed from arrays and made by `json.array` do. Members of objects that are read come
 * sorted by name, for Lua's order differs from state to state. Null is left out of objects, unless
 * VALUE_KEEP_NULL is given: then, and inside arrays always, it is `json.null` (light userdata NULL),
 * which is read back as nil.
 *
 * Functions that take `L` run inside a call and may raise or leave; they own nothing.
 */
#ifndef FOYER_LUA_VALUE_H
#define FOYER_LUA_VALUE_H

#include "base/status.h"
#include "base/value.h"
#include "http/json_tree.h"

struct arena;
struct buf;
struct lua_State;

#define VALUE_KEEP_NULL 1u

/* Pushes one value; flags: VALUE_KEEP_NULL or 0. Pays its budget. */
void value_push(struct lua_State *L, const struct value *value, unsigned flags);

/* Reads the Lua value at index into the arena, raw (no metamethods); frozen tables are seen through.
 * Absent: fine. Else the reason for a person, in the arena ("'tags[2]' is a function"): too deep
 * (where a cycle ends, too), too much, no data, mixed or odd keys, a number that is not finite,
 * an exhausted arena, a secret. Pays its budget. */
struct str value_read(struct lua_State *L, int index, struct arena *arena, struct value *value);

/* The same of what goes to another server: secrets in it become their texts, which are given in *opened. */
struct opened_secrets {
    struct str *at;
    size_t count, cap;
};
struct str value_read_secrets(struct lua_State *L, int index, struct arena *arena,
                              struct value *value, struct opened_secrets *opened);

/* lua_CFunction for script_module: the table of `json`: encode(value) gives text, decode(text) gives
 * a value or nil and a message, array(table) marks the table and returns it, null. */
int json_open(struct lua_State *L);

#endif

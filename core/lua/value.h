/* Values between C, Lua and JSON. The tree itself is base/value.h.
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

struct arena;
struct buf;
struct lua_State;

#define VALUE_DEPTH 32      /* as LIMIT_JSON_DEPTH */
#define VALUE_NODES 20000   /* values in one tree */
#define VALUE_BYTES 1000000 /* texts of one tree, names included */

#define VALUE_KEEP_NULL 1u

/* Pushes one value; flags: VALUE_KEEP_NULL or 0. Pays its budget. */
void value_push(struct lua_State *L, const struct value *value, unsigned flags);

/* Reads the Lua value at index into the arena, raw (no metamethods); frozen tables are seen through.
 * Absent: fine. Else the reason for a person, in the arena ("'tags[2]' is a function"): too deep
 * (where a cycle ends, too), too much, no data, mixed or odd keys, a number that is not finite,
 * an exhausted arena. Pays its budget. */
struct str value_read(struct lua_State *L, int index, struct arena *arena, struct value *value);

/* JSON text to a tree in the arena. Absent: fine. Else the reason with line and column, in the
 * arena. Refuses duplicate names, NUL in names, depth above VALUE_DEPTH, text above VALUE_BYTES and
 * more than VALUE_NODES values. No Lua. */
struct str value_from_json(struct str text, struct arena *arena, struct value *value);

/* Appends JSON; compact. What is no UTF-8 in a text becomes U+FFFD, a number that is not finite
 * null. No Lua. */
void value_to_json(const struct value *value, struct buf *buf);

/* lua_CFunction for script_module: the table of `json`: encode(value) gives text, decode(text) gives
 * a value or nil and a message, array(table) marks the table and returns it, null. */
int json_open(struct lua_State *L);

#endif

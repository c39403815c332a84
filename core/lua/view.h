/* View: rows, actor and context as scripts see them. No copies: a field is read when it is asked.
 *
 * The objects are made once a state; what they show is the innermost call's. Nothing can be
 * written through them.
 */
#ifndef FOYER_LUA_VIEW_H
#define FOYER_LUA_VIEW_H

#include "lua/instance.h"

/* Makes ctx, target, input, change, workspace, actor and settings; once, while the module is opened.
 * The table of settings is on top of the stack, and is taken. */
void view_open(lua_State *L);
void actor_open(lua_State *L);

/* Pushes an object for a call. */
void view_push(lua_State *L, enum object object);
/* Pushes the value of a member as the outside sees it; nil where it is null. */
void view_push_field(lua_State *L, const struct field *field, const void *row);
/* Pushes an array of ids. */
void view_push_ids(lua_State *L, struct ids ids);

/* Makes a userdata with a metatable {index, newindex, …} and keeps it. names is the index of a table
 * that `index` gets as its first upvalue. */
void view_make(lua_State *L, enum object object, const char *name, lua_CFunction index, int names);
/* The call in which `object` may be looked at. Raises where it may not. */
struct call *view_call(lua_State *L, const char *object, unsigned kinds);

#endif

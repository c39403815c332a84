/* Change: the table that a filter returned, put into the change by the field table. */
#ifndef FOYER_LUA_CHANGE_H
#define FOYER_LUA_CHANGE_H

#include "base/field.h"
#include "base/value.h"

/* is_new: what is being made; else only fields that may be changed may be given. False: *reason says
 * which field, and why; *change may be half done. */
bool change_apply(const struct value *fields, const struct entity *entity, bool is_new,
                  void *change, uint64_t *given, struct arena *arena, struct str *reason);

#endif

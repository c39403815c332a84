/* Row: a C struct out of plain data, by the field table, without asking who may write what. For tests
 * of scripts, which say how things are.
 */
#ifndef FOYER_LUA_ROW_H
#define FOYER_LUA_ROW_H

#include "base/field.h"
#include "base/value.h"

/* Sets the members that `fields`, an object, names, and their bits in *given. Borrows from the tree; the
 * rest goes into the arena. Absent: fine. Else the reason, in the arena. */
struct str row_read(const struct entity *entity, const struct value *fields, struct arena *arena,
                    void *row, uint64_t *given);

#endif

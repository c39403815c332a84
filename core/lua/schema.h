/* Schema: does a value fit what is expected? The part of JSON Schema that fits on a page.
 *
 *   type ("string" … or several), enum, const (no tables); required, properties, additionalProperties (true or false);
 *   items, minItems, maxItems; minLength, maxLength (characters); minimum, maximum; title, description.
 *
 * A whole number is an "integer" and a "number". Nothing of the schema's is a pattern: foyer.text and
 * string.match are there for that. No Lua.
 */
#ifndef FOYER_LUA_SCHEMA_H
#define FOYER_LUA_SCHEMA_H

#include "base/value.h"

struct arena;

enum { SCHEMA_FAULTS = 100, SCHEMA_STEPS = 500000 };

struct schema_fault {
    struct str path; /* "address.lines[2]"; empty: the value itself */
    struct str message;
};
struct schema_faults {
    struct arena *arena;
    struct schema_fault at[SCHEMA_FAULTS];
    size_t count; /* the first so many */
    size_t
        steps; /* names and values that were compared; past SCHEMA_STEPS the check is given up, with a
                   * fault that says so */
};

/* Absent: every word of the schema is known and of its type; else why not, for its author. */
struct str schema_check(const struct value *schema, struct arena *arena);
/* Adds what is wrong with the value. The schema was checked. */
void schema_validate(const struct value *schema, const struct value *value, struct str path,
                     struct schema_faults *faults);

#endif

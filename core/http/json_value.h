/* Json_value: one value of a body, checked by its field and put into the row. For json_read.c
 * alone; says nothing of which fields may stand where.
 */
#ifndef FOYER_HTTP_JSON_VALUE_H
#define FOYER_HTTP_JSON_VALUE_H

#include "base/arena.h"
#include "base/failure.h"
#include "base/field.h"

/* Where a value goes, and where its faults are told. */
struct place {
    const struct field *field;
    void *row;
    struct str name; /* outside, dotted: "companyIds.3" */
    struct arena *arena;
    struct failure *failure;
};

/* Each is false when it told a fault. */
bool value_set_text(const struct place *place, struct str text);
bool value_set_number(const struct place *place, int64_t number);
/* Counts are checked once the whole array is known. */
bool value_check_count(const struct place *place, size_t count);
/* One entry of a FIELD_TEXTS or FIELD_IDS. */
bool value_take_text(const struct place *place, struct str text, struct str *out);
bool value_take_id(const struct place *place, struct str text, struct uuid *out);
/* Puts null there: absent, none, 0, false, the first choice, nothing. */
void value_clear(const struct field *field, void *row);
bool value_is_clear(const struct field *field, const void *row);
/* "Must be a whole number." and the like. */
bool value_wrong_type(const struct place *place);
/* Bytes of the text of a FIELD_JSON. */
size_t value_json_max(const struct field *field);

#endif

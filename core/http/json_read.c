/* Json_read: objects and forms to rows, by the field table. Which field may stand where is decided
 * here; what it may hold is json_value.c's. */
#include "http/json.h"

#include "base/check.h"
#include "base/nearest.h"
#include "http/json_value.h"
#include "http/request.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

struct reading {
    const struct entity *entity;
    enum json_mode mode;
    struct arena *arena;
    void *row;
    uint64_t given;
    uint64_t named; /* stood there, also where its value was refused */
    struct failure *failure;
    bool is_refused;
};

static unsigned writable(enum json_mode mode);
static int find_writable(struct reading *reading, struct str name);
static void refuse(struct reading *reading, struct str name, const char *code, const char *message);
static const char *nearest_field(const struct reading *reading, struct str name);
static struct place place_of(struct reading *reading, int index);
static struct place entry_of(const struct place *place, size_t entry);
static bool set(const struct place *place, json_t *value);
static bool set_real(const struct place *place, double number);
static bool set_ids(const struct place *place, json_t *array);
static bool set_texts(const struct place *place, json_t *array);
static bool set_object(const struct place *place, json_t *value);
static bool set_object_text(const struct place *place, struct str text);
static bool set_form(struct reading *reading, int index, const struct param *form, size_t count);
static bool set_form_array(const struct place *place, const struct param *form, size_t count);
static bool set_form_bool(const struct place *place, struct str text);
static void finish(struct reading *reading);
static enum status outcome(const struct reading *reading, uint64_t *given);

enum status json_read(const struct entity *entity, struct json_t *json, enum json_mode mode,
                      struct arena *arena, void *row, uint64_t *given, struct failure *failure)
{
    struct reading reading = { entity, mode, arena, row, 0, 0, failure, false };
    const char *key;
    json_t *value;

    *given = 0;
    if (json != NULL && !json_is_object(json)) {
        failure_set(failure, arena, ST_INVALID, "not_an_object", "The body must be a JSON object.");
        return ST_INVALID;
    }
    json_object_foreach(json, key, value)
    {
        int index = find_writable(&reading, str_from(key));
        struct place place;

        if (index < 0)
            continue;
        place = place_of(&reading, index);
        if (set(&place, value))
            reading.given |= UINT64_C(1) << index;
        else
            reading.is_refused = true;
    }
    finish(&reading);
    return outcome(&reading, given);
}

enum status json_read_form(const struct entity *entity, const struct param *form, size_t count,
                           struct arena *arena, void *row, uint64_t *given, struct failure *failure)
{
    struct reading reading = { entity, JSON_CREATE, arena, row, 0, 0, failure, false };

    *given = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_repeated = false;
        int index;

        for (size_t before = 0; before < i; before++)
            is_repeated = is_repeated || str_eq(form[before].name, form[i].name);
        if (is_repeated) /* its first place has taken or refused all of them */
            continue;
        index = find_writable(&reading, form[i].name);
        if (index < 0)
            continue;
        if (set_form(&reading, index, form + i, count - i))
            reading.given |= UINT64_C(1) << index;
        else
            reading.is_refused = true;
    }
    finish(&reading);
    return outcome(&reading, given);
}

/* The flags of which a field needs one. */
static unsigned writable(enum json_mode mode)
{
    if (mode == JSON_CHANGE)
        return FIELD_WRITE;
    return mode == JSON_CREATE ? FIELD_CREATE : FIELD_UPDATE;
}

/* The index of a field that may stand in this body, or -1 after telling why not. */
static int find_writable(struct reading *reading, struct str name)
{
    unsigned may = writable(reading->mode);
    int index = field_find(reading->entity, name);
    const struct field *field;

    if (index < 0) {
        const char *meant = nearest_field(reading, name);

        if (meant)
            failure_field(reading->failure, reading->arena, ST_INVALID, name, "unknown_field",
                          "There is no field of this name here. Did you mean `%s`?", meant);
        else
            failure_field(reading->failure, reading->arena, ST_INVALID, name, "unknown_field",
                          "There is no field of this name here.");
        reading->is_refused = true;
        return -1;
    }
    NEVER(index >= 64);
    field = &reading->entity->fields[index];
    reading->named |= UINT64_C(1) << index;
    if (!(field->flags & may)) {
        refuse(reading, name, "read_only",
               field->flags & FIELD_WRITE && reading->mode != JSON_CREATE
                   ? "Cannot be changed: it is set when this is made."
                   : "Cannot be set: the server writes it.");
        return -1;
    }
    return index;
}

static void refuse(struct reading *reading, struct str name, const char *code, const char *message)
{
    failure_field(reading->failure, reading->arena, ST_INVALID, name, code, "%s", message);
    reading->is_refused = true;
}

/* Of those that may stand in this body. NULL: none is near. */
static const char *nearest_field(const struct reading *reading, struct str name)
{
    unsigned may = writable(reading->mode);
    struct nearest nearest;

    nearest_init(&nearest, name);
    for (const struct field *field = reading->entity->fields; field->name; field++)
        if (field->flags & may)
            nearest_offer(&nearest, field->name);
    return nearest.word;
}

static struct place place_of(struct reading *reading, int index)
{
    const struct field *field = &reading->entity->fields[index];

    return (struct place){ field, reading->row, str_from(field->name), reading->arena,
                           reading->failure };
}

static struct place entry_of(const struct place *place, size_t entry)
{
    struct place inner = *place;

    inner.name = str_printf(place->arena, "%.*s.%zu", STR_ARG(place->name), entry);
    return inner;
}

static bool set(const struct place *place, json_t *value)
{
    enum field_type type = place->field->type;

    switch (json_typeof(value)) {
    case JSON_NULL:
        value_clear(place->field, place->row);
        return true;
    case JSON_STRING: {
        struct str text = str_slice(json_string_value(value), json_string_length(value));

        if (type == FIELD_JSON)
            return set_object_text(place, text);
        if (text.len == 0 && type != FIELD_CONST) {
            value_clear(place->field, place->row);
            return true;
        }
        return value_set_text(place, text);
    }
    case JSON_INTEGER:
        return value_set_number(place, json_integer_value(value));
    case JSON_REAL:
        return set_real(place, json_real_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        if (type != FIELD_BOOL)
            return value_wrong_type(place);
        *FIELD_AT(bool, place->row, place->field) = json_is_true(value);
        return true;
    case JSON_ARRAY:
        return type == FIELD_IDS     ? set_ids(place, value)
               : type == FIELD_TEXTS ? set_texts(place, value)
                                     : value_wrong_type(place);
    case JSON_OBJECT:
        if (type == FIELD_JSON)
            return set_object(place, value);
        /* Lua, and others, write an array that has become empty so: filters, and foyer.api */
        if (json_object_size(value) > 0 || (type != FIELD_IDS && type != FIELD_TEXTS))
            return value_wrong_type(place);
        return type == FIELD_IDS ? set_ids(place, value) : set_texts(place, value);
    }
    return value_wrong_type(place);
}

/* 5.0 is a whole number too: many programs know no others. */
static bool set_real(const struct place *place, double number)
{
    if (trunc(number) != number || fabs(number) > 9007199254740992.0)
        return value_wrong_type(place);
    return value_set_number(place, (int64_t)number);
}

static bool set_ids(const struct place *place, json_t *array)
{
    size_t count = json_array_size(array), i;
    struct ids ids = { NULL, count };
    bool is_good = true;
    json_t *entry;

    if (!value_check_count(place, count))
        return false;
    ids.at = arena_array(place->arena, struct uuid, count);
    json_array_foreach(array, i, entry)
    {
        struct str text = str_from(json_string_value(entry));
        struct place inner;

        if (text.at != NULL && uuid_parse(text, &ids.at[i]) &&
            !uuid_is_none(ids.at[i])) /* ten thousand good ones need no names */
            continue;
        inner = entry_of(place, i);
        if (text.at == NULL ? !value_wrong_type(&inner) : !value_take_id(&inner, text, &ids.at[i]))
            is_good = false;
    }
    *FIELD_AT(struct ids, place->row, place->field) = ids;
    return is_good;
}

static bool set_texts(const struct place *place, json_t *array)
{
    size_t count = json_array_size(array), i;
    struct texts texts = { NULL, count };
    bool is_good = true;
    json_t *entry;

    if (!value_check_count(place, count))
        return false;
    texts.at = arena_array(place->arena, struct str, count);
    json_array_foreach(array, i, entry)
    {
        struct place inner = entry_of(place, i);
        struct str text = str_from(json_string_value(entry));

        if (text.at == NULL ? !value_wrong_type(&inner)
                            : !value_take_text(&inner, text, &texts.at[i]))
            is_good = false;
    }
    *FIELD_AT(struct texts, place->row, place->field) = texts;
    return is_good;
}

static bool set_object(const struct place *place, json_t *value)
{
    size_t max = value_json_max(place->field), len = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *at;

    if (len > max) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "too_long",
                      "Must be at most %zu bytes of JSON.", max);
        return false;
    }
    at = arena_alloc(place->arena, len + 1);
    NEVER(json_dumpb(value, at, len, JSON_COMPACT) != len);
    *FIELD_AT(struct str, place->row, place->field) = str_slice(at, len);
    return true;
}

static bool set_object_text(const struct place *place, struct str text)
{
    struct failure why = { 0 };
    json_t *value;
    bool is_good;

    if (text.len == 0) {
        value_clear(place->field, place->row);
        return true;
    }
    if (json_parse(text, place->arena, &value, &why) != ST_OK) {
        failure_field(place->failure, place->arena, ST_INVALID, place->name, "invalid_json", "%.*s",
                      STR_ARG(why.message));
        return false;
    }
    is_good = json_is_object(value) ? set_object(place, value) : value_wrong_type(place);
    json_free(value);
    return is_good;
}

/* form[0] and all after it of the same name. */
static bool set_form(struct reading *reading, int index, const struct param *form, size_t count)
{
    struct place place = place_of(reading, index);
    struct str text = form[0].value;
    int64_t number;

    if (place.field->type == FIELD_IDS || place.field->type == FIELD_TEXTS)
        return set_form_array(&place, form, count);
    for (size_t i = 1; i < count; i++) {
        if (str_eq(form[i].name, form[0].name)) {
            refuse(reading, place.name, "given_twice", "May stand once.");
            return false;
        }
    }
    switch (place.field->type) {
    case FIELD_BOOL:
        return set_form_bool(&place, text);
    case FIELD_INT:
        if (text.len == 0) {
            value_clear(place.field, place.row);
            return true;
        }
        return str_to_int(str_trim(text), INT64_MIN, INT64_MAX, &number)
                   ? value_set_number(&place, number)
                   : value_wrong_type(&place);
    case FIELD_JSON:
        return set_object_text(&place, text);
    default:
        return value_set_text(&place, text);
    }
}

static bool set_form_array(const struct place *place, const struct param *form, size_t count)
{
    struct texts texts = { arena_array(place->arena, struct str, count), 0 };
    struct ids ids = { arena_array(place->arena, struct uuid, count), 0 };
    bool is_ids = place->field->type == FIELD_IDS, is_good = true;

    for (size_t i = 0; i < count; i++) {
        struct place inner;

        if (!str_eq(form[i].name, form[0].name) || form[i].value.len == 0)
            continue;
        inner = entry_of(place, is_ids ? ids.count : texts.count);
        if (is_ids ? !value_take_id(&inner, form[i].value, &ids.at[ids.count++])
                   : !value_take_text(&inner, form[i].value, &texts.at[texts.count++]))
            is_good = false;
    }
    if (is_ids)
        *FIELD_AT(struct ids, place->row, place->field) = ids;
    else
        *FIELD_AT(struct texts, place->row, place->field) = texts;
    return value_check_count(place, is_ids ? ids.count : texts.count) && is_good;
}

/* What check boxes and choices of a form send. */
static bool set_form_bool(const struct place *place, struct str text)
{
    bool yes =
        str_is(text, "true") || str_is(text, "1") || str_is(text, "on") || str_is(text, "yes");

    if (!yes && text.len > 0 && !str_is(text, "false") && !str_is(text, "0") &&
        !str_is(text, "off") && !str_is(text, "no"))
        return value_wrong_type(place);
    *FIELD_AT(bool, place->row, place->field) = yes;
    return true;
}

/* What must stand and does not, in the order of the table; what PUT clears. */
static void finish(struct reading *reading)
{
    unsigned may = writable(reading->mode);

    for (int i = 0; reading->entity->fields[i].name != NULL; i++) {
        const struct field *field = &reading->entity->fields[i];
        uint64_t bit = UINT64_C(1) << i;

        if (!(field->flags & may))
            continue;
        if (!(reading->named & bit) && reading->mode == JSON_PUT && !(field->flags & FIELD_KEEP)) {
            value_clear(field, reading->row);
            reading->given |= bit;
        }
        if (!(field->flags & FIELD_REQUIRED))
            continue;
        if (!(reading->named & bit) && reading->mode != JSON_PATCH && reading->mode != JSON_CHANGE)
            refuse(reading, str_from(field->name), "required", "Must be given.");
        else if ((reading->given & bit) && value_is_clear(field, reading->row))
            refuse(reading, str_from(field->name), "required", "Cannot be empty.");
    }
}

static enum status outcome(const struct reading *reading, uint64_t *given)
{
    *given = reading->given;
    return reading->is_refused ? ST_INVALID : ST_OK;
}

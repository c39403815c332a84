/* Native_value: trees of data to plugins and from them, and what rows look like as such. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/json_tree.h"
#include "plugin/native_inside.h"

#include <math.h>
#include <string.h>

struct taking {
    struct arena *arena;
    size_t values, bytes;
    const char *reason;
};

static void give(struct arena *arena, const struct value *value, struct foyer_value *given);
static bool take(struct taking *taking, const struct foyer_value *value, int depth,
                 struct value *taken);
static bool take_text(struct taking *taking, const char *text, size_t len, struct str *taken);
static bool take_items(struct taking *taking, const struct foyer_value *value, int depth,
                       struct value *taken);
static bool take_members(struct taking *taking, const struct foyer_value *value, int depth,
                         struct value *taken);
static bool refuse(struct taking *taking, const char *reason);
static struct value of_time(int64_t time, struct arena *arena);
static struct value of_texts(struct texts texts, struct arena *arena);

/* ---- To plugins -------------------------------------------------------------------------------- */

const struct foyer_value *native_value_give(struct arena *arena, const struct value *value)
{
    struct foyer_value *given = arena_new(arena, struct foyer_value);

    give(arena, value, given);
    return given;
}

/* *given is zeroed: nil. Texts of the arena end with a NUL; those of rows lie in whatever memory and may be slices,
 * so they are copied. */
static void give(struct arena *arena, const struct value *value, struct foyer_value *given)
{
    struct foyer_value *items;
    struct foyer_member *members;

    switch (value->type) {
    case VALUE_NIL:
        break;
    case VALUE_BOOL:
        *given = foyer_bool(value->boolean);
        break;
    case VALUE_INTEGER:
        *given = foyer_integer(value->integer);
        break;
    case VALUE_NUMBER:
        *given = foyer_number(value->number);
        break;
    case VALUE_STRING:
        given->type = FOYER_TEXT;
        given->length = (uint32_t)value->string.len;
        given->text = str_copy(arena, value->string).at;
        break;
    case VALUE_ARRAY:
        items = arena_array(arena, struct foyer_value, value->array.count);
        for (size_t i = 0; i < value->array.count; i++)
            give(arena, &value->array.items[i], &items[i]);
        *given = foyer_array(items, (uint32_t)value->array.count);
        break;
    case VALUE_OBJECT:
        members = arena_array(arena, struct foyer_member, value->object.count);
        for (size_t i = 0; i < value->object.count; i++) {
            members[i].name = str_copy(arena, value->object.members[i].name).at;
            give(arena, &value->object.members[i].value, &members[i].value);
        }
        *given = foyer_object(members, (uint32_t)value->object.count);
        break;
    }
}

/* ---- From plugins ------------------------------------------------------------------------------ */

struct str native_value_take(struct arena *arena, const struct foyer_value *value,
                             struct value *taken)
{
    struct taking taking = { .arena = arena };

    if (take(&taking, value, 0, taken))
        return STR_NONE;
    return str_copy(arena, str_from(taking.reason));
}

int native_value_json(struct foyer_call *call, const struct foyer_value *given, size_t most,
                      const char *what, struct str *json)
{
    struct value value = value_nil();
    struct str reason = STR_NONE;
    struct buf out;

    if (given)
        reason = native_value_take(call->arena, given, &value);
    if (!str_is_absent(reason))
        return native_fault(call, FOYER_INVALID, "%s: %.*s", what, STR_ARG(reason));
    buf_init(&out, most);
    value_to_json(&value, &out);
    *json = out.overflowed ? STR_NONE : str_copy(call->arena, buf_view(&out));
    buf_fini(&out);
    if (str_is_absent(*json))
        return native_fault(call, FOYER_TOO_MUCH, "%s is larger than %zu KiB", what, most / 1024);
    return FOYER_OK;
}

/* A tree that goes in a circle ends at the depth. */
static bool take(struct taking *taking, const struct foyer_value *value, int depth,
                 struct value *taken)
{
    *taken = value_nil();
    if (!value)
        return refuse(taking, "a value is NULL");
    if (depth > VALUE_DEPTH)
        return refuse(taking, "it nests deeper than 32");
    if (++taking->values > VALUE_NODES)
        return refuse(taking, "it has more than 20,000 values");
    switch (value->type) {
    case FOYER_NIL:
        return true;
    case FOYER_BOOL:
        *taken = value_bool(value->boolean != 0);
        return true;
    case FOYER_INTEGER:
        *taken = value_integer(value->integer);
        return true;
    case FOYER_NUMBER:
        *taken = value_number(value->number);
        return isfinite(value->number) || refuse(taking, "a number is not finite");
    case FOYER_TEXT:
        taken->type = VALUE_STRING;
        return take_text(taking, value->text, value->length, &taken->string);
    case FOYER_ARRAY:
        return take_items(taking, value, depth, taken);
    case FOYER_OBJECT:
        return take_members(taking, value, depth, taken);
    default:
        return refuse(taking, "a value is of no type that there is");
    }
}

static bool take_text(struct taking *taking, const char *text, size_t len, struct str *taken)
{
    if (!text)
        return refuse(taking, "a text is NULL");
    taking->bytes += len;
    if (len > VALUE_BYTES || taking->bytes > VALUE_BYTES)
        return refuse(taking, "its texts are longer than 1 MB");
    if (!str_is_utf8(str_slice(text, len)))
        return refuse(taking, "a text is no UTF-8");
    *taken = str_copy(taking->arena, str_slice(text, len));
    return true;
}

static bool take_items(struct taking *taking, const struct foyer_value *value, int depth,
                       struct value *taken)
{
    struct value *items;

    if (value->length > VALUE_NODES)
        return refuse(taking, "it has more than 20,000 values");
    if (value->length && !value->items)
        return refuse(taking, "an array's items are NULL");
    items = arena_array(taking->arena, struct value, value->length);
    for (uint32_t i = 0; i < value->length; i++)
        if (!take(taking, &value->items[i], depth + 1, &items[i]))
            return false;
    *taken = value_array(items, value->length);
    return true;
}

static bool take_members(struct taking *taking, const struct foyer_value *value, int depth,
                         struct value *taken)
{
    struct value_member *members;

    if (value->length > VALUE_NODES)
        return refuse(taking, "it has more than 20,000 values");
    if (value->length && !value->members)
        return refuse(taking, "an object's members are NULL");
    members = arena_array(taking->arena, struct value_member, value->length);
    for (uint32_t i = 0; i < value->length; i++) {
        const char *name = value->members[i].name;

        if (!take_text(taking, name, name ? strnlen(name, VALUE_BYTES + 1) : 0, &members[i].name) ||
            !take(taking, &value->members[i].value, depth + 1, &members[i].value))
            return false;
    }
    *taken = value_object(members, value->length);
    return true;
}

static bool refuse(struct taking *taking, const char *reason)
{
    taking->reason = reason;
    return false;
}

/* ---- Rows -------------------------------------------------------------------------------------- */

struct str native_value_of_field(const struct field *field, const void *row, struct arena *arena,
                                 struct value *value)
{
    struct str json;

    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
        *value = value_string(*FIELD_IN(struct str, row, field));
        break;
    case FIELD_ENUM:
        *value = value_string(str_from(field->choices[*FIELD_IN(int, row, field)]));
        break;
    case FIELD_BOOL:
        *value = value_bool(*FIELD_IN(bool, row, field));
        break;
    case FIELD_INT:
        *value = value_integer(*FIELD_IN(int64_t, row, field));
        break;
    case FIELD_TIME:
        *value = of_time(*FIELD_IN(int64_t, row, field), arena);
        break;
    case FIELD_ID:
        *value = native_value_of_id(*FIELD_IN(struct uuid, row, field), arena);
        break;
    case FIELD_IDS:
        *value = native_value_of_ids(*FIELD_IN(struct ids, row, field), arena);
        break;
    case FIELD_TEXTS:
        *value = of_texts(*FIELD_IN(struct texts, row, field), arena);
        break;
    case FIELD_JSON:
        json = *FIELD_IN(struct str, row, field);
        return value_from_json(str_is_empty(json) ? STR("{}") : json, arena, value);
    case FIELD_CONST:
        *value = value_string(str_from(field->choices[0]));
        break;
    }
    return STR_NONE;
}

static struct value of_time(int64_t time, struct arena *arena)
{
    char text[CLOCK_TEXT];

    if (time == 0)
        return value_nil();
    clock_format(time, text);
    return value_string(str_copy(arena, str_from(text)));
}

struct value native_value_of_id(struct uuid id, struct arena *arena)
{
    char text[UUID_TEXT];

    if (uuid_is_none(id))
        return value_nil();
    uuid_format(id, text);
    return value_string(str_copy(arena, str_from(text)));
}

struct value native_value_of_ids(struct ids ids, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, ids.count);

    for (size_t i = 0; i < ids.count; i++)
        items[i] = native_value_of_id(ids.at[i], arena);
    return value_array(items, ids.count);
}

static struct value of_texts(struct texts texts, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, texts.count);

    for (size_t i = 0; i < texts.count; i++)
        items[i] = value_string(texts.at[i]);
    return value_array(items, texts.count);
}

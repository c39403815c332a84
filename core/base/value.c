/* Value: making, looking into, comparing and copying trees of plain data. */
#include "base/value.h"

#include "base/arena.h"

#include <string.h>

static struct value copy_array(struct arena *arena, const struct value *value);
static struct value copy_object(struct arena *arena, const struct value *value);
static bool arrays_equal(const struct value *a, const struct value *b);
static bool objects_equal(const struct value *a, const struct value *b);

struct value value_nil(void)
{
    return (struct value){ .type = VALUE_NIL };
}

struct value value_bool(bool boolean)
{
    return (struct value){ .type = VALUE_BOOL, .boolean = boolean };
}

struct value value_integer(int64_t integer)
{
    return (struct value){ .type = VALUE_INTEGER, .integer = integer };
}

struct value value_number(double number)
{
    return (struct value){ .type = VALUE_NUMBER, .number = number };
}

struct value value_string(struct str text)
{
    if (str_is_absent(text))
        return value_nil();
    return (struct value){ .type = VALUE_STRING, .string = text };
}

struct value value_array(const struct value *items, size_t count)
{
    return (struct value){ .type = VALUE_ARRAY, .array = { items, count } };
}

struct value value_object(const struct value_member *members, size_t count)
{
    return (struct value){ .type = VALUE_OBJECT, .object = { members, count } };
}

const struct value *value_get(const struct value *object, struct str name)
{
    if (object == NULL || object->type != VALUE_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->object.count; i++) {
        if (str_eq(object->object.members[i].name, name))
            return &object->object.members[i].value;
    }
    return NULL;
}

struct str value_get_string(const struct value *object, struct str name)
{
    const struct value *member = value_get(object, name);

    return member && member->type == VALUE_STRING ? member->string : STR_NONE;
}

bool value_eq(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_NIL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INTEGER:
        return a->integer == b->integer;
    case VALUE_NUMBER:
        return a->number == b->number;
    case VALUE_STRING:
        return str_eq(a->string, b->string);
    case VALUE_ARRAY:
        return arrays_equal(a, b);
    case VALUE_OBJECT:
        return objects_equal(a, b);
    }
    return false;
}

static bool arrays_equal(const struct value *a, const struct value *b)
{
    if (a->array.count != b->array.count)
        return false;
    for (size_t i = 0; i < a->array.count; i++) {
        if (!value_eq(&a->array.items[i], &b->array.items[i]))
            return false;
    }
    return true;
}

static bool objects_equal(const struct value *a, const struct value *b)
{
    if (a->object.count != b->object.count)
        return false;
    for (size_t i = 0; i < a->object.count; i++) {
        const struct value_member *member = &a->object.members[i];
        const struct value *other = value_get(b, member->name);

        if (other == NULL || !value_eq(&member->value, other))
            return false;
    }
    return true;
}

struct value value_copy(struct arena *arena, const struct value *value)
{
    switch (value->type) {
    case VALUE_STRING:
        return value_string(str_copy(arena, value->string));
    case VALUE_ARRAY:
        return copy_array(arena, value);
    case VALUE_OBJECT:
        return copy_object(arena, value);
    default:
        return *value;
    }
}

static struct value copy_array(struct arena *arena, const struct value *value)
{
    struct value *items = arena_array(arena, struct value, value->array.count);

    for (size_t i = 0; i < value->array.count; i++)
        items[i] = value_copy(arena, &value->array.items[i]);
    return value_array(items, value->array.count);
}

static struct value copy_object(struct arena *arena, const struct value *value)
{
    struct value_member *members = arena_array(arena, struct value_member, value->object.count);

    for (size_t i = 0; i < value->object.count; i++) {
        members[i].name = str_copy(arena, value->object.members[i].name);
        members[i].value = value_copy(arena, &value->object.members[i].value);
    }
    return value_object(members, value->object.count);
}

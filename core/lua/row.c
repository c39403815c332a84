/* Row: members by the type of their field. */
#include "lua/row.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/value.h"

#include <string.h>

static bool set(const struct field *field, const struct value *value, struct arena *arena,
                void *row);
static bool set_choice(const struct field *field, const struct value *value, void *row);
static bool set_list(const struct field *field, const struct value *value, struct arena *arena,
                     void *row);
static bool set_json(const struct field *field, const struct value *value, struct arena *arena,
                     void *row);

struct str row_read(const struct entity *entity, const struct value *fields, struct arena *arena,
                    void *row, uint64_t *given)
{
    *given = 0;
    if (fields->type != VALUE_OBJECT)
        return STR("a table of fields expected");
    for (size_t i = 0; i < fields->object.count; i++) {
        const struct value_member *member = &fields->object.members[i];
        int index = field_find(entity, member->name);

        if (index < 0)
            return str_printf(arena, "%s has no \"%.*s\"", entity->name, STR_ARG(member->name));
        if (!set(&entity->fields[index], &member->value, arena, row))
            return str_printf(arena, "%s.%s cannot be this", entity->name,
                              entity->fields[index].name);
        *given |= UINT64_C(1) << index;
    }
    return STR_NONE;
}

static bool set(const struct field *field, const struct value *value, struct arena *arena,
                void *row)
{
    if (value->type == VALUE_NIL)
        return true;
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
        *FIELD_AT(struct str, row, field) = value->string;
        return value->type == VALUE_STRING;
    case FIELD_ENUM:
        return set_choice(field, value, row);
    case FIELD_BOOL:
        *FIELD_AT(bool, row, field) = value->boolean;
        return value->type == VALUE_BOOL;
    case FIELD_INT:
        *FIELD_AT(int64_t, row, field) = value->integer;
        return value->type == VALUE_INTEGER;
    case FIELD_TIME:
        return value->type == VALUE_STRING &&
               clock_parse(value->string, FIELD_AT(int64_t, row, field));
    case FIELD_ID:
        return value->type == VALUE_STRING &&
               uuid_parse(value->string, FIELD_AT(struct uuid, row, field));
    case FIELD_IDS:
    case FIELD_TEXTS:
        return set_list(field, value, arena, row);
    case FIELD_JSON:
        return set_json(field, value, arena, row);
    case FIELD_CONST:
        break;
    }
    return value->type == VALUE_STRING && str_is(value->string, field->choices[0]);
}

static bool set_choice(const struct field *field, const struct value *value, void *row)
{
    for (int i = 0; value->type == VALUE_STRING && field->choices[i]; i++)
        if (str_is(value->string, field->choices[i])) {
            *FIELD_AT(int, row, field) = i;
            return true;
        }
    return false;
}

/* An empty table is an object. */
static bool set_list(const struct field *field, const struct value *value, struct arena *arena,
                     void *row)
{
    size_t count = value->type == VALUE_ARRAY ? value->array.count : 0;
    struct str *texts = arena_array(arena, struct str, count);
    struct uuid *ids = arena_array(arena, struct uuid, count);

    if (value->type != VALUE_ARRAY && (value->type != VALUE_OBJECT || value->object.count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = &value->array.items[i];

        if (item->type != VALUE_STRING ||
            (field->type == FIELD_IDS && !uuid_parse(item->string, &ids[i])))
            return false;
        texts[i] = item->string;
    }
    if (field->type == FIELD_IDS)
        *FIELD_AT(struct ids, row, field) = (struct ids){ ids, count };
    else
        *FIELD_AT(struct texts, row, field) = (struct texts){ texts, count };
    return true;
}

static bool set_json(const struct field *field, const struct value *value, struct arena *arena,
                     void *row)
{
    struct buf text;

    if (value->type != VALUE_OBJECT)
        return false;
    buf_init(&text, LIMIT_JSON_BODY);
    value_to_json(value, &text);
    *FIELD_AT(struct str, row, field) = str_copy(arena, buf_view(&text));
    buf_fini(&text);
    return true;
}

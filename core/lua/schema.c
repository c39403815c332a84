/* Schema: checking schemas, and values by them. */
#include "lua/schema.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

/* What a word of a schema must be. */
enum word_type {
    WORD_TYPES,
    WORD_SCALAR,
    WORD_SCALARS,
    WORD_NAMES,
    WORD_SCHEMAS,
    WORD_SCHEMA,
    WORD_BOOL,
    WORD_COUNT,
    WORD_NUMBER,
    WORD_TEXT
};

static const struct {
    const char *name;
    enum word_type type;
    const char *expected;
} words[] = {
    { "type", WORD_TYPES, "a type or an array of them" },
    { "enum", WORD_SCALARS, "an array of texts, numbers and booleans" },
    { "const", WORD_SCALAR, "a text, a number or a boolean" },
    { "required", WORD_NAMES, "an array of names" },
    { "properties", WORD_SCHEMAS, "a table of schemas" },
    { "additionalProperties", WORD_BOOL, "true or false" },
    { "items", WORD_SCHEMA, "a schema" },
    { "minItems", WORD_COUNT, "a whole number from 0" },
    { "maxItems", WORD_COUNT, "a whole number from 0" },
    { "minLength", WORD_COUNT, "a whole number from 0" },
    { "maxLength", WORD_COUNT, "a whole number from 0" },
    { "minimum", WORD_NUMBER, "a number" },
    { "maximum", WORD_NUMBER, "a number" },
    { "title", WORD_TEXT, "a text" },
    { "description", WORD_TEXT, "a text" },
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const char *const types[] = { "null",   "boolean", "integer", "number",
                                     "string", "array",   "object" };
enum { TYPES = sizeof(types) / sizeof(types[0]) };

static bool is_word(enum word_type type, const struct value *value);
static bool are_types(const struct value *value);
static bool is_list(const struct value *value);
static bool is_table(const struct value *value);
static bool is_of_type(const struct value *value, struct str type);
static bool is_of_types(const struct value *value, const struct value *wanted);
static void check_object(const struct value *schema, const struct value *value, struct str path,
                         struct schema_faults *faults);
static void check_array(const struct value *schema, const struct value *value, struct str path,
                        struct schema_faults *faults);
static void check_scalar(const struct value *schema, const struct value *value, struct str path,
                         struct schema_faults *faults);
static double number_of(const struct value *value);
static size_t members_of(const struct value *value);
static bool may_go_on(struct schema_faults *faults, size_t steps);
static void fault(struct schema_faults *faults, struct str path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static struct str list_types(const struct value *wanted, struct arena *arena);

/* ---- The schema itself ------------------------------------------------------------------------- */

struct str schema_check(const struct value *schema, struct arena *arena)
{
    const struct value *inner;
    struct str reason = STR_NONE;

    if (!is_table(schema))
        return STR("a schema is a table, like { type = \"string\" }");
    for (size_t i = 0; schema->type == VALUE_OBJECT && i < schema->object.count; i++) {
        const struct value_member *m = &schema->object.members[i];
        size_t k;

        for (k = 0; k < WORDS && !str_is(m->name, words[k].name); k++)
            ;
        if (k == WORDS)
            return str_printf(arena, "a schema has no \"%.*s\" here", STR_ARG(m->name));
        if (!is_word(words[k].type, &m->value))
            return str_printf(arena, "%s must be %s", words[k].name, words[k].expected);
    }
    inner = value_get(schema, STR("items"));
    if (inner)
        reason = schema_check(inner, arena);
    inner = value_get(schema, STR("properties"));
    for (size_t i = 0;
         inner && str_is_absent(reason) && inner->type == VALUE_OBJECT && i < inner->object.count;
         i++)
        reason = schema_check(&inner->object.members[i].value, arena);
    return reason;
}

static bool is_word(enum word_type type, const struct value *value)
{
    switch (type) {
    case WORD_TYPES:
        return are_types(value);
    case WORD_SCALAR:
        return value->type != VALUE_ARRAY && value->type != VALUE_OBJECT;
    case WORD_SCALARS:
        for (size_t i = 0; value->type == VALUE_ARRAY && i < value->array.count; i++)
            if (!is_word(WORD_SCALAR, &value->array.items[i]))
                return false;
        return is_list(value);
    case WORD_NAMES:
        for (size_t i = 0; value->type == VALUE_ARRAY && i < value->array.count; i++)
            if (value->array.items[i].type != VALUE_STRING)
                return false;
        return is_list(value);
    case WORD_SCHEMAS:
    case WORD_SCHEMA:
        return is_table(value);
    case WORD_BOOL:
        return value->type == VALUE_BOOL;
    case WORD_COUNT:
        return value->type == VALUE_INTEGER && value->integer >= 0;
    case WORD_NUMBER:
        return value->type == VALUE_INTEGER || value->type == VALUE_NUMBER;
    case WORD_TEXT:
        return value->type == VALUE_STRING;
    }
    return false;
}

static bool are_types(const struct value *value)
{
    size_t k;

    if (value->type == VALUE_ARRAY) {
        for (size_t i = 0; i < value->array.count; i++)
            if (value->array.items[i].type != VALUE_STRING || !are_types(&value->array.items[i]))
                return false;
        return value->array.count > 0;
    }
    for (k = 0; k < TYPES; k++)
        if (value->type == VALUE_STRING && str_is(value->string, types[k]))
            return true;
    return false;
}

/* An empty table of Lua is both. */
static bool is_list(const struct value *value)
{
    return value->type == VALUE_ARRAY || (value->type == VALUE_OBJECT && value->object.count == 0);
}

static bool is_table(const struct value *value)
{
    return value->type == VALUE_OBJECT || (value->type == VALUE_ARRAY && value->array.count == 0);
}

/* ---- Values ------------------------------------------------------------------------------------ */

void schema_validate(const struct value *schema, const struct value *value, struct str path,
                     struct schema_faults *faults)
{
    const struct value *type = value_get(schema, STR("type")),
                       *list = value_get(schema, STR("enum")),
                       *same = value_get(schema, STR("const"));

    if (!may_go_on(faults, list && list->type == VALUE_ARRAY ? list->array.count : 0))
        return;
    if (type && !is_of_types(value, type)) {
        struct str wanted = list_types(type, faults->arena);

        fault(faults, path, "must be %.*s", STR_ARG(wanted));
        return;
    }
    if (same && !value_eq(same, value))
        fault(faults, path, "is not what it must be");
    if (list) {
        bool is_one = false;

        for (size_t i = 0; list->type == VALUE_ARRAY && i < list->array.count && !is_one; i++)
            is_one = value_eq(&list->array.items[i], value);
        if (!is_one)
            fault(faults, path, "is none of what it may be");
    }
    if (value->type == VALUE_ARRAY || value->type == VALUE_OBJECT) {
        check_array(schema, value, path, faults);
        check_object(schema, value, path, faults);
    } else {
        check_scalar(schema, value, path, faults);
    }
}

static bool is_of_types(const struct value *value, const struct value *wanted)
{
    if (wanted->type == VALUE_STRING)
        return is_of_type(value, wanted->string);
    for (size_t i = 0; i < wanted->array.count; i++)
        if (is_of_type(value, wanted->array.items[i].string))
            return true;
    return false;
}

static bool is_of_type(const struct value *value, struct str type)
{
    switch (value->type) {
    case VALUE_NIL:
        return str_is(type, "null");
    case VALUE_BOOL:
        return str_is(type, "boolean");
    case VALUE_INTEGER:
        return str_is(type, "integer") || str_is(type, "number");
    case VALUE_NUMBER:
        return str_is(type, "number");
    case VALUE_STRING:
        return str_is(type, "string");
    case VALUE_ARRAY:
        return str_is(type, "array") || (value->array.count == 0 && str_is(type, "object"));
    case VALUE_OBJECT:
        return str_is(type, "object") || (value->object.count == 0 && str_is(type, "array"));
    }
    return false;
}

static void check_object(const struct value *schema, const struct value *value, struct str path,
                         struct schema_faults *faults)
{
    const struct value *required = value_get(schema, STR("required")),
                       *properties = value_get(schema, STR("properties")),
                       *others = value_get(schema, STR("additionalProperties"));
    const char *dot = str_is_empty(path) ? "" : ".";
    size_t members = value->type == VALUE_OBJECT ? value->object.count : 0;

    if (!may_go_on(faults,
                   members * (members_of(properties) + 1) + (members + 1) * members_of(required)))
        return;
    for (size_t i = 0; required && required->type == VALUE_ARRAY && i < required->array.count;
         i++) {
        struct str name = required->array.items[i].string;

        if (!value_get(value, name))
            fault(faults,
                  str_printf(faults->arena, "%.*s%s%.*s", STR_ARG(path), dot, STR_ARG(name)),
                  "is missing");
    }
    for (size_t i = 0; i < members; i++) {
        const struct value_member *m = &value->object.members[i];
        const struct value *inner = value_get(properties, m->name);
        struct str at =
            str_printf(faults->arena, "%.*s%s%.*s", STR_ARG(path), dot, STR_ARG(m->name));

        if (inner)
            schema_validate(inner, &m->value, at, faults);
        else if (others && !others->boolean)
            fault(faults, at, "is not known");
    }
}

static void check_array(const struct value *schema, const struct value *value, struct str path,
                        struct schema_faults *faults)
{
    const struct value *items = value_get(schema, STR("items")),
                       *least = value_get(schema, STR("minItems")),
                       *most = value_get(schema, STR("maxItems"));
    size_t count = value->type == VALUE_ARRAY ? value->array.count : 0;

    if (value->type == VALUE_OBJECT && value->object.count > 0)
        return;
    if (least && count < (uint64_t)least->integer)
        fault(faults, path, "must have %lld or more", (long long)least->integer);
    if (most && count > (uint64_t)most->integer)
        fault(faults, path, "must have at most %lld", (long long)most->integer);
    for (size_t i = 0; items && i < count; i++)
        schema_validate(items, &value->array.items[i],
                        str_printf(faults->arena, "%.*s[%zu]", STR_ARG(path), i + 1), faults);
}

static void check_scalar(const struct value *schema, const struct value *value, struct str path,
                         struct schema_faults *faults)
{
    bool is_text = value->type == VALUE_STRING;
    const struct value *least = value_get(schema, is_text ? STR("minLength") : STR("minimum")),
                       *most = value_get(schema, is_text ? STR("maxLength") : STR("maximum"));
    double size = is_text ? (double)str_utf8_length(value->string) : number_of(value);
    const char *of = is_text ? " characters" : "";

    if (!is_text && value->type != VALUE_INTEGER && value->type != VALUE_NUMBER)
        return;
    if (least && size < number_of(least))
        fault(faults, path, "must be %.14g%s or more", number_of(least), of);
    if (most && size > number_of(most))
        fault(faults, path, "must be at most %.14g%s", number_of(most), of);
}

static double number_of(const struct value *value)
{
    return value->type == VALUE_INTEGER  ? (double)value->integer
           : value->type == VALUE_NUMBER ? value->number
                                         : 0;
}

static size_t members_of(const struct value *value)
{
    if (!value)
        return 0;
    return value->type == VALUE_OBJECT  ? value->object.count
           : value->type == VALUE_ARRAY ? value->array.count
                                        : 0;
}

/* False: too much was compared; told once. */
static bool may_go_on(struct schema_faults *faults, size_t steps)
{
    bool is_new = faults->steps <= SCHEMA_STEPS;

    faults->steps += steps + 1;
    if (faults->steps <= SCHEMA_STEPS)
        return true;
    if (is_new && faults->count == SCHEMA_FAULTS)
        faults->count--;
    if (is_new)
        fault(faults, STR(""), "is too large to be checked");
    return false;
}

static void fault(struct schema_faults *faults, struct str path, const char *format, ...)
{
    char text[200];
    va_list args;

    if (faults->count == SCHEMA_FAULTS)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    faults->at[faults->count++] =
        (struct schema_fault){ path, str_copy(faults->arena, str_from(text)) };
}

static struct str list_types(const struct value *wanted, struct arena *arena)
{
    struct str text = STR("");

    if (wanted->type == VALUE_STRING)
        return wanted->string;
    for (size_t i = 0; i < wanted->array.count; i++)
        text = str_printf(arena, "%.*s%s%.*s", STR_ARG(text), i ? " or " : "",
                          STR_ARG(wanted->array.items[i].string));
    return text;
}

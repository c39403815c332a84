/* Json_tree: Jansson parses, we bound it before and write it ourselves. */
#include "http/json_tree.h"

#include "base/arena.h"
#include "base/buf.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE = 200 };

static const char *measure(struct str text);
static struct value from_jansson(json_t *json, struct arena *arena);
static struct value from_array(json_t *json, struct arena *arena);
static struct value from_object(json_t *json, struct arena *arena);
static void put_number(double number, struct buf *buf);
static void put_text(struct str text, struct buf *buf);

/* ---- From JSON --------------------------------------------------------------------------------- */

struct str value_from_json(struct str text, struct arena *arena, struct value *value)
{
    const char *refusal = measure(text);
    json_error_t error;
    json_t *json;

    *value = value_nil();
    if (refusal)
        return str_copy(arena, str_from(refusal));
    json = json_loadb(text.at ? text.at : "", text.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json == NULL)
        return str_printf(arena, "line %d, column %d: %.*s", error.line, error.column, MESSAGE,
                          error.text);
    *value = from_jansson(json, arena);
    json_decref(json);
    if (arena_is_exhausted(arena))
        return str_copy(arena, STR("the JSON text is too large"));
    return STR_NONE;
}

/* Bounds depth and number of values before the parser takes memory for them; it need not be exact for
 * text that is no JSON. */
static const char *measure(struct str text)
{
    bool quoted = false;
    size_t values = 1;
    int depth = 0;

    if (text.len > VALUE_BYTES)
        return "the JSON text is longer than 1 MB";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{' || c == ','))
            values++;
        if (!quoted && (c == '[' || c == '{') && ++depth > VALUE_DEPTH)
            return "the JSON text nests deeper than 32";
        if (!quoted && (c == ']' || c == '}'))
            depth--;
    }
    return values > VALUE_NODES ? "the JSON text has more than 20000 values" : NULL;
}

static struct value from_jansson(json_t *json, struct arena *arena)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return from_object(json, arena);
    case JSON_ARRAY:
        return from_array(json, arena);
    case JSON_STRING:
        return value_string(
            str_copy(arena, str_slice(json_string_value(json), json_string_length(json))));
    case JSON_INTEGER:
        return value_integer(json_integer_value(json));
    case JSON_REAL:
        return value_number(json_real_value(json));
    case JSON_TRUE:
        return value_bool(true);
    case JSON_FALSE:
        return value_bool(false);
    default:
        return value_nil();
    }
}

static struct value from_array(json_t *json, struct arena *arena)
{
    size_t count = json_array_size(json);
    struct value *items = arena_array(arena, struct value, count);

    for (size_t i = 0; i < count; i++)
        items[i] = from_jansson(json_array_get(json, i), arena);
    return value_array(items, count);
}

static struct value from_object(json_t *json, struct arena *arena)
{
    size_t count = json_object_size(json);
    struct value_member *members = arena_array(arena, struct value_member, count);
    size_t i = 0;

    for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at), i++) {
        members[i].name = str_copy(arena, str_from(json_object_iter_key(at)));
        members[i].value = from_jansson(json_object_iter_value(at), arena);
    }
    return value_object(members, count);
}

/* ---- To JSON ----------------------------------------------------------------------------------- */

void value_to_json(const struct value *value, struct buf *buf)
{
    switch (value->type) {
    case VALUE_NIL:
        buf_text(buf, "null");
        break;
    case VALUE_BOOL:
        buf_text(buf, value->boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        buf_int(buf, value->integer);
        break;
    case VALUE_NUMBER:
        put_number(value->number, buf);
        break;
    case VALUE_STRING:
        put_text(value->string, buf);
        break;
    case VALUE_ARRAY:
        buf_char(buf, '[');
        for (size_t i = 0; i < value->array.count; i++) {
            if (i > 0)
                buf_char(buf, ',');
            value_to_json(&value->array.items[i], buf);
        }
        buf_char(buf, ']');
        break;
    case VALUE_OBJECT:
        buf_char(buf, '{');
        for (size_t i = 0; i < value->object.count; i++) {
            if (i > 0)
                buf_char(buf, ',');
            put_text(value->object.members[i].name, buf);
            buf_char(buf, ':');
            value_to_json(&value->object.members[i].value, buf);
        }
        buf_char(buf, '}');
        break;
    }
}

/* The fewest digits that read back as the same number, and always as one that is not whole. */
static void put_number(double number, struct buf *buf)
{
    char text[40];

    if (!isfinite(number)) {
        buf_text(buf, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buf_text(buf, text);
    if (strpbrk(text, ".e") == NULL)
        buf_text(buf, ".0");
}

static void put_text(struct str text, struct buf *buf)
{
    struct buf fixed;

    if (str_is_utf8(text)) {
        buf_json(buf, text);
        return;
    }
    buf_init(&fixed, text.len * 3 + 1);
    while (text.len > 0) {
        size_t len = 4 < text.len ? 4 : text.len;

        while (len > 0 && !(str_is_utf8(str_slice(text.at, len)) &&
                            str_utf8_length(str_slice(text.at, len)) == 1))
            len--;
        if (len > 0)
            buf_put(&fixed, text.at, len);
        else
            buf_text(&fixed, "\xef\xbf\xbd");
        text.at += len > 0 ? len : 1;
        text.len -= len > 0 ? len : 1;
    }
    buf_json(buf, buf_view(&fixed));
    buf_fini(&fixed);
}

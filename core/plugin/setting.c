/* Setting: checking and showing values. */
#include "plugin/setting.h"

#include "base/arena.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct str too_long(struct str text, struct arena *arena);
static bool is_within(const struct plugin_setting *setting, double number);
static void write_number(double number, struct buf *out);

const char *const setting_type_names[SETTING_TYPES + 1] = { "number", "integer", "text", "boolean",
                                                            "choice" };

struct str setting_refusal(const struct plugin_setting *setting, const struct value *value,
                           struct arena *arena)
{
    bool is_good = false;
    struct str reason;
    struct buf out;

    switch (setting->type) {
    case SETTING_NUMBER:
        is_good = value->type == VALUE_NUMBER
                      ? is_within(setting, value->number)
                      : value->type == VALUE_INTEGER && is_within(setting, (double)value->integer);
        break;
    case SETTING_INTEGER:
        is_good = value->type == VALUE_INTEGER && is_within(setting, (double)value->integer);
        break;
    case SETTING_TEXT:
        if (value->type == VALUE_STRING && value->string.len > (size_t)SETTING_TEXT_MAX * 4)
            return too_long(value->string, arena);
        is_good = value->type == VALUE_STRING &&
                  str_utf8_length(value->string) <= SETTING_TEXT_MAX &&
                  is_within(setting, (double)str_utf8_length(value->string));
        break;
    case SETTING_BOOLEAN:
        is_good = value->type == VALUE_BOOL;
        break;
    case SETTING_CHOICE:
        for (size_t i = 0; value->type == VALUE_STRING && i < setting->choices.count; i++)
            is_good |= str_eq(value->string, setting->choices.at[i]);
        break;
    default:
        break;
    }
    if (is_good)
        return STR_NONE;
    buf_init(&out, 4096);
    buf_text(&out, "Must be ");
    setting_bounds(setting, &out);
    buf_char(&out, '.');
    reason = str_copy(arena, buf_view(&out));
    buf_fini(&out);
    return reason;
}

static struct str too_long(struct str text, struct arena *arena)
{
    return str_printf(arena, "Must be a text of at most %d characters, not %zu bytes.",
                      SETTING_TEXT_MAX, text.len);
}

static bool is_within(const struct plugin_setting *setting, double number)
{
    return (!setting->has_min || number >= setting->min) &&
           (!setting->has_max || number <= setting->max);
}

struct value setting_from_json(const struct json_t *json, struct arena *arena)
{
    switch (json_typeof(json)) {
    case JSON_STRING:
        return value_string(
            str_copy(arena, str_slice(json_string_value(json), json_string_length(json))));
    case JSON_INTEGER:
        return value_integer(json_integer_value(json));
    case JSON_REAL:
        return value_number(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(json_is_true(json));
    default:
        return value_nil();
    }
}

const struct plugin_setting *setting_find(const struct plugin_setting *settings, size_t count,
                                          struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(settings[i].name, name))
            return &settings[i];
    return NULL;
}

void setting_bounds(const struct plugin_setting *setting, struct buf *out)
{
    static const char *const what[] = { "a number", "a whole number", "a text", "true or false",
                                        "one of " };
    bool is_text = setting->type == SETTING_TEXT;

    buf_text(out, what[setting->type]);
    for (size_t i = 0; i < setting->choices.count; i++)
        buf_printf(out, "%s\"%.*s\"", i ? ", " : "", STR_ARG(setting->choices.at[i]));
    if (setting->has_min) {
        buf_text(out, is_text ? " of " : setting->has_max ? " from " : " of at least ");
        write_number(setting->min, out);
    }
    if (setting->has_max || is_text) {
        buf_text(out, setting->has_min ? " to " : is_text ? " of at most " : " up to ");
        write_number(setting->has_max ? setting->max : SETTING_TEXT_MAX, out);
    }
    if (is_text)
        buf_text(out, " characters");
}

/* ---- JSON --------------------------------------------------------------------------------------- */

void setting_value_json(const struct value *value, struct buf *out)
{
    switch (value->type) {
    case VALUE_BOOL:
        buf_text(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        buf_int(out, value->integer);
        break;
    case VALUE_NUMBER:
        write_number(value->number, out);
        break;
    case VALUE_STRING:
        buf_json(out, value->string);
        break;
    default:
        buf_text(out, "null");
        break;
    }
}

/* As short as it can be read back. */
static void write_number(double number, struct buf *out)
{
    char text[40];

    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buf_text(out, text);
}

void setting_json(const struct plugin_setting *setting, struct buf *out)
{
    buf_printf(out, "{\"type\":\"%s\",\"default\":", setting_type_names[setting->type]);
    setting_value_json(&setting->otherwise, out);
    if (setting->has_min) {
        buf_text(out, ",\"min\":");
        write_number(setting->min, out);
    }
    if (setting->has_max) {
        buf_text(out, ",\"max\":");
        write_number(setting->max, out);
    }
    for (size_t i = 0; i < setting->choices.count; i++) {
        buf_text(out, i ? "," : ",\"choices\":[");
        buf_json(out, setting->choices.at[i]);
    }
    buf_text(out, setting->choices.count ? "]" : "");
    buf_text(out, ",\"help\":");
    buf_json(out, setting->help);
    buf_char(out, '}');
}

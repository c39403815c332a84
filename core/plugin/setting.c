/* Setting: checking and showing values. */
#include "plugin/setting.h"

#include "base/arena.h"
#include "store/plugin_secret.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { CHOICES_MAX = 100 };

static struct str read_name(struct str name, struct arena *arena);
static struct str read_keys(const struct value *declaration, struct arena *arena);
static struct str read_type(const struct value *declaration, struct plugin_setting *setting,
                            struct arena *arena);
static struct str read_bound(const struct value *declaration, const char *key,
                             const struct plugin_setting *setting, bool *has, double *bound,
                             struct arena *arena);
static struct str read_choices(const struct value *declaration, struct plugin_setting *setting,
                               struct arena *arena);
static struct str read_default(const struct value *declaration, struct plugin_setting *setting,
                               struct arena *arena);
static struct str too_long(struct str text, struct arena *arena);
static bool is_within(const struct plugin_setting *setting, double number);
static void write_number(double number, struct buf *out);

const char *const setting_type_names[SETTING_TYPES + 1] = { "number",  "integer", "text",
                                                            "boolean", "choice",  "secret" };

struct str setting_read(struct str name, const struct value *declaration,
                        struct plugin_setting *setting, struct arena *arena)
{
    const struct value *help = value_get(declaration, STR("help"));
    struct str reason;

    *setting = (struct plugin_setting){ .name = name, .help = STR_NONE };
    reason = read_name(name, arena);
    if (str_is_absent(reason))
        reason = read_keys(declaration, arena);
    if (str_is_absent(reason))
        reason = read_type(declaration, setting, arena);
    if (str_is_absent(reason))
        reason = read_bound(declaration, "min", setting, &setting->has_min, &setting->min, arena);
    if (str_is_absent(reason))
        reason = read_bound(declaration, "max", setting, &setting->has_max, &setting->max, arena);
    if (str_is_absent(reason))
        reason = read_choices(declaration, setting, arena);
    if (str_is_absent(reason) && help) {
        setting->help = help->type == VALUE_STRING ? help->string : STR_NONE;
        if (help->type != VALUE_STRING)
            reason = STR("help must be a text");
    }
    if (str_is_absent(reason))
        reason = read_default(declaration, setting, arena);
    return str_is_absent(reason)
               ? reason
               : str_printf(arena, "setting %.*s: %.*s", STR_ARG(name), STR_ARG(reason));
}

static struct str read_name(struct str name, struct arena *arena)
{
    bool is_good = name.len > 0 && name.len <= 64;

    for (size_t i = 0; i < name.len; i++)
        is_good &= strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
                          name.at[i]) != NULL &&
                   name.at[i] != '\0';
    return is_good ? STR_NONE
                   : str_copy(arena, STR("a name is letters, digits and '_', at most 64"));
}

static struct str read_keys(const struct value *declaration, struct arena *arena)
{
    static const char *const keys[] = { "type", "default", "min", "max", "choices", "help" };

    if (declaration->type != VALUE_OBJECT)
        return STR("it is declared as { type = \"number\", default = 50 }");
    for (size_t i = 0; i < declaration->object.count; i++) {
        struct str key = declaration->object.members[i].name;
        bool is_known = false;

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            is_known |= str_is(key, keys[k]);
        if (!is_known)
            return str_printf(arena, "\"%.*s\" is none of type, default, min, max, choices, help",
                              STR_ARG(key));
    }
    return STR_NONE;
}

static struct str read_type(const struct value *declaration, struct plugin_setting *setting,
                            struct arena *arena)
{
    struct str name = value_get_string(declaration, STR("type"));

    for (int i = 0; i < SETTING_TYPES; i++)
        if (str_is(name, setting_type_names[i])) {
            setting->type = (enum setting_type)i;
            return STR_NONE;
        }
    return str_copy(arena, STR("type must be number, integer, text, boolean, choice or secret"));
}

static struct str read_bound(const struct value *declaration, const char *key,
                             const struct plugin_setting *setting, bool *has, double *bound,
                             struct arena *arena)
{
    const struct value *value = value_get(declaration, str_from(key));

    if (!value || value->type == VALUE_NIL)
        return STR_NONE;
    if (setting->type == SETTING_BOOLEAN || setting->type == SETTING_CHOICE)
        return str_printf(arena, "a %s has no %s", setting_type_names[setting->type], key);
    if (value->type != VALUE_NUMBER && value->type != VALUE_INTEGER)
        return str_printf(arena, "%s must be a number", key);
    *has = true;
    *bound = value->type == VALUE_NUMBER ? value->number : (double)value->integer;
    return STR_NONE;
}

static struct str read_choices(const struct value *declaration, struct plugin_setting *setting,
                               struct arena *arena)
{
    const struct value *choices = value_get(declaration, STR("choices"));
    size_t count = choices && choices->type == VALUE_ARRAY ? choices->array.count : 0;

    if (setting->type != SETTING_CHOICE)
        return choices ? STR("only a choice has choices") : STR_NONE;
    setting->choices.at = arena_array(arena, struct str, count);
    for (size_t i = 0; i < count && choices->array.items[i].type == VALUE_STRING; i++)
        setting->choices.at[setting->choices.count++] = choices->array.items[i].string;
    if (count == 0 || count > CHOICES_MAX || setting->choices.count < count)
        return STR("choices must be an array of texts");
    return STR_NONE;
}

static struct str read_default(const struct value *declaration, struct plugin_setting *setting,
                               struct arena *arena)
{
    const struct value *value = value_get(declaration, STR("default"));
    struct str reason;

    setting->otherwise = value ? *value : value_nil();
    if (setting->type == SETTING_SECRET)
        return value && value->type != VALUE_NIL
                   ? STR("a secret has no default: whoever reads the plugin would know it")
                   : STR_NONE;
    reason = setting_refusal(setting, &setting->otherwise, arena);
    return str_is_absent(reason)
               ? reason
               : str_printf(arena, "the default must%.*s", (int)reason.len - 5, reason.at + 4);
}

/* ---- Values ------------------------------------------------------------------------------------- */

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
    case SETTING_SECRET: /* what it is, is never told */
        is_good = value->type == VALUE_STRING && value->string.len > 0 &&
                  value->string.len <= PLUGIN_SECRET_MAX &&
                  is_within(setting, (double)str_utf8_length(value->string));
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
    static const char *const what[] = { "a number",      "a whole number", "a text",
                                        "true or false", "one of ",        "a secret" };
    bool is_secret = setting->type == SETTING_SECRET;
    bool is_text = setting->type == SETTING_TEXT || is_secret;
    double most = is_secret ? PLUGIN_SECRET_MAX : SETTING_TEXT_MAX;

    buf_text(out, what[setting->type]);
    for (size_t i = 0; i < setting->choices.count; i++)
        buf_printf(out, "%s\"%.*s\"", i ? ", " : "", STR_ARG(setting->choices.at[i]));
    if (setting->has_min) {
        buf_text(out, is_text ? " of " : setting->has_max ? " from " : " of at least ");
        write_number(setting->min, out);
    }
    if (setting->has_max || is_text) {
        buf_text(out, setting->has_min ? " to " : is_text ? " of at most " : " up to ");
        write_number(setting->has_max ? setting->max : most, out);
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

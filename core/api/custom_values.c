/* Custom values: checks by type, and the merge. */
#include "api/custom_values.h"

#include "base/clock.h"
#include "base/nearest.h"
#include "store/customfield.h"
#include "store/fold.h"

#include <jansson.h>
#include <string.h>

enum { TEXT_MOST = 5000 };

static const char *const address_parts[] = {
    "country", "region", "postalCode", "addressLine1", "addressLine2", "city", "fullAddress", NULL
};

static json_t *object_of(struct tx *tx, struct str text);
static bool is_clear(const json_t *value);
static void unknown(struct tx *tx, const struct custom_field *fields, size_t count,
                    const char *key);
static void check(struct tx *tx, const struct custom_field *field, const json_t *value);
static void check_text(struct tx *tx, const struct custom_field *field, const char *path,
                       const json_t *value);
static void check_options(struct tx *tx, const struct custom_field *field, const char *path,
                          const json_t *value);
static void check_address(struct tx *tx, const char *path, const json_t *value);

struct str custom_values_merge(struct tx *tx, const char *entity, struct str before,
                               struct str given, bool replace)
{
    struct custom_field *fields;
    size_t count;
    const char *key;
    json_t *merged, *changes, *value;
    struct str text = STR("{}");

    if (str_is_absent(given) && !replace)
        return before;
    if (custom_field_all(tx, entity, &fields, &count) != ST_OK)
        return text;
    changes = str_is_absent(given) ? json_object() : object_of(tx, given);
    merged = replace ? json_object() : object_of(tx, before);
    json_object_foreach(changes, key, value)
    {
        const struct custom_field *field = NULL;

        for (size_t i = 0; i < count && !field; i++)
            if (str_is(fields[i].key, key))
                field = &fields[i];
        if (!field) {
            unknown(tx, fields, count, key);
            continue;
        }
        if (is_clear(value)) {
            json_object_del(merged, key);
            continue;
        }
        check(tx, field, value);
        json_object_set(merged, key, value);
    }
    if (tx_status(tx) == ST_OK) {
        char *dump = json_dumps(merged, JSON_COMPACT);

        text = str_copy(tx->arena, str_from(dump));
        free(dump);
    }
    json_decref(changes);
    json_decref(merged);
    return text;
}

static json_t *object_of(struct tx *tx, struct str text)
{
    json_t *json = str_is_empty(text) ? NULL : json_loadb(text.at, text.len, 0, NULL);

    if (json && json_is_object(json))
        return json;
    if (json || !str_is_empty(text))
        tx_fail_field(tx, ST_INVALID, "customFields", "not_an_object",
                      "Give an object, or its JSON text.");
    json_decref(json);
    return json_object();
}

static bool is_clear(const json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

static void unknown(struct tx *tx, const struct custom_field *fields, size_t count, const char *key)
{
    struct str path = str_printf(tx->arena, "customFields.%s", key);
    struct nearest nearest;

    nearest_init(&nearest, str_from(key));
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, fields[i].key.at);
    if (nearest.word)
        tx_fail_field(tx, ST_INVALID, path.at, "unknown_field",
                      "This workspace has no such custom field. Did you mean `%s`?", nearest.word);
    else
        tx_fail_field(tx, ST_INVALID, path.at, "unknown_field",
                      "This workspace has no such custom field: see GET /v1/custom-fields.");
}

static void check(struct tx *tx, const struct custom_field *field, const json_t *value)
{
    const char *path = str_printf(tx->arena, "customFields.%.*s", STR_ARG(field->key)).at;

    switch (field->type) {
    case CUSTOM_NUMBER:
        if (!json_is_number(value))
            tx_fail_field(tx, ST_INVALID, path, "not_a_number", "Give a number.");
        break;
    case CUSTOM_MULTI_SELECT:
        check_options(tx, field, path, value);
        break;
    case CUSTOM_ADDRESS:
        check_address(tx, path, value);
        break;
    default:
        check_text(tx, field, path, value);
    }
}

static void check_text(struct tx *tx, const struct custom_field *field, const char *path,
                       const json_t *value)
{
    struct str text = str_slice(json_string_value(value), json_string_length(value));

    if (!json_is_string(value))
        tx_fail_field(tx, ST_INVALID, path, "not_a_string", "Give a text.");
    else if (str_utf8_length(text) > TEXT_MOST)
        tx_fail_field(tx, ST_INVALID, path, "too_long", "Give at most %d characters.", TEXT_MOST);
    else if (field->type != CUSTOM_TEXT && str_has_control(text))
        tx_fail_field(tx, ST_INVALID, path, "control_character",
                      "Give one line without control characters.");
    else if (field->type == CUSTOM_EMAIL && str_is_absent(fold_email(tx->arena, text)))
        tx_fail_field(tx, ST_INVALID, path, "not_an_address",
                      "Give an address such as ann@example.com.");
    else if (field->type == CUSTOM_URL && !str_starts(text, STR("https://")) &&
             !str_starts(text, STR("http://")))
        tx_fail_field(tx, ST_INVALID, path, "not_a_url",
                      "Give an address that begins with https:// or http://.");
}

static void check_options(struct tx *tx, const struct custom_field *field, const char *path,
                          const json_t *value)
{
    size_t i;
    const json_t *option;

    if (!json_is_array(value)) {
        tx_fail_field(tx, ST_INVALID, path, "not_an_array",
                      "Give an array of the keys of options.");
        return;
    }
    json_array_foreach(value, i, option)
    {
        if (!json_is_string(option) ||
            !custom_field_has_option(tx->arena, field, str_from(json_string_value(option))))
            tx_fail_field(
                tx, ST_INVALID, path, "unknown_option",
                "Entry %zu is no option of this field: see GET /v1/custom-fields/{id}/options.",
                i + 1);
    }
}

static void check_address(struct tx *tx, const char *path, const json_t *value)
{
    const char *key;
    json_t *part;

    if (json_is_string(value))
        return;
    if (!json_is_object(value)) {
        tx_fail_field(tx, ST_INVALID, path, "not_an_object",
                      "Give an object with country, city, addressLine1 …");
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, part)
    {
        size_t i = 0;

        while (address_parts[i] && strcmp(address_parts[i], key) != 0)
            i++;
        if (!address_parts[i])
            tx_fail_field(tx, ST_INVALID, path, "unknown_field", "An address has no \"%.40s\".",
                          key);
        else if (!json_is_string(part) && !json_is_null(part))
            tx_fail_field(tx, ST_INVALID, path, "not_a_string", "\"%s\" is a text.", key);
    }
}

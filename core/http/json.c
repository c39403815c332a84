/* Json: text to a tree, strictly. One pass of ours bounds depth, count and numbers, so that Jansson
 * never works on what will be refused; Jansson does the rest. Fields: json_read.c. */
#include "http/json.h"

#include "base/limits.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 9007199254740992.0 /* 2^53: what every reader of JSON keeps exactly */

/* Also of a field whose text is JSON: so it says nothing of a body. */
#define NOT_TAKEN "This JSON cannot be taken"

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

enum { NUMBER_TEXT = 64 };

static size_t scan(struct str text, const char **fault);
static size_t skip_string(struct str text, size_t at);
static size_t skip_number(struct str text, size_t at, const char **fault);
static const char *explain(struct str text, json_error_t *error);
static void refuse_at(struct str text, size_t at, const char *fault, struct arena *arena,
                      struct failure *failure);

enum status json_parse(struct str text, struct arena *arena, struct json_t **json,
                       struct failure *failure)
{
    const char *fault = NULL;
    json_error_t error;
    size_t at;

    *json = NULL;
    at = scan(text, &fault);
    if (fault != NULL) {
        refuse_at(text, at, fault, arena, failure);
        return ST_INVALID;
    }
    *json = json_loadb(text.at ? text.at : "", text.len, JSON_REJECT_DUPLICATES, &error);
    if (*json != NULL)
        return ST_OK;
    failure_set(failure, arena, ST_INVALID, "invalid_json", NOT_TAKEN ": line %d, column %d: %s.",
                error.line < 1 ? 1 : error.line, error.column < 1 ? 1 : error.column,
                explain(text, &error));
    return ST_INVALID;
}

void json_free(struct json_t *json)
{
    json_decref(json);
}

/* Looks at nothing but nesting, commas and numbers; *fault is set where it stops. */
static size_t scan(struct str text, const char **fault)
{
    size_t depth = 0, values = 1, at = 0;

    while (at < text.len) {
        char c = text.at[at];

        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        if (c == '-' || (c >= '0' && c <= '9')) {
            size_t end = skip_number(text, at, fault);

            if (*fault != NULL)
                return at;
            at = end;
            continue;
        }
        if (c == '[' || c == '{') {
            depth++;
            values++;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        } else if (c == ',') {
            values++;
        }
        if (depth > LIMIT_JSON_DEPTH)
            *fault = "nested more than " TEXT_OF(LIMIT_JSON_DEPTH) " deep";
        else if (values > LIMIT_JSON_VALUES)
            *fault = "more than " TEXT_OF(LIMIT_JSON_VALUES) " values";
        if (*fault != NULL)
            return at;
        at++;
    }
    return at;
}

static size_t skip_string(struct str text, size_t at)
{
    for (at++; at < text.len && text.at[at] != '"'; at++)
        at += text.at[at] == '\\';
    return at + 1;
}

static size_t skip_number(struct str text, size_t at, const char **fault)
{
    char digits[NUMBER_TEXT];
    size_t end = at;
    double number;

    while (end < text.len &&
           (strchr("+-.eE", text.at[end]) ? text.at[end] != '\0'
                                          : text.at[end] >= '0' && text.at[end] <= '9'))
        end++;
    if (end - at >= sizeof digits) {
        *fault = "a number of more than 63 characters";
        return at;
    }
    memcpy(digits, text.at + at, end - at);
    digits[end - at] = '\0';
    number = strtod(digits, NULL);
    if (number > NUMBER_MAX || number < -NUMBER_MAX)
        *fault = "a number beyond 2^53: send it as a text";
    return end;
}

/* In words for whoever sent it: Jansson's own name its flags where a text has \u0000. */
static const char *explain(struct str text, json_error_t *error)
{
    struct str body = str_trim(text);
    char *near;

    if (json_error_code(error) == json_error_null_character ||
        json_error_code(error) == json_error_null_byte_in_key)
        return "a text cannot have \\u0000 in it";
    if (str_is_empty(body) || (body.at[0] != '{' && body.at[0] != '['))
        return "it must be an object, from { to }";
    /* what stands near may be cut inside of a character */
    near = strstr(error->text, " near '");
    if (near != NULL)
        *near = '\0';
    return error->text;
}

static void refuse_at(struct str text, size_t at, const char *fault, struct arena *arena,
                      struct failure *failure)
{
    int line = 1, column = 1;

    for (size_t i = 0; i < at; i++) {
        if (text.at[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text.at[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    failure_set(failure, arena, ST_INVALID, "invalid_json", NOT_TAKEN ": line %d, column %d: %s.",
                line, column, fault);
}

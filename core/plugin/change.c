/* Change: what a filter gives is checked as what a body gives. */
#include "plugin/change.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/failure.h"
#include "base/limits.h"
#include "http/json.h"
#include "http/json_tree.h"
#include "store/tx.h"

static struct str describe(const struct failure *failure, struct arena *arena);

bool change_apply(const struct value *fields, const struct entity *entity, bool is_new,
                  void *change, uint64_t *given, struct arena *arena, struct str *reason)
{
    struct failure failure = { .status = ST_OK };
    struct json_t *json = NULL;
    enum status status;
    uint64_t changed;
    struct buf text;

    if (fields->type != VALUE_OBJECT) {
        *reason = STR("a filter returns a table of fields: { familyName = \"…\" }");
        return false;
    }
    buf_init(&text, LIMIT_JSON_BODY);
    value_to_json(fields, &text);
    status = json_parse(buf_view(&text), arena, &json, &failure);
    if (status == ST_OK)
        status = json_read(entity, json, is_new ? JSON_CHANGE : JSON_PATCH, arena, change, &changed,
                           &failure);
    if (json)
        json_free(json);
    buf_fini(&text);
    if (status != ST_OK) {
        *reason = describe(&failure, arena);
        return false;
    }
    *given |= changed;
    return true;
}

enum status change_reject(struct tx *tx, struct str code, struct str message, struct str field)
{
    if (!str_is_absent(field)) {
        tx_fail_field(tx, ST_UNPROCESSABLE, field.at, code.at, "%.*s", STR_ARG(message));
        tx->failure.message = message;
    } else {
        tx_fail(tx, ST_UNPROCESSABLE, NULL, "%.*s", STR_ARG(message));
    }
    tx->failure.code = code;
    return tx_status(tx);
}

static struct str describe(const struct failure *failure, struct arena *arena)
{
    struct str text = STR("what the filter returned is refused:");

    for (const struct field_error *error = failure->errors; error; error = error->next)
        text = str_printf(arena, "%.*s %.*s: %.*s", STR_ARG(text), STR_ARG(error->field),
                          STR_ARG(error->message));
    if (!failure->errors)
        text = str_printf(arena, "%.*s %.*s", STR_ARG(text), STR_ARG(failure->message));
    return text;
}

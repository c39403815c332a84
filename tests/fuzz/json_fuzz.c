/* Json_fuzz: a body, as JSON and as a form, read by a field table that has every type. What was read
 * and written again must be read as the same; refusals must be text that can be sent.
 */
#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"
#include "http/json.h"
#include "http/request.h"

#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sample {
    struct str text, lines, email, url, phone, color, extra;
    int kind;
    bool is_on;
    int64_t number, at;
    struct uuid id;
    struct ids ids;
    struct texts texts;
};

#define AT(member) offsetof(struct sample, member)

static const char *const kinds[] = { "small", "large", NULL };
static const struct field fields[] = {
    { "text", FIELD_TEXT, FIELD_WRITE, AT(text), 0, 40, NULL, NULL, "" },
    { "lines", FIELD_TEXT, FIELD_WRITE | FIELD_LINES, AT(lines), 0, 0, NULL, NULL, "" },
    { "email", FIELD_EMAIL, FIELD_WRITE, AT(email), 0, 0, NULL, NULL, "" },
    { "url", FIELD_URL, FIELD_WRITE, AT(url), 0, 0, NULL, NULL, "" },
    { "phone", FIELD_PHONE, FIELD_WRITE, AT(phone), 0, 0, NULL, NULL, "" },
    { "color", FIELD_COLOR, FIELD_WRITE, AT(color), 0, 0, NULL, NULL, "" },
    { "kind", FIELD_ENUM, FIELD_WRITE, AT(kind), 0, 0, kinds, NULL, "" },
    { "isOn", FIELD_BOOL, FIELD_WRITE, AT(is_on), 0, 0, NULL, NULL, "" },
    { "number", FIELD_INT, FIELD_WRITE, AT(number), 0, 0, NULL, NULL, "" },
    { "at", FIELD_TIME, FIELD_WRITE, AT(at), 0, 0, NULL, NULL, "" },
    { "id", FIELD_ID, FIELD_WRITE, AT(id), 0, 0, NULL, NULL, "" },
    { "ids", FIELD_IDS, FIELD_WRITE, AT(ids), 0, 4, NULL, NULL, "" },
    { "texts", FIELD_TEXTS, FIELD_WRITE, AT(texts), 0, 4, NULL, NULL, "" },
    { "extra", FIELD_JSON, FIELD_WRITE, AT(extra), 0, 400, NULL, NULL, "" },
    { 0 },
};
static const struct entity entity = { "sample", fields, sizeof(struct sample) };

static void check_failure(const struct failure *failure)
{
    NEVER(failure->status != ST_INVALID);
    NEVER(!str_is_utf8(failure->message));
    for (const struct field_error *at = failure->errors; at != NULL; at = at->next)
        NEVER(!str_is_utf8(at->field) || !str_is_utf8(at->message) || at->message.len == 0);
}

static enum status read_text(struct str text, enum json_mode mode, struct arena *arena,
                             struct sample *row, uint64_t *given)
{
    struct failure failure = { 0 };
    struct json_t *json;
    enum status status = json_parse(text, arena, &json, &failure);

    if (status == ST_OK)
        status = json_read(&entity, json, mode, arena, row, given, &failure);
    json_free(json);
    if (status != ST_OK)
        check_failure(&failure);
    return status;
}

/* Texts of one line have no control characters whatever came. */
static void check_row(const struct sample *row)
{
    NEVER(str_has_control(row->text) || str_has_control(row->email) || str_has_control(row->url) ||
          str_has_control(row->phone) || str_has_control(row->color));
    for (size_t i = 0; i < row->texts.count; i++)
        NEVER(str_has_control(row->texts.at[i]));
}

static void check_round(const struct sample *row, struct arena *arena)
{
    struct sample again = { .kind = 0 };
    struct buf first, second;
    uint64_t given;

    buf_init(&first, MIB(4));
    buf_init(&second, MIB(4));
    json_write(&entity, row, ~UINT64_C(0), &first);
    NEVER(read_text(buf_view(&first), JSON_PUT, arena, &again, &given) != ST_OK);
    json_write(&entity, &again, ~UINT64_C(0), &second);
    NEVER(!str_eq(buf_view(&first), buf_view(&second)));
    buf_fini(&first);
    buf_fini(&second);
}

static void try_form(struct str text, struct arena *arena)
{
    struct sample row = { .kind = 0 };
    struct failure failure = { 0 };
    struct param *params;
    size_t count;
    uint64_t given;
    enum status status = params_decode(text, LIMIT_FORM_PARAMS, arena, &params, &count, &failure);

    if (status == ST_OK)
        status = json_read_form(&entity, params, count, arena, &row, &given, &failure);
    if (status != ST_OK) {
        check_failure(&failure);
        return;
    }
    check_row(&row);
    check_round(&row, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_slice((const char *)data, size);
    struct sample row = { .kind = 0 };
    struct arena arena;
    uint64_t given;

    if (size > LIMIT_JSON_BODY)
        return 0;
    arena_init(&arena, MIB(64));
    for (enum json_mode mode = JSON_CREATE; mode <= JSON_PUT; mode++) {
        if (read_text(text, mode, &arena, &row, &given) != ST_OK)
            continue;
        check_row(&row);
        check_round(&row, &arena);
    }
    try_form(text, &arena);
    arena_fini(&arena);
    return 0;
}

/* Json_write: rows to JSON, straight into the answer's buffer, in the order of the field table. */
#include "http/json.h"

#include "base/check.h"
#include "base/clock.h"

#include <string.h>

static bool is_null(const struct field *field, const void *row);
static void write_name(const char *name, struct buf *out);
static void write_value(const struct field *field, const void *row, struct buf *out);
static void write_ids(const struct ids *ids, struct buf *out);
static void write_texts(const struct texts *texts, struct buf *out);
static void write_id(struct uuid id, struct buf *out);

void json_write(const struct entity *entity, const void *row, uint64_t only, struct buf *out)
{
    buf_char(out, '{');
    for (int i = 0; entity->fields[i].name != NULL; i++)
        if ((only & UINT64_C(1) << i) && !(entity->fields[i].flags & FIELD_HIDDEN))
            json_write_field(&entity->fields[i], row, out);
    buf_char(out, '}');
}

void json_write_parts(const struct entity *entity, const void *row, struct buf *out,
                      struct buf *stable, struct buf *moving)
{
    buf_char(out, '{');
    for (const struct field *field = entity->fields; field->name != NULL; field++) {
        size_t before = out->len;

        if (field->flags & FIELD_HIDDEN)
            continue;
        json_write_field(field, row, out);
        buf_put(field->flags & FIELD_NO_ETAG ? moving : stable, out->at + before,
                out->len - before);
    }
    buf_char(out, '}');
}

void json_write_field(const struct field *field, const void *row, struct buf *out)
{
    if (field->flags & FIELD_NO_OUTPUT)
        return;
    if ((field->flags & FIELD_OMIT_NULL) && is_null(field, row))
        return;
    write_name(field->name, out);
    write_value(field, row, out);
}

/* At once, and not in four puts: an answer is mostly names. */
static void write_name(const char *name, struct buf *out)
{
    bool is_first = out->len == 0 || out->at[out->len - 1] == '{';
    size_t len = strlen(name);
    char *at = buf_reserve(out, len + 3 + !is_first);

    if (at == NULL)
        return;
    if (!is_first)
        *at++ = ',';
    *at++ = '"';
    memcpy(at, name, len);
    memcpy(at + len, "\":", 2);
    buf_took(out, len + 3 + !is_first);
}

static bool is_null(const struct field *field, const void *row)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
    case FIELD_JSON:
        return FIELD_IN(struct str, row, field)->at == NULL;
    case FIELD_TIME:
        return *FIELD_IN(int64_t, row, field) == 0;
    case FIELD_ID:
        return uuid_is_none(*FIELD_IN(struct uuid, row, field));
    default:
        return false;
    }
}

static void write_value(const struct field *field, const void *row, struct buf *out)
{
    char time[CLOCK_TEXT];

    if (is_null(field, row)) {
        buf_put(out, "null", 4);
        return;
    }
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
        buf_json(out, *FIELD_IN(struct str, row, field));
        break;
    case FIELD_JSON: /* was JSON when it came in, and is kept as such */
        buf_str(out, *FIELD_IN(struct str, row, field));
        break;
    case FIELD_ENUM: {
        int choice = *FIELD_IN(int, row, field);

        for (int i = 0; i <= choice; i++)
            NEVER(field->choices[i] == NULL);
        buf_json(out, str_from(field->choices[choice]));
        break;
    }
    case FIELD_BOOL:
        buf_text(out, *FIELD_IN(bool, row, field) ? "true" : "false");
        break;
    case FIELD_INT:
        buf_int(out, *FIELD_IN(int64_t, row, field));
        break;
    case FIELD_TIME:
        clock_format(*FIELD_IN(int64_t, row, field), time);
        buf_char(out, '"');
        buf_put(out, time, CLOCK_TEXT - 1);
        buf_char(out, '"');
        break;
    case FIELD_ID:
        write_id(*FIELD_IN(struct uuid, row, field), out);
        break;
    case FIELD_IDS:
        write_ids(FIELD_IN(struct ids, row, field), out);
        break;
    case FIELD_TEXTS:
        write_texts(FIELD_IN(struct texts, row, field), out);
        break;
    case FIELD_CONST:
        buf_json(out, str_from(field->choices[0]));
        break;
    }
}

static void write_ids(const struct ids *ids, struct buf *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < ids->count; i++) {
        if (i > 0)
            buf_char(out, ',');
        write_id(ids->at[i], out);
    }
    buf_char(out, ']');
}

static void write_texts(const struct texts *texts, struct buf *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < texts->count; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json(out, texts->at[i]);
    }
    buf_char(out, ']');
}

static void write_id(struct uuid id, struct buf *out)
{
    char *at = buf_reserve(out, UUID_TEXT + 2);

    if (at == NULL)
        return;
    at[0] = '"';
    uuid_format(id, at + 1);
    at[UUID_TEXT] = '"';
    buf_took(out, UUID_TEXT + 1);
}

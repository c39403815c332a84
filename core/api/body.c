/* Body: reading bodies, and the JSON that a change leaves in events and audit. */
#include "api/body.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "http/reply.h"

#include <string.h>

static size_t member_size(enum field_type type);
static struct str digest_of(struct arena *arena, const struct buf *part);

enum status body_read(struct tx *tx, const struct request *rq, const struct entity *entity,
                      enum json_mode mode, void *row, uint64_t *given)
{
    enum status status;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    status = rq->is_form ? json_read_form(entity, rq->form, rq->form_count, tx->arena, row, given,
                                          &tx->failure)
                         : json_read(entity, rq->json, mode, tx->arena, row, given, &tx->failure);
    if (status != ST_OK)
        tx_fail(tx, status, NULL, "%s",
                status_text(status)); /* the failure is there: this makes it stick */
    return tx_status(tx);
}

enum status body_none(struct tx *tx, const struct request *rq)
{
    static const struct field no_fields[] = { { 0 } };
    static const struct entity nothing = { "nothing", no_fields, 1 };
    char row = 0;
    uint64_t given;

    return body_read(tx, rq, &nothing, JSON_CREATE, &row, &given);
}

void body_apply(const struct entity *entity, const void *change, uint64_t given, void *row)
{
    for (size_t i = 0; entity->fields[i].name; i++) {
        const struct field *field = &entity->fields[i];

        if (given >> i & 1u)
            memcpy((char *)row + field->offset, (const char *)change + field->offset,
                   member_size(field->type));
    }
}

bool body_gave(const struct entity *entity, uint64_t given, const char *name)
{
    int found = field_find(entity, str_from(name));

    PRE(found >= 0);
    return given >> found & 1u;
}

struct str record_detail(struct tx *tx, const struct entity *entity, const void *before,
                         const void *after)
{
    struct buf json;
    struct str text;

    buf_init(&json, LIMIT_JSON_BODY);
    buf_char(&json, '{');
    if (before) {
        buf_text(&json, "\"before\":");
        json_write(entity, before, ~UINT64_C(0), &json);
    }
    if (after) {
        buf_text(&json, before ? ",\"after\":" : "\"after\":");
        json_write(entity, after, ~UINT64_C(0), &json);
    }
    buf_char(&json, '}');
    text = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return text;
}

struct str record_payload(struct tx *tx, const struct entity *entity, const void *before,
                          const void *after)
{
    struct buf json;
    struct str text;

    buf_init(&json, LIMIT_JSON_BODY);
    buf_text(&json, "{\"data\":");
    json_write(entity, after ? after : before, ~UINT64_C(0), &json);
    if (before && after) {
        buf_text(&json, ",\"before\":");
        json_write(entity, before, ~UINT64_C(0), &json);
    }
    buf_char(&json, '}');
    text = str_copy(tx->arena, buf_view(&json));
    buf_fini(&json);
    return text;
}

enum status reply_row(struct tx *tx, struct reply *rp, int status, const struct entity *entity,
                      const void *row)
{
    struct buf stable, moving;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    buf_init(&stable, LIMIT_REPLY_BODY);
    buf_init(&moving, LIMIT_REPLY_BODY);
    buf_reserve(&stable, KIB(1));
    json_write_parts(entity, row, reply_json(rp, status), &stable, &moving);
    if (moving.len > 0) {
        rp->stable = digest_of(tx->arena, &stable);
        rp->moving = digest_of(tx->arena, &moving);
    }
    buf_fini(&stable);
    buf_fini(&moving);
    return tx_status(tx);
}

enum status reply_deleted(struct tx *tx, struct reply *rp, const char *object, struct uuid id)
{
    char text[UUID_TEXT];

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    uuid_format(id, text);
    buf_printf(reply_json(rp, 200), "{\"id\":\"%s\",\"object\":\"%s\",\"deleted\":true}", text,
               object);
    return ST_OK;
}

bool query_flag(const struct request *rq, const char *name)
{
    struct str text = request_query(rq, name);

    return str_is(text, "true") || str_is(text, "1");
}

static size_t member_size(enum field_type type)
{
    switch (type) {
    case FIELD_ENUM:
        return sizeof(int);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_INT:
    case FIELD_TIME:
        return sizeof(int64_t);
    case FIELD_ID:
        return sizeof(struct uuid);
    case FIELD_IDS:
        return sizeof(struct ids);
    case FIELD_TEXTS:
        return sizeof(struct texts);
    case FIELD_CONST:
        return 0;
    default:
        return sizeof(struct str);
    }
}

static struct str digest_of(struct arena *arena, const struct buf *part)
{
    uint8_t digest[DIGEST];

    digest128(buf_view(part), digest);
    return bytes_to_base64url(arena, digest, sizeof(digest));
}

/* Custom fields: /v1/custom-fields. The options of a multiSelect are custom_options.c. */
#include "api/custom_fields.h"

#include "api/body.h"
#include "http/reply.h"
#include "store/customfield.h"
#include "store/fold.h"
#include "store/record.h"

#include <stddef.h>

static route_target target, target_new;
static route_phase list, read_one, create, patch, delete_one;

static const char *const object[] = { "customField", NULL };
static const char *const types[] = { "text",        "email",   "url",         "number",
                                     "phoneNumber", "address", "multiSelect", NULL };
static const char *const entities[] = { "client", "company", NULL };

#define AT(member) offsetof(struct custom_field, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, NULL, "Unique in the workspace, a UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"customField\"." },
    { "entityType", FIELD_ENUM, FIELD_CREATE, AT(entity), 0, 0, entities, NULL,
      "Whose field it is." },
    { "key", FIELD_TEXT, FIELD_CREATE, AT(key), 0, 60, NULL, NULL,
      "Name in customFields: letters, digits, _ and -; without: made from the name." },
    { "name", FIELD_TEXT, FIELD_WRITE | FIELD_REQUIRED, AT(name), 1, 100, NULL, NULL,
      "Shown to people." },
    { "type", FIELD_ENUM, FIELD_CREATE | FIELD_REQUIRED, AT(type), 0, 0, types, NULL,
      "What it holds." },
    { "order", FIELD_INT, FIELD_UPDATE | FIELD_KEEP, AT(place), 0, 1000, NULL, NULL,
      "Place in the order of display." },
    { "createdAt", FIELD_TIME, 0, AT(created_at), 0, 0, NULL, NULL, "When it was made." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, NULL, "When it was last changed." },
    { 0 },
};
const struct entity custom_field_entity = { "custom_field", fields, sizeof(struct custom_field) };

static const struct route_query by_entity[] = {
    { "entityType", "client or company; without: both." }, { 0 }
};

const struct route custom_field_routes[] = {
    { GET, "/v1/custom-fields", .entity = &custom_field_entity, .may = "custom_field.list",
      .read = list, .query = by_entity, .flags = ROUTE_ALL, .summary = "List custom fields" },
    { POST, "/v1/custom-fields", .entity = &custom_field_entity, .may = "custom_field.create",
      .target = target_new, .write = create, .summary = "Create a custom field" },
    { GET, "/v1/custom-fields/{id}", .entity = &custom_field_entity, .may = "custom_field.read",
      .target = target, .read = read_one, .summary = "Retrieve a custom field" },
    { PATCH, "/v1/custom-fields/{id}", .entity = &custom_field_entity, .may = "custom_field.update",
      .target = target, .write = patch, .summary = "Rename or move a custom field" },
    { DELETE, "/v1/custom-fields/{id}", .entity = &custom_field_entity,
      .may = "custom_field.delete", .target = target, .write = delete_one,
      .summary = "Delete a custom field and all of its values" },
    { 0 },
};

static struct str key_of(struct tx *tx, struct str name);
static bool is_key(struct str key);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct custom_field *field = arena_new(tx->arena, struct custom_field);
    struct custom_field *wish = arena_new(tx->arena, struct custom_field);

    if (custom_field_load(tx, rq->target_id, field) != ST_OK)
        return tx_status(tx);
    *subject = (struct subject){ .entity = &custom_field_entity, .row = field, .id = field->id };
    if (rq->method == PATCH) {
        body_read(tx, rq, &custom_field_entity, JSON_PATCH, wish, &subject->given);
        subject->change = wish;
    }
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct custom_field *wish = arena_new(tx->arena, struct custom_field);

    body_read(tx, rq, &custom_field_entity, JSON_CREATE, wish, &subject->given);
    subject->entity = &custom_field_entity;
    subject->row = subject->change = wish;
    return tx_status(tx);
}

/* At most 200 there are: no pages. */
static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct str entity = request_query(rq, "entityType");
    struct custom_field *all;
    struct buf *out;
    size_t count;

    if (!str_is_empty(entity) && !str_is(entity, "client") && !str_is(entity, "company"))
        tx_fail_field(tx, ST_INVALID, "entityType", "unknown_choice", "Give client or company.");
    if (custom_field_all(tx, str_is_empty(entity) ? NULL : str_copy(tx->arena, entity).at, &all,
                         &count) != ST_OK)
        return tx_status(tx);
    out = reply_json(rp, 200);
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(out, ',');
        json_write(&custom_field_entity, &all[i], ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    json_write(&custom_field_entity, tx->subject->row, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct custom_field field = *(const struct custom_field *)tx->subject->change;

    (void)rq;
    if (str_is_empty(field.key))
        field.key = key_of(tx, field.name);
    if (!is_key(field.key))
        tx_fail_field(tx, ST_INVALID, "key", "not_a_key", "Use letters, digits, _ and - only.");
    field.options = STR("[]");
    if (tx_status(tx) != ST_OK || custom_field_create(tx, &field) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "custom_field.create", "custom_field", field.id,
             record_detail(tx, &custom_field_entity, NULL, &field));
    rp->entity_id = field.id;
    json_write(&custom_field_entity, &field, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct custom_field *before = tx->subject->row;
    struct custom_field field = *before;

    (void)rq;
    body_apply(&custom_field_entity, tx->subject->change, tx->subject->given, &field);
    if (custom_field_update(tx, &field) != ST_OK)
        return tx_status(tx);
    field.updated_at = tx_now(tx);
    tx_audit(tx, "custom_field.update", "custom_field", field.id,
             record_detail(tx, &custom_field_entity, before, &field));
    json_write(&custom_field_entity, &field, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct custom_field *field = tx->subject->row;

    (void)rq;
    if (custom_field_delete(tx, field) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "custom_field.delete", "custom_field", field->id,
             record_detail(tx, &custom_field_entity, field, NULL));
    return reply_deleted(tx, rp, "customField", field->id);
}

/* "Größe (cm)" becomes "grosse_cm". */
static struct str key_of(struct tx *tx, struct str name)
{
    struct str folded = fold_text(tx->arena, name);
    char *key = arena_alloc(tx->arena, folded.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < folded.len && len < 60; i++) {
        bool is_word = is_key(str_slice(folded.at + i, 1));

        if (is_word)
            key[len++] = folded.at[i];
        else if (len > 0 && key[len - 1] != '_')
            key[len++] = '_';
    }
    while (len > 0 && key[len - 1] == '_')
        len--;
    return str_slice(key, len);
}

static bool is_key(struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = key.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    }
    return key.len > 0;
}

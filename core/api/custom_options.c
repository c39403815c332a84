/* Custom options: /v1/custom-fields/{id}/options, what a multiSelect offers. */
#include "api/body.h"
#include "api/custom_fields.h"
#include "http/reply.h"
#include "store/customfield.h"
#include "store/record.h"

#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>

static route_target target, target_new;
static route_phase list, create, delete_one;

static const char *const object[] = { "customFieldOption", NULL };

struct option {
    struct uuid id;
    struct str key, label, color;
};
#define AT(member) offsetof(struct option, member)
static const struct field fields[] = {
    { "id", FIELD_ID, 0, AT(id), 0, 0, NULL, NULL, "A UUID." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"customFieldOption\"." },
    { "key", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED, AT(key), 1, 60, NULL, NULL,
      "What stands in customFields: letters, digits, _ and -." },
    { "label", FIELD_TEXT, FIELD_CREATE | FIELD_REQUIRED, AT(label), 1, 100, NULL, NULL,
      "Shown to people." },
    { "color", FIELD_COLOR, FIELD_CREATE, AT(color), 0, 0, NULL, NULL, "Colour of the tag." },
    { 0 },
};
static const struct entity option_entity = { "custom_field_option", fields, sizeof(struct option) };

static const struct route_query by_label[] = { { "label", "Exact label." }, { 0 } };

const struct route custom_option_routes[] = {
    { GET, "/v1/custom-fields/{id}/options", .entity = &option_entity, .may = "custom_field.read",
      .target = target, .read = list, .query = by_label, .flags = ROUTE_ALL,
      .summary = "List the options of a multiSelect field" },
    { POST, "/v1/custom-fields/{id}/options", .entity = &option_entity,
      .may = "custom_field.update", .target = target_new, .write = create,
      .summary = "Add an option" },
    { DELETE, "/v1/custom-fields/{id}/options/{key}", .entity = &option_entity,
      .may = "custom_field.update", .target = target, .write = delete_one,
      .summary = "Remove an option; values that chose it keep its key" },
    { 0 },
};

static json_t *options_of(const struct custom_field *field);
static enum status keep(struct tx *tx, struct custom_field *field, json_t *options);
static struct str member(struct tx *tx, const json_t *option, const char *name);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct custom_field *field = arena_new(tx->arena, struct custom_field);

    if (custom_field_load(tx, rq->target_id, field) != ST_OK)
        return tx_status(tx);
    *subject = (struct subject){ .entity = &custom_field_entity, .row = field, .id = field->id };
    return tx_status(tx);
}

static enum status target_new(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct option wish = { 0 };
    uint64_t given;

    if (target(tx, rq, subject) == ST_OK)
        body_read(tx, rq, &option_entity, JSON_CREATE, &wish,
                  &given); /* faults before the permission */
    return tx_status(tx);
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    json_t *options = options_of(tx->subject->row), *option;
    struct str label = request_query(rq, "label");
    struct buf *out = reply_json(rp, 200);
    bool any = false;
    size_t i;

    buf_text(out, "{\"data\":[");
    json_array_foreach(options, i, option)
    {
        struct option row = { .key = member(tx, option, "key"),
                              .label = member(tx, option, "label"),
                              .color = member(tx, option, "color") };

        uuid_parse(member(tx, option, "id"), &row.id);
        if (!str_is_empty(label) && !str_eq(label, row.label))
            continue;
        if (any)
            buf_char(out, ',');
        any = true;
        json_write(&option_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    json_decref(options);
    return tx_status(tx);
}

static enum status create(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct custom_field field = *(const struct custom_field *)tx->subject->row;
    struct option option = { 0 };
    json_t *options;
    uint64_t given;
    char id[UUID_TEXT];

    if (body_read(tx, rq, &option_entity, JSON_CREATE, &option, &given) != ST_OK)
        return tx_status(tx);
    if (field.type != CUSTOM_MULTI_SELECT)
        return tx_fail(tx, ST_UNPROCESSABLE, "not_a_multi_select",
                       "Only fields of type multiSelect have options.");
    for (size_t i = 0; i < option.key.len; i++)
        if (option.key.at[i] == '"' || option.key.at[i] == '\\' ||
            (unsigned char)option.key.at[i] > 'z')
            tx_fail_field(tx, ST_INVALID, "key", "not_a_key", "Use letters, digits, _ and - only.");
    if (custom_field_has_option(tx->arena, &field, option.key))
        tx_fail_field(tx, ST_CONFLICT, "key", "key_taken",
                      "There is an option of this key already.");
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    options = options_of(&field);
    option.id = tx_id(tx);
    uuid_format(option.id, id);
    if (json_array_size(options) >= CUSTOM_OPTIONS_MOST)
        tx_fail(tx, ST_UNPROCESSABLE, "too_many", "A field has at most %d options.",
                CUSTOM_OPTIONS_MOST);
    json_array_append_new(
        options, json_pack("{s:s, s:s%, s:s%, s:s%}", "id", id, "key", option.key.at,
                           option.key.len, "label", option.label.at, option.label.len, "color",
                           option.color.at ? option.color.at : "", option.color.len));
    if (keep(tx, &field, options) != ST_OK)
        return tx_status(tx);
    rp->entity_id = option.id;
    json_write(&option_entity, &option, ~UINT64_C(0), reply_json(rp, 200));
    return tx_status(tx);
}

static enum status delete_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct custom_field field = *(const struct custom_field *)tx->subject->row;
    json_t *options = options_of(&field), *option;
    struct str key = request_param(rq, "key");
    struct uuid id = UUID_NONE;
    size_t i;

    json_array_foreach(options, i, option)
    {
        if (str_eq(member(tx, option, "key"), key)) {
            uuid_parse(member(tx, option, "id"), &id);
            json_array_remove(options, i);
            break;
        }
    }
    if (uuid_is_none(id))
        tx_not_found(tx);
    if (keep(tx, &field, options) != ST_OK)
        return tx_status(tx);
    return reply_deleted(tx, rp, object[0], id);
}

/* Takes options. */
static enum status keep(struct tx *tx, struct custom_field *field, json_t *options)
{
    char *text = json_dumps(options, JSON_COMPACT);
    const struct custom_field *before = tx->subject->row;

    field->options = str_copy(tx->arena, str_from(text));
    free(text);
    json_decref(options);
    if (tx_status(tx) != ST_OK || custom_field_update(tx, field) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "custom_field.update", "custom_field", field->id,
             str_printf(tx->arena, "{\"before\":%.*s,\"after\":%.*s}", STR_ARG(before->options),
                        STR_ARG(field->options)));
    return tx_status(tx);
}

static json_t *options_of(const struct custom_field *field)
{
    json_t *options = json_loadb(field->options.at, field->options.len, 0, NULL);

    return options ? options : json_array();
}

static struct str member(struct tx *tx, const json_t *option, const char *name)
{
    struct str text = str_from(json_string_value(json_object_get(option, name)));

    return str_is_empty(text) ? STR_NONE : str_copy(tx->arena, text);
}

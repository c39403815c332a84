/* Custom field: rows of `custom_fields`. */
#include "store/customfield.h"

#include "store/query.h"

#include <string.h>

#define SELECT                                                                                     \
    "SELECT seq, id, entity, key, name, type, place, options, created_at, updated_at FROM "        \
    "custom_fields "

const char *const custom_type_names[] = { "text",        "email",   "url",         "number",
                                          "phoneNumber", "address", "multiSelect", NULL };
const char *const custom_entity_names[] = { "client", "company", NULL };

static void read_row(struct query *q, struct custom_field *field);
static int index_of(const char *const *names, struct str name);

enum status custom_field_all(struct tx *tx, const char *entity, struct custom_field **fields,
                             size_t *count)
{
    struct query q = query_open(tx,
                                SELECT "WHERE workspace = $1 AND ($2 IS NULL OR entity = $2) ORDER "
                                       "BY entity, place, seq LIMIT 200",
                                ARGS(arg_int(tx->workspace), arg_text(str_from(entity))));
    size_t cap = 0;

    *fields = NULL;
    for (*count = 0; query_next(&q); (*count)++) {
        if (*count == cap) {
            *fields = arena_grow(tx->arena, *fields, cap * sizeof(**fields),
                                 (cap ? cap * 2 : 8) * sizeof(**fields));
            cap = cap ? cap * 2 : 8;
        }
        read_row(&q, &(*fields)[*count]);
    }
    query_close(&q);
    return tx_status(tx);
}

enum status custom_field_load(struct tx *tx, struct uuid id, struct custom_field *field)
{
    struct query q = query_open(tx, SELECT "WHERE workspace = $1 AND id = $2",
                                ARGS(arg_int(tx->workspace), arg_id(id)));
    bool found = query_next(&q);

    if (found)
        read_row(&q, field);
    query_close(&q);
    return found ? tx_status(tx) : tx_not_found(tx);
}

enum status custom_field_create(struct tx *tx, struct custom_field *field)
{
    struct str entity = str_from(custom_entity_names[field->entity]);
    int64_t have = query_one_int(
        tx, 0, "SELECT count(*) FROM custom_fields WHERE workspace = $1 AND entity = $2",
        ARGS(arg_int(tx->workspace), arg_text(entity)));

    if (have >= CUSTOM_FIELDS_MOST)
        return tx_fail(tx, ST_UNPROCESSABLE, "too_many",
                       "A workspace has at most %d custom fields of a kind.", CUSTOM_FIELDS_MOST);
    field->id = tx_id(tx);
    field->created_at = field->updated_at = tx_now(tx);
    field->place = have;
    if (query_run_unique(
            tx,
            "INSERT INTO custom_fields (workspace, id, entity, key, name, type, place, options,"
            " created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
            ARGS(arg_int(tx->workspace), arg_id(field->id), arg_text(entity), arg_text(field->key),
                 arg_text(field->name), arg_text(str_from(custom_type_names[field->type])),
                 arg_int(field->place), arg_text(field->options), arg_int(field->created_at)))) {
        tx_fail_field(tx, ST_CONFLICT, "key", "key_taken",
                      "There is a custom field of this key already.");
        return tx_status(tx);
    }
    field->seq = query_last_seq(tx);
    return tx_status(tx);
}

enum status custom_field_update(struct tx *tx, const struct custom_field *field)
{
    query_run(tx,
              "UPDATE custom_fields SET name = $2, place = $3, options = $4, updated_at = $5 WHERE "
              "seq = $1",
              ARGS(arg_int(field->seq), arg_text(field->name), arg_int(field->place),
                   arg_text(field->options), arg_int(tx_now(tx))));
    return tx_status(tx);
}

enum status custom_field_delete(struct tx *tx, const struct custom_field *field)
{
    query_run(tx, "DELETE FROM custom_fields WHERE seq = $1", ARGS(arg_int(field->seq)));
    if (field->entity == 0)
        query_run(
            tx,
            "UPDATE clients SET custom_fields = json_remove(custom_fields, '$.\"' || $2 || '\"')"
            " WHERE workspace = $1 AND json_type(custom_fields, '$.\"' || $2 || '\"') IS NOT NULL",
            ARGS(arg_int(tx->workspace), arg_text(field->key)));
    return tx_status(tx);
}

bool custom_field_has_option(struct arena *arena, const struct custom_field *field, struct str key)
{
    struct str wanted = str_printf(arena, "\"key\":\"%.*s\"", STR_ARG(key));

    /* options are JSON that we wrote, keys are [A-Za-z0-9_-]: the member cannot stand inside a text,
     * where its quotes would be escaped */
    return key.len > 0 && field->options.len >= wanted.len &&
           memmem(field->options.at, field->options.len, wanted.at, wanted.len) != NULL;
}

static void read_row(struct query *q, struct custom_field *field)
{
    *field = (struct custom_field){
        .seq = query_int(q, 0),
        .id = query_id(q, 1),
        .entity = index_of(custom_entity_names, query_text(q, 2)),
        .key = query_text(q, 3),
        .name = query_text(q, 4),
        .type = index_of(custom_type_names, query_text(q, 5)),
        .place = query_int(q, 6),
        .options = query_text(q, 7),
        .created_at = query_int(q, 8),
        .updated_at = query_int(q, 9),
    };
}

static int index_of(const char *const *names, struct str name)
{
    int i = 0;

    while (names[i] && !str_is(name, names[i]))
        i++;
    return i;
}

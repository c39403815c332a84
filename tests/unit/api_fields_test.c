/* Fields: what a field table says stands in a column is written by INSERT and UPDATE and read by SELECT. A field
 * that was added in one of these places and forgotten in another is named here. */
#include "store_fixture.h"

#include "api/audit.h"
#include "api/clients.h"
#include "api/companies.h"
#include "api/internal_users.h"
#include "api/invites.h"
#include "api/policies.h"
#include "base/buf.h"
#include "base/limits.h"
#include "http/json.h"
#include "store/audit.h"
#include "store/decisions.h"
#include "store/query.h"

#include <string.h>

struct kept {
    const struct entity *entity;
    const char *table;
    enum status (*create)(struct tx *tx, void *row);
    enum status (*update)(struct tx *tx, void *row);
    enum status (*load)(struct tx *tx, const void *row, void *into);
};

static enum status client_make(struct tx *tx, void *row)
{
    return client_create(tx, row);
}

static enum status client_change(struct tx *tx, void *row)
{
    return client_update(tx, row);
}

static enum status client_look(struct tx *tx, const void *row, void *into)
{
    return client_load(tx, ((const struct client *)row)->id, into);
}

/* A resource whose rows are written column by column has a line here. */
static const struct kept all[] = {
    { &client_entity, "clients", client_make, client_change, client_look },
};

/* Another value for each turn. */
static void fill(const struct field *field, int turn, struct arena *arena, void *row)
{
    struct str text = str_printf(arena, "%s %d", field->name, turn);

    switch (field->type) {
    case FIELD_EMAIL:
        text = str_printf(arena, "turn%d@example.com", turn);
        *FIELD_AT(struct str, row, field) = text;
        break;
    case FIELD_JSON:
        text = str_printf(arena, "{\"turn\":%d}", turn);
        *FIELD_AT(struct str, row, field) = text;
        break;
    case FIELD_TEXT:
    case FIELD_URL:
    case FIELD_PHONE:
    case FIELD_COLOR:
        *FIELD_AT(struct str, row, field) = text;
        break;
    case FIELD_TEXTS:
        *FIELD_AT(struct texts, row, field) = (struct texts){ arena_new(arena, struct str), 1 };
        FIELD_AT(struct texts, row, field)->at[0] = text;
        break;
    case FIELD_ID:
        *FIELD_AT(struct uuid, row, field) = (struct uuid){ { (uint8_t)turn } };
        break;
    case FIELD_ENUM:
        *FIELD_AT(int, row, field) = turn % 2;
        break;
    case FIELD_BOOL:
        *FIELD_AT(bool, row, field) = turn % 2;
        break;
    case FIELD_INT:
    case FIELD_TIME:
        *FIELD_AT(int64_t, row, field) = turn;
        break;
    case FIELD_IDS:
    case FIELD_CONST:
        break;
    }
}

static bool is_kept(const struct field *field)
{
    return field->column && field->flags & FIELD_WRITE;
}

static const char *shown(const struct field *field, const void *row, struct arena *arena)
{
    struct buf out;
    struct str text;

    buf_init(&out, KIB(4));
    json_write_field(field, row, &out);
    text = str_copy(arena, buf_view(&out));
    buf_fini(&out);
    return text.at;
}

static void check(const struct kept *kept, const char *what, struct tx *tx, const void *row)
{
    void *found = arena_alloc(tx->arena, kept->entity->size);

    CHECK_INT(kept->load(tx, row, found), ST_OK);
    for (const struct field *field = kept->entity->fields; field->name; field++) {
        struct str sql = str_printf(tx->arena, "SELECT %s FROM %s", field->column, kept->table);
        const char *wanted, *got;
        struct query q;

        if (!is_kept(field))
            continue;
        q = query_open_built(tx, sql, NO_ARGS);
        if (!query_next(&q))
            harness_failed(__FILE__, __LINE__, "%s: there is no column %s in %s", field->name,
                           field->column, kept->table);
        if (query_is_null(&q, 0))
            harness_failed(__FILE__, __LINE__, "%s: %s does not write the column %s", field->name,
                           what, field->column);
        query_close(&q);
        wanted = shown(field, row, tx->arena);
        got = shown(field, found, tx->arena);
        if (strcmp(wanted, got) != 0)
            harness_failed(__FILE__, __LINE__, "%s: after %s it was read as %s, not %s",
                           field->name, what, got, wanted);
    }
}

TEST(every_field_with_a_column_is_written_and_read)
{
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const struct kept *kept = &all[i];
        struct store store;
        struct tx tx;
        void *row;

        store_open(&store);
        store_sql(&store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at)"
                          " VALUES (1, randomblob(16), 'W', 1, 1)");
        CHECK_INT(tx_batch_begin(store.db), ST_OK);
        store_job(&store, &tx);
        tx.workspace = 1;
        row = arena_alloc(tx.arena, kept->entity->size);
        for (int turn = 1; turn <= 2; turn++) {
            for (const struct field *field = kept->entity->fields; field->name; field++)
                if (is_kept(field))
                    fill(field, turn, tx.arena, row);
            CHECK_INT((turn == 1 ? kept->create : kept->update)(&tx, row), ST_OK);
            check(kept, turn == 1 ? "INSERT" : "UPDATE", &tx, row);
        }
        CHECK_INT(tx_job_end(&tx, true), TX_DONE);
        tx_batch_abandon(store.db);
        store_close(&store);
    }
}

static bool has_filter(const struct list_columns *columns, const char *name)
{
    for (const struct filter *filter = columns->filters; filter && filter->name; filter++)
        if (!strcmp(filter->name, name))
            return true;
    return false;
}

/* openapi.json and the errors of lists are made of different tables: they must say the same. */
TEST(what_a_field_table_says_of_a_list_is_what_the_list_does)
{
    static const struct {
        const struct entity *entity;
        const struct list_columns *columns;
    } lists[] = {
        { &client_entity, &client_columns },     { &internal_user_entity, &internal_user_columns },
        { &invite_entity, &invite_columns },     { &audit_entity, &audit_columns },
        { &decision_entity, &decision_columns },
    };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        size_t sorts = 0, flags = 0;

        for (const struct field *field = lists[i].entity->fields; field->name; field++) {
            flags += (field->flags & FIELD_SORT) != 0;
            if (field->flags & FIELD_FILTER && !field->column &&
                !has_filter(lists[i].columns, field->name))
                harness_failed(__FILE__, __LINE__,
                               "%s: %s has FIELD_FILTER, and neither a column nor a filter",
                               lists[i].entity->name, field->name);
        }
        for (const struct list_sort *sort = lists[i].columns->sorts; sort->name; sort++, sorts++) {
            int index = field_find(lists[i].entity, str_from(sort->name));

            if (index < 0 || !(lists[i].entity->fields[index].flags & FIELD_SORT))
                harness_failed(__FILE__, __LINE__,
                               "%s: the list is sorted by %s, and its field has no FIELD_SORT",
                               lists[i].entity->name, sort->name);
        }
        if (sorts != flags)
            harness_failed(__FILE__, __LINE__,
                           "%s: %zu fields have FIELD_SORT, and its list has %zu sorts",
                           lists[i].entity->name, flags, sorts);
    }
}

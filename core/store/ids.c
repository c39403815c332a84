/* Ids: lists of ids as one parameter, a blob of 16 bytes each. ids($1) is a table of them, for finding
 * rows by them; has_id($1, id) asks whether one is among them; without_id(list, id) is the list
 * without it.
 *
 * So that a list of ids is one parameter: one statement serves lists of every length, which a text
 * with as many $n would not, and JSON cannot hold bytes. Only for statements of our own.
 */
#include "store/connection.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

enum { ID = 16, COLUMN_ID = 0, COLUMN_LIST = 1 };

/* What the planner takes a list for: few, so that the rest of a query is found by them. */
enum { ESTIMATED = 16 };

struct cursor {
    sqlite3_vtab_cursor base;
    uint8_t *list;
    size_t count, at;
};

static void has_id(sqlite3_context *context, int argc, sqlite3_value **argv);
static void without_id(sqlite3_context *context, int argc, sqlite3_value **argv);
static int on_connect(sqlite3 *handle, void *context, int argc, const char *const *argv,
                      sqlite3_vtab **table, char **error);
static int on_disconnect(sqlite3_vtab *table);
static int on_plan(sqlite3_vtab *table, sqlite3_index_info *plan);
static int on_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor);
static int on_close(sqlite3_vtab_cursor *cursor);
static int on_filter(sqlite3_vtab_cursor *cursor, int number, const char *name, int argc,
                     sqlite3_value **argv);
static int on_next(sqlite3_vtab_cursor *cursor);
static int on_eof(sqlite3_vtab_cursor *cursor);
static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column);
static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid);

static const sqlite3_module module = {
    .iVersion = 1,
    .xConnect = on_connect, /* no xCreate: it exists by its name alone */
    .xBestIndex = on_plan,
    .xDisconnect = on_disconnect,
    .xOpen = on_open,
    .xClose = on_close,
    .xFilter = on_filter,
    .xNext = on_next,
    .xEof = on_eof,
    .xColumn = on_column,
    .xRowid = on_rowid,
};

int ids_register(sqlite3 *handle)
{
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY };
    int code = sqlite3_create_module_v2(handle, "ids", &module, NULL, NULL);

    if (code == SQLITE_OK)
        code =
            sqlite3_create_function_v2(handle, "has_id", 2, FLAGS, NULL, has_id, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(handle, "without_id", 2, FLAGS, NULL, without_id, NULL,
                                          NULL, NULL);
    return code;
}

/* One after another: the list lies in one piece, and building an index of it would cost more than a
 * few looks at it. */
static void has_id(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const uint8_t *list = sqlite3_value_blob(argv[0]), *id = sqlite3_value_blob(argv[1]);
    size_t count = (size_t)sqlite3_value_bytes(argv[0]) / ID, i = 0;

    (void)argc;
    if (list && id && sqlite3_value_bytes(argv[1]) == ID)
        while (i < count && memcmp(list + i * ID, id, ID) != 0)
            i++;
    else
        i = count;
    sqlite3_result_int(context, i < count);
}

static void without_id(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const uint8_t *list = sqlite3_value_blob(argv[0]), *id = sqlite3_value_blob(argv[1]);
    size_t count = list ? (size_t)sqlite3_value_bytes(argv[0]) / ID : 0, len = 0;
    uint8_t *rest;

    (void)argc;
    if (!id || sqlite3_value_bytes(argv[1]) != ID) {
        sqlite3_result_value(context, argv[0]);
        return;
    }
    rest = xmalloc(count * ID + 1);
    for (size_t i = 0; i < count; i++)
        if (memcmp(list + i * ID, id, ID) != 0) {
            memcpy(rest + len, list + i * ID, ID);
            len += ID;
        }
    sqlite3_result_blob64(context, rest, len, SQLITE_TRANSIENT);
    free(rest);
}

static int on_connect(sqlite3 *handle, void *context, int argc, const char *const *argv,
                      sqlite3_vtab **table, char **error)
{
    int code = sqlite3_declare_vtab(handle, "CREATE TABLE ids (id BLOB, list BLOB HIDDEN)");

    (void)context;
    (void)argc;
    (void)argv;
    (void)error;
    if (code != SQLITE_OK)
        return code;
    sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY);
    *table = xcalloc(1, sizeof(**table));
    return SQLITE_OK;
}

static int on_disconnect(sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

/* Only with its list: ids($1). */
static int on_plan(sqlite3_vtab *table, sqlite3_index_info *plan)
{
    (void)table;
    for (int i = 0; i < plan->nConstraint; i++) {
        const struct sqlite3_index_constraint *constraint = &plan->aConstraint[i];

        if (constraint->iColumn != COLUMN_LIST || constraint->op != SQLITE_INDEX_CONSTRAINT_EQ ||
            !constraint->usable)
            continue;
        plan->aConstraintUsage[i].argvIndex = 1;
        plan->aConstraintUsage[i].omit = 1;
        plan->estimatedRows = ESTIMATED;
        plan->estimatedCost = ESTIMATED;
        return SQLITE_OK;
    }
    return SQLITE_CONSTRAINT;
}

static int on_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    struct cursor *made = xcalloc(1, sizeof(*made));

    (void)table;
    *cursor = &made->base;
    return SQLITE_OK;
}

static int on_close(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)(void *)base;

    free(cursor->list);
    free(cursor);
    return SQLITE_OK;
}

static int on_filter(sqlite3_vtab_cursor *base, int number, const char *name, int argc,
                     sqlite3_value **argv)
{
    struct cursor *cursor = (struct cursor *)(void *)base;
    const void *at = sqlite3_value_blob(argv[0]);
    size_t len = (size_t)sqlite3_value_bytes(argv[0]);

    (void)number;
    (void)name;
    (void)argc;
    free(cursor->list);
    cursor->at = 0;
    cursor->count = at ? len / ID : 0;
    cursor->list = xmalloc(cursor->count * ID + 1);
    if (at)
        memcpy(cursor->list, at, cursor->count * ID);
    return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)(void *)base)->at++;
    return SQLITE_OK;
}

static int on_eof(sqlite3_vtab_cursor *base)
{
    const struct cursor *cursor = (const struct cursor *)(void *)base;

    return cursor->at >= cursor->count;
}

static int on_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct cursor *cursor = (const struct cursor *)(void *)base;

    if (column == COLUMN_ID)
        sqlite3_result_blob(context, cursor->list + cursor->at * ID, ID, SQLITE_TRANSIENT);
    return SQLITE_OK;
}

static int on_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((const struct cursor *)(void *)base)->at;
    return SQLITE_OK;
}

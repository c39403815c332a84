/* Ids: lists of ids as one parameter, a blob of 16 bytes each. ids($1) is a table of them, for finding
 * rows by them; has_id($1, id) asks whether one is among them, ids_without($1, id) leaves one out.
 *
 * So that a list of ids is one parameter: one statement serves lists of every length, which a text
 * with as many $n would not, and JSON cannot hold bytes. The table is for statements of our own only;
 * the functions, and sha256(bytes), are for triggers too: they read nothing but their arguments.
 */
#include "store/connection.h"

#include "base/check.h"
#include "base/crypto.h"

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
static void ids_without(sqlite3_context *context, int argc, sqlite3_value **argv);
static void sha256(sqlite3_context *context, int argc, sqlite3_value **argv);
static size_t place_of(sqlite3_value **argv, size_t *count);
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
    static const struct {
        const char *name;
        int argc;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = { { "has_id", 2, has_id },
                      { "ids_without", 2, ids_without },
                      { "sha256", 1, sha256 } };
    int code = sqlite3_create_module_v2(handle, "ids", &module, NULL, NULL);

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]) && code == SQLITE_OK; i++)
        code = sqlite3_create_function_v2(handle, functions[i].name, functions[i].argc,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                          NULL, functions[i].function, NULL, NULL, NULL);
    return code;
}

static void has_id(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    size_t count, i = place_of(argv, &count);

    (void)argc;
    sqlite3_result_int(context, i < count);
}

static void ids_without(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    size_t count, i = place_of(argv, &count);
    uint8_t *rest;

    (void)argc;
    if (i == count) {
        sqlite3_result_value(context, argv[0]);
        return;
    }
    rest = sqlite3_malloc64(count * ID);
    if (!rest) {
        sqlite3_result_error_nomem(context);
        return;
    }
    memcpy(rest, sqlite3_value_blob(argv[0]), i * ID);
    memcpy(rest + i * ID, (const uint8_t *)sqlite3_value_blob(argv[0]) + (i + 1) * ID,
           (count - i - 1) * ID);
    sqlite3_result_blob64(context, rest, (count - 1) * ID, sqlite3_free);
}

static void sha256(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *bytes = sqlite3_value_blob(argv[0]);
    uint8_t hash[CRYPTO_HASH];

    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    crypto_sha256(str_slice(bytes ? bytes : "", (size_t)sqlite3_value_bytes(argv[0])), hash);
    sqlite3_result_blob(context, hash, sizeof(hash), SQLITE_TRANSIENT);
}

/* Where argv[1] stands in argv[0], or *count. One after another: the list lies in one piece, and building
 * an index of it would cost more than a few looks at it. */
static size_t place_of(sqlite3_value **argv, size_t *count)
{
    const uint8_t *list = sqlite3_value_blob(argv[0]), *id = sqlite3_value_blob(argv[1]);
    size_t i = 0;

    *count = list ? (size_t)sqlite3_value_bytes(argv[0]) / ID : 0;
    if (!id || sqlite3_value_bytes(argv[1]) != ID)
        return *count;
    while (i < *count && memcmp(list + i * ID, id, ID) != 0)
        i++;
    return i;
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

/* Query: binds, steps and reads one statement. Errors become the transaction's status here. */
#include "store/query.h"

#include "base/check.h"
#include "base/fault.h"
#include "store/connection.h"

#include <string.h>

static sqlite3_value *value_of(const struct query *q, int column);
static struct query start(struct tx *tx, struct statement *statement, int code, const char *sql,
                          const struct arg *args, size_t count);
static void bind(struct statement *statement, const struct arg *args, size_t count);
static int step(struct statement *statement);
static int64_t run(struct tx *tx, const char *sql, const struct arg *args, size_t count,
                   bool *is_duplicate);
static bool is_schema_change(const struct statement *statement);

struct arg arg_int(int64_t number)
{
    return (struct arg){ .kind = ARG_INT, .number = number };
}

struct arg arg_bool(bool value)
{
    return (struct arg){ .kind = ARG_INT, .number = value };
}

struct arg arg_text(struct str text)
{
    return (struct arg){ .kind = text.at ? ARG_TEXT : ARG_NULL, .at = text.at, .len = text.len };
}

struct arg arg_blob(const void *at, size_t len)
{
    return (struct arg){ .kind = at ? ARG_BLOB : ARG_NULL, .at = at, .len = len };
}

struct arg arg_ids(struct ids ids)
{
    return arg_blob(ids.count ? (const void *)ids.at : "", ids.count * sizeof(struct uuid));
}

struct arg arg_id(struct uuid id)
{
    struct arg arg = { .kind = uuid_is_none(id) ? ARG_NULL : ARG_ID };

    memcpy(arg.id, id.bytes, sizeof(arg.id));
    return arg;
}

struct arg arg_time(int64_t wall)
{
    return (struct arg){ .kind = wall ? ARG_INT : ARG_NULL, .number = wall };
}

struct query query_open(struct tx *tx, const char *sql, const struct arg *args, size_t count)
{
    struct statement *statement;
    int code;

    if (tx->status != ST_OK || tx_status(tx) != ST_OK)
        return (struct query){ tx, NULL };
    statement = statement_take(tx->db, sql, &code);
    return start(tx, statement, code, sql, args, count);
}

struct query query_open_built(struct tx *tx, struct str sql, const struct arg *args, size_t count)
{
    struct statement *statement;
    int code;

    if (tx_status(tx) != ST_OK)
        return (struct query){ tx, NULL };
    statement = statement_take_built(tx->db, sql, &code);
    return start(tx, statement, code, sql.at, args, count);
}

bool query_next(struct query *q)
{
    struct statement *statement = q->statement;
    int code;

    if (!statement || q->tx->status != ST_OK)
        return false;
    code = step(statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        tx_fail_code(q->tx, code, statement->text);
    query_close(q);
    return false;
}

void query_close(struct query *q)
{
    if (q->statement)
        statement_give_back(q->tx->db, q->statement);
    q->statement = NULL;
}

int64_t query_int(struct query *q, int column)
{
    struct statement *statement = q->statement;

    return statement ? sqlite3_column_int64(statement->handle, column) : 0;
}

bool query_bool(struct query *q, int column)
{
    return query_int(q, column) != 0;
}

struct str query_text(struct query *q, int column)
{
    sqlite3_value *value = value_of(q, column);
    const void *at;

    if (!value)
        return STR_NONE;
    at = sqlite3_value_text(value);
    if (!at) { /* a number that could not be written as text */
        tx_fail_code(q->tx, SQLITE_NOMEM, "the text of a column");
        return STR_NONE;
    }
    return str_copy(q->tx->arena, str_slice(at, (size_t)sqlite3_value_bytes(value)));
}

struct str query_blob(struct query *q, int column)
{
    sqlite3_value *value = value_of(q, column);
    const void *at;

    if (!value)
        return STR_NONE;
    at = sqlite3_value_blob(value);
    return str_copy(q->tx->arena, str_slice(at ? at : "", (size_t)sqlite3_value_bytes(value)));
}

struct uuid query_id(struct query *q, int column)
{
    sqlite3_value *value = value_of(q, column);
    struct uuid id = UUID_NONE;
    const void *at;

    if (!value)
        return id;
    at = sqlite3_value_blob(value);
    if (at && sqlite3_value_bytes(value) == sizeof(id.bytes))
        memcpy(id.bytes, at, sizeof(id.bytes));
    else
        tx_fail_code(q->tx, SQLITE_CORRUPT, "an id that is not of 16 bytes");
    return id;
}

bool query_is_null(struct query *q, int column)
{
    struct statement *statement = q->statement;

    return !statement || sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

int64_t query_run(struct tx *tx, const char *sql, const struct arg *args, size_t count)
{
    return run(tx, sql, args, count, NULL);
}

bool query_run_unique(struct tx *tx, const char *sql, const struct arg *args, size_t count)
{
    bool is_duplicate = false;

    run(tx, sql, args, count, &is_duplicate);
    return is_duplicate;
}

int64_t query_last_seq(struct tx *tx)
{
    return tx->status == ST_OK ? sqlite3_last_insert_rowid(tx->db->handle) : 0;
}

int64_t query_one_int(struct tx *tx, int64_t otherwise, const char *sql, const struct arg *args,
                      size_t count)
{
    struct query q = query_open(tx, sql, args, count);
    int64_t number = otherwise;

    if (query_next(&q) && !query_is_null(&q, 0))
        number = query_int(&q, 0);
    query_close(&q);
    return number;
}

/* NULL: of a failed or finished query, or an SQL NULL. Looked up once a column: each of the
 * sqlite3_column_* functions would do it again. One thread, so "unprotected" is safe. */
static sqlite3_value *value_of(const struct query *q, int column)
{
    const struct statement *statement = q->statement;
    sqlite3_value *value = statement ? sqlite3_column_value(statement->handle, column) : NULL;

    return value && sqlite3_value_type(value) != SQLITE_NULL ? value : NULL;
}

static struct query start(struct tx *tx, struct statement *statement, int code, const char *sql,
                          const struct arg *args, size_t count)
{
    if (!statement)
        tx_fail_code(tx, code, sql);
    else
        bind(statement, args, count);
    return (struct query){ tx, statement };
}

/* Texts and blobs are borrowed until query_close; ids are kept beside the statement, for they are
 * mostly made in the ARGS of a block that ends before the query does. */
static void bind(struct statement *statement, const struct arg *args, size_t count)
{
    int i;

    for (i = 0; i < statement->parameters; i++) {
        const struct arg *arg = &args[statement->order[i]];

        PRE(statement->order[i] < count);
        switch (arg->kind) {
        case ARG_NULL:
            break; /* cleared at the last close */
        case ARG_INT:
            sqlite3_bind_int64(statement->handle, i + 1, arg->number);
            break;
        case ARG_TEXT:
            sqlite3_bind_text64(statement->handle, i + 1, arg->at, arg->len, SQLITE_STATIC,
                                SQLITE_UTF8);
            break;
        case ARG_BLOB:
            sqlite3_bind_blob64(statement->handle, i + 1, arg->at, arg->len, SQLITE_STATIC);
            break;
        case ARG_ID:
            memcpy(statement->ids[i], arg->id, sizeof(arg->id));
            sqlite3_bind_blob(statement->handle, i + 1, statement->ids[i], sizeof(arg->id),
                              SQLITE_STATIC);
            break;
        }
    }
}

static int step(struct statement *statement)
{
    return fault_hits(FAULT_STEP) ? SQLITE_IOERR_READ : sqlite3_step(statement->handle);
}

/* is_duplicate NULL: a broken UNIQUE is a failure like any other. */
static int64_t run(struct tx *tx, const char *sql, const struct arg *args, size_t count,
                   bool *is_duplicate)
{
    struct query q = query_open(tx, sql, args, count);
    struct statement *statement = q.statement;
    int64_t before = sqlite3_total_changes64(tx->db->handle), changed = 0;
    int code;

    PRE(tx->is_writing);
    if (!statement)
        return 0;
    do
        code = step(statement); /* rows of a RETURNING are not asked for here */
    while (code == SQLITE_ROW);
    if (code == SQLITE_DONE)
        changed = sqlite3_total_changes64(tx->db->handle) == before
                      ? 0
                      : sqlite3_changes64(tx->db->handle);
    else if (is_duplicate && db_is_duplicate(code) && !sqlite3_get_autocommit(tx->db->handle))
        *is_duplicate = true;
    else
        tx_fail_code(tx, code, sql);
    if (code == SQLITE_DONE && !changed && is_schema_change(statement))
        tx->db->job_changed = true;
    query_close(&q);
    return changed;
}

/* Such a statement changes no rows, and must be committed all the same. */
static bool is_schema_change(const struct statement *statement)
{
    return !strncmp(statement->text, "CREATE ", 7) || !strncmp(statement->text, "DROP ", 5) ||
           !strncmp(statement->text, "ALTER ", 6);
}

/* Exec_folder: see its header. */
#include "exec_folder.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "harness.h"
#include "store/query.h"

static void open_again(struct exec_folder *made);
static enum status make_table(struct tx *tx, void *context);

void exec_folder_open(struct exec_folder *made)
{
    struct failure failure = { 0 };
    struct tx tx;

    arena_init(&made->arena, MIB(1));
    if (datafolder_create(&made->folder, test_path("data"), &failure, &made->arena) != ST_OK)
        harness_failed(__FILE__, __LINE__, "data folder: %.*s", STR_ARG(failure.message));
    datafolder_close(&made->folder);
    open_again(made);
    tx_init(&tx, made->db, &made->arena, clock_wall());
    CHECK_INT(tx_once(made->db, &tx, make_table, NULL), ST_OK);
}

void exec_folder_reopen(struct exec_folder *made)
{
    db_close(made->db);
    datafolder_close(&made->folder);
    open_again(made);
}

void exec_folder_close(struct exec_folder *made)
{
    db_close(made->db);
    datafolder_close(&made->folder);
    arena_fini(&made->arena);
}

int64_t exec_folder_ask(struct exec_folder *made, const char *sql)
{
    struct failure failure = { 0 };
    struct arena arena;
    struct db *db;
    struct tx tx;
    int64_t number;

    arena_init(&arena, MIB(1));
    CHECK_INT(db_open(made->folder.database, DB_READ, &db, &failure, &arena), ST_OK);
    tx_init(&tx, db, &arena, clock_wall());
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    number = query_one_int(&tx, -1, sql, NO_ARGS);
    tx_end_read(&tx);
    CHECK_INT(tx_status(&tx), ST_OK);
    db_close(db);
    arena_fini(&arena);
    return number;
}

static void open_again(struct exec_folder *made)
{
    struct failure failure = { 0 };

    if (datafolder_open(&made->folder, test_path("data"), &failure, &made->arena) != ST_OK ||
        datafolder_open_database(&made->folder, &made->db, &failure, &made->arena) != ST_OK)
        harness_failed(__FILE__, __LINE__, "data folder: %.*s", STR_ARG(failure.message));
}

static enum status make_table(struct tx *tx, void *context)
{
    (void)context;
    query_run(tx, "CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT) STRICT", NO_ARGS);
    query_run(tx,
              "CREATE TRIGGER notes_rollback BEFORE INSERT ON notes WHEN new.n = 13"
              " BEGIN SELECT RAISE(ROLLBACK, 'thirteen'); END",
              NO_ARGS);
    query_run(tx,
              "CREATE TRIGGER notes_abort BEFORE INSERT ON notes WHEN new.n = 14"
              " BEGIN SELECT RAISE(ABORT, 'fourteen'); END",
              NO_ARGS);
    return tx_status(tx);
}

/* Db settings: how a connection is set up.
 *
 * Every setting that durability or safety rests on is read back and refused when SQLite did not take it.
 */
#include "store/connection.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

struct setting {
    const char *set, *get, *expected;
};

static const struct setting unsynced = { "PRAGMA synchronous=OFF", "PRAGMA synchronous", "0" };
static bool is_unsynced;

enum { SETTING_JOURNAL, SETTING_SYNCHRONOUS };

static const struct setting settings[] = {
    /* belongs to the file: set by the writer only */
    [SETTING_JOURNAL] = { "PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal" },
    [SETTING_SYNCHRONOUS] = { "PRAGMA synchronous=FULL", "PRAGMA synchronous", "2" },
    { "PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1" },
    { "PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", "1" },
    { "PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2" },
    { "PRAGMA cache_size=-8192", "PRAGMA cache_size", "-8192" },
};

#ifdef FOYER_FAULTS
static const struct setting unsafe = { "PRAGMA synchronous=NORMAL", "PRAGMA synchronous", "1" };
static bool is_made_unsafe(void);
#endif

static const struct {
    int which, value;
} ceilings[] = {
    { SQLITE_LIMIT_LENGTH, 16 << 20 },
    { SQLITE_LIMIT_SQL_LENGTH, 1 << 20 },
    { SQLITE_LIMIT_COLUMN, 256 },
    { SQLITE_LIMIT_EXPR_DEPTH, 256 },
    { SQLITE_LIMIT_COMPOUND_SELECT, 64 },
    { SQLITE_LIMIT_VDBE_OP, 1 << 20 },
    { SQLITE_LIMIT_FUNCTION_ARG, 32 },
    { SQLITE_LIMIT_ATTACHED, 1 },
    { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1024 },
    { SQLITE_LIMIT_VARIABLE_NUMBER, 4096 },
    { SQLITE_LIMIT_TRIGGER_DEPTH, 16 },
    { SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static bool read_back(struct db *db, const char *sql, const char *expected);
static int on_wal(void *context, sqlite3 *handle, const char *name, int pages);

int db_harden(struct db *db)
{
    static const struct {
        int which, value;
    } switches[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_DQS_DML, 0 },
        { SQLITE_DBCONFIG_DQS_DDL, 0 },
        { SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
        { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
        /* Off would refuse json_valid in our CHECKs: SQLite before 3.42 does not call it innocuous.
         * Nothing dangerous is reachable from a schema here: no extensions, and functions of ours
         * (ids.c) that compute and do nothing else. */
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1 },
    };
    size_t i;
    int code = SQLITE_OK, now;

    for (i = 0; i < sizeof(switches) / sizeof(switches[0]) && code == SQLITE_OK; i++) {
        code = sqlite3_db_config(db->handle, switches[i].which, switches[i].value, &now);
        if (code == SQLITE_OK && now != switches[i].value)
            code = SQLITE_ERROR;
    }
    for (i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++)
        sqlite3_limit(db->handle, ceilings[i].which, ceilings[i].value);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
    if (code == SQLITE_OK)
        code = sqlite3_wal_autocheckpoint(db->handle, 0);
    sqlite3_wal_hook(db->handle, on_wal, db);
    return code == SQLITE_OK ? ids_register(db->handle) : code;
}

void db_set_unsynced(bool is_on)
{
    is_unsynced = is_on;
}

bool db_configure(struct db *db, const char **what)
{
    size_t i;

    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        const struct setting *setting = &settings[i];

#ifdef FOYER_FAULTS
        if (i == SETTING_SYNCHRONOUS && is_made_unsafe())
            setting = &unsafe;
#endif
        if (i == SETTING_SYNCHRONOUS && is_unsynced)
            setting = &unsynced;
        *what = setting->set;
        if ((db->mode == DB_WRITE || i != SETTING_JOURNAL) &&
            sqlite3_exec(db->handle, setting->set, NULL, NULL, NULL) != SQLITE_OK)
            return false;
        if (!read_back(db, setting->get, setting->expected))
            return false;
    }
    *what = "PRAGMA query_only=1";
    if (db->mode == DB_READ &&
        (sqlite3_exec(db->handle, "PRAGMA query_only=1", NULL, NULL, NULL) != SQLITE_OK ||
         !read_back(db, "PRAGMA query_only", "1")))
        return false;
    return true;
}

#ifdef FOYER_FAULTS
/* The control of the crash tests: with it they must lose what was acknowledged. */
static bool is_made_unsafe(void)
{
    const char *is_test = getenv("FOYER_TEST"), *how = getenv("FOYER_TEST_SYNCHRONOUS");

    return is_test && how && !strcmp(is_test, "1") && !strcmp(how, "normal");
}
#endif

static bool read_back(struct db *db, const char *sql, const char *expected)
{
    sqlite3_stmt *statement;
    bool same = false;

    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return false;
    if (sqlite3_step(statement) == SQLITE_ROW)
        same = str_is(str_from((const char *)sqlite3_column_text(statement, 0)), expected);
    sqlite3_finalize(statement);
    return same;
}

static int on_wal(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct db *db = context;

    (void)handle;
    (void)name;
    db->wal_pages = pages;
    return SQLITE_OK;
}

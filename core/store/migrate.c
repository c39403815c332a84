/* Migrate: runs the embedded migrations that a database lacks, each in one transaction. */
#include "store/migrate.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/file.h"
#include "store/migration.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "core/store/sql/"

const char migration_table_sql[] =
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL, "
    "at INTEGER NOT NULL) STRICT";

struct run {
    struct db *db;
    struct failure *failure;
    struct arena *arena;
};

static enum status check_one(struct run *run, int number, struct str checksum);
static enum status backup(struct run *run, const char *path);
static int copy_all(struct db *db, const char *path);
static enum status apply(struct run *run, const struct migration *migration);
static int record(struct db *db, const struct migration *migration, struct str checksum);
static int run_one(struct db *db, const char *sql);
static struct str checksum_of(struct run *run, struct str sql);
static enum status fail(struct run *run, int code, const char *what);

enum status migrate_run(struct db *db, const char *backup_path, struct failure *failure,
                        struct arena *arena)
{
    return migrate_run_to(db, migrate_newest(), backup_path, failure, arena);
}

enum status migrate_run_to(struct db *db, int newest, const char *backup_path,
                           struct failure *failure, struct arena *arena)
{
    struct run run = { db, failure, arena };
    const struct embedded_file *file = embedded_files;
    struct migration migration;
    int done = 0, code;

    if (run_one(db, migration_table_sql) != SQLITE_OK)
        return fail(&run, sqlite3_extended_errcode(db->handle), "the table of migrations");
    if (migration_check_done(db, &done, failure, arena) != ST_OK)
        return failure->status;
    if (done >= newest)
        return ST_OK;
    if (done > 0 && backup_path && backup(&run, backup_path) != ST_OK)
        return failure->status;
    while (migration_next(&file, &migration))
        if (migration.number > done && migration.number <= newest &&
            apply(&run, &migration) != ST_OK)
            return failure->status;
    code = db_load_counter(db);
    return code == SQLITE_OK ? ST_OK : fail(&run, code, "the counter of commits");
}

enum status migrate_look(struct db *db, struct failure *failure, struct arena *arena)
{
    int done;

    return migration_check_done(db, &done, failure, arena);
}

enum status migrate_ready(struct db *db, struct failure *failure, struct arena *arena)
{
    int done;

    if (migration_check_done(db, &done, failure, arena) == ST_OK && done < migrate_newest())
        failure_set(failure, arena, ST_UNAVAILABLE, "schema_older",
                    "The database is of an older Foyer: `foyer serve` brings it up to date when it "
                    "starts, and keeps a copy.");
    return failure->status;
}

int migrate_newest(void)
{
    const struct embedded_file *file = embedded_files;
    struct migration migration = { 0 };

    while (migration_next(&file, &migration))
        ;
    return migration.number;
}

/* The table is in the order of paths, and numbers have four digits. */
bool migration_next(const struct embedded_file **file, struct migration *migration)
{
    int64_t number;

    for (; (*file)->path; (*file)++) {
        struct str path = str_from((*file)->path);

        if (!str_starts(path, STR(FOLDER)) || path.len < sizeof(FOLDER) + 4 ||
            !str_to_int(str_slice(path.at + sizeof(FOLDER) - 1, 4), 1, 9999, &number))
            continue;
        migration->number = (int)number;
        migration->path = (*file)->path;
        migration->sql = str_slice((*file)->at, (*file)->len);
        (*file)++;
        return true;
    }
    return false;
}

/* What was run must be what this program would have run. */
enum status migration_check_done(struct db *db, int *done, struct failure *failure,
                                 struct arena *arena)
{
    struct run run = { db, failure, arena };
    sqlite3_stmt *statement;
    int code =
        sqlite3_prepare_v2(db->handle, "SELECT number, checksum FROM migrations ORDER BY number",
                           -1, &statement, NULL);

    *done = 0;
    if (code != SQLITE_OK)
        return fail(&run, code, "the table of migrations");
    while (failure->status == ST_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        int number = sqlite3_column_int(statement, 0);

        if (number != *done + 1)
            failure_set(failure, arena, ST_UNAVAILABLE, "migration_missing",
                        "Migration %d was run, but not %d before it: restore a backup.", number,
                        *done + 1);
        else
            check_one(&run, number, str_from((const char *)sqlite3_column_text(statement, 1)));
        *done = number;
    }
    sqlite3_finalize(statement);
    if (failure->status != ST_OK)
        return failure->status;
    return code == SQLITE_DONE ? ST_OK : fail(&run, code, "the table of migrations");
}

static enum status check_one(struct run *run, int number, struct str checksum)
{
    const struct embedded_file *file = embedded_files;
    struct migration migration = { 0 };

    while (migration_next(&file, &migration) && migration.number < number)
        ;
    if (migration.number != number)
        failure_set(
            run->failure, run->arena, ST_UNAVAILABLE, "schema_newer",
            "The database has migration %d and this program knows %d: it was written by a newer "
            "Foyer. Install that one, or restore the backup made before the update.",
            number, migrate_newest());
    else if (!str_eq(checksum, checksum_of(run, migration.sql)))
        failure_set(
            run->failure, run->arena, ST_UNAVAILABLE, "migration_changed",
            "%s is not the migration that this database was made with: use a released Foyer.",
            migration.path);
    return run->failure->status;
}

static enum status backup(struct run *run, const char *path)
{
    char draft[4400];
    int code;

    if (snprintf(draft, sizeof(draft), "%s.new", path) >= (int)sizeof(draft))
        return fail(run, SQLITE_CANTOPEN, "the backup before migrating");
    if (!file_write(draft, STR(""), 0600)) /* for its mode */
        return fail(run, SQLITE_CANTOPEN, "the backup before migrating");
    code = copy_all(run->db, draft);
    if (code == SQLITE_OK && (rename(draft, path) != 0 || !file_sync_parent(path)))
        code = SQLITE_IOERR;
    if (code == SQLITE_OK)
        return ST_OK;
    unlink(draft);
    return fail(run, code, "the backup before migrating");
}

/* Nobody else works with the database now, so all pages go in one step. */
static int copy_all(struct db *db, const char *path)
{
    sqlite3 *copy = NULL;
    sqlite3_backup *pages;
    int code = sqlite3_open_v2(path, &copy,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_EXRESCODE,
                               NULL);

    if (code == SQLITE_OK) {
        pages = sqlite3_backup_init(copy, "main", db->handle, "main");
        if (pages) {
            sqlite3_backup_step(pages, -1);
            code = sqlite3_backup_finish(pages);
        } else {
            code = sqlite3_extended_errcode(copy);
        }
    }
    sqlite3_close(copy);
    return code;
}

static enum status apply(struct run *run, const struct migration *migration)
{
    struct db *db = run->db;
    int code = run_one(db, "BEGIN IMMEDIATE");

    if (code == SQLITE_OK)
        code = migration_run_script(db->handle, migration->sql);
    if (code == SQLITE_OK)
        code = record(db, migration, checksum_of(run, migration->sql));
    if (code == SQLITE_OK)
        code = fault_hits(FAULT_COMMIT) ? SQLITE_IOERR_WRITE : run_one(db, "COMMIT");
    if (code == SQLITE_OK)
        return ST_OK;
    fail(run, code, migration->path);
    if (!sqlite3_get_autocommit(db->handle))
        run_one(db, "ROLLBACK");
    return run->failure->status;
}

int migration_run_script(sqlite3 *handle, struct str sql)
{
    const char *at = sql.at;
    int code = SQLITE_OK;

    while (code == SQLITE_OK && at < sql.at + sql.len) {
        sqlite3_stmt *statement = NULL;

        code = fault_hits(FAULT_PREPARE)
                   ? SQLITE_NOMEM
                   : sqlite3_prepare_v2(handle, at, (int)(sql.at + sql.len - at), &statement, &at);
        if (code != SQLITE_OK || !statement) /* NULL: only comments were left */
            break;
        code = fault_hits(FAULT_STEP) ? SQLITE_IOERR_READ : sqlite3_step(statement);
        if (code == SQLITE_DONE || code == SQLITE_ROW)
            code = SQLITE_OK;
        sqlite3_finalize(statement);
    }
    return code;
}

static int record(struct db *db, const struct migration *migration, struct str checksum)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(
        db->handle, "INSERT INTO migrations (number, checksum, at) VALUES ($1, $2, $3)", -1,
        &statement, NULL);

    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int(statement, 1, migration->number);
    sqlite3_bind_text(statement, 2, checksum.at, (int)checksum.len, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, clock_wall());
    code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int run_one(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

static struct str checksum_of(struct run *run, struct str sql)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(sql, hash);
    return bytes_to_hex(run->arena, hash, sizeof(hash));
}

static enum status fail(struct run *run, int code, const char *what)
{
    enum status status = db_classify(run->db, code);

    db_log_code(run->db, STR_NONE, code, what);
    failure_set(
        run->failure, run->arena, status == ST_OK ? ST_INTERNAL : status, NULL,
        "The schema could not be brought up to date (%s): %s. Nothing of this step was kept; mend "
        "that and start again.",
        what, sqlite3_errstr(code));
    return run->failure->status;
}

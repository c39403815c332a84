/* Db: opens and closes connections; checkpoints; checks.
 *
 * How a connection is set up is in db_settings.c, what an SQLite result means in result.c, statements in
 * statement.c.
 */
#include "store/db.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/log.h"
#include "store/connection.h"
#include "store/vfs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_TRUNCATE_MS = 50 };

static const char *const frame_sql[FRAMES] = {
    [FRAME_BEGIN_READ] = "BEGIN",
    [FRAME_END_READ] = "COMMIT",
    [FRAME_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [FRAME_COMMIT] = "COMMIT",
    [FRAME_ROLLBACK] = "ROLLBACK",
    [FRAME_SAVE] = "SAVEPOINT job",
    [FRAME_KEEP] = "RELEASE job",
    [FRAME_UNDO] = "ROLLBACK TO job",
};

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static struct dbfile *files;

static void start(void);
static struct db *new_of(const char *path, enum db_mode mode);
static int open_all(struct db *db, const char **what);
static void close_all(struct db *db);
static int open_handle(struct db *db);
static int read_page_size(struct db *db);
static int prepare_frames(struct db *db);
static void set_progress(struct db *db);
static int on_progress(void *context);
static struct dbfile *file_take(const char *path);
static void file_give_back(struct dbfile *file);
static void report_rows(struct db *db, const char *sql, bool is_integrity, struct buf *report);

void db_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, start);
}

static void start(void)
{
    /* One thread a connection, and no global mutex around each malloc: memory.c counts itself. */
    NEVER(sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK);
    NEVER(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK);
    NEVER(sqlite3_config(SQLITE_CONFIG_MALLOC, &db_memory_methods) != SQLITE_OK);
    NEVER(sqlite3_initialize() != SQLITE_OK);
#ifdef FOYER_FAULTS
    vfs_start();
#endif
}

enum status db_open(const char *path, enum db_mode mode, struct db **out, struct failure *failure,
                    struct arena *arena)
{
    struct db *db = new_of(path, mode);
    const char *what;
    int code = open_all(db, &what);

    *out = NULL;
    if (code == SQLITE_OK) {
        *out = db;
        return ST_OK;
    }
    if (mode == DB_READ && code == SQLITE_CANTOPEN)
        failure_set(failure, arena, ST_NOT_FOUND, "database_missing",
                    "%s cannot be opened: there is no such database.", path);
    else
        failure_set(
            failure, arena, ST_UNAVAILABLE, "database_unusable", "%s: %s (%s)%s", path,
            code == SQLITE_NOTADB ? "this is not a database of Foyer" : sqlite3_errstr(code), what,
            code == SQLITE_NOTADB || code == SQLITE_CORRUPT
                ? ". Move the data folder away, and put the newest backup in its place."
                : ".");
    db_close(db);
    return failure->status;
}

struct db *db_later(const char *path)
{
    return new_of(path, DB_READ);
}

enum status db_warm(struct db *db)
{
    return db->handle ? ST_OK : db_open_now(db);
}

enum status db_open_now(struct db *db)
{
    const char *what;
    int code = open_all(db, &what);

    if (code == SQLITE_OK)
        return ST_OK;
    close_all(db);
    log_error(STR_NONE, "a connection cannot be opened; the next that needs it tries again",
              LOG_C("file", db->file->path), LOG_C("reason", sqlite3_errstr(code)),
              LOG_C("at", what));
    return ST_UNAVAILABLE;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    PRE(db->open_queries == 0);
    close_all(db);
    actors_seen_free(db->seen);
    file_give_back(db->file);
    free(db);
}

int64_t db_wal_bytes(const struct db *db)
{
    return (int64_t)db->wal_pages * (db->page_size + 24);
}

enum status db_checkpoint(struct db *db, bool truncate)
{
    int in_log = 0, moved = 0, code;

    PRE(db->mode == DB_WRITE && sqlite3_get_autocommit(db->handle));
    if (db_is_read_only(db))
        return ST_READ_ONLY;
    /* Truncating waits for readers; the writer's queue must not wait long for them. */
    if (truncate)
        sqlite3_busy_timeout(db->handle, BUSY_TRUNCATE_MS);
    code = sqlite3_wal_checkpoint_v2(
        db->handle, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
        &in_log, &moved);
    if (truncate)
        sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
    if (code == SQLITE_OK && in_log == moved)
        db->wal_pages = 0;
    return db_classify(db, code);
}

const char *db_version(void)
{
    return sqlite3_libversion();
}

int db_version_number(void)
{
    return sqlite3_libversion_number();
}

uint64_t db_commits(const struct db *db)
{
    return db->commits;
}

bool db_is_read_only(const struct db *db)
{
    return atomic_load_explicit(&db->file->sync_failed, memory_order_relaxed);
}

enum status db_check(struct db *db, struct buf *report)
{
    size_t before = report->len;

    report_rows(db, "PRAGMA integrity_check", true, report);
    report_rows(db, "PRAGMA foreign_key_check", false, report);
    return report->len == before && !report->overflowed ? ST_OK : ST_UNAVAILABLE;
}

void db_set_progress(struct db *db, bool (*callback)(void *), void *context)
{
    db->progress = callback;
    db->progress_context = context;
    if (db->handle)
        set_progress(db);
}

int db_frame(struct db *db, enum frame frame)
{
    int code = sqlite3_step(db->frames[frame]);

    sqlite3_reset(db->frames[frame]); /* repeats the code */
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static struct db *new_of(const char *path, enum db_mode mode)
{
    struct db *db = xcalloc(1, sizeof(*db));

    db_start();
    db->mode = mode;
    db->file = file_take(path);
    return db;
}

/* SQLite's code; *what was tried last. */
static int open_all(struct db *db, const char **what)
{
    int code;

    *what = "open";
    code = open_handle(db);
    if (code == SQLITE_OK) {
        *what = "configure";
        code = db_harden(db);
    }
    if (code == SQLITE_OK && !db_configure(db, what)) {
        code = sqlite3_extended_errcode(db->handle);
        code = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_ERROR : code;
    }
    if (code == SQLITE_OK) {
        *what = "prepare";
        code = prepare_frames(db);
    }
    if (code == SQLITE_OK)
        code = read_page_size(db);
    if (code == SQLITE_OK) {
        *what = "the counter of commits in meta";
        code = db_load_counter(db);
    }
    if (code == SQLITE_OK && db->progress)
        set_progress(db);
    return code;
}

/* Also what is half open, or was never. */
static void close_all(struct db *db)
{
    statements_fini(&db->statements);
    for (size_t i = 0; i < FRAMES; i++) {
        sqlite3_finalize(db->frames[i]);
        db->frames[i] = NULL;
    }
    NEVER(sqlite3_close(db->handle) != SQLITE_OK);
    db->handle = NULL;
}

static int open_handle(struct db *db)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;

    flags |=
        db->mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    return sqlite3_open_v2(db->file->path, &db->handle, flags, NULL);
}

static int read_page_size(struct db *db)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db->handle, "PRAGMA page_size", -1, &statement, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        db->page_size = sqlite3_column_int(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code;
}

static int prepare_frames(struct db *db)
{
    size_t i;
    int code = SQLITE_OK;

    for (i = 0; i < FRAMES && code == SQLITE_OK; i++)
        if (frame_sql[i])
            code = sqlite3_prepare_v3(db->handle, frame_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &db->frames[i], NULL);
    return code;
}

/* The counter of a database that has a schema; 0 before the first migration. */
int db_load_counter(struct db *db)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db->handle, "SELECT 1 FROM sqlite_schema WHERE name = 'meta'", -1,
                                  &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? SQLITE_OK : code;
    code = sqlite3_prepare_v2(db->handle, "SELECT commits, last_commit_at FROM meta", -1,
                              &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        db->commits = (uint64_t)sqlite3_column_int64(statement, 0);
        db_raise_time(db, sqlite3_column_int64(statement, 1));
        code = SQLITE_OK;
    } else if (code == SQLITE_DONE) {
        code = SQLITE_CORRUPT;
    }
    sqlite3_finalize(statement);
    return code;
}

void db_raise_time(struct db *db, int64_t committed_at)
{
    int64_t known = atomic_load(&db->file->committed_at);

    while (known < committed_at &&
           !atomic_compare_exchange_weak(&db->file->committed_at, &known, committed_at))
        ;
}

static void set_progress(struct db *db)
{
    sqlite3_progress_handler(db->handle, db->progress ? DB_PROGRESS_STEPS : 0,
                             db->progress ? on_progress : NULL, db);
}

static int on_progress(void *context)
{
    struct db *db = context;

    return db->progress(db->progress_context);
}

static struct dbfile *file_take(const char *path)
{
    struct dbfile *file;

    pthread_mutex_lock(&files_lock);
    for (file = files; file && strcmp(file->path, path); file = file->next)
        ;
    if (!file) {
        file = xcalloc(1, sizeof(*file));
        file->path = xstrdup(path);
        file->next = files;
        files = file;
    }
    file->users++;
    pthread_mutex_unlock(&files_lock);
    return file;
}

static void file_give_back(struct dbfile *file)
{
    struct dbfile **at;

    pthread_mutex_lock(&files_lock);
    if (--file->users == 0) {
        for (at = &files; *at != file; at = &(*at)->next)
            ;
        *at = file->next;
        free(file->path);
        free(file);
    }
    pthread_mutex_unlock(&files_lock);
}

static void report_rows(struct db *db, const char *sql, bool is_integrity, struct buf *report)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);

    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *first = (const char *)sqlite3_column_text(statement, 0);

        if (!first || (is_integrity && !strcmp(first, "ok")))
            ;
        else if (is_integrity)
            buf_printf(report, "%s\n", first);
        else
            buf_printf(report, "%s: row %lld refers to a row of %s that is missing\n", first,
                       (long long)sqlite3_column_int64(statement, 1),
                       (const char *)sqlite3_column_text(statement, 2));
        code = SQLITE_OK;
    }
    if (code != SQLITE_DONE)
        buf_printf(report, "%s cannot be asked: %s\n", sql, sqlite3_errmsg(db->handle));
    sqlite3_finalize(statement);
}

/* Backup copy: SQLite's online backup, a few pages at a time. */
#include "store/backup.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/file.h"
#include "store/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct backup_copy {
    struct db *db;
    char *path;
    sqlite3 *handle;
    sqlite3_backup *pages;
    int step; /* pages; grows when a rollback made SQLite begin again, so that it comes to an end */
    int code; /* SQLITE_OK: goes on; SQLITE_DONE: all is there */
    int cause; /* errno */
    uint64_t commits;
    uint64_t done, total;
};

static int open_copy(struct backup_copy *copy);
static int last_errno(const struct backup_copy *copy);
static bool sync_copy(const struct backup_copy *copy);
static enum status explain(const struct backup_copy *copy, int cause, struct failure *failure,
                           struct arena *arena);

enum status backup_copy_open(struct db *db, const char *path, struct backup_copy **made,
                             struct failure *failure, struct arena *arena)
{
    struct backup_copy *copy = xcalloc(1, sizeof(*copy));
    uint64_t commits;

    copy->db = db;
    copy->path = xstrdup(path);
    copy->step = BACKUP_PAGES;
    copy->code = open_copy(copy);
    *made = copy;
    if (copy->code == SQLITE_OK)
        return ST_OK;
    copy->cause = copy->handle ? last_errno(copy) : ENOMEM;
    *made = NULL;
    return backup_copy_close(copy, &commits, failure, arena);
}

/* Its own journal and syncs would be for nothing: until it is whole it is worth nothing. */
static int open_copy(struct backup_copy *copy)
{
    int code = fault_hits(FAULT_FILE)
                   ? SQLITE_CANTOPEN
                   : sqlite3_open_v2(
                         copy->path, &copy->handle,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_exec(copy->handle, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", NULL,
                            NULL, NULL);
    if (code != SQLITE_OK)
        return code;
    copy->pages = sqlite3_backup_init(copy->handle, "main", copy->db->handle, "main");
    return copy->pages ? SQLITE_OK : sqlite3_extended_errcode(copy->handle);
}

bool backup_copy_step(struct backup_copy *copy)
{
    uint64_t before = copy->done, done;
    int remaining;

    if (copy->code != SQLITE_OK)
        return false;
    copy->code =
        fault_hits(FAULT_STEP) ? SQLITE_IOERR_WRITE : sqlite3_backup_step(copy->pages, copy->step);
    if (copy->code == SQLITE_BUSY || copy->code == SQLITE_LOCKED)
        copy->code = SQLITE_OK;
    if (copy->code != SQLITE_OK && copy->code != SQLITE_DONE) {
        copy->cause = last_errno(copy);
        return false;
    }
    remaining = sqlite3_backup_remaining(copy->pages);
    done = (uint64_t)(sqlite3_backup_pagecount(copy->pages) - remaining);
    if (done < before && copy->step < 1 << 24)
        copy->step *= 2;
    copy->total = (uint64_t)sqlite3_backup_pagecount(copy->pages);
    copy->done = done;
    copy->commits = db_commits(copy->db);
    return copy->code == SQLITE_OK;
}

uint64_t backup_copy_done(const struct backup_copy *copy)
{
    return copy->done;
}

uint64_t backup_copy_total(const struct backup_copy *copy)
{
    return copy->total;
}

enum status backup_copy_close(struct backup_copy *copy, uint64_t *commits, struct failure *failure,
                              struct arena *arena)
{
    enum status status = ST_OK;
    int code = sqlite3_backup_finish(copy->pages);

    if (copy->code == SQLITE_DONE && code != SQLITE_OK) {
        copy->code = code;
        copy->cause = last_errno(copy);
    }
    sqlite3_close(copy->handle);
    *commits = copy->commits;
    if (copy->code == SQLITE_OK) {
        failure_set(failure, arena, ST_BUSY, "backup_given_up",
                    "The backup was given up before its end: make it again.");
        status = failure->status;
    } else if (copy->code != SQLITE_DONE) {
        status = explain(copy, copy->cause, failure, arena);
    } else if (!sync_copy(copy)) {
        status = explain(copy, errno, failure, arena);
    }
    free(copy->path);
    free(copy);
    return status;
}

/* Of the last call on the file that failed; of one that could not be opened SQLite itself knows. */
static int last_errno(const struct backup_copy *copy)
{
    int cause = 0;

    if (sqlite3_file_control(copy->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &cause) == SQLITE_OK &&
        cause != 0)
        return cause;
    return sqlite3_system_errno(copy->handle);
}

static bool sync_copy(const struct backup_copy *copy)
{
    int fd = open(copy->path, O_RDONLY | O_CLOEXEC), cause = EIO;
    bool is_done = false;

    if (fd >= 0 && !fault_hits(FAULT_FILE)) {
        is_done = fsync(fd) == 0;
        cause = errno;
    }
    if (fd >= 0)
        close(fd);
    errno = cause;
    return is_done;
}

/* Nothing here tells anything of the server's own disk. */
static enum status explain(const struct backup_copy *copy, int cause, struct failure *failure,
                           struct arena *arena)
{
    if (copy->code == SQLITE_FULL || cause == ENOSPC || cause == EDQUOT || cause == EFBIG)
        return file_explain(failure, arena, "write", copy->path, ENOSPC);
    if (cause == ENOENT) { /* it was there when it was made */
        failure_set(failure, arena, ST_NOT_FOUND, "backup_not_seen",
                    "The server does not see %s, for it has a view of the files of its own (a "
                    "container, PrivateTmp): name a folder that it sees, too.",
                    copy->path);
        return failure->status;
    }
    if (cause != 0)
        return file_explain(failure, arena, "write", copy->path, cause);
    failure_set(
        failure, arena, ST_UNAVAILABLE, "backup_failed",
        "The database cannot be copied to %s: %s. Look at both disks, and run `foyer check`.",
        copy->path, sqlite3_errstr(copy->code));
    return failure->status;
}

/* Data folder: makes it, locks it, reads its key and its mark.
 *
 * The lock is a flock on a file of its own: it goes with the process, however it ends.
 */
#include "store/datafolder.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK_TEXT = 21 }; /* "%020llu\n" */

static const char *const subfolders[] = { "mail",    "mail/new", "mail/cur", "mail/tmp",
                                          "scripts", "plugins",  "files" };

/* What every step needs to say why it failed. */
struct work {
    struct datafolder *folder;
    struct failure *failure;
    struct arena *arena;
};

static enum status begin(struct work *work, struct datafolder *folder, const char *path,
                         struct failure *failure, struct arena *arena);
static enum status look(struct work *work);
static enum status make_folder(struct work *work, const char *path);
static enum status make_subfolders(struct work *work);
static enum status make_key(struct work *work);
static enum status make_database(struct work *work);
static enum status lock(struct work *work);
static enum status read_key(struct work *work);
static enum status open_mark(struct work *work);
static bool has(const struct work *work, const char *name);
static const char *path_of(const struct work *work, const char *name, char path[PATH_MAX]);
static enum status fail_errno(struct work *work, const char *what, const char *path);
static enum status give_up(struct work *work);

enum status datafolder_create(struct datafolder *folder, const char *path, struct failure *failure,
                              struct arena *arena)
{
    struct work work;

    if (begin(&work, folder, path, failure, arena) != ST_OK || make_folder(&work, path) != ST_OK ||
        lock(&work) != ST_OK)
        return give_up(&work);
    /* The mark is made last: without it an earlier init was cut short, and this one finishes it. */
    if (has(&work, "commits")) {
        failure_set(failure, arena, ST_CONFLICT, "already_initialized",
                    "%s is a data folder already: serve it with foyer serve --data %s, or name "
                    "another one.",
                    path, path);
        return give_up(&work);
    }
    if (make_subfolders(&work) != ST_OK || make_key(&work) != ST_OK || read_key(&work) != ST_OK ||
        make_database(&work) != ST_OK || open_mark(&work) != ST_OK)
        return give_up(&work);
    return ST_OK;
}

enum status datafolder_open(struct datafolder *folder, const char *path, struct failure *failure,
                            struct arena *arena)
{
    struct work work;

    if (begin(&work, folder, path, failure, arena) != ST_OK || look(&work) != ST_OK ||
        lock(&work) != ST_OK || read_key(&work) != ST_OK || open_mark(&work) != ST_OK)
        return give_up(&work);
    return ST_OK;
}

void datafolder_close(struct datafolder *folder)
{
    if (folder->mark_fd >= 0)
        close(folder->mark_fd);
    if (folder->lock_fd >= 0)
        close(folder->lock_fd);
    folder->mark_fd = folder->lock_fd = -1;
    crypto_wipe(folder->server_key, sizeof(folder->server_key));
}

void datafolder_raise_mark(struct datafolder *folder, uint64_t commits)
{
    char text[MARK_TEXT + 1];

    if (commits <= folder->mark)
        return;
    snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)commits);
    /* A mark that stays behind is harmless: it only notices less. */
    if (pwrite(folder->mark_fd, text, MARK_TEXT, 0) == MARK_TEXT)
        folder->mark = commits;
}

enum status datafolder_check_mark(const struct datafolder *folder, struct db *db,
                                  struct failure *failure, struct arena *arena)
{
    if (db_commits(db) >= folder->mark)
        return ST_OK;
    failure_set(failure, arena, ST_UNAVAILABLE, "history_missing",
                "%s ends at commit %llu, but %llu were acknowledged: an older copy was put there, "
                "or the disk "
                "lost writes. Restore the newest backup with foyer restore, or, to go on with what "
                "is there, "
                "delete %s/commits.",
                folder->database, (unsigned long long)db_commits(db),
                (unsigned long long)folder->mark, folder->path);
    return ST_UNAVAILABLE;
}

enum status datafolder_open_database(struct datafolder *folder, struct db **db,
                                     struct failure *failure, struct arena *arena)
{
    char copy[PATH_MAX + 64];
    enum status status = db_open(folder->database, DB_WRITE, db, failure, arena);

    if (status != ST_OK)
        return status;
    snprintf(copy, sizeof(copy), "%s/before-migration-%d.db", folder->path, migrate_newest());
    status = migrate_run(*db, copy, failure, arena);
    if (status == ST_OK)
        status = datafolder_check_mark(folder, *db, failure, arena);
    if (status != ST_OK) {
        db_close(*db);
        *db = NULL;
    }
    return status;
}

static enum status begin(struct work *work, struct datafolder *folder, const char *path,
                         struct failure *failure, struct arena *arena)
{
    size_t len = strlen(path);

    *work = (struct work){ folder, failure, arena };
    memset(folder, 0, sizeof(*folder));
    folder->lock_fd = folder->mark_fd = -1;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len == 0 || len >= sizeof(folder->path) - 64) {
        failure_set(failure, arena, ST_INVALID, "bad_path", "The path of the data folder is %s.",
                    len ? "too long" : "empty");
        return failure->status;
    }
    memcpy(folder->path, path, len);
    snprintf(folder->database, sizeof(folder->database), "%s/foyer.db", folder->path);
    return ST_OK;
}

/* Is there a folder of Foyer? */
static enum status look(struct work *work)
{
    const char *path = work->folder->path;
    struct stat info;

    if (stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
        failure_set(work->failure, work->arena, ST_NOT_FOUND, "no_data_folder",
                    "There is no folder %s. Make it with: foyer init --data %s --workspace NAME "
                    "--email OWNER.",
                    path, path);
    else if (stat(path, &info) != 0)
        return fail_errno(work, "look at", path);
    else if (!S_ISDIR(info.st_mode))
        failure_set(work->failure, work->arena, ST_NOT_FOUND, "not_a_folder", "%s is not a folder.",
                    path);
    else if (access(path, R_OK | W_OK | X_OK) != 0)
        return fail_errno(work, "use", path);
    else if (!has(work, "foyer.db"))
        failure_set(
            work->failure, work->arena, ST_NOT_FOUND, "no_data_folder",
            "There is nothing of Foyer in %s. Make it with: foyer init --data %s --workspace NAME "
            "--email OWNER.",
            path, path);
    return work->failure->status;
}

static enum status make_folder(struct work *work, const char *path)
{
    struct stat info;

    if (fault_hits(FAULT_FILE))
        errno = EIO;
    else if (mkdir(work->folder->path, 0700) == 0)
        return file_sync_parent(work->folder->path) ? ST_OK : fail_errno(work, "make", path);
    if (errno != EEXIST)
        return fail_errno(work, "make", path);
    if (stat(work->folder->path, &info) != 0)
        return fail_errno(work, "look at", path);
    if (!S_ISDIR(info.st_mode)) {
        failure_set(work->failure, work->arena, ST_CONFLICT, "not_a_folder",
                    "%s is there and is not a folder: name another place.", path);
        return ST_CONFLICT;
    }
    /* It will hold a key and people's data. */
    if (chmod(work->folder->path, 0700) != 0)
        return fail_errno(work, "chmod", path);
    return ST_OK;
}

static enum status make_subfolders(struct work *work)
{
    char path[PATH_MAX];
    size_t i;

    for (i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++) {
        path_of(work, subfolders[i], path);
        if (fault_hits(FAULT_FILE)) {
            errno = EIO;
            return fail_errno(work, "make", path);
        }
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return fail_errno(work, "make", path);
    }
    if (!file_sync_folder(path_of(work, "mail", path)) || !file_sync_folder(work->folder->path))
        return fail_errno(work, "make", work->folder->path);
    return ST_OK;
}

static enum status make_key(struct work *work)
{
    uint8_t key[CRYPTO_KEY];
    char path[PATH_MAX];
    bool is_written;

    if (has(work, "server.key")) /* of an init that was cut short */
        return ST_OK;
    crypto_random(key, sizeof(key));
    is_written = file_write(path_of(work, "server.key", path),
                            str_slice((const char *)key, sizeof(key)), 0600);
    crypto_wipe(key, sizeof(key));
    return is_written ? ST_OK : fail_errno(work, "write", path);
}

static enum status make_database(struct work *work)
{
    struct db *db;
    enum status status = db_open(work->folder->database, DB_WRITE, &db, work->failure, work->arena);

    if (status == ST_OK)
        status = migrate_run(db, NULL, work->failure, work->arena);
    db_close(db);
    return status;
}

static enum status lock(struct work *work)
{
    char path[PATH_MAX], text[24] = "";
    int fd = -1;

    path_of(work, "lock", path);
    if (fault_hits(FAULT_FILE))
        errno = EIO;
    else
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno(work, "open", path);
    work->folder->lock_fd = fd;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return fail_errno(work, "lock", path);
        if (pread(fd, text, sizeof(text) - 1, 0) < 0)
            text[0] = '\0';
        text[strspn(text, "0123456789")] = '\0';
        failure_set(work->failure, work->arena, ST_CONFLICT, "data_folder_in_use",
                    "%s is held by another server or command (process %s): stop it, or name "
                    "another folder.",
                    work->folder->path, text[0] ? text : "unknown");
        return ST_CONFLICT;
    }
    snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, strlen(text), 0) < 0)
        return fail_errno(work, "write", path);
    return ST_OK;
}

static enum status read_key(struct work *work)
{
    char path[PATH_MAX];
    struct stat info;
    struct str key;

    path_of(work, "server.key", path);
    if (stat(path, &info) != 0)
        return fail_errno(work, "read", path);
    if (info.st_mode & 077) {
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "key_mode",
                    "%s may be read by others (mode %03o): chmod 600 %s. If others could log in "
                    "here, links "
                    "that were mailed are no longer safe.",
                    path, (unsigned)(info.st_mode & 0777), path);
        return ST_UNAVAILABLE;
    }
    key = file_read(work->arena, path, CRYPTO_KEY);
    if (!key.at && errno != EFBIG)
        return fail_errno(work, "read", path);
    if (key.len != CRYPTO_KEY) {
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "key_broken",
                    "%s is not a key (32 bytes): restore it from a backup.", path);
        return ST_UNAVAILABLE;
    }
    memcpy(work->folder->server_key, key.at, CRYPTO_KEY);
    return ST_OK;
}

/* Absent: made, so that a person who knows what he does may delete it. */
static enum status open_mark(struct work *work)
{
    char path[PATH_MAX], text[MARK_TEXT + 1] = "";
    int64_t mark = 0;
    ssize_t len;

    path_of(work, "commits", path);
    if (!has(work, "commits") && !file_write(path, STR("00000000000000000000\n"), 0600))
        return fail_errno(work, "write", path);
    if (fault_hits(FAULT_FILE))
        errno = EIO;
    else
        work->folder->mark_fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (work->folder->mark_fd < 0)
        return fail_errno(work, "open", path);
    len = pread(work->folder->mark_fd, text, MARK_TEXT, 0);
    if (len < 0)
        return fail_errno(work, "read", path);
    if (len != MARK_TEXT || text[MARK_TEXT - 1] != '\n' ||
        !str_to_int(str_slice(text, MARK_TEXT - 1), 0, INT64_MAX, &mark)) {
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "mark_broken",
                    "%s is not a number of 20 digits: the disk is not sound. Run foyer check "
                    "--data %s, and "
                    "delete the file to go on.",
                    path, work->folder->path);
        return ST_UNAVAILABLE;
    }
    work->folder->mark = (uint64_t)mark;
    return ST_OK;
}

static bool has(const struct work *work, const char *name)
{
    char path[PATH_MAX];
    struct stat info;

    return lstat(path_of(work, name, path), &info) == 0;
}

static const char *path_of(const struct work *work, const char *name, char path[PATH_MAX])
{
    /* begin() left room for every name. */
    snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - 64, work->folder->path, name);
    return path;
}

static enum status fail_errno(struct work *work, const char *what, const char *path)
{
    int error = errno;

    if (error == ENOSPC || error == EDQUOT)
        failure_set(work->failure, work->arena, ST_DISK_FULL, NULL,
                    "Cannot %s %s: the disk is full. Make room and try again.", what, path);
    else if (error == EACCES || error == EPERM || error == EROFS)
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "no_permission",
                    "Cannot %s %s: %s. Run as the owner of the folder.", what, path,
                    strerror(error));
    else
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, NULL, "Cannot %s %s: %s.", what,
                    path, strerror(error));
    return work->failure->status;
}

static enum status give_up(struct work *work)
{
    datafolder_close(work->folder);
    return work->failure->status;
}

/* Data folder: makes it, locks it, reads its key and its mark.
 *
 * The lock is a file of its own and goes with the process, however it ends. Making a folder can be
 * cut short anywhere: what is there is kept and the next try goes on, until the mark, which is
 * made last, says that it is whole.
 */
#include "store/datafolder.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK_TEXT = 21, NAME_ROOM = 64 }; /* "%020llu\n"; the longest name in the folder */

static const char *const subfolders[] = {
    "mail", "mail/new", "mail/cur", "mail/tmp", "scripts", "plugins", "files",
};

/* What every step needs to say why it failed. */
struct work {
    struct datafolder *folder;
    struct failure *failure;
    struct arena *arena;
};

static bool begin(struct work *work, const char *path);
static bool look(struct work *work);
static bool make_root(struct work *work);
static bool make_subfolders(struct work *work);
static bool is_empty(const char *path);
static bool make_key(struct work *work);
static bool make_database(struct work *work);
static bool take_lock(struct work *work);
static bool read_key(struct work *work);
static bool open_mark(struct work *work);
static bool read_mark(struct work *work, const char *path);
static bool has(const struct work *work, const char *name);
static const char *path_of(const struct work *work, const char *name, char path[PATH_MAX]);
static bool fail_errno(struct work *work, const char *verb, const char *path);
static enum status finish(struct work *work, bool is_done);

enum status datafolder_create(struct datafolder *folder, const char *path, struct failure *failure,
                              struct arena *arena)
{
    struct work work = { folder, failure, arena };

    if (!begin(&work, path) || !make_root(&work) || !take_lock(&work))
        return finish(&work, false);
    if (has(&work, "commits")) {
        failure_set(failure, arena, ST_CONFLICT, "already_initialized",
                    "%s is a data folder already: serve it with `foyer serve --data %s`, or name "
                    "another one.",
                    folder->path, folder->path);
        return finish(&work, false);
    }
    return finish(&work, make_subfolders(&work) && make_key(&work) && read_key(&work) &&
                             make_database(&work) && open_mark(&work));
}

enum status datafolder_open(struct datafolder *folder, const char *path, struct failure *failure,
                            struct arena *arena)
{
    struct work work = { folder, failure, arena };

    return finish(&work, begin(&work, path) && look(&work) && take_lock(&work) && read_key(&work) &&
                             open_mark(&work));
}

enum status datafolder_look(struct datafolder *folder, const char *path, int64_t *holder,
                            struct failure *failure, struct arena *arena)
{
    struct work work = { folder, failure, arena };
    char lock[PATH_MAX];

    *holder = 0;
    if (!begin(&work, path) || !look(&work))
        return finish(&work, false);
    if (!file_lock(path_of(&work, "lock", lock), &folder->lock_fd, holder)) {
        folder->lock_fd = -1;
        if (errno != EWOULDBLOCK)
            return finish(&work, fail_errno(&work, "lock", lock));
        *holder = *holder ? *holder : -1;
    }
    return ST_OK;
}

enum status datafolder_read(struct datafolder *folder, struct failure *failure, struct arena *arena)
{
    struct work work = { folder, failure, arena };

    if (read_key(&work))
        open_mark(&work);
    return failure->status;
}

void datafolder_try_key(struct datafolder *folder, struct arena *arena)
{
    struct failure failure = { .status = ST_OK };
    struct work work = { folder, &failure, arena };

    read_key(&work);
}

void datafolder_close(struct datafolder *folder)
{
    if (folder->mark_fd >= 0)
        close(folder->mark_fd);
    if (folder->lock_fd >= 0)
        file_unlock(folder->lock_fd);
    folder->mark_fd = folder->lock_fd = -1;
    crypto_wipe(folder->server_key, sizeof(folder->server_key));
}

void datafolder_raise_mark(struct datafolder *folder, uint64_t commits)
{
    char text[MARK_TEXT + 1];

    if (commits <= folder->mark)
        return;
    snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)commits);
    /* Not synced, and a failure is no one's: a mark that stays behind only notices less. */
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
                "or the disk lost writes. Restore the newest backup; or, to go on with what is "
                "there, delete %s/commits.",
                folder->database, (unsigned long long)db_commits(db),
                (unsigned long long)folder->mark, folder->path);
    return failure->status;
}

enum status datafolder_open_database(struct datafolder *folder, struct db **db,
                                     struct failure *failure, struct arena *arena)
{
    char copy[PATH_MAX];
    enum status status;

    snprintf(copy, sizeof(copy), "%.*s/before-migration-%d.db", PATH_MAX - NAME_ROOM, folder->path,
             migrate_newest());
    status = db_open(folder->database, DB_WRITE, db, failure, arena);
    if (status == ST_OK)
        status = migrate_run(*db, copy, failure, arena);
    if (status == ST_OK)
        status = datafolder_check_mark(folder, *db, failure, arena);
    if (status != ST_OK) {
        db_close(*db);
        *db = NULL;
    }
    return status;
}

static bool begin(struct work *work, const char *path)
{
    struct datafolder *folder = work->folder;
    size_t len = strlen(path);

    memset(folder, 0, sizeof(*folder));
    folder->lock_fd = folder->mark_fd = -1;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len == 0 || len >= sizeof(folder->path) - NAME_ROOM) {
        failure_set(work->failure, work->arena, ST_INVALID, "bad_path",
                    "The path of the data folder is %s: name a folder.",
                    len ? "too long" : "empty");
        return false;
    }
    memcpy(folder->path, path, len);
    snprintf(folder->database, sizeof(folder->database), "%s/foyer.db", folder->path);
    return true;
}

/* Is there a folder of Foyer, and is it whole? */
static bool look(struct work *work)
{
    const char *path = work->folder->path;
    struct stat info;

    if (stat(path, &info) != 0 && errno != ENOENT)
        return fail_errno(work, "use", path);
    if (stat(path, &info) != 0)
        failure_set(work->failure, work->arena, ST_NOT_FOUND, "no_data_folder",
                    "There is no folder %s: make it with `foyer init --data %s --workspace NAME "
                    "--email OWNER`.",
                    path, path);
    else if (!S_ISDIR(info.st_mode))
        failure_set(work->failure, work->arena, ST_NOT_FOUND, "not_a_folder",
                    "%s is not a folder: name the folder that `foyer init` made.", path);
    else if (access(path, R_OK | W_OK | X_OK) != 0)
        return fail_errno(work, "use", path);
    else if (!has(work, "foyer.db"))
        failure_set(work->failure, work->arena, ST_NOT_FOUND, "no_data_folder",
                    "There is no foyer.db in %s: make a data folder with `foyer init --data DIR "
                    "--workspace NAME --email OWNER`, or restore a backup.",
                    path);
    else if (stat(work->folder->database, &info) == 0 && info.st_size == 0)
        /* SQLite would take it for a new one, and a server would begin with nothing. */
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "database_empty",
                    "%s is empty: everything in it is lost. Move the data folder away, and put the "
                    "newest backup in its place.",
                    work->folder->database);
    else
        return true;
    return false;
}

/* A folder that is there must be empty, or what an earlier init left: nobody's own folder is filled and
 * closed to others by mistake. */
static bool make_root(struct work *work)
{
    const char *root = work->folder->path;
    struct stat info;

    if (stat(root, &info) == 0 && !S_ISDIR(info.st_mode)) {
        failure_set(work->failure, work->arena, ST_CONFLICT, "not_a_folder",
                    "%s is there and is not a folder: name another place.", root);
        return false;
    }
    if (!file_make_folders(root, 0700))
        return fail_errno(work, "make", root);
    if (!has(work, "lock") && !is_empty(root)) {
        failure_set(work->failure, work->arena, ST_CONFLICT, "not_empty",
                    "%s holds other things: name a new or an empty folder.", root);
        return false;
    }
    return true;
}

static bool make_subfolders(struct work *work)
{
    char path[PATH_MAX];
    size_t i;

    if (chmod(work->folder->path, 0700) != 0)
        return fail_errno(work, "close to others", work->folder->path);
    for (i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++)
        if (!file_make_folders(path_of(work, subfolders[i], path), 0700))
            return fail_errno(work, "make", path);
    return true;
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool found = false;

    while (folder && !found && (entry = readdir(folder)))
        found = strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
                strcmp(entry->d_name, "lost+found");
    if (folder)
        closedir(folder);
    return folder && !found;
}

static bool make_key(struct work *work)
{
    uint8_t key[CRYPTO_KEY];
    char path[PATH_MAX];
    bool is_written;

    path_of(work, "server.key", path);
    crypto_random(key, sizeof(key));
    is_written = file_write_new(path, str_slice((const char *)key, sizeof(key)), 0600);
    crypto_wipe(key, sizeof(key));
    return is_written || errno == EEXIST || fail_errno(work, "write", path);
}

static bool make_database(struct work *work)
{
    struct db *db;
    enum status status;

    /* An empty file is an empty database; SQLite alone would let others read it. */
    if (!file_write_new(work->folder->database, STR(""), 0600) && errno != EEXIST)
        return fail_errno(work, "make", work->folder->database);
    status = db_open(work->folder->database, DB_WRITE, &db, work->failure, work->arena);

    if (status == ST_OK)
        status = migrate_run(db, NULL, work->failure, work->arena);
    db_close(db);
    return status == ST_OK;
}

static bool take_lock(struct work *work)
{
    char path[PATH_MAX];
    int64_t holder = 0;

    if (file_lock(path_of(work, "lock", path), &work->folder->lock_fd, &holder))
        return true;
    work->folder->lock_fd = -1;
    if (errno != EWOULDBLOCK)
        return fail_errno(work, "lock", path);
    failure_set(
        work->failure, work->arena, ST_CONFLICT, "data_folder_in_use",
        "%s is in use by another server or command (process %lld): stop it, or name another "
        "folder.",
        work->folder->path, (long long)holder);
    return false;
}

static bool read_key(struct work *work)
{
    char path[PATH_MAX];
    struct str key = file_read_secret(work->arena, path_of(work, "server.key", path), CRYPTO_KEY);

    if (!key.at && errno == EPERM)
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "key_mode",
                    "%s may be read by others: chmod 600 %s. If others could log in here, links "
                    "that were mailed are no longer safe.",
                    path, path);
    else if (!key.at && errno == ENOENT)
        failure_set(work->failure, work->arena, ST_NOT_FOUND, "key_missing",
                    "%s is missing: restore it from a backup. Where there is none, `(umask 077; "
                    "head -c %d /dev/urandom > %s)` makes another one: links that were mailed are "
                    "dead then, so send them again.",
                    path, CRYPTO_KEY, path);
    else if (!key.at && errno != EFBIG)
        fail_errno(work, "read", path);
    else if (key.len != CRYPTO_KEY)
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "key_broken",
                    "%s is not a key of %d bytes: restore it from a backup.", path, CRYPTO_KEY);
    else
        memcpy(work->folder->server_key, key.at, CRYPTO_KEY);
    work->folder->has_key = work->failure->status == ST_OK;
    return work->failure->status == ST_OK;
}

/* A mark that is missing is made: deleting it is how a person says that he knows of a lost history. */
static bool open_mark(struct work *work)
{
    char path[PATH_MAX];

    path_of(work, "commits", path);
    if (!file_write_new(path, STR("00000000000000000000\n"), 0600) && errno != EEXIST)
        return fail_errno(work, "write", path);
    if (fault_hits(FAULT_FILE))
        errno = EIO;
    else
        work->folder->mark_fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (work->folder->mark_fd < 0)
        return fail_errno(work, "open", path);
    return read_mark(work, path);
}

static bool read_mark(struct work *work, const char *path)
{
    char text[MARK_TEXT + 1] = "";
    int64_t mark = 0;
    ssize_t len = fault_hits(FAULT_FILE) ? -1 : pread(work->folder->mark_fd, text, sizeof(text), 0);

    if (len < 0)
        return fail_errno(work, "read", path);
    if (len != MARK_TEXT || text[MARK_TEXT - 1] != '\n' ||
        !str_to_int(str_slice(text, MARK_TEXT - 1), 0, INT64_MAX, &mark)) {
        failure_set(work->failure, work->arena, ST_UNAVAILABLE, "mark_broken",
                    "%s is not a number of 20 digits, so a lost history would not be noticed: "
                    "delete the file, and `foyer check --data %s` looks at the rest.",
                    path, work->folder->path);
        return false;
    }
    work->folder->mark = (uint64_t)mark;
    return true;
}

static bool has(const struct work *work, const char *name)
{
    char path[PATH_MAX];
    struct stat info;

    return lstat(path_of(work, name, path), &info) == 0;
}

/* begin() left room for every name. */
static const char *path_of(const struct work *work, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - NAME_ROOM, work->folder->path, name);
    return path;
}

static bool fail_errno(struct work *work, const char *verb, const char *path)
{
    file_explain(work->failure, work->arena, verb, path, errno);
    return false;
}

static enum status finish(struct work *work, bool is_done)
{
    if (is_done)
        return ST_OK;
    datafolder_close(work->folder);
    return work->failure->status;
}

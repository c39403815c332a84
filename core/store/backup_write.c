/* Backup write: makes an archive of a data folder and a copy of its database. */
#include "store/backup_inside.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/tar.h"
#include "base/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MOST = 16, SUFFIX = 8 };

struct writing {
    const char *folder, *path;
    struct tar tar;
    struct buf sums;
    struct backup_facts *facts;
    struct failure *failure;
    struct arena *arena;
    char chunk[BACKUP_CHUNK];
};

static bool write_all(struct writing *writing, const char *copy);
static bool put_text(struct writing *writing, const char *name, const char *text, size_t len);
static bool put_file(struct writing *writing, const char *name, const char *path, bool may_be_gone);
static bool put_content(struct writing *writing, int fd, const struct tar_entry *entry,
                        const char *path);
static bool put_folder(struct writing *writing, const char *name, int depth);
static bool put_entry(struct writing *writing, const char *folder, const char *name, int depth);
static bool is_good_name(struct writing *writing, const char *name);
static bool fail(struct writing *writing, const char *verb, const char *path);
static int64_t counter_of(sqlite3 *handle);
static bool is_quick_check_well(sqlite3 *handle);

const char *const backup_folders[] = { "scripts", "plugins", "files", "mail", NULL };

struct str backup_temporary(struct arena *arena, const char *path)
{
    uint8_t random[SUFFIX];

    crypto_random(random, sizeof(random));
    return str_printf(arena, "%s.tmp-%s", path, bytes_to_hex(arena, random, sizeof(random)).at);
}

bool backup_is_archive(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct tar_entry entry;
    struct tar tar;
    bool is_ours;

    if (fd < 0)
        return false;
    tar_init(&tar, fd);
    is_ours = tar_next(&tar, &entry) == TAR_ENTRY && !strcmp(entry.name, BACKUP_HEAD);
    close(fd);
    return is_ours;
}

enum status backup_write(const char *folder, const char *copy, const char *temporary,
                         const char *path, struct backup_facts *facts, struct failure *failure,
                         struct arena *arena)
{
    struct writing *writing = arena_new(arena, struct writing);
    bool is_done = false;
    int fd;

    if (backup_check_copy(copy, facts->commits, failure, arena) != ST_OK)
        return failure->status;
    fd = fault_hits(FAULT_FILE)
             ? (errno = EIO, -1)
             : open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    writing->folder = folder;
    writing->path = path;
    writing->facts = facts;
    writing->failure = failure;
    writing->arena = arena;
    if (fd < 0) {
        fail(writing, "write", path);
        return failure->status;
    }
    tar_init(&writing->tar, fd);
    buf_init(&writing->sums, MIB(256));
    if (write_all(writing, copy))
        is_done =
            (!fault_hits(FAULT_FILE) && fchmod(fd, 0600) == 0 && fsync(fd) == 0 && close(fd) == 0 &&
             (fd = -1) && rename(temporary, path) == 0 && file_sync_parent(path)) ||
            fail(writing, "write", path);
    if (fd >= 0)
        close(fd);
    if (!is_done)
        unlink(temporary);
    buf_fini(&writing->sums);
    return failure->status;
}

static bool write_all(struct writing *writing, const char *copy)
{
    const struct backup_facts *facts = writing->facts;
    char made_at[CLOCK_TEXT], text[256];
    int len;

    clock_format(facts->made_at, made_at);
    len = snprintf(text, sizeof(text),
                   "A backup of Foyer: `foyer restore FILE --data NEWDIR`.\n"
                   "format = %d\nversion = " FOYER_VERSION "\ncommits = %llu\nmade_at = %s\n",
                   BACKUP_FORMAT, (unsigned long long)facts->commits, made_at);
    if (!put_text(writing, BACKUP_HEAD, text, (size_t)len) ||
        !put_file(writing, BACKUP_DB, copy, false))
        return false;
    if (!put_file(writing, BACKUP_KEY,
                  str_printf(writing->arena, "%s/" BACKUP_KEY, writing->folder).at, false))
        return false;
    len = snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)facts->commits);
    if (!put_text(writing, BACKUP_MARK, text, (size_t)len))
        return false;
    for (const char *const *name = backup_folders; *name; name++)
        if (!put_folder(writing, *name, 0))
            return false;
    if (writing->sums.overflowed) {
        failure_set(writing->failure, writing->arena, ST_TOO_LARGE, NULL,
                    "There are too many files in %s for one backup.", writing->folder);
        return false;
    }
    return put_text(writing, BACKUP_SUMS, writing->sums.at, writing->sums.len) &&
           (tar_end(&writing->tar) || fail(writing, "write", writing->path));
}

static bool put_text(struct writing *writing, const char *name, const char *text, size_t len)
{
    struct tar_entry entry = { .mode = 0600,
                               .size = len,
                               .changed_at = writing->facts->made_at / CLOCK_SECOND };
    struct crypto_sha256 sha;

    snprintf(entry.name, sizeof(entry.name), "%s", name);
    if (!tar_begin(&writing->tar, &entry) || !tar_put(&writing->tar, text, len))
        return fail(writing, "write", writing->path);
    crypto_sha256_begin(&sha);
    crypto_sha256_put(&sha, text, len);
    if (strcmp(name, BACKUP_SUMS) != 0)
        backup_sum_line(&sha, name, &writing->sums);
    return true;
}

static bool put_file(struct writing *writing, const char *name, const char *path, bool may_be_gone)
{
    int fd = fault_hits(FAULT_FILE) ? (errno = EIO, -1)
                                    : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct tar_entry entry = { .is_folder = false };
    struct stat info;
    bool is_done = false;

    if (fd < 0 && errno == ENOENT && may_be_gone) /* a mail that was moved meanwhile */
        return true;
    if (fd < 0 || fstat(fd, &info) != 0) {
        fail(writing, "read", path);
    } else if (!S_ISREG(info.st_mode)) {
        is_done = true; /* a pipe or socket holds nothing */
    } else if (is_good_name(writing, name)) {
        snprintf(entry.name, sizeof(entry.name), "%s", name);
        entry.mode = (info.st_mode & 0700) | 0600;
        entry.size = (uint64_t)info.st_size;
        entry.changed_at = info.st_mtime;
        is_done = put_content(writing, fd, &entry, path);
    }
    if (fd >= 0)
        close(fd);
    return is_done;
}

static bool put_content(struct writing *writing, int fd, const struct tar_entry *entry,
                        const char *path)
{
    struct crypto_sha256 sha;

    if (!tar_begin(&writing->tar, entry))
        return fail(writing, "write", writing->path);
    crypto_sha256_begin(&sha);
    while (writing->tar.left > 0) {
        size_t want =
            writing->tar.left < BACKUP_CHUNK ? (size_t)writing->tar.left : (size_t)BACKUP_CHUNK;
        ssize_t got = fault_hits(FAULT_FILE) ? (errno = EIO, -1) : read(fd, writing->chunk, want);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(writing, "read", path);
        if (got == 0) {
            failure_set(writing->failure, writing->arena, ST_CONFLICT, NULL,
                        "%s became shorter while it was read: make the backup again.", path);
            return false;
        }
        crypto_sha256_put(&sha, writing->chunk, (size_t)got);
        if (!tar_put(&writing->tar, writing->chunk, (size_t)got))
            return fail(writing, "write", writing->path);
    }
    backup_sum_line(&sha, entry->name, &writing->sums);
    writing->facts->files++;
    writing->facts->bytes += entry->size;
    return true;
}

static bool put_folder(struct writing *writing, const char *name, int depth)
{
    const char *path = str_printf(writing->arena, "%s/%s", writing->folder, name).at;
    struct tar_entry entry = { .is_folder = true, .mode = 0700 };
    const struct dirent *child;
    bool is_done = true;
    DIR *folder;

    if (depth == DEPTH_MOST) {
        failure_set(writing->failure, writing->arena, ST_UNPROCESSABLE, NULL,
                    "%s lies too deep, or is a link to a folder above it: take it away.", path);
        return false;
    }
    folder = fault_hits(FAULT_FILE) ? (errno = EIO, NULL) : opendir(path);
    if (!folder && errno == ENOENT)
        return true;
    if (!folder)
        return fail(writing, "read", path);
    snprintf(entry.name, sizeof(entry.name), "%s", name);
    entry.changed_at = writing->facts->made_at / CLOCK_SECOND;
    if (!is_good_name(writing, name))
        is_done = false;
    else if (!tar_begin(&writing->tar, &entry))
        is_done = fail(writing, "write", writing->path);
    while (is_done && (child = readdir(folder)))
        if (strcmp(child->d_name, ".") != 0 && strcmp(child->d_name, "..") != 0)
            is_done = put_entry(writing, name, child->d_name, depth);
    closedir(folder);
    return is_done;
}

/* Links are followed: what the server reads through them is what must not be lost. */
static bool put_entry(struct writing *writing, const char *folder, const char *child, int depth)
{
    struct str name = str_printf(writing->arena, "%s/%s", folder, child);
    struct str path = str_printf(writing->arena, "%s/%.*s", writing->folder, STR_ARG(name));
    struct stat info;

    if (stat(path.at, &info) != 0)
        return errno == ENOENT || fail(writing, "read", path.at);
    if (S_ISDIR(info.st_mode))
        return put_folder(writing, name.at, depth + 1);
    return !S_ISREG(info.st_mode) || put_file(writing, name.at, path.at, true);
}

static bool is_good_name(struct writing *writing, const char *name)
{
    if (strlen(name) < TAR_NAME - 1 && !str_has_control(str_from(name)))
        return true;
    failure_set(writing->failure, writing->arena, ST_UNPROCESSABLE, NULL,
                "A name in %s/%.60s is too long or has control characters: rename it.",
                writing->folder, name);
    return false;
}

static bool fail(struct writing *writing, const char *verb, const char *path)
{
    return backup_fail(writing->failure, writing->arena, verb, path);
}

bool backup_fail(struct failure *failure, struct arena *arena, const char *verb, const char *path)
{
    file_explain(failure, arena, verb, path, errno == EFBIG ? ENOSPC : errno);
    return false;
}

void backup_sum_line(struct crypto_sha256 *sha, const char *name, struct buf *sums)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256_end(sha, hash);
    for (size_t i = 0; i < sizeof(hash); i++) {
        buf_char(sums, digits[hash[i] >> 4]);
        buf_char(sums, digits[hash[i] & 15]);
    }
    buf_printf(sums, "  %s\n", name);
}

/* Immutable: SQLite makes neither a log nor a lock beside it. */
enum status backup_check_copy(const char *path, uint64_t commits, struct failure *failure,
                              struct arena *arena)
{
    sqlite3 *handle = NULL;
    struct buf uri;
    int code;

    buf_init(&uri, KIB(64));
    buf_text(&uri, "file:");
    for (const char *at = path; *at; at++)
        buf_printf(&uri, strchr("%?#", *at) ? "%%%02X" : "%c", (unsigned char)*at);
    buf_text(&uri, "?immutable=1");
    buf_char(&uri, '\0');
    code = sqlite3_open_v2(
        uri.at, &handle,
        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK || !is_quick_check_well(handle))
        failure_set(
            failure, arena, ST_UNAVAILABLE, "copy_broken",
            "The database in it is damaged: look at the disk and run `foyer check`, or take "
            "another backup.");
    else if (counter_of(handle) != (int64_t)commits)
        failure_set(failure, arena, ST_UNAVAILABLE, "copy_broken",
                    "The database in it ends at another commit (%lld) than it should (%llu): take "
                    "another backup.",
                    (long long)counter_of(handle), (unsigned long long)commits);
    sqlite3_close(handle);
    buf_fini(&uri);
    return failure->status;
}

static bool is_quick_check_well(sqlite3 *handle)
{
    sqlite3_stmt *statement;
    bool is_well = false;

    if (sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &statement, NULL) != SQLITE_OK)
        return false;
    if (!fault_hits(FAULT_STEP) && sqlite3_step(statement) == SQLITE_ROW)
        is_well = str_is(str_from((const char *)sqlite3_column_text(statement, 0)), "ok");
    sqlite3_finalize(statement);
    return is_well;
}

static int64_t counter_of(sqlite3 *handle)
{
    sqlite3_stmt *statement;
    int64_t counter = -1;

    if (sqlite3_prepare_v2(handle, "SELECT commits FROM meta", -1, &statement, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_step(statement) == SQLITE_ROW)
        counter = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return counter;
}

/* Backup read: goes through an archive, compares it with its sums, and unpacks it. */
#include "store/backup_inside.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/tar.h"
#include "store/db.h"
#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DB_BEFORE BACKUP_DB ".new" /* until all is checked */

struct reading {
    const char *path;
    const char *folder; /* where it goes; NULL: nowhere */
    struct tar tar;
    struct buf sums; /* as they were found */
    struct buf told; /* as SHA256SUMS says */
    struct buf made; /* what was made, each followed by a NUL, to be taken away again */
    bool has_database, has_key, has_made_root;
    struct backup_facts *facts;
    struct failure *failure;
    struct arena *arena;
    char chunk[BACKUP_CHUNK];
};

static enum status read_archive(struct reading *reading);
static bool read_head(struct reading *reading);
static bool read_entries(struct reading *reading);
static bool read_entry(struct reading *reading, struct tar_entry *entry);
static bool is_known(const char *name);
static bool take_text(struct reading *reading, struct buf *text);
static bool take_facts(struct reading *reading, struct str text);
static bool take_file(struct reading *reading, const struct tar_entry *entry);
static int make_file(struct reading *reading, const struct tar_entry *entry);
static bool make_root(struct reading *reading);
static bool is_empty(const char *path);
static bool settle(struct reading *reading);
static bool is_schema_known(struct reading *reading, const char *database);
static void take_away(struct reading *reading);
static const char *place(const struct reading *reading, const char *name);
static bool damaged(struct reading *reading, const char *what);
static bool fail_read(struct reading *reading);

static struct reading *begin(const char *path, const char *folder, struct backup_facts *facts,
                             struct failure *failure, struct arena *arena)
{
    struct reading *reading = arena_new(arena, struct reading);

    memset(facts, 0, sizeof(*facts));
    reading->path = path;
    reading->folder = folder;
    reading->facts = facts;
    reading->failure = failure;
    reading->arena = arena;
    buf_init(&reading->sums, MIB(256));
    buf_init(&reading->told, MIB(256));
    buf_init(&reading->made, MIB(256));
    return reading;
}

static enum status end(struct reading *reading)
{
    buf_fini(&reading->sums);
    buf_fini(&reading->told);
    buf_fini(&reading->made);
    return reading->failure->status;
}

enum status backup_verify(const char *path, struct backup_facts *facts, struct failure *failure,
                          struct arena *arena)
{
    struct reading *reading = begin(path, NULL, facts, failure, arena);

    read_archive(reading);
    return end(reading);
}

enum status backup_restore(const char *path, const char *folder, struct backup_facts *facts,
                           struct failure *failure, struct arena *arena)
{
    struct reading *reading = begin(path, folder, facts, failure, arena);

    if (read_archive(reading) == ST_OK)
        settle(reading);
    if (failure->status != ST_OK)
        take_away(reading);
    return end(reading);
}

static enum status read_archive(struct reading *reading)
{
    struct failure *failure = reading->failure;
    int fd = fault_hits(FAULT_FILE) ? (errno = EIO, -1)
                                    : open(reading->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        backup_fail(failure, reading->arena, "read", reading->path);
        return failure->status;
    }
    tar_init(&reading->tar, fd);
    if (read_head(reading) && (!reading->folder || make_root(reading)) && read_entries(reading)) {
        if (!reading->has_database || !reading->has_key)
            damaged(reading, "a database and a key are not both there");
        else if (!str_eq(buf_view(&reading->sums), buf_view(&reading->told)))
            damaged(reading, "what it holds does not fit its " BACKUP_SUMS);
    }
    close(fd);
    return failure->status;
}

/* The first entry says what it is: whatever lacks it is something else. */
static bool read_head(struct reading *reading)
{
    struct tar_entry entry;
    struct buf text;
    bool is_done;

    if (tar_next(&reading->tar, &entry) != TAR_ENTRY || strcmp(entry.name, BACKUP_HEAD) != 0 ||
        entry.size > KIB(4)) {
        failure_set(reading->failure, reading->arena, ST_INVALID, "no_backup",
                    "%s is no backup of Foyer: name a file that `foyer backup` made.",
                    reading->path);
        return false;
    }
    buf_init(&text, KIB(4));
    is_done = take_text(reading, &text) && take_facts(reading, buf_view(&text));
    if (is_done) {
        struct crypto_sha256 sha;

        crypto_sha256_begin(&sha);
        crypto_sha256_put(&sha, text.at, text.len);
        backup_sum_line(&sha, BACKUP_HEAD, &reading->sums);
    }
    buf_fini(&text);
    return is_done;
}

static bool take_facts(struct reading *reading, struct str text)
{
    int64_t format = 0, commits = -1;
    struct str line, name;

    while (str_cut(&text, '\n', &line)) {
        str_cut(&line, '=', &name);
        name = str_trim(name);
        line = str_trim(line);
        if (str_is(name, "format"))
            str_to_int(line, 1, INT32_MAX, &format);
        else if (str_is(name, "commits"))
            str_to_int(line, 0, INT64_MAX, &commits);
        else if (str_is(name, "made_at"))
            clock_parse(line, &reading->facts->made_at);
    }
    if (format > BACKUP_FORMAT) {
        failure_set(reading->failure, reading->arena, ST_UNAVAILABLE, "backup_newer",
                    "%s was made by a newer Foyer: restore it with that one.", reading->path);
        return false;
    }
    reading->facts->commits = (uint64_t)commits;
    return (format > 0 && commits >= 0) || damaged(reading, "its first file cannot be read");
}

static bool read_entries(struct reading *reading)
{
    struct tar_entry entry;
    enum tar_found found;

    while ((found = tar_next(&reading->tar, &entry)) == TAR_ENTRY) {
        if (!strcmp(entry.name, BACKUP_SUMS))
            return take_text(reading, &reading->told) &&
                   (tar_next(&reading->tar, &entry) == TAR_END ||
                    damaged(reading, "something follows its " BACKUP_SUMS));
        if (!read_entry(reading, &entry))
            return false;
    }
    return found == TAR_FAILED ? fail_read(reading) : damaged(reading, "it has no " BACKUP_SUMS);
}

static bool read_entry(struct reading *reading, struct tar_entry *entry)
{
    if (!is_known(entry->name) || str_has_control(str_from(entry->name)))
        return damaged(reading, "it holds what no backup holds");
    reading->has_database |= !strcmp(entry->name, BACKUP_DB);
    reading->has_key |= !strcmp(entry->name, BACKUP_KEY);
    if (!entry->is_folder)
        return take_file(reading, entry);
    if (!reading->folder)
        return true;
    if (fault_hits(FAULT_FILE))
        errno = EIO;
    else if (mkdir(place(reading, entry->name), 0700) == 0) {
        buf_put(&reading->made, entry->name, strlen(entry->name) + 1);
        return true;
    }
    return backup_fail(reading->failure, reading->arena, "make", place(reading, entry->name));
}

static bool is_known(const char *name)
{
    size_t len = strcspn(name, "/");

    for (const char *const *known = backup_folders; *known; known++)
        if (strlen(*known) == len && !strncmp(*known, name, len))
            return true;
    return !strcmp(name, BACKUP_DB) || !strcmp(name, BACKUP_KEY) || !strcmp(name, BACKUP_MARK);
}

static bool take_text(struct reading *reading, struct buf *text)
{
    ssize_t got;

    while ((got = tar_take(&reading->tar, reading->chunk, BACKUP_CHUNK)) > 0)
        buf_put(text, reading->chunk, (size_t)got);
    return got == 0 ? !text->overflowed || damaged(reading, "it holds too many files")
                    : fail_read(reading);
}

static bool take_file(struct reading *reading, const struct tar_entry *entry)
{
    int fd = reading->folder ? make_file(reading, entry) : -1;
    struct crypto_sha256 sha;
    bool is_done = true;
    ssize_t got = 0;

    if (reading->folder && fd < 0)
        return false;
    crypto_sha256_begin(&sha);
    while (is_done && (got = tar_take(&reading->tar, reading->chunk, BACKUP_CHUNK)) > 0) {
        crypto_sha256_put(&sha, reading->chunk, (size_t)got);
        if (fd >= 0 && !file_put(fd, str_slice(reading->chunk, (size_t)got)))
            is_done =
                backup_fail(reading->failure, reading->arena, "write", place(reading, entry->name));
    }
    if (got < 0)
        is_done = fail_read(reading);
    if (fd >= 0)
        close(fd);
    backup_sum_line(&sha, entry->name, &reading->sums);
    if (strcmp(entry->name, BACKUP_MARK) != 0) {
        reading->facts->files++;
        reading->facts->bytes += entry->size;
    }
    return is_done;
}

static int make_file(struct reading *reading, const struct tar_entry *entry)
{
    bool is_database = !strcmp(entry->name, BACKUP_DB);
    const char *name = is_database ? DB_BEFORE : entry->name;
    int fd = fault_hits(FAULT_FILE)
                 ? (errno = EIO, -1)
                 : open(place(reading, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        0600);

    if (fd < 0)
        backup_fail(reading->failure, reading->arena, "write", place(reading, name));
    else
        buf_put(&reading->made, name, strlen(name) + 1);
    return fd;
}

static bool make_root(struct reading *reading)
{
    struct stat info;

    if (stat(reading->folder, &info) == 0 && (!S_ISDIR(info.st_mode) || !is_empty(reading->folder)))
        failure_set(reading->failure, reading->arena, ST_CONFLICT, "not_empty",
                    "%s is not empty, and nothing is overwritten: name a new folder, or move this "
                    "one away (and stop the server that uses it).",
                    reading->folder);
    else if (stat(reading->folder, &info) == 0)
        return chmod(reading->folder, 0700) == 0 ||
               backup_fail(reading->failure, reading->arena, "close to others", reading->folder);
    else if (file_make_folders(reading->folder, 0700))
        return reading->has_made_root = true;
    else
        backup_fail(reading->failure, reading->arena, "make", reading->folder);
    return false;
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

/* What came out is good: the mark is that of the database, all is on the disk, and then it is one. */
static bool settle(struct reading *reading)
{
    const char *before = place(reading, DB_BEFORE), *mark = place(reading, BACKUP_MARK);
    struct failure *failure = reading->failure;
    char text[32];
    int fd;

    if (backup_check_copy(before, reading->facts->commits, failure, reading->arena) != ST_OK ||
        !is_schema_known(reading, before))
        return false;
    snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)reading->facts->commits);
    if (!file_write(mark, str_from(text), 0600))
        return backup_fail(failure, reading->arena, "write", mark);
    fd = fault_hits(FAULT_FILE) ? (errno = EIO, -1) : open(reading->folder, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd) != 0) {
        backup_fail(failure, reading->arena, "write", reading->folder);
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(fd);
    if (rename(before, place(reading, BACKUP_DB)) == 0 && file_sync_folder(reading->folder))
        return true;
    backup_fail(failure, reading->arena, "write", place(reading, BACKUP_DB));
    unlink(place(reading, BACKUP_DB));
    return false;
}

/* Whether this program can serve it: else nothing is left, and a newer one can restore it here. An older
 * schema is no fault. */
static bool is_schema_known(struct reading *reading, const char *database)
{
    struct db *db = NULL;

    if (db_open(database, DB_READ, &db, reading->failure, reading->arena) == ST_OK)
        migrate_look(db, reading->failure, reading->arena);
    db_close(db);
    unlink(place(reading, DB_BEFORE "-wal")); /* SQLite made them: they would keep this name */
    unlink(place(reading, DB_BEFORE "-shm"));
    return reading->failure->status == ST_OK;
}

/* Backwards: what lies in a folder came after it. */
static void take_away(struct reading *reading)
{
    const struct buf *made = &reading->made;
    size_t end = made->len;

    while (end > 0) {
        size_t begin = end - 1;

        while (begin > 0 && made->at[begin - 1] != '\0')
            begin--;
        remove(place(reading, made->at + begin));
        end = begin;
    }
    if (made->len > 0)
        remove(place(reading, BACKUP_MARK));
    if (reading->has_made_root)
        rmdir(reading->folder);
}

static const char *place(const struct reading *reading, const char *name)
{
    return str_printf(reading->arena, "%s/%s", reading->folder, name).at;
}

static bool damaged(struct reading *reading, const char *what)
{
    failure_set(reading->failure, reading->arena, ST_UNAVAILABLE, "backup_damaged",
                "%s is damaged (%s): take another backup.", reading->path, what);
    return false;
}

static bool fail_read(struct reading *reading)
{
    if (errno == EBADMSG)
        return damaged(reading, "it is cut short or changed");
    return backup_fail(reading->failure, reading->arena, "read", reading->path);
}

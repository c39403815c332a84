/* File: reading, writing and locking of whole small files. */
#include "base/file.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RANDOM_LETTERS = 10, TEMP_SUFFIX = 5 + RANDOM_LETTERS + 1 };

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place);
static struct str read_checked(struct arena *arena, const char *path, size_t max, bool is_secret);
static bool may_read(int fd, bool is_secret, size_t *size);
static struct str read_all(struct arena *arena, int fd, size_t max, size_t expected);
static bool write_placed(const char *path, struct str content, mode_t mode, bool is_new);
static bool write_temp(const char *temp, struct str content, mode_t mode);
static bool place(const char *temp, const char *path, bool is_new);
static bool make_folder(const char *path, mode_t mode);
static int64_t holder_of(int fd);
static void close_quietly(int fd);
static bool is_faulty(void);

struct str file_read(struct arena *arena, const char *path, size_t max)
{
    return read_checked(arena, path, max, false);
}

struct str file_read_secret(struct arena *arena, const char *path, size_t max)
{
    return read_checked(arena, path, max, true);
}

bool file_write(const char *path, struct str content, mode_t mode)
{
    return write_placed(path, content, mode, false);
}

bool file_write_new(const char *path, struct str content, mode_t mode)
{
    return write_placed(path, content, mode, true);
}

bool file_put(int fd, struct str content)
{
    size_t done = 0;

    while (done < content.len) {
        ssize_t wrote = is_faulty() ? -1 : write(fd, content.at + done, content.len - done);

        if (wrote < 0 && errno == EFBIG)
            errno = ENOSPC;
        if (wrote < 0 && errno != EINTR)
            return false;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

bool file_remove(const char *path)
{
    return !is_faulty() && unlink(path) == 0 && file_sync_parent(path);
}

void file_remove_folder(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

bool file_make_folders(const char *path, mode_t mode)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof part) {
        errno = len == 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!make_folder(part, mode))
            return false;
    }
    return true;
}

bool file_sync_folder(const char *path)
{
    int fd = is_faulty() ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done;

    if (fd < 0)
        return false;
    is_done = !is_faulty() && fsync(fd) == 0;
    close_quietly(fd);
    return is_done;
}

bool file_sync_parent(const char *path)
{
    char parent[PATH_MAX];
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len >= sizeof parent) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(parent, path, len);
    parent[len] = '\0';
    return file_sync_folder(len > 0 ? parent : ".");
}

bool file_lock(const char *path, int *fd, int64_t *holder)
{
    char text[24];
    int len;

    *holder = 0;
    *fd = is_faulty() ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return false;
    if (is_faulty() || flock(*fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK) {
            *holder = holder_of(*fd);
            errno = EWOULDBLOCK;
        }
        close_quietly(*fd);
        *fd = -1;
        return false;
    }
    /* The id is for messages only: a full disk must not keep a server from serving reads. */
    len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(*fd, 0) == 0 && pwrite(*fd, text, (size_t)len, 0) < len)
        errno = 0;
    return true;
}

void file_unlock(int fd)
{
    /* The file stays: who removes it lets two others hold locks on two files of one name. */
    int error = close(fd);

    NEVER(error < 0 && errno == EBADF);
}

enum status file_status(int cause)
{
    switch (cause) {
    case ENOENT:
        return ST_NOT_FOUND;
    case EACCES:
    case EROFS:
        return ST_DENIED;
    case EPERM:
    case EEXIST:
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
    case EWOULDBLOCK:
        return ST_CONFLICT;
    case ENOSPC:
    case EDQUOT:
        return ST_DISK_FULL;
    case EFBIG:
        return ST_TOO_LARGE;
    default:
        return ST_UNAVAILABLE;
    }
}

enum status file_explain(struct failure *failure, struct arena *arena, const char *verb,
                         const char *path, int cause)
{
    enum status status = file_status(cause);
    const char *advice = "look at the system's log, and try again";

    if (status == ST_NOT_FOUND)
        advice = "make it, or correct the path";
    else if (status == ST_DENIED)
        advice = "give this user the right to it, or run as its owner";
    else if (status == ST_DISK_FULL)
        advice = "free some space";
    else if (status == ST_TOO_LARGE)
        advice = "it is longer than such a file may be";
    else if (cause == EPERM)
        advice = "only its owner may have any right to it: chmod 600, and think of it as known";
    else if (cause == EWOULDBLOCK)
        advice = "another process uses it: stop that one first";
    else if (status == ST_CONFLICT)
        advice = "something else stands there: move it away";
    failure_set(failure, arena, status, NULL, "Cannot %s %s: %s; %s.", verb, path, strerror(cause),
                advice);
    return status;
}

static struct str read_checked(struct arena *arena, const char *path, size_t max, bool is_secret)
{
    struct str content = STR_NONE;
    size_t size;
    int fd;

    PRE(max < SSIZE_MAX);
    /* O_NONBLOCK: to open a pipe that nobody writes would wait forever */
    fd = is_faulty() ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return STR_NONE;
    if (may_read(fd, is_secret, &size))
        content = read_all(arena, fd, max, size);
    close_quietly(fd);
    return content;
}

static bool may_read(int fd, bool is_secret, size_t *size)
{
    struct stat st;

    if (is_faulty() || fstat(fd, &st) < 0)
        return false;
    *size = (size_t)st.st_size;
    if (S_ISREG(st.st_mode) && (!is_secret || (st.st_mode & (S_IRWXG | S_IRWXO)) == 0))
        return true;
    errno = S_ISDIR(st.st_mode) ? EISDIR : S_ISREG(st.st_mode) ? EPERM : EINVAL;
    return false;
}

/* What fstat says may be 0 (in /proc) or outdated: reads to the end. */
static struct str read_all(struct arena *arena, int fd, size_t max, size_t expected)
{
    enum { FIRST = 4096 };
    size_t cap = expected > 0 ? expected : FIRST, len = 0;
    char *at;

    if (cap > max)
        cap = max;
    at = arena_alloc(arena, cap + 1);
    for (;;) {
        ssize_t got;

        if (len > max) {
            errno = EFBIG;
            return STR_NONE;
        }
        if (len > cap) {
            size_t grown = cap > max / 2 ? max : cap * 2;

            at = arena_grow(arena, at, cap + 1, grown + 1);
            cap = grown;
        }
        /* one byte more than cap: the end is seen without growing, and "longer" too */
        got = is_faulty() ? -1 : read(fd, at + len, cap + 1 - len);
        if (got < 0 && errno != EINTR)
            return STR_NONE;
        if (got == 0)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    at[len] = '\0';
    return (struct str){ at, len };
}

static bool write_placed(const char *path, struct str content, mode_t mode, bool is_new)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    char temp[PATH_MAX + TEMP_SUFFIX];
    uint8_t random[RANDOM_LETTERS];
    size_t len = strlen(path);
    int cause;

    if (len >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(temp, path, len);
    memcpy(temp + len, ".tmp-", 5);
    crypto_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        temp[len + 5 + i] = letters[random[i] & 31];
    temp[len + 5 + sizeof random] = '\0';
    if (write_temp(temp, content, mode) && place(temp, path, is_new))
        return file_sync_parent(path);
    cause = errno;
    unlink(temp);
    errno = cause;
    return false;
}

static bool write_temp(const char *temp, struct str content, mode_t mode)
{
    int fd = is_faulty() ? -1 : open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_done;

    if (fd < 0)
        return false;
    /* fchmod, because the umask has its say in open */
    is_done = file_put(fd, content) && !is_faulty() && fchmod(fd, mode) == 0 && !is_faulty() &&
              fsync(fd) == 0;
    close_quietly(fd);
    return is_done;
}

static bool place(const char *temp, const char *path, bool is_new)
{
    if (!is_new)
        return !is_faulty() && rename(temp, path) == 0;
    if (is_faulty() || link(temp, path) < 0)
        return false;
    /* A crash between the two leaves a second name, which harms nobody. */
    unlink(temp);
    return true;
}

static bool make_folder(const char *path, mode_t mode)
{
    struct stat st;

    /* looks first: a folder that is there may lie where we could not make one */
    if (stat(path, &st) < 0) {
        if (!is_faulty() && mkdir(path, 0700) == 0)
            /* chmod, because the umask has its say in mkdir */
            return !is_faulty() && chmod(path, mode) == 0 && file_sync_parent(path);
        /* somebody may have been faster */
        if (errno != EEXIST || stat(path, &st) < 0)
            return false;
    }
    if (S_ISDIR(st.st_mode))
        return true;
    errno = ENOTDIR;
    return false;
}

static int64_t holder_of(int fd)
{
    char text[24];
    ssize_t len = pread(fd, text, sizeof text, 0);
    int64_t pid = 0;

    if (len <= 0 || !str_to_int(str_trim(str_slice(text, (size_t)len)), 1, INT32_MAX, &pid))
        return 0;
    return pid;
}

/* What was wrong before it is what the caller wants to know. */
static void close_quietly(int fd)
{
    int cause = errno;

    close(fd);
    errno = cause;
}

static bool is_faulty(void)
{
    if (!fault_hits(FAULT_FILE))
        return false;
    errno = EIO;
    return true;
}

/* File: whole small files, durably. */
#include "base/file.h"

#include "base/arena.h"
#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, struct str content);
static bool fails(void);

bool file_write(const char *path, struct str content, mode_t mode)
{
    char draft[PATH_MAX];
    int fd, saved;
    bool done;

    if (snprintf(draft, sizeof(draft), "%s.new", path) >= (int)sizeof(draft)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (fails())
        return false;
    fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return false;
    done = fchmod(fd, mode) == 0 && write_all(fd, content) && !fails() && fsync(fd) == 0;
    saved = errno;
    if (close(fd) != 0 && done) {
        saved = errno;
        done = false;
    }
    if (done && (fails() || rename(draft, path) != 0)) {
        saved = errno;
        done = false;
    }
    if (!done) {
        unlink(draft);
        errno = saved;
        return false;
    }
    return file_sync_parent(path);
}

struct str file_read(struct arena *arena, const char *path, size_t max)
{
    int fd = fails() ? -1 : open(path, O_RDONLY | O_CLOEXEC), saved;
    struct str content = STR_NONE;
    struct stat info;
    char *at;
    size_t len = 0;
    ssize_t got = -1;

    if (fd < 0)
        return STR_NONE;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= (off_t)max) {
        at = arena_alloc(arena, (size_t)info.st_size + 1);
        while (len < (size_t)info.st_size &&
               (got = read(fd, at + len, (size_t)info.st_size - len)) != 0) {
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                break;
            len += (size_t)got;
        }
        if (info.st_size == 0 || got >= 0)
            content = (struct str){ at, len };
    } else if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
    } else {
        errno = EFBIG;
    }
    saved = errno;
    close(fd);
    errno = saved;
    return content;
}

bool file_sync_folder(const char *path)
{
    int fd = fails() ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), saved;
    bool done;

    if (fd < 0)
        return false;
    done = fsync(fd) == 0;
    saved = errno;
    close(fd);
    errno = saved;
    return done;
}

bool file_sync_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    size_t len = slash ? (size_t)(slash - path) : 0;

    if (!slash)
        return file_sync_folder(".");
    if (len >= sizeof(folder)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(folder, path, len ? len : 1);
    folder[len ? len : 1] = '\0';
    return file_sync_folder(folder);
}

static bool write_all(int fd, struct str content)
{
    size_t done = 0;

    while (done < content.len) {
        ssize_t wrote = fails() ? -1 : write(fd, content.at + done, content.len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        done += (size_t)wrote;
    }
    return true;
}

static bool fails(void)
{
    if (!fault_hits(FAULT_FILE))
        return false;
    errno = EIO;
    return true;
}

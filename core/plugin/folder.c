/* Folder: a text of the files of a plugin, and the way back from it.
 *
 * A new folder is made beside the old one under a name that nobody reads, and takes its place by one call, so that
 * whoever looks sees the one or the other as a whole.
 */
#include "plugin/folder.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/limits.h"
#include "plugin/native.h"
#include "plugin/pack.h"
#include "plugin/sources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "native library, SHA-256 " /* as source of a native plugin is told, too */
#define BINARY  "binary file, SHA-256 "

enum { DEPTH_MAX = 8 };

static const char *const lefts[] = { ".quarantined", ".left" };

/* What the steps of putting share. */
struct putting {
    const char *data;
    struct str id;
    struct arena *arena; /* of paths, and of one library */
    struct buf *report;
    enum status status;
    bool is_kept; /* what was made stays: it may be all that is left */
};

static bool is_text(const struct plugin_file *file);
static struct str digest_line(struct str name, struct str bytes, struct arena *arena);
static bool write_files(struct putting *putting, const char *folder, struct str text,
                        struct str library);
static bool write_file(struct putting *putting, const char *folder, struct str name,
                       struct str source);
static bool carry_over(struct putting *putting, const char *from, const char *to, struct str inside,
                       int depth);
static bool carry(const char *from, const char *to);
static bool swap(struct putting *putting, const char *made, const char *folder, const char *kept);
static bool move(const char *from, const char *to, unsigned flags);
static bool remove_all(const char *path, struct arena *arena, int depth);
static bool cannot(struct putting *putting, const char *path, const char *what);

/* ---- As a text --------------------------------------------------------------------------------- */

struct str folder_text(const struct plugin *plugin, struct arena *arena)
{
    struct str text;
    struct buf out;

    buf_init(&out, SIZE_MAX / 4);
    for (size_t i = 0; i < plugin->file_count; i++) {
        const struct plugin_file *file = &plugin->files[i];

        pack_add(&out, file->name,
                 is_text(file) ? file->source : digest_line(file->name, file->source, arena));
    }
    text = str_copy(arena, out.len ? buf_view(&out) : STR(""));
    buf_fini(&out);
    return text;
}

size_t folder_text_bytes(const struct plugin *plugin)
{
    size_t bytes = 0;

    for (size_t i = 0; i < plugin->file_count; i++)
        if (is_text(&plugin->files[i]))
            bytes += plugin->files[i].source.len;
    return bytes;
}

bool folder_is_library(struct str name)
{
    return str_ends(name, STR(".so")) && !memchr(name.at, '/', name.len);
}

static bool is_text(const struct plugin_file *file)
{
    if (folder_is_library(file->name))
        return false;
    return !str_starts(file->name, STR("assets/")) ||
           (file->source.len <= LIMIT_SCRIPT_SOURCE && str_is_utf8(file->source) &&
            !memchr(file->source.at, '\0', file->source.len));
}

bool folder_is_by_digest(const struct packed_file *file)
{
    return folder_is_library(file->name) ||
           (str_starts(file->name, STR("assets/")) && str_starts(file->source, STR(BINARY)) &&
            file->source.len == strlen(BINARY) + 65);
}

static struct str digest_line(struct str name, struct str bytes, struct arena *arena)
{
    return str_printf(arena, "%s%.*s\n", folder_is_library(name) ? LIBRARY : BINARY,
                      STR_ARG(native_digest(bytes, arena)));
}

struct str folder_bytes(const char *data, struct str id, const struct packed_file *file,
                        struct str kept, struct arena *arena)
{
    static const char *const places[] = { "", ".quarantined", ".left" };
    bool is_library = folder_is_library(file->name);
    struct str now = STR_NONE;

    if (is_library && !str_is_absent(kept) &&
        str_eq(digest_line(file->name, kept, arena), file->source))
        return kept;
    for (size_t i = 0; data && i < sizeof(places) / sizeof(places[0]); i++) {
        struct str path = str_printf(arena, "%s/plugins/%.*s%s/%.*s", data, STR_ARG(id), places[i],
                                     STR_ARG(file->name));
        struct str bytes = file_read(arena, path.at, LIMIT_NATIVE_LIBRARY);

        if (!str_is_absent(bytes) && str_eq(digest_line(file->name, bytes, arena), file->source))
            return bytes;
        if (str_is_absent(now) && !is_library)
            now = bytes;
    }
    return now;
}

bool folder_is_left(struct str name)
{
    for (size_t i = 0; i < sizeof(lefts) / sizeof(lefts[0]); i++)
        if (str_ends(name, str_from(lefts[i])))
            return true;
    return false;
}

/* ---- As a folder ------------------------------------------------------------------------------- */

enum status folder_put(const char *data, struct str id, struct str text, struct str library,
                       const char *left, struct buf *report)
{
    struct arena arena;
    struct putting putting = { data, id, &arena, report, ST_OK, false };
    const char *plugins, *folder, *made, *kept;
    bool is_put = true;

    arena_init(&arena, MIB(32));
    plugins = str_printf(&arena, "%s/plugins", data).at;
    folder = str_printf(&arena, "%s/%.*s", plugins, STR_ARG(id)).at;
    made = str_printf(&arena, "%s/.%.*s.new", plugins, STR_ARG(id)).at;
    kept = str_printf(&arena, "%s.%s", folder, left).at;
    if (mkdir(plugins, 0700) != 0 && errno != EEXIST)
        is_put = cannot(&putting, plugins, "made");
    if (is_put && !str_is_absent(text)) {
        is_put = remove_all(made, &arena, 0) && mkdir(made, 0700) == 0;
        is_put = is_put || cannot(&putting, made, "made");
        is_put = is_put && write_files(&putting, made, text, library) &&
                 carry_over(&putting, folder, made, STR(""), 0) &&
                 (file_sync_folder(made) || cannot(&putting, made, "synced"));
    }
    is_put = is_put && swap(&putting, str_is_absent(text) ? NULL : made, folder, kept);
    if (!is_put && !putting.is_kept)
        remove_all(made, &arena, 0);
    arena_fini(&arena);
    return putting.status;
}

static bool write_files(struct putting *putting, const char *folder, struct str text,
                        struct str library)
{
    struct arena_mark mark = arena_mark(putting->arena);
    struct packed_file file;

    for (; pack_next(&text, &file); arena_rewind(putting->arena, mark)) {
        if (folder_is_by_digest(&file)) {
            file.source = folder_bytes(putting->data, putting->id, &file, library, putting->arena);
            if (str_is_absent(file.source) && !folder_is_library(file.name))
                continue;
            if (str_is_absent(file.source)) {
                buf_printf(putting->report,
                           "%.*s/%.*s: that build of the library is not there any more\n",
                           STR_ARG(putting->id), STR_ARG(file.name));
                putting->status = ST_UNPROCESSABLE;
                return false;
            }
        }
        if (!write_file(putting, folder, file.name, file.source))
            return false;
    }
    return true;
}

/* Names come of a folder that was read: they lead nowhere else. */
static bool write_file(struct putting *putting, const char *folder, struct str name,
                       struct str source)
{
    const char *path = str_printf(putting->arena, "%s/%.*s", folder, STR_ARG(name)).at;

    for (size_t i = 0; i < name.len; i++) {
        const char *above;

        if (name.at[i] != '/')
            continue;
        above = str_printf(putting->arena, "%s/%.*s", folder, (int)i, name.at).at;
        if (mkdir(above, 0700) != 0 && errno != EEXIST)
            return cannot(putting, above, "made");
    }
    return file_write(path, source, 0600) || cannot(putting, path, "written");
}

/* What no text has: tests, pictures, notes. A folder that is not there has nothing. */
static bool carry_over(struct putting *putting, const char *from, const char *to, struct str inside,
                       int depth)
{
    struct arena *arena = putting->arena;
    DIR *dir = opendir(from);
    bool is_good = true;
    struct dirent *entry;

    while (dir && is_good && (entry = readdir(dir))) {
        const char *source = str_printf(arena, "%s/%s", from, entry->d_name).at;
        const char *target = str_printf(arena, "%s/%s", to, entry->d_name).at;
        struct str name = str_printf(arena, "%.*s%s", STR_ARG(inside), entry->d_name);
        struct stat info;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            lstat(source, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX)
            is_good = (mkdir(target, info.st_mode & 0700) == 0 || errno == EEXIST)
                          ? carry_over(putting, source, target, str_concat(arena, name, STR("/")),
                                       depth + 1)
                          : cannot(putting, target, "made");
        else if (S_ISREG(info.st_mode) && !sources_is_of_plugin(name))
            is_good = carry(source, target) || cannot(putting, target, "made");
    }
    if (dir)
        closedir(dir);
    return is_good;
}

/* The same file under two names, where it can be. */
static bool carry(const char *from, const char *to)
{
    char bytes[16 * 1024];
    ssize_t count = 0;
    int in, out;
    bool is_good;

    if (link(from, to) == 0 || errno == EEXIST)
        return true;
    in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    is_good = out >= 0;
    while (is_good && (count = read(in, bytes, sizeof(bytes))) > 0)
        is_good = file_put(out, str_slice(bytes, (size_t)count));
    is_good = is_good && count == 0 && fsync(out) == 0;
    if (out >= 0)
        close(out);
    if (in >= 0)
        close(in);
    return is_good;
}

/* made NULL: nothing takes the place. A folder that is a link is left as a link. */
static bool swap(struct putting *putting, const char *made, const char *folder, const char *kept)
{
    struct stat info;

    if (lstat(folder, &info) != 0)
        return !made || move(made, folder, 0) || cannot(putting, folder, "put");
    if (!remove_all(kept, putting->arena, 0))
        return cannot(putting, kept, "removed");
    if (made && move(made, folder, RENAME_EXCHANGE)) {
        if (move(made, kept, 0))
            return true;
        cannot(putting, kept, "put");
        /* What lay there is not given up with what was made. */
        putting->is_kept = renameat2(AT_FDCWD, made, AT_FDCWD, folder, RENAME_EXCHANGE) != 0;
        return false;
    }
    if (made && errno != EINVAL && errno != ENOSYS)
        return cannot(putting, folder, "put");
    if (!move(folder, kept, 0))
        return cannot(putting, kept, "put");
    if (!made || move(made, folder, 0))
        return true;
    cannot(putting, folder, "put");
    putting->is_kept = rename(kept, folder) != 0;
    return false;
}

static bool move(const char *from, const char *to, unsigned flags)
{
    if (fault_hits(FAULT_FILE)) {
        errno = EIO;
        return false;
    }
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) != 0)
        return false;
    file_sync_parent(
        to); /* where it cannot be, a power cut leaves the folder of before, as a whole */
    return true;
}

static bool remove_all(const char *path, struct arena *arena, int depth)
{
    struct dirent *entry;
    struct stat info;
    bool is_good = true;
    DIR *dir;

    if (lstat(path, &info) != 0)
        return errno == ENOENT;
    if (!S_ISDIR(info.st_mode))
        return unlink(path) == 0;
    dir = depth < DEPTH_MAX + 2 ? opendir(path) : NULL;
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_good &=
                remove_all(str_printf(arena, "%s/%s", path, entry->d_name).at, arena, depth + 1);
    if (dir)
        closedir(dir);
    return is_good && rmdir(path) == 0;
}

void folder_tell(const char *data, struct str id, const char *left, struct str why)
{
    struct arena arena;

    arena_init(&arena, MIB(1));
    file_write(str_printf(&arena, "%s/plugins/%.*s.%s.txt", data, STR_ARG(id), left).at, why, 0600);
    arena_fini(&arena);
}

static bool cannot(struct putting *putting, const char *path, const char *what)
{
    putting->status = errno == ENOSPC || errno == EDQUOT ? ST_DISK_FULL : ST_UNAVAILABLE;
    buf_printf(putting->report, "%s: cannot be %s: %s\n", path, what, strerror(errno));
    return false;
}

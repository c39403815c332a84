/* Native_pins: which libraries the operator lets run. */
#include "base/config_check.h"
#include "base/file.h"
#include "base/limits.h"
#include "plugin/native.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool check_file(const char *path, struct buf *report);
static bool check_lines(const char *path, struct str text, struct buf *report);
static bool find(struct str pins, char separator, struct str id, struct str digest,
                 struct str *other);

bool native_pins_read(const struct config *config, struct arena *arena, struct native_pins *pins,
                      struct buf *report)
{
    const char *path = config ? config->native_plugins_file : NULL;

    *pins = (struct native_pins){ .given = str_from(config ? config->native_plugins : NULL) };
    if (!path)
        return true;
    if (!check_file(path, report))
        return false;
    pins->file = file_read(arena, path, KIB(64));
    if (str_is_absent(pins->file)) {
        buf_printf(report, "%s: cannot be read: %s\n", path,
                   errno == EFBIG ? "longer than 64 KiB" : strerror(errno));
        return false;
    }
    return check_lines(path, pins->file, report);
}

/* Whoever may write it says what runs inside of the server. */
static bool check_file(const char *path, struct buf *report)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        buf_printf(report, "%s: cannot be read: %s\n", path, strerror(errno));
        return false;
    }
    if ((info.st_uid == 0 || info.st_uid == geteuid()) && !(info.st_mode & 022))
        return true;
    buf_printf(report,
               "%s: others may write it, and so say what code runs here: let it be root's or the "
               "server's, and `chmod go-w` it\n",
               path);
    return false;
}

static bool check_lines(const char *path, struct str text, struct buf *report)
{
    struct str line;
    bool is_good = true;

    for (int number = 1; text.len && str_cut(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (line.len == 0 || line.at[0] == '#' || !check_native_plugins(line))
            continue;
        buf_printf(report, "%s:%d: a line must be ID=SHA-256 in 64 hex digits, or begin with #\n",
                   path, number);
        is_good = false;
    }
    return is_good;
}

struct str native_pins_refuse(const struct native_pins *pins, struct str id, struct str digest,
                              struct arena *arena)
{
    struct str other = STR_NONE;

    if (find(pins->given, ',', id, digest, &other) || find(pins->file, '\n', id, digest, &other))
        return STR_NONE;
    if (str_is_absent(other))
        return str_printf(arena,
                          "it is not pinned, and native plugins run only when the operator says "
                          "which: its SHA-256 is %.*s; to let it run, add to the configuration "
                          "native_plugins = %.*s=%.*s",
                          STR_ARG(digest), STR_ARG(id), STR_ARG(digest));
    return str_printf(arena,
                      "it is pinned to the SHA-256 %.*s, and this file has %.*s: if that is the "
                      "build that shall run, pin it: native_plugins = %.*s=%.*s",
                      STR_ARG(other), STR_ARG(digest), STR_ARG(id), STR_ARG(digest));
}

/* *other: the last pin of that id to something else. */
static bool find(struct str pins, char separator, struct str id, struct str digest,
                 struct str *other)
{
    struct str piece, name;

    while (pins.len && str_cut(&pins, separator, &piece)) {
        struct str rest = str_trim(piece);

        if (rest.len == 0 || rest.at[0] == '#')
            continue;
        if (separator == '\n' && memchr(rest.at, ',', rest.len)) { /* several on a line */
            if (find(rest, ',', id, digest, other))
                return true;
            continue;
        }
        str_cut(&rest, '=', &name);
        if (str_is_absent(rest) || !str_eq(str_trim(name), id))
            continue;
        if (str_eq_nocase(str_trim(rest), digest))
            return true;
        *other = str_trim(rest);
    }
    return false;
}

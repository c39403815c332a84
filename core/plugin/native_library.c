/* Native_library: a file in memory, what is loaded of it, and its table. */
#include "base/check.h"
#include "base/file.h"
#include "base/log.h"
#include "plugin/native_inside.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_BYTES = 64 };

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static int make_file(struct str bytes);
static void path_of(const struct native_library *library, char path[PATH_BYTES]);
static bool is_loaded(const struct native_library *library);
static bool read_table(struct native_library *library, const struct foyer_plugin_table *table,
                       struct arena *arena, struct str *reason);

struct native_library *native_library_new(struct str bytes, struct arena *arena, struct str *reason)
{
    int fd = make_file(bytes);

    if (fd >= 0)
        return native_library_of(fd);
    *reason = str_printf(arena, "no file in memory can be made for it: %s", strerror(errno));
    return NULL;
}

struct native_library *native_library_of(int fd)
{
    struct native_library *library = xcalloc(1, sizeof(*library));

    library->fd = fd;
    return library;
}

/* -1: errno. */
static int make_file(struct str bytes)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create("foyer-plugin", flags | MFD_EXEC), why;

    if (fd < 0 && errno == EINVAL) /* a kernel that has no such flag, and needs none */
        fd = memfd_create("foyer-plugin", flags);
    if (fd < 0)
        return -1;
    if (file_put(fd, bytes) && fcntl(fd, F_ADD_SEALS, seals) == 0)
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

bool native_library_load(struct native_library *library, struct arena *arena, struct str *reason)
{
    const struct foyer_plugin_table *(*give)(void);
    char path[PATH_BYTES];

    path_of(library, path);
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library->handle) {
        const char *why = dlerror();

        *reason = str_printf(arena, "it cannot be loaded: %s", why ? why : "for no known reason");
        return false;
    }
    /* POSIX: what dlsym gives may be a function. */
    *(void **)&give = dlsym(library->handle, "foyer_plugin");
    if (!give) {
        *reason = STR("it does not export foyer_plugin: see foyer/plugin.h");
        return false;
    }
    return read_table(library, give(), arena, reason);
}

static bool read_table(struct native_library *library, const struct foyer_plugin_table *table,
                       struct arena *arena, struct str *reason)
{
    struct foyer_plugin_table *own = &library->table;
    const size_t head = offsetof(struct foyer_plugin_table, open);

    if (!table || table->size < head) {
        *reason = STR("foyer_plugin gives no table, or one whose size is not "
                      "sizeof(struct foyer_plugin_table)");
        return false;
    }
    memcpy(own, table, table->size < sizeof(*own) ? table->size : sizeof(*own));
    if (own->level != FOYER_PLUGIN_LEVEL)
        *reason = str_printf(arena,
                             "it is built for level %u of foyer/plugin.h, and this program has %d: "
                             "build it with the header of this program",
                             own->level, FOYER_PLUGIN_LEVEL);
    else if (own->date > FOYER_PLUGIN_DATE)
        *reason =
            str_printf(arena,
                       "it needs foyer/plugin.h as of %u, and this program has %d: update the "
                       "program, or build it with an older header",
                       own->date, FOYER_PLUGIN_DATE);
    else if (!own->open)
        *reason = STR("its table has no open");
    else
        return true;
    return false;
}

void native_library_free(struct native_library *library)
{
    if (!library)
        return;
    if (library->handle)
        dlclose(library->handle);
    if (is_loaded(library))
        log_warn(STR_NONE, "a native plugin cannot be unloaded: it stays in memory",
                 LOG_N("descriptor", library->fd));
    else
        close(library->fd);
    free(library);
}

/* Of -z nodelete, unique symbols of C++, or thread-local ones in use. The loader goes on knowing it by its path: its
 * descriptor stays open, so that no other library gets that path, and then its code. */
static bool is_loaded(const struct native_library *library)
{
    char path[PATH_BYTES];
    void *handle;

    path_of(library, path);
    handle = dlopen(path, RTLD_NOLOAD | RTLD_LAZY);
    if (!handle)
        return false;
    dlclose(handle);
    return true;
}

static void path_of(const struct native_library *library, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "/proc/self/fd/%d", library->fd);
}

/* Folder tests: the tests/NAME_test.lua of a plugin's folder, one after the other, by name. */
#include "base/file.h"
#include "base/limits.h"
#include "plugin/host.h"
#include "plugin/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEST_FILES_MAX = 256 };

static size_t find(const char *folder, struct arena *arena, struct str *names, struct buf *report);
static int by_name(const void *a, const void *b);

void host_test_folder(struct policy *policy, const char *folder, struct str id,
                      struct testing *testing, struct buf *report)
{
    struct str *names;
    size_t files;
    struct arena arena;

    arena_init(&arena, MIB(64));
    names = arena_array(&arena, struct str, TEST_FILES_MAX);
    files = find(folder, &arena, names, report);
    for (size_t i = 0; i < files; i++) {
        struct str path = str_printf(&arena, "%s/tests/%.*s", folder, STR_ARG(names[i]));
        struct str source = file_read(&arena, path.at, LIMIT_SCRIPT_SOURCE);

        if (str_is_absent(source)) {
            buf_printf(report, "%.*s: cannot be read: %s\n", STR_ARG(path),
                       errno == EFBIG ? "larger than 128 KiB" : strerror(errno));
            testing->failed++;
            continue;
        }
        host_test_plugin(policy, id, path, source, testing, report);
    }
    arena_fini(&arena);
}

static size_t find(const char *folder, struct arena *arena, struct str *names, struct buf *report)
{
    DIR *dir = opendir(str_printf(arena, "%s/tests", folder).at);
    struct dirent *entry;
    size_t count = 0;

    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || !str_ends(str_from(entry->d_name), STR("_test.lua")))
            continue;
        if (count == TEST_FILES_MAX) {
            buf_printf(report, "%s/tests: more than %d files: the others are not run\n", folder,
                       TEST_FILES_MAX);
            break;
        }
        names[count++] = str_copy(arena, str_from(entry->d_name));
    }
    if (dir)
        closedir(dir);
    qsort(names, count, sizeof(*names), by_name);
    return count;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct str *)a)->at, ((const struct str *)b)->at);
}

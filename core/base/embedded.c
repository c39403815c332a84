/* Embedded: finds a built-in file. The table itself is made at build time (core/embed.cmake). */
#include "base/embedded.h"

#include <string.h>

const struct embedded_file *embedded_find(const char *path)
{
    const struct embedded_file *file;

    for (file = embedded_files; file->path; file++)
        if (!strcmp(file->path, path))
            return file;
    return NULL;
}

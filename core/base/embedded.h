/* Embedded: the files that are built into the program, in the order of their paths.
 *
 * core/store/sql/NNNN_reason.sql, scripts/NAME.lua (without their tests), and every file of the
 * bundled plugins, each under its path in the repository. Made by core/embed.cmake at build
 * time. Immutable; any thread.
 */
#ifndef FOYER_BASE_EMBEDDED_H
#define FOYER_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *path; /* "scripts/permissions.lua"; NULL ends the list */
    const char *at;   /* a NUL follows that is not counted */
    size_t len;
};

extern const struct embedded_file embedded_files[];

/* NULL: nothing of that path is built in. */
const struct embedded_file *embedded_find(const char *path);

#endif

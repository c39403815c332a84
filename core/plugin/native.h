/* Native: plugins that are shared libraries (include/foyer/plugin.h), the second runtime beside Lua.
 *
 * The bytes that were pinned are the bytes that run: they are read once, hashed, put into a sealed file in
 * memory, and that is what a child tries and what is loaded then. So a new build at the same path is another
 * library, and the one before stays as it is until the last generation that has it is gone.
 */
#ifndef FOYER_PLUGIN_NATIVE_H
#define FOYER_PLUGIN_NATIVE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/crypto.h"
#include "plugin/generation.h"

extern const struct runtime native_runtime;

/* Of a host: who may be loaded, and who has passed. Under the host's `reloading`. */
enum { NATIVES_TESTED = 32 };
struct natives {
    const struct config *config;
    uint8_t tested[NATIVES_TESTED]
                  [CRYPTO_HASH]; /* passed their self-test in this process, newest last */
    size_t tested_count;
};

/* Pins, self-test and loading of those of `plugins` that are native: plugins[i].native. False: *report has a
 * line for each that is refused, whose native stays NULL. Takes milliseconds, and as long as self-tests take. */
bool natives_load(struct natives *natives, struct plugin *plugins, size_t count,
                  struct arena *arena, struct buf *report);
/* SHA-256 in 64 hex digits, in the arena. */
struct str native_digest(struct str bytes, struct arena *arena);

/* ---- Pins (native_pins.c) ------------------------------------------------------------------------ */

/* Pins stand one after the other, by commas or lines: ID=SHA-256, of one ID as many as may run. */
struct native_pins {
    struct str given; /* setting native_plugins; absent: none */
    struct str file;  /* content of native_plugins_file; absent: none */
};
/* False: the file cannot be used, and *report says why. */
bool native_pins_read(const struct config *config, struct arena *arena, struct native_pins *pins,
                      struct buf *report);
/* Absent: that library may run as that plugin. Else why not, and what to do. */
struct str native_pins_refuse(const struct native_pins *pins, struct str id, struct str digest,
                              struct arena *arena);

/* ---- Libraries (native_library.c) ---------------------------------------------------------------- */

/* A library of its own in memory, whose bytes nobody can change any more. NULL: *reason. */
struct native_library *native_library_new(struct str bytes, struct arena *arena,
                                          struct str *reason);
/* The same of a descriptor, which is taken. */
struct native_library *native_library_of(int fd);
/* Loads it: its constructors run. False: *reason. */
bool native_library_load(struct native_library *library, struct arena *arena, struct str *reason);
/* Unloads it; after every instance was closed. Takes NULL. */
void native_library_free(struct native_library *library);

/* ---- Self-test (native_test.c, native_child.c) --------------------------------------------------- */

/* Loads the library and an instance in a process of its own, and runs its self_test. Absent: it passed. Else why
 * not. */
struct str native_library_test(const struct native_library *library, struct arena *arena);
/* What that process runs, instead of anything else, and its exit code. The library is descriptor
 * NATIVE_CHILD_FD. */
enum { NATIVE_CHILD_FD = 3 };
int native_child(void);
#define NATIVE_CHILD_COMMAND "plugin-selftest"

#endif

/* Scratch: servers for tests of scripts (lua/scratch.h), each by hand: no thread, no socket, a database that is thrown
 * away. What runs is what runs in earnest: the same jobs, writer, handlers and courier, a step of each in turn by
 * whoever calls (the functions that end in _work). What would leave is kept for the test.
 *
 * Time stands still (clock_fix) and is moved by the test, chance is the same each time (crypto_fix): so one process
 * runs one of them at a time, and no thread beside it. For commands alone.
 */
#ifndef FOYER_EXEC_SCRATCH_H
#define FOYER_EXEC_SCRATCH_H

#include "base/config.h"
#include "plugin/host.h"

/* Borrowed until scratch_end. */
struct scratch_options {
    const struct config *config; /* whose scripts and pins of native plugins hold */
    const char *data; /* whose scripts and plugins are there, too; NULL: none. It is not touched */
    const char *temporary; /* a folder that is not there yet: is made when the first test asks */
    bool is_kept;          /* the folder of each test stays in it when that has ended */
    /* What is tested, in place of what has its name: a plugin's folder, or scripts. */
    const char *folder;
    struct str folder_id;
    const struct script_overlay *overlays;
    size_t overlay_count;
};

/* From now on tests have them (scratch_calls). */
void scratch_begin(const struct scratch_options *options);
/* Not any more. What lies in the temporary folder is the caller's to remove. */
void scratch_end(void);

#endif

/* Host state: what host.c and scripts.c share. */
#ifndef FOYER_PLUGIN_HOST_STATE_H
#define FOYER_PLUGIN_HOST_STATE_H

#include "base/thread.h"
#include "plugin/native.h"
#include "plugin/seat.h"
#include "plugin/sources.h"
#include "plugin/watch.h"

#include <stdatomic.h>

/* All files of a generation, and what is made of them. */
#define GENERATION_BYTES MIB(64)
#define REPORT_BYTES     KIB(16)

/* Of the thread with that number. */
struct slot {
    struct seat *seats; /* newest generation first */
    struct decision_ring *decisions;
};

/* A script that kept failing, until it is recorded; malloc'ed. */
struct left_script {
    char *name, *source, *before, *report; /* before NULL: there was none */
};
enum { SCRIPTS_LEFT = 16 };

struct host {
    struct host_options options;
    char *data;
    struct arena arena; /* of known; as long as the host */
    const struct known *known;
    struct slot *slots;
    struct watch *watch;
    struct plugin_cache *cache; /* these have locks of their own */
    struct plugin_figures *figures;
    _Atomic uint64_t number; /* of the current generation; 0: none yet */

    struct mutex reloading; /* one reload, check or change of files at a time; taken first */
    uint64_t signature;     /* of the files, as of the last reading */
    struct natives natives;

    uint64_t looks; /* the watch's: that found a folder of a plugin that is being written */

    _Atomic bool has_failing; /* a trial should end */

    struct mutex lock; /* all below, and the holders of generations */
    struct generation *current;
    struct buf report;
    struct left_script left[SCRIPTS_LEFT];
    size_t left_count;
};

struct sources host_sources(const struct host *host);
/* Reads the files, with the overlays, and makes a generation of them. NULL: *report. */
struct generation *host_load(struct host *host, const struct script_overlay *overlays, size_t count,
                             struct buf *report);
/* The same of the files alone, or the current one, held, where they have not changed. */
struct generation *host_load_changed(struct host *host, struct buf *report);
struct generation *host_load_folder(struct host *host, const char *folder, struct str id,
                                    struct buf *report);
/* The same of what was in force when the server last ran. NULL: nothing is known of it. */
struct generation *host_load_kept(struct host *host);
/* Makes what came from DATA what host_load_kept finds. */
void host_keep(struct host *host, const struct generation *generation);
/* Frees what host_load_changed gave. Takes NULL. */
void host_give_up(struct host *host, struct generation *generation);
/* The current generation, held; NULL: none. Give back with host_drop. */
struct generation *host_hold(struct host *host);
void host_drop(struct host *host, struct generation *generation); /* takes NULL */
/* host_reload with `reloading` held. */
enum status host_reload_locked(struct host *host, struct buf *report);
/* The file of a script that was left goes: another text was put. */
void host_forget_left(const struct host *host, struct str name);
/* DATA/scripts/NAME becomes the text, durably; absent: is taken away. */
enum status host_write_script(const struct host *host, struct str name, struct str source,
                              struct buf *report);

#endif

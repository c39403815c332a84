/* Host: everything that scripts and plugins answer, for the whole process.
 *
 * What is loaded: the shipped scripts (built in, or the folder config->scripts), DATA/scripts/NAME.lua
 * in place of the shipped one of the same name or beside them, the bundled plugins, DATA/plugins/.
 * One consistent set of them is a *generation*. Each thread has a slot, and in it an instance of
 * each generation in use: a sandboxed state for each plugin, made when the thread first asks.
 *
 *   job begins on a loop     policy = host_acquire(host, slot of the loop)
 *   its .write, elsewhere    policy = host_acquire_same(job's policy, slot of the writer)
 *   when each is done        host_release(policy), on the thread that acquired it
 *
 * Reloading checks first (compile, register, order) in a scratch state: a broken script never
 * replaces a working one. Requests in flight keep the generation that they began with.
 * Any thread, own lock, but for what says that it is a slot's.
 */
#ifndef FOYER_PLUGIN_HOST_H
#define FOYER_PLUGIN_HOST_H

#include "base/buf.h"
#include "base/config.h"
#include "base/failure.h"
#include "policy/policy.h"

struct host;
struct router;
struct runtime;

/* A text in place of DATA/scripts/NAME, without being written there; or of the folder DATA/plugins/NAME (folder.h). */
struct script_overlay {
    struct str name;   /* "permissions.lua"; the id of a plugin */
    struct str source; /* absent: as if it were deleted */
    struct str path;   /* for messages; absent: the name */
};

struct host_options {
    const struct config *config;   /* ->scripts; borrowed */
    const char *data;              /* data folder; NULL: shipped scripts alone. Copied */
    const struct runtime *runtime; /* &lua_runtime (lua/engine.h): this folder knows no Lua */
    const struct router *router;   /* whose actions may be registered; borrowed */
    /* For tests of scripts: texts and the folder of a plugin that are there beside, or in place of, what lies in
     * DATA, as host_try and host_try_folder take them; borrowed. Nothing is kept in DATA for a next start. */
    const struct script_overlay *overlays;
    size_t overlay_count;
    const char *folder;
    struct str folder_id;
    bool is_scratch;
    size_t slots; /* threads: slot numbers are 0 … slots - 1 */
    bool watch;   /* a thread looks at DATA every 400 ms and reloads what changed */
};

/* Loads the first generation. ST_OK also when the admin's scripts are broken: then the server stands with
 * every rule failing (503 rule_error), the report is logged and kept, and the first good
 * reload heals it; *host_is_failing tells. ST_UNAVAILABLE: the shipped scripts cannot be read. */
enum status host_open(const struct host_options *options, struct host **host,
                      struct failure *failure, struct arena *arena);
/* After every policy was released. Takes NULL. */
void host_close(struct host *host);
/* What foyer.cache keeps (plugin/cache.h). */
struct plugin_cache;
struct plugin_cache *host_cache(const struct host *host);
/* Of foyer.metrics (plugin/metric.h). */
struct plugin_figures;
struct plugin_figures *host_figures(const struct host *host);

/* ---- Of a slot, on its thread ----------------------------------------------------------------- */

/* The slot's instance of the current generation. Never NULL: one that could not be made answers
 * every question with an error. Costs nothing but a counter when nothing was reloaded. */
struct policy *host_acquire(struct host *host, size_t slot);
/* The slot's instance of the generation that `policy`, which is held meanwhile, belongs to. */
struct policy *host_acquire_same(const struct policy *policy, size_t slot);
/* On the thread of the slot that it was acquired for. Takes NULL. */
void host_release(struct policy *policy);

/* ---- Reloading -------------------------------------------------------------------------------- */

/* Reads everything anew. ST_OK: the new generation is current (or nothing had changed); else it is
 * ST_UNPROCESSABLE, the old one stays, and *report has a line "FILE:LINE: reason" for each
 * fault. report may be NULL; it is logged and kept in any case. Takes milliseconds: not on a loop. */
enum status host_reload(struct host *host, struct buf *report);
/* 1 for the first; grows with each reload that changed something. */
uint64_t host_generation(const struct host *host);
/* No generation could be loaded yet: every rule is an error. */
bool host_is_failing(const struct host *host);
/* What the last reload said; empty when it went well. */
void host_report(struct host *host, struct buf *report);
/* The host that a transaction's policy belongs to, and the generation it is of. */
struct host *host_of(const struct policy *policy);
uint64_t host_generation_of(const struct policy *policy);

/* ---- Scripts that keep failing (trial.h) --------------------------------------------------------- */

/* Where a changed script kept failing, the text before is put back into DATA/scripts and in force, and the
 * one that failed becomes DATA/scripts/NAME.quarantined; of a folder likewise DATA/plugins/ID.quarantined, with the
 * reason in ID.quarantined.txt. The watch does so each time it looks. */
void host_end_trials(struct host *host);
struct script_left {
    struct str name, source;
    struct str before; /* what was put back; absent: nothing of the admin's */
    struct str report; /* why */
};
/* Those that were left, oldest first, copied into the arena, at most `most`; gives how many. They stay until
 * host_left_kept says that the first so many are recorded. */
size_t host_left(struct host *host, struct arena *arena, struct script_left *left, size_t most);
void host_left_kept(struct host *host, size_t count);

/* ---- Decisions -------------------------------------------------------------------------------- */

/* In a write transaction: writes what all rings hold into `decisions`, and gives how many. They
 * stay in the rings until host_decisions_kept, so that a second run writes the same. */
size_t host_flush_decisions(struct host *host, struct tx *tx);
/* After the commit of that transaction. */
void host_decisions_kept(struct host *host);
/* Since start: taken from the rings and lost because one was full. For /metrics. */
uint64_t host_decisions_lost(const struct host *host);

/* ---- Scripts, as api/ and cli/ show them -------------------------------------------------------- */

enum script_origin { SCRIPT_SHIPPED, SCRIPT_CHANGED, SCRIPT_ADDED, SCRIPT_PLUGIN };

struct script_info {
    struct str name;           /* "permissions.lua"; plugins: their id */
    enum script_origin origin; /* CHANGED: the admin's copy takes the place of the shipped one */
    struct str path;    /* as messages name it: "permissions.lua", "DATA/scripts/permissions.lua" */
    struct str source;  /* the text in force; of plugins their entry */
    struct str shipped; /* absent: nothing of that name is shipped */
    struct str
        on_disk; /* what lies in DATA/scripts, refused or not, of a folder its text; absent: nothing */
    struct str report;   /* why what lies on disk is not in force; empty: it is */
    struct str describe; /* first comment line of the source; of plugins their name */
    struct str version;  /* of plugins; absent: a script */
};
/* All of the current generation and of the disk, by name; copied into the arena. */
size_t host_scripts(struct host *host, struct arena *arena, struct script_info **scripts);
bool host_script(struct host *host, struct str name, struct arena *arena,
                 struct script_info *script);
/* What lies in DATA of a script, or of a folder its text (folder.h), copied into the arena; absent: nothing that makes
 * a plugin. */
struct str host_text_on_disk(const struct host *host, struct str id, struct arena *arena);
/* The admin's scripts (CHANGED, ADDED) and folders that are in force: name and source, of folders their text, which
 * lie in what is held: give it back with host_in_force_end. */
struct generation;
struct in_force {
    struct generation *held; /* NULL: nothing is in force */
    uint64_t number;         /* of the generation; 0: none */
    int64_t since;           /* wall time */
    struct script_info *scripts;
    size_t count;
};
void host_in_force(struct host *host, struct arena *arena, struct in_force *in_force);
void host_in_force_end(struct host *host, struct in_force *in_force);
/* Loads what would be in force with that text in place of the script of that name, in a scratch state.
 * ST_UNPROCESSABLE: it has faults, which stand in *report. ST_OK: it has none; lines in *report are
 * about others, that keep everything new from being loaded. Takes milliseconds. name: letters,
 * digits, '_', '-', ".lua". */
enum status host_check(struct host *host, struct str name, struct str source, struct buf *report);
bool host_is_script_name(struct str name);
/* The same of a plugin's folder (DATA/plugins/ID), whose text folder.h makes; absent: as if it were not there. */
enum status host_check_folder(struct host *host, struct str id, struct str text,
                              struct buf *report);
/* The same with several, and gives a policy of it for this thread, beside all slots, that records no
 * decisions: for tests of scripts. NULL: *report. Free with host_try_end, before the host. */
struct policy *host_try(struct host *host, const struct script_overlay *overlays, size_t count,
                        struct buf *report);
void host_try_end(struct policy *policy); /* takes NULL */
/* The same with the folder of a plugin, as if it lay in DATA/plugins/ID. */
struct policy *host_try_folder(struct host *host, const char *folder, struct str id,
                               struct buf *report);
/* The same of the generation that `policy` is of, while that is held: answers as it does, and neither
 * records nor logs. Free with host_beside_end. */
struct policy *host_beside(const struct policy *policy);
void host_beside_end(struct policy *beside);
/* What a script registered in that generation: "rule client.delete (house_rules.lua:5)", a line each. */
void host_registered(const struct policy *policy, struct str name, struct buf *out);
/* DATA/scripts/STEM_test.lua of STEM.lua, in the arena; absent: there is none. */
struct str host_test_of(const struct host *host, struct str name, struct arena *arena);
/* Those in force in the generation that `policy` is of, in the order of loading; good while it is held. */
struct plugin;
const struct plugin *host_plugins(const struct policy *policy, size_t *count);
const struct plugin *host_plugin(const struct policy *policy, struct str id); /* NULL: none such */
/* For people: the manifest's name, or the first line of the comment that the file begins with. Borrows. */
struct str plugin_name(const struct plugin *plugin);
/* Runs a file of tests against it: a line in *report for each failure; adds to *testing (runtime.h). */
struct testing;
void host_test(struct policy *policy, struct str path, struct str source, struct testing *testing,
               struct buf *report);
/* All tests/NAME_test.lua of a plugin's folder; where there is none, none fails. */
void host_test_folder(struct policy *policy, const char *folder, struct str id,
                      struct testing *testing, struct buf *report);
/* As host_test, of a plugin's tests, which may require what the plugin does. */
void host_test_plugin(struct policy *policy, struct str id, struct str path, struct str source,
                      struct testing *testing, struct buf *report);
/* Puts the text into DATA/scripts (absent source: takes it away, so that the shipped one is in force
 * again), durably, and reloads; name is the id of a plugin: its folder, what lay there being kept as ID.left. ST_OK; ST_UNPROCESSABLE: as host_check, nothing is changed;
 * ST_CONFLICT: it lies there, and others that have faults keep it from being loaded;
 * ST_UNAVAILABLE, ST_DISK_FULL: it cannot be written. */
enum status host_put(struct host *host, struct str name, struct str source, struct buf *report);

#endif

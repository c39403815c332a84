/* Generation: one consistent set of plugins, checked, and its table of hooks.
 *
 * Immutable once made. Counted: the host holds the current one, each seat (a thread's instances of
 * it) holds its own. Any thread may look at it; the count is the host's, under its lock.
 */
#ifndef FOYER_PLUGIN_GENERATION_H
#define FOYER_PLUGIN_GENERATION_H

#include "base/arena.h"
#include "base/digest.h"
#include "plugin/host.h"
#include "plugin/known.h"
#include "plugin/manifest.h"
#include "plugin/runtime.h"

enum { PLUGINS_MAX = 200, PLUGIN_FILES_MAX = 256 };

struct plugin_file {
    struct str name; /* as scripts ask for it: "lib/x.lua", "templates/invite.en.html" */
    struct str path; /* for messages: "portal/lib/x.lua" */
    struct str source;
    struct str tag; /* of what browsers fetch: a digest of it, in hexadecimal digits; else absent */
};

struct plugin {
    struct str id;     /* "permissions.lua"; of folders the manifest's */
    struct str name;   /* as `after` and `before` name it: id without ".lua" */
    struct str path;   /* of its entry, for messages */
    struct str source; /* of a native one: a line with its digest */
    struct str text;   /* what a revision has of it: source; of folders in DATA folder.h */
    bool is_from_data;
    struct str library;            /* of a native one: the bytes; else absent */
    struct native_library *native; /* loaded, the generation's; NULL: is none, or refused */
    const struct runtime *runtime; /* set when it is loaded */
    struct str shipped;            /* what the admin's copy takes the place of; absent: nothing */
    enum script_origin origin;
    const struct manifest *manifest; /* NULL: a script of one file */
    const struct manifest *header;   /* what such a one said by foyer.plugin; NULL: nothing */
    struct plugin_file *files;
    size_t file_count;
    /* What its entry registered when it was checked; the numbers of functions are indexes. */
    const struct registration *registrations;
    size_t registration_count;
    const struct plugin_setting *settings; /* that it declared */
    size_t setting_count;
    const struct plugin_metric *metrics; /* that it declared */
    size_t metric_count;
    uint64_t edition;   /* another one where its text is another one */
    size_t first_tally; /* tally.h: place of its first function */
    struct str always;  /* why no workspace may disable it; absent: each may */
};

/* Its plugin.json, or its header; NULL: a script that says nothing of itself. */
const struct manifest *plugin_says(const struct plugin *plugin);

struct router;
struct trial;
struct tally;

/* A function in a hook. */
struct hook_function {
    size_t plugin, function;
    struct str where;
    struct str name; /* for people: the given name, or the plugin's */
    struct str describe;
};

struct hook {
    enum hook_kind kind;
    struct str subject;
    struct hook_function *functions; /* in the order in which they are asked */
    size_t count;
};

struct generation {
    uint64_t number;
    int64_t since;    /* when it became current; wall time */
    unsigned holders; /* under the host's lock */
    struct host *host;
    const struct runtime *runtime; /* of scripts, and of tests */
    const struct known *known;
    struct arena arena;
    struct plugin *plugins;
    size_t plugin_count;
    struct hook *hooks;     /* open addressing by kind and subject; subject absent: free */
    size_t hook_slots;      /* a power of two */
    struct router *router;  /* of the plugins' routes (routes.h); NULL: there are none */
    uint8_t digest[DIGEST]; /* of all names and sources */
    struct str pack;        /* what came from DATA (sources.h) */
    struct trial *trials;   /* of the plugins; since it became current */
    struct tally *tallies;  /* tally_slots times tally_count; since then, too */
    size_t tally_slots, tally_count;
};

/* Loads and orders `plugins`, which lie in the arena, that becomes the generation's (taken with the libraries,
 * also on failure). NULL: *report has a line a fault. */
struct generation *generation_new(const struct runtime *runtime, const struct known *known,
                                  struct arena *arena, struct plugin *plugins, size_t count,
                                  struct buf *report);
void generation_free(struct generation *generation); /* takes NULL */
/* What the arena that they lie in does not hold. */
void plugins_free(struct plugin *plugins, size_t count);
/* What plugins of one digest make answers the same. */
void plugins_digest(const struct plugin *plugins, size_t count, uint8_t digest[DIGEST]);

/* NULL: nobody registered for it. */
const struct hook *generation_hook(const struct generation *generation, enum hook_kind kind,
                                   struct str subject);

/* Orders the functions of one hook by stage, after, before, plugin, registering. False: *report says
 * which names make a cycle or are nobody's. registrations[i] belongs to functions[i]. */
bool hook_order(struct hook *hook, const struct registration *const *registrations,
                const struct plugin *plugins, struct arena *arena, struct buf *report);

#endif

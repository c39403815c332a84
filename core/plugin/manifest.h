/* Manifest: plugin.json, what a folder says of the plugin in it.
 *
 *   { "id": "portal", "name": "Portal", "version": "1.0.0", "api": 1, "entry": "main.lua",
 *     "provides": { "render": ["page.home"] }, "capabilities": [], "requires": ["dashboard"],
 *     "order": { "after": ["permissions"], "before": [] }, "settings": { … }, "always": false }
 *
 * A script of one file says the same in its first lines, by foyer.plugin { name = …, capabilities = { … } }: all
 * of it may be left out there, id, entry and settings do not stand there, and what it provides is held to
 * only where it says so. Immutable; lies in its generation's arena.
 */
#ifndef FOYER_PLUGIN_MANIFEST_H
#define FOYER_PLUGIN_MANIFEST_H

#include "base/field.h"
#include "plugin/runtime.h"

struct arena;
struct buf;

enum { MANIFEST_API = 1 }; /* newest level that this program has */

struct manifest {
    struct str id;   /* letters, digits, '-' and '_'; as its folder */
    struct str name; /* for people */
    struct str version;
    struct str entry; /* "main.lua"; "hello.so": it is native */
    struct texts provides[HOOK_KINDS];
    struct texts
        capabilities; /* "api", "cache", "events", "kv", "http", "mail", "metrics", and permissions of its handlers: "view_clients" */
    struct texts hosts;    /* that "http" reaches: "api.example.com", "*.example.com", "*" */
    struct texts requires; /* ids of plugins that must be there */
    struct texts after, before;
    struct str text;     /* the file itself */
    struct str settings; /* JSON object, as foyer.settings takes it; absent: none */
    const struct plugin_setting *declared; /* the same, read; by name */
    size_t declared_count;
    bool is_always_on;   /* no workspace may disable it */
    bool has_provides;   /* false: a header that does not say */
    struct str describe; /* of headers; absent: it does not say */
};

/* Reads the text of a plugin.json. NULL: *report has a line "path:LINE: reason" a fault. */
struct manifest *manifest_read(struct str path, struct str text, struct str folder,
                               struct arena *arena, struct buf *report);
/* The same of what foyer.plugin was given, as JSON. NULL: *report has a line "reason" a fault. */
struct manifest *manifest_read_header(struct str json, struct arena *arena, struct buf *report);
/* Does it provide that? */
bool manifest_provides(const struct manifest *manifest, enum hook_kind kind, struct str subject);

#endif

/* Sources: which files make a generation, read from the program and from disk.
 *
 *   built in     scripts/NAME.lua, scripts/lib/…, scripts/templates/…     plugins/ID/plugin.json …
 *   config       its folder `scripts` takes the place of the built-in scripts
 *   DATA         scripts/NAME.lua in place of the shipped one or beside; plugins/ID/ likewise
 *
 * Names that begin with a dot are nobody's (editors leave such files), NAME_test.lua is for tests; of a plugin's
 * folder itself NAME.so is read, too (native.h).
 */
#ifndef FOYER_PLUGIN_SOURCES_H
#define FOYER_PLUGIN_SOURCES_H

#include "plugin/generation.h"

enum { SOURCES_DEPTH = 4 }; /* of folders */

struct sources {
    const char *scripts;                   /* config->scripts; NULL: built in */
    const char *data;                      /* NULL: none */
    const char *pins;                      /* config->native_plugins_file; NULL: none */
    const struct script_overlay *overlays; /* for checks */
    size_t overlay_count;
    const char *folder; /* of a plugin, in place of the one of that id or beside; NULL: none */
    struct str folder_id;
    struct str
        pack; /* in place of the files of DATA: what pack_make made of them; absent: the files */
};

/* Reads all into the arena; *pack is what came from DATA, as one text. False: *report has a line a fault (what cannot be read, names, manifests). */
bool sources_read(const struct sources *sources, struct arena *arena, struct plugin **plugins,
                  size_t *count, struct str *pack, struct buf *report);

/* A number that changes when a file under DATA/scripts or DATA/plugins changes, or the pins: names, sizes, times,
 * inodes. Reads no content. */
uint64_t sources_signature(const struct sources *sources);

/* Whether nothing below DATA/plugins was written within the last SETTLED_MS: who copies a folder writes one file
 * after the other, and half of it must not be taken for the whole. A name that is changed (a folder renamed into its
 * place) is no writing. */
enum { SETTLED_MS = 800 };
bool sources_are_settled(const struct sources *sources);

/* The same of one folder, tests included. */
uint64_t sources_folder_signature(const char *folder);

/* Whether a file of that name is read: pictures and the like are not for scripts; tests are read by who runs them. */
bool sources_is_wanted(struct str name);
/* Whether a plugin is loaded of a file of that name in its folder ("lib/x.lua"). */
bool sources_is_of_plugin(struct str name);

/* Letters, digits, '_' and '-', then ".lua"; no test. */
bool sources_is_script_name(struct str name);
/* Letters, digits, '_' and '-': the id of a plugin, and the name of its folder. */
bool sources_is_plugin_id(struct str name);

#endif

/* Routes: the addresses of plugins, /p/PLUGIN/…, as rows of the same kind as those of the API.
 *
 * A generation has a router of its own for them, made when it is loaded: a request that found its row there
 * holds the generation as long as it runs. Who may ask is said by the row as anywhere: an action that rules
 * answer, its plugin's own or one of Foyer's, or a reason why nobody is asked. Immutable; any thread.
 */
#ifndef FOYER_PLUGIN_ROUTES_H
#define FOYER_PLUGIN_ROUTES_H

#include "http/route.h"
#include "plugin/handler.h"

/* What a row of routes_of is the first member of; in its generation's arena. */
struct plugin_route {
    struct route rows[2]; /* the second one ends the table */
    struct handler handler;
    const struct registration *registration;
    bool has_settings; /* the plugin: then what a workspace has set is read for it */
    const struct plugin *plugin;
};
const struct plugin_route *plugin_route_of(const struct route *row);

/* Makes generation->router. False: *report has a line a fault. */
bool routes_compile(struct generation *generation, struct buf *report);
/* Of the generation that the policy is of; NULL: there are none. */
const struct router *routes_of(const struct policy *policy);
/* "/p/" begins all of them. */
bool routes_has(struct str path);

/* ---- assets.c: files of plugins, at /p/PLUGIN/assets/… ---- */

/* The media type of a name; NULL: no browser is given such a file. */
const char *asset_type(struct str name);
struct str asset_tag(struct str content, struct arena *arena);
bool asset_is_one(const struct plugin_file *file);
/* "/p/crm/assets/crm.css?v=0a1b…": for ever the same bytes. Absent: the plugin has no such file. */
struct str asset_path(const struct plugin *plugin, struct str name, struct arena *arena);
/* The row for all of them; its handler is that of the plugin at that place. */
void asset_fill(struct route *row, struct str own, struct arena *arena);

/* ---- navigation.c ---- */

/* Appends [{"label":…,"href":…}] of the pages that tx->actor may open, in the order of the plugins. Asks rules
 * without a record; one that fails is left out. */
void navigation_write(struct tx *tx, struct buf *out);

/* ---- routes.c ---- */

/* Where two paths are the same but for the names of their parameters. */
bool routes_are_same(struct str path, struct str other);
/* Absent: the path may stand; else why not, for its author. */
struct str routes_path_fault(struct str path, struct arena *arena);
void routes_copy_terms(struct route_terms *terms, struct arena *arena);

#endif

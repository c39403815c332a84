/* Layers: the files of all plugins, shipped ones with the admin's in their places. Between sources.c,
 * which reads them, and layers.c, which makes plugins of them.
 */
#ifndef FOYER_PLUGIN_LAYERS_H
#define FOYER_PLUGIN_LAYERS_H

#include "plugin/generation.h"

struct layer_file {
    struct str name;    /* "scripts/permissions.lua", "plugins/portal/lib/x.lua" */
    struct str source;  /* what is in force */
    struct str shipped; /* absent: nothing of that name is shipped */
    struct str path;    /* for messages; absent: as its name says */
    bool is_from_data;
};

struct layers {
    struct arena *arena;
    struct buf *report;
    struct layer_file *at; /* in the end by name */
    size_t count;
    bool origin_is_data; /* what is added now comes from DATA */
};

/* False: *report says what is wrong. */
bool layers_make_plugins(const struct layers *layers, struct plugin **plugins, size_t *count);

#endif

/* Planted: promises to plugin authors are plain C11. */
#ifndef FOYER_PLUGIN_H
#define FOYER_PLUGIN_H

int plugin_size(typeof(int) size);

#endif

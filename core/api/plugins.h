/* Plugins: what is loaded, and loading it anew. */
#ifndef FOYER_API_PLUGINS_H
#define FOYER_API_PLUGINS_H

#include "base/field.h"
#include "http/route.h"

extern const struct route plugin_routes[];

#endif

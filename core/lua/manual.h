/* Manual: the API of scripts as a page, out of the same tables as the checks and the editor's stubs. */
#ifndef FOYER_LUA_MANUAL_H
#define FOYER_LUA_MANUAL_H

#include "base/buf.h"

struct router;

/* HTML: functions by group with where they may be called and an example each, what objects have, and the
 * names of the router's actions, entities and texts that functions may be registered for. */
void manual_write(const struct router *router, struct buf *out);

#endif

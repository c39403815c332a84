/* Docs: the descriptions of the APIs as pages, readable without a script of ours. */
#ifndef FOYER_API_DOCS_H
#define FOYER_API_DOCS_H

#include "http/route.h"

extern const struct route docs_routes[];

/* What writes the manual of scripts (HTML of a page's middle) and the stubs of editors: the API does not
 * know Lua. Set once, before serving; NULL: those pages are not there. */
typedef void docs_writer(const struct router *router, struct buf *out);
void docs_set(const struct router *router, docs_writer *manual, docs_writer *stubs);

#endif

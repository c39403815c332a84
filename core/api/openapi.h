/* Openapi: the description of the API, made from the route table and the field tables alone. */
#ifndef FOYER_API_OPENAPI_H
#define FOYER_API_OPENAPI_H

#include "http/route.h"

extern const struct route openapi_routes[];

/* Writes the OpenAPI 3.1 document of the router's rows, and of those of plugins (NULL: none). For the route and
 * for `foyer openapi`. */
void openapi_write(const struct router *router, const struct router *plugins, struct buf *out);
/* The router that GET /openapi.json describes: set once, before serving. */
void openapi_set_router(const struct router *router);

#endif

/* Routes: the list of all tables of routes. A new resource is a line in routes.c. */
#ifndef FOYER_API_ROUTES_H
#define FOYER_API_ROUTES_H

#include "http/route.h"

/* Ends with NULL. */
extern const struct route *const api_routes[];

#endif

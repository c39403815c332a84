/* Visit: what the function of a route is given, made of a request: checked by the schemas of the route.
 *
 * No Lua in it: the loops' requests and those of tests go through the same.
 */
#ifndef FOYER_LUA_VISIT_H
#define FOYER_LUA_VISIT_H

#include "plugin/routes.h"

struct failure;

/* Makes the table `request` of scripts, in the arena; borrows what the request holds. ST_OK; ST_INVALID with
 * all that does not fit; ST_NO_MEMORY. */
enum status visit_request(const struct request *rq, struct arena *arena, struct value *given,
                          struct failure *failure);

/* The same of what a command is given: a JSON object of texts and arrays of them; absent: nothing. schema may be
 * NULL. */
enum status visit_arguments(const struct value *schema, struct str json, struct arena *arena,
                            struct value *given, struct failure *failure);

#endif

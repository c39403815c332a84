/* Exec_walks: routes that read for as long as they are told, and say on which thread they did.
 *
 *   GET /v1/walk?steps=N        an ordinary read; sums 1 … N
 *   GET /v1/export?steps=N      the same, with ROUTE_SLOW
 *   GET /v1/walks               a list; walks 20,000 steps where `name=long` is asked for, never ends
 *                               with `name=endless`
 *   GET /v1/held                ROUTE_SLOW; waits until exec_walks_release
 *   POST /v1/revoke             takes away the key that it came with
 */
#ifndef FOYER_TESTS_EXEC_WALKS_H
#define FOYER_TESTS_EXEC_WALKS_H

#include "http/route.h"

extern const struct route exec_walk_routes[];

/* How often a .read of these began. */
int exec_walks_begun(void);
/* Lets go of what is held, and of what will be. */
void exec_walks_release(void);

#endif

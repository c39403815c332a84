/* Dispatch: the API from inside (route_dispatcher of http/route.h). */
#ifndef FOYER_EXEC_DISPATCH_H
#define FOYER_EXEC_DISPATCH_H

struct router;

/* Sets route_dispatcher; once, before threads. */
void dispatch_start(const struct router *router);

#endif

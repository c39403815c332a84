/* Permissions: what each permission is called, and what it gives. */
#ifndef FOYER_API_PERMISSIONS_H
#define FOYER_API_PERMISSIONS_H

#include "http/route.h"
#include "store/actor.h"

extern const struct route permission_routes[];

struct permission_help {
    const char *group, *help;
};
extern const struct permission_help permission_help[PERMISSION_COUNT];

#endif

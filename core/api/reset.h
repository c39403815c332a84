/* Reset: passwords that are forgotten, reset and changed; sign-in and sign-out by JSON. */
#ifndef FOYER_API_RESET_H
#define FOYER_API_RESET_H

#include "http/route.h"

extern const struct route reset_routes[];
extern const struct route auth_routes[];

#endif

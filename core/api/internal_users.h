/* Internal users: the field table of staff. */
#ifndef FOYER_API_INTERNAL_USERS_H
#define FOYER_API_INTERNAL_USERS_H

#include "base/field.h"
#include "http/route.h"
#include "store/staff.h"

extern const struct entity internal_user_entity;
extern const struct route internal_user_routes[];

#endif

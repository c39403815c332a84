/* Roles: the field table of roles. */
#ifndef FOYER_API_ROLES_H
#define FOYER_API_ROLES_H

#include "base/field.h"
#include "http/route.h"
#include "store/role.h"

extern const struct entity role_entity;
extern const struct route role_routes[];

#endif

/* Policies: what rules decided, and why. */
#ifndef FOYER_API_POLICIES_H
#define FOYER_API_POLICIES_H

#include "base/field.h"
#include "http/route.h"

extern const struct entity decision_entity;
extern const struct route policy_routes[];

#endif

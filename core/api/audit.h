/* Audit: who did what, when, from where. */
#ifndef FOYER_API_AUDIT_H
#define FOYER_API_AUDIT_H

#include "base/field.h"
#include "http/route.h"

extern const struct entity audit_entity;
extern const struct route audit_routes[];

#endif

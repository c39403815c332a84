/* Custom fields: the definitions of the fields that a workspace adds. */
#ifndef FOYER_API_CUSTOM_FIELDS_H
#define FOYER_API_CUSTOM_FIELDS_H

#include "base/field.h"
#include "http/route.h"

extern const struct entity custom_field_entity;
extern const struct route custom_field_routes[];
extern const struct route custom_option_routes[];

#endif

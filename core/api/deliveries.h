/* Deliveries: what became of events at the handlers of scripts, and replaying them. */
#ifndef FOYER_API_DELIVERIES_H
#define FOYER_API_DELIVERIES_H

#include "http/route.h"

extern const struct entity delivery_entity;
extern const struct route delivery_routes[];

#endif

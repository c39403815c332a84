/* Deliveries: what became of events at the handlers of scripts, and replaying them. */
#ifndef FOYER_API_DELIVERIES_H
#define FOYER_API_DELIVERIES_H

#include "http/route.h"
#include "store/delivery.h"

extern const struct entity delivery_entity;
extern const struct route delivery_routes[];

/* Fills in is_paused. */
void delivery_show(struct tx *tx, struct delivery *delivery);

#endif

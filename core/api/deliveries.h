/* Deliveries: what became of events at the handlers of scripts, and replaying them. */
#ifndef FOYER_API_DELIVERIES_H
#define FOYER_API_DELIVERIES_H

#include "http/route.h"
#include "store/delivery.h"

extern const struct entity delivery_entity;
extern const struct route delivery_routes[];

/* Answers the page of those that the list wants. */
enum status delivery_reply_list(struct tx *tx, const struct request *rq, const struct list *wanted,
                                struct reply *rp);
/* Fills in is_paused. */
void delivery_show(struct tx *tx, struct delivery *delivery);

#endif

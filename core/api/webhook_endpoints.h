/* Webhook endpoints: the field table, and what an endpoint may be. */
#ifndef FOYER_API_WEBHOOK_ENDPOINTS_H
#define FOYER_API_WEBHOOK_ENDPOINTS_H

#include "base/field.h"
#include "http/route.h"
#include "store/webhook_endpoint.h"

extern const struct entity webhook_endpoint_entity;
extern const struct route webhook_endpoint_routes[];
extern const struct route webhook_log_routes[];   /* webhook_log.c */
extern const struct route webhook_event_routes[]; /* webhook_events.c */

/* The endpoint of the path, as far as it is seen. */
route_target webhook_target;

/* Fail tx at the field (webhook_check.c): a URL that nothing could be sent to, an event that never happens. */
void webhook_check_url(struct tx *tx, struct str url);
void webhook_check_events(struct tx *tx, struct texts wanted);
/* Whose events begin so: Foyer's own, those of a plugin in force. */
bool webhook_is_foyers(struct str kind);
bool webhook_is_plugins(struct tx *tx, struct str kind);
/* Event (unless NULL) and audit entry of a change. */
enum status webhook_record(struct tx *tx, const char *event, const char *action,
                           const struct webhook_endpoint *before,
                           const struct webhook_endpoint *after);

#endif

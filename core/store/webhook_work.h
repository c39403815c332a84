/* Webhook work: from an event to what endpoints have answered.
 *
 * What an endpoint is to be told is a delivery (store/delivery.h) to whoever listens to `webhook.due`, with
 * "endpoint:ID" for its handler: so each endpoint has its own queue, in which events of one thing come in their
 * order, and an event that no endpoint wants leaves no row. Those of a paused endpoint wait for 14 days.
 */
#ifndef FOYER_STORE_WEBHOOK_WORK_H
#define FOYER_STORE_WEBHOOK_WORK_H

#include "store/delivery.h"
#include "store/webhook_endpoint.h"

#define WEBHOOK_DUE  "webhook.due"
#define WEBHOOK_TEST "webhook.test" /* for the endpoint alone that it was made for; tried once */

enum { WEBHOOK_DAYS = 14, WEBHOOK_ANSWER = 1000, WEBHOOK_SLOW_MS = 1000 };

/* "endpoint:ID" and back. False: it is a handler of another kind. */
struct str webhook_handler(struct arena *arena, struct uuid id);
bool webhook_handler_id(struct str handler, struct uuid *id);
/* Of any workspace. */
bool webhook_has_endpoints(struct tx *tx);

/* The delivery that tries out an endpoint; it is due now, also while the endpoint is paused. ST_UNPROCESSABLE
 * no_webhook_plugin: nobody listens to webhook.due, or the workspace has switched it off. */
enum status webhook_test(struct tx *tx, const struct webhook_endpoint *endpoint, struct str payload,
                         struct delivery *delivery);
/* Those that failed for good since then, eldest first, at most `most`; in the arena. */
enum status webhook_dead(struct tx *tx, const struct webhook_endpoint *endpoint, int64_t since,
                         size_t most, struct ids *ids);

/* ---- For the writer ------------------------------------------------------------------------------- */

/* Makes the deliveries of the events after `from`, up to `to`, for the endpoints that want them. */
void webhook_fan_out(struct tx *tx, int64_t workspace, int64_t from, int64_t to);
/* Of what happened since, as far as that was fanned out, for a plugin that delivers only now. */
void webhook_catch_up(struct tx *tx, struct str plugin, int64_t since);
/* What waits for an endpoint that is gone goes; what waited too long is dead. At most `most` of each; how many. */
size_t webhook_sweep(struct tx *tx, size_t most);

/* ---- For whoever runs handlers ------------------------------------------------------------------- */

/* The next endpoint of all workspaces, after `handler` ("": the first), that a plugin owes something. */
struct webhook_turn {
    struct str handler;
    bool is_paused; /* tests alone are sent; or it is gone */
    bool
        is_slow; /* or fails, or is not known yet: one at a time, so that others are not kept waiting */
};
bool webhook_next(struct tx *tx, struct str plugin, struct str handler, struct webhook_turn *turn);
/* Without failing: it may be gone. */
bool webhook_endpoint_find(struct tx *tx, int64_t workspace, struct uuid id,
                           struct webhook_endpoint *endpoint);

/* What became of a try, for the log and for the endpoint. error absent: it was taken. */
struct webhook_attempt {
    int64_t seq;
    struct uuid delivery_id;
    struct str event;
    int64_t event_seq;
    int64_t at, took_ms;
    int64_t status; /* HTTP; 0: there was no answer */
    struct str answer, error;
    int delivery_status;
    int64_t due_at;
};
void webhook_attempted(struct tx *tx, const struct delivery *delivery,
                       const struct webhook_attempt *attempt);

extern const struct list_columns webhook_attempt_columns;
/* Asks for those of one endpoint. */
void webhook_attempt_of(struct list *list, const struct webhook_endpoint *endpoint);
enum status webhook_attempt_list(struct tx *tx, const struct list *list,
                                 struct webhook_attempt **attempts, size_t *count);

#endif

/* Delivery: an event for one handler of scripts, from the commit to the handler's end.
 *
 *   queued ─▶ done         the handler has returned
 *     │  ▲
 *     ▼  │                 it raised an error, took too long …: again after 1 m, 5 m, 30 m, 2 h, 6 h, 12 h, 12 h
 *   failed ─▶ done
 *     └─────▶ dead         given up after 8 tries: in about a day and a half
 *
 * Made by the writer after the commit of the event, for the handlers that were in force then: an event that
 * nobody listens to costs nothing. Of one handler and one thing (the event's entity) the deliveries have
 * their turns in the order of the events: a later one waits until the earlier is done or dead. Those of
 * handlers that are not there now wait, and go on when they are back; after 30 days they are dead. Done ones
 * are kept for 7 days, dead ones for 30; replaying begins anew. Their events stay as long.
 */
#ifndef FOYER_STORE_DELIVERY_H
#define FOYER_STORE_DELIVERY_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

enum delivery_status { DELIVERY_QUEUED, DELIVERY_FAILED, DELIVERY_DONE, DELIVERY_DEAD };

enum { DELIVERY_TRIES = 8, DELIVERY_DEPTH = 8 };

struct delivery {
    int64_t seq;
    int64_t workspace;
    struct uuid id;
    struct str plugin, handler;
    struct str event;
    int64_t event_seq;
    struct str entity;
    struct uuid key;
    int64_t depth;
    int status; /* enum delivery_status */
    int64_t attempts, due_at;
    struct str error_message, error_where, request_id;
    int64_t created_at, tried_at, ended_at;
    bool is_paused; /* filled in by api: its handler is not there */
};

/* Who listens to what; texts borrowed. */
struct listener {
    struct str plugin, name, event;
    bool is_paused; /* an endpoint of webhooks: tests alone are due */
};

extern const struct list_columns delivery_columns;

/* ---- For requests ------------------------------------------------------------------------------ */

enum status delivery_load(struct tx *tx, struct uuid id, struct delivery *delivery);
enum status delivery_list(struct tx *tx, const struct list *list, struct delivery **deliveries,
                          size_t *count);
/* Its turn is now, or next after the one that has it, and all tries are before it again. What a dead one had
 * changed is not changed again; one that was done is done anew. */
enum status delivery_replay(struct tx *tx, struct delivery *delivery);

/* ---- For the writer (delivery_fan.c) ------------------------------------------------------------- */

/* Whether anybody listens, as of when the server last looked at scripts: handlers, or endpoints of webhooks. */
bool delivery_has_listeners(struct tx *tx);
/* Makes the deliveries of the next events, up to `most` of them, for those who listen. Gives how many events;
 * less than `most`: there are no more. */
size_t delivery_fan_out(struct tx *tx, size_t most);
/* Before the first that listens: what happened before is not for it. */
void delivery_listens(struct tx *tx);
/* After everything was fanned out: those who listen from `since` on. Who is new gets what happened since. */
void delivery_follow(struct tx *tx, const struct listener *listeners, size_t count, int64_t since);
/* Chore: what was kept long enough goes, at most 500 rows of each kind. */
size_t delivery_sweep(struct tx *tx);

/* ---- For whoever runs handlers (delivery_work.c) ------------------------------------------------- */

/* Those of a handler whose turn it is and that are due, the one that waited longest first, in all
 * workspaces; where there is none or more than `most`, *next is when the next one is due (0: unknown). */
enum status delivery_due(struct tx *tx, const struct listener *listener, size_t most,
                         struct delivery **deliveries, size_t *count, int64_t *next);

struct delivered_event {
    struct uuid workspace_id;
    struct str actor_kind, payload, request_id;
    struct uuid actor_id;
    int64_t created_at;
};
enum status delivery_event(struct tx *tx, const struct delivery *delivery,
                           struct delivered_event *event);

/* What became of a try. error NULL: it is done; else it is tried again, or dead. False: it was over, or
 * replayed, meanwhile: that stands. */
struct delivery_error {
    struct str message, where;
    int64_t
        not_before; /* whoever was asked wants to be left alone until then; 0: he said nothing */
};
bool delivery_judge(struct tx *tx, struct delivery *delivery, const struct delivery_error *error);

/* What a call of an earlier try was answered. False: it was not made. */
struct delivery_step {
    int64_t number;
    uint8_t call_hash[32];
    int status;
    struct str answer; /* absent: not kept */
};
bool delivery_step_find(struct tx *tx, const struct delivery *delivery, struct delivery_step *step);
void delivery_step_keep(struct tx *tx, const struct delivery *delivery,
                        const struct delivery_step *step);

#endif

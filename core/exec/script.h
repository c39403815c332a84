/* Script: the thread on which handlers of events run, and routes of scripts.
 *
 * It takes the deliveries whose turn it is (store/delivery.h), those of one handler and one thing one after
 * the other, and runs many handlers beside each other, a slice of 2 ms of each in turn: one that waits or
 * never ends delays nobody. A read that a handler asks for is made there, on a connection of its own; a
 * change, and the result, is a write of the writer, what it fetches comes by the courier, and the handler is
 * parked meanwhile. No transaction is held between two calls.
 *
 * A delivery counts as due until its result is committed: a crash loses none. What its handler had changed
 * by then is not changed again (delivery_steps).
 *
 * A request whose route is a script's (plugin/routes.h) comes from its loop when its rule has said yes, and
 * goes back there with the answer. It runs beside the others in the same way; of one plugin so many at a time,
 * and so many wait, that no plugin keeps others from being answered.
 */
#ifndef FOYER_EXEC_SCRIPT_H
#define FOYER_EXEC_SCRIPT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct scripts;
struct server;

/* Never NULL; no thread runs yet. slot: in the host of rules. */
struct scripts *scripts_new(struct server *server, size_t slot);
/* While the writer takes writes. ST_UNAVAILABLE: no thread. */
enum status scripts_start(struct scripts *scripts);
/* Something may be due; any thread. Takes NULL. */
void scripts_wake(struct scripts *scripts);
/* Of a loop: the script's answer to the job, whose route has ROUTE_SCRIPT. ST_OK: it is given back by
 * loop_give_back. ST_BUSY: too many wait. */
enum status scripts_submit(struct scripts *scripts, struct job *job);
/* Somebody whose job is there has gone (job->is_abandoned). Any thread. */
void scripts_look_gone(struct scripts *scripts);
/* Takes nothing new, waits for what the writer has, gives up what is fetched, leaves the rest where it is (the next start begins it
 * anew), and ends the thread. The writer must still take writes, and the courier run. Takes NULL, and one that never started. */
void scripts_stop(struct scripts *scripts);
void scripts_free(struct scripts *scripts); /* takes NULL; stopped */

/* Instead of the thread, by the caller: begins what is due, and goes on with all that can. *next: when something
 * will be due; 0: not known. False: nothing was done, and nothing is on its way. */
bool scripts_work(struct scripts *scripts, int64_t *next);
/* The same for what has begun alone. */
bool scripts_go_on(struct scripts *scripts);
/* Forgets what is on its way; their writes and fetches must have come back, or never come. */
void scripts_abandon(struct scripts *scripts);

/* For /metrics; any thread. */
struct script_figures {
    uint64_t done, failed, dead; /* tries that ended so since the start */
    uint64_t running;
    uint64_t late; /* seconds that the one that waits longest is overdue, as of the last look */
};
void scripts_figures(const struct scripts *scripts, struct script_figures *figures);

#endif

/* Readers: threads for reads that would hold up a loop: searches, counts, exports, and what was over
 * its budget there.
 *
 * Each has a read connection and a slot of rules. The queue is bounded: full is an ordinary answer.
 */
#ifndef FOYER_EXEC_READER_H
#define FOYER_EXEC_READER_H

#include "base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct readers;
struct server;

/* Never NULL. Reader i has the slot first_slot + i in the server's host of rules. */
struct readers *readers_new(struct server *server, size_t count, size_t first_slot);
/* Opens their connections, too. ST_UNAVAILABLE: one cannot be opened, or not every thread be started; readers_stop ends those that were. */
enum status readers_start(struct readers *readers);
/* Does what is queued, then ends the threads. */
void readers_stop(struct readers *readers);
/* Instead of the threads, by the caller: reads what is queued. False: nothing was. */
bool readers_work(struct readers *readers);
void readers_free(struct readers *readers); /* takes NULL; stopped, or never started */

/* Any thread. ST_BUSY: the queue is full; ST_UNAVAILABLE: stopping. Then the job stays the caller's.
 * It goes on by itself from there, and comes back to its loop. */
enum status readers_submit(struct readers *readers, struct job *job);

/* Any thread; true only for a moment. */
struct reader_figures {
    uint64_t queued, busy;
    uint64_t too_slow, abandoned; /* that were stopped, since start */
};
void readers_figures(struct readers *readers, struct reader_figures *figures);

#endif

/* Workers: threads for CPU work that would hold up a loop: password hashes, pictures.
 *
 * They own nothing but what they were handed. The queue is bounded: full is an ordinary answer.
 */
#ifndef FOYER_EXEC_WORKER_H
#define FOYER_EXEC_WORKER_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workers;

/* Never NULL. name: of the threads, at most 12 bytes. run gets each item on one of them. */
struct workers *workers_new(const char *name, size_t threads, size_t queue,
                            void (*run)(void *item));
/* ST_UNAVAILABLE: not every thread could be started; workers_stop ends those that were. */
enum status workers_start(struct workers *workers);
/* Does what is queued, then ends the threads. */
void workers_stop(struct workers *workers);
void workers_free(struct workers *workers); /* takes NULL; stopped, or never started */

/* Instead of the threads, by the caller: does what is queued. False: nothing was. */
bool workers_work(struct workers *workers);

/* Any thread. ST_BUSY: the queue is full; ST_UNAVAILABLE: stopping. Then the item stays the caller's. */
enum status workers_submit(struct workers *workers, void *item);
size_t workers_queued(struct workers *workers); /* any thread; true only for a moment */

#endif

/* Queue: a bounded queue of pointers between threads; many may put and many take.
 *
 * Putting never waits: a full queue is an ordinary answer (ST_BUSY). Once closed nothing more goes
 * in, and what is in still comes out. Does not own the items.
 */
#ifndef FOYER_BASE_QUEUE_H
#define FOYER_BASE_QUEUE_H

#include "base/status.h"
#include "base/thread.h"

#include <stddef.h>

struct queue {
    struct mutex lock;
    struct cond filled; /* something came, or it was closed */
    void **slots;
    size_t capacity, first, count;
    size_t waiting; /* threads in a take */
    bool is_closed;
};

void queue_init(struct queue *queue, size_t capacity);
/* It must be empty, and no thread in it. */
void queue_fini(struct queue *queue);

/* item is not NULL. ST_BUSY: full (or FAULT_QUEUE); ST_UNAVAILABLE: closed. Then the item stays with
 * the caller. */
enum status queue_put(struct queue *queue, void *item);

/* Waits for an item. NULL: closed and empty. */
void *queue_take(struct queue *queue);
/* Waits at most until the deadline (clock_monotonic; 0: not at all) for the first, and gives at once
 * what is there, at most max, oldest first. 0: nothing came, or closed and empty. */
size_t queue_take_many(struct queue *queue, void **items, size_t max, uint64_t deadline);

void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);
/* How many wait now; true only for a moment. */
size_t queue_length(struct queue *queue);

#endif

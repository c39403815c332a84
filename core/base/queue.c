/* Queue: a ring under one mutex. Takers are woken only when one is waiting. */
#include "base/queue.h"

#include "base/check.h"
#include "base/fault.h"

#include <stdlib.h>

static void *pop(struct queue *queue);

void queue_init(struct queue *queue, size_t capacity)
{
    PRE(capacity > 0);
    *queue = (struct queue){ .capacity = capacity };
    queue->slots = xcalloc(capacity, sizeof *queue->slots);
    mutex_init(&queue->lock);
    cond_init(&queue->filled);
}

void queue_fini(struct queue *queue)
{
    PRE(queue->count == 0 && queue->waiting == 0);
    cond_fini(&queue->filled);
    mutex_fini(&queue->lock);
    free(queue->slots);
    queue->slots = NULL;
}

enum status queue_put(struct queue *queue, void *item)
{
    enum status status = ST_OK;

    PRE(item != NULL);
    if (fault_hits(FAULT_QUEUE))
        return ST_BUSY;
    mutex_lock(&queue->lock);
    if (queue->is_closed) {
        status = ST_UNAVAILABLE;
    } else if (queue->count == queue->capacity) {
        status = ST_BUSY;
    } else {
        queue->slots[(queue->first + queue->count++) % queue->capacity] = item;
        if (queue->waiting > 0)
            cond_signal(&queue->filled);
    }
    mutex_unlock(&queue->lock);
    return status;
}

void *queue_take(struct queue *queue)
{
    void *item = NULL;

    mutex_lock(&queue->lock);
    queue->waiting++;
    while (queue->count == 0 && !queue->is_closed)
        cond_wait(&queue->filled, &queue->lock);
    queue->waiting--;
    if (queue->count > 0)
        item = pop(queue);
    mutex_unlock(&queue->lock);
    return item;
}

size_t queue_take_many(struct queue *queue, void **items, size_t max, uint64_t deadline)
{
    size_t taken = 0;

    mutex_lock(&queue->lock);
    queue->waiting++;
    while (queue->count == 0 && !queue->is_closed && deadline > 0)
        if (!cond_wait_until(&queue->filled, &queue->lock, deadline))
            break;
    queue->waiting--;
    while (taken < max && queue->count > 0)
        items[taken++] = pop(queue);
    mutex_unlock(&queue->lock);
    return taken;
}

void queue_close(struct queue *queue)
{
    mutex_lock(&queue->lock);
    queue->is_closed = true;
    cond_broadcast(&queue->filled);
    mutex_unlock(&queue->lock);
}

bool queue_is_closed(struct queue *queue)
{
    bool is_closed;

    mutex_lock(&queue->lock);
    is_closed = queue->is_closed;
    mutex_unlock(&queue->lock);
    return is_closed;
}

size_t queue_length(struct queue *queue)
{
    size_t count;

    mutex_lock(&queue->lock);
    count = queue->count;
    mutex_unlock(&queue->lock);
    return count;
}

static void *pop(struct queue *queue)
{
    void *item = queue->slots[queue->first];

    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    return item;
}

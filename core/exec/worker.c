/* Workers: a queue and the threads that take from it. */
#include "exec/worker.h"

#include "base/check.h"
#include "base/queue.h"

#include <stdio.h>
#include <stdlib.h>

struct workers {
    struct queue queue;
    void (*run)(void *item);
    char name[13];
    size_t count, started;
    struct thread threads[];
};

static void work(void *arg);

struct workers *workers_new(const char *name, size_t threads, size_t queue, void (*run)(void *item))
{
    struct workers *workers;

    PRE(threads > 0);
    workers = xcalloc(1, sizeof(*workers) + threads * sizeof(workers->threads[0]));
    snprintf(workers->name, sizeof(workers->name), "%s", name);
    queue_init(&workers->queue, queue);
    workers->run = run;
    workers->count = threads;
    return workers;
}

enum status workers_start(struct workers *workers)
{
    enum status status = ST_OK;

    while (status == ST_OK && workers->started < workers->count) {
        status = thread_start(&workers->threads[workers->started], workers->name, work, workers);
        if (status == ST_OK)
            workers->started++;
    }
    return status;
}

void workers_stop(struct workers *workers)
{
    queue_close(&workers->queue);
    while (workers->started > 0)
        thread_join(&workers->threads[--workers->started]);
}

bool workers_work(struct workers *workers)
{
    bool is_any = false;
    void *item;

    PRE(workers->started == 0);
    while (queue_take_many(&workers->queue, &item, 1, 0)) {
        workers->run(item);
        is_any = true;
    }
    return is_any;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    PRE(workers->started == 0);
    queue_fini(&workers->queue);
    free(workers);
}

enum status workers_submit(struct workers *workers, void *item)
{
    return queue_put(&workers->queue, item);
}

size_t workers_queued(struct workers *workers)
{
    return queue_length(&workers->queue);
}

static void work(void *arg)
{
    struct workers *workers = arg;
    void *item;

    while ((item = queue_take(&workers->queue)))
        workers->run(item);
}

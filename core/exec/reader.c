/* Readers: a queue, and the threads that read. What a read is, is in read.c. */
#include "exec/reader.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/queue.h"
#include "exec/inside.h"
#include "store/db.h"

#include <stdlib.h>

struct readers {
    struct server *server;
    struct queue queue;
    struct read_limits limits;
    _Atomic uint64_t busy, too_slow, abandoned;
    size_t count, started;
    struct reader list[];
};

static void work(void *arg);
static void read_one(struct reader *reader, struct job *job);

struct readers *readers_new(struct server *server, size_t count, size_t first_slot)
{
    struct readers *readers;

    PRE(count > 0);
    readers = xcalloc(1, sizeof(*readers) + count * sizeof(readers->list[0]));
    readers->server = server;
    readers->count = count;
    /* As long as it takes: the clock alone decides. */
    readers->limits.steps = UINT64_MAX;
    readers->limits.nanoseconds =
        LIMIT_READER_SECONDS * UINT64_C(1000000000) / clock_test_divisor();
    queue_init(&readers->queue, LIMIT_READER_QUEUE);
    for (size_t i = 0; i < count; i++) {
        struct reader *reader = &readers->list[i];

        reader->readers = readers;
        reader->slot = first_slot + i;
        reader->db = db_later(server->folder.database);
        read_budget_attach(&reader->budget, reader->db);
    }
    return readers;
}

/* Their connections are no matter of the first read: there may be no files left by then. */
enum status readers_start(struct readers *readers)
{
    enum status status = ST_OK;

    for (size_t i = 0; i < readers->count && status == ST_OK; i++)
        status = db_warm(readers->list[i].db);
    while (status == ST_OK && readers->started < readers->count) {
        struct reader *reader = &readers->list[readers->started];

        status = thread_start(&reader->thread, "reader", work, reader);
        if (status == ST_OK)
            readers->started++;
    }
    return status;
}

void readers_stop(struct readers *readers)
{
    queue_close(&readers->queue);
    while (readers->started > 0)
        thread_join(&readers->list[--readers->started].thread);
}

void readers_free(struct readers *readers)
{
    if (!readers)
        return;
    PRE(readers->started == 0);
    for (size_t i = 0; i < readers->count; i++)
        db_close(readers->list[i].db);
    queue_fini(&readers->queue);
    free(readers);
}

enum status readers_submit(struct readers *readers, struct job *job)
{
    return queue_put(&readers->queue, job);
}

void readers_figures(struct readers *readers, struct reader_figures *figures)
{
    *figures = (struct reader_figures){
        .queued = queue_length(&readers->queue),
        .busy = atomic_load_explicit(&readers->busy, memory_order_relaxed),
        .too_slow = atomic_load_explicit(&readers->too_slow, memory_order_relaxed),
        .abandoned = atomic_load_explicit(&readers->abandoned, memory_order_relaxed),
    };
}

bool readers_work(struct readers *readers)
{
    bool is_any = false;
    void *item;

    PRE(readers->started == 0);
    while (queue_take_many(&readers->queue, &item, 1, 0)) {
        read_one(&readers->list[0], item);
        is_any = true;
    }
    return is_any;
}

static void work(void *arg)
{
    struct reader *reader = arg;
    struct job *job;

    while ((job = queue_take(&reader->readers->queue)))
        read_one(reader, job);
}

static void read_one(struct reader *reader, struct job *job)
{
    struct readers *readers = reader->readers;
    enum read_end end;

    atomic_fetch_add_explicit(&readers->busy, 1, memory_order_relaxed);
    end = read_on_reader(job, reader, &readers->limits);
    if (end == READ_TOO_LONG)
        atomic_fetch_add_explicit(&readers->too_slow, 1, memory_order_relaxed);
    else if (end == READ_ABANDONED)
        atomic_fetch_add_explicit(&readers->abandoned, 1, memory_order_relaxed);
    /* Before it goes on: whoever has the answer finds it counted. */
    atomic_fetch_sub_explicit(&readers->busy, 1, memory_order_relaxed);
    job_go_on(job);
}

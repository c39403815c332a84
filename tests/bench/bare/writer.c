/* Writer: one thread that runs creates, in groups that share a commit or each with its own.
 *
 * Jobs come by a list under a mutex and go back by another, with an async wake-up of the loop.
 */
#include "bare.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH_MAX = 64, CHORE_MAX = 500 };
static const uint64_t chores_every = UINT64_C(1000000000);

struct queue {
    struct job *first, **last;
};

struct writer {
    struct bare *bare;
    struct rows *rows;
    bool group, is_ending;
    uv_async_t done_signal;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct queue waiting, done; /* under the mutex */
    uint64_t chores_at;
    bool has_chores; /* something is not in the index, or not sealed */
    bool has_more;   /* and was found when they were last done: go on at once */
};

static void *work(void *context);
static bool wait_for_work(struct writer *writer);
static struct job *take(struct writer *writer, int most);
static void run(struct writer *writer, struct job *jobs);
static void do_chores(struct writer *writer);
static void on_done(uv_async_t *async);
static void queue_put(struct queue *queue, struct job *job);

struct writer *writer_start(struct bare *bare, const char *data, bool group)
{
    struct writer *writer = calloc(1, sizeof(*writer));

    writer->bare = bare;
    writer->group = group;
    writer->rows = rows_open(data, true);
    writer->waiting.last = &writer->waiting.first;
    writer->done.last = &writer->done.first;
    writer->done_signal.data = writer;
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->wake, NULL);
    if (uv_async_init(bare->loop, &writer->done_signal, on_done) ||
        pthread_create(&writer->thread, NULL, work, writer))
        abort();
    return writer;
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->is_ending = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    rows_close(writer->rows);
    uv_close((uv_handle_t *)&writer->done_signal, NULL);
}

void writer_put(struct writer *writer, struct job *job)
{
    pthread_mutex_lock(&writer->mutex);
    queue_put(&writer->waiting, job);
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
}

static void *work(void *context)
{
    struct writer *writer = context;
    struct job *jobs;

    while (wait_for_work(writer)) {
        if ((jobs = take(writer, writer->group ? BATCH_MAX : 1)))
            run(writer, jobs);
        if (writer->has_chores &&
            ((!jobs && writer->has_more) || uv_hrtime() - writer->chores_at > chores_every))
            do_chores(writer);
    }
    return NULL;
}

/* False: it ends, and nothing waits. */
static bool wait_for_work(struct writer *writer)
{
    struct timespec until;
    bool has_work;

    pthread_mutex_lock(&writer->mutex);
    while (!writer->waiting.first && !writer->is_ending && !writer->has_more) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        if (!writer->has_chores)
            pthread_cond_wait(&writer->wake, &writer->mutex);
        else if (pthread_cond_timedwait(&writer->wake, &writer->mutex, &until))
            break;
    }
    has_work = writer->waiting.first || !writer->is_ending || writer->has_more;
    pthread_mutex_unlock(&writer->mutex);
    return has_work;
}

static struct job *take(struct writer *writer, int most)
{
    struct job *first, **at;

    pthread_mutex_lock(&writer->mutex);
    first = writer->waiting.first;
    for (at = &writer->waiting.first; *at && most--; at = &(*at)->next)
        ;
    writer->waiting.first = *at;
    if (!*at)
        writer->waiting.last = &writer->waiting.first;
    *at = NULL;
    if (at == &writer->waiting.first)
        first = NULL;
    pthread_mutex_unlock(&writer->mutex);
    return first;
}

static void run(struct writer *writer, struct job *jobs)
{
    struct job *job, *next;

    rows_batch_begin(writer->rows);
    for (job = jobs; job; job = job->next)
        job->status = rows_create(writer->rows, &job->key, &job->create, &job->json) ? 200 : 409;
    rows_batch_commit(writer->rows);
    writer->has_chores = true;
    pthread_mutex_lock(&writer->mutex);
    for (job = jobs; job; job = next) {
        next = job->next;
        queue_put(&writer->done, job);
    }
    pthread_mutex_unlock(&writer->mutex);
    uv_async_send(&writer->done_signal);
}

/* A piece of each, so that nobody waits long; more of it at once when nobody waits. */
static void do_chores(struct writer *writer)
{
    rows_batch_begin(writer->rows);
    writer->has_more = rows_index(writer->rows, CHORE_MAX) == CHORE_MAX;
    writer->has_more |= rows_seal(writer->rows, CHORE_MAX) == CHORE_MAX;
    writer->has_chores = writer->has_more;
    rows_batch_commit(writer->rows);
    writer->chores_at = uv_hrtime();
}

/* On the loop. */
static void on_done(uv_async_t *async)
{
    struct writer *writer = async->data;
    struct job *job, *next;

    pthread_mutex_lock(&writer->mutex);
    job = writer->done.first;
    writer->done.first = NULL;
    writer->done.last = &writer->done.first;
    pthread_mutex_unlock(&writer->mutex);
    for (; job; job = next) {
        next = job->next;
        conn_finish(writer->bare, job);
    }
}

static void queue_put(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
}

/* Loop: its event loop, its mailbox, and when it is over. */
#include "exec/inside.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "store/db.h"

static void on_wake(uv_async_t *wake);
static void on_before_wait(uv_prepare_t *before_wait);
static void close_handles(struct loop *loop);
bool loop_work(struct loop *loop)
{
    struct job *job, *next;
    bool is_any;

    mutex_lock(&loop->lock);
    job = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    mutex_unlock(&loop->lock);
    is_any = job != NULL;
    for (; job; job = next) {
        next = job->next;
        job_resume(job);
    }
    return is_any;
}

static void start_drain(struct loop *loop);

void loop_init(struct loop *loop, struct server *server, int number)
{
    loop->server = server;
    loop->number = number;
    loop->last = &loop->first;
    mutex_init(&loop->lock);
    crypto_random(&loop->id_prefix, sizeof(loop->id_prefix));
    loop->activity = activity_new();
    metrics_init(&loop->metrics, server->numbers);
}

enum status loop_open(struct loop *loop, struct failure *failure, struct arena *arena)
{
    enum status status = db_open(loop->server->folder.database, DB_READ, &loop->db, failure, arena);
    int error;

    if (status != ST_OK)
        return status;
    read_budget_attach(&loop->budget, loop->db);
    error = uv_loop_init(&loop->uv);
    if (error == 0) {
        loop->has_uv = true;
        error = uv_async_init(&loop->uv, &loop->wake, on_wake);
    }
    if (error != 0) {
        failure_set(failure, arena, ST_UNAVAILABLE, NULL, "An event loop cannot be made: %s.",
                    uv_strerror(error));
        return ST_UNAVAILABLE;
    }
    loop->wake.data = loop->before_wait.data = loop;
    uv_prepare_init(&loop->uv, &loop->before_wait);
    uv_prepare_start(&loop->before_wait, on_before_wait);
    uv_unref((uv_handle_t *)&loop->before_wait);
    return ST_OK;
}

void loop_fini(struct loop *loop)
{
    PRE(loop->jobs == 0 && !loop->first);
    if (loop->has_uv) {
        if (!loop->is_over && loop->wake.data) { /* never ran */
            close_handles(loop);
            uv_run(&loop->uv, UV_RUN_DEFAULT);
        }
        NEVER(uv_loop_close(&loop->uv) != 0);
    }
    db_close(loop->db);
    metrics_fini(&loop->metrics);
    activity_free(loop->activity);
    mutex_fini(&loop->lock);
}

void loop_run(struct loop *loop)
{
    log_gather(true);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    log_gather(false);
}

void loop_give_back(struct job *job)
{
    struct loop *loop = job->loop;

    job->next = NULL;
    mutex_lock(&loop->lock);
    *loop->last = job;
    loop->last = &job->next;
    /* Under the lock: the loop cannot take the job, be over and close the handle meanwhile. */
    uv_async_send(&loop->wake);
    mutex_unlock(&loop->lock);
}

void loop_ask_drain(struct loop *loop)
{
    mutex_lock(&loop->lock);
    loop->is_drain_asked = true;
    uv_async_send(&loop->wake);
    mutex_unlock(&loop->lock);
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    bool is_drain_asked;

    mutex_lock(&loop->lock);
    is_drain_asked = loop->is_drain_asked;
    mutex_unlock(&loop->lock);
    loop_work(loop);
    if (!loop->is_draining && is_drain_asked)
        start_drain(loop);
    if (loop->is_draining)
        loop_look(loop);
}

static void start_drain(struct loop *loop)
{
    const struct loop_calls *calls = loop->server->calls;

    loop->is_draining = true;
    if (loop->number == 0) {
        signals_drain(loop->server->signals);
        control_drain(loop->server->control);
    }
    calls->on_drain(loop, loop->server->drain_deadline, calls->context);
}

/* Loop 0 has the signals and outlives the others. */
void loop_look(struct loop *loop)
{
    if (loop->is_over || !loop->is_draining || !loop->is_net_drained || loop->jobs > 0)
        return;
    if (loop->number == 0 && !server_lets_go(loop->server))
        return;
    loop->is_over = true;
    close_handles(loop);
}

static void close_handles(struct loop *loop)
{
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->before_wait, NULL);
}

/* What requests of one round share: a line of the log for each, and a snapshot for each, would be system
 * calls for each. */
static void on_before_wait(uv_prepare_t *before_wait)
{
    struct loop *loop = before_wait->data;

    tx_release_read(loop->db);
    log_flush();
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

struct server *loop_server(struct loop *loop)
{
    return loop->server;
}

int loop_number(const struct loop *loop)
{
    return loop->number;
}

void loop_set_net(struct loop *loop, void *net)
{
    loop->net = net;
}

void *loop_net(struct loop *loop)
{
    return loop->net;
}

void loop_drained(struct loop *loop)
{
    loop->is_net_drained = true;
    loop_look(loop);
}

bool loop_is_draining(const struct loop *loop)
{
    return loop->is_draining;
}

void loop_count_opened(struct loop *loop)
{
    atomic_fetch_add_explicit(&loop->metrics.opened, 1, memory_order_relaxed);
}

void loop_count_closed(struct loop *loop)
{
    atomic_fetch_add_explicit(&loop->metrics.closed, 1, memory_order_relaxed);
}

void loop_count_refused(struct loop *loop)
{
    atomic_fetch_add_explicit(&loop->metrics.refused, 1, memory_order_relaxed);
}

/* Server threads: starting them all, and ending them in the order in which they hand on to each other. */
#include "base/log.h"
#include "exec/courier.h"
#include "exec/inside.h"
#include "exec/reader.h"
#include "exec/script.h"
#include "exec/worker.h"
#include "exec/writer.h"

static bool start_loops(struct server *server);
static void loop_thread(void *arg);
static bool start_loop(struct loop *loop);

bool server_start_threads(struct server *server)
{
    bool is_started =
        writer_start(server->writer) == ST_OK && workers_start(server->workers) == ST_OK &&
        workers_start(server->password_workers) == ST_OK &&
        readers_start(server->readers) == ST_OK && courier_start(server->courier) == ST_OK &&
        scripts_start(server->scripts) == ST_OK;

    if (!is_started)
        log_error(STR_NONE, "not every thread could be started");
    if (is_started && start_loops(server))
        return true;
    if (is_started) { /* those that run must end before anything goes away beneath them */
        server_drain(server);
        loop_run(&server->loops[0]);
    }
    server_stop_threads(server);
    return false;
}

static bool start_loops(struct server *server)
{
    size_t i, started = 1;
    bool has_failed;

    for (i = 1; i < server->loop_count; i++, started++) {
        struct loop *loop = &server->loops[i];

        loop->has_thread = thread_start(&loop->thread, "loop", loop_thread, loop) == ST_OK;
        if (!loop->has_thread)
            break;
    }
    start_loop(&server->loops[0]);
    mutex_lock(&server->lock);
    if (started < server->loop_count) {
        server->has_failed_start = true;
        server->loops_over += server->loop_count - started;
    }
    while (server->loops_started < started)
        cond_wait(&server->changed, &server->lock);
    has_failed = server->has_failed_start;
    mutex_unlock(&server->lock);
    return !has_failed;
}

static void loop_thread(void *arg)
{
    struct loop *loop = arg;
    struct server *server = loop->server;

    start_loop(loop);
    loop_run(loop);
    mutex_lock(&server->lock);
    server->loops_over++;
    loop_ask_drain(&server->loops[0]); /* it is draining already: it looks again */
    mutex_unlock(&server->lock);
}

static bool start_loop(struct loop *loop)
{
    struct server *server = loop->server;
    bool is_started = server->calls->on_start(loop, server->calls->context) == ST_OK;

    mutex_lock(&server->lock);
    server->loops_started++;
    server->has_failed_start |= !is_started;
    cond_broadcast(&server->changed);
    mutex_unlock(&server->lock);
    return is_started;
}

void server_stop_threads(struct server *server)
{
    size_t i;

    for (i = 1; i < server->loop_count; i++)
        if (server->loops[i].has_thread)
            thread_join(&server->loops[i].thread);
    readers_stop(server->readers);
    workers_stop(server->workers);
    workers_stop(server->password_workers);
    scripts_stop(server->scripts);
    courier_stop(server->courier);
    writer_stop(server->writer);
}

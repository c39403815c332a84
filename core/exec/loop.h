/* Loop: one event loop, its thread, and what it alone may touch.
 *
 * Loop 0 runs on the thread that called server_run, the others on threads of their own. A loop owns
 * its sockets (net), a read connection, an instance of each generation of rules in use, and a mailbox
 * through which others hand jobs back.
 */
#ifndef FOYER_EXEC_LOOP_H
#define FOYER_EXEC_LOOP_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct loop;
struct server;

/* What net does on each loop, on its thread. */
struct loop_calls {
    /* Once, before the loop runs: put the handles into it. Anything but ST_OK (net has said why on
     * stderr) ends the server with exit code 1. */
    enum status (*on_start)(struct loop *loop, void *context);
    /* Once, on SIGTERM: serve what the backlog still holds, stop listening, answer what has begun with
     * Connection: close, close what is idle. After the deadline (monotonic, ns) close what is left. When no
     * handle of net is open any more, call loop_drained. */
    void (*on_drain)(struct loop *loop, uint64_t deadline, void *context);
    /* Once, on loop 0, after on_start of every loop: all listen. */
    void (*on_ready)(void *context);
    void *context;
};

uv_loop_t *loop_uv(struct loop *loop);
struct server *loop_server(struct loop *loop);
int loop_number(const struct loop *loop);

/* A place for what net keeps for this loop. */
void loop_set_net(struct loop *loop, void *net);
void *loop_net(struct loop *loop);

/* net has no handle left. */
void loop_drained(struct loop *loop);
bool loop_is_draining(const struct loop *loop);

/* For /metrics: connections that were opened and closed, and why some were not taken. */
void loop_count_opened(struct loop *loop);
void loop_count_closed(struct loop *loop);
void loop_count_refused(struct loop *loop);

#endif

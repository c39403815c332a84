/* Net: what net does on each loop: start, tick, drain. Connections are conn.c's. */
#include "net/net.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/conn.h"
#include "net/conn_inside.h"
#include "net/listen.h"
#include "net/net_loop.h"
#include "net/proxy.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICK_MILLISECONDS = 250, TICK_MIN = 5, HEAD_CEILING = 64 * 1024 };

struct net {
    struct server *server;
    struct listener listener;
    struct loop_calls calls;
    struct proxy_list *proxies;
    unsigned divisor; /* of deadlines: tests make them shorter */
    _Atomic size_t conn_count;
};

static enum status on_start(struct loop *loop, void *context);
static void on_ready(void *context);
static void on_drain(struct loop *loop, uint64_t deadline, void *context);
static void start_tick(struct net_loop *net);
static void on_tick(uv_timer_t *timer);
static bool on_socket(int fd, struct str peer, void *context);
static bool on_shortage(void *context);
static void on_refused(void *context);
static void on_accept_closed(void *context);
static void look_drained(struct net_loop *net);
static void on_tick_closed(uv_handle_t *handle);

enum status net_open(struct net **net, struct server *server, struct arena *arena,
                     struct failure *failure)
{
    struct net *made = xcalloc(1, sizeof *made);

    *net = NULL;
    made->server = server;
    made->divisor = clock_test_divisor();
    made->calls = (struct loop_calls){ on_start, on_drain, on_ready, made };
    if (listener_open(&made->listener, server->config->listen, server->loop_count, arena,
                      failure) != ST_OK) {
        net_close(made);
        return failure->status;
    }
    made->proxies = proxy_list_new(server->config->trusted_proxies);
    server_set_bound(server, made->listener.text);
    *net = made;
    return ST_OK;
}

const struct loop_calls *net_calls(struct net *net)
{
    return &net->calls;
}

void net_close(struct net *net)
{
    if (net == NULL)
        return;
    listener_close(&net->listener);
    proxy_list_free(net->proxies);
    free(net);
}

bool net_loop_enter(struct net_loop *net)
{
    if (atomic_fetch_add(&net->net->conn_count, 1) < LIMIT_CONNECTIONS)
        return true;
    atomic_fetch_sub(&net->net->conn_count, 1);
    return false;
}

void net_loop_leave(struct net_loop *net)
{
    atomic_fetch_sub(&net->net->conn_count, 1);
    look_drained(net);
}

static enum status on_start(struct loop *loop, void *context)
{
    struct net *net = context;
    struct net_loop *made = xcalloc(1, sizeof *made);
    const struct acceptor_calls calls = { on_socket, on_shortage, on_refused, on_accept_closed,
                                          made };
    int error, fd;

    made->net = net;
    made->loop = loop;
    made->proxies = net->proxies;
    deadlines_init(&made->deadlines, net->divisor);
    buf_init(&made->head, HEAD_CEILING);
    loop_set_net(loop, made);
    NEVER(uv_timer_init(loop_uv(loop), &made->tick) != 0);
    made->tick.data = made;
    made->is_tick_open = true;
    fd = listener_socket(&net->listener, loop_number(loop));
    if (fd < 0) {
        fprintf(stderr, "foyer: cannot listen on %s: %s. Another program has taken it meanwhile.\n",
                net->listener.text, strerror(errno));
        return ST_UNAVAILABLE;
    }
    made->is_accepting = true;
    if (acceptor_start(&made->acceptor, loop_uv(loop), fd, &calls, &error))
        return ST_OK;
    made->is_accepting = made->acceptor.is_open; /* then the drain closes it */
    fprintf(stderr, "foyer: cannot accept on %s: %s.\n", net->listener.text, uv_strerror(error));
    return ST_UNAVAILABLE;
}

static void on_ready(void *context)
{
    struct net *net = context;

    printf("listening on http://%s\n", net->listener.text);
    fflush(stdout);
    log_info(STR_NONE, "listening", LOG_C("addr", net->listener.text));
}

static void on_drain(struct loop *loop, uint64_t deadline, void *context)
{
    struct net_loop *net = loop_net(loop);
    uint64_t now = clock_monotonic();
    struct conn *next;

    (void)context;
    net->is_draining = true;
    net->drain_until = uv_now(loop_uv(loop)) + (deadline > now ? (deadline - now) / 1000000 : 0);
    acceptor_stop(&net->acceptor);
    for (struct conn *conn = net->conns; conn != NULL; conn = next) {
        next = conn->next;
        conn_drain(conn);
    }
    start_tick(net);
    look_drained(net);
}

static void start_tick(struct net_loop *net)
{
    uint64_t every = TICK_MILLISECONDS / net->net->divisor;

    if (every < TICK_MIN)
        every = TICK_MIN;
    if (net->is_tick_open && !uv_is_active((uv_handle_t *)&net->tick))
        uv_timer_start(&net->tick, on_tick, every, every);
}

/* Sleeps while there is nothing to look at. */
static void on_tick(uv_timer_t *timer)
{
    struct net_loop *net = timer->data;
    uint64_t now = uv_now(timer->loop);
    struct deadline *due;

    acceptor_tick(&net->acceptor);
    while ((due = deadline_due(&net->deadlines, now)) != NULL)
        conn_on_deadline(due);
    if (net->is_draining && now >= net->drain_until) {
        for (struct conn *conn = net->conns, *next; conn != NULL; conn = next) {
            next = conn->next;
            conn_abort(conn);
        }
    }
    if (!net->is_draining && net->conns == NULL && !acceptor_is_paused(&net->acceptor))
        uv_timer_stop(timer);
}

static bool on_socket(int fd, struct str peer, void *context)
{
    struct net_loop *net = context;

    /* who waits longest without asking makes room for who comes */
    if (!net_loop_enter(net) && !(on_shortage(net) && net_loop_enter(net)))
        return false;
    conn_open(net, fd, peer);
    start_tick(net);
    return true;
}

static bool on_shortage(void *context)
{
    struct net_loop *net = context;
    struct deadline *idle = deadline_first(&net->deadlines, DEADLINE_IDLE);

    start_tick(net);
    return idle != NULL && conn_spare(idle);
}

static void on_refused(void *context)
{
    struct net_loop *net = context;

    loop_count_refused(net->loop);
}

static void on_accept_closed(void *context)
{
    struct net_loop *net = context;

    net->is_accepting = false;
    look_drained(net);
}

/* In two steps: the timer is closed last, and when it is closed nothing is left. */
static void look_drained(struct net_loop *net)
{
    if (!net->is_draining || net->conn_count > 0 || net->is_accepting || !net->is_tick_open)
        return;
    net->is_tick_open = false;
    uv_close((uv_handle_t *)&net->tick, on_tick_closed);
}

static void on_tick_closed(uv_handle_t *handle)
{
    struct net_loop *net = handle->data;
    struct loop *loop = net->loop;

    buf_fini(&net->head);
    free(net);
    loop_set_net(loop, NULL);
    loop_drained(loop);
}

/* Conn: the life of a connection.
 *
 *          bytes          header, body       request whole            answer made          all of it out
 *   IDLE ─────────▶ HEADER ────────▶ BODY ───────────────▶ RUNNING ──────────────▶ WRITING ─────┐
 *    ▲ │              │ └─────── no body ──────────────────▶ ▲│                     ▲ │  │       │
 *    │ │              └── refused, too slow ──┬───────────────│────────────────────┘ │  │       │
 *    │ │                            BODY ─────┘               │                      │  │ closes│
 *    │ └─ too long, drain, gone ──▶ CLOSING ◀── gone ─────────┴──────────────────────┘  ▼       │
 *    │                                 ▲────────── peer has closed, too long ─────── LINGERING  │
 *    └──────────────────────────────────────────────────── keeps alive ─────────────────────────┘
 *
 * An answer that is the last one is followed by FIN and by LINGERING: closing at once on unread bytes
 * would make the kernel send RST, which takes the answer away from the peer. While an answer is
 * being made, what comes is kept (at most LIMIT_PIPELINED), and not looked at: no request is begun
 * before the answer to the one before is out. Writing is conn_write.c's.
 */
#include "net/conn.h"

#include "base/check.h"
#include "exec/server.h"
#include "net/conn_inside.h"
#include "net/net_loop.h"
#include "net/proxy.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRESH_MILLISECONDS = 1000 };

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);
static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf);
static void on_bytes(struct conn *conn, const char *at, size_t len);
static void on_end(struct conn *conn);
static bool is_reset(const struct conn *conn);
static bool is_reading(const struct conn *conn);
static size_t process(struct conn *conn, const char *at, size_t len);
static void begin_request(struct conn *conn);
static void on_event(struct conn *conn, enum parse_event event);
static void on_more(struct conn *conn);
static void count_body(struct conn *conn, size_t bytes);
static bool route(struct conn *conn);
static void run(struct conn *conn);
static void on_done(struct job *job, void *context);
static void refuse(struct conn *conn);
static void refuse_slow(struct conn *conn);
static void on_body_window(struct conn *conn);
static void on_write_window(struct conn *conn);
static bool has_unread(const struct conn *conn);
static void on_closed(uv_handle_t *handle);
static void release(struct conn *conn);

bool conn_open(struct net_loop *net, int fd, struct str peer)
{
    struct conn *conn = xcalloc(1, sizeof *conn);

    conn->net = net;
    conn->tcp.data = conn;
    NEVER(peer.len >= sizeof conn->peer);
    memcpy(conn->peer, peer.at, peer.len);
    conn->parser = parser_new();
    buf_init(&conn->ahead, LIMIT_PIPELINED + INPUT_BYTES);
    NEVER(uv_tcp_init(loop_uv(net->loop), &conn->tcp) != 0);
    conn->next = net->conns;
    if (conn->next != NULL)
        conn->next->previous = conn;
    net->conns = conn;
    net->conn_count++;
    loop_count_opened(net->loop);
    conn->state = CONN_IDLE;
    if (uv_tcp_open(&conn->tcp, fd) != 0) {
        close(fd);
        conn_enter(conn, CONN_CLOSING);
        return false;
    }
    deadline_set(&net->deadlines, &conn->deadline, DEADLINE_IDLE, conn_now(conn));
    if (uv_read_start(stream_of(conn), on_room, on_read) != 0)
        conn_enter(conn, CONN_CLOSING);
    return true;
}

void conn_on_deadline(struct deadline *deadline)
{
    struct conn *conn = conn_of(deadline);

    switch (conn->state) {
    case CONN_HEADER:
        refuse_slow(conn);
        break;
    case CONN_BODY:
        on_body_window(conn);
        break;
    case CONN_WRITING:
        on_write_window(conn);
        break;
    case CONN_RUNNING:
        exec_abandon(conn->job);
        break;
    default:
        conn_enter(conn, CONN_CLOSING);
    }
}

bool conn_spare(struct deadline *deadline)
{
    struct conn *conn = conn_of(deadline);

    PRE(conn->state == CONN_IDLE);
    if (conn->served == 0 &&
        deadline_age(&conn->net->deadlines, deadline, conn_now(conn)) < FRESH_MILLISECONDS)
        return false;
    conn_enter(conn, CONN_CLOSING);
    return true;
}

void conn_drain(struct conn *conn)
{
    if (conn->state != CONN_IDLE)
        return;
    /* what has been sent is answered; who has just come gets a moment to send */
    if (conn->served > 0 && !has_unread(conn))
        conn_enter(conn, CONN_CLOSING);
    else
        deadline_set(&conn->net->deadlines, &conn->deadline, DEADLINE_LINGER, conn_now(conn));
}

void conn_abort(struct conn *conn)
{
    if (conn->state != CONN_CLOSING)
        conn_enter(conn, CONN_CLOSING);
}

/* Every change of state goes through here. */
void conn_enter(struct conn *conn, enum conn_state state)
{
    static const uint8_t from[CONN_STATES] = {
        [CONN_IDLE] = 1 << CONN_WRITING,
        [CONN_HEADER] = 1 << CONN_IDLE,
        [CONN_BODY] = 1 << CONN_HEADER,
        [CONN_RUNNING] = 1 << CONN_HEADER | 1 << CONN_BODY,
        [CONN_WRITING] = 1 << CONN_HEADER | 1 << CONN_BODY | 1 << CONN_RUNNING,
        [CONN_LINGERING] = 1 << CONN_WRITING,
        [CONN_CLOSING] = (uint8_t) ~(1 << CONN_CLOSING),
    };
    static const enum deadline_kind kinds[CONN_STATES] = {
        [CONN_IDLE] = DEADLINE_IDLE,        [CONN_HEADER] = DEADLINE_HEADER,
        [CONN_BODY] = DEADLINE_BODY,        [CONN_RUNNING] = DEADLINE_NONE,
        [CONN_WRITING] = DEADLINE_WRITE,    [CONN_CLOSING] = DEADLINE_NONE,
        [CONN_LINGERING] = DEADLINE_LINGER,
    };

    NEVER(!(from[state] & 1 << conn->state));
    if (conn->state == CONN_BODY)
        count_body(conn, 0);
    conn->state = state;
    deadline_set(&conn->net->deadlines, &conn->deadline, kinds[state], conn_now(conn));
    if (state == CONN_CLOSING && conn->is_away)
        exec_abandon(conn->job);
    if (state == CONN_CLOSING)
        uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

uint64_t conn_now(const struct conn *conn)
{
    return uv_now(conn->tcp.loop);
}

struct conn *conn_of(struct deadline *deadline)
{
    return (struct conn *)(void *)((char *)deadline - offsetof(struct conn, deadline));
}

/* The answer is out, and the connection goes on: with what was read ahead, then with the socket. */
void conn_go_on(struct conn *conn)
{
    size_t used = 0;

    if (conn->is_processing) /* process() looks itself */
        return;
    while (is_reading(conn) && used < conn->ahead.len)
        used += process(conn, conn->ahead.at + used, conn->ahead.len - used);
    if (conn->state == CONN_CLOSING || conn->state == CONN_LINGERING)
        return;
    buf_drop(&conn->ahead, used);
    if (conn->ahead.len == 0)
        buf_fini(&conn->ahead); /* an idle connection holds no memory for bytes */
    if (conn->has_ended && is_reading(conn)) {
        conn_enter(conn, CONN_CLOSING); /* nothing more can come */
        return;
    }
    if (conn->is_stopped && conn->ahead.len < LIMIT_PIPELINED)
        conn_resume(conn);
}

void conn_resume(struct conn *conn)
{
    conn->is_stopped = false;
    if (uv_read_start(stream_of(conn), on_room, on_read) != 0)
        conn_enter(conn, CONN_CLOSING);
}

/* All connections of a loop share one buffer: what is in it is used up before the next read. */
static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct conn *conn = handle->data;

    (void)suggested;
    *buf = uv_buf_init(conn->net->input, INPUT_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;

    if (conn->state == CONN_CLOSING)
        return;
    if (got > 0)
        on_bytes(conn, buf->base, (size_t)got);
    else if (got == UV_EOF)
        on_end(conn);
    else if (got < 0)
        conn_enter(conn, CONN_CLOSING);
}

static void on_bytes(struct conn *conn, const char *at, size_t len)
{
    size_t used = 0;

    if (conn->state == CONN_LINGERING) {
        conn->discarded += len;
        if (conn->discarded > LIMIT_LINGER_BYTES)
            conn_enter(conn, CONN_CLOSING);
        return;
    }
    if (is_reading(conn))
        used = process(conn, at, len);
    /* after the last answer nothing is kept */
    if (conn->state != CONN_RUNNING && conn->state != CONN_WRITING)
        return;
    buf_put(&conn->ahead, at + used, len - used);
    if (conn->ahead.len >= LIMIT_PIPELINED) {
        conn->is_stopped = true;
        uv_read_stop(stream_of(conn));
    }
}

/* The peer has said its last word; what it has asked is still answered. But who hangs up looks the same
 * until he is written to: a read that takes long is not made for him. */
static void on_end(struct conn *conn)
{
    if ((conn->state == CONN_RUNNING || conn->state == CONN_WRITING) && !is_reset(conn)) {
        conn->has_ended = true;
        uv_read_stop(stream_of(conn));
        if (conn->state == CONN_RUNNING)
            deadline_set(&conn->net->deadlines, &conn->deadline, DEADLINE_GONE, conn_now(conn));
        return;
    }
    conn_enter(conn, CONN_CLOSING);
}

/* libuv tells a reset that came with the last bytes as their end. */
static bool is_reset(const struct conn *conn)
{
    struct pollfd look = { .fd = -1 };

    return uv_fileno((const uv_handle_t *)&conn->tcp, &look.fd) == 0 && poll(&look, 1, 0) > 0 &&
           look.revents & (POLLERR | POLLHUP);
}

static bool is_reading(const struct conn *conn)
{
    return conn->state == CONN_IDLE || conn->state == CONN_HEADER || conn->state == CONN_BODY;
}

/* Gives bytes to the parser until they are used up or an answer is being made; how many were used. */
static size_t process(struct conn *conn, const char *at, size_t len)
{
    size_t used = 0;

    conn->is_processing = true;
    while (used < len && is_reading(conn)) {
        enum parse_event event;

        if (conn->state == CONN_IDLE)
            begin_request(conn);
        do {
            size_t taken = 0;

            event = parser_feed(conn->parser, at + used, len - used, &taken, &conn->job->failure);
            used += taken;
        } while (event == PARSE_HEADERS && route(conn));
        on_event(conn, event);
    }
    conn->is_processing = false;
    return used;
}

static void begin_request(struct conn *conn)
{
    conn->job = job_new(conn->net->loop);
    conn->was_continued = false;
    parser_begin(conn->parser, &conn->job->arena, &conn->job->request);
    conn_enter(conn, CONN_HEADER);
}

static void on_event(struct conn *conn, enum parse_event event)
{
    switch (event) {
    case PARSE_HEADERS: /* has no route, and a body that is not wanted */
        conn->closes = true;
        refuse(conn);
        break;
    case PARSE_REFUSED:
        conn->closes = true;
        refuse(conn);
        break;
    case PARSE_REQUEST:
        if (conn->job->failure.status != ST_OK)
            refuse(conn);
        else
            run(conn);
        break;
    case PARSE_MORE:
        on_more(conn);
        break;
    }
}

static void on_more(struct conn *conn)
{
    if (parser_in_header(conn->parser) || parser_is_idle(conn->parser))
        return;
    if (conn->state == CONN_HEADER) {
        conn->window_bytes = 0;
        conn_enter(conn, CONN_BODY);
    }
    count_body(conn, parser_body_bytes(conn->parser));
    if (conn->net->body_bytes > LIMIT_BODIES) {
        failure_set(&conn->job->failure, &conn->job->arena, ST_BUSY, NULL, NULL);
        conn->closes = true;
        refuse(conn);
    } else if (parser_wants_continue(conn->parser) && !conn->was_continued) {
        conn->was_continued = true;
        conn_write_continue(conn);
    }
}

/* Many peers that each send most of a body and then dally would fill the memory. */
static void count_body(struct conn *conn, size_t bytes)
{
    conn->net->body_bytes += bytes - conn->body_bytes;
    conn->body_bytes = bytes;
}

/* True: go on with the body, if there is one. A request without a body that has no route is refused
 * when it is whole, so that the connection may be kept. */
static bool route(struct conn *conn)
{
    struct job *job = conn->job;
    struct str peer = proxy_peer(conn->net->proxies, str_from(conn->peer), &job->request);
    size_t limit = 0;
    enum status status;

    job->request.peer = str_copy(&job->arena, peer);
    status = exec_route(conn->net->loop, job, &limit);
    parser_set_body_limit(conn->parser, limit);
    return status == ST_OK || !job->request.has_body;
}

static void run(struct conn *conn)
{
    conn_enter(conn, CONN_RUNNING);
    conn->job->done = on_done;
    conn->job->context = conn;
    conn->is_away = true;
    if (conn->has_ended)
        deadline_set(&conn->net->deadlines, &conn->deadline, DEADLINE_GONE, conn_now(conn));
    exec_submit(conn->net->loop, conn->job);
}

/* Perhaps before exec_submit returns, perhaps long after the peer has gone. */
static void on_done(struct job *job, void *context)
{
    struct conn *conn = context;

    NEVER(job != conn->job || !conn->is_away);
    conn->is_away = false;
    if (conn->state == CONN_CLOSING)
        release(conn);
    else
        conn_write_answer(conn);
}

static void refuse(struct conn *conn)
{
    exec_refuse(conn->net->loop, conn->job);
    conn_write_answer(conn);
}

static void refuse_slow(struct conn *conn)
{
    failure_set(&conn->job->failure, &conn->job->arena, ST_TIMEOUT, NULL, NULL);
    conn->closes = true;
    refuse(conn);
}

static void on_body_window(struct conn *conn)
{
    size_t bytes = parser_body_bytes(conn->parser);

    if (bytes - conn->window_bytes < deadline_body_bytes(&conn->net->deadlines)) {
        refuse_slow(conn);
        return;
    }
    conn->window_bytes = bytes;
    deadline_set(&conn->net->deadlines, &conn->deadline, DEADLINE_BODY, conn_now(conn));
}

static void on_write_window(struct conn *conn)
{
    size_t queued = uv_stream_get_write_queue_size(stream_of(conn));

    if (queued >= conn->window_bytes) {
        conn_enter(conn, CONN_CLOSING);
        return;
    }
    conn->window_bytes = queued;
    deadline_set(&conn->net->deadlines, &conn->deadline, DEADLINE_WRITE, conn_now(conn));
}

static bool has_unread(const struct conn *conn)
{
    uv_os_fd_t fd;
    char byte;

    return uv_fileno((const uv_handle_t *)&conn->tcp, &fd) == 0 &&
           recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;

    conn->is_closed = true;
    release(conn);
}

/* Frees it once its socket is closed and its job is here. */
static void release(struct conn *conn)
{
    struct net_loop *net = conn->net;

    if (!conn->is_closed || conn->is_away)
        return;
    job_free(conn->job);
    parser_free(conn->parser);
    buf_fini(&conn->ahead);
    if (conn->next != NULL)
        conn->next->previous = conn->previous;
    if (conn->previous != NULL)
        conn->previous->next = conn->next;
    else
        net->conns = conn->next;
    free(conn);
    net->conn_count--;
    loop_count_closed(net->loop);
    net_loop_leave(net);
}

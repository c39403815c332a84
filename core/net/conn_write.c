/* Conn_write: an answer to its socket, in one writev where the socket takes it. */
#include "base/check.h"
#include "exec/server.h"
#include "net/conn_inside.h"
#include "net/net_loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What the socket did not take at once; freed when it has. */
struct rest {
    uv_write_t write;
    struct conn *conn;
    char head[]; /* a copy: the loop's buffer is used for the next answer */
};

static void write_rest(struct conn *conn, uv_buf_t bufs[2], unsigned count, size_t sent);
static void on_written(uv_write_t *write, int status);
static void finish(struct conn *conn);
static void end(struct conn *conn);

void conn_write_answer(struct conn *conn)
{
    struct net_loop *net = conn->net;
    const struct request *rq = &conn->job->request;
    struct reply *rp = &conn->job->reply;
    uv_buf_t bufs[2];
    unsigned count = 1;
    size_t total;
    int sent;

    if (rp->close || net->is_draining || !parser_keeps_alive(conn->parser))
        conn->closes = true;
    conn_enter(conn, CONN_WRITING);
    buf_clear(&net->head);
    wire_head(&net->head, &net->date, rp, rq, !conn->closes);
    bufs[0] = uv_buf_init(net->head.at, (unsigned)net->head.len);
    total = net->head.len;
    if (wire_has_body(rp, rq)) {
        bufs[count++] = uv_buf_init(rp->body.at, (unsigned)rp->body.len);
        total += rp->body.len;
    }
    /* headers of that size come from a handler gone wrong: no answer rather than half of one */
    sent = net->head.overflowed ? UV_ENOBUFS : uv_try_write(stream_of(conn), bufs, count);
    if (sent < 0 && sent != UV_EAGAIN)
        conn_enter(conn, CONN_CLOSING);
    else if (sent >= 0 && (size_t)sent == total)
        finish(conn);
    else
        write_rest(conn, bufs, count, sent < 0 ? 0 : (size_t)sent);
}

/* Nothing is being written: the few bytes go out at once or the peer reads nothing at all. */
void conn_write_continue(struct conn *conn)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    char copy[sizeof text];
    uv_buf_t buf = uv_buf_init(memcpy(copy, text, sizeof text), sizeof text - 1);

    if (uv_try_write(stream_of(conn), &buf, 1) != (int)buf.len)
        conn_enter(conn, CONN_CLOSING);
}

static void write_rest(struct conn *conn, uv_buf_t bufs[2], unsigned count, size_t sent)
{
    size_t of_head = sent < bufs[0].len ? sent : bufs[0].len, head_len = bufs[0].len - of_head;
    struct rest *rest = xmalloc(sizeof *rest + head_len);
    unsigned first = head_len > 0 ? 0 : 1;

    rest->conn = conn;
    rest->write.data = rest;
    memcpy(rest->head, bufs[0].base + of_head, head_len);
    bufs[0] = uv_buf_init(rest->head, (unsigned)head_len);
    if (count > 1) {
        bufs[1].base += sent - of_head;
        bufs[1].len -= sent - of_head;
    }
    if (uv_write(&rest->write, stream_of(conn), bufs + first, count - first, on_written) != 0) {
        free(rest);
        conn_enter(conn, CONN_CLOSING);
        return;
    }
    conn->window_bytes = uv_stream_get_write_queue_size(stream_of(conn));
}

static void on_written(uv_write_t *write, int status)
{
    struct rest *rest = write->data;
    struct conn *conn = rest->conn;

    free(rest);
    if (conn->state == CONN_CLOSING) /* was cancelled */
        return;
    if (status < 0)
        conn_enter(conn, CONN_CLOSING);
    else
        finish(conn);
}

static void finish(struct conn *conn)
{
    job_free(conn->job);
    conn->job = NULL;
    conn->served++;
    if (conn->closes) {
        end(conn);
        return;
    }
    conn_enter(conn, CONN_IDLE);
    conn_go_on(conn);
}

/* FIN, then LINGERING until the peer has seen it. */
static void end(struct conn *conn)
{
    uv_os_fd_t fd;

    if (conn->has_ended || uv_fileno((uv_handle_t *)&conn->tcp, &fd) != 0 ||
        shutdown(fd, SHUT_WR) != 0) {
        conn_enter(conn, CONN_CLOSING);
        return;
    }
    conn_enter(conn, CONN_LINGERING);
    if (conn->is_stopped)
        conn_resume(conn);
}

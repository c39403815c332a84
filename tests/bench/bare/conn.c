/* Conn: a connection, its parser, and the bytes of an answer. All on the loop thread. */
#include "bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct late_write {
    uv_write_t request;
    char bytes[];
};

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);
static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf);
static void feed(struct conn *conn, const char *at, size_t len);
static void send_all(struct conn *conn, const struct out *head, const struct out *body);
static void on_late_write(uv_write_t *request, int status);
static void close_conn(struct conn *conn);
static void on_closed(uv_handle_t *handle);
static const llhttp_settings_t *settings(void);

void conn_accept(uv_stream_t *listener, int status)
{
    struct bare *bare = listener->data;
    struct conn *conn;

    if (status)
        return;
    conn = calloc(1, sizeof(*conn));
    conn->bare = bare;
    conn->tcp.data = conn;
    uv_tcp_init(bare->loop, &conn->tcp);
    llhttp_init(&conn->parser, HTTP_REQUEST, settings());
    conn->parser.data = conn;
    if (uv_accept(listener, (uv_stream_t *)&conn->tcp)) {
        close_conn(conn);
        return;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static char shared[65536]; /* taken in full by on_read before the next */

    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(shared, sizeof(shared));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;

    if (count < 0)
        close_conn(conn);
    else if (!conn->job)
        feed(conn, buf->base, (size_t)count);
    else if (conn->ahead.len + (size_t)count <= AHEAD_MAX)
        out_put(&conn->ahead, buf->base, (size_t)count);
    else
        close_conn(conn);
}

static void feed(struct conn *conn, const char *at, size_t len)
{
    enum llhttp_errno error = llhttp_execute(&conn->parser, at, len);
    const char *stop;

    if (error == HPE_PAUSED) { /* a create is under way: keep what stands behind it */
        stop = llhttp_get_error_pos(&conn->parser);
        out_put(&conn->ahead, stop, len - (size_t)(stop - at));
    } else if (error) {
        close_conn(conn);
    }
}

/* What llhttp finds ------------------------------------------------------------------------- */

static int append(char *to, size_t *len, size_t cap, const char *at, size_t count)
{
    if (cap - *len < count)
        return -1;
    memcpy(to + *len, at, count);
    *len += count;
    return 0;
}

static int on_begin(llhttp_t *parser)
{
    struct conn *conn = parser->data;

    conn->url_len = conn->name_len = conn->key_len = conn->body_len = 0;
    return 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
    struct conn *conn = parser->data;

    return append(conn->url, &conn->url_len, URL_MAX, at, len);
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    struct conn *conn = parser->data;

    if (append(conn->name, &conn->name_len, sizeof(conn->name), at, len))
        conn->name_len = sizeof(conn->name); /* longer than any that matters */
    return 0;
}

static int on_name_end(llhttp_t *parser)
{
    struct conn *conn = parser->data;

    conn->is_key = conn->name_len == 9 && strncasecmp(conn->name, "x-api-key", 9) == 0;
    conn->name_len = 0;
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct conn *conn = parser->data;

    return conn->is_key ? append(conn->key, &conn->key_len, KEY_MAX, at, len) : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct conn *conn = parser->data;

    return append(conn->body, &conn->body_len, BODY_MAX, at, len);
}

static int on_whole(llhttp_t *parser)
{
    struct conn *conn = parser->data;

    answer(conn);
    return conn->job ? HPE_PAUSED : 0;
}

static const llhttp_settings_t *settings(void)
{
    static llhttp_settings_t all;

    if (!all.on_url) {
        llhttp_settings_init(&all);
        all.on_message_begin = on_begin;
        all.on_url = on_url;
        all.on_header_field = on_name;
        all.on_header_field_complete = on_name_end;
        all.on_header_value = on_value;
        all.on_body = on_body;
        all.on_message_complete = on_whole;
    }
    return &all;
}

/* Answers ----------------------------------------------------------------------------------- */

void conn_finish(struct bare *bare, struct job *job)
{
    struct conn *conn = job->conn;
    struct out ahead;

    if (conn) {
        conn->job = NULL;
        bare->body.len = 0;
        out_put(&bare->body, job->json.at, job->json.len);
        bare->tokens = job->tokens;
        conn_answer(conn, job->status, job->create.request_id);
        llhttp_resume(&conn->parser);
        ahead = conn->ahead;
        memset(&conn->ahead, 0, sizeof(conn->ahead));
        if (ahead.len && !conn->is_closing)
            feed(conn, ahead.at, ahead.len);
        free(ahead.at);
    }
    free(job->json.at);
    free(job);
}

/* Tries to write at once: it nearly always goes through. */
static void send_all(struct conn *conn, const struct out *head, const struct out *body)
{
    uv_buf_t bufs[2] = { uv_buf_init(head->at, (unsigned)head->len),
                         uv_buf_init(body->at, (unsigned)body->len) };
    size_t all = head->len + body->len, sent = 0;
    struct late_write *late;
    int result = uv_try_write((uv_stream_t *)&conn->tcp, bufs, body->len ? 2 : 1);

    if (result > 0)
        sent = (size_t)result;
    if (sent == all)
        return;
    if (result < 0 && result != UV_EAGAIN) {
        close_conn(conn);
        return;
    }
    late = malloc(sizeof(*late) + all);
    memcpy(late->bytes, head->at, head->len);
    if (body->len)
        memcpy(late->bytes + head->len, body->at, body->len);
    bufs[0] = uv_buf_init(late->bytes + sent, (unsigned)(all - sent));
    if (uv_write(&late->request, (uv_stream_t *)&conn->tcp, bufs, 1, on_late_write)) {
        free(late);
        close_conn(conn);
    }
}

static void on_late_write(uv_write_t *request, int status)
{
    (void)status; /* a failed write is followed by a failed read */
    free(request);
}

static const char *status_line(int status)
{
    switch (status) {
    case 200:
        return "HTTP/1.1 200 OK\r\n";
    case 401:
        return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
        return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
        return "HTTP/1.1 404 Not Found\r\n";
    case 409:
        return "HTTP/1.1 409 Conflict\r\n";
    case 429:
        return "HTTP/1.1 429 Too Many Requests\r\n";
    default:
        return "HTTP/1.1 400 Bad Request\r\n";
    }
}

/* 128 bits that change with the body; fast, and good enough to tell two representations apart. */
static void put_etag(struct out *head, const struct out *body)
{
    static const uint64_t odd[2] = { UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xC2B2AE3D27D4EB4F) };
    uint64_t lanes[2] = { body->len, ~body->len }, words[2];
    size_t at, lane;

    for (at = 0; at < body->len; at += 16) {
        words[0] = words[1] = 0;
        memcpy(words, body->at + at, body->len - at < 16 ? body->len - at : 16);
        for (lane = 0; lane < 2; lane++) {
            lanes[lane] = (lanes[lane] ^ words[lane]) * odd[lane];
            lanes[lane] ^= lanes[lane] >> 29 ^ words[1 - lane];
        }
    }
    out_lit(head, "ETag: \"");
    out_base64url(head, (unsigned char *)lanes, sizeof(lanes));
    out_lit(head, "\"\r\n");
}

/* The headers that Foyer sends with an answer to a program. */
void conn_answer(struct conn *conn, int status, struct text request_id)
{
    struct out *head = &conn->bare->head, *body = &conn->bare->body;
    const char *line = status_line(status);

    head->len = 0;
    out_put(head, line, strlen(line));
    out_put(head, conn->bare->date, strlen(conn->bare->date));
    out_lit(head, "Content-Type: application/json\r\nContent-Length: ");
    out_int(head, (int64_t)body->len);
    out_lit(head, "\r\nX-Request-Id: ");
    out_put(head, request_id.at, request_id.len);
    out_lit(head, "\r\n");
    if (status == 200 && llhttp_get_method(&conn->parser) == HTTP_GET)
        put_etag(head, body);
    out_lit(head, "Cache-Control: private, no-cache\r\nX-Content-Type-Options: nosniff\r\n"
                  "RateLimit-Policy: \"requests\";q=1000000000;w=1\r\n"
                  "RateLimit: \"requests\";r=");
    out_int(head, conn->bare->tokens);
    out_lit(head, ";t=0\r\n\r\n");
    send_all(conn, head, body);
    if (!llhttp_should_keep_alive(&conn->parser))
        close_conn(conn);
}

static void close_conn(struct conn *conn)
{
    if (conn->is_closing)
        return;
    conn->is_closing = true;
    if (conn->job)
        conn->job->conn = NULL;
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;

    free(conn->ahead.at);
    free(conn);
}

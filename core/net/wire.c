/* Wire: writing the head of an answer. */
#include "net/wire.h"

#include "base/clock.h"

static void write_status(struct buf *out, int status);
static void write_date(struct buf *out, struct wire_date *date);

void wire_head(struct buf *out, struct wire_date *date, const struct reply *rp,
               const struct request *rq, bool keeps_alive)
{
    write_status(out, rp->status);
    write_date(out, date);
    if (rp->content_type != NULL) {
        buf_text(out, "Content-Type: ");
        buf_text(out, rp->content_type);
        buf_text(out, "\r\n");
    }
    if (rp->status != 204 && rp->status != 304) {
        buf_text(out, "Content-Length: ");
        buf_int(out, (int64_t)rp->body.len);
        buf_text(out, "\r\n");
    }
    if (!keeps_alive)
        buf_text(out, "Connection: close\r\n");
    else if (rq->version_minor == 0)
        buf_text(out, "Connection: keep-alive\r\n");
    for (size_t i = 0; i < rp->header_count; i++) {
        buf_text(out, rp->headers[i].name);
        buf_put(out, ": ", 2);
        buf_str(out, rp->headers[i].value);
        buf_put(out, "\r\n", 2);
    }
    buf_put(out, "\r\n", 2);
}

bool wire_has_body(const struct reply *rp, const struct request *rq)
{
    return rq->method != HEAD && rp->status != 204 && rp->status != 304 && rp->body.len > 0;
}

static void write_status(struct buf *out, int status)
{
    buf_text(out, "HTTP/1.1 ");
    buf_int(out, status);
    buf_char(out, ' ');
    buf_text(out, reply_phrase(status));
    buf_text(out, "\r\n");
}

static void write_date(struct buf *out, struct wire_date *date)
{
    int64_t now = clock_wall(), second = now / CLOCK_SECOND;

    if (date->second != second) {
        date->second = second;
        clock_format_http(now, date->text);
    }
    buf_put(out, "Date: ", 6);
    buf_put(out, date->text, sizeof date->text - 1);
    buf_put(out, "\r\n", 2);
}

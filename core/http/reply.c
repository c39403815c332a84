/* Reply: setting status, headers and body. Errors: problem.c. */
#include "http/reply.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"

#include <string.h>
#include <strings.h>

static bool is_writable(const char *name, struct str value);

void reply_init(struct reply *rp)
{
    *rp = (struct reply){ 0 };
    buf_init(&rp->body, LIMIT_REPLY_BODY);
}

void reply_fini(struct reply *rp)
{
    buf_fini(&rp->body);
}

void reply_clear(struct reply *rp)
{
    struct buf body = rp->body;

    buf_clear(&body);
    *rp = (struct reply){ .body = body };
}

bool reply_header(struct reply *rp, const char *name, struct str value)
{
    for (size_t i = 0; i < rp->header_count; i++) {
        if (strcasecmp(rp->headers[i].name, name) != 0)
            continue;
        if (!is_writable(name, value))
            return false;
        rp->headers[i].value = value;
        return true;
    }
    return reply_header_more(rp, name, value);
}

bool reply_header_more(struct reply *rp, const char *name, struct str value)
{
    if (!is_writable(name, value))
        return false;
    if (rp->header_count == REPLY_HEADERS) {
        log_error(STR_NONE, "more headers than a reply holds", LOG_C("header", name));
        return false;
    }
    rp->headers[rp->header_count++] = (struct reply_header){ name, value };
    return true;
}

struct buf *reply_json(struct reply *rp, int status)
{
    rp->status = status;
    rp->content_type = "application/json";
    buf_clear(&rp->body);
    return &rp->body;
}

void reply_html(struct reply *rp, int status, struct str html)
{
    rp->status = status;
    rp->content_type = "text/html; charset=utf-8";
    buf_clear(&rp->body);
    buf_str(&rp->body, html);
}

void reply_redirect(struct reply *rp, struct arena *arena, struct str location)
{
    rp->status = 303;
    rp->content_type = NULL;
    buf_clear(&rp->body);
    reply_header(rp, "Location", str_copy(arena, location));
}

static bool is_writable(const char *name, struct str value)
{
    PRE(name != NULL && value.at != NULL);
    /* whatever a peer sent and a handler put here: it cannot begin another header or answer */
    if (memchr(value.at, '\r', value.len) || memchr(value.at, '\n', value.len) ||
        memchr(value.at, '\0', value.len)) {
        log_error(STR_NONE, "a header was not sent: line break or NUL in it",
                  LOG_C("header", name));
        return false;
    }
    return true;
}

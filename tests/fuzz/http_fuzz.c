/* Http_fuzz: bytes of a connection. The parser must say the same of them in one piece, byte by byte and
 * in pieces between; what it takes as a request, llhttp must take as the same request.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "http/parse.h"

#include <llhttp.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_LIMIT = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What llhttp makes of one request. */
struct second {
    struct buf body;
    bool is_whole;
};

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct second *second = parser->data;

    buf_put(&second->body, at, len);
    return 0;
}

static int on_whole(llhttp_t *parser)
{
    struct second *second = parser->data;

    second->is_whole = true;
    return HPE_PAUSED;
}

/* llhttp reads extensions of chunks and trailers, and refuses some; we skip both. */
static void compare(struct str bytes, const struct request *rq)
{
    static const llhttp_settings_t settings = { .on_body = on_body,
                                                .on_message_complete = on_whole };
    struct second second = { .is_whole = false };
    enum llhttp_errno error;
    llhttp_t parser;

    buf_init(&second.body, BODY_LIMIT + 1);
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &second;
    error = llhttp_execute(&parser, bytes.at, bytes.len);
    if (error == HPE_PAUSED || request_header(rq, "transfer-encoding").at == NULL) {
        NEVER(!second.is_whole);
        NEVER(rq->has_body && !str_eq(buf_view(&second.body), rq->body));
        NEVER(!rq->has_body && second.body.len > 0);
    }
    buf_fini(&second.body);
}

static void put_request(struct buf *out, const struct request *rq, bool keeps_alive)
{
    buf_printf(out, "request %s 1.%d %d host ", method_name(rq->method), rq->version_minor,
               keeps_alive);
    buf_str(out, rq->host);
    buf_text(out, " path ");
    buf_str(out, rq->path);
    for (size_t i = 0; i < rq->segment_count; i++) {
        buf_char(out, '\1');
        buf_str(out, rq->segments[i]);
        NEVER(!str_is_utf8(rq->segments[i]) || str_has_control(rq->segments[i]));
        NEVER(str_is(rq->segments[i], "..") || str_is(rq->segments[i], "."));
    }
    for (size_t i = 0; i < rq->query_count; i++) {
        buf_char(out, '\2');
        buf_str(out, rq->query[i].name);
        buf_char(out, '=');
        buf_str(out, rq->query[i].value);
        NEVER(!str_is_utf8(rq->query[i].value) || str_has_control(rq->query[i].value));
    }
    for (size_t i = 0; i < rq->header_count; i++) {
        buf_char(out, '\3');
        buf_str(out, rq->headers[i].name);
        buf_char(out, ':');
        buf_str(out, rq->headers[i].value);
        NEVER(rq->headers[i].name.len == 0);
    }
    buf_text(out, " body ");
    buf_str(out, rq->body);
    buf_char(out, '\n');
}

static void put_refusal(struct buf *out, const struct failure *failure)
{
    NEVER(failure->status == ST_OK);
    NEVER(!str_is_utf8(failure->message));
    buf_printf(out, "refused %d ", status_http(failure->status));
    buf_str(out, failure->code);
    buf_str(out, failure->message);
    buf_char(out, '\n');
}

/* The length of the next piece: all, 1, or by chance. */
static size_t piece_of(unsigned how, uint32_t *chance, size_t left)
{
    size_t len = left;

    if (how == 1)
        return 1;
    if (how > 1) {
        *chance = *chance * 1664525u + 1013904223u;
        len = 1 + (*chance >> 16) % 64;
    }
    return len < left ? len : left;
}

static void run(struct str all, unsigned how, struct buf *out)
{
    struct parser *parser = parser_new();
    struct request rq = { 0 };
    struct failure failure = { 0 };
    struct arena arena;
    uint32_t chance = (uint32_t)all.len * 2654435761u + how;
    size_t at = 0, begin = 0;
    bool is_over = false;

    arena_init(&arena, LIMIT_REQUEST_ARENA);
    parser_begin(parser, &arena, &rq);
    while (at < all.len && !is_over) {
        size_t len = piece_of(how, &chance, all.len - at), used = 0;
        enum parse_event event = PARSE_MORE;

        do {
            size_t taken = 0;

            event = parser_feed(parser, all.at + at + used, len - used, &taken, &failure);
            used += taken;
            if (event == PARSE_HEADERS)
                parser_set_body_limit(parser, BODY_LIMIT);
        } while (event == PARSE_HEADERS);
        NEVER(event == PARSE_MORE && used != len);
        at += used;
        if (event == PARSE_REFUSED) {
            put_refusal(out, &failure);
            is_over = true;
        } else if (event == PARSE_REQUEST) {
            put_request(out, &rq, parser_keeps_alive(parser));
            if (how == 0)
                compare(str_slice(all.at + begin, at - begin), &rq);
            begin = at;
            is_over = !parser_keeps_alive(parser);
            arena_reset(&arena);
            rq = (struct request){ 0 };
            parser_begin(parser, &arena, &rq);
        }
    }
    parser_free(parser);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = str_slice((const char *)data, size);
    struct buf first, other;

    buf_init(&first, MIB(16));
    buf_init(&other, MIB(16));
    run(all, 0, &first);
    for (unsigned how = 1; how < 4; how++) {
        buf_clear(&other);
        run(all, how, &other);
        NEVER(!str_eq(buf_view(&first), buf_view(&other)));
    }
    buf_fini(&first);
    buf_fini(&other);
    return 0;
}

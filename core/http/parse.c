/* Parse: gathers the header block, lets it be scanned, read and checked, then gathers the body.
 *
 *            bytes           block whole                 feed                     body whole
 *   HEADER ────────▶ HEADER ─────────────▶ CHECKED ─────────────▶ SIZED, CHUNKED ───────────▶ DONE
 *      │                │ PARSE_HEADERS       │ no body: DONE           │            PARSE_REQUEST
 *      └────────────────┴─────────────────────┴─────────────────────────┴──▶ REFUSED
 *
 * The lines of the block are prescan.c's, their meaning is parse_header.c's, chunks are chunk.c's.
 */
#include "http/parse.h"

#include "base/check.h"
#include "base/limits.h"
#include "http/chunk.h"
#include "http/parse_header.h"
#include "http/prescan.h"

#include <stdlib.h>
#include <string.h>

enum state { DONE, HEADER, CHECKED, SIZED, CHUNKED, REFUSED };

enum { HEAD_FIRST = 1024, BODY_FIRST = 16 * 1024 };

struct parser {
    struct arena *arena;
    struct request *rq;
    enum state state;
    struct head head; /* what the header says of framing */
    struct prescan scan;
    struct chunk chunk;
    char *block; /* raw header, in the arena */
    size_t block_len, block_cap;
    char *body; /* in the arena */
    size_t body_len, body_cap;
    size_t body_limit;
};

static enum parse_event feed_header(struct parser *parser, const char *at, size_t len,
                                    size_t *taken, struct failure *failure);
static enum parse_event begin_body(struct parser *parser, struct failure *failure);
static enum parse_event feed_sized(struct parser *parser, const char *at, size_t len,
                                   size_t *taken);
static enum parse_event feed_chunked(struct parser *parser, const char *at, size_t len,
                                     size_t *taken, struct failure *failure);
static enum parse_event finish(struct parser *parser);
static void append(struct arena *arena, char **to, size_t *to_len, size_t *cap, size_t first,
                   const char *at, size_t len);
static enum parse_event refuse(struct parser *parser, struct failure *failure,
                               const struct prescan_fault *fault);
static enum parse_event refuse_size(struct parser *parser, struct failure *failure);

struct parser *parser_new(void)
{
    return xcalloc(1, sizeof(struct parser));
}

void parser_free(struct parser *parser)
{
    free(parser);
}

void parser_begin(struct parser *parser, struct arena *arena, struct request *rq)
{
    PRE(parser->state == DONE);
    *parser =
        (struct parser){ .arena = arena, .rq = rq, .state = HEADER, .body_limit = LIMIT_JSON_BODY };
    prescan_begin(&parser->scan);
}

enum parse_event parser_feed(struct parser *parser, const char *at, size_t len, size_t *taken,
                             struct failure *failure)
{
    size_t used = 0;
    enum parse_event event;

    *taken = 0;
    if (parser->state == CHECKED) {
        event = begin_body(parser, failure);
        if (event != PARSE_MORE)
            return event;
    }
    switch (parser->state) {
    case HEADER:
        event = feed_header(parser, at, len, &used, failure);
        break;
    case SIZED:
        event = feed_sized(parser, at, len, &used);
        break;
    case CHUNKED:
        event = feed_chunked(parser, at, len, &used, failure);
        break;
    default:
        PRE(parser->state == REFUSED);
        event = PARSE_REFUSED;
        used = len;
    }
    *taken = used;
    return event;
}

void parser_set_body_limit(struct parser *parser, size_t limit)
{
    parser->body_limit = limit;
}

bool parser_wants_continue(const struct parser *parser)
{
    return parser->head.wants_continue && parser->body_len == 0 &&
           (parser->state == SIZED || parser->state == CHUNKED);
}

bool parser_keeps_alive(const struct parser *parser)
{
    return parser->state != REFUSED && parser->head.keeps_alive;
}

bool parser_is_idle(const struct parser *parser)
{
    return parser->state == DONE || (parser->state == HEADER && prescan_is_idle(&parser->scan));
}

bool parser_in_header(const struct parser *parser)
{
    return parser->state == HEADER && !prescan_is_idle(&parser->scan);
}

size_t parser_body_bytes(const struct parser *parser)
{
    return parser->body_len;
}

static enum parse_event feed_header(struct parser *parser, const char *at, size_t len,
                                    size_t *taken, struct failure *failure)
{
    struct prescan_fault fault;
    size_t skip;
    enum prescan_event event = prescan_feed(&parser->scan, at, len, taken, &skip, &fault);

    if (skip > 0)
        parser->block_len = 0;
    append(parser->arena, &parser->block, &parser->block_len, &parser->block_cap, HEAD_FIRST,
           at + skip, *taken - skip);
    if (event == PRESCAN_MORE)
        return PARSE_MORE;
    if (event == PRESCAN_FAULT) {
        head_guess_method(str_slice(parser->block, parser->block_len), parser->rq);
        return refuse(parser, failure, &fault);
    }
    if (head_read(&parser->head, parser->block, parser->block_len, parser->scan.lines,
                  parser->arena, parser->rq, failure) != ST_OK) {
        parser->state = REFUSED;
        return PARSE_REFUSED;
    }
    parser->state = CHECKED;
    return PARSE_HEADERS;
}

static enum parse_event begin_body(struct parser *parser, struct failure *failure)
{
    if (parser->head.is_chunked) {
        chunk_begin(&parser->chunk);
        parser->state = CHUNKED;
        return PARSE_MORE;
    }
    if (parser->head.content_length > parser->body_limit)
        return refuse_size(parser, failure);
    if (parser->head.content_length == 0)
        return finish(parser);
    parser->state = SIZED;
    return PARSE_MORE;
}

static enum parse_event feed_sized(struct parser *parser, const char *at, size_t len, size_t *taken)
{
    size_t left = (size_t)parser->head.content_length - parser->body_len;

    *taken = len < left ? len : left;
    append(parser->arena, &parser->body, &parser->body_len, &parser->body_cap, BODY_FIRST, at,
           *taken);
    return *taken == left ? finish(parser) : PARSE_MORE;
}

static enum parse_event feed_chunked(struct parser *parser, const char *at, size_t len,
                                     size_t *taken, struct failure *failure)
{
    struct prescan_fault fault;

    while (*taken < len) {
        struct str data = STR_NONE;
        size_t used;

        switch (chunk_feed(&parser->chunk, at + *taken, len - *taken, &used, &data, &fault)) {
        case CHUNK_DATA:
            if (data.len > parser->body_limit - parser->body_len)
                return refuse_size(parser, failure);
            append(parser->arena, &parser->body, &parser->body_len, &parser->body_cap, BODY_FIRST,
                   data.at, data.len);
            break;
        case CHUNK_END:
            *taken += used;
            return finish(parser);
        case CHUNK_FAULT:
            return refuse(parser, failure, &fault);
        case CHUNK_MORE:
            break;
        }
        *taken += used;
    }
    return PARSE_MORE;
}

static enum parse_event finish(struct parser *parser)
{
    if (parser->rq->has_body)
        parser->rq->body = str_slice(parser->body ? parser->body : "", parser->body_len);
    parser->state = DONE;
    return PARSE_REQUEST;
}

/* A peer that announces much and sends little gets memory as it sends. */
static void append(struct arena *arena, char **to, size_t *to_len, size_t *cap, size_t first,
                   const char *at, size_t len)
{
    if (len > *cap - *to_len) {
        size_t wanted = *cap ? *cap * 2 : first;

        while (wanted < *to_len + len)
            wanted *= 2;
        *to = arena_grow(arena, *to, *to_len, wanted);
        *cap = wanted;
    }
    if (len > 0)
        memcpy(*to + *to_len, at, len);
    *to_len += len;
}

static enum parse_event refuse(struct parser *parser, struct failure *failure,
                               const struct prescan_fault *fault)
{
    if (fault->message != NULL)
        failure_set(failure, parser->arena, fault->status, fault->code, "%s", fault->message);
    else
        failure_set(failure, parser->arena, fault->status, fault->code, NULL);
    parser->state = REFUSED;
    return PARSE_REFUSED;
}

static enum parse_event refuse_size(struct parser *parser, struct failure *failure)
{
    if (parser->body_limit == 0)
        failure_set(failure, parser->arena, ST_TOO_LARGE, NULL, "This address takes no body.");
    else
        failure_set(failure, parser->arena, ST_TOO_LARGE, NULL,
                    "The body is larger than the %zu bytes that this address takes.",
                    parser->body_limit);
    parser->state = REFUSED;
    return PARSE_REFUSED;
}

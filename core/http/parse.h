/* Parse: bytes to requests, and the refusal of everything that is not one.
 *
 * One pass of ours over the raw header block, llhttp in strict mode, then the checks that llhttp
 * leaves to its user (2-architecture "Dependencies", 6-quality "HTTP"). Knows no sockets: bytes are
 * fed as they come, split anywhere, and requests come out, in order. The only llhttp.h.
 */
#ifndef FOYER_HTTP_PARSE_H
#define FOYER_HTTP_PARSE_H

#include "base/arena.h"
#include "base/failure.h"
#include "http/request.h"

struct parser;

enum parse_event {
    PARSE_MORE,    /* all bytes taken; feed more */
    PARSE_HEADERS, /* the header is whole and checked, but for what the route decides: whether the host
                       is ours (host.h), the body's type and bound. Then answer 100-continue if
                       parser_wants_continue, and go on with parser_feed, even without more bytes */
    PARSE_REQUEST, /* the request is whole; bytes behind it were not taken */
    PARSE_REFUSED, /* failure says why: answer it, close */
};

struct parser *parser_new(void);
void parser_free(struct parser *parser);
/* Begins the next request: its memory will come from arena. */
void parser_begin(struct parser *parser, struct arena *arena, struct request *rq);
/* Feeds len bytes; *taken tells how many were used. body_limit applies once the header is whole. */
enum parse_event parser_feed(struct parser *parser, const char *at, size_t len, size_t *taken,
                             struct failure *failure);
void parser_set_body_limit(struct parser *parser, size_t limit);
bool parser_wants_continue(const struct parser *parser);
/* Whether the connection may carry another request after this one. */
bool parser_keeps_alive(const struct parser *parser);
/* Between requests, no byte of the next one yet. */
bool parser_is_idle(const struct parser *parser);
bool parser_in_header(const struct parser *parser);
size_t parser_body_bytes(const struct parser *parser);

#endif

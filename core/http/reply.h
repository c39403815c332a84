/* Reply: what a handler answers. The wire form (status line, Content-Length, Date …) is net's.
 *
 * Owned by the job. reply_clear makes it as new: the writer clears and runs again.
 */
#ifndef FOYER_HTTP_REPLY_H
#define FOYER_HTTP_REPLY_H

#include "base/buf.h"
#include "base/failure.h"
#include "base/uuid.h"

struct arena;

enum { REPLY_HEADERS = 24 };

struct reply_header {
    const char *name; /* literal, or in the request's arena; canonical case */
    struct str value; /* in the request's arena; CR, LF and NUL are refused when it is set */
};

struct reply {
    int status;               /* HTTP; 0: nothing yet */
    const char *content_type; /* literal, or in the request's arena; NULL: no body */
    struct buf body;
    struct reply_header headers[REPLY_HEADERS];
    size_t header_count;
    bool has_secret; /* keys, links: is not kept for Idempotency-Key, no-store */
    /* Strong, with quotes; absent: made for 200 of GET, from the body or from the two digests. */
    struct str etag;
    /* Where If-Match protects less than the whole body: digests of what it does, and of the rest. */
    struct str stable, moving;
    bool close;            /* close the connection after it */
    struct uuid entity_id; /* of what was made, for idempotency */
};

void reply_init(struct reply *rp);
void reply_fini(struct reply *rp);
void reply_clear(struct reply *rp);
/* Adds or replaces. False: the value has CR, LF or NUL, or there are too many (logged, not sent). */
bool reply_header(struct reply *rp, const char *name, struct str value);
/* Adds even where one of the name is there (Set-Cookie, Link). */
bool reply_header_more(struct reply *rp, const char *name, struct str value);

/* Sets status and type and gives the body to write JSON into. */
struct buf *reply_json(struct reply *rp, int status);
void reply_html(struct reply *rp, int status, struct str html);
void reply_redirect(struct reply *rp, struct arena *arena, struct str location); /* 303 */
/* RFC 9457 with code, message, errors, requestId; takes the place of whatever was there. Uses
 * failure->status (ST_OK counts as ST_INTERNAL); adds Retry-After, WWW-Authenticate where they
 * belong. (problem.c) */
void reply_problem(struct reply *rp, const struct failure *failure, struct str request_id,
                   struct arena *arena);
/* "Not Found"; "Unknown" for a number that is none. */
const char *reply_phrase(int status);

#endif

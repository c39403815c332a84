/* Wire: the head of an answer as it goes out. Bodies are sent from where they lie. */
#ifndef FOYER_NET_WIRE_H
#define FOYER_NET_WIRE_H

#include "base/buf.h"
#include "http/reply.h"
#include "http/request.h"

/* The Date of this second; one a loop. */
struct wire_date {
    int64_t second;
    char text[30];
};

/* Appends status line, headers and the empty line: Date, Content-Type, Content-Length (but with 204
 * and 304), Connection, then those of the reply. */
void wire_head(struct buf *out, struct wire_date *date, const struct reply *rp,
               const struct request *rq, bool keeps_alive);
/* Whether the body goes out after the head: not for HEAD, 204 and 304. */
bool wire_has_body(const struct reply *rp, const struct request *rq);

#endif

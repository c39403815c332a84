/* Parse_header: a whole header block to a request, and the checks of its meaning. For parse.c
 * alone; parse_header.c is the only file that includes llhttp.h.
 */
#ifndef FOYER_HTTP_PARSE_HEADER_H
#define FOYER_HTTP_PARSE_HEADER_H

#include "base/arena.h"
#include "base/failure.h"
#include "http/request.h"

/* What the header says of the body and of the connection. */
struct head {
    uint64_t content_length;
    bool is_chunked;
    bool wants_continue;
    bool keeps_alive;
};

/* block is what prescan.c let through, with the empty line at its end; it lies in the arena and is
 * written to (names and host become lower case). lines is how many header lines it has. Fills *head,
 * and of *rq all but the body. Not ST_OK: failure is set; rq->method is known if it could be read. */
enum status head_read(struct head *head, char *block, size_t len, size_t lines, struct arena *arena,
                      struct request *rq, struct failure *failure);
/* Sets rq->method from the beginning of a block that is broken, so that HEAD is answered as such. */
void head_guess_method(struct str block, struct request *rq);

#endif

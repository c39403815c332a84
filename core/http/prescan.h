/* Prescan: one pass over the raw bytes of a header block, before llhttp sees them.
 *
 * llhttp, even in strict mode, takes some of what other servers read differently, which is how
 * requests are smuggled: obs-fold, empty names, and (8.1) a CR alone as the end of a line. Here the
 * grammar of lines is enforced (RFC 9112, 2 and 5) and everything is counted. Keeps no bytes; fed as
 * they come. Trailers of chunked bodies are scanned by the same machine.
 */
#ifndef FOYER_HTTP_PRESCAN_H
#define FOYER_HTTP_PRESCAN_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prescan {
    uint8_t state;
    bool has_empty_line; /* one CRLF before the request line was let through */
    uint16_t lines;      /* header lines so far */
    uint32_t bytes;      /* of the block so far, without the empty line before it */
    uint32_t request_line;
};

enum prescan_event { PRESCAN_MORE, PRESCAN_DONE, PRESCAN_FAULT };

/* Why a block was refused. */
struct prescan_fault {
    enum status status;
    const char *code;
    const char *message;
};

void prescan_begin(struct prescan *scan);
/* Begins where header lines begin: for trailers. */
void prescan_begin_trailer(struct prescan *scan);
/* Looks at len bytes. DONE: *taken is behind the last LF of the block. FAULT: *fault is set. *skip
 * not 0: all that was fed before, and so many of these bytes, stood before the request line. */
enum prescan_event prescan_feed(struct prescan *scan, const char *at, size_t len, size_t *taken,
                                size_t *skip, struct prescan_fault *fault);
/* No byte of a block was seen. */
bool prescan_is_idle(const struct prescan *scan);

/* A letter of tokens (RFC 9110, 5.6.2). */
bool prescan_is_token(char c);

#endif

/* Chunk: the chunked transfer coding of bodies (RFC 9112, 7.1), stricter than it must be.
 *
 * Sizes of at most 8 hexadecimal digits; no blanks around them; extensions are bounded and ignored,
 * trailers are scanned like headers and ignored. Keeps no bytes; fed as they come. llhttp is not
 * asked: its chunk lines are unbounded and end where other servers' do not.
 */
#ifndef FOYER_HTTP_CHUNK_H
#define FOYER_HTTP_CHUNK_H

#include "base/str.h"
#include "http/prescan.h"

struct chunk {
    uint8_t state;
    uint8_t digits;
    uint64_t left;    /* of the data of this chunk */
    size_t extension; /* bytes of extensions in the whole body */
    struct prescan trailer;
};

enum chunk_event { CHUNK_MORE, CHUNK_DATA, CHUNK_END, CHUNK_FAULT };

void chunk_begin(struct chunk *chunk);
/* Takes up to the next event. DATA: *data borrows from at. END: the body is whole. FAULT: *fault. */
enum chunk_event chunk_feed(struct chunk *chunk, const char *at, size_t len, size_t *taken,
                            struct str *data, struct prescan_fault *fault);

#endif

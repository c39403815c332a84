/* Chunk: the machine over a chunked body.
 *
 *   SIZE ──";"──▶ EXTENSION ──CR──▶ SIZE_LF ──LF──▶ DATA ──▶ DATA_CR ──▶ DATA_LF ──▶ SIZE
 *     └──────────────CR──────────────▶ SIZE_LF ──LF, size 0──▶ TRAILER ──▶ done
 */
#include "http/chunk.h"

#include "base/limits.h"

enum state { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER };

enum { DIGITS_MAX = 8 };

static enum chunk_event step(struct chunk *chunk, unsigned char c, struct prescan_fault *fault);
static enum chunk_event step_size(struct chunk *chunk, unsigned char c,
                                  struct prescan_fault *fault);
static enum chunk_event step_extension(struct chunk *chunk, unsigned char c,
                                       struct prescan_fault *fault);
static enum chunk_event feed_trailer(struct chunk *chunk, const char *at, size_t len, size_t *taken,
                                     struct prescan_fault *fault);
static int hex_value(unsigned char c);
static enum chunk_event fail(struct prescan_fault *fault, const char *message);

void chunk_begin(struct chunk *chunk)
{
    *chunk = (struct chunk){ .state = SIZE };
}

enum chunk_event chunk_feed(struct chunk *chunk, const char *at, size_t len, size_t *taken,
                            struct str *data, struct prescan_fault *fault)
{
    size_t i = 0;

    while (i < len) {
        enum chunk_event event;

        if (chunk->state == TRAILER) {
            event = feed_trailer(chunk, at + i, len - i, taken, fault);
            *taken += i;
            return event;
        }
        if (chunk->state == DATA) {
            size_t most = chunk->left < len - i ? (size_t)chunk->left : len - i;

            *data = str_slice(at + i, most);
            chunk->left -= most;
            if (chunk->left == 0)
                chunk->state = DATA_CR;
            *taken = i + most;
            return CHUNK_DATA;
        }
        event = step(chunk, (unsigned char)at[i++], fault);
        if (event != CHUNK_MORE) {
            *taken = i;
            return event;
        }
    }
    *taken = len;
    return CHUNK_MORE;
}

static enum chunk_event step(struct chunk *chunk, unsigned char c, struct prescan_fault *fault)
{
    switch ((enum state)chunk->state) {
    case SIZE:
        return step_size(chunk, c, fault);
    case EXTENSION:
        return step_extension(chunk, c, fault);
    case SIZE_LF:
        if (c != '\n')
            return fail(fault, "A chunk's size has a CR without LF behind it.");
        if (chunk->left == 0)
            prescan_begin_trailer(&chunk->trailer);
        chunk->state = chunk->left == 0 ? TRAILER : DATA;
        return CHUNK_MORE;
    case DATA_CR:
        if (c != '\r')
            return fail(fault, "A chunk is longer than its size.");
        chunk->state = DATA_LF;
        return CHUNK_MORE;
    default: /* DATA_LF */
        if (c != '\n')
            return fail(fault, "A chunk ends with a CR without LF behind it.");
        chunk->state = SIZE;
        chunk->digits = 0;
        return CHUNK_MORE;
    }
}

static enum chunk_event step_size(struct chunk *chunk, unsigned char c, struct prescan_fault *fault)
{
    int value = hex_value(c);

    if (value >= 0) {
        if (chunk->digits == DIGITS_MAX)
            return fail(fault, "A chunk's size has more than 8 digits.");
        chunk->left = chunk->left << 4 | (unsigned)value;
        chunk->digits++;
        return CHUNK_MORE;
    }
    if (chunk->digits == 0 || (c != '\r' && c != ';'))
        return fail(fault, "A chunk's size is not a hexadecimal number.");
    chunk->state = c == ';' ? EXTENSION : SIZE_LF;
    return CHUNK_MORE;
}

static enum chunk_event step_extension(struct chunk *chunk, unsigned char c,
                                       struct prescan_fault *fault)
{
    if (c == '\r') {
        chunk->state = SIZE_LF;
        return CHUNK_MORE;
    }
    if ((c < 0x20 && c != '\t') || c >= 0x7F)
        return fail(fault, "A chunk's extension has a character that cannot stand there.");
    if (++chunk->extension > LIMIT_CHUNK_EXTENSIONS)
        return fail(fault, "The extensions of chunks are too long.");
    return CHUNK_MORE;
}

static enum chunk_event feed_trailer(struct chunk *chunk, const char *at, size_t len, size_t *taken,
                                     struct prescan_fault *fault)
{
    size_t skip;

    switch (prescan_feed(&chunk->trailer, at, len, taken, &skip, fault)) {
    case PRESCAN_DONE:
        return CHUNK_END;
    case PRESCAN_FAULT:
        return CHUNK_FAULT;
    default:
        return CHUNK_MORE;
    }
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum chunk_event fail(struct prescan_fault *fault, const char *message)
{
    *fault = (struct prescan_fault){ ST_INVALID, "invalid_chunk", message };
    return CHUNK_FAULT;
}

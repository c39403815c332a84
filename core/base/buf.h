/* Buf: bytes that grow, born with a ceiling.
 *
 * Sticky: once a put would pass the ceiling the buffer keeps what it had, is
 * `overflowed`, and takes nothing more; look at the end, not after each put.
 * Owns its memory (heap). Belongs to one thread at a time.
 */
#ifndef FOYER_BASE_BUF_H
#define FOYER_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>
#include <string.h>

struct buf {
    char *at;
    size_t len;
    size_t cap;
    size_t ceiling;
    bool overflowed;
};

void buf_init(struct buf *buf, size_t ceiling);
void buf_fini(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps memory and ceiling */

/* The way of buf_put where there is no room. */
void buf_put_more(struct buf *buf, const void *at, size_t len);

/* Here, for answers are made of hundreds of them, each of a few bytes. */
static inline void buf_put(struct buf *buf, const void *at, size_t len)
{
    if (len == 0)
        return;
    if (buf->at == NULL || buf->overflowed || len > buf->cap - buf->len) {
        buf_put_more(buf, at, len);
        return;
    }
    memcpy(buf->at + buf->len, at, len);
    buf->len += len;
}

static inline void buf_char(struct buf *buf, char c)
{
    buf_put(buf, &c, 1);
}

static inline void buf_str(struct buf *buf, struct str s)
{
    buf_put(buf, s.at, s.len);
}

static inline void buf_text(struct buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void buf_int(struct buf *buf, int64_t number);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* A JSON string with its quotes; absent gives null. s is UTF-8; U+2028/9, <, > and & are escaped
 * so that the text may stand inside HTML. */
void buf_json(struct buf *buf, struct str s);
/* Text for HTML bodies and double-quoted attributes: & < > " ' escaped. */
void buf_html(struct buf *buf, struct str s);
/* application/x-www-form-urlencoded / path-safe percent encoding of everything but unreserved. */
void buf_url(struct buf *buf, struct str s);

/* The way of buf_reserve where there is no room. */
char *buf_reserve_more(struct buf *buf, size_t len);

/* Grows to have room for len more and gives the place; commit with buf_took. NULL: overflowed. */
static inline char *buf_reserve(struct buf *buf, size_t len)
{
    if (buf->at == NULL || buf->overflowed || len > buf->cap - buf->len)
        return buf_reserve_more(buf, len);
    return buf->at + buf->len;
}

void buf_took(struct buf *buf, size_t len);
/* Drops the first len bytes. */
void buf_drop(struct buf *buf, size_t len);

struct str buf_view(const struct buf *buf); /* borrows until the next put */

#endif

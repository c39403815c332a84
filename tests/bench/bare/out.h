/* Out: bytes that grow, and the few ways in which the bare server writes them. */
#ifndef BARE_OUT_H
#define BARE_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct out {
    char *at;
    size_t len, cap;
};

void out_grow(struct out *out, size_t len);

static inline void out_put(struct out *out, const void *at, size_t len)
{
    if (out->cap - out->len < len)
        out_grow(out, len);
    memcpy(out->at + out->len, at, len);
    out->len += len;
}

/* A literal. */
#define out_lit(out, text) out_put((out), "" text, sizeof(text) - 1)

void out_int(struct out *out, int64_t number);
void out_json(struct out *out, const char *text, size_t len); /* NULL: null */
void out_time(struct out *out, int64_t micros);               /* 0: null, else RFC 3339 in quotes */
void out_uuid(struct out *out, const unsigned char id[16]);   /* 36 characters, no quotes */
void out_base64url(struct out *out, const unsigned char *at, size_t len); /* no padding */

#endif

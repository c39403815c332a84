/* Buf: growth under a ceiling, and the escapes of JSON, HTML and URLs. */
#include "base/buf.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

static const char hex[] = "0123456789abcdef";
/* What JSON strings do not hold as it is; 0xE2 may begin U+2028 and U+2029. */
/* clang-format off */
static const bool is_special[256] = {
    [0] = true, [1] = true, [2] = true, [3] = true, [4] = true, [5] = true, [6] = true, [7] = true,
    [8] = true, [9] = true, [10] = true, [11] = true, [12] = true, [13] = true, [14] = true, [15] = true,
    [16] = true, [17] = true, [18] = true, [19] = true, [20] = true, [21] = true, [22] = true, [23] = true,
    [24] = true, [25] = true, [26] = true, [27] = true, [28] = true, [29] = true, [30] = true, [31] = true,
    ['"'] = true, ['\\'] = true, ['<'] = true, ['>'] = true, ['&'] = true, [0x7F] = true, [0xE2] = true,
};
/* clang-format on */

static bool make_room(struct buf *buf, size_t len);
static size_t json_escape(const unsigned char *at, size_t len, char out[6], size_t *out_len);

void buf_init(struct buf *buf, size_t ceiling)
{
    PRE(ceiling <= SIZE_MAX / 4);
    *buf = (struct buf){ .ceiling = ceiling };
}

void buf_fini(struct buf *buf)
{
    free(buf->at);
    *buf = (struct buf){ .ceiling = buf->ceiling };
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->overflowed = false;
}

void buf_put_more(struct buf *buf, const void *at, size_t len)
{
    if (!make_room(buf, len))
        return;
    memcpy(buf->at + buf->len, at, len);
    buf->len += len;
}

void buf_int(struct buf *buf, int64_t number)
{
    char digits[20], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--at = '-';
    buf_put(buf, at, (size_t)(digits + sizeof digits - at));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    size_t room = buf->at == NULL ? 0 : buf->cap - buf->len;
    va_list again;
    int len;

    if (buf->overflowed)
        return;
    va_copy(again, args);
    /* the memory is always one byte longer than cap: the NUL has a place */
    len = vsnprintf(room ? buf->at + buf->len : NULL, room ? room + 1 : 0, format, args);
    NEVER(len < 0);
    if ((size_t)len > room && make_room(buf, (size_t)len))
        vsnprintf(buf->at + buf->len, (size_t)len + 1, format, again);
    va_end(again);
    if (!buf->overflowed)
        buf->len += (size_t)len;
}

void buf_json(struct buf *buf, struct str s)
{
    const unsigned char *at = (const unsigned char *)s.at;
    size_t plain = 0, i = 0;

    if (s.at == NULL) {
        buf_text(buf, "null");
        return;
    }
    buf_char(buf, '"');
    for (;;) {
        char escape[6];
        size_t escape_len, step;

        while (i < s.len && !is_special[at[i]])
            i++;
        if (i == s.len)
            break;
        step = json_escape(at + i, s.len - i, escape, &escape_len);
        if (step == 0) {
            i++;
            continue;
        }
        buf_put(buf, at + plain, i - plain);
        buf_put(buf, escape, escape_len);
        i += step;
        plain = i;
    }
    buf_put(buf, at + plain, s.len - plain);
    buf_char(buf, '"');
}

/* How many bytes at the start, which is special, need an escape: 0 for none, then *out_len bytes of it. */
static size_t json_escape(const unsigned char *at, size_t len, char out[6], size_t *out_len)
{
    static const char special[0x20] = { ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't' };
    unsigned char c = at[0];

    if (c == 0xE2) {
        if (len < 3 || at[1] != 0x80 || (at[2] != 0xA8 && at[2] != 0xA9))
            return 0;
        memcpy(out, at[2] == 0xA8 ? "\\u2028" : "\\u2029", 6);
        *out_len = 6;
        return 3;
    }
    out[0] = '\\';
    if (c == '"' || c == '\\' || (c < 0x20 && special[c])) {
        out[1] = c < 0x20 ? special[c] : (char)c;
        *out_len = 2;
        return 1;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    *out_len = 6;
    return 1;
}

void buf_html(struct buf *buf, struct str s)
{
    size_t plain = 0;

    for (size_t i = 0; i < s.len; i++) {
        const char *escape = NULL;

        switch (s.at[i]) {
        case '&':
            escape = "&amp;";
            break;
        case '<':
            escape = "&lt;";
            break;
        case '>':
            escape = "&gt;";
            break;
        case '"':
            escape = "&quot;";
            break;
        case '\'':
            escape = "&#39;";
            break;
        default:
            continue;
        }
        buf_put(buf, s.at + plain, i - plain);
        buf_text(buf, escape);
        plain = i + 1;
    }
    if (s.len > plain)
        buf_put(buf, s.at + plain, s.len - plain);
}

void buf_url(struct buf *buf, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        char escape[3] = { '%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15] };

        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~') {
            buf_char(buf, (char)c);
            continue;
        }
        buf_put(buf, escape, sizeof escape);
    }
}

char *buf_reserve_more(struct buf *buf, size_t len)
{
    return make_room(buf, len) ? buf->at + buf->len : NULL;
}

void buf_took(struct buf *buf, size_t len)
{
    PRE(len <= buf->cap - buf->len);
    buf->len += len;
}

void buf_drop(struct buf *buf, size_t len)
{
    PRE(len <= buf->len);
    if (len == 0)
        return;
    memmove(buf->at, buf->at + len, buf->len - len);
    buf->len -= len;
}

struct str buf_view(const struct buf *buf)
{
    return (struct str){ buf->at ? buf->at : "", buf->len };
}

static bool make_room(struct buf *buf, size_t len)
{
    size_t cap;

    if (buf->overflowed)
        return false;
    if (len > buf->ceiling - buf->len) {
        buf->overflowed = true;
        return false;
    }
    if (buf->at != NULL && len <= buf->cap - buf->len)
        return true;
    cap = buf->cap < FIRST_CAP ? FIRST_CAP : buf->cap * 2;
    if (cap < buf->len + len)
        cap = buf->len + len;
    if (cap > buf->ceiling)
        cap = buf->ceiling;
    buf->at = xrealloc(buf->at, cap + 1);
    buf->cap = cap;
    return true;
}

/* Bytes: the text forms of binary values, read strictly: one text for one value. */
#include "base/bytes.h"

#include "base/arena.h"
#include "base/check.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int hex_value(char c);
static int base64_value(char c);

struct str bytes_to_hex(struct arena *arena, const void *at, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *in = at;
    char *out;

    PRE(len <= SIZE_MAX / 4);
    out = arena_alloc(arena, len * 2 + 1);
    for (size_t i = 0; i < len; i++) {
        out[i * 2] = hex[in[i] >> 4];
        out[i * 2 + 1] = hex[in[i] & 15];
    }
    return (struct str){ out, len * 2 };
}

struct str bytes_to_base64url(struct arena *arena, const void *at, size_t len)
{
    const uint8_t *in = at;
    size_t size, used = 0;
    uint32_t bits = 0;
    int held = 0;
    char *out;

    PRE(len <= SIZE_MAX / 4);
    size = (len * 4 + 2) / 3;
    out = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | in[i];
        for (held += 8; held >= 6; held -= 6)
            out[used++] = base64_digits[bits >> (held - 6) & 63];
    }
    if (held > 0)
        out[used++] = base64_digits[bits << (6 - held) & 63];
    NEVER(used != size);
    return (struct str){ out, size };
}

struct str bytes_to_base64(struct arena *arena, const void *at, size_t len)
{
    struct str url = bytes_to_base64url(arena, at, len);
    size_t size = (len + 2) / 3 * 4;
    char *out = arena_alloc(arena, size + 1);

    for (size_t i = 0; i < size; i++)
        out[i] = i >= url.len ? '=' : url.at[i] == '-' ? '+' : url.at[i] == '_' ? '/' : url.at[i];
    return (struct str){ out, size };
}

bool bytes_from_hex(struct str text, void *out, size_t len)
{
    uint8_t *to = out;

    if (len > SIZE_MAX / 2 || text.len != len * 2)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_value(text.at[i * 2]), low = hex_value(text.at[i * 2 + 1]);

        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool bytes_from_base64url(struct str text, void *out, size_t len)
{
    uint8_t *to = out;
    uint32_t bits = 0;
    int held = 0;

    if (len > SIZE_MAX / 4 || text.len != (len * 4 + 2) / 3)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int value = base64_value(text.at[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *to++ = (uint8_t)(bits >> held);
        }
    }
    /* else two texts would mean the same value */
    return (bits & ((1u << held) - 1)) == 0;
}

void bytes_put_u64(uint8_t out[8], uint64_t number)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> (56 - 8 * i));
}

uint64_t bytes_get_u64(const uint8_t in[8])
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | in[i];
    return number;
}

void bytes_put_u32(uint8_t out[4], uint32_t number)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(number >> (24 - 8 * i));
}

uint32_t bytes_get_u32(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

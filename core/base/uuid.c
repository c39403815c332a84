/* Uuid: version 7 by RFC 9562, 5.7; rand_a holds the fraction of the millisecond (6.2, method 3). */
#include "base/uuid.h"

#include <string.h>

static int hex_value(char c);

struct uuid uuid_v7(int64_t now, const uint8_t random[10])
{
    /* a clock before 1970 is the machine's mistake: ids are still unique */
    uint64_t micros = now < 0 ? 0 : (uint64_t)now;
    uint64_t millis = micros / 1000;
    uint64_t fraction = micros % 1000 * 4096 / 1000;
    struct uuid id;

    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(millis >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | fraction >> 8);
    id.bytes[7] = (uint8_t)fraction;
    memcpy(id.bytes + 8, random + 2, 8);
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3F));
    return id;
}

bool uuid_is_none(struct uuid id)
{
    return uuid_eq(id, UUID_NONE);
}

bool uuid_eq(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

int uuid_compare(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool uuid_parse(struct str text, struct uuid *id)
{
    struct uuid parsed;
    size_t at = 0;

    if (text.len != UUID_TEXT - 1)
        return false;
    for (size_t i = 0; i < sizeof parsed.bytes; i++) {
        int high, low;

        if (at == 8 || at == 13 || at == 18 || at == 23)
            if (text.at[at++] != '-')
                return false;
        high = hex_value(text.at[at++]);
        low = hex_value(text.at[at++]);
        if (high < 0 || low < 0)
            return false;
        parsed.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *id = parsed;
    return true;
}

void uuid_format(struct uuid id, char text[UUID_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    char *at = text;

    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[id.bytes[i] >> 4];
        *at++ = hex[id.bytes[i] & 15];
    }
    *at = '\0';
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

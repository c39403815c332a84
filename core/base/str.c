/* Str: looking at borrowed text, and making new text in an arena. Case and blanks are ASCII only. */
#include "base/str.h"

#include "base/arena.h"
#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char lower(char c);
static bool is_blank(char c);
static size_t utf8_step(const unsigned char *at, size_t len);

struct str str_from(const char *text)
{
    return text == NULL ? STR_NONE : (struct str){ text, strlen(text) };
}

struct str str_slice(const char *at, size_t len)
{
    PRE(at != NULL || len == 0);
    return (struct str){ at, len };
}

bool str_is_absent(struct str s)
{
    return s.at == NULL;
}

bool str_is_empty(struct str s)
{
    return s.len == 0;
}

bool str_eq(struct str a, struct str b)
{
    if ((a.at == NULL) != (b.at == NULL) || a.len != b.len)
        return false;
    return a.len == 0 || memcmp(a.at, b.at, a.len) == 0;
}

bool str_is(struct str s, const char *text)
{
    return str_eq(s, str_from(text));
}

bool str_eq_nocase(struct str a, struct str b)
{
    if ((a.at == NULL) != (b.at == NULL) || a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0);
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *at = (const unsigned char *)s.at;
    size_t i = 0;

    while (i < s.len) {
        size_t step;
        uint64_t word;

        /* most text is ASCII: eight bytes at a look */
        if (s.len - i >= sizeof word) {
            memcpy(&word, at + i, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof word;
                continue;
            }
        }
        step = utf8_step(at + i, s.len - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t str_utf8_length(struct str s)
{
    size_t length = 0;

    for (size_t i = 0; i < s.len; i++)
        length += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return length;
}

bool str_is_one_line(struct str s)
{
    const unsigned char *at = (const unsigned char *)s.at;

    for (size_t i = 0; i < s.len; i++) {
        if (at[i] < 0x20 || at[i] == 0x7F)
            return false;
        if (at[i] == 0xC2 && i + 1 < s.len && at[i + 1] < 0xA0)
            return false;
        if (at[i] == 0xE2 && i + 2 < s.len && at[i + 1] == 0x80 &&
            (at[i + 2] == 0xA8 || at[i + 2] == 0xA9))
            return false;
    }
    return true;
}

bool str_has_control(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7F)
            return true;
    return false;
}

bool str_cut(struct str *rest, char separator, struct str *piece)
{
    const char *found;

    if (rest->at == NULL)
        return false;
    found = rest->len > 0 ? memchr(rest->at, separator, rest->len) : NULL;
    if (found == NULL) {
        *piece = *rest;
        *rest = STR_NONE;
        return true;
    }
    *piece = (struct str){ rest->at, (size_t)(found - rest->at) };
    rest->len -= piece->len + 1;
    rest->at = found + 1;
    return true;
}

bool str_to_int(struct str s, int64_t min, int64_t max, int64_t *number)
{
    bool is_negative = s.len > 0 && s.at[0] == '-';
    int64_t value = 0;

    if (s.len == (is_negative ? 1 : 0))
        return false;
    /* counts downwards, for the negative side reaches one further */
    for (size_t i = is_negative; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, s.at[i] - '0', &value))
            return false;
    }
    if (!is_negative && __builtin_sub_overflow(0, value, &value))
        return false;
    if (value < min || value > max)
        return false;
    *number = value;
    return true;
}

struct str str_copy(struct arena *arena, struct str s)
{
    char *at;

    if (s.at == NULL)
        return STR_NONE;
    at = arena_alloc(arena, s.len + 1);
    if (s.len > 0)
        memcpy(at, s.at, s.len);
    return (struct str){ at, s.len };
}

struct str str_lower(struct arena *arena, struct str s)
{
    char *at;

    if (s.at == NULL)
        return STR_NONE;
    at = arena_alloc(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = lower(s.at[i]);
    return (struct str){ at, s.len };
}

struct str str_printf(struct arena *arena, const char *format, ...)
{
    char first[256]; /* most fit: they are formatted once */
    va_list args;
    char *at;
    int len;

    va_start(args, format);
    len = vsnprintf(first, sizeof(first), format, args);
    va_end(args);
    NEVER(len < 0);
    at = arena_alloc(arena, (size_t)len + 1);
    if ((size_t)len < sizeof(first)) {
        memcpy(at, first, (size_t)len + 1);
        return (struct str){ at, (size_t)len };
    }
    va_start(args, format);
    vsnprintf(at, (size_t)len + 1, format, args);
    va_end(args);
    return (struct str){ at, (size_t)len };
}

struct str str_shown(struct arena *arena, struct str s)
{
    char *at;

    if (s.at == NULL)
        return STR_NONE;
    at = arena_alloc(arena, s.len + 1);
    if (s.len > 0)
        memcpy(at, s.at, s.len);
    for (size_t i = 0; i < s.len;) {
        size_t step = utf8_step((const unsigned char *)at + i, s.len - i);

        if (step == 0)
            at[i] = '?';
        else if ((unsigned char)at[i] < 0x20 || at[i] == 0x7F)
            at[i] = ' ';
        i += step ? step : 1;
    }
    return (struct str){ at, s.len };
}

struct str str_concat(struct arena *arena, struct str a, struct str b)
{
    size_t total;
    char *at;

    PRE(!__builtin_add_overflow(a.len, b.len, &total) && total < SIZE_MAX);
    at = arena_alloc(arena, total + 1);
    if (a.len > 0)
        memcpy(at, a.at, a.len);
    if (b.len > 0)
        memcpy(at + a.len, b.at, b.len);
    return (struct str){ at, total };
}

/* Length of the well-formed sequence at the start, 0 when there is none (Unicode, table 3-7). */
static size_t utf8_step(const unsigned char *at, size_t len)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t more;

    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xC2 && at[0] <= 0xDF)
        more = 1;
    else if (at[0] >= 0xE0 && at[0] <= 0xEF)
        more = 2;
    else if (at[0] >= 0xF0 && at[0] <= 0xF4)
        more = 3;
    else
        return 0;
    if (len <= more)
        return 0;
    if (at[0] == 0xE0)
        low = 0xA0; /* overlong */
    else if (at[0] == 0xED)
        high = 0x9F; /* surrogates */
    else if (at[0] == 0xF0)
        low = 0x90; /* overlong */
    else if (at[0] == 0xF4)
        high = 0x8F; /* above U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i <= more; i++)
        if (at[i] < 0x80 || at[i] > 0xBF)
            return 0;
    return more + 1;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

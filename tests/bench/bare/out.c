/* Out: numbers, times, ids and JSON texts without printf. */
#include "out.h"

#include <stdlib.h>

static const char hex[] = "0123456789abcdef";

static void put_digits(char *at, unsigned number, int digits);
static void put_date(char *at, int64_t days);
static void escape(struct out *out, const char *text, size_t *i);

void out_grow(struct out *out, size_t len)
{
    while (out->cap - out->len < len)
        out->cap = out->cap ? out->cap * 2 : 4096;
    out->at = realloc(out->at, out->cap);
    if (!out->at)
        abort();
}

void out_int(struct out *out, int64_t number)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (number < 0)
        digits[--at] = '-';
    out_put(out, digits + at, sizeof(digits) - at);
}

/* As Foyer: < > & and the line separators are escaped too, so that a text may stand inside HTML. */
void out_json(struct out *out, const char *text, size_t len)
{
    size_t from = 0, i = 0;

    if (!text) {
        out_lit(out, "null");
        return;
    }
    out_lit(out, "\"");
    while (i < len) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0xE2) {
            i++;
            continue;
        }
        out_put(out, text + from, i - from);
        escape(out, text, &i);
        from = i;
    }
    out_put(out, text + from, len - from);
    out_lit(out, "\"");
}

static void escape(struct out *out, const char *text, size_t *i)
{
    unsigned char c = (unsigned char)text[*i];
    char wide[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

    if (c == 0xE2) { /* three bytes: text is valid UTF-8 */
        if (text[*i + 1] == '\x80' && (text[*i + 2] == '\xA8' || text[*i + 2] == '\xA9'))
            out_put(out, text[*i + 2] == '\xA8' ? "\\u2028" : "\\u2029", 6);
        else
            out_put(out, text + *i, 3);
        *i += 3;
        return;
    }
    if (c == '"' || c == '\\')
        out_put(out, c == '"' ? "\\\"" : "\\\\", 2);
    else if (c == '\n')
        out_lit(out, "\\n");
    else
        out_put(out, wide, 6);
    ++*i;
}

void out_time(struct out *out, int64_t micros)
{
    char text[] = "\"1970-01-01T00:00:00.000000Z\"";
    int64_t seconds = micros / 1000000;
    unsigned day = (unsigned)(seconds % 86400);

    if (!micros) {
        out_lit(out, "null");
        return;
    }
    put_date(text + 1, seconds / 86400);
    put_digits(text + 12, day / 3600, 2);
    put_digits(text + 15, day / 60 % 60, 2);
    put_digits(text + 18, day % 60, 2);
    put_digits(text + 21, (unsigned)(micros % 1000000), 6);
    out_put(out, text, sizeof(text) - 1);
}

static void put_digits(char *at, unsigned number, int digits)
{
    while (digits--) {
        at[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* Days since 1970 to a date of the Gregorian calendar, counted in eras of 400 years from March. */
static void put_date(char *at, int64_t days)
{
    unsigned shifted = (unsigned)(days + 719468);
    unsigned era = shifted / 146097, of_era = shifted % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;

    put_digits(at + 8, of_year - (153 * month + 2) / 5 + 1, 2);
    put_digits(at + 5, month < 10 ? month + 3 : month - 9, 2);
    put_digits(at, year + era * 400 + (month >= 10), 4);
}

void out_uuid(struct out *out, const unsigned char id[16])
{
    char text[36], *at = text;
    int i;

    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[id[i] >> 4];
        *at++ = hex[id[i] & 15];
    }
    out_put(out, text, sizeof(text));
}

void out_base64url(struct out *out, const unsigned char *at, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t i;

    for (i = 0; i < len; i += 3) {
        unsigned three = (unsigned)at[i] << 16 | (i + 1 < len ? (unsigned)at[i + 1] << 8 : 0) |
                         (i + 2 < len ? at[i + 2] : 0);
        char four[4] = { digits[three >> 18], digits[three >> 12 & 63], digits[three >> 6 & 63],
                         digits[three & 63] };

        out_put(out, four, len - i >= 3 ? 4 : len - i + 1);
    }
}

/* Texts: a list of texts as the JSON array that a column keeps. Only what we wrote ourselves is read. */
#include "base/buf.h"
#include "base/limits.h"
#include "store/client_row.h"

#include <string.h>

static struct str unescape(struct arena *arena, struct str text);

struct str texts_to_json(struct arena *arena, struct texts texts)
{
    struct buf json;
    struct str text;

    if (texts.count == 0)
        return STR("[]");
    buf_init(&json, LIMIT_JSON_BODY);
    for (size_t i = 0; i < texts.count; i++) {
        buf_char(&json, i ? ',' : '[');
        buf_json(&json, texts.at[i]);
    }
    buf_char(&json, ']');
    text = str_copy(arena, buf_view(&json));
    buf_fini(&json);
    return text;
}

struct texts texts_from_json(struct arena *arena, struct str json)
{
    struct texts texts = { 0 };
    size_t room = 0;

    for (size_t i = 0; i < json.len; i++)
        room += json.at[i] == '"';
    if (room == 0)
        return texts;
    texts.at = arena_array(arena, struct str, room / 2 + 1);
    for (size_t i = 0; i < json.len; i++) {
        size_t begin = i + 1;

        if (json.at[i] != '"')
            continue;
        for (i++; i < json.len && json.at[i] != '"'; i++)
            i += json.at[i] == '\\';
        texts.at[texts.count++] =
            unescape(arena, str_slice(json.at + begin, (i < json.len ? i : json.len) - begin));
    }
    return texts;
}

/* buf_json escapes with a backslash and one letter, or as \u00XX and \u202X. */
static struct str unescape(struct arena *arena, struct str text)
{
    char *out;
    size_t len = 0;

    if (!memchr(text.at, '\\', text.len))
        return text;
    out = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c != '\\' || i + 1 >= text.len) {
            out[len++] = c;
            continue;
        }
        c = text.at[++i];
        if (c == 'u' && i + 4 < text.len + 0u) {
            unsigned point = 0;

            for (int digit = 1; digit <= 4; digit++) {
                char h = text.at[i + (size_t)digit];

                point = point * 16 + (unsigned)(h <= '9' ? h - '0' : (h | 32) - 'a' + 10);
            }
            i += 4;
            if (point < 0x80) {
                out[len++] = (char)point;
            } else {
                out[len++] = (char)(0xe0 | point >> 12);
                out[len++] = (char)(0x80 | (point >> 6 & 0x3f));
                out[len++] = (char)(0x80 | (point & 0x3f));
            }
        } else {
            out[len++] = c == 'n'   ? '\n'
                         : c == 't' ? '\t'
                         : c == 'r' ? '\r'
                         : c == 'b' ? '\b'
                         : c == 'f' ? '\f'
                                    : c;
        }
    }
    return str_slice(out, len);
}

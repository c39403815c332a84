/* Template: the translation of a template's text to Lua, line by line. Running it is template.c's.
 *
 * Text becomes __text"…";  {{ e }} becomes __value((e),"e");  code stays. Whatever the template has
 * of line ends, its translation has too, so that Lua counts the template's lines.
 */
#include "base/buf.h"
#include "lua/source.h"
#include "lua/template.h"

#include <string.h>

enum { SHOWN = 60 };

struct translator {
    const char *start;
    const char *at;
    const char *end;
    int line;
    struct buf *out;
    const char *reason;
};

static const char *find_tag(const struct translator *translator);
static bool translate_tag(struct translator *translator);
static bool find_close(struct translator *translator, const char *from, char close,
                       const char **code_end);
static void put_code(struct translator *translator, const char *code, const char *code_end,
                     char kind);
static void put_text(struct translator *translator, const char *end);
static void put_literal(struct buf *out, const char *at, size_t len);
static const char *line_start(const struct translator *translator, const char *tag);
static const char *line_end(const struct translator *translator, const char *after);

bool template_translate(struct str source, struct buf *out, const char **reason, int *line)
{
    struct translator translator = { source.at, source.at, source.at + source.len, 1, out, NULL };

    buf_text(out, "local _ENV,__text,__value,__raw=...;");
    while (translator.reason == NULL) {
        const char *tag = find_tag(&translator);
        bool alone = tag && tag[1] != '{' && line_start(&translator, tag) != NULL;

        if (tag == NULL) {
            put_text(&translator, translator.end);
            break;
        }
        if (alone) { /* if it ends its line, too: looked at once its end is known */
            struct translator ahead = translator;
            const char *close = NULL;

            ahead.at = tag;
            alone = find_close(&ahead, tag + 2, tag[1], &close) &&
                    line_end(&translator, close + 2) != NULL;
        }
        put_text(&translator, alone ? line_start(&translator, tag) : tag);
        translator.at = tag;
        if (translate_tag(&translator) && alone) {
            const char *next = line_end(&translator, translator.at);

            if (next > translator.at && next[-1] == '\n') {
                buf_char(out, '\n');
                translator.line++;
            }
            translator.at = next;
        }
    }
    *reason = translator.reason;
    *line = translator.line;
    return translator.reason == NULL;
}

static const char *find_tag(const struct translator *translator)
{
    for (const char *at = translator->at; at + 1 < translator->end; at++) {
        if (*at == '{' && (at[1] == '{' || at[1] == '%' || at[1] == '#'))
            return at;
    }
    return NULL;
}

/* Where the blanks before the tag begin, if nothing else is before it in its line; else NULL. */
static const char *line_start(const struct translator *translator, const char *tag)
{
    while (tag > translator->start && (tag[-1] == ' ' || tag[-1] == '\t'))
        tag--;
    return tag == translator->start || tag[-1] == '\n' ? tag : NULL;
}

/* Behind the line's end, if only blanks come before it; else NULL. */
static const char *line_end(const struct translator *translator, const char *after)
{
    while (after < translator->end && (*after == ' ' || *after == '\t' || *after == '\r'))
        after++;
    if (after == translator->end)
        return after;
    return *after == '\n' ? after + 1 : NULL;
}

/* At "{{", "{%" or "{#". */
static bool translate_tag(struct translator *translator)
{
    const char *code = translator->at + 2;
    const char *code_end;
    char kind = translator->at[1];

    if (!find_close(translator, code, kind, &code_end))
        return false;
    put_code(translator, code, code_end, kind);
    translator->at = code_end + 2;
    return translator->reason == NULL;
}

/* Code ends at the first "}}" or "%}" that is in no string and no bracket. */
static bool find_close(struct translator *translator, const char *from, char close,
                       const char **code_end)
{
    struct scanner scanner;
    struct token token;
    const char *last = from;
    int depth = 0;

    if (close == '#') {
        *code_end = memmem(from, (size_t)(translator->end - from), "#}", 2);
        if (*code_end == NULL)
            translator->reason = "'{#' is not closed: '#}' is missing";
        return *code_end != NULL;
    }
    if (close == '{' && from < translator->end && *from == '&')
        from++;
    scanner_init(&scanner, str_slice(from, (size_t)(translator->end - from)));
    while ((token = scanner_next(&scanner)).kind != TOKEN_END) {
        if (memmem(last, (size_t)(token.text.at - last), "--", 2) != NULL)
            break;
        last = token.text.at + token.text.len;
        *code_end = token.text.at;
        if (token.kind != TOKEN_OPERATOR)
            continue;
        if (last < translator->end && *last == '}' &&
            ((close == '{' && depth == 0 && str_is(token.text, "}")) ||
             (close == '%' && str_is(token.text, "%"))))
            return true;
        if (strchr("({[", token.text.at[0]) != NULL)
            depth++;
        else if (strchr(")}]", token.text.at[0]) != NULL)
            depth--;
    }
    if (memmem(last, (size_t)(scanner.at - last), "--", 2) != NULL)
        translator->reason = "a template takes no Lua comments: use {# ... #}";
    else
        translator->reason = close == '{' ? "'{{' is not closed: '}}' is missing"
                                          : "'{%' is not closed: '%}' is missing";
    return false;
}

static void put_code(struct translator *translator, const char *code, const char *code_end,
                     char kind)
{
    struct buf *out = translator->out;
    struct str shown;

    for (const char *at = code; at < code_end; at++)
        translator->line += *at == '\n';
    if (kind == '#') {
        for (const char *at = code; at < code_end; at++) {
            if (*at == '\n')
                buf_char(out, '\n');
        }
        return;
    }
    if (kind == '%') {
        buf_char(out, ' ');
        buf_put(out, code, (size_t)(code_end - code));
        buf_char(out, ' ');
        return;
    }
    buf_text(out, code < code_end && *code == '&' ? "__raw((" : "__value((");
    if (code < code_end && *code == '&')
        code++;
    shown = str_trim(str_slice(code, (size_t)(code_end - code)));
    if (shown.len == 0) {
        translator->reason = "'{{ }}' is empty";
        return;
    }
    buf_put(out, code, (size_t)(code_end - code));
    buf_text(out, "),");
    put_literal(out, shown.at, shown.len < SHOWN ? shown.len : SHOWN);
    buf_text(out, ");");
}

static void put_text(struct translator *translator, const char *end)
{
    size_t len = (size_t)(end - translator->at);

    if (len == 0)
        return;
    buf_text(translator->out, "__text");
    put_literal(translator->out, translator->at, len);
    buf_char(translator->out, ';');
    for (const char *at = translator->at; at < end; at++) {
        if (*at == '\n') {
            buf_char(translator->out, '\n');
            translator->line++;
        }
    }
}

static void put_literal(struct buf *out, const char *at, size_t len)
{
    buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        switch (at[i]) {
        case '"':
            buf_text(out, "\\\"");
            break;
        case '\\':
            buf_text(out, "\\\\");
            break;
        case '\n':
            buf_text(out, "\\n");
            break;
        case '\r':
            buf_text(out, "\\r");
            break;
        case '\0':
            buf_text(out, "\\000");
            break;
        default:
            buf_char(out, at[i]);
        }
    }
    buf_char(out, '"');
}

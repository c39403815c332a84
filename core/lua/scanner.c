/* Scanner: Lua's tokens, for source.c and template.c. */
#include "lua/source.h"

#include <string.h>

static void skip_blanks(struct scanner *scanner);
static size_t long_bracket(const struct scanner *scanner);
static void skip_long(struct scanner *scanner, size_t level);
static void skip_quoted(struct scanner *scanner);
static void skip_number(struct scanner *scanner);
static size_t operator_length(const struct scanner *scanner);
static bool is_keyword(struct str text);

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct scanner *scanner, size_t ahead)
{
    return (size_t)(scanner->end - scanner->at) > ahead ? scanner->at[ahead] : '\0';
}

void scanner_init(struct scanner *scanner, struct str source)
{
    scanner->at = source.at;
    scanner->end = source.at + source.len;
    scanner->line = 1;
}

struct token scanner_next(struct scanner *scanner)
{
    struct token token = { 0 };
    const char *start;
    char c;

    skip_blanks(scanner);
    start = scanner->at;
    token.line = scanner->line;
    c = peek(scanner, 0);
    if (scanner->at == scanner->end) {
        token.kind = TOKEN_END;
    } else if (is_digit(c) || (c == '.' && is_digit(peek(scanner, 1)))) {
        token.kind = TOKEN_NUMBER;
        skip_number(scanner);
    } else if (is_name(c)) {
        while (scanner->at < scanner->end && is_name(*scanner->at))
            scanner->at++;
        token.kind = is_keyword(str_slice(start, (size_t)(scanner->at - start))) ? TOKEN_KEYWORD
                                                                                 : TOKEN_NAME;
    } else if (c == '"' || c == '\'') {
        token.kind = TOKEN_STRING;
        skip_quoted(scanner);
    } else if (c == '[' && long_bracket(scanner) > 0) {
        token.kind = TOKEN_STRING;
        skip_long(scanner, long_bracket(scanner));
    } else {
        token.kind = TOKEN_OPERATOR;
        scanner->at += operator_length(scanner);
    }
    token.text = str_slice(start, (size_t)(scanner->at - start));
    return token;
}

static void skip_blanks(struct scanner *scanner)
{
    for (;;) {
        char c = peek(scanner, 0);

        if (scanner->at == scanner->end)
            return;
        if (c == '\n')
            scanner->line++;
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            scanner->at++;
        } else if (c == '-' && peek(scanner, 1) == '-') {
            scanner->at += 2;
            if (peek(scanner, 0) == '[' && long_bracket(scanner) > 0)
                skip_long(scanner, long_bracket(scanner));
            else
                while (scanner->at < scanner->end && *scanner->at != '\n')
                    scanner->at++;
        } else {
            return;
        }
    }
}

/* Length of "[[", "[=[" … at the place, or 0. */
static size_t long_bracket(const struct scanner *scanner)
{
    size_t len = 1;

    while (peek(scanner, len) == '=')
        len++;
    return peek(scanner, len) == '[' ? len + 1 : 0;
}

static void skip_long(struct scanner *scanner, size_t level)
{
    scanner->at += level;
    for (; scanner->at < scanner->end; scanner->at++) {
        size_t len = 1;

        if (*scanner->at == '\n')
            scanner->line++;
        if (*scanner->at != ']')
            continue;
        while (len < level - 1 && peek(scanner, len) == '=')
            len++;
        if (len == level - 1 && peek(scanner, len) == ']') {
            scanner->at += level;
            return;
        }
    }
}

static void skip_quoted(struct scanner *scanner)
{
    char quote = *scanner->at++;

    while (scanner->at < scanner->end && *scanner->at != quote) {
        if (*scanner->at == '\n')
            return;
        if (*scanner->at == '\\' && scanner->end - scanner->at > 1) {
            scanner->at++;
            if (*scanner->at == '\n')
                scanner->line++;
            if (*scanner->at == 'z') { /* \z skips white space, lines too */
                while (scanner->at + 1 < scanner->end &&
                       memchr(" \t\n\v\f\r", scanner->at[1], 6) != NULL) {
                    scanner->at++;
                    if (*scanner->at == '\n')
                        scanner->line++;
                }
            }
        }
        scanner->at++;
    }
    if (scanner->at < scanner->end)
        scanner->at++;
}

static void skip_number(struct scanner *scanner)
{
    const char *exponent = "eE";

    if (peek(scanner, 0) == '0' && (peek(scanner, 1) | 32) == 'x') {
        exponent = "pP";
        scanner->at += 2;
    }
    while (scanner->at < scanner->end) {
        if (memchr(exponent, *scanner->at, 2) != NULL) {
            scanner->at++;
            if (peek(scanner, 0) == '+' || peek(scanner, 0) == '-')
                scanner->at++;
        } else if (is_name(*scanner->at) || *scanner->at == '.') {
            scanner->at++;
        } else {
            return;
        }
    }
}

static size_t operator_length(const struct scanner *scanner)
{
    static const char *const longer[] = { "...", "..", "==", "~=", "<=",
                                          ">=",  "<<", ">>", "//", "::" };

    for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
        size_t len = strlen(longer[i]);

        if ((size_t)(scanner->end - scanner->at) >= len && memcmp(scanner->at, longer[i], len) == 0)
            return len;
    }
    return 1;
}

static bool is_keyword(struct str text)
{
    static const char *const words[] = { "and",   "break", "do",       "else", "elseif", "end",
                                         "false", "for",   "function", "goto", "if",     "in",
                                         "local", "nil",   "not",      "or",   "repeat", "return",
                                         "then",  "true",  "until",    "while" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (*words[i] == *text.at && str_is(text, words[i]))
            return true;
    }
    return false;
}

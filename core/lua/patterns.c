/* Patterns: the matcher. A backtracking one, like Lua's own, whose results it must give.
 *
 * An item is a single character, a class, a set or '.', perhaps with one of * + - ? behind; %b, %f,
 * %1 and parentheses stand alone. Only what may have to be tried in more than one way recurses.
 */
#include "lua/patterns.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *match_here(struct pattern_match *m, const char *s, const char *p);
static const char *match_class(struct pattern_match *m, const char **s, const char **p);
static const char *match_item(struct pattern_match *m, const char **s, const char **p);
static const char *item_end(struct pattern_match *m, const char *p);
static bool fits(struct pattern_match *m, const char *s, const char *p, const char *p_end);
static bool in_set(unsigned char c, const char *p, const char *p_last);
static bool in_class(unsigned char c, unsigned char class);
static const char *expand_most(struct pattern_match *m, const char *at, const char *least,
                               const char *p, const char *p_end);
static const char *expand_least(struct pattern_match *m, const char *s, const char *p,
                                const char *p_end);
static const char *open_capture(struct pattern_match *m, const char *s, const char *p,
                                ptrdiff_t kind);
static const char *close_capture(struct pattern_match *m, const char *s, const char *p);
static const char *match_balance(struct pattern_match *m, const char *s, const char *p);
static const char *match_back(struct pattern_match *m, const char *s, char digit);

/* What match_item and match_class answer besides an end: go on at *s and *p. */
static const char going_on;

static const char *fail(struct pattern_match *m, const char *reason)
{
    if (m->error[0] == '\0')
        snprintf(m->error, sizeof(m->error), "%s", reason);
    return NULL;
}

/* False: the match is over. */
static bool pay(struct pattern_match *m, uint64_t steps)
{
    if (steps <= m->steps_left) {
        m->steps_left -= steps;
        return true;
    }
    m->steps_left = m->more ? m->more(m->context) : 0;
    if (m->steps_left == 0) {
        fail(m, "over budget");
        return false;
    }
    m->steps_left -= steps < m->steps_left ? steps : m->steps_left;
    return true;
}

void pattern_init(struct pattern_match *match, struct str subject, struct str pattern)
{
    match->start = subject.at;
    match->end = subject.at + subject.len;
    match->pattern_end = pattern.at + pattern.len;
    match->more = NULL;
    match->context = NULL;
    match->steps_left = 0;
    match->error[0] = '\0';
    match->level = 0;
    match->depth = 0;
}

const char *pattern_match_at(struct pattern_match *match, const char *at, const char *pattern)
{
    match->level = 0;
    match->depth = 0;
    return match_here(match, at, pattern);
}

static const char *match_here(struct pattern_match *m, const char *s, const char *p)
{
    const char *result = &going_on;

    if (m->depth == PATTERN_DEPTH)
        return fail(m, "pattern too complex");
    m->depth++;
    while (result == &going_on) {
        if (p == m->pattern_end)
            result = s;
        else if (!pay(m, 1))
            result = NULL;
        else
            result = match_class(m, &s, &p);
    }
    m->depth--;
    return result;
}

/* The items that begin with a special character; the others fall to match_item. */
static const char *match_class(struct pattern_match *m, const char **s, const char **p)
{
    const char *at = *p;
    bool is_last = at + 1 == m->pattern_end;

    if (*at == '(' && !is_last && at[1] == ')')
        return open_capture(m, *s, at + 2, PATTERN_POSITION);
    if (*at == '(')
        return open_capture(m, *s, at + 1, PATTERN_OPEN);
    if (*at == ')')
        return close_capture(m, *s, at + 1);
    if (*at == '$' && is_last)
        return *s == m->end ? *s : NULL;
    if (*at != '%' || is_last)
        return match_item(m, s, p);

    if (at[1] == 'b') {
        *s = match_balance(m, *s, at + 2);
        *p = at + 4;
        return *s ? &going_on : NULL;
    }
    if (at[1] == 'f') {
        const char *set = at + 2;
        const char *set_end;
        unsigned char before = *s == m->start ? '\0' : (unsigned char)(*s)[-1];
        unsigned char after = *s == m->end ? '\0' : (unsigned char)**s;

        if (set == m->pattern_end || *set != '[')
            return fail(m, "missing '[' after '%f' in pattern");
        set_end = item_end(m, set);
        if (set_end == NULL || !pay(m, (uint64_t)(set_end - set)))
            return NULL;
        *p = set_end;
        return !in_set(before, set, set_end - 1) && in_set(after, set, set_end - 1) ? &going_on
                                                                                    : NULL;
    }
    if (isdigit((unsigned char)at[1])) {
        *s = match_back(m, *s, at[1]);
        *p = at + 2;
        return *s ? &going_on : NULL;
    }
    return match_item(m, s, p);
}

/* One character, class or set, with what may stand behind it. */
static const char *match_item(struct pattern_match *m, const char **s, const char **p)
{
    const char *end = item_end(m, *p);
    char repeat;

    if (end == NULL)
        return NULL;
    repeat = end == m->pattern_end ? '\0' : *end;
    if (!fits(m, *s, *p, end)) {
        if ((repeat != '*' && repeat != '?' && repeat != '-') || m->error[0] != '\0')
            return NULL;
        *p = end + 1;
        return &going_on;
    }
    if (repeat == '*' || repeat == '+')
        return expand_most(m, *s + 1, repeat == '+' ? *s + 1 : *s, *p, end);
    if (repeat == '-')
        return expand_least(m, *s, *p, end);
    if (repeat == '?') {
        const char *result = match_here(m, *s + 1, end + 1);

        if (result || m->error[0] != '\0')
            return result;
        *p = end + 1;
        return &going_on;
    }
    *s += 1;
    *p = end;
    return &going_on;
}

/* Behind the single character, class or set at p; NULL: it is malformed. */
static const char *item_end(struct pattern_match *m, const char *p)
{
    char first = *p++;

    if (first == '%') {
        if (p == m->pattern_end)
            return fail(m, "malformed pattern (ends with '%')");
        return p + 1;
    }
    if (first != '[')
        return p;
    if (p < m->pattern_end && *p == '^')
        p++;
    do { /* a ']' that comes first is one of the set */
        if (p == m->pattern_end)
            return fail(m, "malformed pattern (missing ']')");
        if (*p++ == '%') {
            if (p == m->pattern_end)
                return fail(m, "malformed pattern (missing ']')");
            p++;
        }
    } while (p == m->pattern_end || *p != ']');
    return p + 1;
}

static bool fits(struct pattern_match *m, const char *s, const char *p, const char *p_end)
{
    unsigned char c;

    if (s == m->end || !pay(m, (uint64_t)(p_end - p)))
        return false;
    c = (unsigned char)*s;
    if (*p == '.')
        return true;
    if (*p == '%')
        return in_class(c, (unsigned char)p[1]);
    if (*p == '[')
        return in_set(c, p, p_end - 1);
    return c == (unsigned char)*p;
}

/* p at the '[', p_last at the ']'. */
static bool in_set(unsigned char c, const char *p, const char *p_last)
{
    bool inside = true;

    p++;
    if (*p == '^') {
        inside = false;
        p++;
    }
    for (; p < p_last; p++) {
        if (*p == '%') {
            p++;
            if (in_class(c, (unsigned char)*p))
                return inside;
        } else if (p[1] == '-' && p + 2 < p_last) {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
                return inside;
            p += 2;
        } else if ((unsigned char)*p == c) {
            return inside;
        }
    }
    return !inside;
}

static bool in_class(unsigned char c, unsigned char class)
{
    bool inside;

    switch (tolower(class)) {
    case 'a':
        inside = isalpha(c) != 0;
        break;
    case 'c':
        inside = iscntrl(c) != 0;
        break;
    case 'd':
        inside = isdigit(c) != 0;
        break;
    case 'g':
        inside = isgraph(c) != 0;
        break;
    case 'l':
        inside = islower(c) != 0;
        break;
    case 'p':
        inside = ispunct(c) != 0;
        break;
    case 's':
        inside = isspace(c) != 0;
        break;
    case 'u':
        inside = isupper(c) != 0;
        break;
    case 'w':
        inside = isalnum(c) != 0;
        break;
    case 'x':
        inside = isxdigit(c) != 0;
        break;
    case 'z': /* of Lua 5.1, still known */
        inside = c == 0;
        break;
    default:
        return class == c;
    }
    return isupper(class) ? !inside : inside;
}

/* As many as there are from `at` on, then fewer, down to none after `least`. */
static const char *expand_most(struct pattern_match *m, const char *at, const char *least,
                               const char *p, const char *p_end)
{
    while (fits(m, at, p, p_end))
        at++;
    while (m->error[0] == '\0' && at >= least) {
        const char *result = match_here(m, at, p_end + 1);

        if (result)
            return result;
        at--;
    }
    return NULL;
}

static const char *expand_least(struct pattern_match *m, const char *s, const char *p,
                                const char *p_end)
{
    for (;;) {
        const char *result = match_here(m, s, p_end + 1);

        if (result || m->error[0] != '\0' || !fits(m, s, p, p_end))
            return result;
        s++;
    }
}

static const char *open_capture(struct pattern_match *m, const char *s, const char *p,
                                ptrdiff_t kind)
{
    const char *result;

    if (m->level == PATTERN_CAPTURES)
        return fail(m, "too many captures");
    m->captures[m->level].at = s;
    m->captures[m->level].len = kind;
    m->level++;
    result = match_here(m, s, p);
    if (result == NULL)
        m->level--;
    return result;
}

static const char *close_capture(struct pattern_match *m, const char *s, const char *p)
{
    const char *result;
    int level = m->level - 1;

    while (level >= 0 && m->captures[level].len != PATTERN_OPEN)
        level--;
    if (level < 0)
        return fail(m, "invalid pattern capture");
    m->captures[level].len = s - m->captures[level].at;
    result = match_here(m, s, p);
    if (result == NULL)
        m->captures[level].len = PATTERN_OPEN;
    return result;
}

static const char *match_balance(struct pattern_match *m, const char *s, const char *p)
{
    int nested = 1;

    if (m->pattern_end - p < 2)
        return fail(m, "malformed pattern (missing arguments to '%b')");
    if (s == m->end || *s != p[0])
        return NULL;
    while (++s < m->end) {
        if (!pay(m, 1))
            return NULL;
        if (*s == p[1]) {
            if (--nested == 0)
                return s + 1;
        } else if (*s == p[0]) {
            nested++;
        }
    }
    return NULL;
}

static const char *match_back(struct pattern_match *m, const char *s, char digit)
{
    int level = digit - '1';
    size_t len;

    if (level < 0 || level >= m->level || m->captures[level].len == PATTERN_OPEN) {
        snprintf(m->error, sizeof(m->error), "invalid capture index %%%d", level + 1);
        return NULL;
    }
    /* a position has no text: Lua compares its length as a huge number, which never fits */
    if (m->captures[level].len == PATTERN_POSITION)
        return NULL;
    len = (size_t)m->captures[level].len;
    if (!pay(m, 1 + len / 16) || (size_t)(m->end - s) < len ||
        memcmp(m->captures[level].at, s, len) != 0)
        return NULL;
    return s + len;
}

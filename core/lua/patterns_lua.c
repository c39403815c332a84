/* Patterns for scripts: find, match, gmatch, gsub around the matcher of patterns.c.
 *
 * Callbacks of gsub run script code, which may leave by longjmp at any moment: nothing is owned
 * here but what Lua collects.
 */
#include "lua/budget.h"
#include "lua/patterns.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

enum { STEPS = 4096, GMATCH_STEPS = 8 };

struct gmatch {
    size_t at;   /* where to go on, from the subject's start */
    size_t last; /* end of the match before; SIZE_MAX: none */
};

static int text_find(lua_State *L);
static int text_match(lua_State *L);
static int find_or_match(lua_State *L, bool find);
static int text_gmatch(lua_State *L);
static int next_match(lua_State *L);
static int text_gsub(lua_State *L);
static bool put_replacement(lua_State *L, struct pattern_match *m, luaL_Buffer *buffer,
                            const char *s, const char *e);
static void put_text(lua_State *L, struct pattern_match *m, luaL_Buffer *buffer, const char *s,
                     const char *e);
static void begin(lua_State *L, struct pattern_match *m, struct str subject, struct str pattern);
static const char *try_match(lua_State *L, struct pattern_match *m, const char *s, const char *p);
static int push_captures(lua_State *L, const struct pattern_match *m, const char *s, const char *e);
static void push_capture(lua_State *L, const struct pattern_match *m, int i, const char *s,
                         const char *e);

void patterns_open(struct lua_State *L)
{
    static const luaL_Reg own[] = {
        { "find", text_find }, { "gmatch", text_gmatch },
        { "gsub", text_gsub }, { "match", text_match },
        { NULL, NULL },
    };

    luaL_setfuncs(L, own, 0);
}

static struct str check_text(lua_State *L, int index)
{
    struct str text;

    text.at = luaL_checklstring(L, index, &text.len);
    return text;
}

/* Where the search begins, counted from 0; may lie behind the end. */
static size_t first_place(lua_State *L, int index, size_t len)
{
    lua_Integer at = luaL_optinteger(L, index, 1);

    if (at > 0)
        return (size_t)at - 1;
    if (at == 0 || at < -(lua_Integer)len)
        return 0;
    return len - (size_t)-at;
}

static bool is_plain(struct str pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (memchr("^$*+?.([%-", pattern.at[i], 10) != NULL)
            return false;
    }
    return true;
}

static int text_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int text_match(lua_State *L)
{
    return find_or_match(L, false);
}

static int find_or_match(lua_State *L, bool find)
{
    struct str subject = check_text(L, 1);
    struct str pattern = check_text(L, 2);
    size_t first = first_place(L, 3, subject.len);
    struct pattern_match m;
    const char *end;
    const char *s;
    bool anchored;

    if (first > subject.len) {
        luaL_pushfail(L);
        return 1;
    }
    script_charge(L, 1 + pattern.len / 16);
    s = subject.at + first;
    if (find && (lua_toboolean(L, 4) || is_plain(pattern))) {
        script_charge(L, 1 + (subject.len - first) / 16);
        s = memmem(s, subject.len - first, pattern.at, pattern.len);
        if (s == NULL) {
            luaL_pushfail(L);
            return 1;
        }
        lua_pushinteger(L, s - subject.at + 1);
        lua_pushinteger(L, s - subject.at + (lua_Integer)pattern.len);
        return 2;
    }
    anchored = pattern.len > 0 && pattern.at[0] == '^';
    begin(L, &m, subject, pattern);
    do {
        end = try_match(L, &m, s, pattern.at + anchored);
        if (end == NULL)
            continue;
        if (!find)
            return push_captures(L, &m, s, end);
        lua_pushinteger(L, s - subject.at + 1);
        lua_pushinteger(L, end - subject.at);
        return 2 + push_captures(L, &m, NULL, NULL);
    } while (s++ < m.end && !anchored);
    luaL_pushfail(L);
    return 1;
}

/* ---- gmatch ------------------------------------------------------------------------------------ */

static int text_gmatch(lua_State *L)
{
    struct str subject = check_text(L, 1);
    size_t first;
    struct gmatch *state;

    check_text(L, 2);
    first = first_place(L, 3, subject.len);
    lua_settop(L, 2);
    state = lua_newuserdatauv(L, sizeof(*state), 0);
    state->at = first;
    state->last = SIZE_MAX;
    lua_pushcclosure(L, next_match, 3);
    return 1;
}

static int next_match(lua_State *L)
{
    struct str subject = check_text(L, lua_upvalueindex(1));
    struct str pattern = check_text(L, lua_upvalueindex(2));
    struct gmatch *state = lua_touserdata(L, lua_upvalueindex(3));
    struct pattern_match m;

    script_charge(L, GMATCH_STEPS);
    begin(L, &m, subject, pattern);
    for (; state->at <= subject.len; state->at++) {
        const char *s = subject.at + state->at;
        const char *end = try_match(L, &m, s, pattern.at);

        if (end && (size_t)(end - subject.at) != state->last) {
            state->at = state->last = (size_t)(end - subject.at);
            return push_captures(L, &m, s, end);
        }
    }
    return 0;
}

/* ---- gsub -------------------------------------------------------------------------------------- */

static int text_gsub(lua_State *L)
{
    struct str subject = check_text(L, 1);
    struct str pattern = check_text(L, 2);
    int type = lua_type(L, 3);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)subject.len + 1);
    bool anchored = pattern.len > 0 && pattern.at[0] == '^';
    const char *s = subject.at;
    const char *last = NULL;
    lua_Integer count = 0;
    bool changed = false;
    struct pattern_match m;
    luaL_Buffer buffer;

    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    script_charge(L, 1 + subject.len / 16);
    luaL_buffinit(L, &buffer);
    begin(L, &m, subject, pattern);
    while (count < most) {
        const char *end = try_match(L, &m, s, pattern.at + anchored);

        if (end && end != last) {
            count++;
            if (put_replacement(L, &m, &buffer, s, end))
                changed = true;
            s = last = end;
        } else if (s < m.end) {
            luaL_addchar(&buffer, *s++);
        } else {
            break;
        }
        if (anchored)
            break;
    }
    if (changed) {
        luaL_addlstring(&buffer, s, (size_t)(m.end - s));
        luaL_pushresult(&buffer);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}

/* False: nil or false was answered, and the match stays as it was. */
static bool put_replacement(lua_State *L, struct pattern_match *m, luaL_Buffer *buffer,
                            const char *s, const char *e)
{
    switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(L, m, s, e), 1);
        break;
    case LUA_TTABLE:
        push_capture(L, m, 0, s, e);
        lua_gettable(L, 3);
        break;
    default:
        put_text(L, m, buffer, s, e);
        return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(buffer, s, (size_t)(e - s));
        return false;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(buffer);
    return true;
}

static void put_text(lua_State *L, struct pattern_match *m, luaL_Buffer *buffer, const char *s,
                     const char *e)
{
    size_t len;
    const char *at = lua_tolstring(L, 3, &len);
    const char *end = at + len;

    script_charge(L, 1 + (len + (size_t)(e - s)) / 16);
    for (;;) {
        const char *escape = memchr(at, '%', (size_t)(end - at));

        if (escape == NULL)
            break;
        luaL_addlstring(buffer, at, (size_t)(escape - at));
        at = escape + 2;
        if (escape + 1 < end && escape[1] == '%') {
            luaL_addchar(buffer, '%');
        } else if (escape + 1 < end && escape[1] == '0') {
            luaL_addlstring(buffer, s, (size_t)(e - s));
        } else if (escape + 1 < end && escape[1] >= '1' && escape[1] <= '9') {
            script_charge(L, (uint64_t)(e - s) / 16);
            push_capture(L, m, escape[1] - '1', s, e);
            luaL_addvalue(buffer);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
    }
    luaL_addlstring(buffer, at, (size_t)(end - at));
}

/* ---- What all share ---------------------------------------------------------------------------- */

static uint64_t more_steps(void *context)
{
    script_charge(context, STEPS);
    return STEPS;
}

static void begin(lua_State *L, struct pattern_match *m, struct str subject, struct str pattern)
{
    pattern_init(m, subject, pattern);
    m->more = more_steps;
    m->context = L;
    m->steps_left = STEPS;
}

static const char *try_match(lua_State *L, struct pattern_match *m, const char *s, const char *p)
{
    const char *end = pattern_match_at(m, s, p);

    if (end == NULL && m->error[0] != '\0')
        luaL_error(L, "%s", m->error);
    return end;
}

/* s NULL: without the whole match where there are no captures. */
static int push_captures(lua_State *L, const struct pattern_match *m, const char *s, const char *e)
{
    int count = m->level == 0 && s ? 1 : m->level;

    luaL_checkstack(L, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(L, m, i, s, e);
    return count;
}

static void push_capture(lua_State *L, const struct pattern_match *m, int i, const char *s,
                         const char *e)
{
    const struct pattern_capture *capture = &m->captures[i];

    if (i >= m->level) {
        if (i > 0)
            luaL_error(L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(L, s, (size_t)(e - s));
    } else if (capture->len == PATTERN_POSITION) {
        lua_pushinteger(L, capture->at - m->start + 1);
    } else if (capture->len == PATTERN_OPEN) {
        luaL_error(L, "unfinished capture");
    } else {
        lua_pushlstring(L, capture->at, (size_t)capture->len);
    }
}

/* Report: what a person reads when a script failed: kind, message, place, traceback.
 *
 * It reads the stack of the coroutine that failed, which is not unwound, and runs no script code:
 * an error object with a __tostring is named, not asked.
 */
#include "lua/sandbox.h"

#include <lauxlib.h>
#include <string.h>

enum { TRACE_LEVELS = 12, PLACE_LEVELS = 64, DEEP = 2000 };

static enum script_kind kind_of(struct script_state *state, lua_State *co, int status,
                                const struct script_run *run);
static void put_message(struct script_state *state, lua_State *co, int status,
                        enum script_kind kind, const struct script_run *run);
static void put_object(struct script_state *state, lua_State *co);
static int read_message(lua_State *L);
static void take_place(struct script_state *state, lua_State *co, bool is_syntax);
static bool has_place(lua_State *co, const char *place, size_t len);
static void put_trace(struct buf *buf, lua_State *co);
static void finish(struct script_state *state, enum script_kind kind, struct script_error *error);

void report_text(struct script_state *state, enum script_kind kind, struct script_error *error,
                 const char *format, ...)
{
    va_list args;

    buf_clear(&state->message);
    buf_clear(&state->where);
    buf_clear(&state->traceback);
    va_start(args, format);
    buf_vprintf(&state->message, format, args);
    va_end(args);
    finish(state, kind, error);
}

void report_failure(struct script_state *state, lua_State *co, int status,
                    const struct script_run *run, struct script_error *error)
{
    enum script_kind kind = kind_of(state, co, status, run);
    char place[SCRIPT_WHERE_MAX];

    buf_clear(&state->message);
    buf_clear(&state->where);
    buf_clear(&state->traceback);
    state->is_reporting = true;
    put_message(state, co, status, kind, run);
    if (kind == SCRIPT_RUNTIME || kind == SCRIPT_SYNTAX)
        take_place(state, co, run->is_syntax);
    if (kind == SCRIPT_TIMEOUT && state->spent_at[0])
        buf_text(&state->where, state->spent_at);
    if (state->where.len == 0 && kind != SCRIPT_SYNTAX && report_place(co, 0, place, sizeof(place)))
        buf_text(&state->where, place);
    if (kind != SCRIPT_SYNTAX)
        put_trace(&state->traceback, co);
    state->is_reporting = false;
    finish(state, kind, error);
}

static enum script_kind kind_of(struct script_state *state, lua_State *co, int status,
                                const struct script_run *run)
{
    lua_Debug ar;

    if (budget_is_expired(state->budget))
        return SCRIPT_TIMEOUT;
    if (status == LUA_YIELD)
        return SCRIPT_YIELD;
    if (status == LUA_ERRMEM && lua_getstack(co, DEEP, &ar)) /* it was the stack that did not fit */
        return SCRIPT_RUNTIME;
    if (status == LUA_ERRMEM || run->is_memory)
        return SCRIPT_MEMORY;
    return run->is_syntax ? SCRIPT_SYNTAX : SCRIPT_RUNTIME;
}

static void put_message(struct script_state *state, lua_State *co, int status,
                        enum script_kind kind, const struct script_run *run)
{
    struct buf *message = &state->message;

    if (kind == SCRIPT_TIMEOUT && run->is_stretch)
        buf_printf(message, "a callback (of table.sort, string.gsub …) took longer than %d ms",
                   LIMIT_STRETCH_MICROSECONDS / 1000);
    else if (kind == SCRIPT_TIMEOUT)
        buf_printf(message, "took longer than %llu ms", (unsigned long long)run->budget_us / 1000);
    else if (kind == SCRIPT_YIELD)
        buf_text(message, "coroutine.yield: nothing may wait here");
    else if (kind == SCRIPT_MEMORY)
        buf_printf(message, "needs more memory than %zu MiB in all or %zu KiB in one value",
                   state->limits.memory / MIB(1), state->limits.allocation / KIB(1));
    else if (kind == SCRIPT_RUNTIME && status == LUA_ERRMEM)
        buf_text(message, "stack overflow: too many calls inside each other");
    else
        put_object(state, co);
}

/* lua_tolstring would change a number and may take memory: strings alone go through it. */
static void put_object(struct script_state *state, lua_State *co)
{
    size_t len;
    const char *text;

    switch (lua_gettop(co) > 0 ? lua_type(co, -1) : LUA_TNIL) {
    case LUA_TSTRING:
        text = lua_tolstring(co, -1, &len);
        buf_put(&state->message, text, len < KIB(1) ? len : KIB(1));
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(co, -1))
            buf_int(&state->message, lua_tointeger(co, -1));
        else
            buf_printf(&state->message, "%.14g", lua_tonumber(co, -1));
        break;
    case LUA_TTABLE:
        lua_pushcfunction(state->main, read_message);
        lua_xmove(co, state->main, 1);
        lua_pushlightuserdata(state->main, &state->message);
        if (lua_pcall(state->main, 2, 0, 0) != LUA_OK)
            lua_pop(state->main, 1);
        break;
    default:
        break;
    }
    if (state->message.len == 0)
        buf_printf(&state->message, "error object is a %s value",
                   lua_gettop(co) > 0 ? lua_typename(co, lua_type(co, -1)) : "table");
}

/* An error that is a table says what it means in its field `message`. Raw: no script code runs. */
static int read_message(lua_State *L)
{
    struct buf *message = lua_touserdata(L, 2);
    size_t len;
    const char *text;

    lua_pushliteral(L, "message");
    if (lua_rawget(L, 1) == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &len);
        buf_put(message, text, len < KIB(1) ? len : KIB(1));
    }
    return 0;
}

/* Moves "file:line: " from the front of the message to `where`, when that line did fail. */
static void take_place(struct script_state *state, lua_State *co, bool is_syntax)
{
    const char *at = state->message.at;
    size_t len = state->message.len;
    size_t i = 0;
    size_t digits;

    while (i < len && i < SCRIPT_WHERE_MAX && at[i] != ':' && at[i] != '\n')
        i++;
    if (i == 0 || i >= len || at[i] != ':')
        return;
    digits = ++i;
    while (i < len && at[i] >= '0' && at[i] <= '9')
        i++;
    if (i == digits || i + 1 >= len || at[i] != ':' || at[i + 1] != ' ')
        return;
    if (!is_syntax && !has_place(co, at, i) && strncmp(state->refused_at, at, i + 1) != 0)
        return;
    buf_put(&state->where, at, i);
    buf_drop(&state->message, i + 2);
}

static bool has_place(lua_State *co, const char *place, size_t len)
{
    char text[LUA_IDSIZE + 16];
    lua_Debug ar;

    for (int level = 0; level < PLACE_LEVELS && lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        snprintf(text, sizeof(text), "%s:%d", ar.short_src, ar.currentline);
        if (strlen(text) == len && memcmp(text, place, len) == 0)
            return true;
    }
    return false;
}

bool report_place(lua_State *L, int level, char *text, size_t size)
{
    lua_Debug ar;

    for (int i = 0; lua_getstack(L, i, &ar); i++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0 && level-- == 0) {
            snprintf(text, size, "%.*s:%d", (int)size - 16,
                     ar.source[0] == '@' ? ar.source + 1 : ar.short_src, ar.currentline);
            return true;
        }
    }
    return false;
}

static void put_trace(struct buf *buf, lua_State *co)
{
    lua_Debug ar;

    for (int level = 0; lua_getstack(co, level, &ar); level++) {
        if (level == TRACE_LEVELS) {
            buf_text(buf, "  ...\n");
            return;
        }
        lua_getinfo(co, "Sln", &ar);
        if (ar.currentline > 0)
            buf_printf(buf, "  %s:%d: in ", ar.short_src, ar.currentline);
        else if (ar.name)
            buf_text(buf, "  [built in]: in ");
        else
            continue;
        if (ar.name)
            buf_printf(buf, "%s '%.60s'\n", ar.namewhat[0] ? ar.namewhat : "function", ar.name);
        else if (ar.what[0] == 'm')
            buf_text(buf, "the file's top level\n");
        else
            buf_printf(buf, "the function of line %d\n", ar.linedefined);
    }
}

static void finish(struct script_state *state, enum script_kind kind, struct script_error *error)
{
    for (size_t i = 0; i < state->message.len; i++) {
        if (state->message.at[i] == '\n' || state->message.at[i] == '\r')
            state->message.at[i] = ' ';
    }
    error->kind = kind;
    error->message = buf_view(&state->message);
    error->where = state->where.len ? buf_view(&state->where) : STR("");
    error->traceback = state->traceback.len ? buf_view(&state->traceback) : STR("");
}

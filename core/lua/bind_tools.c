/* Bind tools: foyer.text, foyer.time and foyer.log. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "store/fold.h"

#include <lauxlib.h>
#include <string.h>

enum { LOG_BYTES = 500, LOG_LINES = 20, SPLIT_MAX = 10000 };

typedef void escape(struct buf *buf, struct str text);

static int push_escaped(lua_State *L, escape *with);
static int log_line(lua_State *L, enum log_level level);

int bind_text_trim(lua_State *L)
{
    struct str text = str_trim(api_text(L, 1));

    lua_pushlstring(L, text.at ? text.at : "", text.len);
    return 1;
}

int bind_text_starts(lua_State *L)
{
    lua_pushboolean(L, str_starts(api_text(L, 1), api_text(L, 2)));
    return 1;
}

int bind_text_ends(lua_State *L)
{
    lua_pushboolean(L, str_ends(api_text(L, 1), api_text(L, 2)));
    return 1;
}

int bind_text_split(lua_State *L)
{
    struct str rest = api_text(L, 1), separator = api_text(L, 2);
    lua_Integer n = 0;

    luaL_argcheck(L, separator.len > 0, 2, "a separator that is not empty expected");
    script_charge(L, rest.len / 16 + 1);
    lua_newtable(L);
    for (;;) {
        const char *found = memmem(rest.at, rest.len, separator.at, separator.len);
        size_t len = found ? (size_t)(found - rest.at) : rest.len;

        luaL_argcheck(L, n < SPLIT_MAX, 1, "more than 10,000 pieces");
        lua_pushlstring(L, rest.at, len);
        lua_rawseti(L, -2, ++n);
        if (!found)
            return 1;
        rest = str_slice(found + separator.len, rest.len - len - separator.len);
    }
}

int bind_text_fold(lua_State *L)
{
    struct str text = api_text(L, 1), folded;

    luaL_argcheck(L, text.len <= 10000, 1, "at most 10,000 bytes");
    script_charge(L, text.len + 1);
    folded = fold_text(script_scratch(L), text);
    lua_pushlstring(L, folded.at ? folded.at : "", folded.len);
    return 1;
}

int bind_text_html(lua_State *L)
{
    return push_escaped(L, buf_html);
}

int bind_text_url(lua_State *L)
{
    return push_escaped(L, buf_url);
}

/* The buffer of the heap would be lost by a jump: what it holds is copied before anything is pushed. */
static int push_escaped(lua_State *L, escape *with)
{
    struct str text = api_text(L, 1), copy;
    struct buf buf;
    bool is_too_long;

    script_charge(L, text.len / 4 + 1);
    buf_init(&buf, LIMIT_SCRIPT_ALLOCATION);
    with(&buf, text);
    is_too_long = buf.overflowed;
    copy = str_copy(script_scratch(L), buf_view(&buf));
    buf_fini(&buf);
    luaL_argcheck(L, !is_too_long, 1, "the result would be larger than 1 MiB");
    lua_pushlstring(L, copy.at ? copy.at : "", copy.len);
    return 1;
}

/* ---- Time -------------------------------------------------------------------------------------- */

int bind_time_now(lua_State *L)
{
    const struct call *call = call_of(L);
    char text[CLOCK_TEXT];

    clock_format(call->tx->now, text);
    lua_pushstring(L, text);
    return 1;
}

int bind_time_seconds(lua_State *L)
{
    int64_t wall;

    luaL_argcheck(L, clock_parse(api_text(L, 1), &wall), 1,
                  "a time expected, like \"2026-11-23T22:13:00Z\"");
    lua_pushnumber(L, (lua_Number)wall / (lua_Number)CLOCK_SECOND);
    return 1;
}

int bind_time_format(lua_State *L)
{
    lua_Number seconds = lua_tonumber(L, 1);
    char text[CLOCK_TEXT];

    luaL_argcheck(L, seconds >= 0 && seconds < 253402300800.0, 1, "seconds since 1970 expected");
    clock_format((int64_t)(seconds * (lua_Number)CLOCK_SECOND), text);
    lua_pushstring(L, text);
    return 1;
}

/* ---- Log --------------------------------------------------------------------------------------- */

int bind_log_info(lua_State *L)
{
    return log_line(L, LOG_INFO);
}

int bind_log_warn(lua_State *L)
{
    return log_line(L, LOG_WARN);
}

int bind_log_error(lua_State *L)
{
    return log_line(L, LOG_ERROR);
}

static int log_line(lua_State *L, enum log_level level)
{
    struct call *call = call_of(L);
    struct str text = api_text(L, 1);

    if (call->logged++ >= LOG_LINES)
        return luaL_error(L, "more than %d lines are logged in one call", LOG_LINES);
    if (text.len > LOG_BYTES)
        text.len = LOG_BYTES;
    log_at(level, call->tx->request_id, "script", LOG_S("plugin", instance_of(L)->plugin->id),
           LOG_S("text", text));
    return 0;
}

/* World run: w:run and w:advance, and the stubs that answer what is fetched meanwhile. */
#include "lua/world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/schedule.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/test_ask.h"
#include "lua/test_run.h"
#include "lua/value.h"

#include <lauxlib.h>

static void push_request(lua_State *L, const struct scratch_fetch *fetch);
static bool push_stub(lua_State *L, int world, const struct scratch_fetch *fetch);
static bool fits(struct str pattern, struct str text);
static void push_answer(lua_State *L, int stub, int request);
static void read_answer(lua_State *L, int answer, const struct scratch_fetch *fetch,
                        struct scratch_fetched *fetched);
static struct str error_text(struct arena *arena, struct str error, struct str url);
static struct str read_headers(lua_State *L, int answer);
static int64_t moment(lua_State *L, struct str text, int64_t now);

/* ---- Running ----------------------------------------------------------------------------------- */

int bind_world_run(lua_State *L)
{
    struct world *world = world_check(L);

    world_run_until(L, world->test, scratch_calls->now(world_scratch(L, world->test)));
    return 0;
}

int bind_world_advance(lua_State *L)
{
    struct world *world = world_check(L);
    int64_t now = scratch_calls->now(world_scratch(L, world->test));
    int64_t until = moment(L, api_text(L, 2), now);

    if (until < now)
        return luaL_error(L, "w:advance: time does not go back");
    world_run_until(L, world->test, until);
    return 0;
}

/* "3d", "2h", "15m", "30s", or the time itself. */
static int64_t moment(lua_State *L, struct str text, int64_t now)
{
    int64_t span, until, last = 0;

    clock_parse(STR("2300-01-01T00:00:00Z"), &last);
    if (clock_parse(text, &until)) {
        if (until <= last)
            return until;
    } else if (text.len > 1 && text.at[text.len - 1] == 's' &&
               str_to_int(str_slice(text.at, text.len - 1), 0, 86400, &span)) {
        return now + span * CLOCK_SECOND;
    } else if (schedule_read_span(text, &span)) {
        return now + span;
    }
    return luaL_error(L,
                      "w:advance takes \"30s\", \"15m\", \"2h\", \"3d\" (at most 366), or a time "
                      "like \"2026-03-29T03:00:00Z\", not \"%s\"",
                      lua_tostring(L, 2));
}

void world_run_until(lua_State *L, uint64_t test, int64_t until)
{
    bool goes_on = false;

    for (;;) {
        struct scratch *scratch = world_scratch(L, test);
        uint64_t begun = clock_monotonic();
        struct scratch_fetch fetch;
        enum scratch_progress progress = scratch_calls->run(scratch, until, goes_on, &fetch);

        script_excuse(L, clock_monotonic() - begun);
        if (progress == SCRATCH_ENDLESS)
            luaL_error(L, "handlers and jobs do not come to an end: they cause each other, or the "
                          "clock was moved too far at one time");
        if (progress == SCRATCH_SETTLED)
            return;
        world_answer(L, scratch, &fetch);
        goes_on = true;
    }
}

/* ---- Stubs ------------------------------------------------------------------------------------- */

/* w, method, url, answer: { method =, url =, answer =, used = } among the stubs. */
int bind_world_stub(lua_State *L)
{
    world_check(L);
    if (!lua_istable(L, 4) && !lua_isfunction(L, 4))
        return luaL_error(L, "w:stub: the answer is a table, an array of tables, or a function of "
                             "the request");
    lua_getiuservalue(L, 1, WORLD_STUBS);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "method");
    lua_pushvalue(L, 3);
    lua_setfield(L, -2, "url");
    lua_pushvalue(L, 4);
    lua_setfield(L, -2, "answer");
    lua_pushinteger(L, 0);
    lua_setfield(L, -2, "used");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    return 0;
}

void world_answer(lua_State *L, struct scratch *scratch, const struct scratch_fetch *fetch)
{
    struct arena *arena = call_of(L)->arena;
    struct scratch_fetched fetched = { .status = 200, .body = STR(""), .headers = STR("") };
    struct test_run *tests = instance_of(L)->tests;
    int top = lua_gettop(L);

    luaL_checkstack(L, 16, NULL);
    tests->is_answering = true;      /* until it is answered the server can do nothing else */
    world_push(L, fetch->workspace); /* top + 1 */
    push_request(L, fetch);          /* top + 2 */
    lua_getiuservalue(L, top + 1, WORLD_FETCHES);
    lua_pushvalue(L, top + 2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_settop(L, top + 2);
    if (!push_stub(L, top + 1, fetch))
        luaL_error(L,
                   "%s fetches %s %s, and no stub answers that: w:stub(\"%s\", \"%s\", { status "
                   "= 200 })",
                   str_copy(arena, fetch->plugin).at, method_name(fetch->method),
                   str_copy(arena, fetch->url).at, method_name(fetch->method),
                   str_copy(arena, fetch->url).at);
    push_answer(L, top + 3, top + 2); /* top + 4 */
    read_answer(L, top + 4, fetch, &fetched);
    if (str_is_absent(fetched.error)) {
        lua_pushinteger(L, fetched.status);
        lua_setfield(L, top + 2, "status");
    } else {
        lua_pushlstring(L, fetched.error.at, fetched.error.len);
        lua_setfield(L, top + 2, "error");
    }
    lua_settop(L, top);
    tests->is_answering = false;
    scratch_calls->answer(scratch, &fetched);
}

/* { method =, url =, headers =, body = the text, json = what it says, plugin =, handler = } */
static void push_request(lua_State *L, const struct scratch_fetch *fetch)
{
    struct value value;

    lua_createtable(L, 0, 8);
    lua_pushstring(L, method_name(fetch->method));
    lua_setfield(L, -2, "method");
    test_set_text(L, "url", fetch->url);
    test_set_text(L, "plugin", fetch->plugin);
    test_set_text(L, "handler", fetch->handler);
    lua_newtable(L);
    world_set_headers(L, fetch->headers);
    world_set_headers(L, fetch->secret_headers);
    lua_setfield(L, -2, "headers");
    if (!fetch->has_body)
        return;
    test_set_text(L, "body", fetch->body);
    if (str_is_absent(value_from_json(fetch->body, call_of(L)->arena, &value))) {
        value_push(L, &value, 0);
        lua_setfield(L, -2, "json");
    }
}

/* The newest that fits goes first, so that a test may say otherwise than before. */
static bool push_stub(lua_State *L, int world, const struct scratch_fetch *fetch)
{
    lua_getiuservalue(L, world, WORLD_STUBS);
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 0; i--) {
        struct str method, url;

        lua_rawgeti(L, -1, i);
        lua_getfield(L, -1, "method");
        lua_getfield(L, -2, "url");
        method = api_text(L, -2);
        url = api_text(L, -1);
        if ((str_is(method, "*") || str_is(method, method_name(fetch->method))) &&
            fits(url, fetch->url)) {
            lua_pop(L, 2);
            lua_remove(L, -2);
            return true;
        }
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
    return false;
}

/* "*" is any text. */
static bool fits(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && pattern.at[p] == text.at[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

/* Of a sequence the next one, the last of it again and again. */
static void push_answer(lua_State *L, int stub, int request)
{
    lua_Integer used;

    lua_getfield(L, stub, "used");
    used = lua_tointeger(L, -1) + 1;
    lua_pop(L, 1);
    lua_pushinteger(L, used);
    lua_setfield(L, stub, "used");
    lua_getfield(L, stub, "answer");
    if (lua_isfunction(L, -1)) {
        lua_pushvalue(L, request);
        lua_pushinteger(L, used);
        lua_call(L, 2, 1);
        if (!lua_istable(L, -1))
            luaL_error(L, "the function of a stub gives a table like { status = 200 }, not %s",
                       luaL_typename(L, -1));
    } else if (lua_rawlen(L, -1) > 0) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, -1);

        lua_rawgeti(L, -1, used < count ? used : count);
        lua_remove(L, -2);
        if (lua_isfunction(L, -1)) {
            lua_pushvalue(L, request);
            lua_pushinteger(L, used);
            lua_call(L, 2, 1);
        }
        if (!lua_istable(L, -1))
            luaL_error(L, "each answer of a stub is a table like { status = 200 }");
    }
}

static void read_answer(lua_State *L, int answer, const struct scratch_fetch *fetch,
                        struct scratch_fetched *fetched)
{
    static const char *const names[] = { "status", "body", "headers", "error", NULL };
    struct arena *arena = call_of(L)->arena;

    world_check_names(L, answer, "the answer of a stub", names);
    if (lua_getfield(L, answer, "error") == LUA_TSTRING) {
        fetched->error = error_text(arena, api_copy_text(L, -1), str_copy(arena, fetch->url));
        return;
    }
    if (lua_getfield(L, answer, "status") != LUA_TNIL) {
        fetched->status = lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : 0;
        if (fetched->status < 200 || fetched->status > 599)
            luaL_error(L, "the answer of a stub: status must be a number from 200 to 599");
    }
    fetched->headers = read_headers(L, answer);
    switch (lua_getfield(L, answer, "body")) {
    case LUA_TNIL:
        break;
    case LUA_TSTRING:
        fetched->body = api_copy_text(L, -1);
        break;
    default:
        fetched->body = world_json(L, lua_gettop(L), "the body of a stub's answer");
        if (str_is_empty(fetched->headers))
            fetched->headers = STR("content-type: application/json\n");
    }
    if (fetched->body.len > LIMIT_FETCH_ANSWER)
        fetched->error = str_printf(arena, "the answer of %.*s is larger than %d bytes",
                                    STR_ARG(str_copy(arena, fetch->url)), LIMIT_FETCH_ANSWER);
}

/* In the words that are used in earnest, for what there is a word for. */
static struct str error_text(struct arena *arena, struct str error, struct str url)
{
    struct str host = url, name;

    for (size_t i = 0; i + 2 < url.len; i++)
        if (url.at[i] == ':' && url.at[i + 1] == '/' && url.at[i + 2] == '/') {
            host = str_slice(url.at + i + 3, url.len - i - 3);
            break;
        }
    str_cut(&host, '/', &name);
    if (str_is(error, "timeout"))
        return str_printf(arena, "%.*s has not answered in time", STR_ARG(name));
    if (str_is(error, "refused"))
        return str_printf(arena, "%.*s takes no connection", STR_ARG(name));
    return error;
}

static struct str read_headers(lua_State *L, int answer)
{
    struct str headers = STR("");
    struct arena *arena = call_of(L)->arena;

    if (lua_getfield(L, answer, "headers") == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING ||
                str_has_control(api_text(L, -1)))
                luaL_error(L, "the answer of a stub: headers are texts by name");
            lua_pushvalue(L, -2);
            headers = str_printf(arena, "%.*s%s: %s\n", STR_ARG(headers), lua_tostring(L, -1),
                                 lua_tostring(L, -2));
            lua_pop(L, 2);
        }
        for (size_t i = 0, is_name = 1; i < headers.len; i++) {
            char *c = (char *)(uintptr_t)&headers.at[i];

            if (is_name && *c >= 'A' && *c <= 'Z')
                *c = (char)(*c + 32);
            is_name = *c == '\n' || (is_name && *c != ':');
        }
    }
    lua_pop(L, 1);
    return headers;
}

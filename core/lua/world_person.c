/* World person: requests as somebody, and their replies. */
#include "lua/world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/test_ask.h"
#include "lua/test_run.h"
#include "lua/value.h"

#include <lauxlib.h>

static int ask(lua_State *L, enum method method, int body, int options);
static void read_options(lua_State *L, int options, struct scratch_asked *asked);
static void put_header(lua_State *L, struct buf *out, bool *is_good);
static void put_plain(lua_State *L, int index, struct buf *out, bool *is_good);
static void push_reply(lua_State *L, const struct scratch_reply *reply);
static void send(lua_State *L, uint64_t test, const struct scratch_asked *asked,
                 struct scratch_reply *reply);
static struct str describe(lua_State *L, int reply);

/* ---- People ------------------------------------------------------------------------------------ */

void person_push(lua_State *L, const struct world *world, enum actor_kind kind, struct uuid id,
                 struct str key)
{
    struct world_person *person = lua_newuserdatauv(L, sizeof(*person), PERSON_VALUES - 1);

    *person =
        (struct world_person){ .kind = kind, .id = id, .place = world->place, .test = world->test };
    luaL_setmetatable(L, TEST_PERSON);
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, PERSON_FIELDS);
    if (!str_is_absent(key)) {
        lua_pushlstring(L, key.at, key.len);
        lua_setiuservalue(L, -2, PERSON_KEY);
    }
}

/* A method, or a field as it was when he was made; nil where there is none. */
int person_index(lua_State *L)
{
    luaL_checkudata(L, 1, TEST_PERSON);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TFUNCTION)
        return 1;
    lua_getiuservalue(L, 1, PERSON_FIELDS);
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

int bind_person_get(lua_State *L)
{
    return ask(L, GET, 0, 3);
}

int bind_person_delete(lua_State *L)
{
    return ask(L, DELETE, 0, 3);
}

int bind_person_post(lua_State *L)
{
    return ask(L, POST, 3, 4);
}

int bind_person_put(lua_State *L)
{
    return ask(L, PUT, 3, 4);
}

int bind_person_patch(lua_State *L)
{
    return ask(L, PATCH, 3, 4);
}

/* ---- Asking ------------------------------------------------------------------------------------ */

static int ask(lua_State *L, enum method method, int body, int options)
{
    const struct world_person *person = luaL_checkudata(L, 1, TEST_PERSON);
    struct scratch_asked asked = { .kind = person->kind,
                                   .place = &person->place,
                                   .id = person->id,
                                   .method = method,
                                   .target = api_copy_text(L, 2),
                                   .headers = STR("") };
    struct scratch_reply reply;

    read_options(L, options, &asked);
    if (body && !lua_isnoneornil(L, body)) {
        asked.has_body = true;
        if (lua_type(L, body) == LUA_TSTRING)
            asked.body = api_copy_text(L, body);
        else
            asked.body = world_json(L, body, "body");
    }
    if (lua_getiuservalue(L, 1, PERSON_KEY) == LUA_TSTRING)
        asked.headers = str_printf(call_of(L)->arena, "%.*sx-api-key: %s\n", STR_ARG(asked.headers),
                                   lua_tostring(L, -1));
    send(L, person->test, &asked, &reply);
    push_reply(L, &reply);
    return 1;
}

/* { query = { … }, headers = { … } } */
static void read_options(lua_State *L, int options, struct scratch_asked *asked)
{
    static const char *const names[] = { "query", "headers", NULL };
    struct arena *arena = call_of(L)->arena;
    struct buf query, headers;
    bool is_good = true;

    if (!lua_istable(L, options))
        return;
    world_check_names(L, options, "a request of a test", names);
    luaL_checkstack(L, 10, NULL);
    buf_init(&query, KIB(8));
    buf_init(&headers, KIB(16));
    lua_pushstring(L, "query"); /* nothing below may jump: raw, and by type */
    if (lua_rawget(L, options) == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            size_t count = lua_istable(L, -1) ? lua_rawlen(L, -1) : 1;

            for (size_t i = 1; i <= count; i++) {
                if (lua_istable(L, -1))
                    lua_rawgeti(L, -1, (lua_Integer)i);
                else
                    lua_pushvalue(L, -1);
                buf_char(&query, query.len ? '&' : '?');
                put_plain(L, -3, &query, &is_good);
                buf_char(&query, '=');
                put_plain(L, -1, &query, &is_good);
                lua_pop(L, 1);
            }
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    lua_pushstring(L, "headers");
    if (lua_rawget(L, options) == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            put_header(L, &headers, &is_good);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    is_good &= !query.overflowed && !headers.overflowed;
    asked->target = str_concat(arena, asked->target, buf_view(&query));
    asked->headers = str_copy(arena, buf_view(&headers));
    buf_fini(&query);
    buf_fini(&headers);
    if (!is_good)
        luaL_error(L, "query and headers are tables of texts, numbers and booleans by name");
}

/* The name is below the value, which is on top. */
static void put_header(lua_State *L, struct buf *out, bool *is_good)
{
    struct str name = STR_NONE, value = STR_NONE;

    if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING) {
        name = api_text(L, -2);
        value = api_text(L, -1);
    }
    *is_good &= !str_is_empty(name) && !str_has_control(name) && !str_has_control(value);
    for (size_t i = 0; i < name.len; i++)
        buf_char(out,
                 name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + 32) : name.at[i]);
    buf_printf(out, ": %.*s\n", STR_ARG(value));
}

static void put_plain(lua_State *L, int index, struct buf *out, bool *is_good)
{
    if (lua_type(L, index) == LUA_TSTRING)
        buf_url(out, api_text(L, index));
    else if (lua_type(L, index) == LUA_TBOOLEAN)
        buf_text(out, lua_toboolean(L, index) ? "true" : "false");
    else if (lua_isinteger(L, index))
        buf_printf(out, "%lld", (long long)lua_tointeger(L, index));
    else
        *is_good = false;
}

static void send(lua_State *L, uint64_t test, const struct scratch_asked *asked,
                 struct scratch_reply *reply)
{
    struct scratch *scratch = world_scratch(L, test);
    struct arena *arena = call_of(L)->arena;
    uint64_t begun = clock_monotonic();
    struct scratch_fetch fetch;
    enum scratch_progress progress = scratch_calls->request(scratch, asked, arena, reply, &fetch);

    script_excuse(L, clock_monotonic() - begun);
    while (progress == SCRATCH_FETCHES) {
        world_answer(L, scratch, &fetch);
        begun = clock_monotonic();
        progress = scratch_calls->reply(scratch, arena, reply, &fetch);
        script_excuse(L, clock_monotonic() - begun);
    }
    if (arena_is_exhausted(call_of(L)->arena))
        luaL_error(L, "the replies of this test need more memory than it may have");
}

void person_ask_owner(lua_State *L, const struct world *world, const char *what, enum method method,
                      struct str path, struct str body, struct scratch_reply *reply)
{
    const struct scratch_asked asked = { .kind = ACTOR_STAFF,
                                         .place = &world->place,
                                         .id = world->place.owner,
                                         .method = method,
                                         .target = path,
                                         .headers = STR(""),
                                         .body = body,
                                         .has_body = true };

    send(L, world->test, &asked, reply);
    if (reply->status < 200 || reply->status > 299)
        luaL_error(L, "%s: %s %s answers %d: %s", what, method_name(method), path.at, reply->status,
                   reply->body.at ? reply->body.at : "");
}

/* ---- Replies ----------------------------------------------------------------------------------- */

/* { status =, headers =, text =, body = what the JSON says } */
static void push_reply(lua_State *L, const struct scratch_reply *reply)
{
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, reply->status);
    lua_setfield(L, -2, "status");
    lua_newtable(L);
    world_set_headers(L, reply->headers);
    lua_setfield(L, -2, "headers");
    if (str_is_absent(reply->content_type))
        return;
    test_set_text(L, "text", reply->body);
    if (str_starts(reply->content_type, STR("application/json")) ||
        str_starts(reply->content_type, STR("application/problem+json"))) {
        world_push_json(L, reply->body);
        lua_setfield(L, -2, "body");
    }
}

void world_set_headers(lua_State *L, struct str headers)
{
    struct str line, name;

    while (!str_is_empty(headers) && str_cut(&headers, '\n', &line)) {
        if (!str_cut(&line, ':', &name) || str_is_absent(line))
            continue;
        line = str_trim(line);
        name = str_lower(call_of(L)->arena, name);
        lua_pushlstring(L, name.at, name.len);
        lua_pushlstring(L, line.at, line.len);
        lua_rawset(L, -3);
    }
}

/* reply, status, code, field */
int bind_test_refused(lua_State *L)
{
    bool is_right;

    lua_getfield(L, 1, "status");
    lua_getfield(L, 1, "body"); /* 6 */
    is_right = lua_isinteger(L, 5) && lua_tointeger(L, 5) == lua_tointeger(L, 2);
    if (is_right && !lua_isnil(L, 3)) {
        is_right = lua_istable(L, 6) && lua_getfield(L, 6, "code") == LUA_TSTRING &&
                   lua_rawequal(L, -1, 3);
        lua_settop(L, 6);
    }
    if (is_right && !lua_isnil(L, 4)) {
        is_right = false;
        if (lua_istable(L, 6) && lua_getfield(L, 6, "errors") == LUA_TTABLE)
            for (lua_Integer i = 1; lua_rawgeti(L, 7, i) == LUA_TTABLE && !is_right; i++) {
                lua_getfield(L, -1, "field");
                is_right = lua_rawequal(L, -1, 4);
                lua_settop(L, 7);
            }
        lua_settop(L, 6);
    }
    if (!is_right)
        return luaL_error(
            L, "got %s, wanted %d%s%s%s%s", describe(L, 1).at, (int)lua_tointeger(L, 2),
            lua_isnil(L, 3) ? "" : " ", lua_isnil(L, 3) ? "" : lua_tostring(L, 3),
            lua_isnil(L, 4) ? "" : " about ", lua_isnil(L, 4) ? "" : lua_tostring(L, 4));
    lua_pushvalue(L, 6);
    return 1;
}

/* "422 {…}" */
static struct str describe(lua_State *L, int reply)
{
    struct arena *arena = call_of(L)->arena;
    struct str text = STR_NONE;
    int status = 0;

    if (lua_getfield(L, reply, "status") == LUA_TNUMBER)
        status = (int)lua_tointeger(L, -1);
    if (lua_getfield(L, reply, "text") == LUA_TSTRING)
        text = api_text(L, -1);
    if (text.len > 500)
        text.len = 500;
    text = str_printf(arena, "%d %.*s", status, STR_ARG(text));
    lua_pop(L, 2);
    return text;
}

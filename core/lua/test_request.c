/* Test request: t.request asks a route as a request would, but for its rule: the path is looked up, query and
 * body are checked by the schemas, and what the function asks for is answered as the test says. */
#include "base/buf.h"
#include "base/limits.h"
#include "http/route.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/test_ask.h"
#include "lua/test_handle.h"
#include "lua/test_run.h"
#include "lua/value.h"
#include "lua/visit.h"

#include <lauxlib.h>

/* What came of it; texts in the test's arena. */
struct asked {
    struct handled handled;
    struct request rq;
    struct task_result result;
    struct failure failure;
};

static void read_given(lua_State *L, struct asked *asked);
static void read_text(lua_State *L, const struct value *given, struct asked *asked);
static void read_headers(const struct value *headers, struct asked *asked, struct arena *arena);
static void find(lua_State *L, struct asked *asked);
static void run(struct asked *asked, struct policy *policy, const struct tx *outer,
                struct arena *arena);
static void push_result(lua_State *L, const struct asked *asked);

int bind_test_request(lua_State *L)
{
    struct call *call = call_of(L);
    struct asked asked = { .rq = { .method = GET, .version_minor = 1, .id = STR("test") } };
    struct value calls;
    struct str json;

    read_given(L, &asked);
    find(L, &asked);
    handled_begin(&asked.handled);
    run(&asked, instance_of(L)->tests->policy, call->tx, call->arena);
    json = handled_end(&asked.handled, call->arena);

    if (str_is_absent(json) || !str_is_absent(value_from_json(json, call->arena, &calls)))
        return luaL_error(L, "t.request: what it called is too large to be shown");
    push_result(L, &asked);
    value_push(L, &calls, 0);
    lua_setfield(L, -2, "calls");
    return 1;
}

/* { method =, path =, headers =, body = or text =, actor =, answers = } */
static void read_given(lua_State *L, struct asked *asked)
{
    static const struct str members[] = { { "method", 6 }, { "path", 4 }, { "headers", 7 },
                                          { "body", 4 },   { "text", 4 }, { "actor", 5 },
                                          { "answers", 7 } };
    struct arena *arena = call_of(L)->arena;
    struct value given;
    struct str reason = value_read(L, 1, arena, &given), method;
    const struct value *answers;

    if (!str_is_absent(reason))
        luaL_error(L, "t.request: %s", reason.at);
    for (size_t i = 0; given.type == VALUE_OBJECT && i < given.object.count; i++) {
        size_t k;

        for (k = 0; k < 7 && !str_eq(members[k], given.object.members[i].name); k++)
            ;
        if (k == 7)
            luaL_error(L,
                       "t.request: %s: method, path, headers, body, text, actor and answers are "
                       "what it takes",
                       str_copy(arena, given.object.members[i].name).at);
    }
    method = value_get_string(&given, STR("method"));
    for (int i = GET; method.at && i < METHOD_OTHER; i++)
        if (str_is(method, method_name((enum method)i)))
            asked->rq.method = (enum method)i;
    answers = value_get(&given, STR("answers"));
    if (answers)
        asked->handled.answers = *answers;
    if (lua_getfield(L, 1, "actor") == LUA_TTABLE)
        test_read_actor(L, lua_gettop(L), &asked->handled.actor);
    lua_pop(L, 1);
    read_headers(value_get(&given, STR("headers")), asked, arena);
    read_text(L, &given, asked);
    if (request_set_target(&asked->rq, arena, value_get_string(&given, STR("path")), NULL,
                           &asked->failure) != ST_OK)
        luaL_error(L, "t.request: path must be an address like \"/p/crm/things?limit=1\"");
}

/* A table goes as JSON. */
static void read_text(lua_State *L, const struct value *given, struct asked *asked)
{
    static const struct header json = { { "content-type", 12 }, { "application/json", 16 } };
    struct arena *arena = call_of(L)->arena;
    const struct value *body = value_get(given, STR("body"));
    struct buf out;

    asked->rq.body = value_get_string(given, STR("text"));
    if (body) {
        buf_init(&out, LIMIT_SCRIPT_BODY);
        value_to_json(body, &out);
        asked->rq.body = str_copy(arena, buf_view(&out));
        buf_fini(&out);
        if (str_is_absent(request_header(&asked->rq, "content-type")))
            asked->rq.headers[asked->rq.header_count++] = json;
    }
    asked->rq.has_body = !str_is_empty(asked->rq.body);
}

static void read_headers(const struct value *headers, struct asked *asked, struct arena *arena)
{
    size_t count = headers && headers->type == VALUE_OBJECT ? headers->object.count : 0;

    asked->rq.headers = arena_array(arena, struct header, count + 1);
    for (size_t i = 0; i < count; i++)
        if (headers->object.members[i].value.type == VALUE_STRING)
            asked->rq.headers[asked->rq.header_count++] =
                (struct header){ headers->object.members[i].name,
                                 headers->object.members[i].value.string };
}

static void find(lua_State *L, struct asked *asked)
{
    const struct router *router = routes_of(instance_of(L)->tests->policy);
    struct arena *arena = call_of(L)->arena;
    struct str allow = STR_NONE;

    if (router && router_find(router, &asked->rq, arena, &allow) == ST_OK)
        return;
    luaL_error(L, "t.request: no route answers %s %s%s", method_name(asked->rq.method),
               str_copy(arena, asked->rq.path).at,
               str_is_empty(allow) ? "" : str_printf(arena, ": it takes %.*s", STR_ARG(allow)).at);
}

static void run(struct asked *asked, struct policy *policy, const struct tx *outer,
                struct arena *arena)
{
    struct handled *handled = &asked->handled;
    struct value request;
    struct task_given given = { .request = &request, .result = &asked->result };

    handled->handler = plugin_route_of(asked->rq.route)->handler;
    if (visit_request(&asked->rq, arena, &request, &asked->failure) != ST_OK) {
        buf_text(&handled->calls, "[]");
        return;
    }
    handled_run(policy, outer, handled, &given);
    asked->result.headers = str_copy(arena, asked->result.headers);
    asked->result.type = asked->result.type.at ? str_copy(arena, asked->result.type) : STR_NONE;
    asked->result.notice =
        asked->result.notice.at ? str_copy(arena, asked->result.notice) : STR_NONE;
    asked->result.body = asked->result.body.at ? str_copy(arena, asked->result.body) : STR_NONE;
}

/* { status =, headers =, body = (of JSON), text =, errors = (of what did not fit), error = } */
static void push_result(lua_State *L, const struct asked *asked)
{
    const struct task_result *result = &asked->result;
    struct task_answer answer = { .status = result->status,
                                  .headers = result->headers,
                                  .body = result->body };
    struct value value;
    int count = 0;

    if (asked->failure.status != ST_OK) {
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, status_http(asked->failure.status));
        lua_setfield(L, -2, "status");
        lua_newtable(L);
        for (const struct field_error *at = asked->failure.errors; at; at = at->next) {
            lua_pushlstring(L, at->field.at, at->field.len);
            lua_rawseti(L, -2, ++count);
        }
        lua_setfield(L, -2, "errors");
        return;
    }
    if (!str_is_absent(asked->handled.error)) {
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, 500);
        lua_setfield(L, -2, "status");
        test_set_text(L, "error", asked->handled.error);
        return;
    }
    http_push_answer(L, &answer);
    test_set_text(L, "text", result->body);
    test_set_text(L, "type", result->type);
    test_set_text(L, "notice", result->notice);
    lua_pushnil(L);
    lua_setfield(L, -2, "body");
    if (str_starts(result->type, STR("application/json")) &&
        str_is_absent(value_from_json(result->body, call_of(L)->arena, &value))) {
        value_push(L, &value, 0);
        lua_setfield(L, -2, "body");
    }
}

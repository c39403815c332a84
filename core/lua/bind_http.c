/* Bind http: foyer.http.fetch. What it asks for is checked here, as far as it is words; where it may go is
 * the courier's to say (exec/courier_fetch.h). */
#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/secret.h"
#include "lua/value.h"

#include <lauxlib.h>
#include <string.h>

enum { SECRETS_MAX = 32 };

static void check_declared(lua_State *L);
static size_t count_lines(struct str headers);
static bool is_opened(const struct opened_secrets *opened, const struct value *value);
static void read_member(lua_State *L, struct str name, const struct value *value,
                        const struct opened_secrets *opened, struct task_call *asks);
static void read_method(lua_State *L, const struct value *value, struct task_call *asks);
static void read_headers(lua_State *L, const struct value *value,
                         const struct opened_secrets *opened, struct task_call *asks);
static bool is_token(struct str name);
static bool is_ours(struct str name);
static void read_body(lua_State *L, const struct value *value, bool is_json,
                      struct task_call *asks);
static bool has_type(struct str headers);
static void add_header(struct str *headers, struct arena *arena, struct str name, struct str value);

int bind_http_fetch(lua_State *L)
{
    struct call *call = call_of(L);
    struct task_call asks = { .method = METHOD_OTHER,
                              .timeout_ms = (int64_t)LIMIT_FETCH_SECONDS * 1000,
                              .body = STR_NONE };
    struct str secrets[SECRETS_MAX], reason;
    struct opened_secrets opened = { secrets, 0, SECRETS_MAX };
    struct value options = value_nil();

    arena_rewind(call->arena, call->task->mark);
    asks.url =
        secret_is(L, 1) ? secret_text(L, 1, call->arena) : str_copy(call->arena, api_text(L, 1));
    if (!lua_isnil(L, 2)) {
        reason = value_read_secrets(L, 2, call->arena, &options, &opened);
        luaL_argcheck(L, str_is_absent(reason), 2, reason.at);
        luaL_argcheck(L, options.type == VALUE_OBJECT, 2, "a table of names expected");
        for (size_t i = 0; i < options.object.count; i++)
            read_member(L, options.object.members[i].name, &options.object.members[i].value,
                        &opened, &asks);
    }
    if (secret_is(L, 1) || opened.count > 0) {
        check_declared(L);
        asks.has_secret = opened.count > count_lines(asks.secret_headers);
    }
    if (asks.method == METHOD_OTHER)
        asks.method = str_is_absent(asks.body) ? GET : POST;
    luaL_argcheck(L, str_is_absent(asks.body) || (asks.method != GET && asks.method != HEAD), 2,
                  "GET and HEAD have no body");
    luaL_argcheck(L, asks.headers.len + asks.secret_headers.len <= LIMIT_FETCH_HEADERS, 2,
                  "headers of at most 16 KiB expected");
    return bind_wait(L, &asks);
}

/* Where a plugin names no hosts, whoever can change what it fetches could have its secrets. */
static void check_declared(lua_State *L)
{
    if (!instance_says(instance_of(L)))
        luaL_error(L, "secrets go only to hosts that are declared: foyer.plugin { capabilities = { "
                      "\"http\" }, hosts = { \"api.example.com\" } }");
}

static size_t count_lines(struct str headers)
{
    size_t count = 0;

    for (size_t i = 0; i < headers.len; i++)
        count += headers.at[i] == '\n';
    return count;
}

static bool is_opened(const struct opened_secrets *opened, const struct value *value)
{
    for (size_t i = 0; i < opened->count; i++)
        if (value->type == VALUE_STRING && value->string.at == opened->at[i].at)
            return true;
    return false;
}

static void read_member(lua_State *L, struct str name, const struct value *value,
                        const struct opened_secrets *opened, struct task_call *asks)
{
    double seconds;

    if (str_is(name, "method")) {
        read_method(L, value, asks);
    } else if (str_is(name, "headers")) {
        read_headers(L, value, opened, asks);
    } else if (str_is(name, "body") || str_is(name, "json")) {
        luaL_argcheck(L, str_is_absent(asks->body), 2, "body or json expected, not both");
        read_body(L, value, str_is(name, "json"), asks);
    } else if (str_is(name, "timeout")) {
        seconds = value->type == VALUE_INTEGER  ? (double)value->integer
                  : value->type == VALUE_NUMBER ? value->number
                                                : 0;
        luaL_argcheck(L, seconds >= 0.001 && seconds <= LIMIT_FETCH_MOST_SECONDS, 2,
                      "timeout must be seconds, up to 25");
        asks->timeout_ms = (int64_t)(seconds * 1000);
    } else if (str_is(name, "redirects")) {
        luaL_argcheck(L, value->type == VALUE_BOOL, 2, "redirects must be true or false");
        asks->follows = value->boolean;
    } else {
        luaL_argerror(L, 2,
                      lua_pushfstring(L,
                                      "\"%s\" is unknown: there are method, headers, body, json, "
                                      "timeout and redirects",
                                      name.at));
    }
}

static void read_method(lua_State *L, const struct value *value, struct task_call *asks)
{
    static const enum method methods[] = { GET, HEAD, POST, PUT, PATCH, DELETE };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (value->type == VALUE_STRING && str_is(value->string, method_name(methods[i])))
            asks->method = methods[i];
    luaL_argcheck(L, asks->method != METHOD_OTHER, 2,
                  "method must be GET, HEAD, POST, PUT, PATCH or DELETE");
}

/* Those that have a secret apart: a redirect to another host loses them. */
static void read_headers(lua_State *L, const struct value *value,
                         const struct opened_secrets *opened, struct task_call *asks)
{
    struct arena *arena = call_of(L)->arena;
    struct str type = asks->headers; /* what a body that came first is */

    luaL_argcheck(L, value->type == VALUE_OBJECT, 2, "headers must be a table of texts by name");
    asks->headers = STR_NONE;
    for (size_t i = 0; i < value->object.count; i++) {
        const struct value *text = &value->object.members[i].value;
        struct str name = value->object.members[i].name, shown;

        if (!is_token(name))
            luaL_argerror(L, 2, "names of headers are made of letters, digits and '-'");
        if (is_ours(name))
            luaL_argerror(L, 2,
                          lua_pushfstring(L, "the header %s is not a script's to set", name.at));
        shown = text->type == VALUE_STRING    ? text->string
                : text->type == VALUE_INTEGER ? str_printf(arena, "%lld", (long long)text->integer)
                                              : STR_NONE;
        if (str_is_absent(shown) || str_has_control(shown))
            luaL_argerror(L, 2,
                          lua_pushfstring(L, "the header %s must be a text of one line", name.at));
        if (str_eq_nocase(name, STR("content-type")))
            type = STR_NONE;
        add_header(is_opened(opened, text) ? &asks->secret_headers : &asks->headers, arena, name,
                   shown);
    }
    asks->headers = str_concat(arena, asks->headers, type);
}

static bool is_token(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return name.len > 0 && name.len <= 100;
}

/* What says where a message goes and how long it is. */
static bool is_ours(struct str name)
{
    static const char *const ours[] = { "host",
                                        "content-length",
                                        "transfer-encoding",
                                        "connection",
                                        "expect",
                                        "te",
                                        "trailer",
                                        "upgrade",
                                        "keep-alive",
                                        "proxy-authorization",
                                        "proxy-connection" };

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (str_eq_nocase(name, str_from(ours[i])))
            return true;
    return false;
}

static void read_body(lua_State *L, const struct value *value, bool is_json, struct task_call *asks)
{
    struct arena *arena = call_of(L)->arena;
    bool is_too_large = false;
    struct buf out;

    if (is_json) {
        script_charge(L, LIMIT_FETCH_BODY / 256);
        buf_init(&out, LIMIT_FETCH_BODY);
        value_to_json(value, &out);
        is_too_large = out.overflowed;
        asks->body = is_too_large ? STR_NONE : str_copy(arena, buf_view(&out));
        buf_fini(&out);
    } else {
        luaL_argcheck(L, value->type == VALUE_STRING, 2, "body must be a text; json takes a table");
        asks->body = value->string.at ? value->string : STR("");
    }
    luaL_argcheck(L, !is_too_large, 2, "a body of at most 1 MB expected");
    if (!has_type(asks->headers))
        add_header(&asks->headers, arena, STR("content-type"),
                   is_json ? STR("application/json") : STR("text/plain; charset=utf-8"));
}

static bool has_type(struct str headers)
{
    struct str line, name;

    while (!str_is_absent(headers) && str_cut(&headers, '\n', &line))
        if (str_cut(&line, ':', &name) && str_eq_nocase(name, STR("content-type")))
            return true;
    return false;
}

static void add_header(struct str *headers, struct arena *arena, struct str name, struct str value)
{
    *headers = str_concat(arena, *headers,
                          str_printf(arena, "%.*s: %.*s\n", STR_ARG(name), STR_ARG(value)));
}

/* { status = 200, headers = { ["content-type"] = "…" }, body = "…" } */
int http_push_answer(lua_State *L, const struct task_answer *answer)
{
    struct str rest = answer->headers, line, name;

    script_charge(L, 10 + (answer->headers.len + answer->body.len) / 16);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, answer->status);
    lua_setfield(L, -2, "status");
    lua_pushlstring(L, answer->body.at ? answer->body.at : "", answer->body.len);
    lua_setfield(L, -2, "body");
    lua_newtable(L);
    while (!str_is_absent(rest) && str_cut(&rest, '\n', &line)) {
        struct str value = line;

        if (!str_cut(&value, ':', &name) || str_is_absent(value))
            continue;
        value = str_trim(value);
        lua_pushlstring(L, name.at, name.len);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) == LUA_TSTRING) { /* one that came twice */
            lua_pushliteral(L, ", ");
            lua_pushlstring(L, value.at ? value.at : "", value.len);
            lua_concat(L, 3);
        } else {
            lua_pop(L, 1);
            lua_pushlstring(L, value.at ? value.at : "", value.len);
        }
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "headers");
    return 1;
}

/* Bind inside: foyer.api, the HTTP API in the transaction that is under way, and foyer.run.
 *
 * In a handler of events no transaction is under way: it waits for whoever runs it to make one.
 */
#include "base/limits.h"
#include "http/route.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/stdlib.h"
#include "lua/value.h"
#include "store/tx.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static enum method read_method(lua_State *L, int index);
static struct str read_query(lua_State *L, int options, struct arena *arena);
static void put_param(lua_State *L, const char *name, struct buf *out, bool *is_good);
static struct str read_body(lua_State *L, int options, struct arena *arena);
static int push_reply(lua_State *L, int status, struct str body);
static int go_on(lua_State *L, int status, lua_KContext context);
static void check_transaction(lua_State *L, struct str name);

int bind_api(lua_State *L)
{
    struct call *call = call_of(L);
    enum method method = read_method(L, 1);
    struct str path, query, body;

    if (call->task)
        arena_rewind(call->arena, call->task->mark);
    path = str_copy(call->arena, api_text(L, 2));
    query = read_query(L, 3, call->arena);
    body = read_body(L, 3, call->arena);
    if (call->task)
        return bind_wait(
            L, &(struct task_call){ .method = method, .path = path, .query = query, .body = body });
    if (!route_dispatcher || !call->tx->db) /* tests run in a server, too */
        return luaL_error(L, "foyer.api is not there: a test has no data");
    if (call->has_reply)
        reply_clear(call->reply);
    else
        reply_init(call->reply);
    call->has_reply = true;
    route_dispatcher(call->tx, method, path, query, body, call->reply);
    return push_reply(L, call->reply->status, buf_view(&call->reply->body));
}

static enum method read_method(lua_State *L, int index)
{
    static const enum method methods[] = { GET, POST, PUT, PATCH, DELETE };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (str_is(api_text(L, index), method_name(methods[i])))
            return methods[i];
    luaL_argerror(L, index, "GET, POST, PUT, PATCH or DELETE expected");
    return METHOD_OTHER;
}

/* Names and texts of { query = { companyId = "…", tags = { "a", "b" } } }. Nothing in the loop may
 * jump while the buffer holds memory: values are checked by type, not by luaL_check. */
static struct str read_query(lua_State *L, int options, struct arena *arena)
{
    struct str query = STR_NONE;
    bool is_good = true;
    struct buf out;

    if (!lua_istable(L, options))
        return STR_NONE;
    lua_pushstring(L, "query");
    if (lua_rawget(L, options) == LUA_TTABLE) {
        luaL_checkstack(L, 6, NULL);
        buf_init(&out, 4096);
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (lua_type(L, -2) != LUA_TSTRING)
                is_good = false;
            else
                put_param(L, lua_tostring(L, -2), &out, &is_good);
            lua_pop(L, 1);
        }
        is_good = is_good && !out.overflowed;
        query = out.len ? str_copy(arena, buf_view(&out)) : STR_NONE;
        buf_fini(&out);
    }
    lua_pop(L, 1);
    if (!is_good)
        luaL_argerror(L, options,
                      "query must be a table of texts, numbers, booleans and arrays of "
                      "texts, at most 4 KiB");
    return query;
}

/* The value is on top of the stack. */
static void put_param(lua_State *L, const char *name, struct buf *out, bool *is_good)
{
    size_t count = lua_istable(L, -1) ? lua_rawlen(L, -1) : 1;

    for (size_t i = 0; i < count; i++) {
        struct str value = STR_NONE;
        char number[32];

        if (lua_istable(L, -1))
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
        else
            lua_pushvalue(L, -1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            value = api_text(L, -1);
        } else if (lua_type(L, -1) == LUA_TBOOLEAN) {
            value = str_from(lua_toboolean(L, -1) ? "true" : "false");
        } else if (lua_isinteger(L, -1)) {
            snprintf(number, sizeof(number), "%lld", (long long)lua_tointeger(L, -1));
            value = str_from(number);
        }
        if (str_is_absent(value))
            *is_good = false;
        if (out->len)
            buf_char(out, '&');
        buf_url(out, str_from(name));
        buf_char(out, '=');
        buf_url(out, value);
        lua_pop(L, 1);
    }
}

static struct str read_body(lua_State *L, int options, struct arena *arena)
{
    struct str reason, text = STR_NONE;
    struct value value;
    struct buf out;

    if (!lua_istable(L, options))
        return STR_NONE;
    lua_pushstring(L, "body");
    if (lua_rawget(L, options) != LUA_TNIL) {
        reason = value_read(L, lua_gettop(L), arena, &value);
        if (!str_is_absent(reason))
            luaL_argerror(L, options, lua_pushfstring(L, "body: %s", reason.at));
        buf_init(&out, LIMIT_JSON_BODY);
        value_to_json(&value, &out);
        text = str_copy(arena, buf_view(&out));
        buf_fini(&out);
    }
    lua_pop(L, 1);
    return text;
}

/* { status = 200, body = { … } } */
static int push_reply(lua_State *L, int status, struct str json)
{
    struct value body = value_nil();

    if (json.len)
        value_from_json(json, call_of(L)->arena, &body);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
    value_push(L, &body, 0);
    lua_setfield(L, -2, "body");
    return 1;
}

/* ---- In a handler ------------------------------------------------------------------------------ */

int bind_run(lua_State *L)
{
    struct call *call = call_of(L);
    struct task_call asks = { .body = STR("null") };
    struct value args;
    struct str reason;
    struct buf out;

    check_transaction(L, api_text(L, 1));
    arena_rewind(call->arena, call->task->mark);
    asks.transaction = str_copy(call->arena, api_text(L, 1));
    if (!lua_isnoneornil(L, 2)) {
        reason = value_read(L, 2, call->arena, &args);
        if (!str_is_absent(reason))
            luaL_argerror(L, 2, reason.at);
        buf_init(&out, LIMIT_JSON_BODY);
        value_to_json(&args, &out);
        asks.body = str_copy(call->arena, buf_view(&out));
        buf_fini(&out);
    }
    return bind_wait(L, &asks);
}

static void check_transaction(lua_State *L, struct str name)
{
    const struct plugin *plugin = instance_of(L)->plugin;
    struct str *names = arena_array(script_scratch(L), struct str, plugin->registration_count);
    size_t count = 0;
    struct str meant;

    for (size_t i = 0; i < plugin->registration_count; i++) {
        if (plugin->registrations[i].kind != HOOK_TRANSACTION)
            continue;
        if (str_eq(plugin->registrations[i].subject, name))
            return;
        names[count++] = plugin->registrations[i].subject;
    }
    meant = stdlib_did_you_mean(name, names, count);
    if (str_is_absent(meant))
        luaL_error(L, "there is no transaction \"%s\" here: foyer.transaction registers one",
                   name.at);
    luaL_error(L, "there is no transaction \"%s\" here: did you mean \"%s\"?", name.at, meant.at);
}

int bind_wait(lua_State *L, const struct task_call *asks)
{
    struct task *task = call_of(L)->task;

    if (arena_is_exhausted(task->call.arena))
        return luaL_error(L, "what is asked for is too large");
    task->asks = *asks;
    task->answer = NULL;
    return script_task_wait(L, go_on);
}

/* A script may have another of its tasks go on with this one's coroutine: that one has asked nothing. */
static int go_on(lua_State *L, int status, lua_KContext context)
{
    struct task *task = call_of(L)->task;
    const struct task_answer *answer = task ? task->answer : NULL;
    struct value value = value_nil();

    (void)status;
    (void)context;
    if (!answer)
        return luaL_error(L, "this was asked by another handler");
    task->answer = NULL;
    if (!str_is_absent(answer->error)) {
        lua_pushlstring(L, answer->error.at, answer->error.len);
        return luaL_error(L, "%s", lua_tostring(L, -1));
    }
    if (!str_is_absent(task->asks.event))
        return 0;
    if (!str_is_absent(task->asks.url))
        return http_push_answer(L, answer);
    if (str_is_absent(task->asks.transaction))
        return push_reply(L, answer->status, answer->body);
    if (answer->body.len)
        value_from_json(answer->body, task->call.arena, &value);
    value_push(L, &value, 0);
    return 1;
}

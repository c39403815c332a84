/* Bind inside: foyer.api, the HTTP API in the transaction that is under way. */
#include "base/limits.h"
#include "http/route.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/value.h"
#include "store/tx.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static enum method read_method(lua_State *L, int index);
static struct str read_query(lua_State *L, int options, struct arena *arena);
static void put_param(lua_State *L, const char *name, struct buf *out, bool *is_good);
static struct str read_body(lua_State *L, int options, struct arena *arena);
static int push_reply(lua_State *L, struct call *call);

int bind_api(lua_State *L)
{
    struct call *call = call_of(L);
    enum method method = read_method(L, 1);
    struct str path = str_copy(call->arena, api_text(L, 2));
    struct str query = read_query(L, 3, call->arena), body = read_body(L, 3, call->arena);

    if (!route_dispatcher)
        return luaL_error(L, "foyer.api is not there: no server runs here");
    if (call->has_reply)
        reply_clear(call->reply);
    else
        reply_init(call->reply);
    call->has_reply = true;
    route_dispatcher(call->tx, method, path, query, body, call->reply);
    return push_reply(L, call);
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
static int push_reply(lua_State *L, struct call *call)
{
    struct value body = value_nil();

    if (call->reply->body.len)
        value_from_json(buf_view(&call->reply->body), call->arena, &body);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, call->reply->status);
    lua_setfield(L, -2, "status");
    value_push(L, &body, 0);
    lua_setfield(L, -2, "body");
    return 1;
}

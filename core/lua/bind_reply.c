/* Bind reply: foyer.reply and foyer.redirect, and what a route or page returned, as it goes out.
 *
 * What foyer.reply gives is a table of Lua's with a mark, for an answer that is made before the route asks
 * for more must outlive that. Headers are checked where they are said, so that the error has that line.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/value.h"

#include <lauxlib.h>
#include <string.h>

static const char MARK; /* registry: the metatable of replies */

static void push(lua_State *L, int at);
static void check_status(lua_State *L, lua_Integer status, bool has_body);
static bool is_bodiless(lua_Integer status);
static void check_headers(lua_State *L, int index);
static void check_header(lua_State *L, struct str name, struct str value);
static bool is_allowed(struct str name);
static bool is_inside(struct str location);
static bool is_reply(lua_State *L, int index);
static void read_members(lua_State *L, int index, struct task_result *result);
static struct str read_line(lua_State *L, int index, const char *name);
static void read_body(lua_State *L, int index, struct task_result *result);
static void read_headers(lua_State *L, int index, struct task_result *result);

void reply_open(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, "reply");
    lua_setfield(L, -2, "__name");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &MARK);
}

int bind_reply(lua_State *L)
{
    check_status(L, lua_tointeger(L, 1), !lua_isnoneornil(L, 2));
    if (lua_istable(L, 3))
        check_headers(L, 3);
    push(L, 1);
    return 1;
}

int bind_redirect(lua_State *L)
{
    lua_Integer status = lua_isnoneornil(L, 2) ? 303 : lua_tointeger(L, 2);

    luaL_argcheck(L,
                  status == 301 || status == 302 || status == 303 || status == 307 || status == 308,
                  2, "301, 302, 303, 307 or 308 expected");
    check_header(L, STR("location"), api_text(L, 1));
    if (!lua_isnoneornil(L, 3)) {
        luaL_argcheck(L, call_of(L)->kind == API_PAGE, 3, "only pages show a notice");
        luaL_argcheck(L,
                      api_text(L, 3).len <= LIMIT_PAGE_NOTICE && str_is_one_line(api_text(L, 3)) &&
                          str_is_utf8(api_text(L, 3)),
                      3, "a text of one line expected, at most 300 bytes");
    }
    lua_settop(L, 3);
    lua_pushinteger(L, status);
    lua_pushnil(L);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "location");
    push(L, 4);
    lua_pushvalue(L, 3);
    lua_setfield(L, -2, "notice");
    return 1;
}

/* Of (status, body, headers) from index at on. */
static void push(lua_State *L, int at)
{
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, at);
    lua_setfield(L, -2, "status");
    lua_pushvalue(L, at + 1);
    lua_setfield(L, -2, "body");
    lua_pushvalue(L, at + 2);
    lua_setfield(L, -2, "headers");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &MARK);
    lua_setmetatable(L, -2);
}

static void check_status(lua_State *L, lua_Integer status, bool has_body)
{
    luaL_argcheck(L, status >= 200 && status <= 599, 1, "a status from 200 to 599 expected");
    if (has_body && is_bodiless(status))
        luaL_argerror(L, 2, lua_pushfstring(L, "an answer of %d has no body", (int)status));
}

static bool is_bodiless(lua_Integer status)
{
    return status == 204 || status == 205 || status == 304;
}

static void check_headers(lua_State *L, int index)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        bool is_text = lua_type(L, -1) == LUA_TSTRING || lua_isinteger(L, -1);

        if (lua_type(L, -2) != LUA_TSTRING || !is_text)
            luaL_argerror(L, index, "names and texts expected: { [\"content-type\"] = \"…\" }");
        lua_pushvalue(L, -1); /* of a number a text is made, in place */
        lua_tostring(L, -1);
        check_header(L, api_text(L, -3), api_text(L, -1));
        lua_pop(L, 2);
    }
}

static void check_header(lua_State *L, struct str name, struct str value)
{
    if (!is_allowed(name))
        luaL_error(L, "the header \"%s\" is not a script's to set", name.at);
    if (str_has_control(value) || !str_is_utf8(value) || value.len > LIMIT_REPLY_HEADER)
        luaL_error(L, "the header %s must be a text of one line, at most %d bytes", name.at,
                   LIMIT_REPLY_HEADER);
    if (str_eq_nocase(name, STR("location")) && !is_inside(value))
        luaL_error(L, "a redirect leads to an address of this server, which begins with \"/\"");
    if (str_eq_nocase(name, STR("etag")) &&
        (value.len < 2 || value.at[0] != '"' || value.at[value.len - 1] != '"' ||
         memchr(value.at + 1, '"', value.len - 2)))
        luaL_error(L, "an etag is a text in double quotes: \"\\\"7\\\"\"");
    if (str_eq_nocase(name, STR("content-type")) && !memchr(value.at, '/', value.len))
        luaL_error(L, "content-type is like \"text/html\"");
}

/* What says how a message travels, who somebody is and what a browser may do is the server's; of the X-
 * headers that proxies act upon, too. */
static bool is_allowed(struct str name)
{
    static const char *const plain[] = { "allow",
                                         "cache-control",
                                         "content-disposition",
                                         "content-language",
                                         "content-type",
                                         "etag",
                                         "last-modified",
                                         "link",
                                         "location",
                                         "retry-after",
                                         "vary" };
    static const char *const refused[] = { "x-request-id",    "x-accel-",          "x-sendfile",
                                           "x-lighttpd-",     "x-forwarded-",      "x-real-ip",
                                           "x-frame-options", "x-content-type-",   "x-xss-",
                                           "x-dns-prefetch-", "x-permitted-cross", "x-ua-",
                                           "x-webkit-csp",    "x-content-security" };
    struct str start = name;

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (str_eq_nocase(name, str_from(plain[i])))
            return true;
    if (name.len < 3 || name.len > 64 || !str_eq_nocase(str_slice(name.at, 2), STR("x-")))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-'))
            return false;
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        start.len = strlen(refused[i]);
        if (start.len <= name.len && str_eq_nocase(start, str_from(refused[i])))
            return false;
    }
    return true;
}

/* "//host" and "/\host" leave, to browsers. */
static bool is_inside(struct str location)
{
    return location.len > 0 && location.at[0] == '/' &&
           (location.len == 1 || (location.at[1] != '/' && location.at[1] != '\\'));
}

/* ---- What a route returned --------------------------------------------------------------------- */

void reply_read(lua_State *L, int first, int count, struct task_result *result)
{
    int type = count == 0 ? LUA_TNIL : lua_type(L, first);
    bool is_page = call_of(L)->kind == API_PAGE;

    *result = (struct task_result){ .status = 200, .is_page = is_page };
    if (count > 1)
        luaL_error(L, "it returns one value: write `return foyer.reply(…)`");
    if (call_of(L)->kind != API_COMMAND && is_reply(L, first))
        read_members(L, first, result);
    else if (is_page && type != LUA_TSTRING)
        luaL_error(L, "a page returns HTML, foyer.reply(…) or foyer.redirect(…), not a %s",
                   lua_typename(L, type));
    else if (type == LUA_TNIL)
        result->status = 204;
    else if (type == LUA_TSTRING || type == LUA_TTABLE)
        read_body(L, first, result);
    else
        luaL_error(L,
                   call_of(L)->kind == API_COMMAND
                       ? "a command returns a text, a table or nothing, not a %s"
                       : "a route returns foyer.reply(…), a table, a text or nothing, not a %s",
                   lua_typename(L, type));
    if (arena_is_exhausted(call_of(L)->arena))
        luaL_error(L, "the answer is too large");
    if (str_starts(result->type, STR("text/")) && !str_is_utf8(result->body))
        luaL_error(L, "a text is UTF-8: other bytes have another content-type");
}

static bool is_reply(lua_State *L, int index)
{
    bool is_one;

    if (!lua_istable(L, index) || !lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &MARK);
    is_one = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_one;
}

/* The table is the script's: it may have been changed since, so all is checked again. */
static void read_members(lua_State *L, int index, struct task_result *result)
{
    int body, headers;

    lua_pushliteral(L, "status");
    lua_rawget(L, index);
    lua_pushliteral(L, "body");
    lua_rawget(L, index);
    body = lua_gettop(L);
    lua_pushliteral(L, "headers");
    lua_rawget(L, index);
    headers = lua_gettop(L);
    if (!lua_isinteger(L, body - 1) || lua_tointeger(L, body - 1) < 200 ||
        lua_tointeger(L, body - 1) > 599)
        luaL_error(L, "the status of an answer is a number from 200 to 599");
    result->status = (int)lua_tointeger(L, body - 1);
    if (!lua_isnil(L, body)) {
        if (is_bodiless(result->status))
            luaL_error(L, "an answer of %d has no body", result->status);
        read_body(L, body, result);
    }
    if (lua_istable(L, headers))
        read_headers(L, headers, result);
    result->is_page = result->is_page && str_starts(result->type, STR("text/html"));
    result->notice = read_line(L, index, "notice");
    result->title = read_line(L, index, "title");
}

/* Of a page; absent: it says nothing. */
static struct str read_line(lua_State *L, int index, const char *name)
{
    struct str text = STR_NONE;

    lua_pushstring(L, name);
    if (lua_rawget(L, index) == LUA_TSTRING && api_text(L, -1).len <= LIMIT_PAGE_NOTICE)
        text = api_copy_text(L, -1);
    lua_pop(L, 1);
    return text;
}

/* A text as it is, anything else as JSON. */
static void read_body(lua_State *L, int index, struct task_result *result)
{
    struct arena *arena = call_of(L)->arena;
    struct value value;
    struct str reason;
    struct buf out;

    if (lua_type(L, index) == LUA_TSTRING) {
        struct str text = api_text(L, index);

        if (text.len > LIMIT_SCRIPT_REPLY)
            luaL_error(L, "the answer is larger than 1 MB");
        script_charge(L, 1 + text.len / 64);
        result->type =
            result->is_page ? STR("text/html; charset=utf-8") : STR("text/plain; charset=utf-8");
        result->body = str_copy(arena, text);
        return;
    }
    reason = value_read(L, index, arena, &value);
    if (!str_is_absent(reason))
        luaL_error(L, "what it gives cannot be read: %s", reason.at);
    script_charge(L, LIMIT_SCRIPT_REPLY / 256);
    buf_init(&out, LIMIT_SCRIPT_REPLY);
    value_to_json(&value, &out);
    result->type = STR("application/json");
    result->body = out.overflowed ? STR_NONE : str_copy(arena, buf_view(&out));
    buf_fini(&out);
    if (str_is_absent(result->body))
        luaL_error(L, "the answer is larger than 1 MB");
}

static void read_headers(lua_State *L, int index, struct task_result *result)
{
    struct arena *arena = call_of(L)->arena;
    size_t count = 0;

    lua_pushnil(L);
    while (lua_next(L, index)) {
        struct str name, value;

        if (lua_type(L, -2) != LUA_TSTRING ||
            (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1)))
            luaL_error(L, "headers are names and texts");
        name = api_text(L, -2);
        lua_tostring(L, -1);
        value = api_text(L, -1);
        check_header(L, name, value);
        if (++count > LIMIT_REPLY_HEADERS)
            luaL_error(L, "an answer has at most %d headers", LIMIT_REPLY_HEADERS);
        if (str_eq_nocase(name, STR("content-type")) && result->is_page &&
            !str_starts(value, STR("text/html")))
            result->is_page = false;
        if (str_eq_nocase(name, STR("content-type")))
            result->type = str_is_absent(result->body) ? STR_NONE : str_copy(arena, value);
        else
            result->headers =
                str_concat(arena, result->headers,
                           str_printf(arena, "%.*s: %.*s\n", STR_ARG(name), STR_ARG(value)));
        lua_pop(L, 1);
    }
}

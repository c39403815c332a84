/* Stdlib: what our functions answer, beside Lua's own, and what is gone. */
#include "base/limits.h"
#include "each_fault.h"
#include "harness.h"
#include "lua/stdlib.h"
#include "lua/template.h"
#include "lua/value.h"
#include "lua_fixture.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

/* Each gives the same text here and in a plain Lua. */
static const char *const same[] = {
    "local t = { 3, 1, 2 } table.sort(t) return table.concat(t, ',')",
    "local t = { 'b', 'a', 'c' } table.sort(t, function(a, b) return a > b end) "
    "return table.concat(t)",
    "local t = { 1, 2, 3 } table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, 9) "
    "return table.concat(t, ' ')",
    "return pcall(table.insert, { 1, 2 }, 5, 'x')",
    "return pcall(table.insert, { 1, 2 }, 1, 'x', 'y')",
    "return pcall(table.insert, { 1, 2 })",
    "local t = { 1, 2, 3 } local a, b = table.remove(t), table.remove(t, 1) "
    "return a .. b .. #t .. tostring(table.remove({}))",
    "local t = { 1, 2 } return tostring(table.remove(t, 3)) .. tostring(pcall(table.remove, t, 5))",
    "return tostring(table.remove({}, 0)) .. tostring(table.remove({ [0] = 'z' }, 0))",
    "return table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ',')",
    "return table.concat(table.move({ 1, 2, 3, 4 }, 2, 4, 1), ',')",
    "return table.concat(table.move({ 1, 2, 3 }, 2, 3, 1, {}), ',')",
    "return pcall(table.move, {}, 1, math.maxinteger, 2)",
    "return pcall(table.move, {}, -1, math.maxinteger, 2)",
    "return select('#', table.unpack({}, 1, 3)) .. table.unpack({ 1, 2, 3 }, -1 + 3)",
    "return pcall(table.unpack, {}, 1, 1e8)",
    "return table.pack(1, nil, 3).n",
    "return table.concat({ 1, 2.5, 'x' }, ', ', 2, 3) .. table.concat({}) .. "
    "table.concat({ 1 }, 'x', 5)",
    "return pcall(table.concat, { 1, {}, 3 })",
    "return pcall(table.concat, { 1, 2 }, ',', 1, 3)",
    "return ('ab'):rep(3, '-') .. ('x'):rep(0) .. ('x'):rep(-1) .. (''):rep(5) .. (''):rep(3, ',')",
    "return tostring(nil) .. tostring(true) .. tostring(12) .. tostring(1.5) .. tostring('s')",
    "return tostring(setmetatable({}, { __tostring = function() return 'mine' end }))",
    "return pcall(tostring, setmetatable({}, { __tostring = function() return 1 end }))",
    "return pcall(tostring)",
    "return ('%s|%5.2f|%q|%x|%%|%d'):format('a', 1.005, 'q\\n', 255, 7)",
    "return ('%s'):format(setmetatable({}, { __tostring = function() return 'mine' end }))",
    "return pcall(string.format, '%d', 'x')",
    "return pcall(string.format, '%y', 1)",
    "return '10' + 5 .. -'3' .. '7' // 2 .. 2 ^ '3'",
    "return pcall(function() return 'x' + 1 end)",
    "return pcall(function() return {} + 1 end)",
    "local t = {} for k, v in pairs({ a = 1 }) do t[#t + 1] = k .. v end return table.concat(t)",
    "local t = setmetatable({}, { __pairs = function(t) return function(_, k) "
    "if not k then return 1, 2 end end, t, nil end }) local s = '' "
    "for k, v in pairs(t) do s = s .. k .. v end return s",
    "return tostring(next({})) .. next({ 'a' }) .. select(2, next({ 'a' }))",
    "return pcall(next, {}, 'nothing')",
    "return pcall(rawset, {}, nil, 1)",
    "return rawlen({ 1, 2 }) .. rawlen('abc') .. tostring(rawget({ a = 1 }, 'a'))",
    "return pcall(setmetatable, 1, {})",
    "return pcall(setmetatable, {}, 1)",
    "return pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {})",
    "return getmetatable(setmetatable({}, { __metatable = 'locked' }))",
    "return select('#', pcall(function() return 1, nil, nil end))",
    "return select(2, pcall(error, { code = 7 })).code",
    "return pcall(pcall)",
    "local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) error('e' .. b, 0) "
    "end) "
    "local _, x = coroutine.resume(co, 1) local ok, e = coroutine.resume(co, 'z') "
    "return x .. tostring(ok) .. e .. coroutine.status(co)",
    "local f = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) "
    "return f() .. f() .. f() .. tostring((f()))",
    "local f = coroutine.wrap(function() end) f() return pcall(f)",
    "return coroutine.resume(coroutine.create(function(...) return select('#', ...) end), nil, "
    "nil)",
    "return pcall(coroutine.resume, 1)",
    "local f = coroutine.wrap(function() return pcall(function() coroutine.yield(1) error('x', 0) "
    "end) end) return f() .. tostring((f()))",
    "local t = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end }) "
    "local f = coroutine.wrap(function() return t.a .. t.b end) return f() .. f('x') .. f('y')",
    "return load('return 1 + 1')()",
    "return #utf8.charpattern .. utf8.char(228, 8364) .. utf8.len('äö') .. utf8.codepoint('ä')",
    "return math.type(1) .. math.max(1, 2.5) .. math.tointeger(3.0) .. 7 // 2 .. -7 % 3",
};

/* Prints as both sides can: values without addresses. */
static const char shell[] =
    "local function show(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) "
    "end "
    "return table.concat(t, ',') end return function() return show((function() %s end)()) end";

TEST(functions_answer_as_those_of_lua_do)
{
    lua_State *original = luaL_newstate();
    struct lua_fixture lua;
    char source[2048];

    luaL_openlibs(original);
    lua_begin(&lua, NULL);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        harness_note("%s", same[i]);
        snprintf(source, sizeof(source), shell, same[i]);
        CHECK_INT(luaL_loadbuffer(original, source, strlen(source), "@test.lua"), LUA_OK);
        lua_call(original, 0, 1);
        CHECK_INT(lua_pcall(original, 0, 1, 0), LUA_OK);
        lua_must_load(&lua, source);
        CHECK_STR(lua_text_of(&lua), lua_tostring(original, -1));
        lua_settop(original, 0);
    }
    lua_end(&lua);
    lua_close(original);
}

TEST(a_sort_keeps_the_order_of_equals)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    CHECK_STR(lua_answer(&lua,
                         "local t = {} for i = 1, 1000 do t[i] = { k = i * 7 % 10, n = i } end "
                         "table.sort(t, function(a, b) return a.k < b.k end) "
                         "for i = 2, 1000 do local a, b = t[i - 1], t[i] "
                         "if a.k > b.k or (a.k == b.k and a.n > b.n) then return i end end "
                         "return 'stable'"),
              "stable");
    CHECK_STR(lua_answer(&lua, "local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1009 end "
                               "table.sort(t) for i = 2, 1000 do assert(t[i - 1] < t[i]) end "
                               "return #t"),
              "1000");
    CHECK_STR(lua_answer(&lua, "table.sort({ 1, 'x' })"), "attempt to compare string with number");
    lua_end(&lua);
}

TEST(names_that_are_close_are_suggested)
{
    const struct str names[] = { STR("client"), STR("company"), STR("id"), STR("") };

    CHECK_STR(stdlib_did_you_mean(STR("cleint"), names, 4), "client");
    CHECK_STR(stdlib_did_you_mean(STR("compny"), names, 4), "company");
    CHECK_STR(stdlib_did_you_mean(STR("di"), names, 4), "id");
    CHECK(str_is_absent(stdlib_did_you_mean(STR("invoice"), names, 4)));
    CHECK(str_is_absent(stdlib_did_you_mean(STR("abcd"), names, 4)));
    CHECK(str_is_absent(stdlib_did_you_mean(STR("client"), names, 0)));
}

/* ---- Every allocation that can fail ------------------------------------------------------------- */

static int push_tree(struct lua_State *L, void *context)
{
    const struct value *value = context;

    value_push(L, value, 0);
    return 1;
}

TEST(each_allocation_that_fails_is_an_error_and_nothing_is_lost)
{
    static const char source[] =
        "local json, template = require('json'), require('template')\n"
        "local page = template.compile('p', '{% for _, i in ipairs(list) do %}{{ i }};{% end %}')\n"
        "return function(v)\n"
        "  local t = {}\n"
        "  for part in ('a,b,c'):gmatch('[^,]+') do t[#t + 1] = part:upper():rep(600, '-') end\n"
        "  table.sort(t, function(a, b) return a > b end)\n"
        "  local co = coroutine.wrap(function(x) coroutine.yield(x) error({ message = 'x' }) end)\n"
        "  co(1) pcall(co)\n"
        "  local copy = json.decode(json.encode({ list = t, v = v }))\n"
        "  assert(#page(copy) > 1000 and copy.v.a == 1)\n"
        "  return (table.concat(t):gsub('A', { A = 'x' }))\n"
        "end\n";
    const struct value_member member = { STR("a"), value_integer(1) };
    struct value tree = value_object(&member, 1);

    EACH_FAULT(1u << FAULT_LUA)
    {
        struct script_call call = { .push = push_tree,
                                    .context = &tree,
                                    .budget_us = LIMIT_LOAD_MICROSECONDS };
        struct script_error error;
        struct script_state *state = script_state_new(NULL);
        enum status status = ST_NO_MEMORY;

        if (state && script_module(state, "json", json_open, NULL, &error) == ST_OK &&
            script_module(state, "template", template_open, NULL, &error) == ST_OK &&
            script_load(state, STR("fault.lua"), str_from(source), LIMIT_LOAD_MICROSECONDS,
                        &call.function, &error) == ST_OK &&
            script_freeze(state, &error) == ST_OK)
            status = script_call(state, &call, &error);
        if (EACH_FAULT_END())
            /* a pcall may have caught the one that failed */
            CHECK(status == ST_OK || state == NULL || error.kind == SCRIPT_MEMORY ||
                  error.kind == SCRIPT_RUNTIME);
        else
            CHECK_INT(status, ST_OK);
        if (state && call.function > 0 && script_call(state, &call, &error) != ST_OK)
            harness_failed(__FILE__, __LINE__, "%.*s: %.*s", STR_ARG(error.where),
                           STR_ARG(error.message));
        script_state_free(state);
    }
}

/* State: loading, calling, errors with their places, modules, freezing. */
#include "base/arena.h"
#include "base/limits.h"
#include "harness.h"
#include "lua_fixture.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

TEST(a_kept_function_gets_arguments_and_gives_results)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    lua_must_load(&lua, "local n = 40\nreturn function() n = n + 1 return n end");
    CHECK_STR(lua_text_of(&lua), "41");
    CHECK_STR(lua_text_of(&lua), "42");
    lua_end(&lua);
}

TEST(an_error_names_its_file_and_line)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    CHECK_INT(lua_load_text(&lua, "local x = 1\n\nlocal y = x .. nil"), ST_RULE_ERROR);
    CHECK_STR(lua_error_text(&lua), "runtime test.lua:3: attempt to concatenate a nil value");
    CHECK_INT(lua_load_text(&lua, "local x =\n= 1"), ST_RULE_ERROR);
    CHECK_STR(lua_error_text(&lua), "syntax test.lua:2: unexpected symbol near '='");
    lua_must_load(&lua, "local function f()\n error('no')\nend\nreturn function() return f() end");
    CHECK_INT(lua_run(&lua), ST_RULE_ERROR);
    CHECK_STR(lua_error_text(&lua), "runtime test.lua:2: no");
    CHECK(strstr(lua.error.traceback.at, "test.lua:2: in ") != NULL);
    lua_end(&lua);
}

TEST(an_error_that_is_a_table_says_its_message_and_runs_nothing)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    CHECK_INT(lua_load_text(&lua, "error({ message = 'told\\nyou' })"), ST_RULE_ERROR);
    CHECK_STR(lua.error.message, "told you");
    CHECK_INT(lua_load_text(&lua, "error(setmetatable({}, { __tostring = function()\n"
                                  "while true do end end }))"),
              ST_RULE_ERROR);
    CHECK_STR(lua_error_text(&lua), "runtime test.lua:1: error object is a table value");
    CHECK_INT(lua_load_text(&lua, "error()"), ST_RULE_ERROR);
    CHECK_STR(lua.error.message, "error object is a nil value");
    CHECK_INT(lua_load_text(&lua, "error(12.5)"), ST_RULE_ERROR);
    CHECK_STR(lua.error.message, "12.5");
    lua_end(&lua);
}

TEST(a_state_goes_on_after_every_kind_of_error)
{
    static const struct {
        const char *source;
        enum script_kind kind;
    } cases[] = {
        { "while true do end", SCRIPT_TIMEOUT },
        { "local t = {} for i = 1, 1e8 do t[i] = { i } end", SCRIPT_MEMORY },
        { "local function f() return 1 + f() end f()", SCRIPT_RUNTIME },
        { "coroutine.yield(1)", SCRIPT_YIELD },
        { "pcall(coroutine.yield, 1)", SCRIPT_YIELD },
        { "x = ", SCRIPT_SYNTAX },
    };
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            harness_note("%s", cases[i].source);
            CHECK_INT(lua_load_text(&lua, cases[i].source), ST_RULE_ERROR);
            CHECK_STR(script_kind_name(lua.error.kind), script_kind_name(cases[i].kind));
            CHECK_STR(lua_answer(&lua, "return 'fine'"), "fine");
        }
    }
    lua_end(&lua);
}

TEST(a_timeout_names_the_line_that_ran)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    lua_must_load(&lua, "return function()\n pcall(function()\n  while true do\n  end\n end)\nend");
    CHECK_INT(lua_run(&lua), ST_RULE_ERROR);
    CHECK_INT(lua.error.kind, SCRIPT_TIMEOUT);
    CHECK(str_is(lua.error.where, "test.lua:3") || str_is(lua.error.where, "test.lua:4"));
    CHECK_STR(lua.error.message, "took longer than 5 ms");
    lua_end(&lua);
}

TEST(a_call_that_caught_an_error_gives_its_results)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    lua_must_load(&lua, "pcall(error, 'x')\nlocal n = 0\n"
                        "return function() n = n + 1 pcall(error, n) return n end");
    CHECK_STR(lua_text_of(&lua), "1");
    CHECK_STR(lua_text_of(&lua), "2");
    lua_end(&lua);
}

/* ---- Names ------------------------------------------------------------------------------------- */

TEST(an_undeclared_global_says_what_was_meant)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    CHECK_STR(lua_answer(&lua, "return pirs({})"),
              "undeclared global 'pirs': did you mean 'pairs'?");
    CHECK_STR(lua_answer(&lua, "return quite_unknown"), "undeclared global 'quite_unknown'");
    CHECK_STR(lua_answer(&lua, "counter = 1"),
              "assignment to undeclared global 'counter': write local counter = ...");
    CHECK_STR(lua_answer(&lua, "string = 1"),
              "cannot assign to 'string': it is part of the language here");
    CHECK_STR(lua_answer(&lua, "print('x')"),
              "'print' is not available: use require(\"foyer\").log");
    CHECK_STR(lua_answer(&lua, "return rawget(_G, 'os')"), "nil");
    CHECK_STR(lua_answer(&lua, "return _G.string == string and _ENV == _G"), "true");
    lua_end(&lua);
}

TEST(libraries_cannot_be_changed)
{
    static const char *const tries[] = {
        "string.upper = nil",
        "string.mine = 1",
        "rawset(string, 'upper', 1)",
        "table.insert(table, 1)",
        "setmetatable(string, {})",
        "setmetatable(_G, {})",
        "rawset(_G, 'x', 1)",
        "table.sort(math)",
        "table.move({ 1 }, 1, 1, 1, utf8)",
        "getmetatable('').__index = {}",
        "table.remove(coroutine)",
    };
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        harness_note("%s", tries[i]);
        lua_answer(&lua, tries[i]);
        CHECK_INT(lua.error.kind, SCRIPT_RUNTIME);
        lua.error.kind = 0;
    }
    CHECK_STR(lua_answer(&lua, "return string.upper('x') .. ('y'):upper()"), "XY");
    CHECK_STR(lua_answer(&lua, "local n = 0 for k, v in pairs(string) do n = n + 1 end return n"),
              "16");
    CHECK_STR(lua_answer(&lua, "return tostring(getmetatable('')) .. tostring(getmetatable(_G))"),
              "falsefalse");
    lua_end(&lua);
}

/* ---- Modules ----------------------------------------------------------------------------------- */

static int open_foyer(struct lua_State *L)
{
    lua_newtable(L);
    lua_pushinteger(L, *(int *)lua_touserdata(L, 1));
    lua_setfield(L, -2, "level");
    lua_newtable(L);
    lua_pushliteral(L, "x");
    lua_setfield(L, -2, "inner");
    lua_setfield(L, -2, "deep");
    return 1;
}

TEST(a_module_is_required_by_name_and_frozen)
{
    struct lua_fixture lua;
    int level = 1;

    lua_begin(&lua, NULL);
    CHECK_INT(script_module(lua.state, "foyer", open_foyer, &level, &lua.error), ST_OK);
    CHECK_INT(script_module(lua.state, "foyer", open_foyer, &level, &lua.error), ST_CONFLICT);
    CHECK_STR(lua_answer(&lua, "return require('foyer').level"), "1");
    CHECK_STR(lua_answer(&lua, "require('foyer').level = 2"),
              "cannot set 'level': the table is frozen, after loading nothing in a module may be "
              "changed");
    lua_answer(&lua, "require('foyer').deep.inner = 2");
    CHECK_INT(lua.error.kind, SCRIPT_RUNTIME);
    CHECK_STR(lua_answer(&lua, "return foyer.level"),
              "undeclared global 'foyer': write local foyer = require(\"foyer\") first");
    CHECK_STR(lua_answer(&lua, "return require('foyr')"), "'foyr' is not loaded: require it at the "
                                                          "top of the file");
    CHECK_INT(lua_load_text(&lua, "require('foyr')"), ST_RULE_ERROR);
    CHECK_STR(lua.error.message, "there is no module or file 'foyr': did you mean 'foyer'?");
    lua_end(&lua);
}

static bool find_file(void *context, struct str name, struct str *source, struct str *path)
{
    static const struct {
        const char *name;
        const char *path;
        const char *source;
    } files[] = {
        { "lib.words", "lib/words.lua",
          "local M = { list = { 'a' }, __index = 7 }\nM.self = M\nlocal n = 0\n"
          "function M.count() n = n + 1 return n end\nreturn M" },
        { "lib.round", "lib/round.lua", "return require('lib.square')" },
        { "lib.square", "lib/square.lua", "return require('lib.round')" },
        { "lib.broken", "lib/broken.lua", "local x = \n" },
        { "lib.failing", "lib/failing.lua", "\nerror('cannot')" },
        { "lib.class", "lib/class.lua",
          "local Point = {}\nPoint.__index = Point\n"
          "Point.__add = function(a, b) return Point.new(a.x + b.x) end\n"
          "function Point.new(x) return setmetatable({ x = x }, Point) end\n"
          "return setmetatable(Point, { __call = function(_, x) return Point.new(x) end })" },
    };

    ++*(int *)context;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (!str_is(name, files[i].name))
            continue;
        *source = str_from(files[i].source);
        *path = str_from(files[i].path);
        return true;
    }
    return false;
}

TEST(required_files_are_loaded_once_and_frozen_with_the_rest)
{
    int asked = 0;
    struct script_limits limits = { .files = { find_file, &asked } };
    struct lua_fixture lua;

    lua_begin(&lua, &limits);
    lua_must_load(&lua, "local w = require('lib.words')\nw.more = 1\n"
                        "assert(require('lib.words') == w)\n"
                        "return function() return w.count() .. #w.list .. w.list[1] .. w.more end");
    CHECK_INT(asked, 1);
    CHECK_INT(script_freeze(lua.state, &lua.error), ST_OK);
    CHECK_STR(lua_text_of(&lua), "11a1");
    CHECK_STR(lua_answer(&lua, "require('lib.words').list[2] = 1"),
              "cannot set 'number': the table is frozen, after loading nothing in a module may be "
              "changed");
    CHECK_STR(lua_answer(&lua, "local w = require('lib.words') return w.self == w"), "true");
    CHECK_STR(lua_answer(&lua, "local w = require('lib.words') local t = {} "
                               "for _, v in ipairs(w.list) do t[#t + 1] = v end "
                               "return table.concat(w.list) .. t[1] .. next(w.list) .. "
                               "rawlen(w.list) .. select('#', table.unpack(w.list))"),
              "aa111");
    lua_end(&lua);
}

TEST(a_frozen_class_still_works)
{
    int asked = 0;
    struct script_limits limits = { .files = { find_file, &asked } };
    struct lua_fixture lua;

    lua_begin(&lua, &limits);
    lua_must_load(&lua, "local P = require('lib.class')\n"
                        "return function() local p = P(1) + P.new(2) return p.x end");
    CHECK_STR(lua_text_of(&lua), "3");
    CHECK_INT(script_freeze(lua.state, &lua.error), ST_OK);
    CHECK_STR(lua_text_of(&lua), "3");
    lua_answer(&lua, "require('lib.class').new = nil");
    CHECK_INT(lua.error.kind, SCRIPT_RUNTIME);
    lua_end(&lua);
}

TEST(a_file_that_cannot_be_required_says_why)
{
    static const struct {
        const char *name;
        const char *error;
    } cases[] = {
        { "lib.round", "runtime lib/square.lua:1: 'lib.round' requires itself, or could not be "
                       "loaded before" },
        { "lib.broken", "runtime lib/broken.lua:2: unexpected symbol near <eof>" },
        { "lib.failing", "runtime lib/failing.lua:2: cannot" },
        { "lib..words", "runtime test.lua:1: 'lib..words' is no name of a module or file" },
        { "../words", "runtime test.lua:1: '../words' is no name of a module or file" },
        { "/etc/passwd", "runtime test.lua:1: '/etc/passwd' is no name of a module or file" },
        { "lib.none", "runtime test.lua:1: there is no module or file 'lib.none'" },
    };
    int asked = 0;
    struct script_limits limits = { .files = { find_file, &asked } };
    struct lua_fixture lua;
    char source[200];

    lua_begin(&lua, &limits);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(source, sizeof(source), "require('%s')", cases[i].name);
        CHECK_INT(lua_load_text(&lua, source), ST_RULE_ERROR);
        CHECK_STR(lua_error_text(&lua), cases[i].error);
    }
    lua_end(&lua);
}

/* ---- Calls inside calls, memory, faults ----------------------------------------------------------- */

struct nest {
    struct lua_fixture *lua;
    int deepest;
};

static int ask_again(struct lua_State *L)
{
    struct nest *nest = script_host(L);
    struct script_call call = { .function = nest->lua->function, .budget_us = 5000 };
    struct script_error error;

    nest->deepest++;
    lua_pushboolean(L, script_call(nest->lua->state, &call, &error) == ST_OK);
    return 1;
}

static int open_nest(struct lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, ask_again);
    lua_setfield(L, -2, "again");
    return 1;
}

/* It would go on in a call that has returned long ago. */
TEST(what_was_dropped_in_one_call_cannot_be_resumed_by_the_next)
{
    static const char *const leave[] = { "coroutine.yield()", "for i = 1, 3e7 do end",
                                         "pcall(coroutine.yield)" };

    for (size_t i = 0; i < sizeof(leave) / sizeof(leave[0]); i++) {
        struct lua_fixture lua;
        char source[400];

        snprintf(
            source, sizeof(source),
            "local kept\n"
            "return function()\n"
            "  if not kept then kept = coroutine.running() %s return 1 end\n"
            "  local works, why = coroutine.resume(kept)\n"
            "  return tostring(works) .. ' ' .. tostring(why) .. ' ' .. coroutine.status(kept)\n"
            "end",
            leave[i]);
        lua_begin(&lua, NULL);
        lua_must_load(&lua, source);
        CHECK_INT(lua_run(&lua), ST_RULE_ERROR);
        for (int again = 0; again < 20; again++)
            CHECK_STR(lua_text_of(&lua), "false cannot resume dead coroutine dead");
        lua_end(&lua);
    }
}

TEST(calls_inside_calls_end_at_eight)
{
    struct lua_fixture lua;
    struct nest nest = { &lua, 0 };

    lua_begin(&lua, NULL);
    script_set_host(lua.state, &nest);
    CHECK_INT(script_module(lua.state, "nest", open_nest, NULL, &lua.error), ST_OK);
    lua_must_load(&lua, "local again = require('nest').again\nreturn function() again() end");
    CHECK_INT(lua_run(&lua), ST_OK);
    CHECK_INT(nest.deepest, 8);
    lua_end(&lua);
}

TEST(an_inner_call_cannot_outlive_the_outer_budget)
{
    struct lua_fixture lua;
    struct nest nest = { &lua, 0 };

    lua_begin(&lua, NULL);
    script_set_host(lua.state, &nest);
    CHECK_INT(script_module(lua.state, "nest", open_nest, NULL, &lua.error), ST_OK);
    lua_must_load(&lua, "local again = require('nest').again\nlocal depth = 0\n"
                        "return function() depth = depth + 1 if depth == 8 then while true do end "
                        "end while not again() do end end");
    CHECK_INT(lua_run(&lua), ST_RULE_ERROR);
    CHECK_INT(lua.error.kind, SCRIPT_TIMEOUT);
    lua_end(&lua);
}

TEST(the_memory_of_a_state_stays_under_its_ceiling)
{
    struct script_limits limits = { .memory = MIB(2) };
    struct lua_fixture lua;

    lua_begin(&lua, &limits);
    CHECK_INT(
        lua_load_text(&lua, "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end"),
        ST_RULE_ERROR);
    CHECK_STR(lua_error_text(&lua),
              "memory test.lua:1: needs more memory than 2 MiB in all or 1024 KiB in one value");
    CHECK(script_memory_peak(lua.state) <= MIB(2) + KIB(64));
    CHECK(script_memory_used(lua.state) < KIB(300));
    lua_end(&lua);
    limits.memory = 4000;
    CHECK(script_state_new(&limits) == NULL);
}

TEST(a_source_of_more_than_128_kib_is_refused)
{
    struct lua_fixture lua;
    static char source[LIMIT_SCRIPT_SOURCE + 2];

    memset(source, ' ', sizeof(source) - 1);
    lua_begin(&lua, NULL);
    CHECK_INT(lua_load_text(&lua, source), ST_TOO_LARGE);
    CHECK_STR(lua.error.message, "the source is larger than 128 KiB");
    source[LIMIT_SCRIPT_SOURCE] = '\0';
    CHECK_INT(lua_load_text(&lua, source), ST_OK);
    lua_end(&lua);
}

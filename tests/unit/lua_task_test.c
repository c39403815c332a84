/* Tasks: calls that are left in the middle, wait, and go on, beside each other in one state. */
#include "base/clock.h"
#include "base/limits.h"
#include "harness.h"
#include "lua/budget.h"
#include "lua_fixture.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

enum { SLICE_US = 2000, BUDGET_US = 200000 };

/* A task, and what became of it. */
struct errand {
    struct script_task *task;
    struct script_error error;
    int slices, waits;
    char answer[200];
    const char *given; /* what test.wait() gives next */
};

static int go_on(struct lua_State *L, int status, intptr_t context)
{
    struct errand *errand = script_call_context(L);

    (void)status;
    (void)context;
    lua_pushstring(L, errand->given);
    return 1;
}

static int wait(lua_State *L)
{
    return script_task_wait(L, go_on);
}

static int open_module(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, wait);
    lua_setfield(L, -2, "wait");
    return 1;
}

static void read_answer(struct lua_State *L, int first, int count, void *context)
{
    struct errand *errand = context;

    snprintf(errand->answer, sizeof(errand->answer), "%s",
             count > 0 ? luaL_tolstring(L, first, NULL) : "nothing");
}

static void begin(struct lua_fixture *lua)
{
    lua_begin(lua, NULL);
    CHECK_INT(script_module(lua->state, "test", open_module, NULL, &lua->error), ST_OK);
}

static void errand_begin(struct lua_fixture *lua, struct errand *errand, const char *source)
{
    struct script_call call = { .read = read_answer, .context = errand, .budget_us = BUDGET_US };
    char text[4000];

    memset(errand, 0, sizeof(*errand));
    errand->given = "given";
    snprintf(text, sizeof(text), "local test = require(\"test\")\nreturn function() %s end",
             source);
    lua_must_load(lua, text);
    call.function = lua->function;
    errand->task = script_task_new(lua->state, &call, &errand->error);
    CHECK(errand->task);
}

/* One slice. False: it is over. */
static bool errand_step(struct errand *errand)
{
    enum script_progress progress = script_task_run(errand->task, SLICE_US, &errand->error);

    errand->slices += progress == SCRIPT_GOES_ON;
    errand->waits += progress == SCRIPT_WAITS;
    if (progress == SCRIPT_FAILED)
        snprintf(errand->answer, sizeof(errand->answer), "%s: %.*s",
                 script_kind_name(errand->error.kind), STR_ARG(errand->error.message));
    if (progress == SCRIPT_GOES_ON || progress == SCRIPT_WAITS)
        return true;
    script_task_free(errand->task);
    errand->task = NULL;
    return false;
}

static const char *errand_run(struct lua_fixture *lua, struct errand *errand, const char *source)
{
    errand_begin(lua, errand, source);
    while (errand_step(errand))
        ;
    return errand->answer;
}

#define SUM "local sum = 0 for i = 1, 3000000 do sum = sum + i % 7 end return sum"

TEST(a_task_gives_the_same_in_many_slices_as_in_one)
{
    struct lua_fixture lua;
    struct errand errand;

    begin(&lua);
    CHECK_STR(errand_run(&lua, &errand, SUM), "8999997");
    CHECK(errand.slices > 1);
    CHECK_STR(errand_run(&lua, &errand,
                         "local t = {} for i = 1, 100000 do t[i % 100 + 1] = tostring(i) end "
                         "return #t .. t[100]"),
              "10099999");
    lua_end(&lua);
}

TEST(coroutines_of_a_task_are_left_in_the_middle_too)
{
    struct lua_fixture lua;
    struct errand errand;

    begin(&lua);
    CHECK_STR(errand_run(&lua, &errand,
                         "local inner = coroutine.wrap(function(n) local sum = 0 "
                         "  for i = 1, 1500000 do sum = sum + i % 7 end "
                         "  local more = coroutine.yield(sum) return more + sum end) "
                         "local _, outer = coroutine.resume(coroutine.create(function() "
                         "  local a = inner(1) return a + inner(1) end)) return outer"),
              "9000001");
    CHECK(errand.slices > 1);
    CHECK_STR(errand_run(&lua, &errand,
                         "local ok, text = pcall(coroutine.wrap(function() "
                         "for i = 1, 1000000 do end return test.wait() end)) return text"),
              "given");
    CHECK_INT(errand.waits, 1);
    lua_end(&lua);
}

TEST(an_endless_task_delays_no_other)
{
    struct lua_fixture lua;
    struct errand endless, other;
    int turns = 0;

    begin(&lua);
    errand_begin(&lua, &endless, "while true do end");
    errand_begin(&lua, &other, SUM);
    while (errand_step(&other)) {
        CHECK(errand_step(&endless));
        turns++;
    }
    CHECK(turns > 1);
    CHECK_STR(other.answer, "8999997");
    while (errand_step(&endless))
        ;
    CHECK_STR(endless.answer, "timeout: took longer than 200 ms");
    lua_end(&lua);
}

TEST(a_task_waits_and_is_given_an_answer)
{
    struct lua_fixture lua;
    struct errand one, two;

    begin(&lua);
    errand_begin(&lua, &one, "return test.wait() .. test.wait()");
    errand_begin(&lua, &two,
                 "local ok, text = pcall(function() return test.wait() end) return text");
    CHECK(errand_step(&one) && errand_step(&two) && errand_step(&one));
    CHECK(!errand_step(&two) && !errand_step(&one));
    CHECK_STR(one.answer, "givengiven");
    CHECK_STR(two.answer, "given");
    CHECK_INT(one.waits, 2);
    lua_end(&lua);
}

TEST(nothing_waits_in_a_call_or_a_callback)
{
    struct lua_fixture lua;
    struct errand errand;

    begin(&lua);
    CHECK_STR(errand_run(&lua, &errand, "table.sort({ 2, 1 }, function() return test.wait() end)"),
              "runtime: nothing may wait inside of a callback (of table.sort, string.gsub …)");
    CHECK_STR(errand_run(&lua, &errand,
                         "string.gsub(\"a\", \"a\", function() "
                         "coroutine.wrap(function() test.wait() end)() end)"),
              "runtime: nothing may wait inside of a callback (of table.sort, string.gsub …)");
    CHECK_STR(errand_run(&lua, &errand, "coroutine.yield()"),
              "yield: coroutine.yield: nothing may wait here");
    CHECK_STR(lua_answer(&lua, "return require(\"test\").wait()"), "nothing may wait here");
    lua_end(&lua);
}

TEST(what_cannot_be_left_is_stopped_soon)
{
    static const char *const sources[] = {
        "table.sort({ 2, 1 }, function() while true do end end)",
        "string.gsub(\"a\", \"a\", function() while true do end end)",
        "string.gsub(\"a\", \"a\", function() coroutine.wrap(function() while true do end end)() "
        "end)",
        "return tostring(setmetatable({}, { __tostring = function() while true do end end }))",
        "pcall(table.sort, { 2, 1 }, function() while true do end end) while true do end",
    };
    struct lua_fixture lua;
    struct errand errand;

    begin(&lua);
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        harness_note("%s", sources[i]);
        CHECK_STR(errand_run(&lua, &errand, sources[i]),
                  "timeout: a callback (of table.sort, string.gsub …) took longer than 20 ms");
        CHECK(errand.slices < 5);
    }
    lua_end(&lua);
}

TEST(a_hostile_task_leaves_a_state_that_works)
{
    static const struct {
        const char *source, *answer;
    } hostile[] = {
        { "local t = {} while true do t[#t + 1] = string.rep(\"x\", 1000) .. #t end", "memory: " },
        { "local function deep() return deep() + 1 end deep()", "runtime: stack overflow" },
        { "while true do pcall(error) end", "timeout: took longer than 200 ms" },
        { "local m = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) return "
          "m[1]",
          "runtime: " },
        { "while true do string.find(string.rep(\"a\", 500), \".-.-.-b\") end", "" },
        { "while true do coroutine.wrap(function() for i = 1, 1000 do end end)() end",
          "timeout: took longer than 200 ms" },
        { "error({ message = \"odd\" })", "runtime: odd" },
        { "local co co = coroutine.create(function() coroutine.resume(co) while true do end end) "
          "coroutine.resume(co)",
          "timeout: took longer than 200 ms" },
    };
    struct lua_fixture lua;
    struct errand errand;

    begin(&lua);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        harness_note("%s", hostile[i].source);
        errand_run(&lua, &errand, hostile[i].source);
        if (strncmp(errand.answer, hostile[i].answer, strlen(hostile[i].answer)) != 0)
            CHECK_STR(errand.answer, hostile[i].answer);
        CHECK_STR(lua_answer(&lua, "return 1 + 1"), "2");
        CHECK_STR(errand_run(&lua, &errand, "return test.wait()"), "given");
    }
    lua_end(&lua);
}

/* A script may keep the coroutine of a task that was dropped, or let another one go on with its own. */
TEST(a_coroutine_that_outlives_its_task_is_dead)
{
    struct lua_fixture lua;
    struct errand one, two;

    begin(&lua);
    lua_must_load(&lua, "local kept\n"
                        "return function() if kept then\n"
                        "  local ok, why = coroutine.resume(kept) return why end\n"
                        "  kept = coroutine.running() while true do end end");
    for (int i = 0; i < 2; i++) {
        struct errand *errand = i ? &two : &one;
        struct script_call call = {
            .function = lua.function, .read = read_answer, .context = errand, .budget_us = BUDGET_US
        };

        memset(errand, 0, sizeof(*errand));
        errand->task = script_task_new(lua.state, &call, &errand->error);
        CHECK(errand->task);
        if (i == 0) {
            CHECK(errand_step(errand));
            script_task_free(errand->task);
        }
    }
    CHECK(!errand_step(&two));
    CHECK_STR(two.answer, "cannot resume dead coroutine");
    lua_end(&lua);
}

/* Sandbox bench: what a call into the sandbox costs by itself: CPU of this thread, median of rounds.
 * By hand: cmake --build --preset release --target sandbox_bench && build/release/sandbox_bench
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/value.h"
#include "lua/state.h"
#include "lua/value.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 21, CALLS = 100000 };

struct sample {
    const char *name;
    const char *source;
    int (*push)(struct lua_State *L, void *context);
    void (*read)(struct lua_State *L, int first, int count, void *context);
};

static int push_numbers(struct lua_State *L, void *context);
static int push_tree(struct lua_State *L, void *context);
static void read_flag(struct lua_State *L, int first, int count, void *context);
static int compare_times(const void *a, const void *b);
static void measure(const struct sample *sample);

static const struct sample samples[] = {
    { "empty rule", "return function() end", NULL, NULL },
    { "two arguments, one answer", "return function(a, b) return a < b end", push_numbers,
      read_flag },
    { "ten lines of ifs",
      "return function(a, b)\n"
      "  local kind = a == 1 and 'client' or 'staff'\n"
      "  if kind == 'staff' then return true end\n"
      "  if b > 100 then return false end\n"
      "  for i = 1, 3 do if i == a then return i < b end end\n"
      "end",
      push_numbers, read_flag },
    { "a subject as a table of six", "return function(c) return c.target.status == 'active' end",
      push_tree, read_flag },
    { "a pattern", "return function() return ('ann@example.com'):match('^[^@]+@(.+)$') == 'x' end",
      NULL, read_flag },
    { "a caught error", "return function() return (pcall(error, 'no')) end", NULL, read_flag },
};

int main(void)
{
    clock_start();
    crypto_start();
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        measure(&samples[i]);
    return 0;
}

static void measure(const struct sample *sample)
{
    struct script_state *state = script_state_new(NULL);
    struct script_call call = { .push = sample->push,
                                .read = sample->read,
                                .budget_us = LIMIT_RULE_MICROSECONDS };
    struct script_error error;
    double times[ROUNDS];

    if (script_load(state, STR("bench.lua"), str_from(sample->source), LIMIT_LOAD_MICROSECONDS,
                    &call.function, &error) != ST_OK ||
        script_freeze(state, &error) != ST_OK) {
        fprintf(stderr, "%.*s\n", STR_ARG(error.message));
        exit(1);
    }
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t begun = clock_thread_cpu();

        for (int i = 0; i < CALLS; i++) {
            if (script_call(state, &call, &error) != ST_OK) {
                fprintf(stderr, "%.*s\n", STR_ARG(error.message));
                exit(1);
            }
        }
        times[round] = (double)(clock_thread_cpu() - begun) / CALLS;
    }
    qsort(times, ROUNDS, sizeof(times[0]), compare_times);
    printf("%-28s %7.0f ns (%.0f to %.0f)\n", sample->name, times[ROUNDS / 2], times[0],
           times[ROUNDS - 1]);
    script_state_free(state);
}

static int push_numbers(struct lua_State *L, void *context)
{
    (void)context;
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 2);
    return 2;
}

static int push_tree(struct lua_State *L, void *context)
{
    static const struct value_member client[] = {
        { { "id", 2 }, { .type = VALUE_STRING, .string = { "0198c0de-0000-7000-8000-00", 26 } } },
        { { "status", 6 }, { .type = VALUE_STRING, .string = { "active", 6 } } },
        { { "givenName", 9 }, { .type = VALUE_STRING, .string = { "Ann", 3 } } },
        { { "familyName", 10 }, { .type = VALUE_STRING, .string = { "Lee", 3 } } },
        { { "createdAt", 9 }, { .type = VALUE_INTEGER, .integer = 1 } },
        { { "archived", 8 }, { .type = VALUE_BOOL, .boolean = false } },
    };
    static const struct value_member context_members[] = {
        { { "target", 6 }, { .type = VALUE_OBJECT, .object = { client, 6 } } },
    };
    struct value value = value_object(context_members, 1);

    (void)context;
    value_push(L, &value, 0);
    return 1;
}

static void read_flag(struct lua_State *L, int first, int count, void *context)
{
    (void)context;
    if (count != 1 || lua_type(L, first) != LUA_TBOOLEAN)
        luaL_error(L, "the rule gave no answer");
}

static int compare_times(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

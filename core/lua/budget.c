/* Budget: looking at the clocks, the count hook, and how a script over budget leaves. */
#include "lua/budget.h"

#include "base/check.h"
#include "base/clock.h"
#include "lua/sandbox.h"

#include <lauxlib.h>
#include <string.h>

enum { STEPS_PER_LOOK = 4096 };

static void decide(struct budget *budget, uint64_t now);
static void on_count(lua_State *L, lua_Debug *ar);
static bool is_slice_over(const struct budget *budget);
static void leave(lua_State *L);

void budget_begin(struct budget *budget, uint64_t microseconds, struct budget *outer)
{
    PRE(microseconds > 0);
    budget->begun = clock_monotonic();
    budget->limit = microseconds * 1000 * BUDGET_SCALE;
    /* Most calls end long before: they never pay for asking the CPU clock, which is a system call. */
    budget->look = budget->begun + budget->limit / 4;
    budget->wall_end = budget->begun + budget->limit * BUDGET_WALL_FACTOR;
    budget->cpu_mark = 0;
    budget->steps = 0;
    budget->expired = false;
    budget->slice_end = 0;
    budget->outer = outer;
}

bool budget_look(struct budget *budget)
{
    uint64_t now = clock_monotonic();

    for (struct budget *each = budget; each; each = each->outer) {
        if (!each->expired && now >= each->look)
            decide(each, now);
    }
    return budget_is_expired(budget);
}

bool budget_is_expired(const struct budget *budget)
{
    for (; budget; budget = budget->outer) {
        if (budget->expired)
            return true;
    }
    return false;
}

/* What was used before the first look is given away: it cannot be told from waiting for a CPU. */
static void decide(struct budget *budget, uint64_t now)
{
    uint64_t cpu = clock_thread_cpu();
    uint64_t used;

    if (budget->cpu_mark == 0)
        budget->cpu_mark = cpu;
    used = cpu - budget->cpu_mark;
    if (used >= budget->limit || now >= budget->wall_end) {
        budget->expired = true;
        return;
    }
    budget->look = now + (budget->limit - used); /* CPU time is never faster than the wall's */
    if (budget->look > budget->wall_end)
        budget->look = budget->wall_end;
}

void budget_hook(struct lua_State *L)
{
    lua_sethook(L, on_count, LUA_MASKCOUNT, BUDGET_HOOK_INSTRUCTIONS);
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    struct script_state *state = script_state_of(L);

    (void)ar;
    if (!state->budget)
        return;
    if (is_slice_over(state->budget) && state->pinned == 0 && lua_isyieldable(L)) {
        state->yielded = YIELD_SLICE;
        lua_yield(L, 0);
    } else if (budget_is_expired(state->budget) || budget_look(state->budget)) {
        leave(L);
    }
}

/* By the clock alone: a machine that is busy makes slices shorter, which does no harm. */
static bool is_slice_over(const struct budget *budget)
{
    return budget->slice_end && !budget_is_expired(budget) &&
           clock_monotonic() >= budget->slice_end;
}

void script_charge(struct lua_State *L, uint64_t steps)
{
    struct budget *budget = script_state_of(L)->budget;

    if (budget == NULL)
        return;
    budget->steps += steps;
    if (budget->steps >= STEPS_PER_LOOK)
        script_look(L);
}

void script_look(lua_State *L)
{
    struct budget *budget = script_state_of(L)->budget;

    if (budget == NULL)
        return;
    budget->steps = 0;
    if (budget_is_expired(budget) || budget_look(budget))
        leave(L);
}

void script_excuse(struct lua_State *L, uint64_t nanoseconds)
{
    for (struct budget *each = script_state_of(L)->budget; each; each = each->outer) {
        each->limit += nanoseconds;
        each->wall_end += nanoseconds;
    }
}

void script_pass_expiry(struct lua_State *L)
{
    if (budget_is_expired(script_state_of(L)->budget))
        leave(L);
}

/* In the hook lua_yield returns and the hook must return at once; in a C function it does not. */
static void leave(lua_State *L)
{
    struct script_state *state = script_state_of(L);

    if (state->spent_at[0] == '\0')
        report_place(L, 0, state->spent_at, sizeof(state->spent_at));
    if (lua_isyieldable(L)) {
        state->yielded = YIELD_OWN;
        lua_yield(L, 0);
        return;
    }
    luaL_error(L, "over budget");
}

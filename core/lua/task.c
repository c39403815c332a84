/* Task: calls that run in slices and may wait, each in a coroutine of its own.
 *
 * A slice ends in the count hook, which yields; coroutines that the script made itself pass that on
 * (coroutine.c). The budget of a slice is a little longer than the slice: it is spent by what the hook could
 * not leave.
 */
#include "base/check.h"
#include "base/clock.h"
#include "lua/sandbox.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define WALL_END                                                                                   \
    UINT64_C(30000000000) /* ns: a slice is over long before, however busy the machine is */

struct script_task {
    struct script_state *state;
    struct script_call call;
    struct script_run run;
    int reference; /* keeps run.co */
    uint64_t used; /* ns of CPU */
    bool has_begun;
};

static int make(lua_State *L);
static int resume(struct script_task *task, struct budget *budget);
static enum script_progress fail(struct script_task *task, int status, struct script_error *error);

struct script_task *script_task_new(struct script_state *state, const struct script_call *call,
                                    struct script_error *error)
{
    struct script_task *task = xcalloc(1, sizeof(*task));
    const struct script_call *copy = &task->call;

    PRE(call->function > 0 && state->depth == 0);
    task->state = state;
    task->call = *call;
    task->run = (struct script_run){ .body = script_call_body,
                                     .context = call->context,
                                     .budget_us = call->budget_us };
    memcpy(&task->run.data, &copy, sizeof(copy));
    lua_pushcfunction(state->main, make);
    lua_pushlightuserdata(state->main, task);
    if (lua_pcall(state->main, 1, 0, 0) == LUA_OK)
        return task;
    lua_pop(state->main, 1);
    report_text(state, SCRIPT_MEMORY, error, "not enough memory to begin");
    free(task);
    return NULL;
}

void script_task_free(struct script_task *task)
{
    if (!task)
        return;
    PRE(task->state->depth == 0);
    if (task->run.co) {
        *(struct script_state **)lua_getextraspace(task->run.co) = NULL;
        luaL_unref(task->state->main, LUA_REGISTRYINDEX, task->reference);
    }
    free(task);
}

enum script_progress script_task_run(struct script_task *task, uint64_t slice_us,
                                     struct script_error *error)
{
    struct script_state *state = task->state;
    uint64_t left = task->run.budget_us * 1000 * BUDGET_SCALE, cpu = clock_thread_cpu();
    uint64_t most = slice_us + LIMIT_STRETCH_MICROSECONDS;
    struct script_error ignored;
    struct budget budget;
    int status;

    PRE(task->run.co && state->depth == 0);
    if (!error)
        error = &ignored;
    left = task->used < left ? (left - task->used) / 1000 / BUDGET_SCALE : 0;
    task->run.is_stretch = most < left;
    budget_begin(&budget, task->run.is_stretch ? most : left + 1, NULL);
    budget.slice_end = budget.begun + slice_us * 1000;
    budget.wall_end = budget.begun + WALL_END;
    status = resume(task, &budget);
    task->used += clock_thread_cpu() - cpu;
    if (status == LUA_YIELD && state->yielded == YIELD_SLICE &&
        task->used >= task->run.budget_us * 1000 * BUDGET_SCALE) {
        task->run.is_stretch = false;
        budget.expired = true;
    } else if (status == LUA_YIELD && state->yielded != YIELD_OWN) {
        script_settle_memory(state, NULL);
        return state->yielded == YIELD_WAIT ? SCRIPT_WAITS : SCRIPT_GOES_ON;
    }
    if (status == LUA_OK) {
        lua_settop(task->run.co, 0);
        script_settle_memory(state, NULL);
        return SCRIPT_ENDED;
    }
    state->budget = &budget; /* that it is spent is looked up there */
    return fail(task, status, error);
}

int script_task_wait(struct lua_State *L,
                     int (*go_on)(struct lua_State *L, int status, intptr_t context))
{
    struct script_state *state = script_state_of(L);

    if (!state->budget || !state->budget->slice_end)
        return luaL_error(L, "nothing may wait here");
    if (state->pinned > 0 || !lua_isyieldable(L))
        return luaL_error(L,
                          "nothing may wait inside of a callback (of table.sort, string.gsub …)");
    state->yielded = YIELD_WAIT;
    return lua_yieldk(L, 0, 0, go_on);
}

static int make(lua_State *L)
{
    struct script_task *task = lua_touserdata(L, 1);
    lua_State *co = lua_newthread(L);

    task->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    task->run.co = co;
    return 0;
}

static int resume(struct script_task *task, struct budget *budget)
{
    struct script_state *state = task->state;
    int arguments = 0, results, status;

    state->spent_at[0] = '\0';
    state->is_fault_pending = false;
    state->yielded = YIELD_OWN;
    state->budget = budget;
    state->run = &task->run;
    state->running = task->run.co;
    state->depth++;
    if (!task->has_begun) {
        lua_pushcfunction(task->run.co, task->run.body);
        lua_pushlightuserdata(task->run.co, &task->run);
        arguments = 1;
    }
    task->has_begun = true;
    status = lua_resume(task->run.co, state->main, arguments, &results);
    state->depth--;
    state->budget = NULL;
    state->run = NULL;
    state->running = NULL;
    return status;
}

static enum script_progress fail(struct script_task *task, int status, struct script_error *error)
{
    struct script_state *state = task->state;

    report_failure(state, task->run.co, status, &task->run, error);
    state->budget = NULL;
    *(struct script_state **)lua_getextraspace(task->run.co) = NULL;
    luaL_unref(state->main, LUA_REGISTRYINDEX, task->reference);
    task->run.co = NULL;
    script_settle_memory(state, error);
    return SCRIPT_FAILED;
}

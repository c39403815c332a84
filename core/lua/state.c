/* State: making a state, running things in its coroutines, keeping references.
 *
 * Loading of sources and modules is in require.c, the words of errors in report.c.
 */
#include "lua/state.h"

#include "base/check.h"
#include "lua/sandbox.h"
#include "lua/stdlib.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

enum { GC_PAUSE_WIDE = 200, GC_PAUSE_TIGHT = 120, GC_STEP = 200 };

enum { BUFFER_BOXED = 2 * LUAL_BUFFERSIZE }; /* too large for the C stack */

static int on_panic(lua_State *L);
static int open_state(lua_State *L);
static void pin_text(lua_State *L, const char *text);
static bool make_coroutine(struct script_state *state, int depth);
static int new_coroutine(lua_State *L);
static void drop_coroutine(struct script_state *state, int depth);
static int finish_call(lua_State *L, int status, lua_KContext context);

const char *script_kind_name(enum script_kind kind)
{
    static const char *const names[] = {
        "none", "syntax", "runtime", "timeout", "memory", "yield"
    };

    PRE(kind < sizeof(names) / sizeof(names[0]));
    return names[kind];
}

/* ---- Making ------------------------------------------------------------------------------------ */

struct script_state *script_state_new(const struct script_limits *limits)
{
    struct script_state *state = xcalloc(1, sizeof(*state));

    if (limits)
        state->limits = *limits;
    if (state->limits.memory == 0)
        state->limits.memory = LIMIT_SCRIPT_STATE;
    if (state->limits.allocation == 0)
        state->limits.allocation = LIMIT_SCRIPT_ALLOCATION;
    arena_init(&state->scratch, SCRIPT_SCRATCH);
    arena_init(&state->once, SCRIPT_SCRATCH);
    buf_init(&state->text, MIB(1));
    buf_init(&state->message, KIB(2));
    buf_init(&state->where, SCRIPT_WHERE_MAX);
    buf_init(&state->traceback, KIB(2));

    state->main = lua_newstate(script_alloc, state);
    if (state->main == NULL) {
        script_state_free(state);
        return NULL;
    }
    lua_atpanic(state->main, on_panic);
    *(struct script_state **)lua_getextraspace(state->main) = state;
    lua_pushcfunction(state->main, open_state);
    if (lua_pcall(state->main, 0, 0, 0) != LUA_OK) {
        script_state_free(state);
        return NULL;
    }
    return state;
}

void script_state_free(struct script_state *state)
{
    if (state == NULL)
        return;
    PRE(state->run == NULL);
    if (state->main)
        lua_close(state->main);
    arena_fini(&state->scratch);
    arena_fini(&state->once);
    buf_fini(&state->text);
    buf_fini(&state->message);
    buf_fini(&state->where);
    buf_fini(&state->traceback);
    free(state);
}

static int on_panic(lua_State *L)
{
    (void)L;
    check_failed("NEVER", "a Lua error outside of a protected call", __FILE__, __LINE__);
}

/* Runs protected. Coroutines inherit the hook and the extra space of the main one. */
static int open_state(lua_State *L)
{
    luaL_Buffer buffer;

    /* Lua makes this text when an error handler fails, outside of any protection: once it is there,
     * making it again takes no memory and cannot fail. */
    pin_text(L, "error in error handling");
    pin_text(L, "stack overflow");
    pin_text(L, "C stack overflow");
    pin_text(L, "over budget");
    /* A buffer's metatable that lauxlib could make but not fill stays so: make it now. */
    luaL_buffinitsize(L, &buffer, BUFFER_BOXED);
    luaL_pushresultsize(&buffer, 0);
    budget_hook(L);
    lua_gc(L, LUA_GCINC, GC_PAUSE_WIDE, GC_STEP, 0);
    for (int i = 0; i < SCRIPT_CALL_DEPTH; i++) { /* so that keeping a coroutine takes no memory */
        lua_pushboolean(L, 0);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &script_state_of(L)->coroutines[i]);
    }
    stdlib_open(L);
    return 0;
}

static void pin_text(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    luaL_ref(L, LUA_REGISTRYINDEX);
}

void script_set_host(struct script_state *state, void *host)
{
    state->host = host;
}

size_t script_memory_used(const struct script_state *state)
{
    return state->used;
}

size_t script_memory_peak(const struct script_state *state)
{
    return state->peak;
}

/* ---- Running ----------------------------------------------------------------------------------- */

enum status script_run(struct script_state *state, struct script_run *run,
                       struct script_error *error)
{
    lua_State *outer_running = state->running;
    struct script_error ignored;
    struct budget budget;
    int status;
    int results;

    if (error == NULL)
        error = &ignored;
    if (state->depth == SCRIPT_CALL_DEPTH) {
        report_text(state, SCRIPT_RUNTIME, error, "scripts call each other more than %d deep",
                    SCRIPT_CALL_DEPTH);
        return ST_RULE_ERROR;
    }
    if (state->budget && budget_look(state->budget)) {
        report_text(state, SCRIPT_TIMEOUT, error, "no time is left in the call that asks");
        return ST_RULE_ERROR;
    }
    if (!make_coroutine(state, state->depth)) {
        report_text(state, SCRIPT_MEMORY, error, "not enough memory to begin");
        return ST_RULE_ERROR;
    }
    run->co = state->coroutines[state->depth];
    run->outer = state->run;
    state->spent_at[0] = '\0';
    state->is_fault_pending = false;
    budget_begin(&budget, run->budget_us, state->budget);
    state->budget = &budget;
    state->run = run;
    state->running = run->co;
    state->depth++;

    lua_pushcfunction(run->co, run->body);
    lua_pushlightuserdata(run->co, run);
    status = lua_resume(run->co, outer_running ? outer_running : state->main, 1, &results);

    if (status == LUA_OK)
        lua_settop(run->co, 0);
    else
        report_failure(state, run->co, status, run, error);
    state->depth--;
    state->budget = budget.outer;
    state->run = run->outer;
    state->running = outer_running;
    if (status != LUA_OK)
        drop_coroutine(state, state->depth);
    script_settle_memory(state, status == LUA_OK ? NULL : error);
    return status == LUA_OK ? ST_OK : ST_RULE_ERROR;
}

static bool make_coroutine(struct script_state *state, int depth)
{
    if (state->coroutines[depth])
        return true;
    lua_pushcfunction(state->main, new_coroutine);
    lua_pushlightuserdata(state->main, &state->coroutines[depth]);
    if (lua_pcall(state->main, 1, 0, 0) == LUA_OK)
        return true;
    lua_pop(state->main, 1);
    return false;
}

static int new_coroutine(lua_State *L)
{
    lua_State **place = lua_touserdata(L, 1);
    lua_State *co = lua_newthread(L);

    lua_rawsetp(L, LUA_REGISTRYINDEX, place);
    *place = co;
    return 0;
}

/* Nothing is unwound: what is to be closed in it would run script code. Lua collects it, but perhaps not
 * yet: a script may have kept it (coroutine.running), and below its functions stands script_call_body, whose
 * run is over. */
static void drop_coroutine(struct script_state *state, int depth)
{
    *(struct script_state **)lua_getextraspace(state->coroutines[depth]) = NULL;
    state->coroutines[depth] = NULL;
    lua_pushboolean(state->main, 0);
    lua_rawsetp(state->main, LUA_REGISTRYINDEX, &state->coroutines[depth]);
}

/* Buffers of lauxlib ask the allocator themselves, without a collection when it refuses: a state that
 * fills much of its room must not be full of garbage. */
void script_settle_memory(struct script_state *state, const struct script_error *error)
{
    bool tight = state->used > state->limits.memory / 4;

    if (error && error->kind == SCRIPT_MEMORY && state->depth == 0)
        lua_gc(state->main, LUA_GCCOLLECT);
    if (tight != state->is_gc_tight) {
        state->is_gc_tight = tight;
        lua_gc(state->main, LUA_GCINC, tight ? GC_PAUSE_TIGHT : GC_PAUSE_WIDE, GC_STEP, 0);
    }
    if (state->depth == 0 && state->scratch.used > 0)
        arena_reset(&state->scratch);
}

/* ---- Calling ----------------------------------------------------------------------------------- */

enum status script_call(struct script_state *state, const struct script_call *call,
                        struct script_error *error)
{
    struct script_run run = { .body = script_call_body,
                              .context = call->context,
                              .budget_us = call->budget_us };

    PRE(call->function > 0);
    memcpy(&run.data, &call, sizeof(call));
    return script_run(state, &run, error);
}

bool script_is_dropped(lua_State *co)
{
    return script_state_of(co) == NULL;
}

int script_call_body(lua_State *L)
{
    const struct script_run *run = lua_touserdata(L, 1);
    const struct script_call *call = run->data;
    int arguments = 0;

    script_push(L, call->function);
    if (call->push)
        arguments = call->push(L, call->context);
    /* Without a continuation the hook could not yield. It is reached, too, after a pcall in the
     * script has caught an error: then Lua has left this C function behind. */
    lua_callk(L, arguments, call->read ? LUA_MULTRET : 0, 0, finish_call);
    return finish_call(L, LUA_OK, 0);
}

static int finish_call(lua_State *L, int status, lua_KContext context)
{
    const struct script_run *run = lua_touserdata(L, 1);
    const struct script_call *call = run->data;

    (void)status;
    (void)context;
    if (call->read)
        call->read(L, 2, lua_gettop(L) - 1, call->context);
    return 0;
}

int script_keep(struct lua_State *L, int index)
{
    lua_pushvalue(L, index);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

void script_push(struct lua_State *L, int reference)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
}

void script_drop(struct script_state *state, int reference)
{
    if (reference > 0)
        luaL_unref(state->main, LUA_REGISTRYINDEX, reference);
}

/* ---- Inside a call ----------------------------------------------------------------------------- */

struct script_state *script_state_of(struct lua_State *L)
{
    return *(struct script_state **)lua_getextraspace(L);
}

void *script_host(struct lua_State *L)
{
    return script_state_of(L)->host;
}

void *script_call_context(struct lua_State *L)
{
    const struct script_run *run = script_state_of(L)->run;

    return run ? run->context : NULL;
}

bool script_is_loading(struct lua_State *L)
{
    const struct script_run *run = script_state_of(L)->run;

    return run && run->is_loading;
}

struct arena *script_scratch(struct lua_State *L)
{
    return &script_state_of(L)->scratch;
}

struct str script_where(struct lua_State *L, int level, struct arena *arena)
{
    char text[SCRIPT_WHERE_MAX];

    if (!report_place(L, level, text, sizeof(text)))
        return STR("");
    return str_copy(arena, str_from(text));
}

/* Coroutine: create, resume, wrap and the like, so that what is over budget inside leaves through
 * all of them, however they are nested.
 *
 * There is no close: on Lua 5.4.4 deep nesting of it overflows the C stack.
 */
#include "lua/sandbox.h"
#include "lua/stdlib.h"

#include <lauxlib.h>
#include <lualib.h>

enum { RESUME_STEPS = 50 };
enum { FAILED = -1, LEFT = -2 }; /* instead of a number of results */

static int resume(lua_State *L, lua_State *co, int arguments);
static int go_on(lua_State *L, lua_State *co, int arguments);
static lua_State *check_coroutine(lua_State *L);
static int co_create(lua_State *L);
static int co_resume(lua_State *L);
static int finish_resume(lua_State *L, int results);
static int go_on_resume(lua_State *L, int status, lua_KContext context);
static int co_wrap(lua_State *L);
static int call_wrapped(lua_State *L);
static int finish_wrapped(lua_State *L, int results);
static int go_on_wrapped(lua_State *L, int status, lua_KContext context);
static int co_isyieldable(lua_State *L);
static int co_status(lua_State *L);

void stdlib_open_coroutine(lua_State *L)
{
    static const luaL_Reg own[] = {
        { "create", co_create }, { "resume", co_resume },           { "wrap", co_wrap },
        { "status", co_status }, { "isyieldable", co_isyieldable }, { NULL, NULL },
    };

    lua_pushcfunction(L, luaopen_coroutine);
    lua_call(L, 0, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "close");
    luaL_setfuncs(L, own, 0);
}

static lua_State *check_coroutine(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTHREAD);
    return lua_tothread(L, 1);
}

static int co_create(lua_State *L)
{
    lua_State *co;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    script_charge(L, RESUME_STEPS);
    co = lua_newthread(L); /* inherits the hook and the state */
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int co_resume(lua_State *L)
{
    lua_State *co = check_coroutine(L);

    return finish_resume(L, resume(L, co, lua_gettop(L) - 1));
}

static int finish_resume(lua_State *L, int results)
{
    if (results == LEFT)
        return lua_yieldk(L, 0, 0, go_on_resume);
    lua_pushboolean(L, results >= 0);
    if (results < 0)
        results = 1;
    lua_insert(L, -results - 1);
    return results + 1;
}

static int go_on_resume(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    return finish_resume(L, go_on(L, lua_tothread(L, 1), 0));
}

static int co_wrap(lua_State *L)
{
    co_create(L);
    lua_pushcclosure(L, call_wrapped, 1);
    return 1;
}

static int call_wrapped(lua_State *L)
{
    return finish_wrapped(L, resume(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L)));
}

static int finish_wrapped(lua_State *L, int results)
{
    if (results == LEFT)
        return lua_yieldk(L, 0, 0, go_on_wrapped);
    /* the message has its place already: one more for each wrap would hide it */
    return results >= 0 ? results : lua_error(L);
}

static int go_on_wrapped(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    return finish_wrapped(L, go_on(L, lua_tothread(L, lua_upvalueindex(1)), 0));
}

/* Gives the number of results on L; FAILED with the error on L; LEFT: the task that L belongs to is left in
 * the middle, so L yields, too, and goes on with go_on. */
static int resume(lua_State *L, lua_State *co, int arguments)
{
    script_charge(L, RESUME_STEPS);
    if (script_is_dropped(co)) {
        lua_pushliteral(L, "cannot resume dead coroutine");
        return FAILED;
    }
    if (!lua_checkstack(co, arguments)) {
        lua_pushliteral(L, "too many arguments to resume");
        return FAILED;
    }
    lua_xmove(L, co, arguments);
    return go_on(L, co, arguments);
}

static int go_on(lua_State *L, lua_State *co, int arguments)
{
    struct script_state *state = script_state_of(L);
    lua_State *outer = state->running;
    bool is_pinned = !lua_isyieldable(L);
    int results;
    int status;

    state->running = co;
    state->pinned += is_pinned;
    state->yielded = YIELD_OWN;
    status = lua_resume(co, L, arguments, &results);
    state->pinned -= is_pinned;
    state->running = outer;
    script_pass_expiry(L);
    if (status == LUA_YIELD && state->yielded != YIELD_OWN)
        return LEFT;
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return FAILED;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return FAILED;
    }
    lua_xmove(co, L, results);
    return results;
}

/* The coroutine of a call itself may yield to nobody. */
static int co_isyieldable(lua_State *L)
{
    const struct script_run *run = script_state_of(L)->run;

    lua_pushboolean(L, lua_isyieldable(L) && !(run && run->co == L));
    return 1;
}

static int co_status(lua_State *L)
{
    lua_State *co = check_coroutine(L);
    int status = lua_status(co);
    const char *name = "dead";
    lua_Debug ar;

    if (co == L)
        name = "running";
    else if (status == LUA_YIELD && !script_is_dropped(co))
        name = "suspended";
    else if (status == LUA_OK && lua_getstack(co, 0, &ar))
        name = "normal";
    else if (status == LUA_OK && lua_gettop(co) > 0) /* has not begun */
        name = "suspended";
    lua_pushstring(L, name);
    return 1;
}

/* Test command: t.command runs a command of a script with the words of a command line, checked by its schema. */
#include "base/buf.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/test_ask.h"
#include "lua/test_handle.h"
#include "lua/test_run.h"
#include "lua/value.h"
#include "lua/visit.h"
#include "plugin/host.h"

#include <lauxlib.h>

static void find(lua_State *L, struct policy *policy, struct command_wish *wish);
static struct str read_json(lua_State *L, int index);
static void push_result(lua_State *L, const struct task_result *result,
                        const struct handled *handled, const struct failure *failure);

/* t.command(name, { argument = "text" }, { answers = … }) */
int bind_test_command(lua_State *L)
{
    struct call *call = call_of(L);
    struct policy *policy = instance_of(L)->tests->policy;
    struct handled handled = { .said = { .workspace = 1, .policy = policy } };
    struct task_result result = { .status = 0 };
    struct failure failure = { 0 };
    struct value arguments, calls, given = value_nil();
    struct task_given task = { .request = &arguments, .result = &result };
    const struct value *answers;
    struct command_wish wish;
    struct str json;

    find(L, policy, &wish);
    json = read_json(L, 2);
    if (!lua_isnoneornil(L, 3) && !str_is_absent(value_read(L, 3, call->arena, &given)))
        return luaL_error(L, "t.command: its third argument has answers");
    answers = value_get(&given, STR("answers"));
    if (answers)
        handled.answers = *answers;
    handled.handler = wish.handler;
    handled_begin(&handled);
    if (visit_arguments(wish.registration->route.body, json, call->arena, &arguments, &failure) ==
        ST_OK) {
        plugin_actor(policy, wish.handler.plugin, &handled.actor);
        handled_run(policy, call->tx, &handled, &task);
        result.type = result.type.at ? str_copy(call->arena, result.type) : STR_NONE;
        result.body = result.body.at ? str_copy(call->arena, result.body) : STR_NONE;
    } else {
        buf_text(&handled.calls, "[]");
    }
    json = handled_end(&handled, call->arena);
    if (str_is_absent(json) || !str_is_absent(value_from_json(json, call->arena, &calls)))
        return luaL_error(L, "t.command: what it called is too large to be shown");
    push_result(L, &result, &handled, &failure);
    value_push(L, &calls, 0);
    lua_setfield(L, -2, "calls");
    return 1;
}

static void find(lua_State *L, struct policy *policy, struct command_wish *wish)
{
    struct str name = api_text(L, 1);
    const struct plugin *plugins;
    size_t count;

    plugins = host_plugins(policy, &count);
    for (size_t i = 0; i < count; i++)
        if (plugin_command(policy, &plugins[i], name, wish))
            return;
    luaL_error(L, "there is no command \"%s\"", name.at);
}

static struct str read_json(lua_State *L, int index)
{
    struct arena *arena = call_of(L)->arena;
    struct value value;
    struct str reason, text;
    struct buf out;

    if (lua_isnoneornil(L, index))
        return STR_NONE;
    reason = value_read(L, index, arena, &value);
    if (!str_is_absent(reason))
        luaL_error(L, "t.command: %s", reason.at);
    buf_init(&out, LIMIT_JSON_BODY);
    value_to_json(&value, &out);
    text = str_copy(arena, buf_view(&out));
    buf_fini(&out);
    return text;
}

/* { output = a text or table, errors = names of what did not fit, error = } */
static void push_result(lua_State *L, const struct task_result *result,
                        const struct handled *handled, const struct failure *failure)
{
    struct value value;
    int count = 0;

    lua_createtable(L, 0, 2);
    test_set_text(L, "error", handled->error);
    if (failure->status != ST_OK) {
        lua_newtable(L);
        for (const struct field_error *at = failure->errors; at; at = at->next) {
            lua_pushlstring(L, at->field.at, at->field.len);
            lua_rawseti(L, -2, ++count);
        }
        lua_setfield(L, -2, "errors");
    } else if (str_starts(result->type, STR("application/json")) &&
               str_is_absent(value_from_json(result->body, call_of(L)->arena, &value))) {
        value_push(L, &value, 0);
        lua_setfield(L, -2, "output");
    } else {
        test_set_text(L, "output", result->body);
    }
}

/* Lua fixture: see lua_fixture.h. */
#include "lua_fixture.h"

#include "base/limits.h"
#include "harness.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

static char answer[4096];

static void read_answer(struct lua_State *L, int first, int count, void *context)
{
    size_t len = 3;
    const char *text = "nil";

    (void)context;
    if (count > 0)
        text = luaL_tolstring(L, first, &len);
    snprintf(answer, sizeof(answer), "%.*s", (int)len, text);
}

void lua_begin(struct lua_fixture *lua, const struct script_limits *limits)
{
    memset(lua, 0, sizeof(*lua));
    lua->state = script_state_new(limits);
    CHECK(lua->state != NULL);
}

void lua_end(struct lua_fixture *lua)
{
    script_state_free(lua->state);
    lua->state = NULL;
}

enum status lua_load_text(struct lua_fixture *lua, const char *source)
{
    return script_load(lua->state, STR("test.lua"), str_from(source), LIMIT_LOAD_MICROSECONDS,
                       &lua->function, &lua->error);
}

void lua_must_load(struct lua_fixture *lua, const char *source)
{
    if (lua_load_text(lua, source) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", lua_error_text(lua));
}

enum status lua_run(struct lua_fixture *lua)
{
    struct script_call call = { .function = lua->function,
                                .read = read_answer,
                                .budget_us = LIMIT_RULE_MICROSECONDS };

    CHECK(lua->function > 0);
    return script_call(lua->state, &call, &lua->error);
}

const char *lua_text_of(struct lua_fixture *lua)
{
    if (lua_run(lua) == ST_OK)
        return answer;
    snprintf(answer, sizeof(answer), "%.*s", STR_ARG(lua->error.message));
    return answer;
}

const char *lua_answer(struct lua_fixture *lua, const char *source)
{
    char text[8192];

    snprintf(text, sizeof(text), "return function() %s end", source);
    if (lua_load_text(lua, text) != ST_OK) {
        snprintf(answer, sizeof(answer), "%.*s", STR_ARG(lua->error.message));
        return answer;
    }
    return lua_text_of(lua);
}

const char *lua_error_text(const struct lua_fixture *lua)
{
    static char text[4096];

    snprintf(text, sizeof(text), "%s %.*s: %.*s", script_kind_name(lua->error.kind),
             STR_ARG(lua->error.where), STR_ARG(lua->error.message));
    return text;
}

/* Bind test: test("sentence", function(t) … end), and what t can do without a database. With one: world.c. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/test_ask.h"
#include "lua/test_run.h"
#include "lua/value.h"
#include "lua/world.h"

#include <lauxlib.h>

static int register_test(lua_State *L);
static struct str show(lua_State *L, int index, struct value *value);
static bool is_same(const struct value *a, const struct value *b);
static size_t count_of(const struct value *value);

static const char OBJECT; /* registry: t */

int test_open(lua_State *L)
{
    lua_settop(L, 0);
    world_open(L);
    lua_newtable(L); /* t */
    for (const struct api_function *row = api_tests; row->name; row++) {
        api_push(L, row);
        lua_setfield(L, 1, row->name + sizeof("t.") - 1);
    }
    api_finish(L, "t");
    script_freeze_table(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &OBJECT);
    lua_newtable(L); /* the module */
    for (const struct api_function *row = api_tests; row->name; row++)
        if (row->kinds & API_LOAD) {
            api_push(L, row);
            lua_setfield(L, -2, row->name + sizeof("t.") - 1);
        }
    lua_newtable(L);
    lua_pushcfunction(L, register_test);
    lua_setfield(L, -2, "__call");
    script_check_metatable(L, lua_gettop(L));
    lua_setmetatable(L, -2);
    return 1;
}

void test_push_object(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &OBJECT);
}

/* The module itself, the sentence, the function. */
static int register_test(lua_State *L)
{
    struct test_run *run = instance_of(L)->tests;

    if (!script_is_loading(L))
        return luaL_error(L, "tests are registered at the top level of a file");
    if (lua_type(L, 2) != LUA_TSTRING || !lua_isfunction(L, 3))
        return luaL_error(L, "write test(\"a sentence that is true\", function(t) … end)");
    if (run->count == TESTS_MAX)
        return luaL_error(L, "more than %d tests in a file", TESTS_MAX);
    run->cases[run->count] = (struct test_case){ .name = str_copy(&run->names, api_text(L, 2)),
                                                 .function = script_keep(L, 3) };
    run->count++;
    return 0;
}

/* ---- Comparing --------------------------------------------------------------------------------- */

int bind_test_equal(lua_State *L)
{
    struct value got, wanted;
    struct str got_text = show(L, 1, &got), wanted_text = show(L, 2, &wanted);

    if (!is_same(&got, &wanted))
        return luaL_error(L, "got %s, wanted %s", got_text.at, wanted_text.at);
    return 0;
}

/* In Lua an empty array is an empty table like any other. */
static bool is_same(const struct value *a, const struct value *b)
{
    bool is_array = a->type == VALUE_ARRAY && b->type == VALUE_ARRAY;

    if ((a->type == VALUE_ARRAY || a->type == VALUE_OBJECT) &&
        (b->type == VALUE_ARRAY || b->type == VALUE_OBJECT) && count_of(a) == 0 && count_of(b) == 0)
        return true;
    if (!is_array && !(a->type == VALUE_OBJECT && b->type == VALUE_OBJECT))
        return value_eq(a, b);
    if (count_of(a) != count_of(b))
        return false;
    for (size_t i = 0; i < count_of(a); i++) {
        const struct value *other =
            is_array ? &b->array.items[i] : value_get(b, a->object.members[i].name);

        if (!other || !is_same(is_array ? &a->array.items[i] : &a->object.members[i].value, other))
            return false;
    }
    return true;
}

static size_t count_of(const struct value *value)
{
    return value->type == VALUE_ARRAY ? value->array.count : value->object.count;
}

int bind_test_fail(lua_State *L)
{
    return luaL_error(L, "%s", lua_tostring(L, 1));
}

static struct str show(lua_State *L, int index, struct value *value)
{
    struct arena *arena = call_of(L)->arena;
    struct str reason, text;
    struct buf buf;

    if (lua_isnil(L, index)) {
        *value = value_nil();
        return STR("nil");
    }
    reason = value_read(L, index, arena, value);
    if (!str_is_absent(reason))
        luaL_error(L, "t.equal compares plain data: %s", reason.at);
    buf_init(&buf, 2000);
    value_to_json(value, &buf);
    text = str_copy(arena, buf_view(&buf));
    buf_fini(&buf);
    return text;
}

/* The same id for the same name, so that tests need no lists of ids. */
int bind_test_id(lua_State *L)
{
    struct uuid id;
    char text[UUID_TEXT];

    digest128(api_text(L, 1), id.bytes);
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    uuid_format(id, text);
    lua_pushstring(L, text);
    return 1;
}

/* ---- Asking ------------------------------------------------------------------------------------ */

int bind_test_actor(lua_State *L)
{
    struct actor actor;

    test_read_actor(L, 1, &actor);
    lua_pushvalue(L, 1);
    return 1;
}

int bind_test_ask(lua_State *L)
{
    struct test_question question;

    test_read_question(L, HOOK_RULE, &question);
    test_ask(&question);
    test_push_decision(L, &question.decision);
    return 1;
}

int bind_test_allows(lua_State *L)
{
    struct test_question question;

    test_read_question(L, HOOK_RULE, &question);
    test_ask(&question);
    if (question.decision.verdict != VERDICT_ALLOW)
        return luaL_error(L, "%s is not allowed: %s", lua_tostring(L, 1),
                          test_describe(&question).at);
    return 0;
}

int bind_test_denies(lua_State *L)
{
    struct test_question question;
    struct str code;

    test_read_question(L, HOOK_RULE, &question);
    test_ask(&question);
    if (question.decision.verdict != VERDICT_DENY)
        return luaL_error(L, "%s is not denied: %s", lua_tostring(L, 1),
                          test_describe(&question).at);
    code = str_is_absent(question.decision.code) ? STR("denied") : question.decision.code;
    lua_pushlstring(L, code.at, code.len);
    return 1;
}

int bind_test_scope(lua_State *L)
{
    struct test_question question;
    struct str text;

    test_read_question(L, HOOK_SCOPE, &question);
    text = test_scope(&question);
    if (question.tx.status != ST_OK)
        return luaL_error(L, "the scope of %s failed: %s", lua_tostring(L, 1),
                          str_is_absent(question.tx.failure.reason)
                              ? "why is not known"
                              : question.tx.failure.reason.at);
    lua_pushlstring(L, text.at, text.len);
    return 1;
}

int bind_test_filter(lua_State *L)
{
    struct test_question question;

    test_read_question(L, HOOK_FILTER, &question);
    if (!question.subject.change)
        return luaL_error(L, "t.filter needs input: what the request asks for");
    return test_filter(L, &question);
}

int bind_test_render(lua_State *L)
{
    struct call *call = call_of(L);
    struct tx tx = *call->tx;
    struct rendered rendered;
    struct str name = api_copy_text(L, 1), locale = api_copy_text(L, 3), reason;
    struct value data;
    struct buf json;

    reason = value_read(L, 2, call->arena, &data);
    if (!str_is_absent(reason))
        return luaL_error(L, "t.render: data: %s", reason.at);
    buf_init(&json, LIMIT_JSON_BODY);
    value_to_json(&data, &json);
    reason = str_copy(call->arena, buf_view(&json));
    buf_fini(&json);
    tx.policy = instance_of(L)->tests->policy;
    if (policy_render(&tx, name.at, locale, reason, &rendered) != ST_OK)
        return luaL_error(L, "%s: %s", name.at, rendered.fallback.at);
    lua_createtable(L, 0, 3);
    test_set_text(L, "subject", rendered.subject);
    test_set_text(L, "text", rendered.text);
    test_set_text(L, "html", rendered.html);
    return 1;
}

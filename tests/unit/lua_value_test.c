/* Values between C, Lua and JSON. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "harness.h"
#include "lua/value.h"
#include "lua_fixture.h"

#include <lua.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct trip {
    struct arena arena;
    struct value in;
    struct value out;
    struct str reason;
    unsigned flags;
};

static int push_in(struct lua_State *L, void *context)
{
    struct trip *trip = context;

    value_push(L, &trip->in, trip->flags);
    return 1;
}

static void read_out(struct lua_State *L, int first, int count, void *context)
{
    struct trip *trip = context;

    CHECK_INT(count, 1);
    trip->reason = value_read(L, first, &trip->arena, &trip->out);
}

/* Sends trip->in through the function that the last file returned. */
static enum status travel(struct lua_fixture *lua, struct trip *trip)
{
    struct script_call call = { .function = lua->function,
                                .push = push_in,
                                .read = read_out,
                                .context = trip,
                                .budget_us = LIMIT_RULE_MICROSECONDS };

    return script_call(lua->state, &call, &lua->error);
}

static const char *as_json(struct trip *trip)
{
    static char text[4096];
    struct buf buf;

    buf_init(&buf, sizeof(text) - 1);
    value_to_json(&trip->out, &buf);
    memcpy(text, buf.at, buf.len);
    text[buf.len] = '\0';
    buf_fini(&buf);
    return text;
}

TEST(a_tree_comes_back_from_lua_as_it_went)
{
    static const char json[] = "{\"a\":[],\"b\":{},\"c\":[1,-2.5,\"\\u00e9\",true,null,[{}]],"
                               "\"d\":\"\",\"e\":9007199254740993,\"f\":3.0}";
    struct lua_fixture lua;
    struct trip trip = { 0 };

    lua_begin(&lua, NULL);
    arena_init(&trip.arena, MIB(4));
    CHECK(str_is_absent(value_from_json(str_from(json), &trip.arena, &trip.in)));
    lua_must_load(&lua, "return function(v) return v end");
    CHECK_INT(travel(&lua, &trip), ST_OK);
    CHECK(str_is_absent(trip.reason));
    CHECK(value_eq(&trip.in, &trip.out));
    CHECK_STR(as_json(&trip), "{\"a\":[],\"b\":{},\"c\":[1,-2.5,\"é\",true,null,[{}]],"
                              "\"d\":\"\",\"e\":9007199254740993,\"f\":3.0}");
    arena_fini(&trip.arena);
    lua_end(&lua);
}

TEST(null_in_an_object_is_left_out_unless_it_is_asked_for)
{
    struct lua_fixture lua;
    struct trip trip = { 0 };

    lua_begin(&lua, NULL);
    arena_init(&trip.arena, MIB(4));
    value_from_json(STR("{\"a\":null,\"b\":1}"), &trip.arena, &trip.in);
    lua_must_load(&lua, "return function(v) return { type(v.a), v } end");
    CHECK_INT(travel(&lua, &trip), ST_OK);
    CHECK_STR(as_json(&trip), "[\"nil\",{\"b\":1}]");
    trip.flags = VALUE_KEEP_NULL;
    CHECK_INT(travel(&lua, &trip), ST_OK);
    CHECK_STR(as_json(&trip), "[\"userdata\",{\"a\":null,\"b\":1}]");
    arena_fini(&trip.arena);
    lua_end(&lua);
}

TEST(what_is_no_data_is_refused_with_its_place)
{
    static const struct {
        const char *source;
        const char *reason;
    } cases[] = {
        { "return print", "runtime" },
        { "return { a = { b = { 1, type } } }", "'a.b[2]' is a function" },
        { "return pairs", "the value is a function" },
        { "return { [1.5] = 1 }", "the value has a key that is neither a name nor 1 to n" },
        { "return { [0] = 1 }", "the value has a key that is neither a name nor 1 to n" },
        { "return { [true] = 1 }", "the value has a key that is neither a name nor 1 to n" },
        { "return { 1, a = 2 }", "the value mixes numbers and names as keys" },
        { "return { x = { 1, nil, 3 } }", "'x' has holes: an array has the keys 1 to n" },
        { "return { n = 0 / 0 }", "'n' is not a finite number" },
        { "return 1 / 0", "the value is not a finite number" },
        { "local t = {} t.t = t return t", NULL },
        { "local t = {} for i = 1, 30000 do t[i] = i end return t",
          "the value has too many entries: at most 20000 values go together" },
        { "local t, s = {}, ('x'):rep(1000) for i = 1, 1100 do t[i] = s end return t",
          "'[1001]' is too much text: at most 1 MB goes together" },
        { "return coroutine.create(function() end)", "the value is no data" },
    };
    struct lua_fixture lua;
    struct trip trip = { 0 };
    char source[300];

    lua_begin(&lua, NULL);
    trip.in = value_nil();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        arena_init(&trip.arena, MIB(4));
        trip.reason = STR_NONE;
        snprintf(source, sizeof(source), "return function() %s end", cases[i].source);
        harness_note("%s", cases[i].source);
        lua_must_load(&lua, source);
        if (travel(&lua, &trip) != ST_OK)
            CHECK_STR(script_kind_name(lua.error.kind), cases[i].reason);
        else if (cases[i].reason)
            CHECK_STR(trip.reason, cases[i].reason);
        else
            CHECK(str_ends(trip.reason, STR("' nests deeper than 32 tables, or holds itself")));
        arena_fini(&trip.arena);
    }
    lua_end(&lua);
}

TEST(json_that_is_wrong_is_refused_with_line_and_column)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        { "{\"a\":1,\n\"a\":2}", "line 2, column 3: duplicate object key near '\"a\"'" },
        { "", "line 1, column 0: unexpected token near end of file" },
        { "[1,]", "line 1, column 4: unexpected token near ']'" },
        { "{\"a\\u0000b\":1}",
          "line 1, column 11: NUL byte in object key not supported near '\"a\\u0000b\"'" },
        { "[1e999]", "line 1, column 6: real number overflow near '1e999'" },
        { "\"\xff\"", "line 1, column 1: unable to decode byte 0xff near '\"'" },
        { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "the JSON text nests deeper than 32" },
    };
    struct arena arena;
    struct value value;
    static char wide[2 * 20002];

    arena_init(&arena, MIB(4));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_STR(value_from_json(str_from(cases[i].text), &arena, &value), cases[i].reason);
    wide[0] = '[';
    for (size_t i = 1; i < sizeof(wide) - 2; i += 2)
        memcpy(wide + i, "1,", 2);
    wide[sizeof(wide) - 2] = ']';
    CHECK_STR(value_from_json(str_from(wide), &arena, &value),
              "the JSON text has more than 20000 values");
    CHECK(str_is_absent(value_from_json(STR("\"a\\u0000b\""), &arena, &value)));
    CHECK_INT(value.string.len, 3);
    arena_fini(&arena);
}

TEST(numbers_and_broken_texts_are_written_as_json)
{
    static const struct {
        double number;
        const char *text;
    } numbers[] = { { 0.1, "0.1" },
                    { 1e21, "1e+21" },
                    { 5, "5.0" },
                    { -0.0, "-0.0" },
                    { 1.0 / 3, "0.3333333333333333" },
                    { NAN, "null" } };
    struct trip trip = { 0 };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        trip.out = value_number(numbers[i].number);
        CHECK_STR(as_json(&trip), numbers[i].text);
    }
    trip.out = value_string(STR("a\xff\xc3\xa9\xed\xa0\x80z"));
    CHECK_STR(as_json(&trip), "\"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
}

TEST(scripts_encode_and_decode_json)
{
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    CHECK_INT(script_module(lua.state, "json", json_open, NULL, &lua.error), ST_OK);
    CHECK_STR(lua_answer(&lua, "local json = require('json') return json.encode({ b = { 1, 'x' }, "
                               "a = {}, c = json.array({}), d = json.null })"),
              "{\"a\":{},\"b\":[1,\"x\"],\"c\":[],\"d\":null}");
    CHECK_STR(lua_answer(&lua, "local json = require('json') return json.encode("
                               "json.decode('{\"l\":[],\"o\":{},\"n\":null,\"x\":[null]}'))"),
              "{\"l\":[],\"o\":{},\"x\":[null]}");
    CHECK_STR(lua_answer(&lua, "local ok, why = require('json').decode('[1') return why"),
              "line 1, column 2: ']' expected near end of file");
    CHECK_STR(lua_answer(&lua, "return require('json').encode({ f = print })"),
              "'print' is not available: use require(\"foyer\").log");
    CHECK_STR(lua_answer(&lua, "return require('json').encode({ f = pairs })"),
              "json.encode: 'f' is a function");
    CHECK_STR(lua_answer(&lua, "return require('json').encode({ 1, { f = require } })"),
              "json.encode: '[2].f' is a function");
    lua_end(&lua);
}

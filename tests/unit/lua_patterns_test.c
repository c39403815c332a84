/* Patterns: ours against Lua's own on generated pairs, and what ours alone must do: end. */
#include "base/limits.h"
#include "harness.h"
#include "lua/budget.h"
#include "lua/patterns.h"
#include "lua_fixture.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

enum { PAIRS = 20000, TEXT = 64 };

/* Everything that the four functions say about a subject, a pattern and a replacement. */
static const char compare[] =
    "local function show(...)\n"
    "  local t = table.pack(...)\n"
    "  for i = 1, t.n do t[i] = type(t[i]) .. ':' .. tostring(t[i]) end\n"
    "  return table.concat(t, ',')\n"
    "end\n"
    "return function(s, p, r, init)\n"
    "  local each = {}\n"
    "  local all = show(pcall(function()\n"
    "    for a, b, c in string.gmatch(s, p, init) do each[#each + 1] = show(a, b, c) end\n"
    "  end)) .. table.concat(each, ';')\n"
    "  return table.concat({\n"
    "    show(pcall(string.find, s, p)), show(pcall(string.find, s, p, init)),\n"
    "    show(pcall(string.find, s, p, init, true)), show(pcall(string.match, s, p, init)), all,\n"
    "    show(pcall(string.gsub, s, p, r)), show(pcall(string.gsub, s, p, r, init)),\n"
    "    show(pcall(string.gsub, s, p, { a = 'x', b = false, ab = 12, [2] = 'two' })),\n"
    "    show(pcall(string.gsub, s, p, function(...) return show(...) end)),\n"
    "    show(pcall(string.gsub, s, p, function(a) if a == 'a' then return nil end return a "
    "end)),\n"
    "  }, '\\n')\n"
    "end\n";

static const char *const pieces[] = {
    "a",    "b",     "c",      "A",      "1",      " ",      ".",     "%a",    "%d",  "%l",
    "%s",   "%u",    "%w",     "%x",     "%p",     "%c",     "%g",    "%A",    "%D",  "%S",
    "%W",   "%%",    "%.",     "%(",     "[ab]",   "[^a]",   "[a-c]", "[%w_]", "[]]", "[^]a]",
    "[a-]", "[-a]",  "[%a-z]", "[a-%%]", "[^%s]",  "[[]",    "(",     ")",     "()",  "(a)",
    "(.-)", "(%w*)", "*",      "+",      "-",      "?",      "^",     "$",     "%1",  "%2",
    "%b()", "%bab",  "%b",     "%f[a]",  "%f[%w]", "%f[^a]", "%f",    "%",     "[",   "[^",
    "[a",   "]",     "%z",     "%9",     "%0",     "\\",     "\xe9",  "\xff",  ",",   "_",
};
static const char *const replacements[] = { "%0", "%1", "%2", "%%", "x", "%", "%z", "", "<%1>" };

static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

struct pair {
    char subject[TEXT];
    char pattern[TEXT];
    char replacement[TEXT];
    size_t subject_len;
    size_t pattern_len;
    int init;
    char answer[8192];
};

static const char *draw_replacement(void)
{
    return replacements[draw(sizeof(replacements) / sizeof(replacements[0]))];
}

static void draw_pair(struct pair *pair)
{
    static const char alphabet[] = "aaabbbcAB1 .()%_-^\xe9\xff";

    pair->subject_len = draw(13);
    for (size_t i = 0; i < pair->subject_len; i++)
        pair->subject[i] = draw(40) ? alphabet[draw(sizeof(alphabet) - 1)] : '\0';
    pair->pattern_len = 0;
    for (uint32_t i = draw(7); i-- > 0;) {
        const char *piece = pieces[draw(sizeof(pieces) / sizeof(pieces[0]))];

        memcpy(pair->pattern + pair->pattern_len, piece, strlen(piece));
        pair->pattern_len += strlen(piece);
    }
    if (draw(60) == 0)
        pair->pattern[pair->pattern_len++] = '\0';
    snprintf(pair->replacement, sizeof(pair->replacement), "%s%s", draw_replacement(),
             draw(2) ? draw_replacement() : "");
    pair->init = (int)draw(8) - 3;
}

static int push_pair(struct lua_State *L, void *context)
{
    const struct pair *pair = context;

    lua_pushlstring(L, pair->subject, pair->subject_len);
    lua_pushlstring(L, pair->pattern, pair->pattern_len);
    lua_pushstring(L, pair->replacement);
    lua_pushinteger(L, pair->init);
    return 4;
}

static void read_pair(struct lua_State *L, int first, int count, void *context)
{
    struct pair *pair = context;
    size_t len;
    const char *text = lua_tolstring(L, first, &len);

    CHECK_INT(count, 1);
    CHECK(len < sizeof(pair->answer));
    memcpy(pair->answer, text, len + 1);
    CHECK(pair->answer[len] == '\0');
    for (size_t i = 0; i < len; i++) {
        if (pair->answer[i] == '\0')
            pair->answer[i] = '@';
    }
}

TEST(patterns_answer_as_those_of_lua_do)
{
    lua_State *original = luaL_newstate();
    struct lua_fixture lua;
    static struct pair pair;
    static char ours[sizeof(pair.answer)];
    struct script_call call = {
        .push = push_pair, .read = read_pair, .context = &pair, .budget_us = LIMIT_LOAD_MICROSECONDS
    };

    luaL_openlibs(original);
    CHECK_INT(luaL_loadbuffer(original, compare, strlen(compare), "@test.lua"), LUA_OK);
    lua_call(original, 0, 1);
    lua_begin(&lua, NULL);
    lua_must_load(&lua, compare);
    call.function = lua.function;
    for (int i = 0; i < PAIRS / (harness_scale() > 1 ? 4 : 1); i++) {
        draw_pair(&pair);
        harness_note(
            "pair %d (%zu, %zu): subject '%.*s', pattern '%.*s', replacement '%s', init %d", i,
            pair.subject_len, pair.pattern_len, (int)pair.subject_len, pair.subject,
            (int)pair.pattern_len, pair.pattern, pair.replacement, pair.init);
        CHECK_INT(script_call(lua.state, &call, &lua.error), ST_OK);
        memcpy(ours, pair.answer, sizeof(ours));
        lua_pushvalue(original, -1);
        CHECK_INT(lua_pcall(original, push_pair(original, &pair), 1, 0), LUA_OK);
        read_pair(original, lua_gettop(original), 1, &pair);
        lua_pop(original, 1);
        CHECK_STR((const char *)ours, pair.answer);
    }
    lua_end(&lua);
    lua_close(original);
}

TEST(patterns_of_the_manual_answer_as_it_says)
{
    static const char *const cases[][2] = {
        { "return ('hello world from Lua'):gsub('(%w+)', '%1 %1', 1)",
          "hello hello world from Lua" },
        { "return ('hello Lua user'):match('^(%w+)')", "hello" },
        { "return ('flaaap'):find('()aa()')", "3" },
        { "return ('THE (quick) fox'):find('%((%a+)%)')", "5" },
        { "return ('THE (quick) fox'):gsub('%f[%a]%a+', '.')", ". (.) ." },
        { "return ('f(a(b)c)d'):match('%b()')", "(a(b)c)" },
        { "return ('$name is'):gsub('%$(%w+)', { name = 'lua' })", "lua is" },
        { "return ('key = value'):match('^(%w+)%s*=%s*(%w+)$')", "key" },
        { "return ('[[x]]'):match('%[(=*)%[(.-)%]%1%]')", "" },
        { "return ('abc'):gsub('', '-')", "-a-b-c-" },
        { "return ('a,b,,c'):gsub(',', ';')", "a;b;;c" },
        { "return ('x'):rep(190):match(('x?'):rep(190) .. '$') ~= nil", "true" },
        { "return pcall(string.match, ('x'):rep(250), ('x?'):rep(250))", "false" },
    };
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        harness_note("%s", cases[i][0]);
        CHECK_STR(lua_answer(&lua, cases[i][0]), cases[i][1]);
    }
    lua_end(&lua);
}

TEST(a_pattern_that_would_never_end_runs_out_of_budget)
{
    static const char *const attacks[] = {
        "return ('a'):rep(60):find(('a*'):rep(30) .. 'b')",
        "return ('a'):rep(60):match(('a-'):rep(30) .. 'b')",
        "return ('a'):rep(60):gsub(('a?'):rep(60) .. ('a'):rep(60) .. 'b', '')",
        "for x in ('a'):rep(60):gmatch(('a*'):rep(30) .. 'b') do end",
        "return pcall(string.find, ('a'):rep(60), ('(a*)'):rep(15) .. '%1b')",
        "return ('('):rep(30000):gsub('%b()', '')",
        "return ('a'):rep(20000):find('.-.-.-b')",
        "return ('a'):rep(100000):find('[' .. ('b'):rep(10000) .. ']+c')",
    };
    struct lua_fixture lua;

    lua_begin(&lua, NULL);
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        harness_note("%s", attacks[i]);
        CHECK_STR(lua_answer(&lua, attacks[i]), "took longer than 5 ms");
        CHECK_INT(lua.error.kind, SCRIPT_TIMEOUT);
    }
    CHECK_STR(lua_answer(&lua, "return ('a'):rep(500000):find(('a'):rep(5000) .. 'b', 1, true)"),
              "nil");
    lua_end(&lua);
}

TEST(a_matcher_without_more_steps_stops)
{
    struct str pattern = STR("a*a*b");
    struct pattern_match match;

    pattern_init(&match, STR("aaaaaaaaaa"), pattern);
    match.steps_left = 20;
    CHECK(pattern_match_at(&match, match.start, pattern.at) == NULL);
    CHECK_STR((const char *)match.error, "over budget");
    pattern_init(&match, STR("aab"), pattern);
    match.steps_left = 100;
    CHECK(pattern_match_at(&match, match.start, pattern.at) == match.end);
    CHECK(match.steps_left < 100);
}

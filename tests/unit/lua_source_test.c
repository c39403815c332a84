/* Source: what is refused before it is compiled, and what must not be. */
#include "base/arena.h"
#include "harness.h"
#include "lua/source.h"

#include <string.h>

static const char *refusal(const char *source)
{
    static struct arena arena;
    struct str reason;
    int line;

    arena_fini(&arena);
    arena_init(&arena, 1 << 20);
    reason = source_refusal(str_from(source), &arena, &line);
    return str_is_absent(reason) ? NULL : reason.at;
}

/* The text of `piece` count times, between head and tail; borrowed until the next call. */
static const char *repeat(const char *head, const char *piece, int count, const char *tail)
{
    static char text[1 << 17];
    char *at = stpcpy(text, head);

    for (int i = 0; i < count; i++)
        at = stpcpy(at, piece);
    stpcpy(at, tail);
    return text;
}

TEST(a_comparison_alone_as_an_index_is_refused)
{
    static const char *const refused[] = {
        "return t[a < b]",      "return t[a == b]",       "return t[not (a ~= b)]",
        "return t[((a >= b))]", "return t[x and a <= b]", "return t[1 and (x and a > b)]",
        "return f()[a < b]",    "return (t)[a < b]",      "t[a < b] = 1",
        "return t[{}][a < b]",
    };
    static const char *const fine[] = {
        "return t[a < b and 1 or 2]",
        "return t[(a < b and 1 or 2)]",
        "return t[f(a < b)]",
        "return t[#{ a < b }]",
        "return { [a < b] = 1 }",
        "return a < t[b]",
        "return t[a] < t[b]",
        "return t[function() return a < b end]",
        "return t[a << b]",
        "return t[a ~ b]",
        "return t[ [[a < b]] ]",
        "return t['a < b']",
        "return t[1 --[[ a < b ]] ]",
        "local x <const> = 1 return t[x]",
        "if a < b then return t[1] end",
    };

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        harness_note("%s", refused[i]);
        CHECK(refusal(refused[i]) != NULL);
        CHECK(strstr(refusal(refused[i]), "a comparison alone as an index") != NULL);
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        harness_note("%s", fine[i]);
        CHECK(refusal(fine[i]) == NULL);
    }
}

TEST(long_chains_of_fields_are_refused)
{
    CHECK(refusal(repeat("return a", ".b", 100, "")) == NULL);
    CHECK(refusal(repeat("return a", ".b", 101, "")) != NULL);
    CHECK(refusal(repeat("return a", "[b]", 101, "")) != NULL);
    CHECK(refusal(repeat("return a", "[b.c]", 60, "")) == NULL);
    CHECK(refusal(repeat("return a[b", ".c", 60, "].d.e")) == NULL);
    CHECK(refusal(repeat("return a[(b", ".c", 99, ")].d.e")) != NULL);
    CHECK(refusal(repeat("return a[b", ".c[d]", 45, "][e[f.g]].h.i.j.k.l.m.n.o")) == NULL);
    CHECK(refusal(repeat("return a[b", ".c[d]", 45, "][e[f.g]].h.i.j.k.l.m.n.o.p")) != NULL);
    /* calls end a chain, statements begin a new one */
    CHECK(refusal(repeat("return a", ":b()", 1000, "")) == NULL);
    CHECK(refusal(repeat("return a", ":b'x'", 1000, "")) == NULL);
    CHECK(refusal(repeat("", "local x = a.b.c ", 1000, "")) == NULL);
    CHECK(refusal(repeat("return { ", "a.b.c, ", 1000, "}")) == NULL);
    CHECK(refusal(repeat("return 1", " + a.b.c", 1000, "")) == NULL);
    CHECK(refusal(repeat("return f(", "a.b, ", 1000, "c)")) == NULL);
    CHECK(refusal(repeat("return (a", ".b", 60, ").b.b.b")) == NULL);
}

TEST(deep_nesting_and_long_concatenations_are_refused)
{
    CHECK(refusal(repeat("return ", "(", 100, "1")) == NULL);
    CHECK(refusal(repeat("return ", "(", 101, "1")) != NULL);
    CHECK(refusal(repeat("return ", "{", 101, "1")) != NULL);
    CHECK(refusal(repeat("", "do ", 101, "")) != NULL);
    CHECK(refusal(repeat("", "function f() ", 101, "")) != NULL);
    CHECK(refusal(repeat("", "do end ", 1000, "")) == NULL);
    CHECK(refusal(repeat("", "while x do end ", 1000, "")) == NULL);
    CHECK(refusal(repeat("", "repeat until x ", 1000, "")) == NULL);
    CHECK(refusal(repeat("", "if x then elseif y then else end ", 1000, "")) == NULL);
    CHECK(refusal(repeat("return a", " .. a", 150, "")) == NULL);
    CHECK_STR(refusal(repeat("return a", " .. a", 151, "")),
              "more than 150 '..' in one expression: use table.concat");
    CHECK(refusal(repeat("", "x = a .. b ", 1000, "")) == NULL);
    CHECK(refusal(repeat("return { ", "a .. b, ", 1000, "}")) == NULL);
    CHECK(refusal(repeat("", "local x = a .. b ", 1000, "")) == NULL);
}

TEST(bytecode_and_attributes_are_refused)
{
    CHECK_STR(refusal("\x1bLua"), "this is bytecode: only text is loaded");
    CHECK(refusal("local x <close> = nil") != NULL);
    CHECK(refusal("local a, x <close> = nil") != NULL);
    CHECK(refusal("local _ENV <const> = {}") != NULL);
    CHECK(refusal("local x <const>, y = 1") == NULL);
    CHECK(refusal("local x x = a < close") == NULL);
    CHECK(refusal("-- <close>\nreturn '<close>'") == NULL);
    CHECK(refusal("") == NULL);
    CHECK(refusal(")))]]]}}}end end until") == NULL);
}

TEST(tokens_are_those_of_lua)
{
    static const char source[] = "local a\n=0x1p-4+1e+5 ..[==[x\n]]]==]--[[c\n]]'\\z\n  q'...::b::";
    static const struct {
        enum token_kind kind;
        const char *text;
        int line;
    } tokens[] = {
        { TOKEN_KEYWORD, "local", 1 },     { TOKEN_NAME, "a", 1 },
        { TOKEN_OPERATOR, "=", 2 },        { TOKEN_NUMBER, "0x1p-4", 2 },
        { TOKEN_OPERATOR, "+", 2 },        { TOKEN_NUMBER, "1e+5", 2 },
        { TOKEN_OPERATOR, "..", 2 },       { TOKEN_STRING, "[==[x\n]]]==]", 2 },
        { TOKEN_STRING, "'\\z\n  q'", 4 }, { TOKEN_OPERATOR, "...", 5 },
        { TOKEN_OPERATOR, "::", 5 },       { TOKEN_NAME, "b", 5 },
        { TOKEN_OPERATOR, "::", 5 },       { TOKEN_END, "", 5 },
    };
    struct scanner scanner;

    scanner_init(&scanner, str_from(source));
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        struct token token = scanner_next(&scanner);

        harness_note("token %zu", i);
        CHECK_INT(token.kind, tokens[i].kind);
        CHECK_STR(token.text, tokens[i].text);
        CHECK_INT(token.line, tokens[i].line);
    }
}

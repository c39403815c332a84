/* Template: what is put out, escaped and not, lines in messages, names that are missing. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/value.h"
#include "harness.h"
#include "lua/template.h"
#include "lua_fixture.h"

#include <string.h>

struct page {
    struct lua_fixture lua;
    struct buf out;
    struct value variables;
};

static const struct value items[] = { { .type = VALUE_STRING, .string = { "one", 3 } },
                                      { .type = VALUE_STRING, .string = { "<two>", 5 } } };
static const struct value_member person[] = {
    { { "name", 4 }, { .type = VALUE_STRING, .string = { "Ann & \"Bob\" <x>", 15 } } },
    { { "age", 3 }, { .type = VALUE_INTEGER, .integer = 41 } },
};
static const struct value_member members[] = {
    { { "client", 6 }, { .type = VALUE_OBJECT, .object = { person, 2 } } },
    { { "items", 5 }, { .type = VALUE_ARRAY, .array = { items, 2 } } },
    { { "is_new", 6 }, { .type = VALUE_BOOL, .boolean = true } },
};

static void page_begin(struct page *page)
{
    lua_begin(&page->lua, NULL);
    buf_init(&page->out, MIB(1));
    page->variables = value_object(members, 3);
}

static void page_end(struct page *page)
{
    buf_fini(&page->out);
    lua_end(&page->lua);
}

/* What the template puts out, or the error. */
static const char *render(struct page *page, const char *source, enum template_mode mode)
{
    struct script_error *error = &page->lua.error;
    int reference;

    buf_clear(&page->out);
    if (template_compile(page->lua.state, STR("t/page.html"), str_from(source), mode, &reference,
                         error) != ST_OK)
        return lua_error_text(&page->lua);
    if (template_render(page->lua.state, reference, &page->variables, LIMIT_RENDER_MICROSECONDS,
                        &page->out, error) != ST_OK)
        return lua_error_text(&page->lua);
    script_drop(page->lua.state, reference);
    buf_char(&page->out, '\0');
    return page->out.at;
}

TEST(a_template_escapes_unless_it_is_told_not_to)
{
    struct page page;

    page_begin(&page);
    CHECK_STR(render(&page, "Hi {{ client.name }}!", TEMPLATE_HTML),
              "Hi Ann &amp; &quot;Bob&quot; &lt;x&gt;!");
    CHECK_STR(render(&page, "Hi {{& client.name }}!", TEMPLATE_HTML), "Hi Ann & \"Bob\" <x>!");
    CHECK_STR(render(&page, "Hi {{ client.name }}!", TEMPLATE_TEXT), "Hi Ann & \"Bob\" <x>!");
    CHECK_STR(render(&page, "{{ \"it's\" }}", TEMPLATE_HTML), "it&#39;s");
    CHECK_STR(render(&page, "{{client.age}} {{ is_new }} {{ 1/2 }}", TEMPLATE_HTML), "41 true 0.5");
    page_end(&page);
}

TEST(a_line_with_a_statement_alone_leaves_no_line)
{
    struct page page;

    page_begin(&page);
    CHECK_STR(
        render(&page,
               "<ul>\n  {% for i, item in ipairs(items) do %}\n  <li>{{ i }}: {{ item }}</li>\n"
               "  {% end %}\n</ul>\n{# done\n#}\nend{# here #}",
               TEMPLATE_HTML),
        "<ul>\n  <li>1: one</li>\n  <li>2: &lt;two&gt;</li>\n</ul>\nend");
    CHECK_STR(render(&page, "a {% if is_new then %}b{% end %} c\n", TEMPLATE_HTML), "a b c\n");
    CHECK_STR(render(&page, "{% local x = 'y' %}\r\n{{ x }}", TEMPLATE_HTML), "y");
    CHECK_STR(render(&page, "{{ client.age }} {% local x %}\nz", TEMPLATE_HTML), "41 \nz");
    page_end(&page);
}

TEST(braces_and_strings_in_code_do_not_end_it)
{
    struct page page;

    page_begin(&page);
    CHECK_STR(
        render(&page, "{{ ({a={b=1}}).a.b }}{{ '}}' }}{{ \"{%\" }}{{ [[{{x}}]] }}", TEMPLATE_TEXT),
        "1}}{%{{x}}");
    CHECK_STR(render(&page, "{% local t = {1,{2}} %}{{ 7 % #t }}", TEMPLATE_TEXT), "1");
    CHECK_STR(render(&page, "a\\b \"c\" {x} %} }}", TEMPLATE_TEXT), "a\\b \"c\" {x} %} }}");
    CHECK_STR(render(&page, "", TEMPLATE_TEXT), "");
    page_end(&page);
}

TEST(a_missing_name_names_template_line_and_variable)
{
    static const struct {
        const char *source;
        const char *error;
    } cases[] = {
        { "a\nb {{ cliet.name }}",
          "runtime t/page.html:2: there is no variable 'cliet': did you mean 'client'?" },
        { "{{ nothing_like_it }}",
          "runtime t/page.html:1: there is no variable 'nothing_like_it'" },
        { "\n\n{{ client.phone }}", "runtime t/page.html:3: 'client.phone' has no value: write "
                                    "client.phone or \"\" if it may "
                                    "be missing" },
        { "{# x\n#}\n{{ client }}",
          "runtime t/page.html:3: 'client' is a table: only texts, numbers "
          "and booleans can be put out" },
        { "{{ client.phone.code }}",
          "runtime t/page.html:1: attempt to index a nil value (field 'phone')" },
        { "\n{% x = 1 %}", "runtime t/page.html:2: cannot assign to 'x': write local x = ..." },
        { "a\n{% if is_new then %}\nb",
          "syntax t/page.html:3: 'end' expected (to close 'if' at line 2) near <eof>" },
        { "a\n{{ b", "syntax t/page.html:2: '{{' is not closed: '}}' is missing" },
        { "a\n{% b }}", "syntax t/page.html:2: '{%' is not closed: '%}' is missing" },
        { "\n{# b", "syntax t/page.html:2: '{#' is not closed: '#}' is missing" },
        { "{{ }}", "syntax t/page.html:1: '{{ }}' is empty" },
        { "{{ a -- b }}", "syntax t/page.html:1: a template takes no Lua comments: use {# ... #}" },
        { "{% -- b\n%}", "syntax t/page.html:1: a template takes no Lua comments: use {# ... #}" },
        { "\n{{ a b }}", "syntax t/page.html:2: ')' expected near 'b'" },
        { "{% while true do end %}", "timeout t/page.html:1: took longer than 20 ms" },
        { "{% while true do %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% end "
          "%}",
          NULL },
    };
    struct page page;

    page_begin(&page);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got = render(&page, cases[i].source, TEMPLATE_HTML);

        harness_note("%s", cases[i].source);
        if (cases[i].error)
            CHECK_STR(got, cases[i].error);
        else
            CHECK(page.lua.error.kind == SCRIPT_RUNTIME || page.lua.error.kind == SCRIPT_TIMEOUT);
        CHECK_INT(page.out.len, 0);
    }
    CHECK_STR(render(&page, "{{ client.phone or \"\" }}-{{ tostring(1) }}", TEMPLATE_HTML), "-1");
    page_end(&page);
}

TEST(an_output_that_does_not_fit_leaves_what_was_there)
{
    struct page page;

    page_begin(&page);
    buf_fini(&page.out);
    buf_init(&page.out, 10);
    CHECK_STR(render(&page, "12345678901", TEMPLATE_TEXT),
              "runtime : the output is longer than the 10 bytes that it may have");
    CHECK(!page.out.overflowed);
    CHECK_STR(render(&page, "123456789", TEMPLATE_TEXT), "123456789");
    page_end(&page);
}

static bool find_template(void *context, struct str name, struct str *source, struct str *path)
{
    (void)context;
    *path = name;
    *source = str_ends(name, STR(".txt")) ? STR("Dear {{ name }}") : STR("<b>{{ name }}</b>");
    return str_starts(name, STR("templates/"));
}

TEST(scripts_load_and_compile_templates)
{
    struct script_limits limits = { .files = { find_template, NULL } };
    struct lua_fixture lua;

    lua_begin(&lua, &limits);
    CHECK_INT(script_module(lua.state, "template", template_open, NULL, &lua.error), ST_OK);
    lua_must_load(&lua, "local template = require('template')\n"
                        "local html = template.load('templates/a.en.html')\n"
                        "local text = template.load('templates/a.en.txt')\n"
                        "assert(template.load('templates/a.en.html') == html)\n"
                        "local own = template.compile('own', '{{ name }}', 'text')\n"
                        "return function() local v = { name = 'A&B' }\n"
                        "return html(v) .. text(v) .. own(v) .. template.escape('<') end");
    CHECK_STR(lua_text_of(&lua), "<b>A&amp;B</b>Dear A&BA&B&lt;");
    CHECK_STR(lua_answer(&lua, "return require('template').load('templates/b.html')"),
              "template 'templates/b.html' is not loaded: load it at the top of the file");
    CHECK_STR(lua_answer(&lua, "return require('template').compile('own', 'x {{')"),
              "own:1: '{{' is not closed: '}}' is missing");
    CHECK_INT(lua_load_text(&lua, "require('template').load('x.html')"), ST_RULE_ERROR);
    CHECK_STR(lua.error.message, "there is no template 'x.html'");
    lua_end(&lua);
}

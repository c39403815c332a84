/* Routes of scripts: what is refused when they are loaded, and what their tests see. */
#include "policy_fixture.h"

#include "plugin/runtime.h"

#include <string.h>

#define HEAD "local foyer = require(\"foyer\")\n"

static void check_refused(struct rules *rules, const char *source, const char *wanted)
{
    struct buf report;

    buf_init(&report, 10000);
    harness_note("%s", source);
    CHECK_INT(host_check(rules->host, STR("x.lua"), str_from(source), &report), ST_UNPROCESSABLE);
    CHECK_STR(str_trim(buf_view(&report)), wanted);
    buf_fini(&report);
}

#define OPEN(path)    HEAD "foyer.route(\"GET\", \"" path "\", { open = \"a test\" }, type)"
#define WITH(options) HEAD "foyer.route(\"POST\", \"/a\", { " options " }, type)"

TEST(a_route_says_who_may_ask_and_where_it_is)
{
    struct rules rules;

    rules_open(&rules);
    check_refused(
        &rules, WITH(""),
        "x.lua:2: a route says who may ask: may = \"an.action\", or open = \"why nobody is "
        "asked\"");
    check_refused(
        &rules, WITH("may = \"client.list\", open = \"y\""),
        "x.lua:2: a route says who may ask: may = \"an.action\", or open = \"why nobody is "
        "asked\"");
    check_refused(&rules, WITH("may = \"client.lst\""),
                  "x.lua:2: may = \"client.lst\": there is no such action; those of this script "
                  "begin with \"x.\"");
    check_refused(&rules, WITH("open = \"a\\nb\""),
                  "x.lua:2: option open must be a text of one line");
    check_refused(&rules, WITH("opn = \"a\""),
                  "x.lua:2: there is no option \"opn\" of a route: may, open, query, body and "
                  "describe are");
    check_refused(&rules, WITH("open = \"a\", body = { typ = \"string\" }"),
                  "x.lua:2: option body: a schema has no \"typ\" here");
    check_refused(&rules, WITH("open = \"a\", query = { type = \"object\" }"),
                  "x.lua:2: option query names the parameters: { properties = { … } }");
    check_refused(&rules, HEAD "foyer.route(\"HEAD\", \"/\", { open = \"a\" }, type)",
                  "x.lua:2: bad argument #1 to 'route' (GET, POST, PUT, PATCH or DELETE expected "
                  "(HEAD follows GET))");
    check_refused(&rules,
                  HEAD
                  "foyer.route(\"GET\", \"/\", { open = \"a\", body = { type = \"object\" } }, "
                  "type)",
                  "x.lua:2: a GET has no body: take the option body away");
    check_refused(&rules, HEAD "foyer.rule(\"x.go\", type)",
                  "x.lua:2: none of its routes and pages asks \"x.go\": one says may = \"x.go\"");
    rules_close(&rules);
}

#define PAGE(options) HEAD "foyer.page(\"portal\", \"/a\", { " options " }, type)"

TEST(a_page_has_a_title_and_a_place)
{
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        { PAGE(""), "x.lua:2: a page has a title: { title = \"Reports\" }" },
        { HEAD "foyer.page(\"window\", \"/\", { title = \"A\" }, type)",
          "x.lua:2: bad argument #1 to 'page' (\"dashboard\" or \"portal\" expected)" },
        { PAGE("title = \"A\", body = {}"),
          "x.lua:2: there is no option \"body\" of a page: title, label, may, open, form, style, "
          "script and describe are" },
        { PAGE("title = \"A\", style = \"a.css\""),
          "x.lua:2: option style: there is no file assets/a.css in this plugin" },
        { PAGE("title = \"A\", form = { type = \"object\" }"),
          "x.lua:2: option form names the fields: { properties = { … } }" },
        { PAGE("title = \"A\"") "\nfoyer.route(\"POST\", \"/a\", { open = \"a test\" }, type)",
          "x.lua:3: there is a page portal /a already (x.lua:2)" },
    };
    struct rules rules;

    rules_open(&rules);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(&rules, cases[i].source, cases[i].wanted);
    rules_close(&rules);
}

TEST(a_command_has_a_name_of_its_own)
{
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        { HEAD "foyer.command(\"a b\", type)",
          "x.lua:2: the name of a command is letters, digits, '_', '-' and '.'" },
        { HEAD "foyer.command(\"a\", type)\nfoyer.command(\"a\", type)",
          "x.lua:3: there is a command \"a\" already" },
        { HEAD "foyer.command(\"a\", { may = \"me.read\" }, type)",
          "x.lua:2: there is no option \"may\" of a command: describe and arguments are" },
        { HEAD "foyer.command(\"a\", { arguments = { type = \"object\" } }, type)",
          "x.lua:2: option arguments names them: { properties = { … } }" },
    };
    struct rules rules;

    rules_open(&rules);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(&rules, cases[i].source, cases[i].wanted);
    rules_close(&rules);
}

TEST(tests_of_scripts_run_commands)
{
    static const char source[] = HEAD
        "foyer.command(\"count\", { arguments = { properties = {\n"
        "  n = { type = \"integer\" }, tags = { type = \"array\" } }, required = { \"n\" } } },\n"
        "  function(ctx, given)\n"
        "    if given.n == 0 then error(\"none\") end\n"
        "    return { given.n, given.tags, foyer.run(\"t\") }\n"
        "  end)\n"
        "foyer.transaction(\"t\", type)\n";
    static const char tests[] =
        "local test = require(\"test\")\n"
        "test(\"counts\", function(t)\n"
        "  local done = t.command(\"count\", { n = \"2\", tags = \"a\" }, { answers = { t = 5 } "
        "})\n"
        "  t.equal(done.output, { 2, { \"a\" }, 5 })\n"
        "  t.equal(#done.calls, 1)\n"
        "  t.equal(t.command(\"count\", { n = \"x\", m = \"y\" }).errors, { \"m\", \"n\" })\n"
        "  t.equal(t.command(\"count\", { n = \"0\" }).error, \"x.lua:5: none\")\n"
        "end)\n";

    rules_check_tests(source, tests, 1, 0, "");
}

TEST(tests_of_scripts_ask_pages)
{
    static const char source[] =
        HEAD "foyer.page(\"portal\", \"/\", { title = \"A\", form = {\n"
             "  properties = { n = { type = \"integer\" } }, required = { \"n\" } } },\n"
             "  function(_, request)\n"
             "    if request.method == \"GET\" then return \"<p>\" end\n"
             "    if request.errors.n then return request.errors.n end\n"
             "    return foyer.redirect(\"/p/x\", 303, \"Kept \" .. request.body.n)\n"
             "  end)\n"
             "foyer.page(\"portal\", \"/none\", { title = \"A\" }, function() end)\n";
    static const char tests[] =
        "local test = require(\"test\")\n"
        "test(\"a form\", function(t)\n"
        "  t.equal(t.request { path = \"/p/x\" }.text, \"<p>\")\n"
        "  local function post(n)\n"
        "    return t.request { method = \"POST\", path = \"/p/x\", body = { n = n } }\n"
        "  end\n"
        "  t.equal(post(\"x\").text, \"This must be a whole number.\")\n"
        "  t.equal(post(7).status, 303)\n"
        "  t.equal(post(7).notice, \"Kept 7\")\n"
        "  t.equal(post(7).headers.location, \"/p/x\")\n"
        "  t.equal(t.request { path = \"/p/x/none\" }.error,\n"
        "    \"a page returns HTML, foyer.reply(…) or foyer.redirect(…), not a nil\")\n"
        "end)\n";

    rules_check_tests(source, tests, 1, 0, "");
}

TEST(paths_that_could_never_be_asked_are_refused)
{
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        { OPEN("a"), "x.lua:2: foyer.route: a: a path begins with \"/\"" },
        { OPEN("/a//b"),
          "x.lua:2: foyer.route: /a//b: nothing stands between two slashes of it, or "
          "behind the last one" },
        { OPEN("/a/"), "x.lua:2: foyer.route: /a/: nothing stands between two slashes of it, or "
                       "behind the last one" },
        { OPEN("/a/../b"), "x.lua:2: foyer.route: /a/../b: \".\" and \"..\" cannot stand in it" },
        { OPEN("/a{id}"), "x.lua:2: foyer.route: /a{id}: a parameter is a whole segment: {name}" },
        { OPEN("/{}"), "x.lua:2: foyer.route: /{}: the name of a parameter is letters, digits and "
                       "'_'" },
        { OPEN("/{a...}/b"),
          "x.lua:2: foyer.route: /{a...}/b: {name...} takes the rest, and must be the last" },
        { OPEN("/{a}/{a}"), "x.lua:2: foyer.route: /{a}/{a}: {a} stands twice in it" },
        { OPEN("/{a}/{b}/{c}/{d}/{e}"),
          "x.lua:2: foyer.route: /{a}/{b}/{c}/{d}/{e}: a path has at most 4 parameters" },
        { OPEN("/a b"), "x.lua:2: foyer.route: /a b: it is letters, digits, '-', '_', '.' and '~', "
                        "between slashes" },
        { OPEN("/assets/x"), "x.lua:2: foyer.route: /assets/x: what begins with /assets are the "
                             "files of the plugin" },
        { OPEN("/{id}") "\nfoyer.route(\"GET\", \"/{name}\", { open = \"a test\" }, type)",
          "x.lua:3: there is a route GET /{id} already (x.lua:2)" },
    };
    struct rules rules;

    rules_open(&rules);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(&rules, cases[i].source, cases[i].wanted);
    rules_close(&rules);
}

/* A script may not take Foyer's words for its own, and one that lists what it provides is held to it. */
TEST(a_route_asks_no_action_of_somebody_else)
{
    struct script_overlay overlay = {
        .name = STR("client.lua"),
        .source = STR(HEAD "foyer.route(\"GET\", \"/\", { may = \"client.wave\" }, type)")
    };
    struct rules rules;
    struct buf report;

    rules_open(&rules);
    buf_init(&report, 10000);
    CHECK(!host_try(rules.host, &overlay, 1, &report));
    CHECK_STR(
        str_trim(buf_view(&report)),
        "client.lua:2: may = \"client.wave\": actions that begin with \"client.\" are Foyer's "
        "own: name the script otherwise");
    buf_fini(&report);
    check_refused(&rules,
                  HEAD "foyer.plugin { provides = { route = { \"GET /a\" } } }\n"
                       "foyer.route(\"GET\", \"/b\", { open = \"a\" }, type)",
                  "x.lua:3: foyer.plugin does not list it: add route = { \"GET /b\" } to provides");
    rules_close(&rules);
}

#define CRM                                                                                        \
    HEAD                                                                                           \
        "foyer.rule(\"x.go\", function(ctx)\n"                                                     \
        "  if ctx.actor:is(\"client\") then return foyer.allow(\"client\") end\n"                  \
        "end)\n"                                                                                   \
        "foyer.route(\"POST\", \"/things/{id}\", { may = \"x.go\",\n"                              \
        "  query = { properties = { n = { type = \"integer\" }, tags = { type = \"array\" } } "    \
        "},\n"                                                                                     \
        "  body = { properties = { name = { type = \"string\" } }, required = { \"name\" } } },\n" \
        "  function(ctx, request)\n"                                                               \
        "    local client = foyer.api(\"GET\", \"/v1/clients/\" .. request.params.id).body\n"      \
        "    if request.body.name == \"fail\" then error(\"as asked\") end\n"                      \
        "    return foyer.reply(201, { ctx.actor.kind, client.name, request.query },\n"            \
        "      { location = \"/p/x/things\", [\"x-n\"] = 3 })\n"                                   \
        "  end)\n"                                                                                 \
        "foyer.route(\"POST\", \"/hook\", { open = \"signed\" }, function(ctx, request)\n"         \
        "  return request.text .. request.headers[\"x-sig\"]\n"                                    \
        "end)\n"

TEST(tests_of_scripts_ask_routes)
{
    static const char tests[] =
        "local test, foyer = require(\"test\"), require(\"foyer\")\n"
        "local function ask(body, query)\n"
        "  return { method = \"POST\", path = \"/p/x/things/7\" .. (query or \"\"), body = body,\n"
        "    actor = { kind = \"client\" },\n"
        "    answers = { [\"GET /v1/clients/7\"] = { body = { name = \"Ann\" } } } }\n"
        "end\n"
        "test(\"answers\", function(t)\n"
        "  local done = t.request(ask({ name = \"a\" }, \"?n=4&tags=a\"))\n"
        "  t.equal(done.status, 201)\n"
        "  t.equal(done.body, { \"client\", \"Ann\", { n = 4, tags = { \"a\" } } })\n"
        "  t.equal(done.headers, { location = \"/p/x/things\", [\"x-n\"] = \"3\" })\n"
        "  t.equal(done.calls, { { method = \"GET\", path = \"/v1/clients/7\" } })\n"
        "end)\n"
        "test(\"refuses\", function(t)\n"
        "  t.equal(t.request(ask({ nam = 1 }, \"?n=x&m=1\")),\n"
        "    { status = 400, errors = { \"n\", \"m\", \"name\", \"nam\" },\n"
        "      calls = foyer.json.array({}) })\n"
        "end)\n"
        "test(\"fails\", function(t)\n"
        "  t.equal(t.request(ask { name = \"fail\" }).error, \"x.lua:10: as asked\")\n"
        "end)\n"
        "test(\"has bytes\", function(t)\n"
        "  t.equal(t.request { method = \"POST\", path = \"/p/x/hook\", text = \"{a\",\n"
        "    headers = { [\"x-sig\"] = \"!\" } }.text, \"{a!\")\n"
        "end)\n"
        "test(\"asks its rule\", function(t)\n"
        "  t.allows(\"x.go\", { actor = { kind = \"client\" } })\n"
        "  t.denies(\"x.go\", { actor = { kind = \"nobody\" } })\n"
        "end)\n"
        "test(\"is not there\", function(t) t.request { path = \"/p/x/hook\" } end)\n";

    rules_check_tests(CRM, tests, 6, 1,
                      "x_test.lua:30: is not there: t.request: no route answers GET "
                      "/p/x/hook: it takes POST, OPTIONS\n");
}

/* The API of scripts as it is declared: every example runs, and the manual shows what there is. */
#include "api/clients.h"
#include "lua/api_table.h"
#include "lua/manual.h"
#include "lua/reference.h"
#include "lua/stubs.h"
#include "policy_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD "local foyer = require(\"foyer\")\n"
#define TOKEN                                                                                      \
    "foyer.settings { token = { type = \"secret\" } }\n"                                           \
    "foyer.metrics.counter(\"pushed\", { labels = { \"result\" } })\n"                             \
    "foyer.metrics.gauge(\"backlog\") foyer.metrics.histogram(\"batch\")\n"

/* Loads the text as a script, alone. */
static void load(const char *name, struct str source)
{
    struct rules rules;
    struct buf report;

    rules_open_alone(&rules);
    buf_init(&report, 10000);
    harness_note("%s: %.*s", name, STR_ARG(source));
    if (host_check(rules.host, STR("crm.lua"), source, &report) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(buf_view(&report)));
    buf_fini(&report);
    rules_close(&rules);
}

/* Runs one function of the text, in the kind that the row may be called in. */
static void call(const struct api_function *row, struct arena *arena)
{
    const char *hook = row->kinds & API_RULE    ? "foyer.rule(\"client.list\", function(ctx)\n"
                       : row->kinds & API_SCOPE ? "foyer.scope(\"client\", function(actor)\n"
                                                : "foyer.filter(\"client.create\", function(ctx)\n";
    bool is_answer = strcmp(row->name, "allow") == 0 || strcmp(row->name, "deny") == 0;
    bool is_reject = strcmp(row->name, "reject") == 0;
    bool is_line = strncmp(row->name, "log.", 4) == 0;
    bool is_filter = !(row->kinds & (API_RULE | API_SCOPE));
    struct str body =
        is_filter && !is_reject ? str_printf(arena, "assert((%s) ~= false)", row->example)
        : is_answer || !(row->kinds & API_RULE) ? str_printf(arena, "return %s", row->example)
        : is_line ? str_printf(arena, "%s\nreturn foyer.allow()", row->example)
                  : str_printf(arena,
                               "local actor = ctx.actor\nassert((%s) ~= false)\n"
                               "return foyer.allow(actor.kind)",
                               row->example);
    struct str source = str_printf(arena, HEAD TOKEN "%s%.*s\nend)", hook, STR_ARG(body));
    struct client client = { .given_name = STR("Jane") };
    struct rules rules;
    struct scope scope;
    uint64_t given = 0;

    rules_script("x.lua", source.at);
    rules_open_alone(&rules);
    rules_begin(&rules);
    rules_staff(&rules, "view_clients");
    rules.tx.is_writing = true;
    harness_note("%s: %.*s", row->name, STR_ARG(source));
    if (row->kinds & API_RULE)
        RULES_CHECK(&rules, "client.list", NULL, strcmp(row->name, "deny") == 0 ? "deny" : "allow");
    else if (row->kinds & API_SCOPE)
        CHECK_INT(policy_scope(&rules.tx, "client", &scope), ST_OK);
    else
        CHECK_INT(policy_filter(&rules.tx, "client.create", &client_entity, NULL, &client, &given),
                  is_reject ? ST_UNPROCESSABLE : ST_OK);
    rules_end(&rules);
    rules_close(&rules);
}

TEST(every_example_of_a_function_runs)
{
    struct arena arena;

    arena_init(&arena, 1 << 20);
    for (const struct api_function *row = api_functions; row->name; row++) {
        CHECK(row->help && row->help[0]);
        if (!row->body || strcmp(row->name, "api") == 0 || /* needs a server: the stories have it */
            strcmp(row->name, "run") == 0 ||
            strcmp(row->name, "asset") == 0) /* a folder: pages have it */
            continue;
        CHECK(row->example);
        if (row->kinds == API_REQUESTS)
            load(row->name, str_printf(&arena,
                                       HEAD "foyer.route(\"GET\", \"/x\", { open = \"a test\" }, "
                                            "function() return %s end)",
                                       row->example));
        else if (row->kinds == API_LOAD)
            load(row->name, str_printf(&arena, HEAD "%s", row->example));
        else
            call(row, &arena);
    }
    for (const struct api_function *row = api_tools; row->name; row++) {
        CHECK(row->help && row->help[0] && row->example);
        /* One needs a folder: the portal's pages have it; the other a server, as handlers do. */
        if (strcmp(row->name, "template.load") != 0 && strcmp(row->name, "http.fetch") != 0)
            call(row, &arena);
    }
    for (const struct api_function *row = api_metrics; row->name; row++)
        if (row->kinds == API_LOAD)
            load(row->name, str_printf(&arena, HEAD "%s", row->example));
        else
            call(row, &arena);
    for (const struct api_function *row = api_methods; row->name; row++)
        call(row, &arena);
    arena_fini(&arena);
}

TEST(every_example_of_tests_passes)
{
    struct rules rules;
    struct policy *policy;
    struct buf report, source;
    size_t wanted = 0;
    struct testing testing = { .filter = STR_NONE };

    rules_open(&rules);
    buf_init(&report, 10000);
    buf_init(&source, 10000);
    buf_text(&source, "local test = require(\"test\")\n");
    for (const struct api_function *row = api_tests; row->name; row++)
        if (row->example && ++wanted)
            buf_printf(&source, "test(\"%s\", function(t) %s end)\n", row->name, row->example);
    policy = host_try(rules.host, NULL, 0, &report);
    CHECK(policy);
    harness_note("%.*s", STR_ARG(buf_view(&source)));
    host_test(policy, STR("x_test.lua"), buf_view(&source), &testing, &report);
    CHECK_INT(testing.failed, 0);
    CHECK_INT(testing.count, wanted);
    host_try_end(policy);
    buf_fini(&source);
    buf_fini(&report);
    rules_close(&rules);
}

/* A path in the repository, from build/PRESET/foyer-tests on. */
static void find_in_repository(const char *name, char path[4096])
{
    ssize_t len = readlink("/proc/self/exe", path, 4096 - 300);

    CHECK(len > 0);
    path[len] = '\0';
    for (int i = 0; i < 3; i++)
        *strrchr(path, '/') = '\0';
    snprintf(path + strlen(path), 300, "/%s", name);
}

static struct str read_of_repository(const char *name)
{
    char path[4096];

    find_in_repository(name, path);
    return test_read_file(path);
}

TEST(the_manual_has_the_reference_as_it_is)
{
    struct str manual = read_of_repository("scripts/README.md"), mark = STR("<!-- reference -->\n");
    const char *at = manual.at ? memmem(manual.at, manual.len, mark.at, mark.len) : NULL;
    struct buf reference;

    CHECK(at);
    at += mark.len;
    buf_init(&reference, 1 << 20);
    reference_write(&reference);
    harness_note("put what `foyer script reference` prints at the end of scripts/README.md");
    CHECK(str_eq(buf_view(&reference), str_slice(at, (size_t)(manual.at + manual.len - at))));
    buf_fini(&reference);
}

TEST(the_examples_of_the_manual_load)
{
    struct str manual = read_of_repository("scripts/README.md");
    const char *end = memmem(manual.at, manual.len, "## Reference", 12);
    struct str rest = str_slice(manual.at, (size_t)(end - manual.at)), line;
    bool is_inside = false, is_test = false;
    struct arena arena;
    struct str block = STR_NONE;
    int blocks = 0;

    arena_init(&arena, 1 << 20);
    while (!str_is_absent(rest) && str_cut(&rest, '\n', &line)) {
        if (str_eq(str_trim(line), STR("```lua"))) {
            is_inside = true;
            block = STR(HEAD);
        } else if (is_inside && str_eq(str_trim(line), STR("```"))) {
            is_inside = false;
            is_test = memmem(block.at, block.len, "require(\"test\")", 15) != NULL;
            if (!is_test)
                load("the manual", block);
            blocks++;
        } else if (is_inside && !memmem(line.at, line.len, "require(\"foyer\")", 16)) {
            block = str_printf(&arena, "%.*s%.*s\n", STR_ARG(block), STR_ARG(line));
        }
    }
    CHECK(blocks >= 6);
    arena_fini(&arena);
}

TEST(stubs_have_every_function_and_action)
{
    struct rules rules;
    struct buf stubs;

    rules_open(&rules);
    buf_init(&stubs, 1 << 20);
    stubs_write(rules.router, &stubs);
    buf_char(&stubs, '\0');
    for (const struct api_function *row = api_functions; row->name; row++) {
        char text[100];

        snprintf(text, sizeof(text), "function foyer.%s(", row->name);
        CHECK_INT(strstr(stubs.at, text) != NULL, row->body != NULL);
    }
    for (const struct api_function *row = api_tools; row->name; row++) {
        char text[100];

        snprintf(text, sizeof(text), "function foyer.%s(", row->name);
        CHECK(strstr(stubs.at, text));
    }
    CHECK(strstr(stubs.at, "---| \"client.create\" # Create a client\n"));
    CHECK(strstr(stubs.at, "---@class foyer.client\n"));
    CHECK(strstr(stubs.at, "---@field companyIds string[] "));
    buf_fini(&stubs);
    rules_close(&rules);
}

TEST(the_manual_page_has_every_function)
{
    static const struct api_function *const tables[] = { api_functions, api_tools, api_methods,
                                                         api_tests, api_scratch };
    struct rules rules;
    struct buf page;

    rules_open(&rules);
    buf_init(&page, 1 << 20);
    manual_write(rules.router, &page);
    buf_char(&page, '\0');
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct api_function *row = tables[i]; row->name; row++) {
            char text[100];

            snprintf(text, sizeof(text), "<h3 id=\"%s%s\">", i < 2 ? "foyer." : "", row->name);
            harness_note("%s", text);
            CHECK_INT(strstr(page.at, text) != NULL, row->body != NULL);
        }
    CHECK(strstr(page.at, "<code>message_channel.create</code>"));
    buf_fini(&page);
    rules_close(&rules);
}

TEST(the_tests_of_shipped_scripts_pass)
{
    char folder[4096], name[300];
    struct dirent *entry;
    struct rules rules;
    size_t files = 0;
    DIR *dir;

    rules_open(&rules);
    find_in_repository("scripts", folder);
    dir = opendir(folder);
    CHECK(dir);
    while ((entry = readdir(dir))) {
        struct policy *policy;
        struct buf report;
        struct testing testing = { .filter = STR_NONE };

        if (!str_ends(str_from(entry->d_name), STR("_test.lua")))
            continue;
        files++;
        snprintf(name, sizeof(name), "scripts/%s", entry->d_name);
        buf_init(&report, 10000);
        policy = host_try(rules.host, NULL, 0, &report);
        CHECK(policy);
        host_test(policy, str_from(name), read_of_repository(name), &testing, &report);
        if (testing.failed)
            harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(buf_view(&report)));
        CHECK(testing.count > 0);
        host_try_end(policy);
        buf_fini(&report);
    }
    closedir(dir);
    CHECK(files >= 3);
    rules_close(&rules);
}

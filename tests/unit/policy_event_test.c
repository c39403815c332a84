/* The names of events: what C tells is what scripts may listen to. */
#include "policy/action.h"
#include "policy_fixture.h"

#include "plugin/runtime.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define HEAD "local foyer = require(\"foyer\")\n"

static bool is_name_of_fact(struct str text)
{
    static const struct str ends[] = { STR("ed"), STR(".done"), STR(".sent"), STR(".resent") };
    size_t dots = 0;

    for (size_t i = 0; i < text.len; i++) {
        dots += text.at[i] == '.';
        if (!(text.at[i] == '.' || text.at[i] == '_' || (text.at[i] >= 'a' && text.at[i] <= 'z')))
            return false;
    }
    if (dots != 1 || text.at[0] == '.')
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (str_ends(text, ends[i]))
            return true;
    return false;
}

static bool is_in(const struct action *table, struct str name)
{
    for (; table->name; table++)
        if (str_is(name, table->name))
            return true;
    return false;
}

/* Literals of a file that are in the past tense and no name of a text. */
static size_t check_file(const char *path)
{
    struct str rest = test_read_file(path), text;
    size_t found = 0;
    bool is_inside = false;

    while (!str_is_absent(rest) && str_cut(&rest, '"', &text)) {
        if (is_inside && is_name_of_fact(text) && !is_in(renders, text)) {
            found++;
            if (!is_in(events, text))
                harness_failed(__FILE__, __LINE__,
                               "%s tells %.*s: add it to events of policy/action.c", path,
                               STR_ARG(text));
        }
        is_inside = !is_inside;
    }
    return found;
}

TEST(events_that_are_told_are_known)
{
    static const char *const folders[] = { "api", "exec" };
    size_t found = 0;
    char root[1024];

    snprintf(root, sizeof(root), "%.*s", (int)(strrchr(__FILE__, '/') - __FILE__), __FILE__);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char folder[2048], path[4096];
        struct dirent *entry;
        DIR *dir;

        snprintf(folder, sizeof(folder), "%s/../../core/%s", root, folders[i]);
        dir = opendir(folder);
        CHECK(dir);
        while ((entry = readdir(dir))) {
            if (!str_ends(str_from(entry->d_name), STR(".c")))
                continue;
            snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            found += check_file(path);
        }
        closedir(dir);
    }
    CHECK(found > 30);
}

static void check_refused(struct rules *rules, const char *source, const char *wanted)
{
    struct buf report;

    buf_init(&report, 10000);
    CHECK_INT(host_check(rules->host, STR("x.lua"), str_from(source), &report), ST_UNPROCESSABLE);
    CHECK_STR(str_trim(buf_view(&report)), wanted);
    buf_fini(&report);
}

TEST(handlers_are_registered_under_names_of_their_own)
{
    struct rules rules;
    struct policy *policy;
    struct buf text;
    struct script_overlay overlay = {
        .name = STR("x.lua"),
        .source = STR(HEAD "foyer.transaction(\"greet\", function() end)\n"
                           "foyer.on(\"client.created\", function() end)\n"
                           "foyer.on(\"client.created\", { name = \"second\" }, function() end)\n"),
    };

    rules_open(&rules);
    buf_init(&text, 10000);
    policy = host_try(rules.host, &overlay, 1, &text);
    CHECK(policy);
    host_registered(policy, STR("x.lua"), &text);
    CHECK_STR(buf_view(&text), "transaction greet (x.lua:2)\n"
                               "event client.created (x.lua:3)\n"
                               "event client.created as second (x.lua:4)\n");
    host_try_end(policy);
    buf_fini(&text);
    check_refused(&rules, HEAD "foyer.on(\"client.create\", function() end)",
                  "x.lua:2: there is no event \"client.create\": did you mean \"client.created\"?");
    check_refused(
        &rules,
        HEAD "foyer.on(\"client.created\", function() end)\n"
             "foyer.on(\"client.created\", function() end)",
        "x.lua:3: there is a handler \"client.created\" already: give each a name of its own, "
        "foyer.on(\"client.created\", { name = \"…\" }, …)");
    check_refused(
        &rules, HEAD "foyer.on(\"client.created\", { after = \"y\" }, function() end)",
        "x.lua:2: handlers have no order among each other: name and describe are their options");
    check_refused(
        &rules, HEAD "foyer.on(\"client.created\", { name = \"a b\" }, function() end)",
        "x.lua:2: the name of a handler is letters, digits, '_', '-' and '.', at most 100: not "
        "\"a b\"");
    check_refused(&rules, HEAD "foyer.transaction(\"a\", type)\nfoyer.transaction(\"a\", type)",
                  "x.lua:3: there is a transaction \"a\" already");
    rules_close(&rules);
}

#define WELCOME                                                                                    \
    HEAD "foyer.transaction(\"tag\", function() end)\n"                                            \
         "foyer.on(\"client.created\", { name = \"welcome\" }, function(event, ctx)\n"             \
         "  local client = foyer.api(\"GET\", \"/v1/clients/\" .. event.entityId).body\n"          \
         "  if client.email then\n"                                                                \
         "    local result = foyer.run(\"tag\", { id = client.id, try = ctx.attempt })\n"          \
         "    foyer.log.info(result.tagged .. event.name)\n"                                       \
         "  end\n"                                                                                 \
         "end)\n"                                                                                  \
         "foyer.job(\"tidy\", { every = \"1h\" }, function() error(\"no broom\") end)\n"

TEST(tests_of_scripts_run_handlers_and_answer_what_they_ask)
{
    static const char tests[] =
        "local test = require(\"test\")\n"
        "test(\"greets whoever has an address\", function(t)\n"
        "  local done = t.handle(\"welcome\", { attempt = 2, event = { entityId = \"1\" }, answers "
        "= {\n"
        "    [\"GET /v1/clients/1\"] = { status = 200, body = { id = \"1\", email = \"a@b.c\" } "
        "},\n"
        "    tag = { tagged = \"yes\" } } })\n"
        "  t.equal(done, { calls = { { method = \"GET\", path = \"/v1/clients/1\" },\n"
        "    { run = \"tag\", args = { id = \"1\", try = 2 } } } })\n"
        "end)\n"
        "test(\"and nobody else\", function(t)\n"
        "  t.equal(#t.handle(\"welcome\", { event = { entityId = \"1\" } }).calls, 1)\n"
        "end)\n"
        "test(\"fails with a word\", function(t)\n"
        "  t.equal(t.handle(\"tidy\").error, \"x.lua:10: no broom\")\n"
        "end)\n"
        "test(\"a wrong name\", function(t) t.handle(\"welcom\") end)\n";

    rules_check_tests(
        WELCOME, tests, 4, 1,
        "x_test.lua:15: a wrong name: there is no handler or job \"welcom\": did you mean "
        "\"welcome\"?\n");
}

#define ASKS                                                                                       \
    HEAD "foyer.job(\"ask\", { every = \"1h\" }, function()\n"                                     \
         "  local answer = foyer.http.fetch(\"https://a.example/x\", { body = \"hello\" })\n"      \
         "  foyer.events.emit(\"x.asked\", { data = { said = answer.body } })\n"                   \
         "  if answer.status ~= 200 then error(\"it says \" .. answer.status) end\n"               \
         "end)\n"

TEST(tests_of_scripts_answer_what_is_fetched)
{
    static const char tests[] =
        "local test = require(\"test\")\n"
        "local url = \"POST https://a.example/x\"\n"
        "test(\"asks and tells\", function(t)\n"
        "  local done = t.handle(\"ask\", { answers = { [url] = { body = \"yes\" } } })\n"
        "  t.equal(done, { calls = { { method = \"POST\", fetch = \"https://a.example/x\", body = "
        "\"hello\",\n"
        "      headers = { [\"content-type\"] = \"text/plain; charset=utf-8\" } },\n"
        "    { event = \"x.asked\", data = { said = \"yes\" } } } })\n"
        "end)\n"
        "test(\"fails\", function(t)\n"
        "  t.equal(t.handle(\"ask\", { answers = { [url] = { status = 500 } } }).error,\n"
        "    \"x.lua:5: it says 500\")\n"
        "  local done = t.handle(\"ask\", { answers = { [url] = { error = \"it is down\" } } })\n"
        "  t.equal(done.error, \"x.lua:3: foyer.http.fetch: it is down\")\n"
        "  t.equal(#done.calls, 1)\n"
        "end)\n";

    rules_check_tests(ASKS, tests, 2, 0, "");
}

/* Host: layers of scripts, generations, reloading under requests, and the watch. */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "policy/decision.h"
#include "policy_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD  "local foyer = require(\"foyer\")\n"
#define ALLOW HEAD "foyer.rule(\"client.list\", function() return foyer.allow(\"%s\") end)"

static struct str reason(struct rules *rules)
{
    return rules_ask(rules, "client.list", NULL).reason;
}

static void reload(struct rules *rules, enum status wanted, const char *report)
{
    struct buf text;

    buf_init(&text, 10000);
    CHECK_INT(host_reload(rules->host, &text), wanted);
    CHECK_STR(str_trim(buf_view(&text)), report);
    buf_fini(&text);
}

static void allow(const char *name, const char *why)
{
    char source[200];

    snprintf(source, sizeof(source), ALLOW, why);
    rules_script(name, source);
}

TEST(the_shipped_scripts_and_plugins_load)
{
    struct rules rules;

    rules_open(&rules);
    CHECK_INT(host_generation(rules.host), 1);
    CHECK(!host_is_failing(rules.host));
    rules_begin(&rules);
    rules_staff(&rules, "view_clients");
    RULES_CHECK(&rules, "client.list", NULL, "allow");
    rules_end(&rules);
    rules_close(&rules);
}

TEST(an_admins_script_takes_the_place_of_the_shipped_one)
{
    struct rules rules;

    rules_script("permissions.lua", "-- Nothing is allowed.\n");
    rules_open(&rules);
    rules_begin(&rules);
    rules_staff(&rules, "view_clients");
    RULES_CHECK(&rules, "client.list", NULL, "deny");
    rules_end(&rules);
    unlink(test_path("data/scripts/permissions.lua"));
    reload(&rules, ST_OK, "");
    rules_begin(&rules);
    rules_staff(&rules, "view_clients");
    RULES_CHECK(&rules, "client.list", NULL, "allow");
    rules_end(&rules);
    rules_close(&rules);
}

TEST(a_request_keeps_the_generation_that_it_began_with)
{
    struct rules rules;
    struct policy *same, *fresh;

    allow("a.lua", "one");
    rules_open_alone(&rules);
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "one");
    allow("a.lua", "two");
    reload(&rules, ST_OK, "");
    CHECK_INT(host_generation(rules.host), 2);
    CHECK_STR(reason(&rules), "one");
    same = host_acquire_same(rules.policy, 1);
    rules.tx.policy = same;
    CHECK_STR(reason(&rules), "one");
    fresh = host_acquire(rules.host, 1);
    rules.tx.policy = fresh;
    CHECK_STR(reason(&rules), "two");
    CHECK_INT(host_generation_of(fresh), 2);
    host_release(same);
    host_release(fresh);
    rules_end(&rules);
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "two");
    rules_end(&rules);
    rules_close(&rules);
}

TEST(what_has_not_changed_is_no_new_generation)
{
    struct rules rules;

    allow("a.lua", "one");
    rules_open_alone(&rules);
    reload(&rules, ST_OK, "");
    allow("a.lua", "one");
    reload(&rules, ST_OK, "");
    CHECK_INT(host_generation(rules.host), 1);
    rules_close(&rules);
}

TEST(a_broken_script_never_replaces_a_working_one)
{
    struct rules rules;
    struct script_info script;

    allow("a.lua", "one");
    rules_open_alone(&rules);
    rules_script("a.lua", HEAD "foyer.rule(\"client.lisst\", function() end)\n");
    rules_script("b.lua", "local x = = 1\n");
    rules_script("c.lua", HEAD "\nfoyer.route(\"x\", function() end)\n");
    reload(&rules, ST_UNPROCESSABLE,
           "a.lua:2: there is no action \"client.lisst\": did you mean \"client.list\"?\n"
           "b.lua:1: unexpected symbol near '='\n"
           "c.lua:3: foyer.route: path must be a text, not function");
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "one");
    CHECK(host_script(rules.host, STR("a.lua"), &rules.arena, &script));
    CHECK_STR(script.report,
              "a.lua:2: there is no action \"client.lisst\": did you mean \"client.list\"?");
    CHECK(!str_eq(script.source, script.on_disk));
    rules_end(&rules);
    unlink(test_path("data/scripts/b.lua"));
    unlink(test_path("data/scripts/c.lua"));
    allow("a.lua", "two");
    reload(&rules, ST_OK, "");
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "two");
    rules_end(&rules);
    rules_close(&rules);
}

/* The shipped rules are no answer to that: they may allow what the admin's deny. */
TEST(a_link_that_leads_nowhere_does_not_bring_the_shipped_script_back)
{
    const char *path;
    struct rules rules;
    char report[4200];

    rules_script("permissions.lua", "-- Nothing is allowed.\n");
    rules_open(&rules);
    path = test_path("data/scripts/permissions.lua");
    unlink(path);
    CHECK_INT(symlink("/nothing/there", path), 0);
    snprintf(report, sizeof(report), "%s: cannot be read: No such file or directory", path);
    reload(&rules, ST_UNPROCESSABLE, report);
    rules_begin(&rules);
    rules_staff(&rules, "view_clients");
    RULES_CHECK(&rules, "client.list", NULL, "deny");
    rules_end(&rules);
    unlink(path);
    CHECK_INT(mkfifo(path, 0600), 0);
    snprintf(report, sizeof(report), "%s: cannot be read: it is no file", path);
    reload(&rules, ST_UNPROCESSABLE, report);
    rules_close(&rules);
}

TEST(a_server_that_begins_with_broken_scripts_denies_until_they_are_mended)
{
    struct rules rules;

    rules_script("a.lua", "this is no Lua");
    rules_open(&rules);
    CHECK(host_is_failing(rules.host));
    rules_begin(&rules);
    CHECK_INT(rules_ask(&rules, "client.list", NULL).verdict, VERDICT_ERROR);
    CHECK_INT(policy_may(&rules.tx, "client.list", NULL), ST_RULE_ERROR);
    rules_end(&rules);
    allow("a.lua", "mended");
    reload(&rules, ST_OK, "");
    CHECK(!host_is_failing(rules.host));
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "mended");
    rules_end(&rules);
    rules_close(&rules);
}

TEST(what_was_in_force_comes_back_after_a_restart_with_broken_scripts)
{
    struct rules rules;

    allow("a.lua", "one");
    rules_script("b.lua", "-- Beside it.");
    rules_open_alone(&rules);
    rules_close(&rules);
    rules_script("a.lua", "this is no Lua");
    rules_open_alone(&rules);
    CHECK(!host_is_failing(rules.host));
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "one");
    rules_end(&rules);
    reload(&rules, ST_UNPROCESSABLE, "a.lua:1: syntax error near 'is'");
    allow("a.lua", "two");
    reload(&rules, ST_OK, "");
    rules_close(&rules);

    rules_script("a.lua", "again no Lua");
    rules_open_alone(&rules);
    rules_begin(&rules);
    CHECK_STR(reason(&rules), "two");
    rules_end(&rules);
    rules_close(&rules);

    /* What cannot be read is nothing that was in force. */
    rules_script(".in-force", "scripts/a.lua 99999\nshort");
    rules_open_alone(&rules);
    CHECK(host_is_failing(rules.host));
    rules_close(&rules);
}

TEST(a_cycle_is_refused_and_printed)
{
    struct rules rules;

    rules_script("a.lua", HEAD
                 "foyer.rule(\"client.list\", { name = \"first\", after = \"third\" }, print)");
    rules_open_alone(&rules);
    rules_close(&rules);
    rules_script("a.lua", HEAD
                 "local function f() end\n"
                 "foyer.rule(\"client.list\", { name = \"first\", after = \"third\" }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"second\", after = { \"first\" } }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"third\", after = \"second\" }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"fourth\", before = \"nobody\" }, f)\n");
    rules_open_alone(&rules);
    reload(&rules, ST_UNPROCESSABLE,
           "a.lua:6: before = \"nobody\": no other function of rule \"client.list\" is called so; "
           "\"first\" \"second\" \"third\" are there");
    rules_script("a.lua", HEAD
                 "local function f() end\n"
                 "foyer.rule(\"client.list\", { name = \"first\", after = \"third\" }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"second\", after = { \"first\" } }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"third\", after = \"second\" }, f)\n");
    reload(&rules, ST_UNPROCESSABLE,
           "a.lua:3: the order of rule \"client.list\" goes in a circle: first → second → third → "
           "first");
    rules_close(&rules);
}

TEST(order_is_by_stage_and_name)
{
    struct rules rules;

    rules_script("a.lua", HEAD
                 "local function f() end\n"
                 "foyer.rule(\"client.list\", { name = \"late\", stage = \"audit\" }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"c\", after = \"b\" }, f)\n"
                 "foyer.rule(\"client.list\", { name = \"early\", stage = \"validate\" }, f)\n");
    rules_script("b.lua", HEAD "foyer.rule(\"client.list\", function() end)\n");
    rules_open_alone(&rules);
    rules_begin(&rules);
    CHECK_STR(rules_ask(&rules, "client.list", NULL).asked,
              "[{\"rule\":\"a.lua:5\",\"name\":\"early\",\"verdict\":\"abstain\"},"
              "{\"rule\":\"b.lua:2\",\"name\":\"b\",\"verdict\":\"abstain\"},"
              "{\"rule\":\"a.lua:4\",\"name\":\"c\",\"verdict\":\"abstain\"},"
              "{\"rule\":\"a.lua:3\",\"name\":\"late\",\"verdict\":\"abstain\"}]");
    rules_end(&rules);
    rules_close(&rules);
}

TEST(names_that_are_no_names_are_told)
{
    struct rules rules;
    struct buf report;

    allow("a.lua", "one");
    rules_open_alone(&rules);
    rules_script("a b.lua", "");
    rules_script(".hidden.lua", "this is no Lua");
    rules_script("a_test.lua", "this is no Lua");
    rules_script("notes.md", "this is no Lua");
    buf_init(&report, 10000);
    CHECK_INT(host_reload(rules.host, &report), ST_UNPROCESSABLE);
    CHECK(memmem(report.at, report.len, "a script's name is letters", 26) != NULL);
    CHECK(memmem(report.at, report.len, "no Lua", 6) == NULL);
    buf_fini(&report);
    rules_close(&rules);
}

TEST(a_script_is_checked_before_it_is_put)
{
    struct rules rules;
    struct script_info script;
    struct buf report;

    rules_open(&rules);
    buf_init(&report, 10000);
    CHECK_INT(host_put(rules.host, STR("x.lua"), STR("foyr = 1"), &report), ST_UNPROCESSABLE);
    CHECK_STR(str_trim(buf_view(&report)),
              "x.lua:1: assignment to undeclared global 'foyr': write local foyr = ...");
    buf_clear(&report);
    CHECK_INT(host_put(rules.host, STR("../x.lua"), STR(""), &report), ST_UNPROCESSABLE);
    CHECK_INT(host_generation(rules.host), 1);
    buf_clear(&report);
    CHECK_INT(host_put(rules.host, STR("permissions.lua"), STR("-- Closed.\n"), &report), ST_OK);
    CHECK_INT(host_generation(rules.host), 2);
    CHECK_STR(test_read_file(test_path("data/scripts/permissions.lua")), "-- Closed.\n");
    CHECK(host_script(rules.host, STR("permissions.lua"), &rules.arena, &script));
    CHECK_INT(script.origin, SCRIPT_CHANGED);
    CHECK_STR(script.describe, "Closed.");
    CHECK(!str_is_absent(script.shipped));
    CHECK_INT(host_put(rules.host, STR("permissions.lua"), STR_NONE, &report), ST_OK);
    CHECK(host_script(rules.host, STR("permissions.lua"), &rules.arena, &script));
    CHECK_INT(script.origin, SCRIPT_SHIPPED);
    CHECK(str_is_absent(script.on_disk));
    buf_fini(&report);
    rules_close(&rules);
}

TEST(two_broken_scripts_are_mended_one_after_the_other)
{
    struct rules rules;
    struct buf report;

    allow("a.lua", "one");
    rules_open_alone(&rules);
    rules_script("a.lua", "= 1");
    rules_script("b.lua", "= 2");
    CHECK_INT(host_reload(rules.host, NULL), ST_UNPROCESSABLE);
    buf_init(&report, 10000);
    CHECK_INT(host_put(rules.host, STR("a.lua"), STR("= 3"), &report), ST_UNPROCESSABLE);
    CHECK_STR(buf_view(&report), "a.lua:1: unexpected symbol near '='\n");
    buf_clear(&report);
    CHECK_INT(host_put(rules.host, STR("a.lua"), STR("-- fine"), &report), ST_CONFLICT);
    CHECK_STR(buf_view(&report), "b.lua:1: unexpected symbol near '='\n");
    buf_clear(&report);
    CHECK_INT(host_put(rules.host, STR("b.lua"), STR("-- fine, too"), &report), ST_OK);
    CHECK_INT(report.len, 0);
    CHECK_INT(host_generation(rules.host), 2);
    buf_fini(&report);
    rules_close(&rules);
}

/* Thousands of calls can fail: the first ones each, then ever fewer. */
TEST(a_fault_anywhere_leaves_the_rules_as_they_were)
{
    struct rules rules;
    bool was_hit = true;

    log_set_level(LOG_ERROR + 1);
    allow("a.lua", "one");
    rules_open_alone(&rules);
    for (uint64_t nth = 1; was_hit; nth += 1 + nth / 16) {
        const char *before = host_generation(rules.host) % 2 ? "one" : "two";
        const char *after = host_generation(rules.host) % 2 ? "two" : "one";
        enum status status;

        harness_note("with fallible call %llu failing", (unsigned long long)nth);
        allow("a.lua", after); /* so that each round has something new to load */
        fault_arm(1u << FAULT_LUA | 1u << FAULT_FILE, nth);
        status = host_reload(rules.host, NULL);
        rules_begin(&rules);
        CHECK(rules_ask(&rules, "client.list", NULL).verdict != VERDICT_DENY);
        rules_end(&rules);
        was_hit = fault_was_hit();
        fault_arm(0, 0);
        CHECK(status == ST_OK || was_hit);
        rules_begin(&rules);
        CHECK_STR(reason(&rules), status == ST_OK ? after : before);
        rules_end(&rules);
        arena_reset(&rules.arena);
    }
    rules_close(&rules);
}

TEST(the_watch_sees_what_changes_on_disk)
{
    struct rules rules;
    struct host_options options = { .slots = 1, .watch = true };
    struct host *watched;
    struct policy *policy;
    uint64_t deadline;

    allow("a.lua", "one");
    rules_open_alone(&rules);
    options.config = &rules.config;
    options.data = rules.data;
    options.runtime = rules_runtime();
    options.router = rules.router;
    CHECK_INT(host_open(&options, &watched, &rules.failure, &rules.arena), ST_OK);
    allow("a.lua", "two");
    deadline = clock_monotonic() + UINT64_C(30000000000) * (uint64_t)harness_scale();
    while (host_generation(watched) < 2 && clock_monotonic() < deadline)
        usleep(10000);
    rules_begin(&rules);
    rules.tx.policy = policy = host_acquire(watched, 0);
    CHECK_STR(reason(&rules), "two");
    host_release(policy);
    host_close(watched);
    rules_end(&rules);
    rules_close(&rules);
}

struct asking {
    struct rules *rules;
    size_t slot;
    atomic_bool *is_over;
    unsigned asked;
};

static void *ask_on_and_on(void *arg)
{
    struct asking *asking = arg;
    struct arena arena;

    arena_init(&arena, 8 << 20);
    while (!atomic_load(asking->is_over) || asking->asked < 20) {
        struct policy *policy = host_acquire(asking->rules->host, asking->slot);
        struct tx tx = { .arena = &arena, .policy = policy, .workspace = 1 };
        struct decision decision;

        policy_ask(&tx, "client.list", NULL, true, &decision);
        CHECK_INT(decision.verdict, VERDICT_ALLOW);
        decision_record(policy->decisions, &tx, "client.list", UUID_NONE, &decision);
        host_release(policy);
        arena_reset(&arena);
        asking->asked++;
    }
    arena_fini(&arena);
    return NULL;
}

TEST(threads_ask_while_scripts_are_reloaded)
{
    struct rules rules;
    struct asking asking[3];
    pthread_t threads[3];
    atomic_bool is_over = false;

    allow("a.lua", "begin");
    rules_open_alone(&rules);
    for (size_t i = 0; i < 3; i++) {
        asking[i] = (struct asking){ &rules, i, &is_over, 0 };
        CHECK_INT(pthread_create(&threads[i], NULL, ask_on_and_on, &asking[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        char why[20];

        snprintf(why, sizeof(why), "%d", i);
        allow("a.lua", why);
        reload(&rules, ST_OK, "");
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(host_generation(rules.host), 21);
    rules_close(&rules);
}

/* Trial: a changed script that keeps failing is left, for what was in force before. */
#include "each_fault.h"
#include "plugin/trial.h"
#include "policy_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD  "local foyer = require(\"foyer\")\n"
#define RULE  HEAD "foyer.rule(\"client.list\", function(ctx) "
#define GOOD  RULE "return foyer.allow(\"good\") end)"
#define FAILS RULE "return ctx.nothing.at_all end)"

static struct rules rules;

static void change(const char *source)
{
    if (source)
        rules_script("mine.lua", source);
    else
        unlink(test_path("data/scripts/mine.lua"));
    CHECK_INT(host_reload(rules.host, NULL), ST_OK);
}

static void begin(const char *source)
{
    if (source)
        rules_script("mine.lua", source);
    rules_open(&rules);
    rules.config.script_trial_seconds = 600;
}

/* So many requests; then the watch looks. The last answer: "allow: good", "error". */
static const char *ask(int times)
{
    static char answer[200];

    for (int i = 0; i < times; i++) {
        struct decision decision;

        rules_begin(&rules);
        decision = rules_ask(&rules, "client.list", NULL);
        snprintf(answer, sizeof(answer), "%s",
                 decision.verdict == VERDICT_ERROR ? "error"
                 : decision.reason.at              ? decision.reason.at
                                                   : "");
        rules_end(&rules);
    }
    host_end_trials(rules.host);
    return answer;
}

static const char *file(const char *name)
{
    static char text[1000];
    FILE *opened = fopen(test_path(name), "r");
    size_t len = opened ? fread(text, 1, sizeof(text) - 1, opened) : 0;

    text[len] = '\0';
    if (opened)
        fclose(opened);
    return opened ? text : "none";
}

TEST(what_keeps_failing_is_left_and_what_was_before_is_back)
{
    struct script_left left[2];

    begin(GOOD);
    change(FAILS);
    CHECK_STR(ask(TRIAL_FAILURES - 1), "error");
    CHECK_STR(ask(1), "error");
    CHECK_STR(ask(1), "good");
    CHECK_STR(file("data/scripts/mine.lua"), GOOD);
    CHECK_STR(file("data/scripts/mine.lua.quarantined"), FAILS);
    CHECK_INT(host_left(rules.host, &rules.arena, left, 2), 1);
    CHECK_STR(left[0].name, "mine.lua");
    CHECK_STR(left[0].source, FAILS);
    CHECK_STR(left[0].before, GOOD);
    CHECK_STR(left[0].report,
              "rule client.list failed 5 of 5 times: mine.lua:2: ctx has no \"nothing\"");
    host_left_kept(rules.host, 1);
    CHECK_INT(host_left(rules.host, &rules.arena, left, 2), 0);
    rules_close(&rules);
}

TEST(where_none_was_before_none_is_after)
{
    struct script_left left;

    begin(NULL);
    change(FAILS);
    ask(TRIAL_FAILURES);
    CHECK_STR(file("data/scripts/mine.lua"), "none");
    CHECK_INT(host_left(rules.host, &rules.arena, &left, 1), 1);
    CHECK(str_is_absent(left.before));
    rules_close(&rules);
}

TEST(what_fails_seldom_stays)
{
    begin(GOOD);
    change(RULE "if ctx.actor.isOwner then return ctx.nothing.at_all end"
                " return foyer.allow(\"new\") end)");
    CHECK_STR(ask(20), "new");
    for (int i = 0; i < 2 * TRIAL_FAILURES; i++) {
        rules_begin(&rules);
        rules.tx.actor.is_owner = true;
        CHECK_INT(rules_ask(&rules, "client.list", NULL).verdict, VERDICT_ERROR);
        rules_end(&rules);
    }
    CHECK_STR(ask(1), "new");
    CHECK_STR(ask(1), "new");
    rules_close(&rules);
}

TEST(one_function_of_many_is_enough)
{
    begin(GOOD);
    change(GOOD "\nfoyer.rule(\"client.read\", function(ctx) return ctx.nothing.at_all end)");
    CHECK_STR(ask(100), "good");
    for (int i = 0; i < TRIAL_FAILURES; i++) {
        rules_begin(&rules);
        rules_ask(&rules, "client.read", NULL);
        rules_end(&rules);
    }
    ask(0);
    CHECK_STR(file("data/scripts/mine.lua"), GOOD);
    rules_close(&rules);
}

TEST(where_there_is_nothing_good_to_go_back_to_it_stays)
{
    begin(FAILS);
    ask(2 * TRIAL_FAILURES); /* as it was at the start: not on trial */
    CHECK_STR(file("data/scripts/mine.lua"), FAILS);
    change(FAILS " -- mended?");
    ask(2 * TRIAL_FAILURES);
    CHECK_STR(file("data/scripts/mine.lua"), FAILS " -- mended?");
    rules_close(&rules);
}

TEST(what_is_put_back_is_not_on_trial)
{
    begin(RULE "return ctx.nothing.at_all end) -- as it was");
    change(FAILS);
    ask(TRIAL_FAILURES);
    CHECK_STR(file("data/scripts/mine.lua"), RULE "return ctx.nothing.at_all end) -- as it was");
    ask(2 * TRIAL_FAILURES);
    CHECK_STR(file("data/scripts/mine.lua"), RULE "return ctx.nothing.at_all end) -- as it was");
    rules_close(&rules);
}

TEST(a_change_of_another_script_ends_no_trial)
{
    begin(GOOD);
    change(FAILS);
    ask(TRIAL_FAILURES - 1);
    rules_script("other.lua", "-- Another.\n");
    CHECK_INT(host_reload(rules.host, NULL), ST_OK);
    ask(1);
    CHECK_STR(file("data/scripts/mine.lua"), GOOD);
    rules_close(&rules);
}

TEST(what_somebody_changed_meanwhile_is_not_touched)
{
    begin(GOOD);
    change(FAILS);
    ask(TRIAL_FAILURES - 1);
    rules_script("mine.lua", "-- Mended, and not yet read.\n");
    ask(1);
    CHECK_STR(file("data/scripts/mine.lua"), "-- Mended, and not yet read.\n");
    CHECK_STR(file("data/scripts/mine.lua.quarantined"), "none");
    rules_close(&rules);
}

TEST(what_is_asked_beside_requests_and_without_a_trial_counts_nothing)
{
    begin(GOOD);
    change(FAILS);
    for (int i = 0; i < 2 * TRIAL_FAILURES; i++) {
        struct policy *beside;

        rules_begin(&rules);
        beside = rules.tx.policy = host_beside(rules.policy);
        CHECK_INT(rules_ask(&rules, "client.list", NULL).verdict, VERDICT_ERROR);
        host_beside_end(beside);
        rules_end(&rules);
    }
    ask(0);
    CHECK_STR(file("data/scripts/mine.lua"), FAILS);
    rules.config.script_trial_seconds = 0;
    change(GOOD);
    change(FAILS);
    ask(2 * TRIAL_FAILURES);
    CHECK_STR(file("data/scripts/mine.lua"), FAILS);
    rules_close(&rules);
}

TEST(a_put_takes_the_file_of_the_one_that_failed_away)
{
    struct buf report;

    begin(GOOD);
    change(FAILS);
    ask(TRIAL_FAILURES);
    CHECK_STR(file("data/scripts/mine.lua.quarantined"), FAILS);
    buf_init(&report, 1000);
    CHECK_INT(host_put(rules.host, STR("mine.lua"), STR("-- Mended.\n"), &report), ST_OK);
    buf_fini(&report);
    CHECK_STR(file("data/scripts/mine.lua.quarantined"), "none");
    rules_close(&rules);
}

TEST(whatever_cannot_be_written_no_text_is_lost)
{
    begin(GOOD);
    EACH_FAULT(1u << FAULT_FILE)
    {
        struct script_left left;
        bool was_hit;

        fault_arm(0, 0);
        change(GOOD);
        change(FAILS);
        unlink(test_path("data/scripts/mine.lua.quarantined"));
        for (int i = 0; i < TRIAL_FAILURES; i++) {
            rules_begin(&rules);
            rules_ask(&rules, "client.list", NULL);
            rules_end(&rules);
        }
        fault_arm(each_fault.sites, each_fault.nth);
        host_end_trials(rules.host);
        was_hit = EACH_FAULT_END();
        if (strcmp(file("data/scripts/mine.lua"), FAILS) != 0)
            CHECK_STR(file("data/scripts/mine.lua.quarantined"), FAILS);
        host_left_kept(rules.host, host_left(rules.host, &rules.arena, &left, 1));
        if (!was_hit)
            CHECK_STR(file("data/scripts/mine.lua"), GOOD);
    }
    rules_close(&rules);
}

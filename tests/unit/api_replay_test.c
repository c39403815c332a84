/* Replay: recorded decisions are asked again, with what was read then in the place of today's values. */
#include "api/replay.h"
#include "policy_fixture.h"
#include "store/client.h"
#include "store/query.h"
#include "store/staff.h"
#include "store_fixture.h"

#include <string.h>

#define HEAD "local foyer = require(\"foyer\")\n"

static struct store store;
static struct rules rules;
static struct tx tx;
static struct workspace workspace;
static struct internal_user ann;
static struct client jane;
static struct replay replay;

/* Ann, of the staff, and Jane. */
static void begin(void)
{
    rules_open(&rules);
    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    tx.actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "system" };
    tx.policy = host_acquire(rules.host, 0);
    CHECK_INT(workspace_create(&tx, STR("Test"), &workspace), ST_OK);
    tx.workspace = workspace.seq;
    tx.workspace_id = workspace.id;
    ann = (struct internal_user){ .given_name = STR("Ann"),
                                  .family_name = STR("Lee"),
                                  .email = STR("ann@example.com"),
                                  .role = STR("Staff") };
    CHECK_INT(internal_user_create(&tx, &ann), ST_OK);
    jane = (struct client){ .given_name = STR("Jane"),
                            .family_name = STR("Doe"),
                            .email = STR("jane@example.com"),
                            .position = STR("Boss"),
                            .custom_fields = STR("{}") };
    CHECK_INT(client_create(&tx, &jane), ST_OK);
}

static void end(void)
{
    host_release(tx.policy);
    tx_job_end(&tx, false);
    tx_batch_abandon(store.db);
    store_close(&store);
    rules_close(&rules);
}

static void decided(struct uuid actor, const char *action, struct uuid subject, const char *reads)
{
    query_run(&tx,
              "INSERT INTO decisions (workspace, at, request_id, actor_kind, actor_id, action,"
              " entity_id, verdict, reads, nanoseconds)"
              " VALUES ($1, 1, 'r-1', 'internalUser', $2, $3, $4, 'deny', $5, 1)",
              ARGS(arg_int(tx.workspace), arg_id(actor), arg_text(str_from(action)),
                   arg_id(subject), arg_text(reads ? str_from(reads) : STR_NONE)));
    CHECK_INT(tx_status(&tx), ST_OK);
}

/* With the rule beside the shipped ones. "same N, denied N, …" of what is not 0. */
static const char *ask(const char *rule)
{
    static const char *const names[] = { "same",  "denied",    "allowed",
                                         "error", "otherwise", "cannot tell" };
    const struct script_overlay overlay = {
        .name = STR("mine.lua"), .source = str_concat(&store.arena, STR(HEAD), str_from(rule))
    };
    struct str text = STR("");
    struct policy *candidate;
    struct buf report;

    buf_init(&report, 16 << 10);
    candidate = host_try(rules.host, &overlay, 1, &report);
    harness_note("%.*s", STR_ARG(buf_view(&report)));
    CHECK(candidate != NULL);
    CHECK_INT(replay_run(&tx, candidate, &replay), ST_OK);
    host_try_end(candidate);
    buf_fini(&report);
    for (int i = 0; i < REPLAY_KINDS; i++)
        if (replay.counts[i])
            text = str_printf(&store.arena, "%.*s%s%s %zu", STR_ARG(text), text.len ? ", " : "",
                              names[i], replay.counts[i]);
    return text.at;
}

#define DENY_ALL "foyer.rule(\"client.delete\", function() return foyer.deny(\"no\") end)"

TEST(what_was_read_takes_the_place_of_what_is_so_today)
{
    begin();
    decided(ann.id, "client.delete", jane.id, "{\"actor:can(delete_clients)\":false}");
    CHECK_STR(str_from(ask("")), "same 1"); /* whatever she may today */
    CHECK_STR(str_from(ask(DENY_ALL)), "otherwise 1");
    decided(ann.id, "client.delete", jane.id, "{\"actor:can(delete_clients)\":true}");
    CHECK_STR(str_from(ask(DENY_ALL)), "denied 1, otherwise 1");
    CHECK_STR(replay.examples[0].who, "ann@example.com");
    CHECK_INT(replay.examples[0].before.verdict, VERDICT_ALLOW);
    CHECK_STR(replay.examples[0].after.rule, "mine.lua:2");
    decided(ann.id, "client.delete", jane.id,
            "{\"actor:can(delete_clients)\":true,\"target.position\":\"Clerk\"}");
    CHECK_STR(str_from(ask("foyer.rule(\"client.delete\", function(ctx)"
                           " if ctx.target.position == \"Clerk\" then return foyer.deny(\"no\") end"
                           " end)")),
              "same 2, denied 1");
    end();
}

TEST(who_and_what_is_gone_cannot_be_told)
{
    begin();
    decided(rules_id(7), "client.delete", jane.id, "{}");
    decided(ann.id, "client.delete", rules_id(8), "{\"actor:can(delete_clients)\":true}");
    decided(ann.id, "client.fly", jane.id, "{}");
    CHECK_STR(str_from(ask(DENY_ALL)), "cannot tell 3");
    CHECK_INT(replay.example_count, 0);
    end();
}

TEST(what_was_not_recorded_of_a_body_cannot_be_told)
{
    begin();
    decided(ann.id, "client.create", UUID_NONE,
            "{\"actor:can(create_clients)\":true,\"target.givenName\":\"Eve\"}");
    CHECK_STR(str_from(ask("foyer.rule(\"client.create\", function(ctx)"
                           " if ctx.target.givenName == \"Eve\" then return foyer.deny(\"no\") end"
                           " end)")),
              "denied 1");
    CHECK_STR(str_from(ask("foyer.rule(\"client.create\", function(ctx)"
                           " if ctx.target.position then return foyer.deny(\"no\") end end)")),
              "cannot tell 1");
    end();
}

TEST(questions_that_change_alike_are_one_example_and_nothing_is_written)
{
    int64_t before;

    begin();
    for (int i = 0; i < 150; i++)
        decided(ann.id, "client.delete", jane.id, "{\"actor:can(delete_clients)\":true}");
    before = query_one_int(&tx, 0, "SELECT count(*) FROM decisions", NO_ARGS);
    CHECK_STR(str_from(ask("foyer.rule(\"client.delete\", function(ctx)"
                           " return foyer.deny(ctx.nothing.at_all) end)")),
              "error 150");
    CHECK_INT(replay.example_count, 1);
    CHECK_INT(replay.examples[0].times, 150);
    CHECK_INT(host_flush_decisions(rules.host, &tx), 0);
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM decisions", NO_ARGS), before);
    end();
}

TEST(decisions_of_another_workspace_are_not_asked)
{
    begin();
    decided(ann.id, "client.delete", jane.id, "{}");
    tx.workspace++;
    CHECK_STR(str_from(ask(DENY_ALL)), "");
    CHECK_INT(replay.asked, 0);
    tx.workspace = 0; /* a command: those of all */
    CHECK_STR(str_from(ask(DENY_ALL)), "otherwise 1");
    end();
}

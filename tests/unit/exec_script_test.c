/* Handlers of events on their thread: who gets what, in which order, how often, and beside whom. */
#include "each_fault.h"
#include "script_bench.h"

#include <stdio.h>
#include <string.h>

#define OPEN    "SELECT count(*) FROM deliveries WHERE ended_at IS NULL"
#define DONE    "SELECT count(*) FROM deliveries WHERE status = 2"
#define ERROR   "SELECT error_message FROM deliveries ORDER BY tried_at DESC, seq DESC LIMIT 1"
#define WRITTEN "SELECT coalesce(position, '') FROM clients ORDER BY seq LIMIT 1"

/* Each call appends a text to what stands as position of the client. */
#define APPEND                                                                                     \
    "foyer.transaction(\"append\", function(ctx, args)\n"                                          \
    "  local path = \"/v1/clients/\" .. args.id\n"                                                 \
    "  local text = (foyer.api(\"GET\", path).body.position or \"\") .. args.text\n"               \
    "  local answer = foyer.api(\"PATCH\", path, { body = { position = text } })\n"                \
    "  assert(answer.status == 200 and ctx.actor.kind == \"plugin\")\n"                            \
    "  return { text }\n"                                                                          \
    "end)\n"

TEST(an_event_reaches_each_handler_that_listens_and_no_other)
{
    struct script_bench bench;

    script_bench_open(
        &bench, "foyer.on(\"client.created\", function() end)\n"
                "foyer.on(\"client.created\", { name = \"second\" }, function(event, ctx)\n"
                "  assert(event.name == \"client.created\" and event.number == 1)\n"
                "  assert(event.data.id == event.entityId and ctx.attempt == 1)\n"
                "  assert(event.actorType == \"system\" and ctx.actor:can(\"view_clients\"))\n"
                "end)\n"
                "foyer.on(\"client.deleted\", function() error(\"not asked\") end)\n");
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_tell(&bench, "client.updated", 0);
    script_bench_wait(&bench, DONE, 2);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM deliveries"), 2);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM delivery_steps"), 0);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

/* Not a row, and not a transaction of the chore's. */
TEST(where_nobody_listens_nobody_pays)
{
    struct script_bench bench;

    script_bench_open(&bench, "");
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0); /* the first look finds nobody */
    script_bench_wait(&bench, "SELECT 1", 1);
    script_bench_tell(&bench, "client.created", 0);
    for (int i = 0; i < 3; i++) {
        script_bench_tell(&bench, "client.created", 0);
        CHECK(!bench.server.fan.has_listeners);
    }
    script_bench_stop(&bench);
    CHECK(!fan_is_wanted(&bench.server));
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM deliveries"), 0);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM delivery_marks"), 0);
    CHECK_INT(
        script_bench_ask(&bench, "SELECT count(*) FROM handlers WHERE event <> 'webhook.due'"), 0);
    script_bench_close(&bench);
}

TEST(events_of_one_thing_come_in_order_and_those_of_others_go_on)
{
    struct script_bench bench;

    script_bench_open(
        &bench,
        APPEND "foyer.on(\"client.created\", function(event, ctx)\n"
               "  if event.number == 1 and ctx.attempt == 1 then error(\"later\") end\n"
               "  foyer.run(\"append\", { id = event.entityId, text = event.number .. \",\" })\n"
               "end)\n");
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE status = 1", 1);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_tell(&bench, "client.created", 1);
    script_bench_wait(&bench, DONE, 1);
    CHECK_INT(script_bench_ask(&bench, "SELECT event_seq FROM deliveries WHERE status = 2"), 3);
    CHECK_INT(script_bench_ask(&bench, "SELECT due_at IS NULL FROM deliveries WHERE event_seq = 2"),
              1);
    script_bench_hurry(&bench);
    script_bench_wait(&bench, OPEN, 0);
    CHECK_STR(script_bench_text(&bench, WRITTEN), "1,2,");
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

static void check_is_done_once(bool stutters)
{
    struct script_bench bench;

    script_bench_open(
        &bench,
        APPEND "foyer.on(\"client.restored\", function(event, ctx)\n"
               "  local first = foyer.run(\"append\", { id = event.entityId, text = \"a\" })\n"
               "  foyer.api(\"POST\", \"/v1/clients\", { body = { givenName = \"New\",\n"
               "    familyName = \"One\", email = \"new@example.com\" } })\n"
               "  if ctx.attempt < 3 then error(\"not yet\") end\n"
               "  assert(first[1] == \"a\")\n"
               "  return foyer.run(\"append\", { id = event.entityId, text = \"b\" })\n"
               "end)\n");
    script_bench_start(&bench, stutters);
    script_bench_tell(&bench, "client.restored", 0);
    for (int attempt = 1; attempt <= 2; attempt++) {
        script_bench_wait(&bench, "SELECT attempts FROM deliveries ORDER BY seq LIMIT 1", attempt);
        CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM delivery_steps"), 2);
        script_bench_hurry(&bench);
    }
    script_bench_wait(&bench, "SELECT status FROM deliveries ORDER BY seq LIMIT 1", 2);
    CHECK_STR(script_bench_text(&bench, WRITTEN), "ab");
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM clients WHERE given_name = 'New'"), 1);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM delivery_steps s JOIN deliveries d ON"
                                       " d.seq = s.delivery WHERE d.status = 2"),
              0);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(what_a_handler_changed_is_not_changed_again_by_its_next_try)
{
    check_is_done_once(false);
}

TEST(a_handler_that_stutters_changes_things_once)
{
    check_is_done_once(true);
}

TEST(any_failing_commit_leaves_each_change_done_once)
{
    struct script_bench bench;
    char wanted[64] = "";

    script_bench_open(&bench,
                      APPEND "foyer.on(\"client.created\", function(event)\n"
                             "  foyer.run(\"append\", { id = event.entityId, text = \"x\" })\n"
                             "end)\n");
    script_bench_start(&bench, false);
    for (int nth = 1; nth <= 8; nth++) {
        script_bench_tell(&bench, "client.created", 0);
        fault_arm(1u << FAULT_COMMIT, (uint64_t)(nth + 1) / 2);
        for (int i = 0; i < 1000 && script_bench_ask(&bench, DONE) < nth; i++) {
            if (fault_was_hit())
                fault_arm(0, 0);
            if (script_bench_ask(&bench, "SELECT count(*) FROM deliveries WHERE status = 1")) {
                fault_arm(0, 0);
                script_bench_hurry(&bench);
            }
        }
        fault_arm(0, 0);
        script_bench_wait(&bench, DONE, nth);
        wanted[nth - 1] = 'x';
        CHECK_STR(script_bench_text(&bench, WRITTEN), wanted);
    }
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(an_endless_handler_delays_no_other_handler)
{
    struct script_bench bench;

    script_bench_open(
        &bench, "foyer.on(\"client.created\", function() while true do end end)\n"
                "foyer.on(\"client.updated\", function(event)\n"
                "  assert(foyer.api(\"GET\", \"/v1/clients/\" .. event.entityId).status == 200)\n"
                "end)\n");
    script_bench_start(&bench, false);
    for (int i = 0; i < BENCH_CLIENTS; i++)
        script_bench_tell(&bench, "client.created", i);
    script_bench_tell(&bench, "client.updated", 0);
    script_bench_wait(&bench, DONE, 1);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM deliveries WHERE attempts > 0"), 0);
    script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE status = 1", BENCH_CLIENTS);
    CHECK(strstr(script_bench_text(&bench, ERROR),
                 "took longer than")); /* 2 s of CPU, or 30 in all */
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(hostile_handlers_end_with_a_word_and_leave_the_others_alone)
{
    static const struct {
        const char *body, *error;
    } hostile[] = {
        { "table.sort({ 2, 1 }, function() while true do end end)",
          "a callback (of table.sort, string.gsub …) took longer than 20 ms" },
        { "local t = {} while true do t[#t + 1] = string.rep(\"x\", 10000) .. #t end",
          "needs more memory than 16 MiB in all or 1024 KiB in one value" },
        { "local t = setmetatable({}, { __index = function(t, k) while true do end end }) return "
          "t.x",
          "took longer than " },
        { "local function deep() return deep() + 1 end deep()", "stack overflow" },
        { "error()", "error object is a nil value" },
        { "coroutine.yield()", "coroutine.yield: nothing may wait here" },
        { "error(foyer.api(\"GET\", string.rep(\"x\", 1000000)).status)", "4" },
        { "foyer.api(\"GET\", \"/v1/clients\", { query = { limit = {} } }) error(\"went on\")",
          "went on" },
        { "table.sort({ 2, 1 }, function() foyer.api(\"GET\", \"/v1/clients\") end)",
          "nothing may wait inside of a callback (of table.sort, string.gsub …)" },
        { "foyer.run(\"appendd\")",
          "there is no transaction \"appendd\" here: did you mean \"append\"?" },
        { "foyer.run(\"append\", { text = type })", "bad argument" },
        { "foyer.run(\"append\", { id = \"x\", text = \"\" })",
          "foyer.run: append: listens.lua:6: assertion failed!" },
        { "foyer.run(\"endless\")", "foyer.run: endless: listens.lua:9: took longer than 20 ms" },
        { "foyer.allow()", "foyer.allow is called in rules, not in an event handler" },
        { "return ctx.target", "ctx.target is not there in an event handler: ask foyer.api" },
    };
    struct script_bench bench;

    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        char source[2000];
        const char *error;

        harness_note("%s", hostile[i].body);
        snprintf(source, sizeof(source),
                 APPEND "foyer.transaction(\"endless\", function() while true do end end)\n"
                        "foyer.on(\"client.created\", function(event, ctx) %s end)\n"
                        "foyer.on(\"client.updated\", function() end)\n",
                 hostile[i].body);
        script_bench_open(&bench, source);
        script_bench_start(&bench, false);
        script_bench_tell(&bench, "client.created", 0);
        script_bench_wait(&bench, "SELECT attempts FROM deliveries", 1);
        error = script_bench_text(&bench, ERROR);
        if (strncmp(error, hostile[i].error, strlen(hostile[i].error)) != 0)
            CHECK_STR(error, hostile[i].error);
        script_bench_tell(&bench, "client.updated", 0);
        script_bench_wait(&bench, DONE, 1);
        script_bench_stop(&bench);
        script_bench_close(&bench);
    }
}

TEST(a_handler_that_fails_half_of_the_time_gets_everything_done)
{
    enum { EVENTS = 20 };
    struct script_bench bench;

    script_bench_open(&bench,
                      APPEND "foyer.on(\"client.created\", function(event, ctx)\n"
                             "  foyer.run(\"append\", { id = event.entityId, text = \".\" })\n"
                             "  if (event.number + ctx.attempt) % 2 == 0 then error(\"half\") end\n"
                             "end)\n");
    script_bench_start(&bench, false);
    for (int i = 0; i < EVENTS; i++)
        script_bench_tell(&bench, "client.created", 0);
    while (script_bench_ask(&bench, DONE) < EVENTS)
        script_bench_hurry(&bench);
    CHECK_STR(script_bench_text(&bench, WRITTEN), "....................");
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(what_an_end_has_interrupted_is_done_by_the_next_start)
{
    struct script_bench bench;

    script_bench_open(&bench,
                      APPEND "foyer.on(\"client.created\", function(event)\n"
                             "  foyer.run(\"append\", { id = event.entityId, text = \"x\" })\n"
                             "  for i = 1, 1000000 do end\n"
                             "  foyer.run(\"append\", { id = event.entityId, text = \"y\" })\n"
                             "end)\n");
    script_bench_start(&bench, false);
    for (int i = 0; i < BENCH_CLIENTS; i++)
        script_bench_tell(&bench, "client.created", i);
    script_bench_wait(&bench, "SELECT count(*) > 0 FROM delivery_steps", 1);
    script_bench_stop(&bench);
    script_bench_start(&bench, false);
    script_bench_wait(&bench, DONE, BENCH_CLIENTS);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM clients WHERE position = 'xy'"),
              BENCH_CLIENTS);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(a_plugin_may_what_its_capabilities_say)
{
    static const char source[] =
        "foyer.on(\"client.created\", function(event)\n"
        "  local path = \"/v1/clients/\" .. event.entityId\n"
        "  error(foyer.api(\"GET\", path).status .. \" \" ..\n"
        "    foyer.api(\"PATCH\", path, { body = { position = \"x\" } }).status)\n"
        "end)\n";
    static const struct {
        const char *capabilities, *answers;
    } cases[] = {
        { "\"api\"", "404 404" },
        { "\"api\", \"view_clients\"", "200 403" },
        { "\"api\", \"view_clients\", \"edit_clients\"", "200 200" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct script_bench bench;
        char manifest[500];

        snprintf(manifest, sizeof(manifest),
                 "{ \"id\": \"crm\", \"name\": \"CRM\", \"version\": \"1.0.0\", \"api\": 1,\n"
                 "  \"provides\": { \"event\": [\"client.created\"] }, \"capabilities\": [%s] }",
                 cases[i].capabilities);
        script_bench_open_plugin(&bench, manifest, source);
        script_bench_start(&bench, false);
        script_bench_tell(&bench, "client.created", 0);
        script_bench_wait(&bench, "SELECT attempts FROM deliveries", 1);
        CHECK_STR(script_bench_text(&bench, ERROR), cases[i].answers);
        script_bench_stop(&bench);
        script_bench_close(&bench);
    }
}

/* foyer.events.emit: what scripts tell each other, with the change that it belongs to, and once. */
#include "harness.h"
#include "script_bench.h"

#include <string.h>

#define DONE  "SELECT count(*) FROM deliveries WHERE status = 2"
#define TOLD  "SELECT count(*) FROM events WHERE name LIKE 'listens.%'"
#define ERROR "SELECT error_message FROM deliveries WHERE error_message IS NOT NULL LIMIT 1"

static void check_text(struct script_bench *bench, const char *sql, const char *wanted)
{
    CHECK_STR(str_from(script_bench_text(bench, sql)), wanted);
}

static void check_told_once(bool stutters)
{
    struct script_bench bench;

    script_bench_open(
        &bench,
        "foyer.transaction(\"mend\", function(ctx, args)\n"
        "  foyer.events.emit(\"listens.mended\", { key = args.id, data = { by = \"mend\" } })\n"
        "end)\n"
        "foyer.on(\"client.created\", { name = \"first\" }, function(event, ctx)\n"
        "  foyer.run(\"mend\", { id = event.entityId })\n"
        "  foyer.events.emit(\"listens.seen\", { key = event.entityId, data = { list = { 1, 2 } } "
        "})\n"
        "  foyer.events.emit(\"listens.bare\")\n"
        "  if ctx.attempt < 3 then error(\"not yet\") end\n"
        "end)\n"
        "foyer.on(\"listens.mended\", function(event)\n"
        "  assert(event.entity == \"listens\" and event.data.by == \"mend\")\n"
        "  assert(event.actorType == \"plugin\")\n"
        "end)\n"
        "foyer.on(\"listens.seen\", function(event) assert(event.data.list[2] == 2) end)\n"
        "foyer.on(\"listens.bare\", function(event) assert(not next(event.data)) end)\n");
    script_bench_start(&bench, stutters);
    script_bench_tell(&bench, "client.created", 0);
    for (int attempt = 1; attempt <= 2; attempt++) {
        script_bench_wait(&bench, "SELECT attempts FROM deliveries ORDER BY seq LIMIT 1", attempt);
        script_bench_hurry(&bench);
    }
    script_bench_wait(&bench, DONE, 4);
    CHECK_INT(script_bench_ask(&bench, TOLD), 3);
    CHECK_INT(script_bench_ask(&bench,
                               "SELECT count(*) FROM events WHERE name = 'listens.mended' AND"
                               " entity_id = (SELECT entity_id FROM events WHERE name ="
                               " 'client.created') AND depth = 1"),
              1);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(what_a_script_tells_reaches_others_and_is_told_once)
{
    check_told_once(false);
}

TEST(what_a_stuttering_script_tells_is_told_once)
{
    check_told_once(true);
}

TEST(what_is_undone_was_never_told)
{
    struct script_bench bench;

    script_bench_open(&bench, "foyer.transaction(\"mend\", function()\n"
                              "  foyer.events.emit(\"listens.mended\")\n"
                              "  error(\"no\")\n"
                              "end)\n"
                              "foyer.on(\"client.created\", function()\n"
                              "  assert(not pcall(foyer.run, \"mend\"))\n"
                              "end)\n");
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, DONE, 1);
    CHECK_INT(script_bench_ask(&bench, TOLD), 0);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

TEST(nobody_tells_in_the_name_of_others)
{
    struct script_bench bench;

    script_bench_open(
        &bench,
        "local cases = {\n"
        "  { \"client.created\", nil, 'must begin with \"listens.\"' },\n"
        "  { \"listens\", nil, 'must begin with \"listens.\"' },\n"
        "  { \"listens.\", nil, 'must begin with \"listens.\"' },\n"
        "  { \"listensx.a\", nil, 'must begin with \"listens.\"' },\n"
        "  { \"listens.a b\", nil, \"letters, digits\" },\n"
        "  { \"listens.\" .. (\"a\"):rep(100), nil, \"at most 100\" },\n"
        "  { \"listens.a\", { key = \"jane\" }, \"key must be an id\" },\n"
        "  { \"listens.a\", { data = \"text\" }, \"data must be a table\" },\n"
        "  { \"listens.a\", { date = {} }, \"unknown\" },\n"
        "  { \"listens.a\", { data = { f = type } }, \"is a function\" },\n"
        "  { \"listens.a\", { data = { text = (\"x\"):rep(70000) } }, \"at most 64 KiB\" },\n"
        "}\n"
        "foyer.transaction(\"flood\", function()\n"
        "  for i = 1, 21 do foyer.events.emit(\"listens.many\") end\n"
        "end)\n"
        "foyer.on(\"client.created\", function()\n"
        "  for i, case in ipairs(cases) do\n"
        "    local good, why = pcall(foyer.events.emit, case[1], case[2])\n"
        "    assert(not good and why:find(case[3], 1, true), i .. \": \" .. tostring(why))\n"
        "  end\n"
        "  local good, why = pcall(foyer.run, \"flood\")\n"
        "  assert(not good and why:find(\"more than 20 events\", 1, true), why)\n"
        "end)\n");
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE tried_at > 0", 1);
    check_text(&bench, "SELECT coalesce(error_message, '') FROM deliveries", "");
    CHECK_INT(script_bench_ask(&bench, TOLD), 0);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

/* Two scripts that answer each other end as handlers that cause changes do. */
TEST(scripts_that_answer_each_other_end)
{
    struct script_bench bench;

    script_bench_open(&bench, "foyer.on(\"client.created\", function(event)\n"
                              "  foyer.events.emit(\"listens.ping\", { key = event.entityId })\n"
                              "end)\n"
                              "foyer.on(\"listens.ping\", function(event)\n"
                              "  foyer.events.emit(\"listens.ping\", { key = event.entityId })\n"
                              "end)\n");
    script_bench_start(&bench, false);
    script_bench_tell(&bench, "client.created", 0);
    script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE status = 3", 1);
    CHECK(strstr(script_bench_text(&bench, ERROR), "in a circle"));
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

/* Jobs of scripts: planned in each workspace, begun when they are due, never over each other. */
#include "base/clock.h"
#include "harness.h"
#include "plugin/host.h"
#include "script_bench.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>

/* One run of the chore at an instant, as the writer would make it. */
static size_t plan(struct script_bench *bench, int64_t now)
{
    size_t begun;
    struct tx tx;

    CHECK_INT(tx_batch_begin(bench->made.db), ST_OK);
    tx_init(&tx, bench->made.db, &bench->made.arena, now);
    CHECK_INT(tx_job_begin(&tx), ST_OK);
    begun = planner_run(&tx, &bench->server);
    if (tx_status(&tx) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(tx.failure.message));
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(bench->made.db, now), ST_OK);
    planner_kept(&bench->server);
    return begun;
}

static void run_sql(struct script_bench *bench, const char *sql)
{
    struct tx tx;

    CHECK_INT(tx_batch_begin(bench->made.db), ST_OK);
    tx_init(&tx, bench->made.db, &bench->made.arena, clock_wall());
    CHECK_INT(tx_job_begin(&tx), ST_OK);
    query_run(&tx, str_printf(&bench->made.arena, "%s", sql).at, NO_ARGS);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(bench->made.db, clock_wall()), ST_OK);
}

#define OPEN "SELECT count(*) FROM deliveries WHERE ended_at IS NULL"
#define OVER                                                                                       \
    "UPDATE deliveries SET status = 2, due_at = NULL, ended_at = created_at WHERE ended_at IS "    \
    "NULL"

TEST(a_job_is_begun_when_it_is_due_and_not_while_the_last_one_runs)
{
    struct script_bench bench;
    int64_t now = clock_wall() + CLOCK_DAY, next;

    script_bench_open(&bench, "foyer.job(\"tidy\", { every = \"2h\" }, function() end)\n");
    CHECK(planner_is_wanted(&bench.server));
    CHECK_INT(plan(&bench, now), 0);
    next = script_bench_ask(&bench, "SELECT next_at FROM jobs");
    CHECK_INT(next, now + 2 * CLOCK_HOUR);
    CHECK_INT(bench.server.planner.next_at, next);
    CHECK_INT(plan(&bench, next - 1), 0);
    CHECK_INT(plan(&bench, next), 1);
    CHECK_INT(script_bench_ask(&bench, OPEN), 1);
    CHECK_STR(script_bench_text(&bench, "SELECT plugin || ' ' || handler || ' ' || event FROM"
                                        " deliveries"),
              "listens.lua tidy job.due");
    CHECK_INT(script_bench_ask(&bench, "SELECT next_at FROM jobs"), next + 2 * CLOCK_HOUR);

    /* It runs still: this time is left out. */
    CHECK_INT(plan(&bench, next + 2 * CLOCK_HOUR), 1);
    CHECK_INT(script_bench_ask(&bench, OPEN), 1);
    run_sql(&bench, OVER);

    /* Days without a server are made up for once. */
    CHECK_INT(plan(&bench, next + 5 * CLOCK_DAY), 1);
    CHECK_INT(plan(&bench, next + 5 * CLOCK_DAY), 0);
    CHECK_INT(script_bench_ask(&bench, OPEN), 1);
    CHECK_INT(script_bench_ask(&bench, "SELECT next_at FROM jobs"),
              next + 5 * CLOCK_DAY + 2 * CLOCK_HOUR);
    script_bench_close(&bench);
}

TEST(a_job_goes_by_the_zone_of_its_workspace)
{
    struct script_bench bench;
    int64_t now, wanted;

    CHECK(clock_parse(STR("2031-07-01T00:00:00Z"), &now));
    script_bench_open(&bench, "foyer.job(\"mondays\", { cron = \"0 8 * * 1\" }, function() end)\n");
    plan(&bench, now);
    CHECK(clock_parse(STR("2031-07-07T08:00:00Z"), &wanted));
    CHECK_INT(script_bench_ask(&bench, "SELECT next_at FROM jobs"), wanted);
    run_sql(&bench, "UPDATE workspaces SET time_zone = 'Europe/Vienna'");
    bench.server.planner.follow_at = 0; /* a minute later */
    plan(&bench, now);
    CHECK_INT(script_bench_ask(&bench, "SELECT next_at FROM jobs"), wanted - 2 * CLOCK_HOUR);
    script_bench_close(&bench);
}

TEST(where_no_script_has_a_job_nothing_is_looked_for)
{
    struct script_bench bench;

    script_bench_open(&bench, "");
    plan(&bench, clock_wall());
    CHECK(!planner_is_wanted(&bench.server));
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM jobs"), 0);
    script_bench_close(&bench);
}

TEST(a_job_runs_on_the_thread_of_handlers)
{
    struct script_bench bench;

    script_bench_open(
        &bench,
        "foyer.transaction(\"note\", function(ctx, id)\n"
        "  foyer.api(\"PATCH\", \"/v1/clients/\" .. id, { body = { position = \"met\" } })\n"
        "end)\n"
        "foyer.job(\"meet\", { every = \"1m\" }, function(ctx)\n"
        "  assert(ctx.attempt == 1 and ctx.actor.kind == \"plugin\")\n"
        "  for _, client in ipairs(foyer.api(\"GET\", \"/v1/clients\").body.data) do\n"
        "    foyer.run(\"note\", client.id)\n"
        "  end\n"
        "end)\n");
    plan(&bench, clock_wall() - CLOCK_DAY);
    script_bench_start(&bench, true);
    script_bench_wait(&bench, "SELECT count(*) FROM deliveries WHERE status = 2", 1);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM clients WHERE position = 'met'"),
              BENCH_CLIENTS);
    script_bench_stop(&bench);
    script_bench_close(&bench);
}

static void check_refused(const char *job, const char *wanted)
{
    struct script_bench bench;
    struct buf report;
    char source[500];

    script_bench_open(&bench, "");
    buf_init(&report, 10000);
    snprintf(source, sizeof(source), "local foyer = require(\"foyer\")\n%s", job);
    CHECK_INT(host_check(bench.server.host, STR("x.lua"), str_from(source), &report),
              ST_UNPROCESSABLE);
    CHECK_STR(str_trim(buf_view(&report)), wanted);
    buf_fini(&report);
    script_bench_close(&bench);
}

TEST(a_schedule_that_is_none_is_refused)
{
    check_refused("foyer.job(\"a\", { every = \"soon\" }, type)",
                  "x.lua:2: every is a span from a minute to 366 days, like \"15m\", \"2h\" or "
                  "\"1d\": not \"soon\"");
    check_refused("foyer.job(\"a\", { cron = \"8 o'clock\" }, type)",
                  "x.lua:2: cron is minute, hour, day, month and day of the week, like \"0 8 * * "
                  "1\": not \"8 o'clock\"");
    check_refused("foyer.job(\"a\", {}, type)",
                  "x.lua:2: a job has either every or cron: { every = "
                  "\"1h\" }, { cron = \"0 8 * * 1\" }");
    check_refused(
        "foyer.job(\"a\", { evry = \"1h\" }, type)",
        "x.lua:2: there is no option \"evry\" of a job: every, cron, jitter and describe are");
    check_refused(
        "foyer.job(\"a\", { every = \"1h\" }, type)\nfoyer.on(\"client.created\", { name = "
        "\"a\" }, type)",
        "x.lua:3: there is a job or handler \"a\" already");
}

TEST(a_chance_moves_each_run_and_not_the_schedule)
{
    struct script_bench bench;
    int64_t now = clock_wall() + CLOCK_DAY, next, first = now;

    script_bench_open(&bench,
                      "foyer.job(\"a\", { every = \"1d\", jitter = \"2h\" }, function() end)\n");
    plan(&bench, now);
    for (int day = 1; day <= 30; day++) {
        next = script_bench_ask(&bench, "SELECT next_at FROM jobs");
        CHECK(next >= now + 23 * CLOCK_HOUR && next <= now + 25 * CLOCK_HOUR);
        now = next;
        plan(&bench, now);
        run_sql(&bench, OVER);
    }
    CHECK(now < first + 30 * CLOCK_DAY + 20 * CLOCK_HOUR); /* 30 times an hour would be more */
    CHECK(now > first + 30 * CLOCK_DAY - 20 * CLOCK_HOUR);
    script_bench_close(&bench);
}

TEST(a_job_of_a_plugin_that_is_switched_off_is_left_out)
{
    struct script_bench bench;
    int64_t now = clock_wall() + CLOCK_DAY;

    script_bench_open(&bench, "foyer.job(\"tidy\", { every = \"2h\" }, function() end)\n");
    plan(&bench, now);
    run_sql(
        &bench,
        "INSERT INTO plugin_settings (workspace, plugin, version, is_enabled, settings, updated_at)"
        " VALUES (1, 'listens.lua', 1, 0, '{}', 1)");
    now = script_bench_ask(&bench, "SELECT next_at FROM jobs");
    CHECK_INT(plan(&bench, now), 1);
    CHECK_INT(script_bench_ask(&bench, "SELECT count(*) FROM deliveries"), 0);
    CHECK_INT(script_bench_ask(&bench, "SELECT next_at FROM jobs"), now + 2 * CLOCK_HOUR);
    run_sql(&bench, "UPDATE plugin_settings SET is_enabled = 1");
    plan(&bench, now + 2 * CLOCK_HOUR);
    CHECK_INT(script_bench_ask(&bench, OPEN), 1);
    script_bench_close(&bench);
}

/* Pieces of operations: whatever call fails, an item is done with its verdict or not at all, and once. */
#include "api/operations.h"
#include "api/routes.h"
#include "base/check.h"
#include "base/clock.h"
#include "each_fault.h"
#include "exec/inside.h"
#include "exec/writer.h"
#include "exec_folder.h"
#include "http/route.h"
#include "lua/engine.h"
#include "plugin/host.h"
#include "store/company.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/staff.h"
#include "store/workspace.h"

#include <string.h>

enum { CLIENTS = 3 };

/* All that a piece needs of a server: a folder, rules, a writer that is not started. */
struct bench {
    struct exec_folder made;
    struct server server;
    struct config config;
    struct router *router;
    struct batch batch;
    struct write *next;
    struct uuid staff, company, operation;
    struct ids clients;
};

static enum status furnish(struct tx *tx, void *context)
{
    struct bench *bench = context;
    struct workspace workspace;
    struct company company = { .name = STR("Alpha") };
    struct internal_user ann = { .given_name = STR("Ann"),
                                 .family_name = STR("Lee"),
                                 .email = STR("ann@example.com"),
                                 .role = STR("Owner") };
    struct operation operation = { .kind = STR("company.delete_clients"), .input = STR("{}") };

    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "command" };
    workspace_create(tx, STR("Piece"), &workspace);
    internal_user_create(tx, &ann);
    company_create(tx, &company);
    for (size_t i = 0; i < CLIENTS; i++) {
        struct client client = { .given_name = STR("C"),
                                 .family_name = STR("D"),
                                 .company_ids = { &company.id, 1 } };

        client_create(tx, &client);
        bench->clients.at[bench->clients.count++] = client.id;
    }
    tx->actor = (struct actor){ .kind = ACTOR_STAFF, .id = ann.id, .road = "session" };
    bench->staff = ann.id;
    bench->company = operation.subject = company.id;
    operation_create(tx, &operation, bench->clients);
    bench->operation = operation.id;
    return tx_status(tx);
}

static void bench_open(struct bench *bench)
{
    static struct uuid clients[CLIENTS];
    struct failure failure = { 0 };
    struct host_options options = { .config = &bench->config, .runtime = &lua_runtime, .slots = 1 };
    struct buf error;
    struct tx tx;

    fold_start();
    memset(bench, 0, sizeof(*bench));
    bench->clients.at = clients;
    exec_folder_open(&bench->made);
    buf_init(&error, KIB(16));
    CHECK_INT(router_new(api_routes, &bench->router, &error), ST_OK);
    buf_fini(&error);
    options.router = bench->router;
    CHECK_INT(host_open(&options, &bench->server.host, &failure, &bench->made.arena), ST_OK);
    memcpy(bench->server.folder.server_key, bench->made.folder.server_key,
           sizeof(bench->server.folder.server_key));
    bench->server.writer = writer_new(&(struct writer_options){ .db = bench->made.db });
    bench->server.pieces = pieces_new(&bench->server);
    bench->batch.db = bench->made.db;
    bench->batch.budget = 60000000;
    tx_init(&tx, bench->made.db, &bench->made.arena, clock_wall());
    CHECK_INT(tx_once(bench->made.db, &tx, furnish, bench), ST_OK);
}

static void bench_close(struct bench *bench)
{
    pieces_free(bench->server.pieces);
    writer_free(bench->server.writer);
    host_close(bench->server.host);
    router_free(bench->router);
    exec_folder_close(&bench->made);
}

static struct write *take(void *context)
{
    struct bench *bench = context;
    struct write *write = bench->next;

    bench->next = NULL;
    return write;
}

/* One piece, however long it must rest. False: there is nothing to do. */
static bool bench_piece(struct bench *bench)
{
    struct write *write = pieces_next(bench->server.pieces, UINT64_MAX - 1);

    if (!write)
        return false;
    bench->next = write;
    batch_run(&bench->batch, clock_wall(), take, bench);
    batch_release(&bench->batch);
    pieces_ran(bench->server.pieces, write, clock_monotonic());
    return true;
}

static int64_t ask(struct bench *bench, const char *sql)
{
    return exec_folder_ask(&bench->made, sql);
}

/* Pieces until it has ended: on a busy machine one takes an item or two. */
static void bench_finish(struct bench *bench)
{
    int pieces = 0;

    while (ask(bench, "SELECT ended_at IS NULL FROM operations"))
        CHECK(bench_piece(bench) && ++pieces < 20);
}

/* Verdicts, counters and what was done agree. */
static void check_agrees(struct bench *bench)
{
    int64_t done = ask(bench, "SELECT done FROM operations");

    CHECK_INT(ask(bench, "SELECT count(*) FROM operation_verdicts"), done);
    CHECK_INT(ask(bench, "SELECT failed FROM operations"),
              ask(bench, "SELECT count(*) FROM operation_verdicts WHERE ok = 0"));
    CHECK_INT(ask(bench, "SELECT count(*) FROM clients WHERE archived_at IS NOT NULL"),
              ask(bench, "SELECT count(*) FROM operation_verdicts WHERE ok = 1"));
    CHECK_INT(ask(bench, "SELECT count(*) FROM audit WHERE action = 'client.delete'"),
              ask(bench, "SELECT count(*) FROM operation_verdicts WHERE ok = 1"));
    CHECK_INT(ask(bench, "SELECT count(*) FROM events WHERE name = 'client.deleted'"),
              ask(bench, "SELECT count(*) FROM operation_verdicts WHERE ok = 1"));
    CHECK_INT(ask(bench, "SELECT count(*) FROM operation_lists"),
              ask(bench, "SELECT ended_at IS NULL FROM operations"));
}

static enum status run_sql(struct tx *tx, void *context)
{
    struct query q = query_open_built(tx, str_from(context), NO_ARGS);

    query_next(&q);
    query_close(&q);
    return tx_status(tx);
}

static void bench_sql(struct bench *bench, const char *sql)
{
    struct arena arena;
    struct str text;
    struct tx tx;

    arena_init(&arena, MIB(1));
    text = str_printf(&arena, "%s", sql);
    tx_init(&tx, bench->made.db, &arena, clock_wall());
    CHECK_INT(tx_once(bench->made.db, &tx, run_sql, (void *)(uintptr_t)text.at), ST_OK);
    arena_fini(&arena);
}

/* What the scenario changed, as it was. */
static void begin_again(struct bench *bench)
{
    static const char *const statements[] = {
        "DELETE FROM operation_verdicts",
        "DELETE FROM operation_lists",
        "UPDATE operations SET status = 0, done = 0, failed = 0, started_at = NULL,"
        " worked_at = 0, ended_at = NULL, error_code = NULL, error_message = NULL",
        "INSERT INTO operation_lists (workspace, operation, part, ids) SELECT o.workspace, o.seq, "
        "0,"
        " (SELECT CAST(c1.id || c2.id || c3.id AS BLOB) FROM clients c1, clients c2, clients c3"
        " WHERE c1.seq < c2.seq AND c2.seq < c3.seq) FROM operations o",
        "UPDATE clients SET archived_at = NULL",
        "DELETE FROM events",
        "DELETE FROM audit",
    };

    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        bench_sql(bench, statements[i]);
    pieces_free(bench->server.pieces); /* as after a start */
    bench->server.pieces = pieces_new(&bench->server);
}

TEST(any_failing_call_leaves_each_item_done_with_its_verdict_or_not_at_all)
{
    struct bench bench;

    bench_open(&bench);
    EACH_FAULT(1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT | 1u << FAULT_ARENA)
    {
        int pieces = 0;

        bench_piece(&bench);
        EACH_FAULT_END();
        check_agrees(&bench);
        while (ask(&bench, "SELECT ended_at IS NULL FROM operations")) {
            CHECK(bench_piece(&bench) && ++pieces < 10);
            check_agrees(&bench);
        }
        CHECK_INT(ask(&bench, "SELECT status FROM operations"), OPERATION_DONE);
        CHECK_INT(ask(&bench, "SELECT done FROM operations"), CLIENTS);
        begin_again(&bench);
    }
    bench_close(&bench);
}

/* Requests join the batch that a piece began: it has looked by then. */
TEST(an_operation_that_comes_while_a_piece_finds_none_is_not_forgotten)
{
    struct bench bench;
    struct write *write;

    bench_open(&bench);
    bench_finish(&bench);
    CHECK(bench_piece(&bench));
    CHECK(pieces_due(bench.server.pieces) == UINT64_MAX); /* it found none */
    pieces_wake(bench.server.pieces);
    write = pieces_next(bench.server.pieces, UINT64_MAX - 1);
    bench.next = write;
    batch_run(&bench.batch, clock_wall(), take, &bench);
    pieces_wake(bench.server.pieces);
    batch_release(&bench.batch);
    pieces_ran(bench.server.pieces, write, clock_monotonic());
    CHECK(pieces_due(bench.server.pieces) != UINT64_MAX);
    bench_close(&bench);
}

TEST(a_piece_that_stutters_does_its_items_once)
{
    struct bench bench;

    bench_open(&bench);
    bench.server.stutters = bench.batch.stutters = true;
    bench_finish(&bench);
    check_agrees(&bench);
    CHECK_INT(ask(&bench, "SELECT count(*) FROM operation_verdicts WHERE ok = 1"), CLIENTS);
    CHECK_INT(ask(&bench, "SELECT count(*) FROM events WHERE name = 'operation.done'"), 1);
    CHECK(bench_piece(&bench));
    CHECK(!bench_piece(&bench)); /* it looked, and there is nothing more */
    bench_close(&bench);
}

TEST(items_are_refused_to_whoever_may_not_do_them_any_more)
{
    struct bench bench;

    bench_open(&bench);
    bench_sql(&bench,
              "UPDATE workspaces SET owner_count = 2"); /* the last one would have to stay */
    bench_sql(&bench, "UPDATE roles SET permissions = '[\"view_clients\"]' WHERE is_owner = 0");
    bench_sql(&bench,
              "UPDATE internal_users SET role = (SELECT seq FROM roles WHERE is_owner = 0)");
    bench_finish(&bench);
    check_agrees(&bench);
    CHECK_INT(ask(&bench, "SELECT status FROM operations"), OPERATION_DONE);
    CHECK_INT(ask(&bench, "SELECT count(*) FROM operation_verdicts WHERE code = 'denied'"),
              CLIENTS);
    bench_close(&bench);
}

/* The clients are there: whoever reads the verdicts must not look for these. */
TEST(a_move_to_a_company_that_is_gone_says_so)
{
    struct bench bench;

    bench_open(&bench);
    bench_sql(&bench, "UPDATE operations SET kind = 'company.move_clients', input = "
                      "'{\"companyId\":\"01900000-0000-7000-8000-000000000000\"}'");
    bench_finish(&bench);
    CHECK_INT(
        ask(&bench, "SELECT count(*) FROM operation_verdicts WHERE code = 'destination_gone'"),
        CLIENTS);
    bench_close(&bench);
}

TEST(an_operation_of_somebody_who_is_gone_fails_and_touches_nothing)
{
    struct bench bench;

    bench_open(&bench);
    bench_sql(&bench,
              "UPDATE workspaces SET owner_count = 2"); /* the last one would have to stay */
    bench_sql(&bench, "UPDATE internal_users SET removed_at = 1");
    CHECK(bench_piece(&bench));
    check_agrees(&bench);
    CHECK_INT(ask(&bench, "SELECT status FROM operations"), OPERATION_FAILED);
    CHECK_INT(ask(&bench, "SELECT error_code = 'actor_gone' FROM operations"), 1);
    CHECK_INT(ask(&bench, "SELECT count(*) FROM operation_verdicts"), 0);
    CHECK_INT(ask(&bench, "SELECT count(*) FROM events WHERE name = 'operation.failed'"), 1);
    bench_close(&bench);
}

TEST(a_kind_of_a_newer_program_fails_with_a_word)
{
    struct bench bench;

    bench_open(&bench);
    bench_sql(&bench, "UPDATE operations SET kind = 'client.teleport'");
    CHECK(bench_piece(&bench));
    CHECK_INT(ask(&bench, "SELECT status FROM operations"), OPERATION_FAILED);
    CHECK_INT(ask(&bench, "SELECT error_code = 'unknown_kind' FROM operations"), 1);
    bench_close(&bench);
}

TEST(an_operation_that_fails_again_and_again_ends)
{
    struct bench bench;
    int pieces = 0;

    bench_open(&bench);
    bench_sql(&bench, "DELETE FROM operation_lists"); /* a fault that does not pass */
    while (ask(&bench, "SELECT ended_at IS NULL FROM operations"))
        CHECK(bench_piece(&bench) && ++pieces < 20);
    CHECK(pieces > 3);
    CHECK_INT(ask(&bench, "SELECT status FROM operations"), OPERATION_FAILED);
    CHECK_INT(ask(&bench, "SELECT count(*) FROM clients WHERE archived_at IS NULL"), CLIENTS);
    bench_close(&bench);
}

static enum status sweep(struct tx *tx, void *context)
{
    *(size_t *)context = operation_sweep(tx);
    return tx_status(tx);
}

TEST(an_operation_is_forgotten_thirty_days_after_its_end)
{
    struct bench bench;
    size_t swept = 0;

    bench_open(&bench);
    bench_finish(&bench);
    for (int days = 29; days <= 31; days += 2) {
        struct tx tx;

        tx_init(&tx, bench.made.db, &bench.made.arena, clock_wall() + days * CLOCK_DAY);
        CHECK_INT(tx_once(bench.made.db, &tx, sweep, &swept), ST_OK);
        CHECK_INT(ask(&bench, "SELECT count(*) FROM operations"), days < 30);
        CHECK_INT(ask(&bench, "SELECT count(*) FROM operation_verdicts"), days < 30 ? CLIENTS : 0);
    }
    CHECK(swept > 0);
    bench_close(&bench);
}

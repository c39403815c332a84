/* Script_bench: see its header. */
#include "script_bench.h"

#include "api/routes.h"
#include "base/check.h"
#include "base/clock.h"
#include "exec/courier.h"
#include "exec/script.h"
#include "exec/writer.h"
#include "harness.h"
#include "http/route.h"
#include "lua/engine.h"
#include "plugin/host.h"
#include "store/client.h"
#include "store/delivery.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/record.h"
#include "store/workspace.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 4, PATIENCE_S = 100 };

/* A write of the test's. */
struct errand {
    struct write write;
    struct script_bench *bench;
    struct arena arena;
    const char *event, *sql;
    int client;
    struct mutex lock;
    struct cond changed;
    bool is_over;
};

static void write_file(const char *path, const char *head, const char *text)
{
    FILE *file = fopen(path, "w");

    CHECK(file && fputs(head, file) >= 0 && fputs(text, file) >= 0 && fclose(file) == 0);
}

static enum status furnish(struct tx *tx, void *context)
{
    struct script_bench *bench = context;
    struct workspace workspace;

    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "command" };
    workspace_create(tx, STR("Bench"), &workspace);
    for (int i = 0; i < BENCH_CLIENTS; i++) {
        struct client client = { .given_name = STR("C"), .family_name = STR("D") };

        client.email = str_printf(tx->arena, "c%d@example.com", i);
        client_create(tx, &client);
        bench->clients[i] = client.id;
    }
    return tx_status(tx);
}

static void on_committed(void *context, struct tx_effects effects)
{
    struct script_bench *bench = context;

    if (effects.events)
        fan_wake(&bench->server.fan);
    if (effects.deliveries)
        scripts_wake(bench->server.scripts);
}

static void open_bench(struct script_bench *bench)
{
    struct failure failure = { 0 };
    struct host_options options = { .config = &bench->config,
                                    .runtime = &lua_runtime,
                                    .slots = SLOTS };
    struct buf error;
    struct tx tx;

    buf_init(&error, KIB(16));
    CHECK_INT(router_new(api_routes, &bench->router, &error), ST_OK);
    buf_fini(&error);
    dispatch_start(bench->router);
    options.router = bench->router;
    options.data = bench->made.folder.path;
    CHECK_INT(host_open(&options, &bench->server.host, &failure, &bench->made.arena), ST_OK);
    buf_init(&error, KIB(16));
    host_report(bench->server.host, &error);
    CHECK_STR(buf_view(&error), "");
    buf_fini(&error);
    bench->server.loop_count = 1;
    memcpy(bench->server.folder.server_key, bench->made.folder.server_key,
           sizeof(bench->server.folder.server_key));
    memcpy(bench->server.folder.database, bench->made.folder.database,
           sizeof(bench->server.folder.database));
    bench->config.data = bench->made.folder.path;
    bench->server.config = &bench->config;
    tx_init(&tx, bench->made.db, &bench->made.arena, clock_wall());
    CHECK_INT(tx_once(bench->made.db, &tx, furnish, bench), ST_OK);
}

void script_bench_open(struct script_bench *bench, const char *source)
{
    char path[4400];

    fold_start();
    memset(bench, 0, sizeof(*bench));
    exec_folder_open(&bench->made);
    snprintf(path, sizeof(path), "%s/scripts", bench->made.folder.path);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/scripts/listens.lua", bench->made.folder.path);
    write_file(path, "local foyer = require(\"foyer\")\n", source);
    open_bench(bench);
}

void script_bench_open_plugin(struct script_bench *bench, const char *manifest, const char *source)
{
    char path[4400];

    fold_start();
    memset(bench, 0, sizeof(*bench));
    exec_folder_open(&bench->made);
    snprintf(path, sizeof(path), "%s/plugins", bench->made.folder.path);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/plugins/crm", bench->made.folder.path);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/plugins/crm/plugin.json", bench->made.folder.path);
    write_file(path, "", manifest);
    snprintf(path, sizeof(path), "%s/plugins/crm/main.lua", bench->made.folder.path);
    write_file(path, "local foyer = require(\"foyer\")\n", source);
    open_bench(bench);
}

void script_bench_start(struct script_bench *bench, bool stutters)
{
    static const struct writer_chore chores[] = {
        { "deliveries", 10, 50, false, fan_run, FANNED, fan_kept, fan_is_wanted },
        { "jobs", 10, 50, false, planner_run, BEGUN, planner_kept, planner_is_wanted },
        { 0 },
    };
    const struct writer_options writer = { .db = bench->made.db,
                                           .chores = chores,
                                           .server = &bench->server,
                                           .stutters = stutters,
                                           .on_committed = on_committed,
                                           .context = bench };
    struct courier_options courier = { .config = &bench->config,
                                       .database = bench->made.folder.database,
                                       .server_key = bench->made.folder.server_key,
                                       .host = bench->server.host,
                                       .slot = 2 };
    struct failure failure = { 0 };

    bench->server.stutters = stutters;
    fan_init(&bench->server.fan);
    bench->server.planner = (struct planner){ .followed = 0 };
    bench->server.scripts = scripts_new(&bench->server, 3);
    bench->server.writer = writer_new(&writer);
    CHECK_INT(writer_start(bench->server.writer), ST_OK);
    courier.writer = bench->server.writer;
    CHECK_INT(courier_open(&courier, &bench->server.courier, &failure, &bench->made.arena), ST_OK);
    CHECK_INT(courier_start(bench->server.courier), ST_OK);
    CHECK_INT(scripts_start(bench->server.scripts), ST_OK);
}

void script_bench_stop(struct script_bench *bench)
{
    scripts_stop(bench->server.scripts);
    courier_stop(bench->server.courier);
    writer_stop(bench->server.writer);
    writer_free(bench->server.writer);
    scripts_free(bench->server.scripts);
    courier_close(bench->server.courier);
    bench->server.scripts = NULL;
}

static int take_away(const char *path, const struct stat *info, int flag, struct FTW *place)
{
    (void)info;
    (void)flag;
    (void)place;
    return remove(path);
}

void script_bench_close(struct script_bench *bench)
{
    host_close(bench->server.host);
    router_free(bench->router);
    exec_folder_close(&bench->made);
    nftw(test_path("data"), take_away, 16, FTW_DEPTH | FTW_PHYS);
}

static struct arena *prepare(struct write *write)
{
    struct errand *errand = (struct errand *)(void *)write;

    arena_reset(&errand->arena);
    return &errand->arena;
}

static enum status run(struct write *write, struct tx *tx)
{
    struct errand *errand = (struct errand *)(void *)write;
    struct uuid id = errand->bench->clients[errand->client];
    char text[UUID_TEXT];

    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "command" };
    tx->workspace = 1;
    tx->effects.deliveries = 1;
    if (errand->sql) {
        query_run(tx, str_printf(tx->arena, "%s", errand->sql).at, NO_ARGS);
        return tx_status(tx);
    }
    uuid_format(id, text);
    tx_event(tx, errand->event, "client", id,
             str_printf(tx->arena, "{\"data\":{\"id\":\"%s\"}}", text));
    return tx_status(tx);
}

static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    (void)write;
    memset(out, 0, CRYPTO_HASH);
}

static void done(struct write *write)
{
    struct errand *errand = (struct errand *)(void *)write;

    mutex_lock(&errand->lock);
    errand->is_over = true;
    cond_signal(&errand->changed);
    mutex_unlock(&errand->lock);
}

static void do_errand(struct script_bench *bench, struct errand *errand)
{
    static const struct write_calls calls = {
        .name = "test", .prepare = prepare, .run = run, .digest = digest, .done = done
    };

    errand->write.calls = &calls;
    errand->bench = bench;
    arena_init(&errand->arena, MIB(1));
    mutex_init(&errand->lock);
    cond_init(&errand->changed);
    CHECK_INT(writer_submit(bench->server.writer, &errand->write), ST_OK);
    mutex_lock(&errand->lock);
    while (!errand->is_over)
        cond_wait(&errand->changed, &errand->lock);
    mutex_unlock(&errand->lock);
    CHECK_INT(errand->write.status, ST_OK);
    cond_fini(&errand->changed);
    mutex_fini(&errand->lock);
    arena_fini(&errand->arena);
}

void script_bench_tell(struct script_bench *bench, const char *event, int client)
{
    struct errand errand = { .event = event, .client = client };

    do_errand(bench, &errand);
}

void script_bench_sql(struct script_bench *bench, const char *sql)
{
    struct errand errand = { .sql = sql };

    do_errand(bench, &errand);
}

void script_bench_hurry(struct script_bench *bench)
{
    script_bench_sql(bench, "UPDATE deliveries SET due_at = 1 WHERE due_at IS NOT NULL");
}

int64_t script_bench_ask(struct script_bench *bench, const char *sql)
{
    return exec_folder_ask(&bench->made, sql);
}

void script_bench_wait(struct script_bench *bench, const char *sql, int64_t wanted)
{
    uint64_t until =
        clock_monotonic() + PATIENCE_S * UINT64_C(1000000000) * (unsigned)harness_scale();

    while (script_bench_ask(bench, sql) != wanted) {
        if (clock_monotonic() > until)
            harness_failed(__FILE__, __LINE__, "%s never gave %lld", sql, (long long)wanted);
        usleep(3000);
    }
}

const char *script_bench_text(struct script_bench *bench, const char *sql)
{
    static char text[2000];
    struct failure failure = { 0 };
    struct arena arena;
    struct query q;
    struct db *db;
    struct tx tx;

    arena_init(&arena, MIB(1));
    CHECK_INT(db_open(bench->made.folder.database, DB_READ, &db, &failure, &arena), ST_OK);
    tx_init(&tx, db, &arena, clock_wall());
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    q = query_open(&tx, sql, NO_ARGS);
    CHECK(query_next(&q));
    snprintf(text, sizeof(text), "%.*s", STR_ARG(query_text(&q, 0)));
    query_close(&q);
    tx_end_read(&tx);
    db_close(db);
    arena_fini(&arena);
    return text;
}

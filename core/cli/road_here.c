/* Road here: makes of a row's phases what the server's threads make of them. */
#include "cli/road_here.h"

#include "api/command.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cli/road_script.h"
#include "cli/rules.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/tx.h"

#include <stdio.h>

struct here {
    struct road *road;
    struct request rq;
    struct reply rp;
    struct policy *policy; /* of a row that has .read and .write */
    void *scratch;
};

static bool read_row(struct here *here);
static bool write_row(struct here *here);
typedef bool row_run(struct here *here, struct rules *rules, struct db *db);
static bool row_with_rules(struct here *here, row_run *run);
static row_run run_command, run_phases;
static enum status write_it(struct tx *tx, void *context);
static void begin(struct here *here, struct tx *tx, struct db *db);

bool road_here(struct road *road, struct str given, bool as_json, struct buf *out)
{
    static struct header headers[] = { { STR("content-type"), STR("application/json") },
                                       { STR("accept"), STR("application/json") } };
    const struct route *route = command_route(str_from(road->command->name));
    struct here here = { .road = road };
    bool is_done = false;

    if (route->work) {
        fprintf(stderr, "foyer %s: no server runs on %s: it reads them when it starts.\n",
                road->command->name, road->folder.path);
        return false;
    }
    if (!as_json)
        headers[1].value = STR("text/plain");
    here.rq = (struct request){
        .method = POST,
        .route = route,
        .headers = headers,
        .header_count = 2,
        .body = given,
        .has_body = true,
        .id = STR("command"),
    };
    reply_init(&here.rp);
    if (request_read_body(&here.rq, &road->arena, &road->failure) != ST_OK)
        command_failed(road->command, &road->failure);
    else
        is_done = route->flags & ROUTE_SCRIPT   ? row_with_rules(&here, run_command)
                  : route->read && route->write ? row_with_rules(&here, run_phases)
                  : route->write                ? write_row(&here)
                                                : read_row(&here);
    if (is_done)
        buf_str(out, buf_view(&here.rp.body));
    road->is_bad = is_done && here.rp.status >= 400;
    request_fini(&here.rq);
    reply_fini(&here.rp);
    return is_done;
}

/* With the scripts as they lie in the folder. */
static bool read_row(struct here *here)
{
    struct road *road = here->road;
    struct rules rules;
    struct db *db = NULL;
    struct buf report;
    struct tx tx;
    bool is_done = false;

    if (!rules_open(&rules, road->command, road->folder.path)) {
        rules_close(&rules);
        return false;
    }
    buf_init(&report, MIB(1));
    host_report(rules.host, &report);
    if (host_is_failing(rules.host))
        fprintf(stderr, "foyer %s: the scripts of the data folder have faults:\n%.*s",
                road->command->name, STR_ARG(buf_view(&report)));
    if (db_open(road->folder.database, DB_READ, &db, &road->failure, &road->arena) != ST_OK ||
        migrate_ready(db, &road->failure, &road->arena) != ST_OK) {
        command_failed(road->command, &road->failure);
    } else {
        datafolder_try_key(&road->folder, &road->arena);
        begin(here, &tx, db);
        tx.policy = host_acquire(rules.host, 0);
        if (tx_begin_read(&tx) == ST_OK)
            here->rq.route->read(&tx, &here->rq, &here->rp);
        is_done = tx_status(&tx) == ST_OK;
        tx_end_read(&tx);
        if (!is_done)
            command_failed(road->command, &tx.failure);
        host_release(tx.policy);
    }
    db_close(db);
    buf_fini(&report);
    rules_close(&rules);
    return is_done;
}

static bool write_row(struct here *here)
{
    struct road *road = here->road;
    struct db *db = NULL;
    struct tx tx;
    bool is_done;

    if (datafolder_read(&road->folder, &road->failure, &road->arena) != ST_OK ||
        datafolder_open_database(&road->folder, &db, &road->failure, &road->arena) != ST_OK) {
        command_failed(road->command, &road->failure);
        return false;
    }
    begin(here, &tx, db);
    is_done = tx_once(db, &tx, write_it, here) == ST_OK;
    if (is_done)
        datafolder_raise_mark(&road->folder, db_commits(db));
    else
        command_failed(road->command, &tx.failure);
    db_close(db);
    return is_done;
}

/* What writes, with the scripts as they lie in the folder. */
static bool row_with_rules(struct here *here, row_run *run)
{
    struct road *road = here->road;
    struct rules rules;
    struct db *db = NULL;
    bool is_done = false;

    if (!rules_open(&rules, road->command, road->folder.path)) {
        rules_close(&rules);
        return false;
    }
    if (datafolder_read(&road->folder, &road->failure, &road->arena) != ST_OK ||
        datafolder_open_database(&road->folder, &db, &road->failure, &road->arena) != ST_OK)
        command_failed(road->command, &road->failure);
    else
        is_done = run(here, &rules, db);
    db_close(db);
    rules_close(&rules);
    return is_done;
}

/* .read finds the command of a plugin, and lists those that there are by itself. */
static bool run_command(struct here *here, struct rules *rules, struct db *db)
{
    struct road *road = here->road;
    struct script_here script = { .command = road->command,
                                  .folder = &road->folder,
                                  .db = db,
                                  .router = rules->router,
                                  .server_key = road->folder.server_key,
                                  .arena = &road->arena };
    bool is_done;
    struct tx tx;

    begin(here, &tx, db);
    tx.policy = script.policy = host_acquire(rules->host, 0);
    if (tx_begin_read(&tx) == ST_OK)
        here->rq.route->read(&tx, &here->rq, &here->rp);
    tx_end_read(&tx);
    is_done = tx_status(&tx) == ST_OK;
    if (!is_done)
        command_failed(road->command, &tx.failure);
    script.workspace = tx.workspace;
    script.workspace_id = tx.workspace_id;
    if (is_done && here->rp.status == 0) {
        arena_init(&script.own, LIMIT_REQUEST_ARENA);
        arena_init(&script.attempt, LIMIT_REQUEST_ARENA);
        reply_init(&script.rp);
        is_done = script_here_run(&script, tx.scratch, command_wants_text(&here->rq), &here->rp);
        reply_fini(&script.rp);
        arena_fini(&script.attempt);
        arena_fini(&script.own);
    }
    host_release(script.policy);
    return is_done;
}

/* .read, .write and .after. */
static bool run_phases(struct here *here, struct rules *rules, struct db *db)
{
    const struct route *route = here->rq.route;
    struct road *road = here->road;
    struct tx tx;

    begin(here, &tx, db);
    tx.policy = here->policy = host_acquire(rules->host, 0);
    if (tx_begin_read(&tx) == ST_OK)
        route->read(&tx, &here->rq, &here->rp);
    tx_end_read(&tx);
    here->scratch = tx.scratch;
    if (tx_status(&tx) == ST_OK) {
        begin(here, &tx, db);
        if (tx_once(db, &tx, write_it, here) == ST_OK) {
            datafolder_raise_mark(&road->folder, db_commits(db));
            begin(here, &tx, db);
            if (route->after)
                route->after(&tx, &here->rq, &here->rp);
        }
    }
    host_release(here->policy);
    if (tx_status(&tx) != ST_OK)
        command_failed(road->command, &tx.failure);
    return tx_status(&tx) == ST_OK;
}

static enum status write_it(struct tx *tx, void *context)
{
    struct here *here = context;

    reply_clear(&here->rp);
    here->rq.route->write(tx, &here->rq, &here->rp);
    return tx_status(tx);
}

static void begin(struct here *here, struct tx *tx, struct db *db)
{
    tx_init(tx, db, &here->road->arena, clock_wall());
    tx->server_key = here->road->folder.has_key ? here->road->folder.server_key : NULL;
    tx->actor.kind = ACTOR_SYSTEM;
    tx->actor.road = "command";
    tx->request_id = here->rq.id;
    tx->policy = here->policy;
    tx->scratch = here->scratch;
}

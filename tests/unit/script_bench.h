/* Script_bench: what handlers of events need of a server: a folder with clients, rules, a writer and a courier
 * that run, and the scripts' thread. Routes and rules are the real ones.
 */
#ifndef FOYER_TESTS_SCRIPT_BENCH_H
#define FOYER_TESTS_SCRIPT_BENCH_H

#include "exec/inside.h"
#include "exec_folder.h"

enum { BENCH_CLIENTS = 4 };

struct script_bench {
    struct exec_folder made;
    struct server server;
    struct config config;
    struct router *router;
    struct uuid clients[BENCH_CLIENTS];
    const char *name, *source; /* of the script */
};

/* DATA/scripts/listens.lua has the source after `local foyer = require("foyer")`; handlers do not run yet. */
void script_bench_open(struct script_bench *bench, const char *source);
/* DATA/plugins/crm with that plugin.json in its place. */
void script_bench_open_plugin(struct script_bench *bench, const char *manifest, const char *source);
void script_bench_start(struct script_bench *bench, bool stutters);
void script_bench_stop(struct script_bench *bench);
void script_bench_close(struct script_bench *bench); /* the folder goes, too */

/* An event about a client, committed when it returns. */
void script_bench_tell(struct script_bench *bench, const char *event, int client);
/* A statement in a transaction of the writer, committed when it returns. */
void script_bench_sql(struct script_bench *bench, const char *sql);
/* All that wait for their next try are due now. */
void script_bench_hurry(struct script_bench *bench);
int64_t script_bench_ask(struct script_bench *bench, const char *sql);
/* Until the statement gives that number. */
void script_bench_wait(struct script_bench *bench, const char *sql, int64_t wanted);
/* error_message of the newest delivery, borrowed until the next call. */
const char *script_bench_text(struct script_bench *bench, const char *sql);

#endif

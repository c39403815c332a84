/* Server: the whole of a running process, and the seam between exec and net.
 *
 *   net                                            exec
 *   job_new(loop), parser_begin(…, &job->arena, &job->request)
 *   PARSE_HEADERS: request.peer, exec_route  ───▶  route, body limit, request id
 *   PARSE_REQUEST: job->done, exec_submit    ───▶  actor, limiter, policy, phases
 *                  done(job): write it out   ◀───  reply, on the same loop
 *   PARSE_REFUSED, timeouts: exec_refuse     ───▶  failure becomes reply, at once
 *                  job_free(job)
 *
 * net includes exec, never the other way round: exec knows net by struct loop_calls alone.
 * A struct server is filled by server_open and server_run on the main thread; after that it is
 * read-only but for what is said to be otherwise.
 */
#ifndef FOYER_EXEC_SERVER_H
#define FOYER_EXEC_SERVER_H

#include "base/config.h"
#include "base/thread.h"
#include "exec/fan.h"
#include "exec/job.h"
#include "exec/loop.h"
#include "exec/planner.h"
#include "store/datafolder.h"

struct control;
struct scratch;
struct courier;
struct host;
struct host_policy;
struct pieces;
struct readers;
struct route_numbers;
struct scripts;
struct router;
struct runtime;
struct signals;
struct workers;
struct writer;

/* FOYER_READS with FOYER_TEST=1: `threads`, no .read on a loop; `again`, each is over its budget there. */
enum read_mode { READS_INLINE, READS_ON_THREADS, READS_AGAIN };

struct server {
    const struct config *config;
    struct datafolder folder;
    bool has_folder;
    struct db *db;                   /* the writer's, once it runs */
    struct host_policy *host_policy; /* which Host is ours; immutable */
    char *base_url;                  /* of links and cookies; the bound address where none is set */
    bool is_secure;                  /* base_url is https */
    bool stutters;                   /* FOYER_STUTTER=1: handlers run twice */
    enum read_mode reads;
    char limit_policy[64];         /* value of RateLimit-Policy */
    struct host *host;             /* rules; own lock */
    struct router *router;         /* immutable */
    struct route_numbers *numbers; /* of routes, for metrics; immutable */
    struct writer *writer;         /* own lock */
    struct pieces *pieces;         /* operations; the writer's thread alone */
    struct courier *courier;       /* mails; wakes by any thread */
    struct scratch *scratch;       /* NULL: in earnest; else takes what would leave (scratch.h) */
    struct scripts *scripts;       /* handlers of events; wakes by any thread */
    struct fan fan;                /* the writer's thread alone */
    struct planner planner;        /* likewise */
    struct limiter *limiter;       /* own locks */
    struct readers *readers;       /* own lock */
    struct workers *workers;       /* own lock */
    struct workers *password_workers;
    const struct loop_calls *calls; /* net's */
    struct signals *signals;        /* loop 0's */
    struct control *control;        /* loop 0's; NULL: does not run yet */
    /* Of the chore of scripts, the writer's thread alone: generations, and what was left and recorded. */
    uint64_t scripts_seen, scripts_followed;
    /* A text was recorded while that generation was in force: what is in force is older, until then. */
    uint64_t scripts_coming_after, scripts_coming_until; /* generation; monotonic */
    size_t scripts_left;
    int64_t started_at; /* microseconds UTC */
    struct loop *loops;
    size_t loop_count;

    struct mutex lock;      /* of the following */
    struct cond changed;    /* something of it did */
    size_t loops_started;   /* on_start has returned */
    size_t loops_over;      /* not counting loop 0 */
    bool has_failed_start;  /* one of them said no */
    bool is_reloading;      /* scripts, on a thread of its own */
    bool is_reload_wanted;  /* once more after that */
    struct thread reloader; /* joined before the next one, and at the end */
    bool has_reloader;
    _Atomic bool is_draining;
    _Atomic bool has_storage_failed; /* the exit code is 1 */
    uint64_t drain_deadline;         /* monotonic; set before is_draining */
};

struct server_options {
    const struct config *config;       /* borrowed, as is all of this */
    const struct runtime *runtime;     /* &lua_runtime */
    const struct route *const *routes; /* api_routes */
    struct scratch *scratch;           /* NULL: in earnest; else no thread is ever started */
};

/* Opens the data folder, brings the database up to date, loads rules and routes. failure says what is
 * wrong and what to do. No thread serves yet. */
enum status server_open(struct server *server, const struct server_options *options,
                        struct failure *failure, struct arena *arena);
/* net tells the bound address ("127.0.0.1:8080", "[::1]:8080") before server_run: from it come the
 * base URL, where none is configured, and which hosts are ours. */
void server_set_bound(struct server *server, const char *listen);
/* Starts writer, workers and loops, runs loop 0 here until the drain is over. The exit code: 0 after
 * an orderly end, 1 when storage failed or something could not start. */
int server_run(struct server *server, const struct loop_calls *calls);
void server_close(struct server *server); /* takes the half-open */
/* Begins the drain; any thread. */
void server_drain(struct server *server);
/* Reads the scripts anew, on a thread of its own; any thread. */
void server_reload(struct server *server);

/* Never NULL. The request's arena, request, reply and failure are empty. */
struct job *job_new(struct loop *loop);
void job_free(struct job *job); /* takes NULL; not while it is submitted */

/* The header is whole. net has set request.peer (the other end, or whom a trusted proxy names) and
 * request.is_secure. Keeps or makes the request id, finds the route, checks the host and the body's
 * type, and gives what parser_set_body_limit must get. Not ST_OK: job->failure says why; hand the
 * job to exec_refuse, and close where the body was not read. */
enum status exec_route(struct loop *loop, struct job *job, size_t *body_limit);
/* The request is whole: runs it; job->done gets it back. */
void exec_submit(struct loop *loop, struct job *job);
/* On its loop, between exec_submit and done: whoever asked has gone. A read on a reader is stopped; what
 * changes something goes on to its end. done comes all the same. */
void exec_abandon(struct job *job);
/* Makes job->reply of job->failure, at once and on this thread, and logs it. Also for requests that
 * never became one (parse errors, timeouts): then there is no route and perhaps no method. */
void exec_refuse(struct loop *loop, struct job *job);

#endif

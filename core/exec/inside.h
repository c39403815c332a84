/* Inside: what the files of exec/ know of a loop and of each other, and net/ does not.
 *
 *   exec_submit ─▶ read.c: .read ─▶ workers: .work ──▶ writer: .write ──▶ loop: .after, answer.c ─▶ done
 *                    │  └─ slow ─▶ readers: .read ─▶ …
 *                    │ gate.c: who asks, may he at all     │ repeat.c: Idempotency-Key
 *                    │ permit.c: .target and .may          │ condition.c: If-Match
 */
#ifndef FOYER_EXEC_INSIDE_H
#define FOYER_EXEC_INSIDE_H

#include "base/thread.h"
#include "exec/activity.h"
#include "exec/dispatch.h"
#include "exec/limiter.h"
#include "exec/metrics.h"
#include "exec/read_budget.h"
#include "exec/server.h"

/* Its thread's alone, but for what says otherwise. */
struct loop {
    struct server *server;
    int number;           /* also its slot in the host of rules */
    struct thread thread; /* not of loop 0 */
    bool has_uv, has_thread;
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t before_wait;
    struct db *db;
    struct read_budget budget; /* of db */
    void *net;
    size_t jobs; /* that net has not freed */
    uint32_t id_prefix;
    uint64_t id_count;
    bool is_draining, is_net_drained, is_over;

    struct metrics metrics;    /* read by any */
    struct activity *activity; /* own lock */

    struct mutex lock;         /* of what others hand in: */
    struct job *first, **last; /* jobs that come back */
    bool is_drain_asked;
};

/* One of the readers: its thread's alone. */
struct reader {
    struct readers *readers;
    struct thread thread;
    size_t slot; /* in the host of rules */
    struct db *db;
    struct read_budget budget; /* of db */
};

/* ---- loop.c ---- */
void loop_init(struct loop *loop, struct server *server, int number);
void loop_fini(struct loop *loop);
/* Opens its connection and its event loop. */
enum status loop_open(struct loop *loop, struct failure *failure, struct arena *arena);
/* Runs until it is drained. */
void loop_run(struct loop *loop);
/* Any thread: the job's loop goes on with it. */
void loop_give_back(struct job *job);
/* Instead of loop_run: goes on with the jobs that came back. False: none did. */
bool loop_work(struct loop *loop);
/* Any thread. */
void loop_ask_drain(struct loop *loop);
/* On its thread: is over when nothing holds it any more. */
void loop_look(struct loop *loop);

/* ---- server_threads.c ---- */
/* False: one could not be started, it was logged, and none runs any more. */
bool server_start_threads(struct server *server);
void server_stop_threads(struct server *server);

/* ---- server.c ---- */
/* On loop 0, drained: is every other loop over? Then it closes the signals too. */
bool server_lets_go(struct server *server);
/* Should requests be sent here? Any thread; a literal for *reason. */
bool server_is_ready(struct server *server, const char **reason);

/* ---- signals.c ---- */
/* SIGTERM and SIGINT drain, a second one leaves at once; SIGHUP reloads the scripts. On loop 0. */
struct signals;
struct signals *signals_open(struct server *server, struct failure *failure, struct arena *arena);
/* From now on the end must come: past the drain's deadline the process leaves. On loop 0. */
void signals_drain(struct signals *signals);
void signals_close(struct signals *signals); /* the handles; on loop 0. Takes NULL */
void signals_free(struct signals *signals);  /* after the loop has run; takes NULL */

/* ---- control.c, control_run.c; on loop 0 ---- */
/* Listens on DATA/control; where that cannot be, the log says so and the server goes on. */
void control_open(struct server *server);
/* Takes nothing new, gives up a backup; what has begun else is finished. Takes NULL. */
void control_drain(struct control *control);
void control_free(struct control *control); /* after the loop has run; takes NULL */
/* The body of an operator's job; fails tx. */
enum status control_take_body(struct job *job, struct tx *tx);

/* ---- job.c ---- */
/* On the loop, when a reader, a worker or the writer is done with the job. */
void job_resume(struct job *job);
/* On a worker. item is a struct job. */
void job_work(void *item);
/* Where .read is done: to the next phase, or back to the loop with the answer. */
void job_go_on(struct job *job);
/* What a queue said. ST_OK: the job is somebody else's now, and must not be looked at; else it is answered
 * with that. */
void job_handed_over(struct job *job, enum status status);
/* Gives the transaction what every one of the job knows. */
void job_set_tx(const struct job *job, struct tx *tx);
/* Runs a phase. A handler that gives a failure has failed, whether or not the transaction knows. */
void job_call(route_phase *phase, struct tx *tx, const struct request *rq, struct reply *rp);

/* ---- read.c ---- */
/* On the loop: from the gate to the end of .read, or to a reader. */
void read_begin(struct job *job);
/* On that reader: .read. The job is owned by the caller still; job_go_on comes next. */
enum read_end read_on_reader(struct job *job, struct reader *reader,
                             const struct read_limits *limits);

/* ---- gate.c ---- */
/* Who asks, whether this may come from where it comes, how often he has asked, what he sent. Fails tx. */
enum status gate_pass(struct job *job, struct tx *tx);

/* Who asks, alone: for a later transaction of the same job. Fails tx. */
enum status gate_identify(struct job *job, struct tx *tx);

/* ---- permit.c ---- */
/* Loads the target into *subject, makes it tx->subject and asks the route's permission. A denial of what
 * the actor may not even read becomes ST_NOT_FOUND. */
enum status permit(struct tx *tx, const struct request *rq, struct subject *subject);

/* ---- condition.c ---- */
/* Strong, quoted: a hash of the reply's body. */
struct str condition_etag(const struct reply *rp, struct arena *arena);
/* If-None-Match (and If-Match) of a GET that was answered: 304 takes the place of the reply. */
void condition_of_read(const struct request *rq, struct reply *rp, struct arena *arena);
/* If-Match of a change, in the write transaction. ST_PRECONDITION. */
enum status condition_of_write(struct tx *tx, const struct request *rq);

/* ---- repeat.c ---- */
/* Takes the Idempotency-Key of a POST into the job; fails tx where it is malformed. */
enum status repeat_begin(struct job *job, struct tx *tx);
/* True: this was asked before: the reply is made (or tx has failed with 409). */
bool repeat_answered(struct job *job, struct tx *tx);
/* Keeps the reply, in the write transaction that made it. */
void repeat_keep(struct job *job, struct tx *tx);
/* Keeps a refusal (409 and 422), in a savepoint of its own. */
void repeat_keep_refusal(struct job *job, struct tx *tx, const struct failure *failure);

/* ---- answer.c ---- */
/* Makes the reply whole (problem, headers, 304), counts and logs it. */
void answer_finish(struct job *job);

#endif

/* Script_inside: a delivery or request on its way, as the files of the scripts' thread know it.
 *
 *   script.c        the thread, what is due, whose slice is next
 *   script_run.c    one delivery: beginning, a slice, its reads, its end
 *   script_write.c  its writes: a change of the handler, and the result
 *   script_fetch.c  what it fetches
 *   script_visit.c  a request that a script answers: from its queue to its answer
 *   script_page.c   of a page: what stands around it
 */
#ifndef FOYER_EXEC_SCRIPT_INSIDE_H
#define FOYER_EXEC_SCRIPT_INSIDE_H

#include "base/limits.h"
#include "base/thread.h"
#include "exec/batch.h"
#include "exec/courier_fetch.h"
#include "exec/inside.h"
#include "exec/script.h"
#include "plugin/routes.h"
#include "store/webhook_work.h"

/*   FREE ─▶ READY ─▶ ASKED ─▶ WAITING ─▶ READY       ASKED: the writer's queue is full, it is offered again
 *             ├────▶ FETCHING ───────────▶ READY
 *             └────▶ OVER ──▶ SAVING ──▶ FREE        OVER: likewise its result; of a request only
 *                                                    an answer that is kept */
enum run_stage {
    RUN_FREE,
    RUN_READY,
    RUN_ASKED,
    RUN_WAITING,  /* the writer's, until done */
    RUN_FETCHING, /* its fetch is the courier's, until done */
    RUN_OVER,
    RUN_SAVING /* the writer's, until done */
};

struct fetched {
    int64_t took_ms, status, retry_after_s;
    struct buf answer; /* its first bytes, of an endpoint of webhooks */
};

struct run {
    struct scripts *scripts;
    enum run_stage stage;
    struct arena arena; /* of all below but what stands otherwise */
    struct job *job;    /* a request, which is ours meanwhile; NULL: a delivery */
    struct delivery delivery;
    bool is_slow;           /* its endpoint is, or fails */
    struct handler handler; /* texts are the generation's: while policy is held */
    struct policy *policy;
    struct tx tx;              /* what the handler knows of the world; no database */
    struct actor acts;         /* as whom it asks: tx.actor, but in an open route its plugin */
    struct task_result result; /* of a request */
    bool is_refused;           /* its form has faults */
    struct task_given given;
    struct task *task;
    struct task_call call;
    struct task_answer answer;
    struct reply reply; /* of call */
    struct fetch fetch; /* of call */
    int64_t changes;    /* calls of this try that went to the writer */
    uint64_t deadline;  /* monotonic */
    bool has_failed;
    bool is_excused;        /* somebody whom it asked has failed */
    bool is_late;           /* it failed by its time */
    struct fetched fetched; /* what its newest fetch came to */
    struct delivery_error error;
    struct write write;
    struct arena attempt; /* of one run of the write, or of a read */
    struct delivery judged;
    bool is_judged;
    uint8_t seed[CRYPTO_KEY]; /* stuttering */
    uint64_t again_at;        /* ASKED, OVER: monotonic */
    struct run *next;         /* in the mailbox */
};

/* The thread's alone, but for what says otherwise. */
struct scripts {
    struct server *server;
    struct thread thread;
    bool is_started;
    size_t slot;
    struct db *db;
    struct read_budget budget; /* of db */
    struct arena arena;        /* of one look */
    bool is_stopping, has_more;
    bool is_test_clock;               /* time may leap */
    size_t turn;                      /* of the handler that is asked first at the next look */
    char endpoint[64];                /* after which endpoint of webhooks that look begins; */
    size_t endpoint_len;              /* 0: with the first */
    uint64_t look_at;                 /* monotonic: when something may be due */
    struct run runs[LIMIT_HANDLERS];  /* of deliveries */
    struct run *visits[LIMIT_VISITS]; /* of requests; NULL: was not needed yet */
    bool has_room;                    /* one was answered: who waits may begin */

    struct mutex lock; /* of the mailbox: */
    struct cond changed;
    struct run *back; /* come back from the writer and the courier */
    bool is_woken, is_stop_asked;
    bool is_called;            /* a request came, or somebody who waited has gone */
    struct job *first, **last; /* requests that wait for their turn */
    size_t waiting;

    _Atomic uint64_t done, failed, dead, running, late;
};

enum { RUNS = LIMIT_HANDLERS + LIMIT_VISITS };
/* Of deliveries, then of requests; NULL: was not needed yet. */
struct run *scripts_run_at(struct scripts *scripts, size_t i);

/* ---- script_run.c ---- */
void run_init(struct run *run, struct scripts *scripts);
void run_fini(struct run *run); /* takes NULL */
/* What each begins with: its deadline, and nothing asked yet. */
void run_start(struct run *run);
/* Its delivery (texts of tx), handler and policy (which is held) are set: it is READY, or OVER. */
void run_begin(struct run *run, struct tx *tx);
/* One slice, and what comes of it. */
void run_step(struct run *run);
/* The writer or the courier has given its call back: the handler goes on with the answer. */
void run_answered(struct run *run);
/* Free again, whatever it was doing; where the writer or the courier has it, when it comes back. */
void run_drop(struct run *run);
/* Its handler has ended, well or not: no task and no policy any more. */
void run_leave(struct run *run);
/* Makes it free. */
void run_set_free(struct run *run);
/* The same, whoever has it: nothing of it comes back any more. */
void run_abandon(struct run *run);
/* The writer or the courier has it. */
bool run_is_elsewhere(const struct run *run);

/* ---- script_visit.c ---- */
/* Begins those that wait, as far as there is room. */
void visits_take(struct scripts *scripts);
/* Those whose askers have gone end now. */
void visits_look_gone(struct scripts *scripts);
/* Its function has ended: answers, or keeps the answer first. */
void visit_end(struct run *run);
/* The writer is done with what was to be kept. */
void visit_saved(struct run *run);
/* Whoever asked has gone. */
bool visit_is_gone(const struct run *run);
void visit_give_up(struct run *run);
/* In a write transaction: keeps the answer for the request's Idempotency-Key. */
void visit_keep(struct run *run, struct tx *tx);

/* ---- script_page.c ---- */
/* Puts what a page gave (the reply has it) into the layout, and its notice into a cookie. */
void visit_page(struct run *run);

/* ---- script_fetch.c ---- */
/* Hands the courier what its call asks for. */
void run_fetch(struct run *run);
/* Makes the answer of it. */
void run_fetched(struct run *run);

/* ---- script_write.c ---- */
extern const struct write_calls script_call_calls, script_result_calls;
/* Hands what its stage asks for (ASKED, OVER) to the writer. */
void run_submit(struct run *run);
/* Gives tx what the run is and acts as. */
void run_set_tx(const struct run *run, struct tx *tx);

/* ---- script.c ---- */
/* On the writer's or the courier's thread. */
void scripts_give_back(struct run *run);

#endif

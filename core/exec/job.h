/* Job: one request on its way from the socket to the answer.
 *
 * net makes one a request, lets http/parse fill `request` out of `arena`, asks exec_route once the
 * header is whole, and exec_submit once the body is. It gets the answer in `reply` by `done`,
 * writes it, and frees the job.
 *
 * One thread owns a job at a time: the loop that made it; a reader, a worker or the writer while it is in
 * their hands; then the loop again. Handing over goes through a queue with a lock, so nothing in here is
 * atomic but is_abandoned. Members below the line are exec's alone.
 */
#ifndef FOYER_EXEC_JOB_H
#define FOYER_EXEC_JOB_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/failure.h"
#include "exec/batch.h"
#include "exec/limiter.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/route.h"
#include "store/tx.h"

struct job;
struct loop;
struct policy;

/* On the loop that made the job, exactly once for each exec_submit, perhaps before that returns.
 * job->reply is whole and has X-Request-Id; for HEAD it has the body that GET would have (send
 * its length alone). From here on net owns the job, and frees it when the answer is written. */
typedef void job_done(struct job *job, void *context);

/* Whom a request is from, where neither key nor session says it. */
struct acting {
    enum actor_kind kind; /* ACTOR_STAFF, ACTOR_CLIENT; ACTOR_NOBODY: key and session decide */
    int64_t workspace;
    struct uuid workspace_id;
    struct uuid id;
};

struct job {
    struct arena arena; /* LIMIT_REQUEST_ARENA */
    struct request request;
    struct reply reply;
    struct failure failure; /* why it is refused: parser_feed and exec_route write it */
    job_done *done;         /* set by net before exec_submit */
    void *context;          /* net's */

    /* ---- exec's ---- */
    struct loop *loop;
    struct job *next;   /* among those that are handed back to the loop */
    struct write write; /* while it is the writer's */
    uint64_t began;     /* monotonic, when it was made */
    int64_t now;        /* wall time of its read transaction */
    struct str allow;   /* of the address, for OPTIONS and 405 */
    bool is_options;
    struct acting acting; /* in tests of scripts */
    bool is_operator;     /* came by the control socket: neither gate nor rule is asked */
    bool has_cookie;      /* came with a session cookie, good or not */
    struct arena attempt; /* of one run of .write: reset before it runs again */
    struct actor actor;
    int64_t workspace;
    struct uuid workspace_id;
    int64_t plugins_of, plugins_version; /* as in struct tx: of its read transaction */
    struct policy *policy; /* the loop's instance of the generation that it began with */
    struct work work;
    uint8_t seed[CRYPTO_KEY]; /* stuttering: what tx_random draws from */
    struct limit limit;
    struct str idempotency_key; /* absent: none that counts */
    uint8_t body_hash[CRYPTO_HASH];
    bool is_on_reader;         /* .read runs there, or ran */
    _Atomic bool is_abandoned; /* set by its loop: whoever asked has gone */
    bool is_repeated;          /* its Idempotency-Key was known */
    enum status outcome;
};

#endif

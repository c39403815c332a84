/* Job: one request on its way from the socket to the answer.
 *
 * net makes one a request, lets http/parse fill `request` out of `arena`, asks exec_route once the
 * header is whole, and exec_submit once the body is. It gets the answer in `reply` by `done`,
 * writes it, and frees the job.
 *
 * One thread owns a job at a time: the loop that made it; a worker or the writer while it is in
 * their hands; then the loop again. Handing over goes through a queue with a lock, so nothing in here is
 * atomic. Members below the line are exec's alone.
 */
#ifndef FOYER_EXEC_JOB_H
#define FOYER_EXEC_JOB_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/failure.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/route.h"
#include "policy/policy.h"
#include "store/tx.h"

struct job;
struct loop;
struct policy;

/* On the loop that made the job, exactly once for each exec_submit, perhaps before that returns.
 * job->reply is whole and has X-Request-Id; for HEAD it has the body that GET would have (send
 * its length alone). From here on net owns the job, and frees it when the answer is written. */
typedef void job_done(struct job *job, void *context);

struct job {
    struct arena arena; /* LIMIT_REQUEST_ARENA */
    struct request request;
    struct reply reply;
    struct failure failure; /* why it is refused: parser_feed and exec_route write it */
    job_done *done;         /* set by net before exec_submit */
    void *context;          /* net's */

    /* ---- exec's ---- */
    struct loop *loop;
    struct job *next;      /* in the one queue that it stands in */
    struct str allow;      /* of the address, for OPTIONS and 405 */
    uint64_t began;        /* monotonic, when it was made */
    int64_t now;           /* wall time of the request: the same in all phases */
    struct arena attempt;  /* of one run of .write: reset before it runs again */
    struct tx *tx;         /* of the running phase; NULL between phases */
    struct policy *policy; /* the loop's instance of the generation that it began with */
    void *generation;      /* held while the job lives */
    struct work work;
    uint8_t seed[CRYPTO_KEY]; /* where tx_random of .write draws from: the same on each run */
    struct str idempotency_key;
    struct tx_effects effects;
    enum status outcome; /* of the phases so far */
    bool is_culprit;     /* killed its batch: is not run again */
    bool was_routed;
};

#endif

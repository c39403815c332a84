/* Read: the .read of a request, on its loop or on a reader.
 *
 *   loop    gate, permit ──▶ .read within a budget ─────────────────────────▶ the next phase
 *                        │      └─ over it: begun again ─┐
 *                        └─ slow: known beforehand ──────┴─▶ reader: who asks, permit, .read ─▶ …
 *
 * A reader has a snapshot of its own, later than that of the loop: there everything is asked again, but
 * for what is counted (limiter, activity, an allow among the decisions).
 */
#include "exec/inside.h"
#include "exec/reader.h"
#include "exec/script.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/host.h"

#include <string.h>

enum where { WHERE_LOOP, WHERE_READER_SLOW, WHERE_READER_AGAIN };

static const struct read_limits loop_limits = {
    .steps = LIMIT_READ_STEPS,
    .nanoseconds = LIMIT_READ_MILLISECONDS * UINT64_C(1000000),
};

static bool is_let_in(struct job *job, struct tx *tx, struct subject *subject);
static bool is_still_let_in(struct job *job, struct tx *tx, struct subject *subject);
static bool is_slow(const struct job *job);
static bool is_set(const struct request *rq, const char *name);
static bool read_inline(struct job *job, struct tx *tx);
static void run(struct job *job, struct tx *tx, const struct read_budget *budget);
static bool is_repeatable(const struct request *rq);
static void keep(struct job *job, struct tx *tx);
static void hand_over(struct job *job, enum where where);
static void stop(struct job *job, struct tx *tx, enum read_end end);

void read_begin(struct job *job)
{
    struct loop *loop = job->loop;
    enum where where = WHERE_LOOP;
    struct subject subject;
    struct tx tx;

    if (!job->policy)
        job->policy = host_acquire(loop->server->host, (size_t)loop->number);
    tx_init(&tx, loop->db, &job->arena, job->now);
    job_set_tx(job, &tx);
    tx.policy = job->policy;
    if (tx_begin_read(&tx) == ST_OK && is_let_in(job, &tx, &subject) && job->request.route->read) {
        if (is_slow(job))
            where = WHERE_READER_SLOW;
        else if (!read_inline(job, &tx))
            where = WHERE_READER_AGAIN;
    }
    if (where == WHERE_LOOP && tx_status(&tx) == ST_OK)
        tx_keep_read(&tx); /* loop.c lets go of it */
    else
        tx_end_read(&tx);
    keep(job, &tx);
    if (where == WHERE_LOOP || job->outcome != ST_OK)
        job_go_on(job);
    else
        hand_over(job, where);
}

enum read_end read_on_reader(struct job *job, struct reader *reader,
                             const struct read_limits *limits)
{
    enum read_end end = READ_DONE;
    struct subject subject;
    struct tx tx;

    tx_init(&tx, reader->db, &job->arena, job->now);
    job_set_tx(job, &tx);
    tx.policy = host_acquire_same(job->policy, reader->slot);
    tx.was_allowed = true;
    if (atomic_load_explicit(&job->is_abandoned, memory_order_relaxed))
        end = READ_ABANDONED;
    else if (tx_begin_read(&tx) == ST_OK && is_still_let_in(job, &tx, &subject)) {
        read_budget_begin(&reader->budget, limits, &job->is_abandoned);
        run(job, &tx, &reader->budget);
        end = read_budget_end(&reader->budget);
    }
    if (end != READ_DONE)
        stop(job, &tx, end);
    tx_end_read(&tx);
    host_release(tx.policy);
    keep(job, &tx);
    return end;
}

void exec_abandon(struct job *job)
{
    atomic_store_explicit(&job->is_abandoned, true, memory_order_relaxed);
    if (job->request.route && job->request.route->flags & ROUTE_SCRIPT)
        scripts_look_gone(job->loop->server->scripts);
}

static bool is_let_in(struct job *job, struct tx *tx, struct subject *subject)
{
    if (job->is_operator)
        return control_take_body(job, tx) == ST_OK;
    return gate_pass(job, tx) == ST_OK && repeat_begin(job, tx) == ST_OK &&
           !repeat_answered(job, tx) && permit(tx, &job->request, subject) == ST_OK;
}

/* In a later snapshot: without what is done once a request. */
static bool is_still_let_in(struct job *job, struct tx *tx, struct subject *subject)
{
    if (job->is_operator)
        return true;
    if (!(job->request.route->flags & ROUTE_PUBLIC_HOST) && gate_identify(job, tx) != ST_OK)
        return false;
    return permit(tx, &job->request, subject) == ST_OK;
}

/* Searches walk an index of texts, counts all that is counted: their time grows with the data. That of a
 * page grows with its rows: 5 us each. */
static bool is_slow(const struct job *job)
{
    const struct request *rq = &job->request;
    int64_t limit;

    if (job->loop->server->reads == READS_ON_THREADS || rq->route->flags & ROUTE_SLOW)
        return true;
    return rq->route->flags & ROUTE_LIST &&
           (is_set(rq, "q") || is_set(rq, "count") ||
            (str_to_int(request_query(rq, "limit"), LIMIT_LIST_INLINE + 1, INT64_MAX, &limit)));
}

static bool is_set(const struct request *rq, const char *name)
{
    struct str value = request_query(rq, name);

    return !str_is_empty(value) && !str_is(value, "false");
}

/* False: it was over its budget (in tests: counts as over it), and nothing is left of it. */
static bool read_inline(struct job *job, struct tx *tx)
{
    struct read_budget *budget = &job->loop->budget;
    struct arena_mark mark = arena_mark(&job->arena);
    const struct actor actor = tx->actor;

    read_budget_begin(budget, &loop_limits, &job->is_abandoned);
    run(job, tx, budget);
    if (read_budget_end(budget) == READ_DONE && job->loop->server->reads != READS_AGAIN)
        return true;
    arena_rewind(&job->arena, mark);
    reply_clear(&job->reply);
    tx->actor = actor;
    tx->status = ST_OK;
    failure_clear(&tx->failure);
    tx->scratch = NULL;
    return false;
}

/* Stuttering, twice: what is read twice in one snapshot must be the same. */
static void run(struct job *job, struct tx *tx, const struct read_budget *budget)
{
    const struct request *rq = &job->request;
    uint8_t first[CRYPTO_HASH], second[CRYPTO_HASH];
    bool answers_differ;
    int status;

    job_call(rq->route->read, tx, rq, &job->reply);
    if (!job->loop->server->stutters || tx_status(tx) != ST_OK || budget->end != READ_DONE)
        return;
    status = job->reply.status;
    crypto_sha256(buf_view(&job->reply.body), first);
    reply_clear(&job->reply);
    tx->scratch = NULL;
    tx->drawn = 0;
    job_call(rq->route->read, tx, rq, &job->reply);
    if (budget->end != READ_DONE)
        return;
    crypto_sha256(buf_view(&job->reply.body), second);
    answers_differ = status != job->reply.status ||
                     (is_repeatable(rq) && memcmp(first, second, sizeof(first)) != 0);
    NEVER(answers_differ);
}

/* A resource, rather than what changes from one look to the next. */
static bool is_repeatable(const struct request *rq)
{
    return rq->route->entity != NULL;
}

/* What the phases after it begin with. */
static void keep(struct job *job, struct tx *tx)
{
    job->actor = tx->actor;
    job->workspace = tx->workspace;
    job->workspace_id = tx->workspace_id;
    job->plugins_of = tx->plugins_of;
    job->plugins_version = tx->plugins_version;
    job->work.scratch = tx->scratch;
    job->outcome = tx_status(tx);
    job->failure = tx->failure;
}

static void hand_over(struct job *job, enum where where)
{
    struct metrics *metrics = &job->loop->metrics;
    struct readers *readers = job->loop->server->readers;
    _Atomic uint64_t *count =
        where == WHERE_READER_SLOW ? &metrics->reads_slow : &metrics->reads_again;
    enum status status;

    job->is_on_reader = true;
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
    status = readers_submit(readers, job);
    if (status != ST_OK)
        atomic_fetch_add_explicit(&metrics->reads_refused, 1, memory_order_relaxed);
    job_handed_over(job, status);
}

/* Whatever the handler made of the interruption, this is the answer. */
static void stop(struct job *job, struct tx *tx, enum read_end end)
{
    const struct request *rq = &job->request;

    reply_clear(&job->reply);
    tx->status = ST_OK;
    failure_clear(&tx->failure);
    if (end == READ_ABANDONED) {
        tx_fail(tx, ST_TIMEOUT, "abandoned",
                "The connection was closed on your side before this long read was done.");
        return;
    }
    log_warn(rq->id, "a read took too long and was stopped",
             LOG_C("method", method_name(rq->method)), LOG_S("path", rq->log_path),
             LOG_N("us", (clock_monotonic() - job->began) / 1000));
    if (!(rq->route->flags & ROUTE_LIST))
        tx_fail(tx, ST_TOO_SLOW, NULL, "%s", status_text(ST_TOO_SLOW));
    else if (is_set(rq, "count"))
        tx_fail(tx, ST_TOO_SLOW, NULL,
                "There is too much to count: leave count out, or narrow the list with filters%s.",
                is_set(rq, "q") ? " and more words in q" : "");
    else
        tx_fail(tx, ST_TOO_SLOW, NULL,
                "The list takes too long: %sadd filters, or ask for fewer at once with limit.",
                is_set(rq, "q") ? "give more or longer words in q, " : "");
}

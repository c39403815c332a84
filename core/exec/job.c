/* Job: a request's phases, and the threads on which they run. */
#include "exec/inside.h"
#include "exec/script.h"
#include "exec/worker.h"
#include "exec/writer.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/host.h"
#include "plugin/host.h"
#include "plugin/routes.h"

#include <stdlib.h>
#include <string.h>

/* Where .write begins to draw from the seed, so that it draws nothing again that .read drew. */
#define DRAWN_BY_READ (UINT64_C(1) << 32)

static enum status find_of_plugins(struct loop *loop, struct job *job);
static void keep_request_id(struct loop *loop, struct job *job);
static bool is_request_id(struct str id);
static struct arena *write_prepare(struct write *write);
static enum status write_run(struct write *write, struct tx *tx);
static void run_handler(struct job *job, struct tx *tx);
static void write_refused(struct write *write, struct tx *tx, const struct failure *failure);
static void write_digest(struct write *write, uint8_t out[CRYPTO_HASH]);
static void write_done(struct write *write);
static struct job *job_of(struct write *write);
static void after_phase(struct job *job);

static const struct write_calls job_calls = {
    .name = "request",
    .prepare = write_prepare,
    .run = write_run,
    .refused = write_refused,
    .digest = write_digest,
    .done = write_done,
};

struct job *job_new(struct loop *loop)
{
    struct job *job = xcalloc(1, sizeof(*job));

    arena_init(&job->arena, LIMIT_REQUEST_ARENA);
    arena_init(&job->attempt, LIMIT_REQUEST_ARENA);
    reply_init(&job->reply);
    job->loop = loop;
    job->began = clock_monotonic();
    job->write.calls = &job_calls;
    loop->jobs++;
    return job;
}

void job_free(struct job *job)
{
    struct loop *loop;

    if (!job)
        return;
    loop = job->loop;
    host_release(job->policy);
    request_fini(&job->request);
    reply_fini(&job->reply);
    arena_fini(&job->attempt);
    arena_fini(&job->arena);
    free(job);
    loop->jobs--;
    if (loop->is_draining)
        loop_look(loop);
}

enum status exec_route(struct loop *loop, struct job *job, size_t *body_limit)
{
    struct server *server = loop->server;
    struct request *rq = &job->request;
    enum status status;
    bool is_public;

    /* what a body of these would mean is said nowhere (RFC 9110, 9.3.1): servers differ over it */
    *body_limit =
        rq->method == GET || rq->method == HEAD || rq->method == OPTIONS ? 0 : LIMIT_JSON_BODY;
    rq->is_secure = server->is_secure;
    keep_request_id(loop, job);
    status = router_find(server->router, rq, &job->arena, &job->allow);
    if (status == ST_NOT_FOUND && !rq->route && routes_has(rq->path))
        status = find_of_plugins(loop, job);
    if (rq->route && rq->route->flags & ROUTE_SCRIPT && *body_limit)
        *body_limit = LIMIT_SCRIPT_BODY;
    is_public = rq->route && rq->route->flags & ROUTE_PUBLIC_HOST;
    if (!is_public && !host_is_ours(server->host_policy, rq->host))
        status = ST_MISDIRECTED;
    job->is_options = status == ST_METHOD && rq->method == OPTIONS;
    if (status == ST_OK)
        return request_check_body(rq, &job->arena, &job->failure);
    if (!job->is_options)
        failure_set(&job->failure, &job->arena, status, NULL, "%s", status_text(status));
    return job->is_options ? ST_OK : status;
}

/* A route of a plugin is its generation's: that is held from here on. */
static enum status find_of_plugins(struct loop *loop, struct job *job)
{
    const struct router *router;

    job->policy = host_acquire(loop->server->host, (size_t)loop->number);
    router = routes_of(job->policy);
    return router ? router_find(router, &job->request, &job->arena, &job->allow) : ST_NOT_FOUND;
}

void exec_submit(struct loop *loop, struct job *job)
{
    PRE(job->loop == loop && job->done);
    job->now = clock_wall();
    job->work =
        (struct work){ .arena = &job->arena, .rq = &job->request, .failure = &job->failure };
    if (loop->server->stutters)
        crypto_random(job->seed, sizeof(job->seed));
    if (!job->is_options) {
        read_begin(job);
        return;
    }
    job->reply.status = 204;
    reply_header(&job->reply, "Allow", job->allow);
    job_resume(job);
}

void exec_refuse(struct loop *loop, struct job *job)
{
    PRE(job->loop == loop);
    if (job->failure.status == ST_OK)
        job->failure.status = ST_INTERNAL;
    if (str_is_absent(job->request.id))
        keep_request_id(loop, job);
    job->outcome = job->failure.status;
    answer_finish(job);
}

void job_resume(struct job *job)
{
    if (job->outcome == ST_OK && job->request.route && job->request.route->after)
        after_phase(job);
    answer_finish(job);
    job->done(job, job->context);
}

void job_work(void *item)
{
    struct job *job = item;

    job->outcome = job->request.route->work(&job->work);
    if (job->outcome != ST_OK && job->failure.status == ST_OK)
        failure_set(&job->failure, &job->arena, job->outcome, NULL, "%s",
                    status_text(job->outcome));
    if (arena_is_exhausted(&job->arena) && job->outcome == ST_OK)
        job_handed_over(job, ST_NO_MEMORY);
    else if (job->outcome == ST_OK && job->request.route->write)
        job_handed_over(job, writer_submit(job->loop->server->writer, &job->write));
    else
        loop_give_back(job);
}

/* One that came and is well-formed goes on through the answer, the logs and mails; else one is made. */
static void keep_request_id(struct loop *loop, struct job *job)
{
    struct str sent = request_header(&job->request, "x-request-id");

    if (is_request_id(sent))
        job->request.id = sent;
    else
        job->request.id = str_printf(&job->arena, "%08x-%llu", (unsigned)loop->id_prefix,
                                     (unsigned long long)++loop->id_count);
}

static bool is_request_id(struct str id)
{
    size_t i;

    if (id.len == 0 || id.len > 64)
        return false;
    for (i = 0; i < id.len; i++) {
        char c = id.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

void job_call(route_phase *phase, struct tx *tx, const struct request *rq, struct reply *rp)
{
    enum status status = phase(tx, rq, rp);

    if (status != ST_OK)
        tx_fail(tx, status, NULL, "%s", status_text(status));
    if (rp->body.overflowed)
        tx_fail(tx, ST_NO_MEMORY, NULL, "The answer would be too large: ask for less at once.");
}

void job_set_tx(const struct job *job, struct tx *tx)
{
    const struct server *server = job->loop->server;

    tx->request_id = job->request.id;
    tx->peer = job->request.peer;
    tx->server_key = server->folder.server_key;
    tx->actor = job->actor;
    tx->workspace = job->workspace;
    tx->workspace_id = job->workspace_id;
    tx->scratch = job->work.scratch;
    if (server->stutters)
        tx->seed = job->seed;
}

/* A phase that answered ends the request. */
void job_go_on(struct job *job)
{
    const struct route *route = job->request.route;
    struct server *server = job->loop->server;

    if (job->outcome == ST_OK && job->reply.status == 0 && route->flags & ROUTE_SCRIPT) {
        job_handed_over(job, scripts_submit(server->scripts, job));
        return;
    }
    if (job->outcome != ST_OK || job->reply.status != 0 || (!route->work && !route->write)) {
        if (job->is_on_reader)
            loop_give_back(job);
        else
            job_resume(job);
        return;
    }
    if (!route->work)
        job_handed_over(job, writer_submit(server->writer, &job->write));
    else if (route->flags & ROUTE_PASSWORD)
        job_handed_over(job, workers_submit(server->password_workers, job));
    else
        job_handed_over(job, workers_submit(server->workers, job));
}

void job_handed_over(struct job *job, enum status status)
{
    if (status == ST_OK)
        return;
    job->outcome = status;
    failure_clear(&job->failure);
    failure_set(&job->failure, &job->arena, status, NULL, "%s", status_text(status));
    loop_give_back(job);
}

static struct arena *write_prepare(struct write *write)
{
    struct job *job = job_of(write);

    reply_clear(&job->reply);
    arena_reset(&job->attempt);
    job->is_repeated = false;
    return &job->attempt;
}

static enum status write_run(struct write *write, struct tx *tx)
{
    struct job *job = job_of(write);
    struct server *server = job->loop->server;

    job_set_tx(job, tx);
    tx->drawn = DRAWN_BY_READ;
    tx->policy = host_acquire_same(job->policy, server->loop_count);
    if (!repeat_answered(job, tx))
        run_handler(job, tx);
    host_release(tx->policy);
    tx->policy = NULL;
    return tx_status(tx);
}

/* Asked again, in the transaction that changes: this is the answer that counts. */
static void run_handler(struct job *job, struct tx *tx)
{
    const struct request *rq = &job->request;
    struct subject subject;

    if (!job->is_operator &&
        (permit(tx, rq, &subject) != ST_OK || condition_of_write(tx, rq) != ST_OK))
        return;
    job_call(rq->route->write, tx, rq, &job->reply);
    repeat_keep(job, tx);
}

static void write_refused(struct write *write, struct tx *tx, const struct failure *failure)
{
    struct job *job = job_of(write);

    job_set_tx(job, tx);
    repeat_keep_refusal(job, tx, failure);
}

static void write_digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    const struct job *job = job_of(write);
    struct buf all;
    size_t i;

    buf_init(&all, LIMIT_REPLY_BODY + KIB(64));
    if (write->status != ST_OK) { /* the answer is made of the failure, later */
        buf_str(&all, write->failure.code);
        buf_char(&all, ' ');
        buf_str(&all, write->failure.message);
    } else {
        buf_printf(&all, "%d %s ", job->reply.status,
                   job->reply.content_type ? job->reply.content_type : "");
        for (i = 0; i < job->reply.header_count; i++)
            buf_printf(&all, "%s: %.*s ", job->reply.headers[i].name,
                       STR_ARG(job->reply.headers[i].value));
        buf_str(&all, buf_view(&job->reply.body));
    }
    crypto_sha256(buf_view(&all), out);
    buf_fini(&all);
}

static void write_done(struct write *write)
{
    struct job *job = job_of(write);

    job->outcome = write->status;
    job->failure = write->failure;
    loop_give_back(job);
}

static struct job *job_of(struct write *write)
{
    return (struct job *)(void *)((char *)write - offsetof(struct job, write));
}

/* No transaction is begun: the answer is there, and is durable where it must be. */
static void after_phase(struct job *job)
{
    struct tx tx;

    tx_release_read(job->loop->db);
    tx_init(&tx, job->loop->db, &job->arena, job->now);
    job_set_tx(job, &tx);
    tx.policy = job->policy;
    job_call(job->request.route->after, &tx, &job->request, &job->reply);
    job->outcome = tx_status(&tx);
    job->failure = tx.failure;
}

/* Answer: what every reply gets before it goes out, and the one log line of each request. */
#include "exec/inside.h"

#include "api/page.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/host.h"
#include "policy/policy.h"

/* Pages load nothing from elsewhere and run nothing that stands in them. */
#define PAGE_POLICY                                                                                \
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "                   \
    "frame-ancestors 'none'"

static void make_problem(struct job *job);
static bool is_for_a_person(const struct request *rq);
static void problem_page(struct job *job);
static void plain_page(struct job *job, struct str message);
static struct str message_of(const struct failure *failure);
static void add_headers(struct job *job);
static void add_page_headers(struct job *job);
static void add_script_headers(struct job *job);
static void add_limit(struct job *job);
static bool has_header(const struct reply *rp, const char *name);
static void offer(struct reply *rp, const char *name, struct str value);
static void log_answer(const struct job *job, uint64_t nanoseconds);

void answer_finish(struct job *job)
{
    struct request *rq = &job->request;
    struct reply *rp = &job->reply;
    bool is_get = rq->method == GET || rq->method == HEAD;
    uint64_t nanoseconds;

    if (job->outcome == ST_OK && rp->status == 0) {
        job->outcome = job->failure.status = ST_INTERNAL;
        failure_set(&job->failure, &job->arena, ST_INTERNAL, NULL, "%s", status_text(ST_INTERNAL));
    }
    if (job->outcome != ST_OK) {
        make_problem(job);
    } else if (is_get && rp->status == 200) {
        if (str_is_absent(rp->etag))
            rp->etag = condition_etag(rp, &job->arena);
        if (!str_is_absent(rp->etag))
            condition_of_read(rq, rp, &job->arena);
    }
    add_headers(job);
    nanoseconds = clock_monotonic() - job->began;
    metrics_count(&job->loop->metrics, rq->route, rp->status, nanoseconds);
    log_answer(job, nanoseconds);
}

static void make_problem(struct job *job)
{
    const struct request *rq = &job->request;

    if (rq->route && rq->route->flags & ROUTE_PAGE && job->outcome == ST_UNAUTHENTICATED) {
        reply_clear(&job->reply);
        reply_redirect(&job->reply, &job->arena, STR("/sign-in"));
    } else if (is_for_a_person(rq))
        problem_page(job);
    else
        reply_problem(&job->reply, &job->failure, rq->id, &job->arena);
    if (job->outcome == ST_METHOD && !str_is_empty(job->allow))
        reply_header(&job->reply, "Allow", job->allow);
}

/* Pages answer pages; so does an address that is none, to a browser. */
static bool is_for_a_person(const struct request *rq)
{
    if (rq->route)
        return rq->route->flags & ROUTE_PAGE;
    return rq->headers && rq->path.at && !str_starts(rq->path, STR("/v1/")) &&
           request_header_has(rq, "accept", STR("text/html"));
}

/* The headers of the problem are those that a program gets; the body is the portal's page, or a plain
 * one when that fails too. */
static void problem_page(struct job *job)
{
    struct str message = message_of(&job->failure);
    struct rendered rendered = { 0 };
    struct page page;
    struct tx tx;

    reply_problem(&job->reply, &job->failure, job->request.id, &job->arena);
    /* by a foreign name nobody learns whose portal this is */
    if (!job->policy && job->outcome != ST_MISDIRECTED)
        job->policy = host_acquire(job->loop->server->host, (size_t)job->loop->number);
    if (!job->policy) {
        plain_page(job, message);
        return;
    }
    tx_init(&tx, job->loop->db, &job->arena, job->now);
    tx.policy = job->policy;
    tx.request_id = job->request.id;
    tx.actor = job->actor;
    tx.workspace = job->workspace;
    tx.workspace_id = job->workspace_id;
    tx_begin_read(&tx);
    page_begin(&page, &tx);
    buf_printf(&page.data, ",\"status\":%d", status_http(job->outcome));
    page_failure(&page, &job->failure);
    buf_char(&page.data, '}');
    if (policy_render(&tx, "page.problem", page.locale, buf_view(&page.data), &rendered) == ST_OK &&
        !str_is_empty(rendered.html))
        reply_html(&job->reply, job->reply.status, rendered.html);
    else
        plain_page(job, message);
    tx_end_read(&tx);
    buf_fini(&page.data);
}

static void plain_page(struct job *job, struct str message)
{
    struct reply *rp = &job->reply;
    struct buf *out = &rp->body;

    reply_html(rp, rp->status,
               STR("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
                   "name=\"viewport\" content=\"width=device-width\"><title>"));
    buf_text(out, reply_phrase(rp->status));
    buf_text(out, "</title></head><body><main><h1>");
    buf_text(out, reply_phrase(rp->status));
    buf_text(out, "</h1><p>");
    buf_html(out, message);
    buf_text(out, "</p><p>Request ");
    buf_html(out, job->request.id);
    buf_text(out, "</p></main></body></html>");
}

static struct str message_of(const struct failure *failure)
{
    if (!str_is_absent(failure->message))
        return failure->message;
    if (failure->errors)
        return failure->errors->message;
    return str_from(status_text(failure->status == ST_OK ? ST_INTERNAL : failure->status));
}

static void add_headers(struct job *job)
{
    struct reply *rp = &job->reply;

    reply_header(rp, "X-Request-Id", job->request.id);
    if (!str_is_absent(rp->etag) && (rp->status == 200 || rp->status == 304))
        reply_header(rp, "ETag", rp->etag);
    if (rp->has_secret || rp->status >= 400)
        reply_header(rp, "Cache-Control", STR("no-store"));
    else
        offer(rp, "Cache-Control", STR("private, no-cache"));
    offer(rp, "X-Content-Type-Options", STR("nosniff"));
    if (job->is_repeated && job->outcome == ST_OK)
        reply_header(rp, "Idempotency-Replayed", STR("true"));
    if (job->limit.is_on)
        add_limit(job);
    if (rp->content_type && str_starts(str_from(rp->content_type), STR("text/html")))
        add_page_headers(job);
    else if (rp->content_type && job->request.route && job->request.route->flags & ROUTE_SCRIPT)
        add_script_headers(job);
}

/* Of any other type, which a browser may run things in: images, XML. */
static void add_script_headers(struct job *job)
{
    struct str type = str_from(job->reply.content_type);

    if (str_starts(type, STR("application/json")) || str_starts(type, STR("text/plain")) ||
        str_is(type, "application/problem+json"))
        return;
    offer(&job->reply, "Content-Security-Policy",
          STR("default-src 'none'; sandbox; frame-ancestors 'none'"));
}

static void add_page_headers(struct job *job)
{
    struct reply *rp = &job->reply;
    bool is_secret = job->request.route && job->request.route->flags & ROUTE_SECRET_PATH;

    offer(rp, "Content-Security-Policy", STR(PAGE_POLICY));
    offer(rp, "Cross-Origin-Opener-Policy", STR("same-origin"));
    /* A page whose address is a secret tells it to nobody, not even to our other pages. */
    offer(rp, "Referrer-Policy", is_secret ? STR("no-referrer") : STR("same-origin"));
}

/* draft-ietf-httpapi-ratelimit-headers: what may be used in which window, and what is left of it. */
static void add_limit(struct job *job)
{
    struct reply *rp = &job->reply;

    offer(rp, "RateLimit-Policy", str_from(job->loop->server->limit_policy));
    offer(rp, "RateLimit",
          str_printf(&job->arena, "\"requests\";r=%lld;t=%lld", (long long)job->limit.remaining,
                     (long long)job->limit.reset));
}

static bool has_header(const struct reply *rp, const char *name)
{
    size_t i;

    for (i = 0; i < rp->header_count; i++)
        if (str_eq_nocase(str_from(rp->headers[i].name), str_from(name)))
            return true;
    return false;
}

/* Unless the handler said otherwise. */
static void offer(struct reply *rp, const char *name, struct str value)
{
    if (!has_header(rp, name))
        reply_header_more(rp, name, value);
}

static void log_answer(const struct job *job, uint64_t nanoseconds)
{
    const struct request *rq = &job->request;
    const struct reply *rp = &job->reply;
    const struct failure *failure = &job->failure;
    /* What was too slow has a line of its own. */
    bool is_ours = rp->status >= 500 && job->outcome != ST_BUSY && job->outcome != ST_TOO_SLOW;
    struct log_field fields[10];
    size_t count = 0;
    char actor[UUID_TEXT];

    if (!is_ours && !job->loop->server->config->access_log)
        return;
    fields[count++] = LOG_C("method", method_name(rq->method));
    fields[count++] = LOG_S("path", rq->log_path);
    fields[count++] = LOG_N("status", rp->status);
    fields[count++] = LOG_N("us", nanoseconds / 1000);
    fields[count++] = LOG_N("bytes", rp->body.len);
    if (job->is_on_reader)
        fields[count++] = LOG_C("on", "reader");
    if (job->actor.kind != ACTOR_NOBODY) {
        uuid_format(job->actor.id, actor);
        fields[count++] = LOG_C(actor_kind_name(job->actor.kind), actor);
    }
    if (job->outcome != ST_OK) {
        fields[count++] =
            LOG_S("code", str_is_empty(failure->code) ? str_from(status_code(job->outcome))
                                                      : failure->code);
        fields[count++] = LOG_S("reason", message_of(failure));
    }
    if (job->outcome != ST_OK && !str_is_absent(failure->rule))
        fields[count++] = LOG_S("rule", failure->rule);
    if (log_is_on(is_ours ? LOG_ERROR : LOG_INFO))
        log_record(is_ours ? LOG_ERROR : LOG_INFO, rq->id, "request", fields, count);
}

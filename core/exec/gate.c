/* Gate: who asks, whether a browser was tricked into asking, how often, and what was sent. */
#include "exec/inside.h"

#include "api/explain.h"
#include "api/signin.h"
#include "base/clock.h"

static enum status identify_acting(const struct acting *acting, struct tx *tx);
static struct str key_of(const struct request *rq);
static void forget_failure(struct tx *tx);
static enum status check_origin(struct job *job, struct tx *tx);
static bool is_unsafe(enum method method);
static bool is_own_origin(const struct request *rq, struct str origin);
static enum status take_token(struct job *job, struct tx *tx);
static enum status check_input(struct job *job, struct tx *tx);

enum status gate_pass(struct job *job, struct tx *tx)
{
    const struct route *route = job->request.route;

    if (route->flags & ROUTE_PUBLIC_HOST) /* health and metrics: no actor, never limited */
        return check_input(job, tx);
    if (gate_identify(job, tx) == ST_UNAUTHENTICATED && route->open &&
        route->flags & ROUTE_SCRIPT) {
        /* others have their own schemes: the script is given what was sent */
        forget_failure(tx);
        job->request.is_key_foreign = true;
    }
    if (take_token(job, tx) != ST_OK || check_origin(job, tx) != ST_OK)
        return tx_status(tx);
    if (tx->actor.kind != ACTOR_NOBODY)
        activity_note(job->loop->activity, tx);
    return check_input(job, tx);
}

/* A key that is sent must be right. A session that has ended is no session: whether somebody must be
 * signed in is the route's to say. */
enum status gate_identify(struct job *job, struct tx *tx)
{
    const struct request *rq = &job->request;
    struct str key = key_of(rq);
    struct str session;

    tx->actor = (struct actor){ .road = "api" };
    tx->workspace = 0;
    tx->workspace_id = UUID_NONE;
    if (job->acting.kind != ACTOR_NOBODY)
        return identify_acting(&job->acting, tx);
    if (!str_is_absent(key))
        return actor_load_by_key(tx, key);
    session = request_cookie(rq, session_cookie_name());
    job->has_cookie = !str_is_empty(session);
    if (job->has_cookie && actor_load_by_session(tx, session) == ST_UNAUTHENTICATED)
        forget_failure(tx);
    return tx_status(tx);
}

/* As if by a session. */
static enum status identify_acting(const struct acting *acting, struct tx *tx)
{
    tx->workspace = acting->workspace;
    tx->workspace_id = acting->workspace_id;
    if (acting->kind == ACTOR_CLIENT)
        return actor_load_client(tx, acting->id);
    if (actor_load_staff(tx, acting->id) == ST_OK)
        explain_operator(tx);
    tx->actor.road = "session";
    return tx_status(tx);
}

static struct str key_of(const struct request *rq)
{
    struct str key = request_header(rq, "x-api-key");
    struct str authorization = request_header(rq, "authorization");
    struct str scheme, rest = authorization;

    if (!str_is_absent(key) || str_is_absent(authorization))
        return key;
    if (str_cut(&rest, ' ', &scheme) && str_eq_nocase(scheme, STR("bearer")) && rest.at)
        return str_trim(rest);
    return authorization; /* of another scheme: no key of ours */
}

static void forget_failure(struct tx *tx)
{
    tx->status = ST_OK;
    failure_clear(&tx->failure);
}

/* A request that changes something and is allowed by a cookie must come from our own pages: browsers say
 * so (Sec-Fetch-Site, or Origin before it), and whoever says neither is refused. Without a cookie
 * nothing is risked but signing somebody in as another: then only what is plainly foreign is refused. */
static enum status check_origin(struct job *job, struct tx *tx)
{
    const struct request *rq = &job->request;
    struct str site = request_header(rq, "sec-fetch-site");
    struct str origin = request_header(rq, "origin");
    bool is_ours;

    if (!is_unsafe(rq->method) || !str_is_absent(key_of(rq)))
        return ST_OK;
    if (!str_is_absent(site))
        is_ours = str_is(site, "same-origin") || str_is(site, "none");
    else if (!str_is_absent(origin) && (job->has_cookie || !str_is(origin, "null")))
        is_ours = is_own_origin(rq, origin);
    else
        is_ours = !job->has_cookie;
    if (is_ours)
        return ST_OK;
    return tx_fail(tx, ST_DENIED, "csrf",
                   "This came from another site, or from a program that sent a session cookie: "
                   "programs use an API key.");
}

static bool is_unsafe(enum method method)
{
    return method != GET && method != HEAD && method != OPTIONS;
}

/* Scheme, host and port; Host has been found to be ours. */
static bool is_own_origin(const struct request *rq, struct str origin)
{
    struct str scheme = rq->is_secure ? STR("https://") : STR("http://");

    if (!str_starts(origin, scheme))
        return false;
    return str_eq_nocase(str_slice(origin.at + scheme.len, origin.len - scheme.len), rq->host);
}

/* Whoever holds a key has a bucket of his own; everybody else shares that of his address, and so does a
 * key that is wrong. */
static enum status take_token(struct job *job, struct tx *tx)
{
    struct limiter *limiter = job->loop->server->limiter;
    uint64_t now = clock_monotonic();
    bool is_taken;

    if (tx_status(tx) == ST_OK && tx->actor.kind == ACTOR_KEY)
        is_taken = limiter_take_key(limiter, tx->actor.id, now, &job->limit);
    else
        is_taken = limiter_take_peer(limiter, job->request.peer, now, &job->limit);
    if (is_taken)
        return tx_status(tx);
    forget_failure(tx);
    tx_fail(tx, ST_TOO_MANY, NULL, "Too many requests: the next one is taken in %lld s.",
            (long long)job->limit.retry);
    tx->failure.retry_after = job->limit.retry;
    atomic_fetch_add_explicit(&job->loop->metrics.limited, 1, memory_order_relaxed);
    return tx_status(tx);
}

static enum status check_input(struct job *job, struct tx *tx)
{
    struct request *rq = &job->request;
    enum status status = ST_OK;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    /* Links to pages come back with parameters of mail programs and advertisers on them; those of a script's
     * route are checked by its schema. */
    if (!(rq->route->flags & (ROUTE_PAGE | ROUTE_SCRIPT)))
        status = route_check_query(rq, tx->arena, &tx->failure);
    if (status == ST_OK && is_unsafe(rq->method))
        status = request_read_body(rq, tx->arena, &tx->failure);
    if (status != ST_OK)
        tx_fail(tx, status, NULL, "%s", status_text(status)); /* makes it stick */
    return tx_status(tx);
}

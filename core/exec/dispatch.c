/* Dispatch: a route that is run from inside, in the caller's transaction and as its actor.
 *
 * For scripts (foyer.api) and for If-Match. Only .read and .write: what needs another thread or the socket
 * cannot be had inside of a transaction. Permission is asked as it is from outside. What fails for a
 * reason of its own is undone and answered, and the caller's transaction goes on.
 */
#include "exec/inside.h"

#include "policy/policy.h"

enum { DEPTH_MOST = 4 };

static const struct router *all_routes; /* set once, before threads */

static enum status dispatch(struct tx *tx, enum method method, struct str path, struct str query,
                            struct str body, struct reply *rp);
static enum status find(struct tx *tx, struct request *rq, struct str path, struct str query,
                        struct str body);
static enum status refuse(struct tx *tx, const struct request *rq);
static void run(struct tx *tx, struct request *rq, struct reply *rp);

void dispatch_start(const struct router *router)
{
    all_routes = router;
    route_dispatcher = dispatch;
}

static enum status dispatch(struct tx *tx, enum method method, struct str path, struct str query,
                            struct str body, struct reply *rp)
{
    struct request rq = { .method = method, .id = tx->request_id, .peer = tx->peer };
    const struct subject *subject = tx->subject;
    void *scratch = tx->scratch;
    bool is_change = method != GET && method != HEAD;
    struct failure failure = { 0 };
    enum status status;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    tx->depth++;
    tx->scratch = NULL;
    if (is_change && tx->is_writing)
        tx_item_begin(tx);
    if (find(tx, &rq, path, query, body) == ST_OK && refuse(tx, &rq) == ST_OK)
        run(tx, &rq, rp);
    if (is_change && tx->is_writing) {
        status = tx_item_end(tx, &failure);
    } else {
        status = tx_status(tx);
        failure = tx->failure;
        if (status != ST_OK && status_http(status) < 500) {
            tx->status = ST_OK;
            failure_clear(&tx->failure);
        }
    }
    if (status != ST_OK)
        reply_problem(rp, &failure, tx->request_id, tx->arena);
    tx->depth--;
    tx->subject = subject;
    tx->scratch = scratch;
    request_fini(&rq);
    return status;
}

static enum status find(struct tx *tx, struct request *rq, struct str path, struct str query,
                        struct str body)
{
    static struct header json[] = { { STR("content-type"), STR("application/json") } };
    struct str target = path, allow;
    enum status status;

    if (!str_is_empty(query))
        target = str_printf(tx->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(query));
    rq->version_minor = 1;
    rq->headers = json;
    rq->header_count = 1;
    rq->body = body;
    rq->has_body = body.len > 0;
    status = request_set_target(rq, tx->arena, target, NULL, &tx->failure);
    if (status == ST_OK)
        status = router_find(all_routes, rq, tx->arena, &allow);
    if (status == ST_OK)
        status = route_check_query(rq, tx->arena, &tx->failure);
    if (status == ST_OK)
        status = request_read_body(rq, tx->arena, &tx->failure);
    if (status != ST_OK)
        tx_fail(tx, status, NULL, "%s", status_text(status));
    return tx_status(tx);
}

static enum status refuse(struct tx *tx, const struct request *rq)
{
    const struct route *route = rq->route;
    bool is_change = rq->method != GET && rq->method != HEAD;

    if (tx->depth > DEPTH_MOST)
        return tx_fail(tx, ST_UNPROCESSABLE, "too_deep",
                       "Calls of the API from inside may be nested %d deep.", DEPTH_MOST);
    if (route->work || route->after || route->flags & ROUTE_PAGE || (!route->read && !route->write))
        return tx_fail(tx, ST_UNPROCESSABLE, "not_from_inside",
                       "This address cannot be called from inside.");
    if (is_change && !tx->is_writing)
        return tx_fail(tx, ST_UNPROCESSABLE, "read_only_here",
                       "Nothing can be changed here: rules and scopes only read.");
    return tx_status(tx);
}

static void run(struct tx *tx, struct request *rq, struct reply *rp)
{
    struct subject subject;
    enum status status = permit(tx, rq, &subject);

    if (status == ST_OK && rq->route->read)
        status = rq->route->read(tx, rq, rp);
    if (status == ST_OK && tx_status(tx) == ST_OK && rp->status == 0 && rq->route->write)
        status = rq->route->write(tx, rq, rp);
    if (status != ST_OK)
        tx_fail(tx, status, NULL, "%s", status_text(status));
    if (rp->body.overflowed)
        tx_fail(tx, ST_NO_MEMORY, NULL, "The answer is too large for a call from inside.");
}

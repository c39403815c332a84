/* Permit: a route's target, and the answer to its permission; in any transaction. */
#include "exec/inside.h"

#include "policy/policy.h"

static enum status deny(struct tx *tx, const struct subject *subject);
static bool may_read(const struct tx *tx, const struct subject *subject);

enum status permit(struct tx *tx, const struct request *rq, struct subject *subject)
{
    const struct route *route = rq->route;

    *subject = (struct subject){ .entity = route->entity };
    tx->subject = NULL;
    if (route->may && tx->actor.kind == ACTOR_NOBODY)
        return tx_fail(tx, ST_UNAUTHENTICATED, NULL, "%s",
                       route->flags & ROUTE_PAGE
                           ? "Sign in first."
                           : "Send an API key (X-API-Key or Authorization: Bearer), or sign in.");
    if (route->target && route->target(tx, rq, subject) != ST_OK)
        return tx_status(tx) != ST_OK ? tx_status(tx) : tx_not_found(tx);
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    tx->subject = subject;
    if (route->may && policy_may(tx, route->may, subject) == ST_DENIED)
        return deny(tx, subject);
    return tx_status(tx);
}

/* Whoever may not see a thing is told that there is none, in the words that are used when there is none.
 * What has no entity (oneself, at /v1/me) is no secret from whoever asks. */
static enum status deny(struct tx *tx, const struct subject *subject)
{
    if (uuid_is_none(subject->id) || !subject->entity || may_read(tx, subject))
        return ST_DENIED;
    tx->status = ST_OK;
    failure_clear(&tx->failure);
    return tx_not_found(tx);
}

/* Asked beside the transaction, which has failed with the denial. */
static bool may_read(const struct tx *tx, const struct subject *subject)
{
    const struct subject seen = { .entity = subject->entity,
                                  .row = subject->row,
                                  .id = subject->id };
    struct decision decision;
    struct tx beside = *tx;
    struct str action;

    beside.status = ST_OK;
    failure_clear(&beside.failure);
    beside.subject = &seen;
    action = str_printf(tx->arena, "%s.read", subject->entity->name);
    return policy_ask(&beside, action.at, &seen, false, &decision) == VERDICT_ALLOW;
}

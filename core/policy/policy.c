/* Policy: asking, recording what was answered, and making it the transaction's status. */
#include "policy/policy.h"

#include "base/check.h"
#include "policy/decision.h"

static enum status refuse(struct tx *tx, const struct decision *decision);
static bool may_know(struct tx *tx, const char *action);

static const char NO_RULES[] = "no rules are loaded here";

enum status policy_may(struct tx *tx, const char *action, const struct subject *subject)
{
    static const struct subject nothing;
    struct decision_ring *ring = tx->policy ? tx->policy->decisions : NULL;
    struct decision decision;

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    if (!subject)
        subject = &nothing;
    policy_ask(tx, action, subject, ring && decision_is_sampled(ring), &decision);
    if (ring && !(tx->was_allowed && decision.verdict == VERDICT_ALLOW))
        decision_record(ring, tx, action, subject->id, &decision);
    if (tx_status(tx) != ST_OK) /* reading for the rule failed: that is the reason */
        return tx_status(tx);
    if (decision.verdict == VERDICT_ALLOW)
        return ST_OK;
    if (decision.verdict == VERDICT_DENY && !may_know(tx, action))
        decision.rule = decision.reason = STR_NONE;
    return refuse(tx, &decision);
}

enum verdict policy_ask(struct tx *tx, const char *action, const struct subject *subject,
                        bool with_reads, struct decision *decision)
{
    static const struct subject nothing;

    *decision = (struct decision){ .verdict = VERDICT_ERROR, .reason = str_from(NO_RULES) };
    if (!tx->policy)
        return VERDICT_ERROR;
    return tx->policy->engine->ask(tx->policy, tx, action, subject ? subject : &nothing, with_reads,
                                   decision);
}

enum status policy_scope(struct tx *tx, const char *entity, struct scope *scope)
{
    *scope = (struct scope){ .kind = SCOPE_NONE };
    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    if (!tx->policy)
        return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", status_text(ST_RULE_ERROR));
    return tx->policy->engine->scope(tx->policy, tx, entity, scope);
}

enum status policy_filter(struct tx *tx, const char *hook, const struct entity *entity,
                          const void *row, void *change, uint64_t *given)
{
    PRE(tx->is_writing);
    if (tx_status(tx) != ST_OK || !tx->policy)
        return tx_status(tx);
    return tx->policy->engine->filter(tx->policy, tx, hook, entity, row, change, given);
}

enum status policy_render(struct tx *tx, const char *name, struct str locale, struct str data,
                          struct rendered *rendered)
{
    *rendered = (struct rendered){ .subject = STR_NONE };
    if (!tx->policy)
        return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", NO_RULES);
    return tx->policy->engine->render(tx->policy, tx, name, locale, data, rendered);
}

/* A denial tells the person what the rule says; an error tells him nothing of our scripts. */
static enum status refuse(struct tx *tx, const struct decision *decision)
{
    if (decision->verdict == VERDICT_ERROR)
        return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", status_text(ST_RULE_ERROR));
    if (str_is_empty(decision->message))
        tx_fail(tx, ST_DENIED, NULL, "%s", status_text(ST_DENIED));
    else
        tx_fail(tx, ST_DENIED, NULL, "%.*s", STR_ARG(decision->message));
    if (!str_is_empty(decision->code))
        tx->failure.code = decision->code;
    tx->failure.rule = decision->rule;
    tx->failure.reason = decision->reason;
    return tx_status(tx);
}

/* Whoever may ask the rules to explain themselves may also know which one denied, and why. */
static bool may_know(struct tx *tx, const char *action)
{
    struct decision decision;

    return !str_is(str_from(action), "policy.explain") &&
           policy_ask(tx, "policy.explain", NULL, false, &decision) == VERDICT_ALLOW;
}

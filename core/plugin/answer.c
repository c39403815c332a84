/* Answer: how a seat answers the questions of policy.h out of its hooks.
 *
 * Rules: deny overrides, then allow, else deny; an error is an answer of its own and ends the asking.
 * Scopes: the union. Filters: one after the other, each sees what those before changed. Renders:
 * the first that gives a text. Functions of a plugin that the workspace has disabled are passed over.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/choices.h"
#include "plugin/host_state.h"
#include "plugin/seat.h"
#include "plugin/tally.h"
#include "plugin/trial.h"
#include "policy/decision.h"

#include <string.h>

static enum verdict ask(struct policy *policy, struct tx *tx, const char *action,
                        const struct subject *subject, bool with_reads, struct decision *decision);
static enum status scope(struct policy *policy, struct tx *tx, const char *entity,
                         struct scope *scope);
static enum status filter(struct policy *policy, struct tx *tx, const char *hook,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given);
static enum status render(struct policy *policy, struct tx *tx, const char *name, struct str locale,
                          struct str data, struct rendered *rendered);
static void ask_all(struct seat *seat, const struct hook *hook, struct question *question,
                    const struct plugin_choices *choices, struct decision *decision,
                    struct buf *asked);
static void ask_one(struct seat *seat, const struct hook_function *function,
                    struct question *question, struct decision *decision);
static const struct runtime *runtime_of(const struct seat *seat,
                                        const struct hook_function *function);
static void note_asked(struct buf *asked, const struct hook_function *function,
                       const char *verdict);
static bool is_disabled(const struct plugin_choices *choices, const struct hook_function *function);
static bool cannot_choose(struct seat *seat, struct tx *tx, const struct plugin_choices **choices);
static void conclude(const struct hook *hook, const char *action, struct tx *tx,
                     struct decision *decision);
static enum status failed(struct seat *seat, struct tx *tx, const char *action,
                          const struct hook_function *function, const struct fault *fault);
static void record_rejected(struct seat *seat, struct tx *tx, const char *action,
                            const struct hook_function *function, const struct fault *fault,
                            struct uuid id);
static void count(struct seat *seat, const struct hook_function *function, uint64_t began,
                  const struct fault *fault);
static struct str fault_text(struct tx *tx, const struct hook_function *function,
                             const struct fault *fault);

const struct policy_engine seat_engine = { ask, scope, filter, render };

static const char NOT_LOADED[] =
    "no scripts are loaded: those in the data folder have faults (foyer script check)";

const struct workspace *question_workspace(struct question *question)
{
    struct tx *tx = question->tx;

    if (!tx->workspace_seen || tx->workspace_seen->seq != tx->workspace) {
        struct workspace *workspace = arena_new(tx->arena, struct workspace);

        if (workspace_load(tx, workspace) != ST_OK)
            return NULL;
        tx->workspace_seen = workspace;
    }
    return tx->workspace_seen;
}

/* ---- Rules ------------------------------------------------------------------------------------- */

static enum verdict ask(struct policy *policy, struct tx *tx, const char *action,
                        const struct subject *subject, bool with_reads, struct decision *decision)
{
    struct seat *seat = (struct seat *)policy;
    const struct hook *hook;
    struct question question = {
        .tx = tx, .action = action, .subject = subject, .with_place = with_reads
    };
    const struct plugin_choices *choices;
    uint64_t began = clock_monotonic();
    struct buf asked;

    *decision = (struct decision){ .verdict = VERDICT_ERROR, .reason = str_from(NOT_LOADED) };
    if (!seat->generation)
        return VERDICT_ERROR;
    decision->reason = STR("what the workspace chose for plugins cannot be read now");
    if (cannot_choose(seat, tx, &choices))
        return VERDICT_ERROR;
    decision->verdict = VERDICT_ABSTAIN;
    decision->reason = STR_NONE;
    if (with_reads) {
        buf_init(&asked, LIMIT_DECISION_READS);
        buf_char(&asked, '[');
    }
    hook = generation_hook(seat->generation, HOOK_RULE, str_from(action));
    if (hook)
        ask_all(seat, hook, &question, choices, decision, with_reads ? &asked : NULL);
    if (decision->verdict == VERDICT_ABSTAIN)
        conclude(hook, action, tx, decision);
    if (with_reads || decision->verdict != VERDICT_ALLOW) { /* else nobody will look at them */
        decision->nanoseconds = (int64_t)(clock_monotonic() - began);
        decision->reads =
            reads_json(&question.reads, &tx->actor, tx->workspace_seen, subject, tx->arena);
    }
    if (with_reads) {
        decision->target_read = question.reads.target;
        decision->input_read = question.reads.input;
        buf_char(&asked, ']');
        decision->asked = asked.overflowed ? STR("[]") : str_copy(tx->arena, buf_view(&asked));
        buf_fini(&asked);
    }
    return decision->verdict;
}

static void ask_all(struct seat *seat, const struct hook *hook, struct question *question,
                    const struct plugin_choices *choices, struct decision *decision,
                    struct buf *asked)
{
    static const char *const verdicts[] = { "abstain", "allow", "deny", "error" };

    for (size_t i = 0; i < hook->count; i++) {
        struct decision one = { .verdict = VERDICT_ABSTAIN };
        bool is_passed_over = is_disabled(choices, &hook->functions[i]);

        if (!is_passed_over)
            ask_one(seat, &hook->functions[i], question, &one);
        if (asked)
            note_asked(asked, &hook->functions[i],
                       is_passed_over ? "disabled" : verdicts[one.verdict]);
        if (is_passed_over)
            continue;
        if (decision->verdict == VERDICT_DENY || decision->verdict == VERDICT_ERROR)
            continue; /* decided: the others are asked for the record alone */
        if (one.verdict == VERDICT_DENY || one.verdict == VERDICT_ERROR ||
            decision->verdict == VERDICT_ABSTAIN)
            *decision = one;
        if (!asked && (one.verdict == VERDICT_DENY || one.verdict == VERDICT_ERROR))
            return;
    }
}

static void ask_one(struct seat *seat, const struct hook_function *function,
                    struct question *question, struct decision *decision)
{
    struct tx *tx = question->tx;
    struct fault fault = { .where = STR_NONE };
    struct instance *instance = seat_instance(seat, function->plugin, tx->arena, &fault);
    uint64_t began = tally_call(seat, function);

    if (!instance) {
        decision->verdict = VERDICT_ERROR;
        decision->reason = fault.message;
    } else {
        decision->verdict =
            runtime_of(seat, function)->rule(instance, function->function, question, decision);
    }
    if (str_is_empty(decision->rule))
        decision->rule = function->where;
    fault = (struct fault){ .where = decision->rule, .message = decision->reason };
    if (tx_status(tx) == ST_OK) /* else reading for it failed, which is not its fault */
        count(seat, function, began, decision->verdict == VERDICT_ERROR ? &fault : NULL);
    if (decision->verdict == VERDICT_ERROR && seat->policy.decisions) /* of a request */
        log_error(tx->request_id, "a rule failed", LOG_C("action", question->action),
                  LOG_S("rule", decision->rule), LOG_S("reason", decision->reason));
}

static const struct runtime *runtime_of(const struct seat *seat,
                                        const struct hook_function *function)
{
    return seat->generation->plugins[function->plugin].runtime;
}

static void note_asked(struct buf *asked, const struct hook_function *function, const char *verdict)
{
    buf_text(asked, asked->len > 1 ? ",{\"rule\":" : "{\"rule\":");
    buf_json(asked, function->where);
    buf_text(asked, ",\"name\":");
    buf_json(asked, function->name);
    if (!str_is_absent(function->describe)) {
        buf_text(asked, ",\"describe\":");
        buf_json(asked, function->describe);
    }
    buf_text(asked, ",\"verdict\":\"");
    buf_text(asked, verdict);
    buf_text(asked, "\"}");
}

static bool is_disabled(const struct plugin_choices *choices, const struct hook_function *function)
{
    return choices && choices->by_plugin[function->plugin].is_disabled;
}

/* True: the transaction failed by it. */
static bool cannot_choose(struct seat *seat, struct tx *tx, const struct plugin_choices **choices)
{
    bool was_good = tx->status == ST_OK;

    *choices = choices_of(seat, tx);
    return was_good && tx_status(tx) != ST_OK;
}

/* Nobody allowed it. */
static void conclude(const struct hook *hook, const char *action, struct tx *tx,
                     struct decision *decision)
{
    *decision = (struct decision){ .verdict = VERDICT_DENY };
    if (!hook) {
        decision->reason =
            str_concat(tx->arena, STR("no rule is registered for "), str_from(action));
        return;
    }
    decision->rule = hook->functions[hook->count - 1].where;
    decision->reason = str_concat(tx->arena, STR("no rule allowed "), str_from(action));
}

/* ---- Scopes ------------------------------------------------------------------------------------ */

static enum status scope(struct policy *policy, struct tx *tx, const char *entity,
                         struct scope *scope)
{
    struct seat *seat = (struct seat *)policy;
    const struct hook *hook;
    const struct plugin_choices *choices;
    struct question question = { .tx = tx };

    if (!seat->generation)
        return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", status_text(ST_RULE_ERROR));
    if (cannot_choose(seat, tx, &choices))
        return tx_status(tx);
    hook = generation_hook(seat->generation, HOOK_SCOPE, str_from(entity));
    for (size_t i = 0; hook && i < hook->count && scope->kind != SCOPE_EVERYTHING; i++) {
        const struct hook_function *function = &hook->functions[i];
        struct fault fault = { .where = STR_NONE };
        struct instance *instance;
        uint64_t began;

        if (is_disabled(choices, function))
            continue;
        instance = seat_instance(seat, function->plugin, tx->arena, &fault);
        began = tally_call(seat, function);
        if (!instance || !runtime_of(seat, function)
                              ->scope(instance, function->function, &question, scope, &fault))
            return failed(seat, tx, str_printf(tx->arena, "scope of %s", entity).at, function,
                          &fault);
        count(seat, function, began, NULL);
    }
    return tx_status(tx);
}

/* ---- Filters ----------------------------------------------------------------------------------- */

static enum status filter(struct policy *policy, struct tx *tx, const char *hook_name,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given)
{
    struct seat *seat = (struct seat *)policy;
    const struct hook *hook;
    struct subject subject = { .entity = entity, .row = row, .change = change };
    struct question question = { .tx = tx, .action = hook_name, .subject = &subject };
    const struct plugin_choices *choices;

    if (!seat->generation)
        return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", status_text(ST_RULE_ERROR));
    if (cannot_choose(seat, tx, &choices))
        return tx_status(tx);
    hook = generation_hook(seat->generation, HOOK_FILTER, str_from(hook_name));
    for (size_t i = 0; hook && i < hook->count; i++) {
        const struct hook_function *function = &hook->functions[i];
        struct fault fault = { .where = STR_NONE };
        struct instance *instance;
        enum status status = ST_RULE_ERROR;
        uint64_t began;

        if (is_disabled(choices, function))
            continue;
        instance = seat_instance(seat, function->plugin, tx->arena, &fault);
        began = tally_call(seat, function);
        subject.given = *given;
        if (instance)
            status = runtime_of(seat, function)
                         ->filter(instance, function->function, &question, entity, row, change,
                                  given, &fault);
        if (status == ST_RULE_ERROR)
            return failed(seat, tx, hook_name, function, &fault);
        count(seat, function, began, NULL);
        if (status != ST_OK) {
            record_rejected(seat, tx, hook_name, function, &fault,
                            tx->subject ? tx->subject->id : UUID_NONE);
            return status;
        }
    }
    return tx_status(tx);
}

/* ---- Renders ----------------------------------------------------------------------------------- */

static enum status render(struct policy *policy, struct tx *tx, const char *name, struct str locale,
                          struct str data, struct rendered *rendered)
{
    struct seat *seat = (struct seat *)policy;
    const struct hook *hook = NULL;
    const struct plugin_choices *choices;

    if (seat->generation)
        hook = generation_hook(seat->generation, HOOK_RENDER, str_from(name));
    rendered->fallback = str_from(seat->generation ? "nobody renders it" : NOT_LOADED);
    if (cannot_choose(seat, tx, &choices))
        return ST_RULE_ERROR;
    for (size_t i = 0; hook && i < hook->count; i++) {
        const struct hook_function *function = &hook->functions[i];
        struct fault fault = { .where = STR_NONE };
        struct instance *instance;
        uint64_t began;

        if (is_disabled(choices, function)) {
            rendered->fallback = str_printf(tx->arena, "%.*s renders it, and is switched off here",
                                            STR_ARG(function->where));
            continue;
        }
        instance = seat_instance(seat, function->plugin, tx->arena, &fault);
        began = tally_call(seat, function);
        if (!instance ||
            !runtime_of(seat, function)
                 ->render(instance, function->function, tx, name, locale, data, rendered, &fault)) {
            rendered->fallback = fault_text(tx, function, &fault);
            count(seat, function, began, &fault);
            log_error(tx->request_id, "a render failed", LOG_C("render", name),
                      LOG_S("reason", rendered->fallback));
            return ST_RULE_ERROR;
        }
        count(seat, function, began, NULL);
        if (!str_is_absent(rendered->text) || !str_is_absent(rendered->html)) {
            rendered->fallback = STR_NONE;
            return ST_OK;
        }
    }
    return ST_RULE_ERROR;
}

/* ---- When a function fails --------------------------------------------------------------------- */

/* A scope or filter failed: recorded, logged, and the transaction fails. */
static enum status failed(struct seat *seat, struct tx *tx, const char *action,
                          const struct hook_function *function, const struct fault *fault)
{
    struct decision decision = {
        .verdict = VERDICT_ERROR,
        .rule = str_is_empty(fault->where) ? function->where : fault->where,
        .reason = fault->message,
    };

    if (tx_status(tx) != ST_OK) /* reading for it failed: that is the reason */
        return tx_status(tx);
    count(seat, function, 0, fault);
    if (seat->policy.decisions) {
        decision_record(seat->policy.decisions, tx, action, UUID_NONE, &decision);
        log_error(tx->request_id, "a script failed", LOG_C("action", action),
                  LOG_S("rule", decision.rule), LOG_S("reason", decision.reason));
    } else { /* nobody finds it elsewhere */
        tx->failure.reason = fault_text(tx, function, fault);
    }
    return tx_fail(tx, ST_RULE_ERROR, NULL, "%s", status_text(ST_RULE_ERROR));
}

/* For its trial and the tally: what requests ask alone. */
static void count(struct seat *seat, const struct hook_function *function, uint64_t began,
                  const struct fault *fault)
{
    tally_answered(seat, function, began, fault != NULL);
    if (seat->policy.decisions &&
        trial_answered(seat->generation, function->plugin, function->function, fault))
        atomic_store(&seat->host->has_failing, true);
}

static void record_rejected(struct seat *seat, struct tx *tx, const char *action,
                            const struct hook_function *function, const struct fault *fault,
                            struct uuid id)
{
    struct decision decision = {
        .verdict = VERDICT_DENY,
        .rule = str_is_empty(fault->where) ? function->where : fault->where,
        .code = tx->failure.code,
        .reason = STR("rejected by a filter"),
    };

    if (seat->policy.decisions)
        decision_record(seat->policy.decisions, tx, action, id, &decision);
}

static struct str fault_text(struct tx *tx, const struct hook_function *function,
                             const struct fault *fault)
{
    return str_printf(tx->arena, "%.*s: %.*s",
                      STR_ARG(str_is_empty(fault->where) ? function->where : fault->where),
                      STR_ARG(fault->message));
}

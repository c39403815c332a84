/* Explain: the same road as a request's: actor, target, rules, scope. */
#include "api/explain.h"

#include "api/routes.h"
#include "base/nearest.h"
#include "http/json.h"
#include "http/request.h"
#include "plugin/host.h"
#include "plugin/routes.h"
#include "store/fold.h"
#include "store/query.h"

#include <string.h>

static enum status find_actor(struct tx *tx, const struct explain_asked *asked);
static struct uuid find_client(struct tx *tx, struct str as);
static bool take_half_a_body(struct tx *tx, const struct route *route, const struct request *rq,
                             struct subject *subject);
static void ask_scope(struct tx *tx, const struct route *route, struct explained *explained);
static void offer(const struct route *route, void *context);
static void look(const struct route *route, void *context);

struct wanted {
    struct str action;
    bool is_asked;
};

enum status explain(struct tx *tx, const struct explain_asked *asked, struct explained *explained)
{
    const struct route *route = explain_route(tx, asked->action, !uuid_is_none(asked->target));
    struct request rq = { .id = tx->request_id };
    struct subject subject = { .entity = NULL };
    struct tx beside;

    *explained =
        (struct explained){ .action = asked->action, .generation = host_generation_of(tx->policy) };
    if (!route)
        return explain_refuse_action(tx, asked->action);
    if (find_actor(tx, asked) != ST_OK)
        return tx_status(tx);
    if (strstr(route->pattern, "{id}") && uuid_is_none(asked->target))
        return tx_fail(tx, ST_INVALID, "target_required",
                       "%.*s is about one thing: say which, by targetId (--target ID).",
                       STR_ARG(asked->action));
    if (explain_input(tx, asked, &rq) != ST_OK)
        return tx_status(tx);
    explained->actor = tx->actor;
    beside = *tx; /* what happens from here on is told, and is no failure */
    beside.policy = host_beside(tx->policy);
    ask_scope(&beside, route, explained);
    explained->status = explain_subject(&beside, route, asked->target, &rq, &subject);
    if (explained->status != ST_OK) {
        explained->refused = beside.failure;
    } else {
        beside.subject = &subject;
        /* Twice: the first makes the instance, and its time would mislead. */
        policy_ask(&beside, asked->action.at, &subject, false, &explained->decision);
        policy_ask(&beside, asked->action.at, &subject, true, &explained->decision);
        explained->status = explained->decision.verdict == VERDICT_ALLOW  ? ST_OK
                            : explained->decision.verdict == VERDICT_DENY ? ST_DENIED
                                                                          : ST_RULE_ERROR;
        if (explained->decision.verdict != VERDICT_ERROR)
            explain_otherwise(&beside, &subject, explained);
    }
    host_beside_end(beside.policy);
    request_fini(&rq);
    return tx_status(tx);
}

/* ---- Who, what ---------------------------------------------------------------------------------- */

static enum status find_actor(struct tx *tx, const struct explain_asked *asked)
{
    struct uuid id = UUID_NONE, staff = UUID_NONE, client;
    struct query q;

    if (str_is_empty(asked->as))
        return tx_status(tx);
    uuid_parse(asked->as, &id);
    q = query_open(
        tx,
        "SELECT id FROM internal_users WHERE workspace = $1 AND removed_at IS NULL"
        " AND (id = $2 OR email_key = $3)",
        ARGS(arg_int(tx->workspace), arg_id(id), arg_text(fold_email(tx->arena, asked->as))));
    if (query_next(&q))
        staff = query_id(&q, 0);
    query_close(&q);
    if (!uuid_is_none(staff)) {
        actor_load_staff(tx, staff);
        explain_operator(tx);
        return tx_status(tx);
    }
    client = find_client(tx, asked->as);
    if (uuid_is_none(client))
        return tx_fail(tx, ST_NOT_FOUND, "no_such_person",
                       "Nobody of the staff and no client has the address or id %.*s.",
                       STR_ARG(asked->as));
    return actor_load_client(tx, client);
}

static struct uuid find_client(struct tx *tx, struct str as)
{
    struct uuid id = UUID_NONE, found = UUID_NONE;
    struct query q;

    uuid_parse(as, &id);
    q = query_open(tx,
                   "SELECT id FROM clients WHERE workspace = $1 AND archived_at IS NULL"
                   " AND (id = $2 OR email_key = $3)",
                   ARGS(arg_int(tx->workspace), arg_id(id), arg_text(fold_email(tx->arena, as))));
    if (query_next(&q))
        found = query_id(&q, 0);
    query_close(&q);
    return found;
}

/* The flag is the login's: a session brings it, and here there is none. */
void explain_operator(struct tx *tx)
{
    tx->actor.road = "session";
    tx->actor.may_operate =
        query_one_int(tx, 0,
                      "SELECT l.may_operate FROM internal_users u JOIN logins l ON l.seq = u.login"
                      " WHERE u.workspace = $1 AND u.id = $2",
                      ARGS(arg_int(tx->workspace), arg_id(tx->actor.id)));
}

enum status explain_refuse_action(struct tx *tx, struct str action)
{
    struct nearest nearest;

    nearest_init(&nearest, action);
    for (const struct route *const *table = api_routes; *table; table++)
        for (const struct route *route = *table; route->pattern; route++)
            if (route->may)
                nearest_offer(&nearest, route->may);
    if (routes_of(tx->policy))
        router_each(routes_of(tx->policy), offer, &nearest);
    if (nearest.word)
        return tx_fail(tx, ST_INVALID, "unknown_action",
                       "No address asks for the action %.*s. Did you mean %s?", STR_ARG(action),
                       nearest.word);
    return tx_fail(tx, ST_INVALID, "unknown_action", "No address asks for the action %.*s.",
                   STR_ARG(action));
}

static void offer(const struct route *route, void *context)
{
    if (route->may)
        nearest_offer(context, route->may);
}

/* The first row of the action; with a target rather one that has an id, without it one that has none. */
const struct route *explain_route(struct tx *tx, struct str action, bool has_target)
{
    static const struct route of_plugins = { GET, "/p", .may = "of a plugin" };
    struct wanted wanted = { .action = action };
    const struct route *found = NULL;
    bool fits = false;

    for (const struct route *const *table = api_routes; *table; table++)
        for (const struct route *route = *table; route->pattern; route++) {
            bool has_id = strchr(route->pattern, '{') != NULL;

            if (fits || !route->may || !str_is(action, route->may))
                continue;
            fits = has_id == has_target;
            if (!found || fits)
                found = route;
        }
    if (!found && routes_of(tx->policy))
        router_each(routes_of(tx->policy), look, &wanted);
    return wanted.is_asked ? &of_plugins : found;
}

/* What plugins ask is about nothing that is known. */
static void look(const struct route *route, void *context)
{
    struct wanted *wanted = context;

    wanted->is_asked |= route->may && str_is(wanted->action, route->may);
}

enum status explain_input(struct tx *tx, const struct explain_asked *asked, struct request *rq)
{
    struct str input = asked->input;

    if (!str_is_empty(asked->company)) {
        bool is_empty = str_is_empty(input) || str_is(input, "{}");

        input = str_printf(tx->arena, "{\"companyId\":\"%.*s\"%s%.*s", STR_ARG(asked->company),
                           is_empty ? "" : ",", is_empty ? 1 : (int)input.len - 1,
                           is_empty ? "}" : input.at + 1);
    }
    if (str_is_empty(input))
        return tx_status(tx);
    rq->body = input;
    rq->has_body = true;
    if (json_parse(input, tx->arena, &rq->json, &tx->failure) != ST_OK)
        return tx_fail(tx, ST_INVALID, NULL, "The input is no JSON object.");
    return tx_status(tx);
}

/* As a request would: by the .target of the row. */
enum status explain_subject(struct tx *tx, const struct route *route, struct uuid target,
                            struct request *rq, struct subject *subject)
{
    char id[UUID_TEXT];

    rq->method = route->method;
    rq->route = route;
    rq->target_id = target;
    uuid_format(target, id);
    rq->path_params[0] = str_copy(tx->arena, str_from(id));
    subject->entity = route->entity;
    if (!route->target || route->target(tx, rq, subject) == ST_OK)
        return tx_status(tx);
    if (tx->status == ST_INVALID && !strchr(route->pattern, '{') &&
        take_half_a_body(tx, route, rq, subject))
        return ST_OK;
    return tx_status(tx) != ST_OK ? tx_status(tx) : tx_not_found(tx);
}

/* A question names only what matters to it: what a body must have may be missing. */
static bool take_half_a_body(struct tx *tx, const struct route *route, const struct request *rq,
                             struct subject *subject)
{
    const struct entity *entity = route->body ? route->body : route->entity;
    struct failure failure = { .status = ST_OK };
    void *row;

    if (!entity)
        return false;
    row = arena_alloc(tx->arena, entity->size);
    *subject = (struct subject){ .entity = entity, .row = row, .change = row };
    if (json_read(entity, rq->json, JSON_CHANGE, tx->arena, row, &subject->given, &failure) !=
        ST_OK)
        return false;
    tx->status = ST_OK;
    failure_clear(&tx->failure);
    return true;
}

static void ask_scope(struct tx *tx, const struct route *route, struct explained *explained)
{
    struct tx beside = *tx;

    if (!route->entity)
        return;
    explained->entity = route->entity->name;
    explained->has_scope = policy_scope(&beside, explained->entity, &explained->scope) == ST_OK;
}

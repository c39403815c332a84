/* Script visit: a request that a script answers, from its queue to its answer.
 *
 *   loop ─▶ queue ─▶ visits_take ─▶ run_step … run_answered ─▶ visit_end ─▶ (writer: kept) ─▶ loop
 *
 * The job is the thread's from the queue on. Those of one plugin that would be too many wait, and others pass
 * them. What the function changes is committed before it goes on, and so before the answer.
 */
#include "exec/script_inside.h"

#include "api/command.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "lua/visit.h"
#include "plugin/choices.h"
#include "plugin/host.h"
#include "policy/decision.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

static struct run *free_run(struct scripts *scripts);
static struct job *take_first(struct scripts *scripts);
static size_t running_of(struct scripts *scripts, struct str plugin);
static struct str plugin_of(const struct job *job);
static const struct handler *handler_of(const struct job *job);
static bool read_given(struct run *run, struct value *request);
static void begin(struct run *run);
static bool has_errors(const struct value *request);
static bool is_under_way(const struct run *run);
static bool prepare(struct run *run);
static void answer(struct run *run);
static void add_headers(struct reply *rp, struct arena *arena, struct str headers);
static const char *canonical(struct str name, struct arena *arena);
static void refuse(struct run *run);
static void record(struct run *run, struct str action);
static void give_back(struct run *run);

/* ---- The queue --------------------------------------------------------------------------------- */

enum status scripts_submit(struct scripts *scripts, struct job *job)
{
    enum status status = ST_OK;
    size_t same = 0;

    job->next = NULL;
    mutex_lock(&scripts->lock);
    for (const struct job *other = scripts->first; other; other = other->next)
        same += str_eq(plugin_of(other), plugin_of(job));
    if (scripts->waiting >= LIMIT_VISIT_QUEUE || same >= LIMIT_VISIT_WAIT) {
        status = ST_BUSY;
    } else {
        *scripts->last = job;
        scripts->last = &job->next;
        scripts->waiting++;
        scripts->is_called = true;
        cond_signal(&scripts->changed);
    }
    mutex_unlock(&scripts->lock);
    return status;
}

void scripts_look_gone(struct scripts *scripts)
{
    mutex_lock(&scripts->lock);
    scripts->is_called = true;
    cond_signal(&scripts->changed);
    mutex_unlock(&scripts->lock);
}

void visits_take(struct scripts *scripts)
{
    struct run *run;
    struct job *job;

    if (!scripts->has_room)
        return;
    scripts->has_room = false;
    while ((run = free_run(scripts)) && (job = take_first(scripts))) {
        run->job = job;
        begin(run);
    }
}

/* NULL: as many run as may. */
static struct run *free_run(struct scripts *scripts)
{
    for (size_t i = 0; i < LIMIT_VISITS; i++) {
        struct run **run = &scripts->visits[i];

        if (!*run) {
            *run = xcalloc(1, sizeof(**run));
            run_init(*run, scripts);
        }
        if ((*run)->stage == RUN_FREE)
            return *run;
    }
    return NULL;
}

/* The first whose plugin is not answering too many; taken out. */
static struct job *take_first(struct scripts *scripts)
{
    struct job *job, **at;

    mutex_lock(&scripts->lock);
    for (at = &scripts->first; (job = *at); at = &job->next)
        if (running_of(scripts, plugin_of(job)) < LIMIT_VISITS_OF_ONE)
            break;
    if (job) {
        *at = job->next;
        if (!job->next)
            scripts->last = at;
        scripts->waiting--;
    }
    mutex_unlock(&scripts->lock);
    return job;
}

static size_t running_of(struct scripts *scripts, struct str plugin)
{
    size_t count = 0;

    for (size_t i = 0; i < LIMIT_VISITS && scripts->visits[i]; i++) {
        const struct run *run = scripts->visits[i];

        count += run->stage != RUN_FREE && str_eq(run->handler.plugin, plugin);
    }
    return count;
}

static struct str plugin_of(const struct job *job)
{
    return handler_of(job)->plugin;
}

/* Of a command it is what its .read has found. */
static const struct handler *handler_of(const struct job *job)
{
    const struct command_wish *wish = job->work.scratch;

    return job->is_operator ? &wish->handler : &plugin_route_of(job->request.route)->handler;
}

/* ---- Beginning --------------------------------------------------------------------------------- */

static void begin(struct run *run)
{
    struct job *job = run->job;
    struct fault fault = { .where = STR_NONE };
    struct value request;

    arena_reset(&run->arena);
    run_start(run);
    run->handler = *handler_of(job); /* of the generation, which the job holds */
    run->stage = RUN_READY;
    run->policy = host_acquire_same(job->policy, run->scripts->slot);
    run->tx = (struct tx){ .arena = &run->arena,
                           .now = job->now,
                           .workspace = job->workspace,
                           .workspace_id = job->workspace_id,
                           .request_id = job->request.id,
                           .peer = job->request.peer,
                           .plugins_of = job->plugins_of,
                           .plugins_version = job->plugins_version,
                           .server_key = run->scripts->server->folder.server_key,
                           .policy = run->policy,
                           .actor = job->actor };
    run->acts = job->actor;
    if (job->request.route->open || job->is_operator)
        plugin_actor(run->policy, run->handler.plugin, &run->acts);
    if (job->is_operator)
        run->tx.actor = run->acts;
    /* a script is not left because strangers send what it stumbles over */
    run->is_excused = job->actor.kind == ACTOR_NOBODY;
    if (visit_is_gone(run)) {
        visit_give_up(run);
        return;
    }
    if (!prepare(run) || !read_given(run, &request)) {
        give_back(run);
        return;
    }
    run->is_refused = has_errors(&request);
    run->given = (struct task_given){ .tx = &run->tx, .request = &request, .result = &run->result };
    run->task = handler_begin(run->policy, &run->handler, &run->given, &fault);
    if (run->task)
        return;
    run->has_failed = true;
    run->error = (struct delivery_error){ fault.message, fault.where };
    visit_end(run);
}

/* False: it does not fit, and the job has failed. */
static bool read_given(struct run *run, struct value *request)
{
    struct job *job = run->job;
    const struct command_wish *wish = job->work.scratch;
    enum status status = job->is_operator
                             ? visit_arguments(wish->registration->route.body, wish->arguments,
                                               &run->arena, request, &job->failure)
                             : visit_request(&job->request, &run->arena, request, &job->failure);

    return status == ST_OK;
}

/* What has to be read first: what its workspace has set, and whether it was answered since its loop has looked.
 * False: the job has its answer, or has failed. */
static bool prepare(struct run *run)
{
    struct job *job = run->job;
    bool has_chosen = job->plugins_of != job->workspace || job->plugins_version != 0;
    bool is_answered = false;
    struct tx tx;

    if (is_under_way(run)) {
        failure_set(&job->failure, &job->arena, ST_CONFLICT, "already_under_way",
                    "A request with this Idempotency-Key is being answered: send it again later.");
        return false;
    }
    if (!(has_chosen && (job->is_operator || plugin_route_of(job->request.route)->has_settings)) &&
        str_is_absent(job->idempotency_key))
        return true;
    arena_reset(&run->attempt);
    tx_init(&tx, run->scripts->db, &job->arena, job->now);
    run_set_tx(run, &tx);
    tx.actor = job->actor;
    tx.policy = run->policy;
    if (tx_begin_read(&tx) == ST_OK) {
        choices_lend(&tx, &run->tx);
        is_answered = repeat_answered(job, &tx);
    }
    job->failure = tx.failure;
    tx_end_read(&tx);
    return job->failure.status == ST_OK && !is_answered;
}

static bool has_errors(const struct value *request)
{
    const struct value *errors = value_get(request, STR("errors"));

    return errors && errors->type == VALUE_OBJECT && errors->object.count > 0;
}

static bool is_under_way(const struct run *run)
{
    const struct job *job = run->job;

    for (size_t i = 0; !str_is_absent(job->idempotency_key) && i < LIMIT_VISITS; i++) {
        const struct run *other = run->scripts->visits[i];

        if (other && other != run && other->stage != RUN_FREE &&
            other->job->workspace == job->workspace &&
            uuid_eq(other->job->actor.id, job->actor.id) &&
            str_eq(other->job->idempotency_key, job->idempotency_key) &&
            other->handler.function == run->handler.function &&
            str_eq(other->handler.plugin, run->handler.plugin))
            return true;
    }
    return false;
}

/* ---- Its end ----------------------------------------------------------------------------------- */

void visit_end(struct run *run)
{
    struct job *job = run->job;

    if (run->has_failed)
        refuse(run);
    else
        answer(run);
    run_leave(run);
    if (job->failure.status == ST_OK && !str_is_absent(job->idempotency_key)) {
        run->stage = RUN_OVER;
        run_submit(run);
        return;
    }
    give_back(run);
}

static void answer(struct run *run)
{
    struct job *job = run->job;
    struct reply *rp = &job->reply;
    const struct task_result *result = &run->result;

    reply_clear(rp);
    if (job->is_operator) {
        command_output(result, str_is(request_header(&job->request, "accept"), "text/plain"),
                       &run->arena, rp);
        return;
    }
    rp->status = result->status;
    if (!str_is_absent(result->body)) {
        rp->content_type = str_copy(&job->arena, result->type).at;
        buf_str(&rp->body, result->body);
    }
    add_headers(rp, &job->arena, result->headers);
    if (job->request.route->flags & ROUTE_PAGE)
        visit_page(run);
}

/* "Name: value\n" each. */
static void add_headers(struct reply *rp, struct arena *arena, struct str headers)
{
    struct str line, name;

    while (!str_is_empty(headers) && str_cut(&headers, '\n', &line)) {
        str_cut(&line, ':', &name);
        line = str_copy(arena, str_trim(line));
        if (str_eq_nocase(name, STR("etag")))
            rp->etag = line;
        else
            reply_header_more(rp, canonical(name, arena), line);
    }
}

/* "x-thing" as X-Thing. */
static const char *canonical(struct str name, struct arena *arena)
{
    char *made = arena_array(arena, char, name.len + 1);
    bool is_first = true;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (is_first && c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        else if (!is_first && c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        made[i] = c;
        is_first = c == '-';
    }
    return made;
}

/* Why it failed is for the log and the decisions; whoever may mend it is told at once. */
static void refuse(struct run *run)
{
    struct job *job = run->job;
    struct failure *failure = &job->failure;
    struct str action = str_printf(&run->arena, "%s %s", method_name(job->request.route->method),
                                   job->request.route->pattern);
    bool may_know = job->actor.may_operate || actor_can(&job->actor, PERMISSION_MANAGE_PLUGINS);

    reply_clear(&job->reply);
    if (str_is_empty(run->error.where))
        run->error.where = run->handler.where;
    if (job->is_operator) { /* who asks is told all of it */
        failure_set(failure, &job->arena, ST_UNPROCESSABLE, NULL, "%.*s: %.*s",
                    STR_ARG(run->error.where), STR_ARG(run->error.message));
        return;
    }
    record(run, action);
    failure_set(failure, &job->arena, run->is_late ? ST_SCRIPT_TIMEOUT : ST_INTERNAL,
                run->is_late ? NULL : "plugin_failed",
                run->is_late
                    ? "%.*s took too long to answer: an administrator finds more in the log, "
                      "under this request id."
                    : "%.*s could not answer: an administrator finds why in the log, under "
                      "this request id.",
                STR_ARG(run->handler.plugin));
    if (may_know) {
        failure->rule = str_copy(&job->arena, run->error.where);
        failure->reason = str_copy(&job->arena, run->error.message);
    }
}

static void record(struct run *run, struct str action)
{
    const struct decision decision = { .verdict = VERDICT_ERROR,
                                       .rule = run->error.where,
                                       .reason = run->error.message };

    if (run->policy && run->policy->decisions)
        decision_record(run->policy->decisions, &run->tx, action.at, UUID_NONE, &decision);
    log_error(run->job->request.id, "a request to a script failed",
              LOG_S("plugin", run->handler.plugin), LOG_S("route", action),
              LOG_S("where", run->error.where), LOG_S("reason", run->error.message));
}

void visit_keep(struct run *run, struct tx *tx)
{
    job_set_tx(run->job, tx);
    if (run->scripts->server->stutters)
        tx->seed = run->seed;
    repeat_keep(run->job, tx);
}

/* What was changed is changed: it is answered also where the answer cannot be kept. */
void visit_saved(struct run *run)
{
    if (run->write.status != ST_OK)
        log_error(run->job->request.id, "the answer of a route cannot be kept for its key",
                  LOG_S("plugin", run->handler.plugin),
                  LOG_C("reason", status_code(run->write.status)));
    give_back(run);
}

static void give_back(struct run *run)
{
    struct job *job = run->job;

    run_set_free(run);
    run->job = NULL;
    run->scripts->has_room = true;
    job->outcome = job->failure.status;
    loop_give_back(job);
}

/* ---- Those who have gone ----------------------------------------------------------------------- */

void visits_look_gone(struct scripts *scripts)
{
    for (size_t i = 0; i < LIMIT_VISITS; i++) {
        struct run *run = scripts->visits[i];

        if (!run || run->stage == RUN_FREE || !visit_is_gone(run))
            continue;
        run_drop(run); /* gives up what is fetched; what is elsewhere comes back */
        if (!run_is_elsewhere(run))
            visit_give_up(run);
    }
}

bool visit_is_gone(const struct run *run)
{
    return run->job && atomic_load_explicit(&run->job->is_abandoned, memory_order_relaxed);
}

void visit_give_up(struct run *run)
{
    reply_clear(&run->job->reply);
    failure_set(&run->job->failure, &run->job->arena, ST_TIMEOUT, "abandoned",
                "The connection was closed on your side before this was answered.");
    give_back(run);
}

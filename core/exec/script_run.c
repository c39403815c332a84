/* Script run: one delivery on its way through its handler. */
#include "exec/script_inside.h"

#include "api/webhook_endpoints.h"
#include "base/clock.h"
#include "base/log.h"
#include "exec/courier.h"
#include "http/json.h"
#include "plugin/choices.h"
#include "plugin/host.h"
#include "store/db.h"

#include <string.h>

static void copy_delivery(struct run *run);
static struct str event_text(struct run *run, struct tx *tx, const struct delivered_event *event);
static void add_endpoint(struct run *run, struct tx *tx, struct buf *out);
static void ask(struct run *run);
static void read_now(struct run *run);
static void fail_late(struct run *run);
static void fail(struct run *run, struct str message, struct str where);
static void end(struct run *run);
static void saved(struct run *run);

void run_init(struct run *run, struct scripts *scripts)
{
    run->scripts = scripts;
    arena_init(&run->arena, LIMIT_REQUEST_ARENA);
    arena_init(&run->attempt, LIMIT_REQUEST_ARENA);
    reply_init(&run->reply);
    fetch_init(&run->fetch);
}

void run_fini(struct run *run)
{
    if (!run)
        return;
    arena_fini(&run->arena);
    arena_fini(&run->attempt);
    reply_fini(&run->reply);
    fetch_clear(&run->fetch);
}

void run_start(struct run *run)
{
    run->changes = 0;
    run->task = NULL;
    run->has_failed = run->is_excused = run->is_late = false;
    run->fetched = (struct fetched){ .status = 0 };
    buf_init(&run->fetched.answer, WEBHOOK_ANSWER);
    run->deadline =
        clock_monotonic() + LIMIT_HANDLER_SECONDS * UINT64_C(1000000000) / clock_test_divisor();
}

void run_begin(struct run *run, struct tx *tx)
{
    struct delivered_event event = { 0 };
    struct fault fault = { .where = STR_NONE };
    struct arena_mark mark = arena_mark(tx->arena);

    copy_delivery(run);
    run_start(run);
    run->tx = (struct tx){ .arena = &run->arena,
                           .now = tx->now,
                           .workspace = run->delivery.workspace,
                           .request_id = run->delivery.request_id,
                           .server_key = run->scripts->server->folder.server_key,
                           .policy = run->policy };
    plugin_actor(run->policy, run->delivery.plugin, &run->tx.actor);
    run->acts = run->tx.actor;
    if (delivery_event(tx, &run->delivery, &event) != ST_OK) {
        run_set_free(run); /* the look says so, and comes again */
        return;
    }
    run->tx.workspace_id = event.workspace_id;
    choices_lend(tx, &run->tx);
    run->given = (struct task_given){ .tx = &run->tx,
                                      .event = event_text(run, tx, &event),
                                      .attempt = run->delivery.attempts + 1 };
    arena_rewind(tx->arena, mark); /* events may be large, and many begin at one look */
    run->task = handler_begin(run->policy, &run->handler, &run->given, &fault);
    run->stage = RUN_READY;
    if (!run->task)
        fail(run, fault.message, fault.where);
}

void run_step(struct run *run)
{
    struct fault fault = { .where = STR_NONE };
    enum task_progress progress =
        handler_runtime(run->policy, &run->handler)
            ->task_run(run->task, LIMIT_HANDLER_SLICE, &run->call, &fault);

    if (run->fetch.done) /* the handler has the answer now */
        fetch_clear(&run->fetch);
    switch (progress) {
    case TASK_GOES_ON:
        break;
    case TASK_WAITS:
        ask(run);
        return;
    case TASK_ENDED:
        end(run);
        return;
    case TASK_FAILED:
        run->is_late = fault.is_timeout;
        fail(run, fault.message, fault.where);
        return;
    }
    if (clock_monotonic() >= run->deadline)
        fail_late(run);
}

void run_answered(struct run *run)
{
    if (run->stage == RUN_SAVING) {
        if (run->job)
            visit_saved(run);
        else
            saved(run);
        return;
    }
    if (run->stage == RUN_WAITING && run->call.is_last && run->write.status == ST_OK) {
        run_leave(run);
        saved(run);
        return;
    }
    if (run->stage == RUN_FETCHING)
        run_fetched(run);
    run->stage = RUN_READY;
    if (visit_is_gone(run)) {
        visit_give_up(run);
        return;
    }
    if (clock_monotonic() >= run->deadline) {
        fail_late(run);
        return;
    }
    handler_runtime(run->policy, &run->handler)->task_answer(run->task, &run->answer);
}

bool run_is_elsewhere(const struct run *run)
{
    return run->stage == RUN_WAITING || run->stage == RUN_FETCHING || run->stage == RUN_SAVING;
}

void run_drop(struct run *run)
{
    if (run->stage == RUN_FETCHING)
        courier_give_up(run->scripts->server->courier, &run->fetch);
    if (run->stage == RUN_FREE || run_is_elsewhere(run))
        return;
    run_set_free(run);
}

void run_abandon(struct run *run)
{
    run->job = NULL; /* whoever made it frees it */
    if (run->stage != RUN_FREE)
        run_set_free(run);
}

/* The texts are those of the look, which the next one forgets. */
static void copy_delivery(struct run *run)
{
    struct delivery *delivery = &run->delivery;

    delivery->plugin = str_copy(&run->arena, delivery->plugin);
    delivery->handler = str_copy(&run->arena, delivery->handler);
    delivery->event = str_copy(&run->arena, delivery->event);
    delivery->entity = str_copy(&run->arena, delivery->entity);
    delivery->request_id = str_copy(&run->arena, delivery->request_id);
    delivery->error_message = str_copy(&run->arena, delivery->error_message);
    delivery->error_where = str_copy(&run->arena, delivery->error_where);
}

/* Payloads are {"data": …, "before": …}, and of some events the thing alone. */
static struct str event_text(struct run *run, struct tx *tx, const struct delivered_event *event)
{
    const struct delivery *delivery = &run->delivery;
    char id[UUID_TEXT], own[UUID_TEXT], time[CLOCK_TEXT];
    struct str text;
    struct buf out;

    buf_init(&out, LIMIT_JSON_BODY + KIB(4));
    buf_printf(&out, "{\"name\":\"%.*s\",\"number\":%lld,\"entity\":\"%.*s\"",
               STR_ARG(delivery->event), (long long)delivery->event_seq, STR_ARG(delivery->entity));
    uuid_format(delivery->key, id);
    uuid_format(delivery->id, own);
    buf_printf(&out, ",\"deliveryId\":\"%s\",\"entityId\":\"%s\",\"actorType\":\"%.*s\"", own, id,
               STR_ARG(event->actor_kind));
    if (!uuid_is_none(event->actor_id)) {
        uuid_format(event->actor_id, id);
        buf_printf(&out, ",\"actorId\":\"%s\"", id);
    }
    if (!str_is_absent(event->request_id)) {
        buf_text(&out, ",\"requestId\":");
        buf_json(&out, event->request_id);
    }
    clock_format(event->created_at, time);
    buf_printf(&out, ",\"createdAt\":\"%s\",", time);
    add_endpoint(run, tx, &out);
    if (str_starts(event->payload, STR("{\"data\":"))) {
        buf_put(&out, event->payload.at + 1, event->payload.len - 1);
    } else {
        buf_text(&out, "\"data\":");
        buf_str(&out, event->payload);
        buf_char(&out, '}');
    }
    text = str_copy(&run->arena, buf_view(&out));
    buf_fini(&out);
    return text;
}

/* Of webhook.due: whom to tell. */
static void add_endpoint(struct run *run, struct tx *tx, struct buf *out)
{
    struct webhook_endpoint endpoint;
    struct uuid id;

    if (!webhook_handler_id(run->delivery.handler, &id) ||
        !webhook_endpoint_find(tx, run->delivery.workspace, id, &endpoint))
        return;
    buf_text(out, "\"endpoint\":");
    json_write(&webhook_endpoint_entity, &endpoint, ~UINT64_C(0), out);
    buf_char(out, ',');
}

/* ---- What it asks for -------------------------------------------------------------------------- */

static void ask(struct run *run)
{
    if (!str_is_absent(run->call.url)) {
        run_fetch(run);
        return;
    }
    if (str_is_absent(run->call.transaction) && str_is_absent(run->call.event) &&
        run->call.method == GET) {
        read_now(run);
        return;
    }
    run->changes++;
    if (run->scripts->server->stutters)
        crypto_random(run->seed, sizeof(run->seed));
    run->stage = RUN_ASKED;
    run_submit(run);
}

/* What fails for a reason of the server raises in the handler: it is tried again. */
static void read_now(struct run *run)
{
    static const _Atomic bool never;
    struct scripts *scripts = run->scripts;
    const struct read_limits limits = { .steps = UINT64_MAX,
                                        .nanoseconds = LIMIT_HANDLER_READ_MS * UINT64_C(1000000) };
    enum status status;
    struct tx tx;

    arena_reset(&run->attempt);
    reply_clear(&run->reply);
    tx_init(&tx, scripts->db, &run->attempt, clock_wall());
    run_set_tx(run, &tx);
    tx.policy = run->policy;
    status = tx_begin_read(&tx);
    if (status == ST_OK) {
        read_budget_begin(&scripts->budget, &limits, run->job ? &run->job->is_abandoned : &never);
        status = route_dispatcher(&tx, GET, run->call.path, run->call.query, run->call.body,
                                  &run->reply);
        if (read_budget_end(&scripts->budget) != READ_DONE)
            status = ST_BUSY;
    }
    run->answer =
        (struct task_answer){ .status = run->reply.status, .body = buf_view(&run->reply.body) };
    if (status_http(status) >= 500)
        run->answer.error = str_printf(
            &run->attempt, "foyer.api: GET %.*s: %s", STR_ARG(run->call.path),
            status == ST_BUSY ? "it takes too long: ask for less at once" : status_text(status));
    tx_end_read(&tx);
    handler_runtime(run->policy, &run->handler)->task_answer(run->task, &run->answer);
}

/* ---- Its end ----------------------------------------------------------------------------------- */

static void fail_late(struct run *run)
{
    run->is_late = true;
    fail(run, STR("took longer than 30 s in all"), run->handler.where);
}

static void fail(struct run *run, struct str message, struct str where)
{
    run->has_failed = true;
    run->error.message = str_shown(&run->arena, message); /* it may have bytes of a peer's */
    run->error.where = str_copy(&run->arena, str_is_empty(where) ? run->handler.where : where);
    if (arena_is_exhausted(&run->arena)) /* by what the handler asked for */
        run->error = (struct delivery_error){ STR("what it asks for is too large"), STR_NONE };
    end(run);
}

static void end(struct run *run)
{
    if (run->job) {
        visit_end(run);
        return;
    }
    run_leave(run);
    run->stage = RUN_OVER;
    run_submit(run);
}

void run_leave(struct run *run)
{
    const struct fault fault = { .message = run->error.message, .where = run->error.where };

    if (run->task)
        handler_runtime(run->policy, &run->handler)->task_free(run->task);
    run->task = NULL;
    if (!run->has_failed || !run->is_excused) /* a script is not left because others are down */
        handler_ended(run->policy, &run->handler, run->has_failed ? &fault : NULL);
    host_release(run->policy);
    run->policy = NULL;
}

/* Of the tries of one delivery the first that failed is told, and the last. */
static void saved(struct run *run)
{
    const struct delivery *after = &run->judged;
    struct scripts *scripts = run->scripts;

    if (run->write.status != ST_OK) {
        log_error(run->delivery.request_id, "the result of an event handler cannot be written",
                  LOG_S("plugin", run->delivery.plugin), LOG_S("handler", run->delivery.handler),
                  LOG_C("reason", status_code(run->write.status)));
        run->stage = RUN_OVER;
        run->again_at = clock_monotonic() + UINT64_C(1000000000);
        return;
    }
    if (run->is_judged) {
        atomic_fetch_add(after->status == DELIVERY_DONE   ? &scripts->done
                         : after->status == DELIVERY_DEAD ? &scripts->dead
                                                          : &scripts->failed,
                         1);
        if (after->status == DELIVERY_DEAD ||
            (after->status == DELIVERY_FAILED && after->attempts == 1))
            log_error(after->request_id,
                      after->status == DELIVERY_DEAD
                          ? "an event handler failed for the last time"
                          : "an event handler failed, and is tried again",
                      LOG_S("plugin", after->plugin), LOG_S("handler", after->handler),
                      LOG_S("where", after->error_where), LOG_S("reason", after->error_message),
                      LOG_N("event", after->event_seq), LOG_N("attempts", after->attempts));
    }
    run_set_free(run);
}

void run_set_free(struct run *run)
{
    if (run->task)
        handler_runtime(run->policy, &run->handler)->task_free(run->task);
    run->task = NULL;
    host_release(run->policy);
    run->policy = NULL;
    reply_clear(&run->reply);
    fetch_clear(&run->fetch);
    buf_fini(&run->fetched.answer);
    run->stage = RUN_FREE;
}

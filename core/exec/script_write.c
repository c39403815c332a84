/* Script write: what a handler changes, and what became of a delivery, as writes of the writer.
 *
 * A change is a transaction of its own, as the plugin; its answer is kept in it (delivery_steps), so that
 * the same call of a later try is answered without being made again. The last one of a handler in C is the result,
 * too.
 */
#include "exec/script_inside.h"

#include "base/clock.h"
#include "exec/miswrite.h"
#include "exec/writer.h"
#include "plugin/host.h"

#include <string.h>

#define AGAIN_AFTER UINT64_C(100000000) /* ns: the queue was full */

static struct arena *prepare(struct write *write);
static enum status run_call(struct write *write, struct tx *tx);
static void make(struct run *run, struct tx *tx);
static void tell(struct run *run, struct tx *tx);
static void make_transaction(struct run *run, struct tx *tx);
static enum status end_with_it(struct run *run, struct tx *tx);
static void hash_call(const struct task_call *call, struct arena *arena, uint8_t out[CRYPTO_HASH]);
static enum status run_result(struct write *write, struct tx *tx);
static void digest_call(struct write *write, uint8_t out[CRYPTO_HASH]);
static void digest_result(struct write *write, uint8_t out[CRYPTO_HASH]);
static void call_done(struct write *write);
static void result_done(struct write *write);
static struct run *run_of(struct write *write);

const struct write_calls script_call_calls = {
    .name = "event handler",
    .prepare = prepare,
    .run = run_call,
    .digest = digest_call,
    .done = call_done,
};
const struct write_calls script_result_calls = {
    .name = "result of an event handler",
    .prepare = prepare,
    .run = run_result,
    .digest = digest_result,
    .done = result_done,
};

/* From the moment it is submitted it may be done: nothing of it is touched after that. */
void run_submit(struct run *run)
{
    enum run_stage before = run->stage;

    run->write.calls = before == RUN_ASKED ? &script_call_calls : &script_result_calls;
    run->stage = before == RUN_ASKED ? RUN_WAITING : RUN_SAVING;
    if (writer_submit(run->scripts->server->writer, &run->write) == ST_OK)
        return;
    run->stage = before;
    run->again_at = clock_monotonic() + AGAIN_AFTER;
}

void run_set_tx(const struct run *run, struct tx *tx)
{
    const struct server *server = run->scripts->server;

    tx->actor = run->acts;
    tx->workspace = run->tx.workspace;
    tx->workspace_id = run->tx.workspace_id;
    tx->request_id = run->tx.request_id;
    tx->server_key = server->folder.server_key;
    tx->peer = run->tx.peer;
    if (!run->job)
        tx->event_depth = run->delivery.depth + 1;
    if (server->stutters)
        tx->seed = run->seed;
}

static struct arena *prepare(struct write *write)
{
    struct run *run = run_of(write);

    arena_reset(&run->attempt);
    reply_clear(&run->reply);
    return &run->attempt;
}

/* ---- A change ---------------------------------------------------------------------------------- */

static enum status run_call(struct write *write, struct tx *tx)
{
    struct run *run = run_of(write);
    struct delivery_step step = { .number = run->changes };

    run_set_tx(run, tx);
    if (!run->job)
        hash_call(&run->call, tx->arena, step.call_hash);
    if (!run->job && delivery_step_find(tx, &run->delivery, &step)) {
        buf_str(reply_json(&run->reply, step.status), step.answer);
        return tx_status(tx);
    }
    tx->policy = host_acquire_same(run->policy, run->scripts->server->loop_count);
    if (!str_is_absent(run->call.event))
        tell(run, tx);
    else if (str_is_absent(run->call.transaction))
        make(run, tx);
    else
        make_transaction(run, tx);
    host_release(tx->policy);
    tx->policy = NULL;
    if (run->job || tx_status(tx) != ST_OK || run->reply.status >= 300) /* nothing was changed */
        return tx_status(tx);
    if (run->call.is_last)
        return end_with_it(run, tx);
#ifdef FOYER_FAULTS
    if (miswrite_chosen() == MISWRITE_STEPS_FORGOTTEN)
        return tx_status(tx);
#endif
    step.status = run->reply.status;
    if (!run->reply.has_secret)
        step.answer = str_copy(tx->arena, buf_view(&run->reply.body));
    delivery_step_keep(tx, &run->delivery, &step);
    return tx_status(tx);
}

static void make(struct run *run, struct tx *tx)
{
    const struct task_call *call = &run->call;

    route_dispatcher(tx, call->method, call->path, call->query, call->body, &run->reply);
}

static void tell(struct run *run, struct tx *tx)
{
    const struct task_call *call = &run->call;
    const struct emission emission = { call->event, call->path, call->body };

    emission_tell(tx, run->handler.plugin, &emission);
    if (tx_status(tx) == ST_OK)
        reply_json(&run->reply, 200);
}

static void make_transaction(struct run *run, struct tx *tx)
{
    struct fault fault = { .where = STR_NONE };
    struct str result = STR_NONE;
    enum status status = transaction_run(tx->policy, run->handler.plugin, run->call.transaction, tx,
                                         run->call.body, &result, &fault);

    if (status == ST_RULE_ERROR && tx_status(tx) == ST_OK)
        tx_fail(tx, ST_RULE_ERROR, "transaction_failed", "%.*s%s%.*s", STR_ARG(fault.where),
                str_is_empty(fault.where) ? "" : ": ", STR_ARG(fault.message));
    if (tx_status(tx) == ST_OK)
        buf_str(reply_json(&run->reply, 200), result);
}

/* What it did would be done again by the try that comes: it is undone where the delivery is not this try's any
 * more. */
static enum status end_with_it(struct run *run, struct tx *tx)
{
    run->judged = run->delivery;
    run->is_judged = delivery_judge(tx, &run->judged, NULL);
    if (run->is_judged)
        return tx_status(tx);
    run->is_excused = true;
    return tx_fail(tx, ST_CONFLICT, "delivery_over",
                   "the delivery was over, or replayed, meanwhile");
}

/* Lengths first, so that no two calls look the same. */
static void hash_call(const struct task_call *call, struct arena *arena, uint8_t out[CRYPTO_HASH])
{
    struct str head = str_printf(arena, "%d %zu %zu %zu ", (int)call->method, call->transaction.len,
                                 call->path.len, call->query.len);

    if (!str_is_absent(call->event)) /* those of before it stay as they are */
        head = str_printf(arena, "event %zu %zu ", call->event.len, call->path.len);
    head = str_concat(arena, head, str_is_absent(call->event) ? call->transaction : call->event);
    head = str_concat(arena, head, call->path);
    head = str_concat(arena, head, call->query);
    crypto_sha256(str_concat(arena, head, call->body), out);
}

static void digest_call(struct write *write, uint8_t out[CRYPTO_HASH])
{
    const struct run *run = run_of(write);

    crypto_sha256(write->status == ST_OK ? buf_view(&run->reply.body) : write->failure.message,
                  out);
}

/* On the writer's thread; the run is given back in the end. What failed for a reason of the server, or by
 * an error of the transaction, raises in the handler. */
static void call_done(struct write *write)
{
    struct run *run = run_of(write);
    const struct task_call *call = &run->call;
    struct str message = str_is_empty(write->failure.message) ? str_from(status_text(write->status))
                                                              : write->failure.message;

    run->answer =
        (struct task_answer){ .status = run->reply.status, .body = buf_view(&run->reply.body) };
    if (write->status != ST_OK && !str_is_absent(call->event))
        run->answer.error = str_printf(&run->attempt, "foyer.events.emit: %.*s", STR_ARG(message));
    else if (write->status != ST_OK && str_is_absent(call->transaction))
        run->answer.error =
            str_printf(&run->attempt, "foyer.api: %s %.*s: %.*s", method_name(call->method),
                       STR_ARG(call->path), STR_ARG(message));
    else if (write->status != ST_OK)
        run->answer.error = str_printf(
            &run->attempt, "%s%.*s: %.*s",
            call->is_last ? "" : "foyer.run: ", STR_ARG(call->transaction), STR_ARG(message));
    scripts_give_back(run);
}

/* ---- The result -------------------------------------------------------------------------------- */

static enum status run_result(struct write *write, struct tx *tx)
{
    struct run *run = run_of(write);

    if (run->job) {
        visit_keep(run, tx);
        return tx_status(tx);
    }
    run_set_tx(run, tx);
    tx->actor = (struct actor){ .kind = ACTOR_SYSTEM, .road = "system" };
    run->judged = run->delivery;
    run->error.not_before =
        run->fetched.retry_after_s ? tx_now(tx) + run->fetched.retry_after_s * CLOCK_SECOND : 0;
    run->is_judged = delivery_judge(tx, &run->judged, run->has_failed ? &run->error : NULL);
    if (run->is_judged)
        webhook_attempted(tx, &run->delivery,
                          &(struct webhook_attempt){
                              .took_ms = run->fetched.took_ms,
                              .status = run->fetched.status,
                              .answer = run->fetched.answer.len
                                            ? str_shown(tx->arena, buf_view(&run->fetched.answer))
                                            : STR_NONE,
                              .error = run->has_failed ? run->error.message : STR_NONE });
    return tx_status(tx);
}

static void digest_result(struct write *write, uint8_t out[CRYPTO_HASH])
{
    const struct run *run = run_of(write);
    struct str text = { .at = (const char *)&run->judged.due_at,
                        .len = sizeof(run->judged.due_at) };

    crypto_sha256(text, out);
}

static void result_done(struct write *write)
{
    scripts_give_back(run_of(write));
}

static struct run *run_of(struct write *write)
{
    return (struct run *)(void *)((char *)write - offsetof(struct run, write));
}

/* Road script: a command of a plugin without a server: what the scripts' thread, the writer and the readers make of it,
 * one after the other. Each change is committed before the command goes on, as there.
 */
#include "cli/road_script.h"

#include "api/command.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cli/options.h"
#include "exec/dispatch.h"
#include "lua/visit.h"
#include "plugin/choices.h"
#include "plugin/host.h"
#include "store/db.h"

#include <stdio.h>

/* A call of the command, as a transaction. */
struct asking {
    struct script_here *here;
    const struct task_call *call;
    struct reply *rp;
};

static bool begin(struct script_here *here, struct tx *tx);
static bool go_on(struct script_here *here, struct task *task, struct fault *fault);
static void answer(struct script_here *here, const struct task_call *call,
                   struct task_answer *given);
static enum status make(struct tx *tx, void *context);
static void set_tx(const struct script_here *here, struct tx *tx);
static bool failed(const struct script_here *here, const struct fault *fault);

bool script_here_run(struct script_here *here, const struct command_wish *wish, bool as_text,
                     struct reply *rp)
{
    struct task_result result = { .status = 0 };
    struct fault fault = { .where = STR_NONE };
    struct task_given given = { .tx = &here->tx, .result = &result };
    struct value arguments;
    struct task *task;
    bool is_done;

    here->handler = wish->handler;
    dispatch_start(here->router);
    if (visit_arguments(wish->registration->route.body, wish->arguments, here->arena, &arguments,
                        &here->failure) != ST_OK) {
        command_failed(here->command, &here->failure);
        return false;
    }
    if (!begin(here, &here->tx))
        return false;
    given.request = &arguments;
    task = handler_begin(here->policy, &here->handler, &given, &fault);
    is_done = task && go_on(here, task, &fault);
    if (is_done)
        command_output(&result, as_text, here->arena, rp);
    if (task)
        handler_runtime(here->policy, &here->handler)->task_free(task);
    return is_done || failed(here, &fault);
}

/* What its workspace has set is read once. */
static bool begin(struct script_here *here, struct tx *tx)
{
    struct tx reading;

    *tx = (struct tx){ .arena = &here->own,
                       .now = clock_wall(),
                       .workspace = here->workspace,
                       .workspace_id = here->workspace_id,
                       .request_id = STR("command"),
                       .server_key = here->server_key,
                       .policy = here->policy };
    plugin_actor(here->policy, here->handler.plugin, &tx->actor);
    tx_init(&reading, here->db, here->arena, clock_wall());
    set_tx(here, &reading);
    reading.policy = here->policy;
    if (tx_begin_read(&reading) == ST_OK)
        choices_lend(&reading, tx);
    tx_end_read(&reading);
    if (tx_status(&reading) == ST_OK)
        return true;
    command_failed(here->command, &reading.failure);
    return false;
}

static bool go_on(struct script_here *here, struct task *task, struct fault *fault)
{
    const struct runtime *runtime = handler_runtime(here->policy, &here->handler);
    uint64_t until = clock_monotonic() + LIMIT_HANDLER_SECONDS * UINT64_C(1000000000);
    struct task_answer given;
    struct task_call call;

    while (clock_monotonic() < until)
        switch (runtime->task_run(task, LIMIT_HANDLER_SLICE, &call, fault)) {
        case TASK_GOES_ON:
            break;
        case TASK_WAITS:
            answer(here, &call, &given);
            runtime->task_answer(task, &given);
            break;
        case TASK_ENDED:
            return true;
        case TASK_FAILED:
            return false;
        }
    *fault = (struct fault){ .message = STR("took longer than 30 s in all") };
    return false;
}

static void answer(struct script_here *here, const struct task_call *call,
                   struct task_answer *given)
{
    struct asking asking = { here, call, &here->rp };
    bool is_read =
        call->method == GET && str_is_absent(call->transaction) && str_is_absent(call->event);
    struct tx tx;

    *given = (struct task_answer){ .status = 0 };
    if (!str_is_absent(call->url)) {
        given->error = STR("foyer.http.fetch is there while a server runs: start it first");
        return;
    }
    arena_reset(&here->attempt);
    reply_clear(&here->rp);
    tx_init(&tx, here->db, &here->attempt, clock_wall());
    set_tx(here, &tx);
    tx.policy = here->policy;
    if (!is_read) {
        if (tx_once(here->db, &tx, make, &asking) == ST_OK)
            datafolder_raise_mark(here->folder, db_commits(here->db));
    } else if (tx_begin_read(&tx) == ST_OK) {
        make(&tx, &asking);
    }
    if (is_read)
        tx_end_read(&tx);
    given->status = here->rp.status;
    given->body = buf_view(&here->rp.body);
    if (status_http(tx_status(&tx)) >= 500 || (!is_read && tx_status(&tx) != ST_OK))
        given->error = str_printf(&here->attempt, "%.*s", STR_ARG(tx.failure.message));
}

static enum status make(struct tx *tx, void *context)
{
    struct asking *asking = context;
    const struct task_call *call = asking->call;
    struct str plugin = asking->here->handler.plugin, result = STR_NONE;
    struct fault fault = { .where = STR_NONE };

    if (!str_is_absent(call->event)) {
        const struct emission emission = { call->event, call->path, call->body };

        emission_tell(tx, plugin, &emission);
        reply_json(asking->rp, 200);
        return tx_status(tx);
    }
    if (str_is_absent(call->transaction)) {
        route_dispatcher(tx, call->method, call->path, call->query, call->body, asking->rp);
        return tx_status(tx);
    }
    if (transaction_run(tx->policy, plugin, call->transaction, tx, call->body, &result, &fault) ==
            ST_RULE_ERROR &&
        tx_status(tx) == ST_OK)
        tx_fail(tx, ST_RULE_ERROR, "transaction_failed", "%.*s%s%.*s", STR_ARG(fault.where),
                str_is_empty(fault.where) ? "" : ": ", STR_ARG(fault.message));
    if (tx_status(tx) == ST_OK)
        buf_str(reply_json(asking->rp, 200), result);
    return tx_status(tx);
}

static void set_tx(const struct script_here *here, struct tx *tx)
{
    plugin_actor(here->policy, here->handler.plugin, &tx->actor);
    tx->workspace = here->workspace;
    tx->workspace_id = here->workspace_id;
    tx->request_id = STR("command");
    tx->server_key = here->server_key;
}

/* "crm.lua:12: message" */
static bool failed(const struct script_here *here, const struct fault *fault)
{
    fprintf(stderr, "foyer %s: %.*s: %.*s\n", here->command->name,
            STR_ARG(str_is_empty(fault->where) ? here->handler.where : fault->where),
            STR_ARG(fault->message));
    return false;
}

/* Handler: tasks of event handlers, jobs and routes, and the transactions that they call. */
#include "base/check.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/engine.h"
#include "lua/value.h"
#include "lua/view.h"

#include <lauxlib.h>
#include <stdlib.h>

static enum api_kind kind_of(const struct instance *instance, size_t function);
static bool is_passed_on(const struct call *call);
static int push_event(lua_State *L, void *context);
static void read_reply(lua_State *L, int first, int count, void *context);
static int push_args(lua_State *L, void *context);
static void read_result(lua_State *L, int first, int count, void *context);

/* ---- Handlers ---------------------------------------------------------------------------------- */

struct task *handler_task_new(struct instance *instance, size_t function,
                              const struct task_given *given, struct fault *fault)
{
    struct task *task = xcalloc(1, sizeof(*task));
    struct script_call call = { .push = push_event,
                                .context = &task->call,
                                .budget_us = LIMIT_HANDLER_MICROSECONDS };
    struct arena *arena = given->tx->arena;
    struct script_error error;
    struct str reason = STR_NONE;

    PRE(function < instance->function_count);
    task->question.tx = given->tx;
    task->attempt = given->attempt;
    task->result = given->result;
    task->call = (struct call){ .kind = kind_of(instance, function),
                                .instance = instance,
                                .serial = ++instance->serial,
                                .is_inline = instance->functions[function].is_inline,
                                .question = &task->question,
                                .tx = given->tx,
                                .arena = arena,
                                .task = task };
    if (given->request)
        task->call.argument = *given->request;
    else
        reason = value_from_json(given->event, arena, &task->call.argument);
    if (task->call.kind & (API_REQUESTS | API_COMMAND))
        call.read = read_reply;
    if (!str_is_absent(reason)) {
        fault->message = str_printf(arena, "the event cannot be read: %.*s", STR_ARG(reason));
        free(task);
        return NULL;
    }
    task->mark = arena_mark(arena);
    call.function = instance->functions[function].reference;
    task->script = script_task_new(instance->state, &call, &error);
    if (task->script)
        return task;
    instance_set_fault(fault, &error, arena);
    free(task);
    return NULL;
}

enum task_progress handler_task_run(struct task *task, uint64_t slice_us, struct task_call *call,
                                    struct fault *fault)
{
    struct script_error error;

    switch (script_task_run(task->script, slice_us, &error)) {
    case SCRIPT_GOES_ON:
        return TASK_GOES_ON;
    case SCRIPT_WAITS:
        *call = task->asks;
        return TASK_WAITS;
    case SCRIPT_ENDED:
        return TASK_ENDED;
    case SCRIPT_FAILED:
        break;
    }
    arena_rewind(task->call.arena, task->mark);
    instance_set_fault(fault, &error, task->call.arena);
    return TASK_FAILED;
}

void handler_task_answer(struct task *task, const struct task_answer *answer)
{
    task->answer = answer;
}

void handler_task_free(struct task *task)
{
    if (!task)
        return;
    script_task_free(task->script);
    free(task);
}

/* What is told to others has all its members. */
static bool is_passed_on(const struct call *call)
{
    const struct value *endpoint = value_get(&call->argument, STR("endpoint"));

    return endpoint != NULL;
}

static enum api_kind kind_of(const struct instance *instance, size_t function)
{
    switch (instance->plugin->registrations[function].kind) {
    case HOOK_JOB:
        return API_JOB;
    case HOOK_ROUTE:
        return API_ROUTE;
    case HOOK_PAGE:
        return API_PAGE;
    case HOOK_COMMAND:
        return API_COMMAND;
    default:
        return API_EVENT;
    }
}

/* Handlers are given (event, ctx), jobs (ctx), routes and pages (ctx, request),
 * commands (ctx, arguments). */
static int push_event(lua_State *L, void *context)
{
    struct call *call = context;

    if (call->kind == API_EVENT)
        value_push(L, &call->argument, is_passed_on(call) ? VALUE_KEEP_NULL : 0);
    view_push(L, OBJECT_CTX);
    if (call->kind & (API_REQUESTS | API_COMMAND))
        value_push(L, &call->argument, 0);
    return call->kind == API_JOB ? 1 : 2;
}

/* Nothing that it asked for is looked at any more. */
static void read_reply(lua_State *L, int first, int count, void *context)
{
    struct call *call = context;

    arena_rewind(call->arena, call->task->mark);
    reply_read(L, first, count, call->task->result);
}

/* ---- Transactions ------------------------------------------------------------------------------ */

enum status handler_transaction(struct instance *instance, size_t function,
                                struct question *question, struct str args, struct str *result,
                                struct fault *fault)
{
    struct reply reply;
    struct call call = { .kind = API_TRANSACTION,
                         .reply = &reply,
                         .instance = instance,
                         .question = question,
                         .tx = question->tx,
                         .arena = question->tx->arena };
    const struct script_call kind = { .push = push_args,
                                      .read = read_result,
                                      .budget_us = LIMIT_FILTER_MICROSECONDS };
    struct script_error error;
    enum status status;
    struct str reason = value_from_json(args, call.arena, &call.argument);
    struct buf out;

    if (!str_is_absent(reason)) {
        fault->message =
            str_printf(call.arena, "what it is given cannot be read: %.*s", STR_ARG(reason));
        return ST_RULE_ERROR;
    }
    status = instance_call(&call, function, &kind, &error);
    if (call.has_reply)
        reply_fini(&reply);
    if (tx_status(call.tx) != ST_OK)
        return tx_status(call.tx);
    if (status != ST_OK) {
        instance_set_fault(fault, &error, call.arena);
        return ST_RULE_ERROR;
    }
    buf_init(&out, LIMIT_JSON_BODY);
    value_to_json(&call.changed, &out);
    *result = str_copy(call.arena, buf_view(&out));
    buf_fini(&out);
    return ST_OK;
}

static int push_args(lua_State *L, void *context)
{
    struct call *call = context;

    view_push(L, OBJECT_CTX);
    value_push(L, &call->argument, 0);
    return 2;
}

static void read_result(lua_State *L, int first, int count, void *context)
{
    struct call *call = context;
    struct str reason;

    if (count == 0 || lua_isnil(L, first))
        return;
    reason = value_read(L, first, call->arena, &call->changed);
    if (!str_is_absent(reason))
        luaL_error(L, "what the transaction returned cannot be read: %s", reason.at);
}

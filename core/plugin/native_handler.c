/* Native_handler: event handlers of libraries, and the transactions in which they end.
 *
 * A handler is a call of the scripts' thread, and cannot be left in the middle: so it is a task of one slice. What
 * it asks for by run is what the task waits for then, as the last thing that it does: the writer runs the transaction
 * and ends the delivery in one.
 */
#include "base/check.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "http/json_tree.h"
#include "plugin/handler.h"
#include "plugin/known.h"
#include "plugin/native_inside.h"

#include <stdlib.h>

enum { NAME_MOST = 100 };

struct native_task {
    struct native_instance *instance;
    size_t function, transaction;
    const struct task_given *given;
    struct value event;
    const struct task_answer *answer; /* NULL: it has not asked yet */
};

static struct native_task *own(struct task *task);
static bool find_transaction(const struct plugin *plugin, struct str name, size_t *number);
static int check_event(struct foyer_call *call, struct str event);

/* ---- Handlers ---------------------------------------------------------------------------------- */

struct task *native_task_new(struct instance *instance, size_t function,
                             const struct task_given *given, struct fault *fault)
{
    struct native_task *task = xcalloc(1, sizeof(*task));
    struct str reason = value_from_json(given->event, given->tx->arena, &task->event);

    task->instance = (struct native_instance *)instance;
    task->function = function;
    task->given = given;
    if (str_is_absent(reason))
        return (struct task *)task;
    fault->message =
        str_printf(given->tx->arena, "the event cannot be read: %.*s", STR_ARG(reason));
    free(task);
    return NULL;
}

enum task_progress native_task_run(struct task *opaque, uint64_t slice_us, struct task_call *asks,
                                   struct fault *fault)
{
    struct native_task *task = own(opaque);
    struct tx *tx = task->given->tx;
    struct foyer_call call = { .kind = NATIVE_EVENT,
                               .instance = task->instance,
                               .tx = tx,
                               .arena = tx->arena,
                               .data = &task->event,
                               .attempt = task->given->attempt };

    (void)slice_us;
    if (task->answer) {
        if (str_is_absent(task->answer->error))
            return TASK_ENDED;
        fault->message = task->answer->error;
        fault->where = task->instance->plugin->registrations[task->transaction].where;
        return TASK_FAILED;
    }
    if (!native_call(&call, task->function, LIMIT_NATIVE_HANDLER_MICROSECONDS, fault))
        return TASK_FAILED;
    if (!call.has_answer)
        return TASK_ENDED;
    PRE(find_transaction(task->instance->plugin, call.transaction, &task->transaction));
    *asks =
        (struct task_call){ .transaction = call.transaction, .body = call.args, .is_last = true };
    return TASK_WAITS;
}

void native_task_answer(struct task *task, const struct task_answer *answer)
{
    own(task)->answer = answer;
}

void native_task_free(struct task *task)
{
    free(task);
}

int native_run(struct foyer_call *call, const char *name_text, const struct foyer_value *args)
{
    const struct plugin *plugin = call->instance->plugin;
    int status = native_here(call, NATIVE_EVENT, "run");
    struct nearest nearest;
    struct str name;
    size_t number;

    if (status == FOYER_OK && call->has_answer)
        status = native_fault(call, FOYER_ANSWERED, "run: there is a transaction already");
    if (status == FOYER_OK)
        status =
            native_take_text(call, name_text, NAME_MOST, NATIVE_NULL_IS_WRONG, "run: name", &name);
    if (status != FOYER_OK)
        return status;
    if (find_transaction(plugin, name, &number)) {
        status = native_value_json(call, args, LIMIT_JSON_BODY, "run: args", &call->args);
        call->transaction = name;
        call->has_answer = status == FOYER_OK;
        return status;
    }
    nearest_init(&nearest, name);
    for (size_t i = 0; i < plugin->registration_count; i++)
        if (plugin->registrations[i].kind == HOOK_TRANSACTION)
            nearest_offer(&nearest, plugin->registrations[i].subject.at);
    if (nearest.word)
        return native_fault(call, FOYER_INVALID,
                            "run: there is no transaction \"%.*s\": did you mean \"%s\"?",
                            STR_ARG(name), nearest.word);
    return native_fault(call, FOYER_INVALID,
                        "run: there is no transaction \"%.*s\": transaction registers one",
                        STR_ARG(name));
}

static struct native_task *own(struct task *task)
{
    return (struct native_task *)task;
}

static bool find_transaction(const struct plugin *plugin, struct str name, size_t *number)
{
    for (size_t i = 0; i < plugin->registration_count; i++)
        if (plugin->registrations[i].kind == HOOK_TRANSACTION &&
            str_eq(plugin->registrations[i].subject, name)) {
            *number = i;
            return true;
        }
    return false;
}

/* ---- Transactions ------------------------------------------------------------------------------ */

enum status native_transaction_run(struct instance *instance, size_t function,
                                   struct question *question, struct str args, struct str *result,
                                   struct fault *fault)
{
    struct value value;
    struct foyer_call call = { .kind = NATIVE_TRANSACTION,
                               .instance = (struct native_instance *)instance,
                               .question = question,
                               .tx = question->tx,
                               .arena = question->tx->arena,
                               .data = &value };
    struct str reason = value_from_json(args, call.arena, &value);
    bool is_good;

    if (!str_is_absent(reason)) {
        fault->message =
            str_printf(call.arena, "what it is given cannot be read: %.*s", STR_ARG(reason));
        return ST_RULE_ERROR;
    }
    is_good = native_call(&call, function, LIMIT_FILTER_MICROSECONDS, fault);
    *result = STR("null");
    if (tx_status(call.tx) != ST_OK)
        return tx_status(call.tx);
    return is_good ? ST_OK : ST_RULE_ERROR;
}

int native_tell(struct foyer_call *call, const char *event, const char *key,
                const struct foyer_value *data)
{
    struct emission emission = { .data = STR("{}") };
    int status = native_here(call, NATIVE_WRITE, "tell");
    struct uuid id;

    if (status != FOYER_OK)
        return status;
    if (!native_is_capable(call->instance, "events"))
        return native_fault(call, FOYER_NOT_HERE,
                            "tell needs \"events\" among the capabilities of plugin.json");
    if (!call->tx || !call->tx->db) /* tests run in a server, too */
        return native_fault(call, FOYER_NOT_HERE, "tell is not there: a test has no data");
    if (call->told++ == LIMIT_SCRIPT_EVENTS)
        return native_fault(call, FOYER_TOO_MUCH, "tell: more than %d events in one call",
                            LIMIT_SCRIPT_EVENTS);
    status = native_take_text(call, event, NAME_MOST, NATIVE_NULL_IS_WRONG, "tell: event",
                              &emission.name);
    if (status == FOYER_OK)
        status = check_event(call, emission.name);
    if (status == FOYER_OK)
        status = native_take_text(call, key, UUID_TEXT, NATIVE_NULL_IS_ABSENT, "tell: key",
                                  &emission.key);
    if (status == FOYER_OK && key && !uuid_parse(emission.key, &id))
        status = native_fault(call, FOYER_INVALID, "tell: key must be an id, or NULL");
    if (status == FOYER_OK && data && data->type != FOYER_OBJECT)
        status = native_fault(call, FOYER_INVALID, "tell: data must be an object, or NULL");
    if (status == FOYER_OK && data)
        status = native_value_json(call, data, LIMIT_SCRIPT_EVENT, "tell: data", &emission.data);
    if (status == FOYER_OK)
        emission_tell(call->tx, call->instance->plugin->id, &emission);
    return status;
}

/* As foyer.events.emit does: "hello.greeted", of nobody but hello. */
static int check_event(struct foyer_call *call, struct str event)
{
    struct str id = call->instance->plugin->id;

    if (!known_is_good(event) || !str_starts(event, id) || event.len < id.len + 2 ||
        event.at[id.len] != '.')
        return native_fault(call, FOYER_INVALID,
                            "tell: an event of this plugin begins with \"%.*s.\", and is letters, "
                            "digits, '_', '-' and '.': not \"%.*s\"",
                            STR_ARG(id), STR_ARG(event));
    if (known_is_ours(call->instance->known, event))
        return native_fault(call, FOYER_INVALID,
                            "tell: events that begin with \"%.*s.\" are Foyer's own: name the "
                            "plugin otherwise",
                            STR_ARG(id));
    return FOYER_OK;
}

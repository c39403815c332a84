/* Native: instances of libraries, and the four kinds of calls that answer requests. */
#include "plugin/native.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/json_tree.h"
#include "plugin/change.h"
#include "plugin/native_inside.h"

#include <stdlib.h>
#include <string.h>

static struct instance *open(const struct plugin *plugin, const struct known *known,
                             struct registry *registry, struct arena *arena, struct fault *fault);
static void close(struct instance *instance);
static enum verdict rule(struct instance *instance, size_t function, struct question *question,
                         struct decision *decision);
static bool scope(struct instance *instance, size_t function, struct question *question,
                  struct scope *scope, struct fault *fault);
static enum status filter(struct instance *instance, size_t function, struct question *question,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given, struct fault *fault);
static bool render(struct instance *instance, size_t function, struct tx *tx, const char *name,
                   struct str locale, struct str data, struct rendered *rendered,
                   struct fault *fault);
static bool is_opened(struct foyer_registry *registry, int status,
                      const struct native_budget *budget, struct fault *fault);
static bool is_same(const struct plugin *plugin, const struct registry *registry);
static struct foyer_call asked(struct instance *instance, enum native_kind kind,
                               struct question *question);
static bool is_late(const struct native_budget *budget, struct arena *arena, struct fault *fault);
static struct str fault_of(int status, struct str fault, struct arena *arena);

const struct runtime native_runtime = {
    .open = open,
    .close = close,
    .rule = rule,
    .scope = scope,
    .filter = filter,
    .render = render,
    .task_new = native_task_new,
    .task_run = native_task_run,
    .task_answer = native_task_answer,
    .task_free = native_task_free,
    .transaction = native_transaction_run,
};

/* ---- Instances --------------------------------------------------------------------------------- */

static struct instance *open(const struct plugin *plugin, const struct known *known,
                             struct registry *registry, struct arena *arena, struct fault *fault)
{
    /* Of its own type: the runtime alone looks into it. */
    return (struct instance *)native_open(plugin->native, plugin, known, registry, arena, fault);
}

static void close(struct instance *instance)
{
    struct native_instance *native = (struct native_instance *)instance;

    if (native)
        native_close(native->plugin->native, native);
}

struct native_instance *native_open(const struct native_library *library,
                                    const struct plugin *plugin, const struct known *known,
                                    struct registry *given, struct arena *arena,
                                    struct fault *fault)
{
    struct native_instance *instance = xcalloc(1, sizeof(*instance));
    struct registry own = { .arena = arena };
    struct foyer_registry registry = { .plugin = plugin,
                                       .known = known,
                                       .registry = given ? given : &own,
                                       .instance = instance,
                                       .arena = arena };
    struct native_budget budget;
    int status;

    *fault = (struct fault){ .where = STR_NONE };
    instance->plugin = plugin;
    instance->known = known;
    native_budget_begin(&budget, LIMIT_LOAD_MICROSECONDS);
    status = library->table.open(&native_host, &registry, &instance->own);
    if (is_opened(&registry, status, &budget, fault) && (given || is_same(plugin, &own)))
        return instance;
    if (str_is_absent(fault->message))
        fault->message = STR("it registers other functions each time it is opened");
    if (status == FOYER_OK) {
        native_close(library, instance);
    } else {
        free(instance->functions);
        free(instance);
    }
    return NULL;
}

void native_close(const struct native_library *library, struct native_instance *instance)
{
    if (library->table.close)
        library->table.close(&native_host, instance->own);
    free(instance->functions);
    free(instance);
}

static bool is_opened(struct foyer_registry *registry, int status,
                      const struct native_budget *budget, struct fault *fault)
{
    if (is_late(budget, registry->arena, fault))
        return false;
    fault->message = fault_of(status, registry->fault, registry->arena);
    return str_is_absent(fault->message);
}

/* Numbers of functions mean the same on every thread. */
static bool is_same(const struct plugin *plugin, const struct registry *registry)
{
    bool is = registry->count == plugin->registration_count;

    for (size_t i = 0; is && i < registry->count; i++) {
        const struct registration *a = &plugin->registrations[i], *b = &registry->at[i];

        is = a->kind == b->kind && a->stage == b->stage && str_eq(a->subject, b->subject) &&
             str_eq(a->where, b->where) && str_eq(a->name, b->name);
    }
    return is;
}

/* ---- Rules ------------------------------------------------------------------------------------- */

static enum verdict rule(struct instance *instance, size_t function, struct question *question,
                         struct decision *decision)
{
    struct foyer_call call = asked(instance, NATIVE_RULE, question);
    struct fault fault;

    if (!native_call(&call, function, LIMIT_RULE_MICROSECONDS, &fault)) {
        decision->reason = fault.message;
        return VERDICT_ERROR;
    }
    decision->code = call.code;
    decision->message = call.message;
    decision->reason = call.reason;
    return call.verdict;
}

/* ---- Scopes ------------------------------------------------------------------------------------ */

static bool scope(struct instance *instance, size_t function, struct question *question,
                  struct scope *scope, struct fault *fault)
{
    struct foyer_call call = asked(instance, NATIVE_SCOPE, question);

    if (!native_call(&call, function, LIMIT_RULE_MICROSECONDS, fault))
        return false;
    if (scope_unite(scope, &call.scope, call.arena))
        return true;
    fault->message = STR("the scopes of this entity have too many terms together");
    return false;
}

/* ---- Filters ----------------------------------------------------------------------------------- */

static enum status filter(struct instance *instance, size_t function, struct question *question,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given, struct fault *fault)
{
    struct foyer_call call = asked(instance, NATIVE_FILTER, question);
    struct value fields;
    bool is_good;

    call.entity = entity;
    call.row = row;
    call.change = change;
    call.given = *given;
    is_good = native_call(&call, function, LIMIT_FILTER_MICROSECONDS, fault);
    if (tx_status(call.tx) != ST_OK) /* reading for it failed */
        return tx_status(call.tx);
    if (!is_good)
        return ST_RULE_ERROR;
    if (call.verdict == VERDICT_DENY)
        return change_reject(call.tx, call.code, call.message, call.field);
    fields = value_object(call.changed, call.changed_count);
    if (call.changed_count &&
        !change_apply(&fields, entity, !row, change, given, call.arena, &fault->message))
        return ST_RULE_ERROR;
    return ST_OK;
}

/* ---- Renders ----------------------------------------------------------------------------------- */

static bool render(struct instance *instance, size_t function, struct tx *tx, const char *name,
                   struct str locale, struct str data, struct rendered *rendered,
                   struct fault *fault)
{
    struct value value;
    struct foyer_call call = { .kind = NATIVE_RENDER,
                               .instance = (struct native_instance *)instance,
                               .tx = tx,
                               .arena = tx->arena,
                               .name = name,
                               .locale = locale,
                               .data = &value };
    struct str reason = value_from_json(data, tx->arena, &value);

    if (!str_is_absent(reason)) {
        fault->message = str_printf(tx->arena, "its data cannot be read: %.*s", STR_ARG(reason));
        return false;
    }
    if (!native_call(&call, function, LIMIT_RENDER_MICROSECONDS, fault))
        return false;
    if (call.has_answer) {
        rendered->subject = call.rendered.subject;
        rendered->text = call.rendered.text;
        rendered->html = call.rendered.html;
    }
    return true;
}

/* ---- Running ----------------------------------------------------------------------------------- */

static struct foyer_call asked(struct instance *instance, enum native_kind kind,
                               struct question *question)
{
    return (struct foyer_call){ .kind = kind,
                                .instance = (struct native_instance *)instance,
                                .question = question,
                                .tx = question->tx,
                                .arena = question->tx->arena };
}

/* Too late is too late, also with an answer: else the budget would be a wish. */
bool native_call(struct foyer_call *call, size_t function, uint64_t microseconds,
                 struct fault *fault)
{
    struct native_instance *instance = call->instance;
    int status;

    PRE(function < instance->function_count);
    *fault = (struct fault){ .where = STR_NONE };
    native_budget_begin(&call->budget, microseconds);
    status = instance->functions[function](&native_host, call, instance->own);
    if (is_late(&call->budget, call->arena, fault))
        return false;
    fault->message = fault_of(status, call->fault, call->arena);
    return str_is_absent(fault->message);
}

void native_budget_begin(struct native_budget *budget, uint64_t microseconds)
{
    budget->limit = microseconds * 1000 * BUDGET_SCALE;
    budget->cpu_begun = clock_thread_cpu();
    budget->begun = clock_monotonic();
}

/* The clock alone until its time has passed: it costs no system call. */
int64_t native_budget_left(const struct native_budget *budget)
{
    uint64_t wall = clock_monotonic() - budget->begun, used, most;

    if (wall < budget->limit)
        return (int64_t)(budget->limit - wall);
    most = budget->limit * BUDGET_WALL_FACTOR;
    used = clock_thread_cpu() - budget->cpu_begun;
    if (wall >= most || used >= budget->limit)
        return 0;
    return (int64_t)(budget->limit - used < most - wall ? budget->limit - used : most - wall);
}

static bool is_late(const struct native_budget *budget, struct arena *arena, struct fault *fault)
{
    if (native_budget_left(budget) > 0)
        return false;
    fault->is_timeout = true;
    fault->message = str_printf(
        arena, "it took %.1f ms (%.1f of CPU), and has %.0f: its answer came too late",
        (double)(clock_monotonic() - budget->begun) / 1e6,
        (double)(clock_thread_cpu() - budget->cpu_begun) / 1e6, (double)budget->limit / 1e6);
    return true;
}

/* Absent: there is none. */
static struct str fault_of(int status, struct str fault, struct arena *arena)
{
    if (!str_is_absent(fault))
        return fault;
    if (status == FOYER_OK)
        return STR_NONE;
    if (status > FOYER_OK && status <= FOYER_TOO_MUCH)
        return STR("it failed, and does not say why (fail does)");
    return str_printf(arena, "it returned %d, which is no status", status);
}

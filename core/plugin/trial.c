/* Trial: counting. Going back is the host's: going_back.c. */
#include "plugin/trial.h"

#include "base/clock.h"
#include "plugin/host_state.h"

#include <stdio.h>

/* Failures that are further apart are not one row of them. */
#define FORGOTTEN (UINT64_C(600) * 1000000000)

static const struct plugin *find(const struct generation *generation, struct str id);
static bool is_same(const struct plugin *before, const struct plugin *plugin);
static void go_on(struct generation *generation, struct trial *trial, const struct plugin *plugin,
                  const struct plugin *before, const struct trial *old);
static bool is_failing(const struct trial_function *function, uint64_t now);

void trial_begin(struct generation *generation, const struct generation *old, int64_t seconds)
{
    uint64_t now = clock_monotonic();

    generation->trials = arena_array(&generation->arena, struct trial, generation->plugin_count);
    for (size_t i = 0; i < generation->plugin_count; i++) {
        const struct plugin *plugin = &generation->plugins[i];
        const struct plugin *before = old ? find(old, plugin->id) : NULL;
        struct trial *trial = &generation->trials[i];

        trial->functions =
            arena_array(&generation->arena, struct trial_function, plugin->registration_count);
        if (before && is_same(before, plugin)) {
            go_on(generation, trial, plugin, before, &old->trials[before - old->plugins]);
            continue;
        }
        if (!old || seconds == 0 || !plugin->is_from_data ||
            (before && trial_failing(before, &old->trials[before - old->plugins]) >= 0))
            continue;
        if (before && before->is_from_data) {
            trial->before = str_copy(&generation->arena, before->text);
            if (!str_is_absent(before->library))
                trial->library = str_copy(&generation->arena, before->library);
        }
        trial->until = now + (uint64_t)seconds * UINT64_C(1000000000);
        atomic_store_explicit(&trial->is_on, true, memory_order_relaxed);
    }
}

static const struct plugin *find(const struct generation *generation, struct str id)
{
    for (size_t i = 0; i < generation->plugin_count; i++)
        if (str_eq(generation->plugins[i].id, id))
            return &generation->plugins[i];
    return NULL;
}

/* What is bundled has no text of its own; it is what it is. */
static bool is_same(const struct plugin *before, const struct plugin *plugin)
{
    return before->is_from_data == plugin->is_from_data &&
           str_eq(before->is_from_data ? before->text : before->source,
                  plugin->is_from_data ? plugin->text : plugin->source);
}

/* The same text: the same functions, unless what it requires has changed. */
static void go_on(struct generation *generation, struct trial *trial, const struct plugin *plugin,
                  const struct plugin *before, const struct trial *old)
{
    trial->until = old->until;
    trial->before =
        str_is_absent(old->before) ? STR_NONE : str_copy(&generation->arena, old->before);
    trial->library =
        str_is_absent(old->library) ? STR_NONE : str_copy(&generation->arena, old->library);
    trial->has_ever_failed = old->has_ever_failed;
    snprintf(trial->reason, sizeof(trial->reason), "%s", old->reason);
    for (size_t i = 0; i < plugin->registration_count && i < before->registration_count; i++) {
        struct trial_function *to = &trial->functions[i];
        const struct trial_function *from = &old->functions[i];

        atomic_store_explicit(&to->asked, atomic_load_explicit(&from->asked, memory_order_relaxed),
                              memory_order_relaxed);
        to->failed = from->failed;
        to->failed_at = from->failed_at;
    }
    atomic_store_explicit(&trial->is_on, atomic_load_explicit(&old->is_on, memory_order_relaxed),
                          memory_order_relaxed);
}

bool trial_answered(struct generation *generation, size_t plugin, size_t number,
                    const struct fault *fault)
{
    struct trial *trial = &generation->trials[plugin];
    struct trial_function *function = &trial->functions[number];
    bool is_on = atomic_load_explicit(&trial->is_on, memory_order_relaxed), is_over;
    uint64_t now;

    if (is_on)
        atomic_fetch_add_explicit(&function->asked, 1, memory_order_relaxed);
    if (!fault)
        return false;
    now = clock_monotonic();
    mutex_lock(&generation->host->lock);
    if (now - function->failed_at > FORGOTTEN)
        function->failed = 0;
    function->failed++;
    function->failed_at = now;
    if (!trial->has_ever_failed)
        snprintf(trial->reason, sizeof(trial->reason), "%.*s: %.*s", STR_ARG(fault->where),
                 STR_ARG(fault->message));
    trial->has_ever_failed = true;
    is_over = is_on && is_failing(function, now);
    mutex_unlock(&generation->host->lock);
    return is_over;
}

int trial_failing(const struct plugin *plugin, const struct trial *trial)
{
    uint64_t now = clock_monotonic();

    for (size_t i = 0; i < plugin->registration_count; i++)
        if (is_failing(&trial->functions[i], now))
            return (int)i;
    return -1;
}

static bool is_failing(const struct trial_function *function, uint64_t now)
{
    return function->failed >= TRIAL_FAILURES && now - function->failed_at < FORGOTTEN &&
           function->failed * 2 >= atomic_load_explicit(&function->asked, memory_order_relaxed);
}

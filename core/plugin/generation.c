/* Generation: loading plugins in scratch instances, and compiling the table of hooks. */
#include "plugin/generation.h"

#include "base/check.h"
#include "plugin/metric.h"
#include "plugin/native.h"
#include "plugin/routes.h"

#include <stdlib.h>
#include <string.h>

const char *const hook_kind_names[HOOK_KINDS + 1] = { "rule",  "scope",       "filter", "render",
                                                      "event", "transaction", "job",    "route",
                                                      "page",  "command" };
const char *const hook_stage_names[STAGES + 1] = { "validate", "normalize", "enrich", "policy",
                                                   "audit" };

static bool load(struct generation *g, struct registry *registries, struct buf *report);
static struct str why_always(const struct plugin *plugin);
static bool check_requires(const struct generation *g, const struct plugin *plugin,
                           struct buf *report);
static bool compile(struct generation *g, const struct registry *registries, struct buf *report);
static void gather(struct generation *g, const struct registry *registries);
static bool order_hook(struct generation *g, const struct registry *registries, struct hook *hook,
                       struct buf *report);
static struct hook *slot_of(const struct generation *g, enum hook_kind kind, struct str subject);

size_t registry_add(struct registry *registry, const struct registration *registration)
{
    struct arena *arena = registry->arena;
    struct registration *r;

    if (registry->count == registry->cap) {
        size_t cap = registry->cap ? registry->cap * 2 : 32;

        registry->at =
            arena_grow(arena, registry->at, registry->cap * sizeof(*r), cap * sizeof(*r));
        registry->cap = cap;
    }
    r = &registry->at[registry->count];
    *r = *registration;
    r->subject = str_copy(arena, r->subject);
    r->name = r->name.at ? str_copy(arena, r->name) : STR_NONE;
    r->describe = r->describe.at ? str_copy(arena, r->describe) : STR_NONE;
    r->where = str_copy(arena, r->where);
    r->schedule_text = r->schedule_text.at ? str_copy(arena, r->schedule_text) : STR_NONE;
    routes_copy_terms(&r->route, arena);
    for (struct texts *t = &r->after;; t = &r->before) {
        struct str *at = arena_array(arena, struct str, t->count);

        for (size_t i = 0; i < t->count; i++)
            at[i] = str_copy(arena, t->at[i]);
        t->at = at;
        if (t == &r->before)
            break;
    }
    return registry->count++;
}

struct plugin_setting *registry_add_setting(struct registry *registry,
                                            const struct plugin_setting *setting)
{
    struct arena *arena = registry->arena;
    struct plugin_setting *s;
    struct str *choices = arena_array(arena, struct str, setting->choices.count);

    if (!registry->settings)
        registry->settings = arena_array(arena, struct plugin_setting, SETTINGS_MAX);
    if (registry->setting_count == SETTINGS_MAX)
        return NULL;
    /* By name: the order in which they were written is not known any more. */
    for (s = registry->settings + registry->setting_count++;
         s > registry->settings && strcmp(s[-1].name.at, setting->name.at) > 0; s--)
        *s = s[-1];
    *s = *setting;
    s->name = str_copy(arena, s->name);
    s->help = s->help.at ? str_copy(arena, s->help) : STR_NONE;
    s->otherwise = value_copy(arena, &s->otherwise);
    for (size_t i = 0; i < s->choices.count; i++)
        choices[i] = str_copy(arena, s->choices.at[i]);
    s->choices.at = choices;
    return s;
}

enum registry_added registry_add_metric(struct registry *registry,
                                        const struct plugin_metric *metric)
{
    struct arena *arena = registry->arena;
    struct plugin_metric *m;

    if (!registry->metrics)
        registry->metrics = arena_array(arena, struct plugin_metric, METRICS_MAX);
    if (registry->metric_count == METRICS_MAX)
        return REGISTRY_FULL;
    for (size_t i = 0; i < registry->metric_count; i++)
        if (str_eq(registry->metrics[i].shown, metric->shown))
            return REGISTRY_TWICE;
    m = &registry->metrics[registry->metric_count++];
    *m = *metric;
    m->name = str_copy(arena, m->name);
    m->shown = str_copy(arena, m->shown);
    m->help = str_copy(arena, m->help);
    m->labels.at = arena_array(arena, struct str, m->labels.count);
    for (size_t i = 0; i < m->labels.count; i++)
        m->labels.at[i] = str_copy(arena, metric->labels.at[i]);
    return REGISTRY_ADDED;
}

struct generation *generation_new(const struct runtime *runtime, const struct known *known,
                                  struct arena *arena, struct plugin *plugins, size_t count,
                                  struct buf *report)
{
    struct generation *g = xcalloc(1, sizeof(*g));
    struct registry *registries;

    g->arena = *arena;
    g->runtime = runtime;
    g->known = known;
    g->plugins = plugins;
    g->plugin_count = count;
    registries = arena_array(&g->arena, struct registry, count);
    if (!load(g, registries, report) || !metrics_check(plugins, count, report) ||
        !compile(g, registries, report) || !routes_compile(g, report)) {
        generation_free(g);
        return NULL;
    }
    plugins_digest(plugins, count, g->digest);
    for (size_t i = 0; i < count; i++) {
        uint8_t digest[DIGEST];

        plugins_digest(&plugins[i], 1, digest);
        memcpy(&plugins[i].edition, digest, sizeof(plugins[i].edition));
    }
    return g;
}

void generation_free(struct generation *generation)
{
    if (!generation)
        return;
    router_free(generation->router);
    plugins_free(generation->plugins, generation->plugin_count);
    arena_fini(&generation->arena);
    free(generation);
}

void plugins_digest(const struct plugin *plugins, size_t count, uint8_t digest[DIGEST])
{
    struct buf all;

    buf_init(&all, SIZE_MAX / 4);
    for (size_t i = 0; i < count; i++) {
        const struct plugin *p = &plugins[i];

        buf_printf(&all, "%.*s %d %zu\n", STR_ARG(p->id), (int)p->origin, p->source.len);
        buf_str(&all, p->source);
        if (p->manifest)
            buf_printf(&all, "%.*s %.*s", STR_ARG(p->manifest->version),
                       STR_ARG(p->manifest->text));
        for (size_t k = 0; k < p->file_count; k++) {
            buf_printf(&all, "%.*s %zu\n", STR_ARG(p->files[k].name), p->files[k].source.len);
            buf_str(&all, p->files[k].source);
        }
    }
    digest128(buf_view(&all), digest);
    buf_fini(&all);
}

void plugins_free(struct plugin *plugins, size_t count)
{
    for (size_t i = 0; i < count; i++)
        native_library_free(plugins[i].native);
}

const struct hook *generation_hook(const struct generation *generation, enum hook_kind kind,
                                   struct str subject)
{
    const struct hook *hook = slot_of(generation, kind, subject);

    return str_is_absent(hook->subject) ? NULL : hook;
}

/* All faults of all plugins, not just the first: an admin mends them in one go. */
static bool load(struct generation *g, struct registry *registries, struct buf *report)
{
    bool is_good = true;

    for (size_t i = 0; i < g->plugin_count; i++) {
        struct plugin *plugin = &g->plugins[i];
        struct instance *instance;
        struct fault fault = { .where = STR_NONE };

        registries[i].arena = &g->arena;
        plugin->runtime = str_is_absent(plugin->library) ? g->runtime : &native_runtime;
        if (plugin->runtime == &native_runtime && !plugin->native) { /* refused, and told */
            is_good = false;
            continue;
        }
        instance = plugin->runtime->open(plugin, g->known, &registries[i], &g->arena, &fault);
        if (instance) {
            plugin->runtime->close(instance);
            plugin->registrations = registries[i].at;
            plugin->registration_count = registries[i].count;
            plugin->settings =
                plugin->manifest ? plugin->manifest->declared : registries[i].settings;
            plugin->setting_count =
                plugin->manifest ? plugin->manifest->declared_count : registries[i].setting_count;
            plugin->metrics = registries[i].metrics;
            plugin->metric_count = registries[i].metric_count;
            plugin->header = registries[i].header;
            plugin->always = why_always(plugin);
            continue;
        }
        is_good = false;
        buf_printf(report, "%.*s: %.*s\n",
                   STR_ARG(str_is_empty(fault.where) ? plugin->path : fault.where),
                   STR_ARG(fault.message));
    }
    for (size_t i = 0; i < g->plugin_count; i++)
        is_good &= check_requires(g, &g->plugins[i], report);
    return is_good;
}

const struct manifest *plugin_says(const struct plugin *plugin)
{
    return plugin->manifest ? plugin->manifest : plugin->header;
}

/* Without the shipped rules nobody may anything; without the shipped refusals everybody gives more than he
 * holds. That is no workspace's to choose. */
static struct str why_always(const struct plugin *plugin)
{
    bool is_shipped = plugin->origin == SCRIPT_SHIPPED || plugin->origin == SCRIPT_CHANGED;

    if (plugin_says(plugin) && plugin_says(plugin)->is_always_on)
        return STR("it says that it is always on");
    for (size_t i = 0; is_shipped && i < plugin->registration_count; i++)
        if (plugin->registrations[i].kind == HOOK_RULE ||
            plugin->registrations[i].kind == HOOK_SCOPE)
            return STR("it decides who may do what");
    return STR_NONE;
}

static bool check_requires(const struct generation *g, const struct plugin *plugin,
                           struct buf *report)
{
    const struct manifest *says = plugin_says(plugin);
    bool is_good = true;

    for (size_t i = 0; says && i < says->requires.count; i++) {
        struct str wanted = says->requires.at[i];
        size_t j;

        for (j = 0; j < g->plugin_count && !str_eq(g->plugins[j].name, wanted); j++)
            ;
        if (j < g->plugin_count)
            continue;
        buf_printf(report, "%.*s%s: it requires \"%.*s\", which is not there\n",
                   STR_ARG(plugin->id), plugin->manifest ? "/plugin.json" : ":1", STR_ARG(wanted));
        is_good = false;
    }
    return is_good;
}

/* ---- The table of hooks ------------------------------------------------------------------------ */

static bool compile(struct generation *g, const struct registry *registries, struct buf *report)
{
    size_t count = 0;
    bool is_good = true;

    for (size_t i = 0; i < g->plugin_count; i++)
        count += registries[i].count;
    for (g->hook_slots = 16; g->hook_slots < count * 2; g->hook_slots *= 2)
        ;
    g->hooks = arena_array(&g->arena, struct hook, g->hook_slots);
    gather(g, registries);
    for (size_t i = 0; i < g->hook_slots; i++)
        if (!str_is_absent(g->hooks[i].subject))
            is_good &= order_hook(g, registries, &g->hooks[i], report);
    if (arena_is_exhausted(&g->arena)) {
        buf_text(report, "the scripts together are too large\n");
        return false;
    }
    return is_good;
}

static void gather(struct generation *g, const struct registry *registries)
{
    for (size_t i = 0; i < g->plugin_count; i++)
        for (size_t k = 0; k < registries[i].count; k++) {
            const struct registration *r = &registries[i].at[k];
            struct hook *hook = slot_of(g, r->kind, r->subject);
            struct hook_function function = { .plugin = i,
                                              .function = k,
                                              .where = r->where,
                                              .name = r->name.at ? r->name : g->plugins[i].name,
                                              .describe = r->describe };
            size_t size = sizeof(function);

            hook->kind = r->kind;
            hook->subject = r->subject;
            hook->functions = arena_grow(&g->arena, hook->functions, hook->count * size,
                                         (hook->count + 1) * size);
            hook->functions[hook->count++] = function;
        }
}

static bool order_hook(struct generation *g, const struct registry *registries, struct hook *hook,
                       struct buf *report)
{
    const struct registration **at =
        arena_array(&g->arena, const struct registration *, hook->count);

    for (size_t i = 0; i < hook->count; i++)
        at[i] = &registries[hook->functions[i].plugin].at[hook->functions[i].function];
    return hook_order(hook, at, g->plugins, &g->arena, report);
}

/* FNV-1a: the names are the program's own (known.h), nobody chooses them to collide. */
static struct hook *slot_of(const struct generation *g, enum hook_kind kind, struct str subject)
{
    uint32_t hash = 2166136261u ^ (uint32_t)kind;
    size_t at;

    for (size_t i = 0; i < subject.len; i++)
        hash = (hash ^ (unsigned char)subject.at[i]) * 16777619u;
    for (at = hash & (g->hook_slots - 1);; at = (at + 1) & (g->hook_slots - 1)) {
        struct hook *hook = &g->hooks[at];

        if (str_is_absent(hook->subject) || (hook->kind == kind && str_eq(hook->subject, subject)))
            return hook;
    }
}

/* Hooks: showing the compiled table. Why a function comes where it does is read again out of what it and
 * the others said: order.c keeps the outcome alone. */
#include "plugin/hooks.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One function of a hook, with all that says where it stands. */
struct placed {
    const struct hook_function *function;
    const struct registration *registration;
    const struct plugin *plugin;
};

static int by_kind_and_name(const void *a, const void *b);
static void write_hook(const struct generation *generation, const struct hook *hook,
                       const struct plugin_choices *choices, bool as_text, struct buf *out);
static struct placed place_of(const struct generation *generation, const struct hook *hook,
                              size_t i);
static void write_reasons(const struct generation *generation, const struct hook *hook, size_t i,
                          bool as_text, struct buf *out);
static size_t write_edges(const struct placed *it, const struct placed *other, bool as_text,
                          size_t count, struct buf *out);
static bool names(const struct texts *texts, const struct placed *other);
static void put(struct str reason, bool as_text, size_t count, struct buf *out);

bool hooks_write(const struct generation *generation, struct str subject,
                 const struct plugin_choices *choices, bool as_text, struct arena *arena,
                 struct buf *out)
{
    const struct hook **hooks = arena_array(arena, const struct hook *, generation->hook_slots);
    size_t count = 0;

    for (size_t i = 0; i < generation->hook_slots; i++) {
        const struct hook *hook = &generation->hooks[i];

        if (!str_is_absent(hook->subject) &&
            (str_is_empty(subject) || str_eq(hook->subject, subject)))
            hooks[count++] = hook;
    }
    qsort(hooks, count, sizeof(*hooks), by_kind_and_name);
    buf_text(out, as_text ? "" : "[");
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "" : as_text ? "\n" : ",");
        write_hook(generation, hooks[i], choices, as_text, out);
    }
    buf_text(out, as_text ? "" : "]\n");
    return count > 0;
}

static int by_kind_and_name(const void *a, const void *b)
{
    const struct hook *x = *(const struct hook *const *)a, *y = *(const struct hook *const *)b;

    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
                              : strcmp(x->subject.at, y->subject.at);
}

static void write_hook(const struct generation *generation, const struct hook *hook,
                       const struct plugin_choices *choices, bool as_text, struct buf *out)
{
    if (as_text)
        buf_printf(out, "%s %.*s\n", hook_kind_names[hook->kind], STR_ARG(hook->subject));
    else
        buf_printf(out, "{\"kind\":\"%s\",\"name\":\"%.*s\",\"functions\":[",
                   hook_kind_names[hook->kind], STR_ARG(hook->subject));
    for (size_t i = 0; i < hook->count; i++) {
        struct placed it = place_of(generation, hook, i);
        bool is_off = choices && choices->by_plugin[it.function->plugin].is_disabled;

        if (as_text) {
            buf_printf(out, "  %zu. %-32.*s %-9s  ", i + 1, STR_ARG(it.function->where),
                       hook_stage_names[it.registration->stage]);
            write_reasons(generation, hook, i, true, out);
            buf_text(out, is_off ? "  (switched off)\n" : "\n");
            continue;
        }
        buf_text(out, i ? ",{\"rule\":" : "{\"rule\":");
        buf_json(out, it.function->where);
        buf_text(out, ",\"name\":");
        buf_json(out, it.function->name);
        buf_text(out, ",\"describe\":");
        buf_json(out, it.function->describe);
        buf_text(out, ",\"plugin\":");
        buf_json(out, it.plugin->id);
        buf_printf(out, ",\"stage\":\"%s\",\"enabled\":%s,\"because\":[",
                   hook_stage_names[it.registration->stage], is_off ? "false" : "true");
        write_reasons(generation, hook, i, false, out);
        buf_text(out, "]}");
    }
    buf_text(out, as_text ? "" : "]}");
}

static struct placed place_of(const struct generation *generation, const struct hook *hook,
                              size_t i)
{
    const struct plugin *plugin = &generation->plugins[hook->functions[i].plugin];

    return (struct placed){ .function = &hook->functions[i],
                            .registration = &plugin->registrations[hook->functions[i].function],
                            .plugin = plugin };
}

/* What was said of it and others; else its stage; else its name. */
static void write_reasons(const struct generation *generation, const struct hook *hook, size_t i,
                          bool as_text, struct buf *out)
{
    struct placed it = place_of(generation, hook, i), before;
    size_t count = 0;

    for (size_t k = 0; k < hook->count; k++) {
        struct placed other = place_of(generation, hook, k);

        if (k != i)
            count = write_edges(&it, &other, as_text, count, out);
    }
    if (i == 0) {
        if (count == 0)
            put(STR("first"), as_text, count, out);
        return;
    }
    before = place_of(generation, hook, i - 1);
    if (before.registration->stage < it.registration->stage) {
        put(STR("a later stage"), as_text, count, out);
        return;
    }
    if (count == 0)
        put(before.plugin == it.plugin ? STR("later in the same file")
                                       : STR("by name: scripts, then plugins"),
            as_text, count, out);
}

static size_t write_edges(const struct placed *it, const struct placed *other, bool as_text,
                          size_t count, struct buf *out)
{
    const struct manifest *manifest = plugin_says(it->plugin);
    const struct manifest *others = plugin_says(other->plugin);
    char reason[300];
    const char *who = NULL, *side = "after";

    if (names(&it->registration->after, other))
        who = "it says so";
    else if (names(&it->registration->before, other))
        who = "it says so", side = "before";
    else if (manifest && names(&manifest->after, other))
        who = it->plugin->manifest ? "its plugin.json says so" : "its header says so";
    else if (manifest && names(&manifest->before, other))
        who = it->plugin->manifest ? "its plugin.json says so" : "its header says so",
        side = "before";
    else if (names(&other->registration->before, it) || (others && names(&others->before, it)))
        who = "that says so";
    else if (names(&other->registration->after, it) || (others && names(&others->after, it)))
        who = "that says so", side = "before";
    if (!who)
        return count;
    snprintf(reason, sizeof(reason), "%s %.*s: %s", side, STR_ARG(other->function->where), who);
    put(str_from(reason), as_text, count, out);
    return count + 1;
}

static bool names(const struct texts *texts, const struct placed *other)
{
    for (size_t i = 0; i < texts->count; i++)
        if (str_eq(texts->at[i], other->registration->name) ||
            str_eq(texts->at[i], other->plugin->name))
            return true;
    return false;
}

static void put(struct str reason, bool as_text, size_t count, struct buf *out)
{
    if (as_text) {
        buf_printf(out, "%s%.*s", count ? "; " : "", STR_ARG(reason));
        return;
    }
    buf_text(out, count ? "," : "");
    buf_json(out, reason);
}

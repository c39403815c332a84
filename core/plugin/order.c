/* Order: in which order the functions of one hook are asked.
 *
 * Stages first, then what after and before say, then plugins by their order of loading, then the
 * order of registering. Never a number. The functions of a hook are few: a square of bools will do.
 */
#include "plugin/generation.h"

#include <string.h>

struct ordering {
    const struct hook *hook;
    const struct registration *const *registrations;
    const struct plugin *plugins;
    bool *is_before; /* [i * count + j]: i is asked before j */
    bool *is_placed;
    struct buf *report;
};

static bool read_edges(struct ordering *o);
static bool read_names(struct ordering *o, size_t who, const struct texts *names, bool is_after,
                       bool must_exist);
static bool is_called(const struct ordering *o, size_t i, struct str name);
static bool is_free(const struct ordering *o, size_t i);
static void report_cycle(struct ordering *o, struct arena *arena);
static size_t predecessor(const struct ordering *o, size_t i);

bool hook_order(struct hook *hook, const struct registration *const *registrations,
                const struct plugin *plugins, struct arena *arena, struct buf *report)
{
    size_t n = hook->count;
    struct hook_function *ordered = arena_array(arena, struct hook_function, n);
    struct ordering o = { .hook = hook,
                          .registrations = registrations,
                          .plugins = plugins,
                          .is_before = arena_array(arena, bool, n *n),
                          .is_placed = arena_array(arena, bool, n),
                          .report = report };

    if (!read_edges(&o))
        return false;
    for (size_t placed = 0; placed < n; placed++) {
        size_t i;

        for (i = 0; i < n && (o.is_placed[i] || !is_free(&o, i)); i++)
            ;
        if (i == n) {
            report_cycle(&o, arena);
            return false;
        }
        o.is_placed[i] = true;
        ordered[placed] = hook->functions[i];
    }
    hook->functions = ordered;
    return true;
}

static bool read_edges(struct ordering *o)
{
    size_t n = o->hook->count;
    bool is_good = true;

    for (size_t i = 0; i < n; i++) {
        const struct registration *r = o->registrations[i];
        const struct manifest *manifest = plugin_says(&o->plugins[o->hook->functions[i].plugin]);

        for (size_t j = 0; j < n; j++)
            if (r->stage < o->registrations[j]->stage)
                o->is_before[i * n + j] = true;
        is_good &= read_names(o, i, &r->after, true, true);
        is_good &= read_names(o, i, &r->before, false, true);
        if (manifest) {
            read_names(o, i, &manifest->after, true, false);
            read_names(o, i, &manifest->before, false, false);
        }
    }
    return is_good;
}

static bool read_names(struct ordering *o, size_t who, const struct texts *names, bool is_after,
                       bool must_exist)
{
    size_t n = o->hook->count;
    bool is_good = true;

    for (size_t k = 0; k < names->count; k++) {
        bool is_found = false;

        for (size_t j = 0; j < n; j++) {
            if (j == who || !is_called(o, j, names->at[k]))
                continue;
            is_found = true;
            o->is_before[is_after ? j * n + who : who * n + j] = true;
        }
        if (is_found || !must_exist)
            continue;
        is_good = false;
        buf_printf(o->report, "%.*s: %s = \"%.*s\": no other function of %s \"%.*s\" is called so;",
                   STR_ARG(o->hook->functions[who].where), is_after ? "after" : "before",
                   STR_ARG(names->at[k]), hook_kind_names[o->hook->kind],
                   STR_ARG(o->hook->subject));
        for (size_t j = 0; j < n; j++)
            if (j != who)
                buf_printf(o->report, " \"%.*s\"", STR_ARG(o->hook->functions[j].name));
        buf_text(o->report, n > 1 ? " are there\n" : " it is the only one\n");
    }
    return is_good;
}

static bool is_called(const struct ordering *o, size_t i, struct str name)
{
    return str_eq(o->registrations[i]->name, name) ||
           str_eq(o->plugins[o->hook->functions[i].plugin].name, name);
}

/* Nobody who is not placed must come before it. */
static bool is_free(const struct ordering *o, size_t i)
{
    for (size_t j = 0; j < o->hook->count; j++)
        if (!o->is_placed[j] && o->is_before[j * o->hook->count + i])
            return false;
    return true;
}

/* Each one left waits for another one left: following them must come back. */
static void report_cycle(struct ordering *o, struct arena *arena)
{
    size_t n = o->hook->count, at = 0, length = 0;
    size_t *path = arena_array(arena, size_t, n + 1);
    bool *is_on_path = arena_array(arena, bool, n);

    while (o->is_placed[at])
        at++;
    while (!is_on_path[at]) {
        is_on_path[at] = true;
        path[length++] = at;
        at = predecessor(o, at);
    }
    buf_printf(o->report, "%.*s: the order of %s \"%.*s\" goes in a circle: ",
               STR_ARG(o->hook->functions[at].where), hook_kind_names[o->hook->kind],
               STR_ARG(o->hook->subject));
    buf_printf(o->report, "%.*s", STR_ARG(o->hook->functions[at].name));
    for (size_t i = length; i-- > 0;) { /* the path goes backwards */
        buf_printf(o->report, " → %.*s", STR_ARG(o->hook->functions[path[i]].name));
        if (path[i] == at)
            break;
    }
    buf_text(o->report, "\n");
}

static size_t predecessor(const struct ordering *o, size_t i)
{
    size_t j;

    for (j = 0; o->is_placed[j] || !o->is_before[j * o->hook->count + i]; j++)
        ;
    return j;
}

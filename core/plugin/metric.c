/* Metric: what may be declared, and how it is called outside. */
#include "plugin/metric.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "plugin/generation.h"

#include <math.h>
#include <string.h>

static bool is_name(struct str name);
static bool ends_badly(const struct plugin_metric *metric);

const char *const metric_kind_names[METRIC_KINDS + 1] = { "counter", "gauge", "histogram" };

struct str metric_refusal(const struct plugin_metric *metric, struct arena *arena)
{
    if (!is_name(metric->name))
        return str_printf(arena,
                          "a metric is called by small letters, digits and '_', at most %d, and "
                          "begins with a letter",
                          METRIC_NAME_MAX);
    if (ends_badly(metric))
        return str_printf(arena,
                          "%.*s: only counters end in _total, and _bucket, _sum and _count are a "
                          "histogram's own",
                          STR_ARG(metric->name));
    if (metric->labels.count > METRIC_LABELS)
        return str_printf(arena, "%.*s has more than %d labels", STR_ARG(metric->name),
                          METRIC_LABELS);
    for (size_t i = 0; i < metric->labels.count; i++) {
        struct str label = metric->labels.at[i];

        if (!is_name(label) || str_is(label, "plugin") || str_is(label, "le"))
            return str_printf(arena,
                              "%.*s: a label is called as a metric is, and neither plugin nor le",
                              STR_ARG(metric->name));
        for (size_t k = 0; k < i; k++)
            if (str_eq(label, metric->labels.at[k]))
                return str_printf(arena, "%.*s has the label %.*s twice", STR_ARG(metric->name),
                                  STR_ARG(label));
    }
    for (size_t i = 0; i < metric->bound_count; i++)
        if (!isfinite(metric->bounds[i]) || (i && metric->bounds[i] <= metric->bounds[i - 1]))
            return str_printf(arena, "%.*s: buckets are numbers that rise", STR_ARG(metric->name));
    return STR_NONE;
}

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (i && ((c >= '0' && c <= '9') || c == '_'))))
            return false;
    }
    return name.len > 0 && name.len <= METRIC_NAME_MAX;
}

static bool ends_badly(const struct plugin_metric *metric)
{
    static const char *const ends[] = { "_bucket", "_sum", "_count" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (str_ends(metric->name, str_from(ends[i])))
            return true;
    return metric->kind != METRIC_COUNTER && str_ends(metric->name, STR("_total"));
}

void metric_settle(struct plugin_metric *metric, struct str plugin, struct arena *arena)
{
    bool has_end = metric->kind != METRIC_COUNTER || str_ends(metric->name, STR("_total"));
    uint8_t digest[DIGEST];
    struct buf shape;

    metric->shown =
        str_printf(arena, "foyer_plugin_%.*s%s", STR_ARG(metric->name), has_end ? "" : "_total");
    buf_init(&shape, KIB(64));
    buf_printf(&shape, "%.*s %d %.*s", STR_ARG(plugin), (int)metric->kind, STR_ARG(metric->shown));
    for (size_t i = 0; i < metric->labels.count; i++)
        buf_printf(&shape, " %.*s", STR_ARG(metric->labels.at[i]));
    for (size_t i = 0; i < metric->bound_count; i++)
        buf_printf(&shape, " %.17g", metric->bounds[i]);
    digest128(buf_view(&shape), digest);
    buf_fini(&shape);
    memcpy(&metric->id, digest, sizeof(metric->id));
}

const struct plugin_metric *metric_find(const struct plugin_metric *metrics, size_t count,
                                        struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(metrics[i].name, name))
            return &metrics[i];
    return NULL;
}

bool metrics_check(const struct plugin *plugins, size_t count, struct buf *report)
{
    bool is_good = true;

    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; m < plugins[i].metric_count; m++) {
            const struct plugin_metric *one = &plugins[i].metrics[m];

            for (size_t k = 0; k < i; k++)
                for (size_t n = 0; n < plugins[k].metric_count; n++) {
                    const struct plugin_metric *two = &plugins[k].metrics[n];

                    if (!str_eq(one->shown, two->shown) || one->kind == two->kind)
                        continue;
                    buf_printf(report,
                               "%.*s: the metric %.*s is a %s here, and a %s of %.*s: give it "
                               "another name\n",
                               STR_ARG(plugins[i].path), STR_ARG(one->name),
                               metric_kind_names[one->kind], metric_kind_names[two->kind],
                               STR_ARG(plugins[k].id));
                    is_good = false;
                }
        }
    return is_good;
}

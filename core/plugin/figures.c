/* Figures: the numbers behind metrics, for all threads, and their text for Prometheus. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/thread.h"
#include "plugin/host_state.h"
#include "plugin/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series {
    struct series *next;
    char *labels; /* `,kind="a",…`: as they are written */
    double value; /* of histograms: the sum */
    uint64_t count;
    uint64_t buckets[METRIC_BOUNDS]; /* not cumulated */
};

/* Of one plugin; all texts are one allocation's. */
struct family {
    struct family *next; /* by shown, then by plugin */
    uint64_t id;
    enum metric_kind kind;
    char *plugin, *shown, *help;
    char *other; /* labels of what comes beyond METRIC_SERIES */
    double bounds[METRIC_BOUNDS];
    size_t bound_count, series_count;
    bool is_there, is_flooded;
    struct series *series;
};

struct plugin_figures {
    struct mutex lock;
    struct family *families;
};

/* What is noted, until the commit. */
struct held_figure {
    struct tx_held held; /* first */
    struct plugin_figures *figures;
    uint64_t id;
    struct str labels; /* as they are written */
    double number;
};

static void add_family(struct plugin_figures *figures, struct str plugin,
                       const struct plugin_metric *metric);
static void free_family(struct family *family);
static struct family *find(struct plugin_figures *figures, uint64_t id);
static void apply_held(struct tx_held *held);
static void note(struct plugin_figures *figures, uint64_t id, struct str labels, double number);
static struct series *series_of(struct family *family, struct str labels);
static struct str labels_text(const struct plugin_metric *metric, const struct str *labels,
                              struct arena *arena);
static void put_text(struct buf *out, struct str text, bool is_quoted);
static void write_series(const struct family *family, const struct series *series, struct buf *out);
static void put_number(struct buf *out, double number);
static char *text_of(struct str text);

struct plugin_figures *figures_new(void)
{
    struct plugin_figures *figures = xcalloc(1, sizeof(*figures));

    mutex_init(&figures->lock);
    return figures;
}

void figures_free(struct plugin_figures *figures)
{
    struct family *family, *next;

    if (!figures)
        return;
    for (family = figures->families; family; family = next) {
        next = family->next;
        free_family(family);
    }
    mutex_fini(&figures->lock);
    free(figures);
}

void figures_begin(struct plugin_figures *figures, const struct generation *generation)
{
    struct family **at, *family;

    mutex_lock(&figures->lock);
    for (family = figures->families; family; family = family->next)
        family->is_there = false;
    for (size_t i = 0; i < generation->plugin_count; i++)
        for (size_t k = 0; k < generation->plugins[i].metric_count; k++) {
            const struct plugin_metric *metric = &generation->plugins[i].metrics[k];

            family = find(figures, metric->id);
            if (family)
                family->is_there = true;
            else
                add_family(figures, generation->plugins[i].id, metric);
        }
    for (at = &figures->families; (family = *at);) {
        if (family->is_there) {
            at = &family->next;
            continue;
        }
        *at = family->next;
        free_family(family);
    }
    mutex_unlock(&figures->lock);
}

static void add_family(struct plugin_figures *figures, struct str plugin,
                       const struct plugin_metric *metric)
{
    struct family *family = xcalloc(1, sizeof(*family)), **at = &figures->families;
    struct str others[METRIC_LABELS];
    struct arena arena;

    arena_init(&arena, KIB(64));
    for (size_t i = 0; i < METRIC_LABELS; i++)
        others[i] = STR("other");
    family->id = metric->id;
    family->kind = metric->kind;
    family->plugin = text_of(plugin);
    family->shown = text_of(metric->shown);
    family->help = text_of(metric->help);
    family->other = text_of(labels_text(metric, others, &arena));
    memcpy(family->bounds, metric->bounds, sizeof(family->bounds));
    family->bound_count = metric->bound_count;
    family->is_there = true;
    if (metric->labels.count == 0)
        series_of(family, STR(""));
    while (*at &&
           (strcmp((*at)->shown, family->shown) < 0 || (strcmp((*at)->shown, family->shown) == 0 &&
                                                        strcmp((*at)->plugin, family->plugin) < 0)))
        at = &(*at)->next;
    family->next = *at;
    *at = family;
    arena_fini(&arena);
}

static void free_family(struct family *family)
{
    struct series *series, *next;

    for (series = family->series; series; series = next) {
        next = series->next;
        free(series->labels);
        free(series);
    }
    free(family->plugin);
    free(family->shown);
    free(family->help);
    free(family->other);
    free(family);
}

static struct family *find(struct plugin_figures *figures, uint64_t id)
{
    for (struct family *family = figures->families; family; family = family->next)
        if (family->id == id)
            return family;
    return NULL;
}

/* ---- Noting ------------------------------------------------------------------------------------ */

void figure_note(struct tx *tx, const struct plugin_metric *metric, const struct str *labels,
                 double number)
{
    const struct seat *seat = (const struct seat *)tx->policy;
    struct str text = labels_text(metric, labels, tx->arena);
    struct held_figure *held;

    if (!tx->server_key || !seat || !seat->host || arena_is_exhausted(tx->arena))
        return;
    if (!tx->is_writing) {
        note(seat->host->figures, metric->id, text, number);
        return;
    }
    held = arena_new(tx->arena, struct held_figure);
    *held = (struct held_figure){ .held = { .apply = apply_held },
                                  .figures = seat->host->figures,
                                  .id = metric->id,
                                  .labels = text,
                                  .number = number };
    tx_hold(tx, &held->held);
}

static void apply_held(struct tx_held *held)
{
    const struct held_figure *ours = (const struct held_figure *)held;

    note(ours->figures, ours->id, ours->labels, ours->number);
}

/* One that is gone with its generation counts no more. */
static void note(struct plugin_figures *figures, uint64_t id, struct str labels, double number)
{
    struct family *family;
    struct series *series;
    size_t bucket = 0;

    mutex_lock(&figures->lock);
    family = find(figures, id);
    if (family) {
        series = series_of(family, labels);
        series->count++;
        if (family->kind == METRIC_GAUGE)
            series->value = number;
        else
            series->value += number;
        while (bucket < family->bound_count && number > family->bounds[bucket])
            bucket++;
        if (bucket < family->bound_count)
            series->buckets[bucket]++;
    }
    mutex_unlock(&figures->lock);
}

static struct series *series_of(struct family *family, struct str labels)
{
    struct series *series;

    for (series = family->series; series; series = series->next)
        if (str_is(labels, series->labels))
            return series;
    if (family->series_count >= METRIC_SERIES && !str_is(labels, family->other)) {
        if (!family->is_flooded)
            log_warn(STR_NONE, "a metric has no room for more labels: they are counted as other",
                     LOG_C("plugin", family->plugin), LOG_C("metric", family->shown),
                     LOG_N("most", METRIC_SERIES));
        family->is_flooded = true;
        return series_of(family, str_from(family->other));
    }
    series = xcalloc(1, sizeof(*series));
    series->labels = text_of(labels);
    series->next = family->series;
    family->series = series;
    family->series_count++;
    return series;
}

static struct str labels_text(const struct plugin_metric *metric, const struct str *labels,
                              struct arena *arena)
{
    struct str text;
    struct buf out;

    buf_init(&out, KIB(8));
    for (size_t i = 0; i < metric->labels.count; i++) {
        buf_printf(&out, ",%.*s=\"", STR_ARG(metric->labels.at[i]));
        put_text(&out, labels[i], true);
        buf_char(&out, '"');
    }
    text = out.len ? str_copy(arena, buf_view(&out)) : STR("");
    buf_fini(&out);
    return text;
}

/* As the format wants it; other control characters are no lines, and harm nobody. */
static void put_text(struct buf *out, struct str text, bool is_quoted)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '\\' || (c == '"' && is_quoted))
            buf_char(out, '\\');
        if (c == '\n')
            buf_text(out, "\\n");
        else
            buf_char(out, c);
    }
}

/* ---- Writing ----------------------------------------------------------------------------------- */

void figures_write(struct plugin_figures *figures, struct buf *out)
{
    const char *shown = "";
    size_t left_out = 0;

    mutex_lock(&figures->lock);
    for (const struct family *family = figures->families; family; family = family->next) {
        if (out->len > LIMIT_FIGURES) {
            left_out++;
            continue;
        }
        /* Others of the same name say nothing of their own. */
        if (strcmp(shown, family->shown) != 0) {
            buf_printf(out, "# HELP %s ", family->shown);
            put_text(out, str_from(family->help), false);
            buf_printf(out, "\n# TYPE %s %s\n", family->shown, metric_kind_names[family->kind]);
        }
        shown = family->shown;
        for (const struct series *series = family->series; series; series = series->next)
            write_series(family, series, out);
    }
    mutex_unlock(&figures->lock);
    buf_printf(out,
               "# HELP foyer_metrics_left_out Metrics of plugins that had no room here\n"
               "# TYPE foyer_metrics_left_out gauge\nfoyer_metrics_left_out %zu\n",
               left_out);
}

static void write_series(const struct family *family, const struct series *series, struct buf *out)
{
    uint64_t sum = 0;

    if (family->kind != METRIC_HISTOGRAM) {
        buf_printf(out, "%s{plugin=\"%s\"%s} ", family->shown, family->plugin, series->labels);
        put_number(out, series->value);
        return;
    }
    for (size_t i = 0; i < family->bound_count; i++) {
        sum += series->buckets[i];
        buf_printf(out, "%s_bucket{plugin=\"%s\"%s,le=\"%.15g\"} %llu\n", family->shown,
                   family->plugin, series->labels, family->bounds[i], (unsigned long long)sum);
    }
    buf_printf(out, "%s_bucket{plugin=\"%s\"%s,le=\"+Inf\"} %llu\n", family->shown, family->plugin,
               series->labels, (unsigned long long)series->count);
    buf_printf(out, "%s_sum{plugin=\"%s\"%s} ", family->shown, family->plugin, series->labels);
    put_number(out, series->value);
    buf_printf(out, "%s_count{plugin=\"%s\"%s} %llu\n", family->shown, family->plugin,
               series->labels, (unsigned long long)series->count);
}

/* Sums may have grown beyond all numbers. */
static void put_number(struct buf *out, double number)
{
    if (isnan(number))
        buf_text(out, "NaN\n");
    else if (isinf(number))
        buf_text(out, number > 0 ? "+Inf\n" : "-Inf\n");
    else
        buf_printf(out, "%.15g\n", number);
}

static char *text_of(struct str text)
{
    char *copy = xcalloc(text.len + 1, 1);

    if (text.len)
        memcpy(copy, text.at, text.len);
    return copy;
}

/* Metric: figures that plugins keep for /metrics: counters, gauges and histograms; foyer.metrics.
 *
 * They are declared when a plugin is loaded, so that what is exported is known: names, labels, buckets. Label values
 * come later, and from anywhere: a metric has at most METRIC_SERIES of them, and what comes beyond is counted under
 * "other". Figures are of the process: they stay as long as a generation has the same declaration.
 */
#ifndef FOYER_PLUGIN_METRIC_H
#define FOYER_PLUGIN_METRIC_H

#include "base/field.h"

struct arena;
struct buf;
struct generation;
struct plugin;
struct tx;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_KINDS };
extern const char *const metric_kind_names[METRIC_KINDS + 1];

enum {
    METRICS_MAX = 50, /* of a plugin */
    METRIC_LABELS = 4,
    METRIC_BOUNDS = 20,
    METRIC_SERIES = 100,
    METRIC_NAME_MAX = 60,
    METRIC_LABEL_MAX = 100 /* bytes of a value */
};

struct plugin_metric {
    enum metric_kind kind;
    struct str name;  /* as the plugin calls it */
    struct str shown; /* "foyer_plugin_pushed_total" */
    struct str help;
    struct texts labels;
    double bounds[METRIC_BOUNDS]; /* of histograms, rising */
    size_t bound_count;
    uint64_t id; /* of plugin and declaration */
};

/* Whether a metric or a label may be called so. Absent: it may; else why not, in the arena. */
struct str metric_refusal(const struct plugin_metric *metric, struct arena *arena);
/* Gives it shown and id, texts in the arena. */
void metric_settle(struct plugin_metric *metric, struct str plugin, struct arena *arena);
/* NULL: none is called so. */
const struct plugin_metric *metric_find(const struct plugin_metric *metrics, size_t count,
                                        struct str name);
/* Two plugins may have metrics of one name, if they are of one kind. False: *report has a line for each that is not. */
bool metrics_check(const struct plugin *plugins, size_t count, struct buf *report);

/* ---- Figures ----------------------------------------------------------------------------------- */

struct plugin_figures;
struct plugin_figures *figures_new(void);
void figures_free(struct plugin_figures *figures); /* takes NULL */
/* A generation has become current: what it has not is forgotten, what is new begins at 0. */
void figures_begin(struct plugin_figures *figures, const struct generation *generation);
/* Adds to a counter, sets a gauge, or observes; labels are those of the metric, in its order. In a handler at once, in
 * a transaction when it commits; in tests never. */
void figure_note(struct tx *tx, const struct plugin_metric *metric, const struct str *labels,
                 double number);
/* The text for Prometheus. */
void figures_write(struct plugin_figures *figures, struct buf *out);

#endif

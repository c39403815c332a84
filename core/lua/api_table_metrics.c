/* Api table metrics: the rows of foyer.metrics. */
#include "lua/api_table.h"
#include "lua/bind.h"

#define HELD (API_FILTER | API_TRANSACTION | API_TASKS)

#define DECLARATION(what, more, text, shown)                                                       \
    {                                                                                              \
        .name = "metrics." #what, .body = bind_metrics_##what, .kinds = API_LOAD,                  \
        .capability = "metrics",                                                                   \
        .params = { { "name", API_STRING },                                                        \
                    { "options", API_TABLE, true,                                                  \
                      "{ help: string?, labels: string[]?" more " }" } },                          \
        .help = text, .example = shown                                                             \
    }

const struct api_function api_metrics[] = {
    DECLARATION(
        counter, "",
        "Declares a figure that only grows, which GET /metrics shows to the operator as "
        "`foyer_plugin_NAME_total{plugin=\"…\"}`, and since the start of the server. labels: at "
        "most 4; the value of `workspace` is put by itself, and where it is not among them all "
        "workspaces are counted together. A metric has at most 100 combinations of labels; what "
        "comes beyond is counted under \"other\". At most 50 metrics of a plugin; it begins at 0 "
        "where it is declared otherwise.",
        "foyer.metrics.counter(\"pushed\", { help = \"People sent to the CRM\", labels = { "
        "\"result\" } })"),
    DECLARATION(
        gauge, "",
        "Declares a figure that goes up and down: `foyer_plugin_NAME`. The last that was set "
        "is shown.",
        "foyer.metrics.gauge(\"backlog\", { help = \"What is not sent yet\" })"),
    DECLARATION(
        histogram, ", buckets: number[]?",
        "Declares a figure of which many are seen, like the size or time of something: "
        "`foyer_plugin_NAME_bucket`, `_sum` and `_count`. buckets: upper bounds that rise, at "
        "most 20; for seconds up to 10 where nothing is said.",
        "foyer.metrics.histogram(\"batch\", { help = \"Entries of a batch\", buckets = { 1, 10, "
        "100 } })"),
    { .name = "metrics.add",
      .body = bind_metrics_add,
      .kinds = HELD,
      .capability = "metrics",
      .params = { { "name", API_STRING },
                  { "number", API_NUMBER, true },
                  { "labels", API_TABLE, true, "table<string, string|number|boolean>" } },
      .help = "Adds to a counter, 1 where nothing is said. In a filter or transaction it counts "
              "when the change is made, and never if it is refused; a handler that is tried again "
              "counts again. In tests nothing is counted.",
      .example = "foyer.metrics.add(\"pushed\", 1, { result = \"made\" }) == nil" },
    { .name = "metrics.set",
      .body = bind_metrics_set,
      .kinds = HELD,
      .capability = "metrics",
      .params = { { "name", API_STRING },
                  { "number", API_NUMBER },
                  { "labels", API_TABLE, true, "table<string, string|number|boolean>" } },
      .help = "Sets a gauge, likewise.",
      .example = "foyer.metrics.set(\"backlog\", 12) == nil" },
    { .name = "metrics.observe",
      .body = bind_metrics_observe,
      .kinds = HELD,
      .capability = "metrics",
      .params = { { "name", API_STRING },
                  { "number", API_NUMBER },
                  { "labels", API_TABLE, true, "table<string, string|number|boolean>" } },
      .help = "Puts a number into a histogram, likewise.",
      .example = "foyer.metrics.observe(\"batch\", 40) == nil" },
    { .name = NULL },
};

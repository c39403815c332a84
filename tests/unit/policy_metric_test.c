/* Figures of plugins as many threads note and read them. What they look like outside is tests/cli/figures.mjs. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/thread.h"
#include "harness.h"
#include "plugin/host_state.h"
#include "plugin/metric.h"

#include <stdio.h>
#include <string.h>

enum { THREADS = 4, TIMES = 2000 };

static struct host host;
static struct plugin plugin;
static struct generation generation;
static struct plugin_metric metrics[2];
static struct arena arena;

static void open_figures(void)
{
    static struct str label = STR("kind");

    arena_init(&arena, MIB(1));
    metrics[0] = (struct plugin_metric){
        .kind = METRIC_COUNTER, .name = STR("made"), .help = STR(""), .labels = { &label, 1 }
    };
    metrics[1] = (struct plugin_metric){ .kind = METRIC_HISTOGRAM,
                                         .name = STR("size"),
                                         .help = STR(""),
                                         .bounds = { 10 },
                                         .bound_count = 1 };
    plugin = (struct plugin){ .id = STR("crm"), .metrics = metrics, .metric_count = 2 };
    for (size_t i = 0; i < 2; i++)
        metric_settle(&metrics[i], plugin.id, &arena);
    generation = (struct generation){ .plugins = &plugin, .plugin_count = 1 };
    host.figures = figures_new();
    figures_begin(host.figures, &generation);
}

static void work(void *arg)
{
    static const uint8_t key[32];
    struct seat seat = { .host = &host };
    struct buf out;
    struct arena own;

    (void)arg;
    arena_init(&own, MIB(1));
    buf_init(&out, MIB(1));
    for (int i = 0; i < TIMES; i++) {
        struct tx tx = {
            .arena = &own, .policy = &seat.policy, .server_key = key, .is_writing = i % 2 == 0
        };
        struct str kind;

        arena_reset(&own);
        kind = str_printf(&own, "%d", i % 150);
        figure_note(&tx, &metrics[0], &kind, 1);
        figure_note(&tx, &metrics[1], NULL, i % 20);
        tx_held_apply(tx.held);
        if (i % 100 == 0) {
            buf_clear(&out);
            figures_write(host.figures, &out);
        }
        if (i % 500 == 0) /* as a reload does */
            figures_begin(host.figures, &generation);
    }
    buf_fini(&out);
    arena_fini(&own);
}

TEST(many_threads_count_and_nothing_is_lost)
{
    struct thread threads[THREADS];
    struct str rest, line;
    struct buf out;
    int64_t sum = 0, one;

    open_figures();
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(thread_start(&threads[i], "work", work, NULL), ST_OK);
    for (int i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    buf_init(&out, MIB(1));
    figures_write(host.figures, &out);
    rest = buf_view(&out);
    while (!str_is_absent(rest) && str_cut(&rest, '\n', &line))
        if (str_starts(line, STR("foyer_plugin_made_total{"))) {
            line = str_slice(line.at + line.len, 0);
            while (line.at[-1] != ' ')
                line = str_slice(line.at - 1, line.len + 1);
            CHECK(str_to_int(line, 0, INT64_MAX, &one));
            sum += one;
        }
    CHECK_INT(sum, THREADS * TIMES);
    buf_char(&out, '\0');
    CHECK(strstr(out.at, "foyer_plugin_size_count{plugin=\"crm\"} 8000\n"));
    CHECK(strstr(out.at, "foyer_plugin_size_bucket{plugin=\"crm\",le=\"10\"} 4400\n"));
    buf_fini(&out);
    figures_free(host.figures);
    arena_fini(&arena);
}

TEST(what_is_not_declared_any_more_is_not_shown)
{
    struct buf out;

    open_figures();
    plugin.metric_count = 1;
    figures_begin(host.figures, &generation);
    buf_init(&out, MIB(1));
    figures_write(host.figures, &out);
    buf_char(&out, '\0');
    CHECK(strstr(out.at, "# TYPE foyer_plugin_made_total counter\n"));
    CHECK(!strstr(out.at, "foyer_plugin_size"));
    buf_fini(&out);
    figures_free(host.figures);
    arena_fini(&arena);
}

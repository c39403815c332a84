/* Metrics: counting on a loop, and the text of /metrics. */
#include "exec/metrics.h"

#include "base/check.h"
#include "base/crypto.h"
#include "exec/courier.h"
#include "exec/courier_fetch.h"
#include "exec/inside.h"
#include "exec/reader.h"
#include "exec/script.h"
#include "exec/worker.h"
#include "exec/writer.h"
#include "http/route.h"
#include "plugin/cache.h"
#include "plugin/host.h"
#include "plugin/metric.h"
#include "store/db.h"

#include <stdlib.h>

/* Upper bounds of the buckets, in microseconds; the last one has none. */
static const uint64_t bounds[METRICS_BUCKETS - 1] = { 100,   250,   500,    1000,   2500,   5000,
                                                      10000, 25000, 100000, 500000, 2500000 };

static void add_row(const struct route *route, void *context);
static int compare_rows(const void *a, const void *b);
static size_t number_of(const struct route_numbers *numbers, const struct route *route);
static void write_requests(struct server *server, struct buf *out);
static void write_latency(struct server *server, struct buf *out);
static void write_connections(struct server *server, struct buf *out);
static void write_courier(struct server *server, struct buf *out);
static void write_handlers(struct server *server, struct buf *out);
static void write_cache(struct server *server, struct buf *out);
static void write_readers(struct server *server, struct buf *out);
static void write_writer(struct server *server, struct buf *out);
static void write_queues(struct server *server, struct buf *out);
static void head(struct buf *out, const char *name, const char *type, const char *help);
static void number(struct buf *out, const char *name, const char *labels, uint64_t value);
static uint64_t look(const _Atomic uint64_t *counter);

void route_numbers_init(struct route_numbers *numbers, const struct router *router)
{
    *numbers = (struct route_numbers){ 0 };
    router_each(router, add_row, numbers);
    qsort(numbers->rows, numbers->count, sizeof(numbers->rows[0]), compare_rows);
}

void route_numbers_fini(struct route_numbers *numbers)
{
    free(numbers->rows);
    *numbers = (struct route_numbers){ 0 };
}

void metrics_init(struct metrics *metrics, const struct route_numbers *numbers)
{
    metrics->numbers = numbers;
    metrics->requests = xcalloc(numbers->count + 1, sizeof(metrics->requests[0]));
}

void metrics_fini(struct metrics *metrics)
{
    free(metrics->requests);
}

void metrics_count(struct metrics *metrics, const struct route *route, int status,
                   uint64_t nanoseconds)
{
    size_t class = status >= 100 && status < 600 ? (size_t)status / 100 - 1 : METRICS_CLASSES - 1;
    uint64_t microseconds = nanoseconds / 1000;
    size_t bucket = 0;

    while (bucket < METRICS_BUCKETS - 1 && microseconds > bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&metrics->requests[number_of(metrics->numbers, route)][class], 1,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->seconds[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->microseconds, microseconds, memory_order_relaxed);
}

void metrics_write(struct server *server, struct buf *out)
{
    write_requests(server, out);
    write_latency(server, out);
    write_connections(server, out);
    write_queues(server, out);
    write_readers(server, out);
    write_writer(server, out);
    write_courier(server, out);
    write_handlers(server, out);
    write_cache(server, out);
    head(out, "foyer_database_memory_bytes", "gauge", "Memory that SQLite uses");
    number(out, "foyer_database_memory_bytes", "", (uint64_t)db_memory());
    head(out, "foyer_rules_generation", "gauge", "Number of the set of rules in force");
    number(out, "foyer_rules_generation", "", host_generation(server->host));
    head(out, "foyer_rules_failing", "gauge", "1 while no set of rules could be loaded");
    number(out, "foyer_rules_failing", "", host_is_failing(server->host));
    head(out, "foyer_decisions_lost_total", "counter", "Decisions that were not recorded");
    number(out, "foyer_decisions_lost_total", "", host_decisions_lost(server->host));
    figures_write(host_figures(server->host), out);
}

static void add_row(const struct route *route, void *context)
{
    struct route_numbers *numbers = context;

    numbers->rows = xrealloc(numbers->rows, (numbers->count + 1) * sizeof(numbers->rows[0]));
    numbers->rows[numbers->count++] = route;
}

static int compare_rows(const void *a, const void *b)
{
    const struct route *const *one = a, *const *two = b;

    return *one < *two ? -1 : *one > *two;
}

/* count: a request without a route. */
static size_t number_of(const struct route_numbers *numbers, const struct route *route)
{
    size_t low = 0, high = numbers->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (numbers->rows[middle] == route)
            return middle;
        if (numbers->rows[middle] < route)
            low = middle + 1;
        else
            high = middle;
    }
    return numbers->count;
}

static void write_requests(struct server *server, struct buf *out)
{
    size_t i, class, loop;

    head(out, "foyer_requests_total", "counter", "Requests by route and class of status");
    for (i = 0; i <= server->numbers->count; i++) {
        const struct route *route = i < server->numbers->count ? server->numbers->rows[i] : NULL;

        for (class = 0; class < METRICS_CLASSES; class ++) {
            uint64_t sum = 0;

            for (loop = 0; loop < server->loop_count; loop++)
                sum += look(&server->loops[loop].metrics.requests[i][class]);
            if (sum > 0)
                buf_printf(out,
                           "foyer_requests_total{method=\"%s\",route=\"%s\",status=\"%zuxx\"} "
                           "%llu\n",
                           route ? method_name(route->method) : "", route ? route->pattern : "none",
                           class + 1, (unsigned long long)sum);
        }
    }
}

static void write_latency(struct server *server, struct buf *out)
{
    uint64_t sum = 0, microseconds = 0;
    size_t i, loop;

    head(out, "foyer_request_seconds", "histogram", "From the first byte to the finished answer");
    for (i = 0; i < METRICS_BUCKETS; i++) {
        for (loop = 0; loop < server->loop_count; loop++)
            sum += look(&server->loops[loop].metrics.seconds[i]);
        if (i < METRICS_BUCKETS - 1)
            buf_printf(out, "foyer_request_seconds_bucket{le=\"%g\"} %llu\n",
                       (double)bounds[i] / 1e6, (unsigned long long)sum);
    }
    for (loop = 0; loop < server->loop_count; loop++)
        microseconds += look(&server->loops[loop].metrics.microseconds);
    buf_printf(out, "foyer_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    buf_printf(out, "foyer_request_seconds_sum %.6f\n", (double)microseconds / 1e6);
    buf_printf(out, "foyer_request_seconds_count %llu\n", (unsigned long long)sum);
}

static void write_connections(struct server *server, struct buf *out)
{
    uint64_t opened = 0, closed = 0, refused = 0, limited = 0;
    size_t i;

    for (i = 0; i < server->loop_count; i++) {
        const struct metrics *metrics = &server->loops[i].metrics;

        closed +=
            look(&metrics->closed); /* before opened, so that the difference is not negative */
        opened += look(&metrics->opened);
        refused += look(&metrics->refused);
        limited += look(&metrics->limited);
    }
    head(out, "foyer_connections", "gauge", "Open connections");
    number(out, "foyer_connections", "", opened - closed);
    head(out, "foyer_connections_total", "counter", "Connections so far");
    number(out, "foyer_connections_total", "", opened);
    head(out, "foyer_connections_refused_total", "counter", "Connections that were not taken");
    number(out, "foyer_connections_refused_total", "", refused);
    head(out, "foyer_rate_limited_total", "counter", "Requests answered with 429");
    number(out, "foyer_rate_limited_total", "", limited);
}

static void write_queues(struct server *server, struct buf *out)
{
    struct writer_figures figures;
    struct reader_figures readers;

    writer_figures(server->writer, &figures);
    readers_figures(server->readers, &readers);
    head(out, "foyer_queue_length", "gauge", "What waits for a thread");
    number(out, "foyer_queue_length", "{queue=\"writer\"}", figures.queued);
    number(out, "foyer_queue_length", "{queue=\"readers\"}", readers.queued);
    number(out, "foyer_queue_length", "{queue=\"workers\"}", workers_queued(server->workers));
    number(out, "foyer_queue_length", "{queue=\"passwords\"}",
           workers_queued(server->password_workers));
    head(out, "foyer_password_hashes_total", "counter", "Runs of argon2id, to hash or to verify");
    number(out, "foyer_password_hashes_total", "", crypto_password_runs());
}

static void write_readers(struct server *server, struct buf *out)
{
    uint64_t slow = 0, again = 0, refused = 0;
    struct reader_figures figures;
    size_t i;

    for (i = 0; i < server->loop_count; i++) {
        const struct metrics *metrics = &server->loops[i].metrics;

        slow += look(&metrics->reads_slow);
        again += look(&metrics->reads_again);
        refused += look(&metrics->reads_refused);
    }
    readers_figures(server->readers, &figures);
    head(out, "foyer_reader_reads_total", "counter",
         "Reads handed to a reader: searches, counts and exports, or over their budget on a loop");
    number(out, "foyer_reader_reads_total", "{why=\"slow\"}", slow);
    number(out, "foyer_reader_reads_total", "{why=\"over_budget\"}", again);
    head(out, "foyer_reader_refused_total", "counter", "Of those: the queue was full");
    number(out, "foyer_reader_refused_total", "", refused);
    head(out, "foyer_reader_stopped_total", "counter",
         "Of those: took too long, or whoever asked has gone");
    number(out, "foyer_reader_stopped_total", "{why=\"too_slow\"}", figures.too_slow);
    number(out, "foyer_reader_stopped_total", "{why=\"abandoned\"}", figures.abandoned);
    head(out, "foyer_readers_busy", "gauge", "Readers that read now");
    number(out, "foyer_readers_busy", "", figures.busy);
}

static void write_writer(struct server *server, struct buf *out)
{
    struct writer_figures figures;
    uint64_t sum = 0;
    size_t i;

    writer_figures(server->writer, &figures);
    head(out, "foyer_batch_writes", "histogram", "Writes that shared one commit");
    for (i = 0; i < WRITER_SIZES; i++) {
        sum += figures.batches[i];
        buf_printf(out, "foyer_batch_writes_bucket{le=\"%zu\"} %llu\n", (size_t)1 << i,
                   (unsigned long long)sum);
    }
    buf_printf(out, "foyer_batch_writes_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    number(out, "foyer_batch_writes_sum", "", figures.writes);
    number(out, "foyer_batch_writes_count", "", sum);
    head(out, "foyer_commits_total", "counter", "Commits of the writer");
    number(out, "foyer_commits_total", "", figures.commits);
    head(out, "foyer_batches_lost_total", "counter", "Batches that were rolled back as a whole");
    number(out, "foyer_batches_lost_total", "", figures.lost);
    head(out, "foyer_checkpoints_total", "counter", "Checkpoints of the write-ahead log");
    number(out, "foyer_checkpoints_total", "", figures.checkpoints);
    head(out, "foyer_wal_bytes", "gauge", "Length of the write-ahead log");
    number(out, "foyer_wal_bytes", "", figures.wal_bytes);
    head(out, "foyer_writer_health", "gauge", "0: well, 1: the disk is full, 2: read-only");
    number(out, "foyer_writer_health", "", (uint64_t)writer_health(server->writer));
}

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, const char *labels, uint64_t value)
{
    buf_printf(out, "%s%s %llu\n", name, labels, (unsigned long long)value);
}

static uint64_t look(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void write_courier(struct server *server, struct buf *out)
{
    struct courier_figures figures;
    struct fetch_figures fetches;

    courier_figures(server->courier, &figures);
    courier_fetch_figures(server->courier, &fetches);
    head(out, "foyer_mails_total", "counter", "Tries to send a mail, by how they ended");
    number(out, "foyer_mails_total", "{state=\"sent\"}", figures.sent);
    number(out, "foyer_mails_total", "{state=\"deferred\"}", figures.deferred);
    number(out, "foyer_mails_total", "{state=\"refused\"}", figures.refused);
    number(out, "foyer_mails_total", "{state=\"cancelled\"}", figures.cancelled);
    head(out, "foyer_mails_fallback_total", "counter", "Mails whose render failed");
    number(out, "foyer_mails_fallback_total", "", figures.fallbacks);
    head(out, "foyer_mails_in_flight", "gauge", "Mails that are being sent");
    number(out, "foyer_mails_in_flight", "", figures.in_flight);
    head(out, "foyer_fetches_total", "counter", "What scripts have fetched, by how it ended");
    number(out, "foyer_fetches_total", "{result=\"answered\"}", fetches.answered);
    number(out, "foyer_fetches_total", "{result=\"failed\"}", fetches.failed);
}

static void write_handlers(struct server *server, struct buf *out)
{
    struct script_figures figures;

    scripts_figures(server->scripts, &figures);
    head(out, "foyer_deliveries_total", "counter",
         "Tries to give an event to a handler of a script, by how they ended");
    number(out, "foyer_deliveries_total", "{status=\"done\"}", figures.done);
    number(out, "foyer_deliveries_total", "{status=\"failed\"}", figures.failed);
    number(out, "foyer_deliveries_total", "{status=\"dead\"}", figures.dead);
    head(out, "foyer_handlers_running", "gauge", "Handlers of events that have begun");
    number(out, "foyer_handlers_running", "", figures.running);
    head(out, "foyer_delivery_late_seconds", "gauge",
         "How long the delivery that waits longest is overdue");
    number(out, "foyer_delivery_late_seconds", "", figures.late);
}

static void write_cache(struct server *server, struct buf *out)
{
    struct cache_figures figures;

    cache_figures(host_cache(server->host), &figures);
    head(out, "foyer_cache_entries", "gauge", "What scripts keep by foyer.cache");
    number(out, "foyer_cache_entries", "", figures.entries);
    head(out, "foyer_cache_bytes", "gauge", "Memory of it");
    number(out, "foyer_cache_bytes", "", figures.bytes);
    head(out, "foyer_cache_gets_total", "counter", "What scripts asked it for");
    number(out, "foyer_cache_gets_total", "{result=\"found\"}", figures.found);
    number(out, "foyer_cache_gets_total", "{result=\"missed\"}", figures.missed);
    head(out, "foyer_cache_evicted_total", "counter", "Entries that went for want of room");
    number(out, "foyer_cache_evicted_total", "", figures.evicted);
}

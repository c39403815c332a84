/* Control status: what a running server says of itself to foyer doctor. */
#include "exec/control_inside.h"

#include "base/version.h"
#include "exec/writer.h"
#include "http/json.h"
#include "plugin/host.h"

#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#define AT(member) offsetof(struct server_status, member)
#define ROW(name, type, member)                                                                    \
    {                                                                                              \
        name, type, FIELD_WRITE, AT(member), 0, type == FIELD_TEXT ? 4096 : 0, NULL, NULL, NULL    \
    }

static const struct field fields[] = {
    ROW("version", FIELD_TEXT, version),        ROW("ready", FIELD_TEXT, ready),
    ROW("baseUrl", FIELD_TEXT, base_url),       ROW("smtp", FIELD_TEXT, smtp),
    ROW("process", FIELD_INT, process),         ROW("startedAt", FIELD_TIME, started_at),
    ROW("walBytes", FIELD_INT, wal_bytes),      ROW("commits", FIELD_INT, commits),
    ROW("connections", FIELD_INT, connections), ROW("descriptors", FIELD_INT, descriptors),
    ROW("generation", FIELD_INT, generation),   ROW("hasRuleFaults", FIELD_BOOL, has_rule_faults),
    ROW("hasProxies", FIELD_BOOL, has_proxies), { 0 },
};
const struct entity server_status_entity = { "status", fields, sizeof(struct server_status) };

void control_status(struct server *server, struct buf *out)
{
    struct writer_figures figures;
    struct server_status status = { .version = STR(FOYER_VERSION) };
    struct rlimit limit = { 0 };
    struct buf report;
    const char *ready;

    writer_figures(server->writer, &figures);
    getrlimit(RLIMIT_NOFILE, &limit);
    buf_init(&report, 1 << 16);
    host_report(server->host, &report);
    server_is_ready(server, &ready);
    status.ready = str_from(ready);
    status.base_url = str_from(server->base_url);
    status.smtp = str_from(server->config->smtp_url ? "set" : "unset");
    status.process = getpid();
    status.started_at = server->started_at;
    status.wal_bytes = (int64_t)figures.wal_bytes;
    status.commits = (int64_t)figures.commits;
    for (size_t i = 0; i < server->loop_count; i++) {
        const struct metrics *metrics = &server->loops[i].metrics;

        status.connections -= (int64_t)atomic_load(&metrics->closed);
        status.connections += (int64_t)atomic_load(&metrics->opened);
    }
    status.descriptors = limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
    status.generation = (int64_t)host_generation(server->host);
    status.has_rule_faults = report.len > 0;
    status.has_proxies = server->config->trusted_proxies != NULL;
    buf_fini(&report);
    json_write(&server_status_entity, &status, ~UINT64_C(0), out);
}

/* Plugins: GET /v1/plugins and POST /v1/plugins/reload. */
#include "api/plugins.h"

#include "base/limits.h"
#include "http/json.h"
#include "plugin/host.h"
#include "store/tx.h"

#include <stddef.h>

static route_phase list, prepare, answer;
static route_work reload;

static const char *const object[] = { "plugin", NULL };
static const char *const origins[] = { "shipped", "changed", "added", "plugin", NULL };

struct plugin_row {
    struct str id, name, version, report;
    int origin;
    bool is_in_force;
};

#define AT(member) offsetof(struct plugin_row, member)
static const struct field fields[] = {
    { "id", FIELD_TEXT, 0, AT(id), 0, 0, NULL, NULL, "A script's file, or a plugin's folder." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"plugin\"." },
    { "name", FIELD_TEXT, 0, AT(name), 0, 0, NULL, NULL, "What it is, for people." },
    { "version", FIELD_TEXT, 0, AT(version), 0, 0, NULL, NULL, "null: a script." },
    { "origin", FIELD_ENUM, 0, AT(origin), 0, 0, origins, NULL,
      "Scripts: shipped, changed or added; plugin: a folder." },
    { "inForce", FIELD_BOOL, 0, AT(is_in_force), 0, 0, NULL, NULL,
      "What lies on disk is what answers." },
    { "report", FIELD_TEXT, FIELD_LINES, AT(report), 0, 0, NULL, NULL,
      "Why it is not: file, line, reason." },
    { 0 },
};
const struct entity plugin_entity = { "plugin", fields, sizeof(struct plugin_row) };

const struct route plugin_routes[] = {
    { GET, "/v1/plugins", .entity = &plugin_entity, .may = "plugin.list", .read = list,
      .flags = ROUTE_SLOW | ROUTE_ALL, .summary = "Scripts and plugins that are loaded" },
    { POST, "/v1/plugins/reload", .may = "plugin.reload", .read = prepare, .work = reload,
      .after = answer, .flags = ROUTE_OPTIONAL_BODY,
      .summary = "Load scripts and plugins anew; what is broken changes nothing" },
    { 0 },
};

/* What the phases of a reload hand on. */
struct reloading {
    struct host *host;
    uint64_t before;
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct host *host = host_of(tx->policy);
    struct script_info *scripts;
    size_t count = host_scripts(host, tx->arena, &scripts);
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_printf(out, "{\"generation\":%llu,\"data\":[", (unsigned long long)host_generation(host));
    for (size_t i = 0; i < count; i++) {
        const struct plugin_row row = { .id = scripts[i].name,
                                        .name = scripts[i].describe,
                                        .version = scripts[i].version,
                                        .report = scripts[i].report,
                                        .origin = (int)scripts[i].origin,
                                        .is_in_force = str_is_empty(scripts[i].report) };

        if (i)
            buf_char(out, ',');
        json_write(&plugin_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static enum status prepare(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct reloading *reloading = arena_new(tx->arena, struct reloading);

    (void)rq;
    (void)rp;
    reloading->host = host_of(tx->policy);
    reloading->before = host_generation(reloading->host);
    tx->scratch = reloading;
    return tx_status(tx);
}

/* On a worker: it takes milliseconds. */
static enum status reload(struct work *work)
{
    const struct reloading *reloading = work->scratch;
    enum status status;
    struct str rest, line;
    struct buf report;

    buf_init(&report, KIB(16));
    status = host_reload(reloading->host, &report);
    if (status != ST_OK) {
        failure_set(work->failure, work->arena, ST_UNPROCESSABLE, "scripts_refused",
                    "Nothing was changed: what was loaded before stays in force.");
        rest = str_trim(buf_view(&report));
        while (!str_is_absent(rest) && str_cut(&rest, '\n', &line))
            failure_field(work->failure, work->arena, ST_UNPROCESSABLE, STR("scripts"),
                          "script_refused", "%.*s", STR_ARG(line));
    }
    buf_fini(&report);
    return status;
}

static enum status answer(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct reloading *reloading = tx->scratch;
    uint64_t now = host_generation(reloading->host);

    (void)rq;
    buf_printf(reply_json(rp, 200), "{\"object\":\"reload\",\"generation\":%llu,\"changed\":%s}",
               (unsigned long long)now, now != reloading->before ? "true" : "false");
    return tx_status(tx);
}

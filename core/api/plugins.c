/* Plugins: GET /v1/plugins and POST /v1/plugins/reload. */
#include "api/plugins.h"

#include "api/plugin_settings.h"
#include "base/limits.h"
#include "http/json.h"
#include "plugin/host.h"
#include "store/tx.h"

static route_phase list, prepare, answer;
static route_work reload;

const struct route plugin_routes[] = {
    { GET, "/v1/plugins", .entity = &plugin_entity, .may = "plugin.list", .read = list,
      .flags = ROUTE_SLOW | ROUTE_ALL,
      .summary =
          "Scripts and plugins that are loaded, and whether they are asked in this workspace" },
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

static void show(struct tx *tx, const struct script_info *script,
                 const struct plugin_choice *choices, size_t count, struct plugin_row *row);

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct host *host = host_of(tx->policy);
    struct script_info *scripts;
    size_t count = host_scripts(host, tx->arena, &scripts), chosen;
    struct buf *out = reply_json(rp, 200);
    struct plugin_choice *choices;

    (void)rq;
    if (plugin_choice_list(tx, &choices, &chosen) != ST_OK)
        return tx_status(tx);
    buf_printf(out, "{\"generation\":%llu,\"data\":[", (unsigned long long)host_generation(host));
    for (size_t i = 0; i < count; i++) {
        struct plugin_row row;

        show(tx, &scripts[i], choices, chosen, &row);
        if (i)
            buf_char(out, ',');
        json_write(&plugin_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

/* What lies on disk and is not in force has no more than its name. Faults name lines of the operator's
 * scripts: they are his alone. */
static void show(struct tx *tx, const struct script_info *script,
                 const struct plugin_choice *choices, size_t count, struct plugin_row *row)
{
    const struct plugin *plugin = host_plugin(tx->policy, script->name);
    struct plugin_choice choice = { .plugin = script->name, .is_enabled = true };

    for (size_t i = 0; i < count; i++)
        if (str_eq(choices[i].plugin, script->name))
            choice = choices[i];
    *row = (struct plugin_row){ .is_enabled = choice.is_enabled, .can_be_disabled = true };
    if (plugin)
        plugin_row_fill(tx, plugin, &choice, false, row);
    row->id = script->name;
    row->name = script->describe;
    row->version = script->version;
    row->origin = (int)script->origin;
    row->is_in_force = str_is_empty(script->report);
    row->report = tx->actor.may_operate ? script->report : STR_NONE;
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

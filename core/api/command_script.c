/* Command script: what is in force, reading scripts anew, and why somebody may or may not. */
#include "api/command.h"

#include "api/body.h"
#include "api/explain.h"
#include "base/limits.h"
#include "plugin/host.h"

#include <stddef.h>

static route_phase list, prepare, answer, ask;
static route_work reload;

struct asking {
    struct str as, action, target, company, input, workspace;
};

#define TEXT(member, max, flags) COMMAND_TEXT(struct asking, member, max, flags)

static const struct field asking_fields[] = { TEXT(as, 300, FIELD_REQUIRED),
                                              TEXT(action, 100, FIELD_REQUIRED),
                                              TEXT(target, 64, 0),
                                              TEXT(company, 64, 0),
                                              TEXT(input, 65536, 0),
                                              TEXT(workspace, 64, 0),
                                              { 0 } };
static const struct entity asking_entity = { "explain", asking_fields, sizeof(struct asking) };
static const struct field no_fields[] = { { 0 } };
static const struct entity no_entity = { "script", no_fields, 1 };

const struct route command_script_routes[] = {
    { POST, "script list", .body = &no_entity, .read = list },
    { POST, "script reload", .body = &no_entity, .read = prepare, .work = reload, .after = answer },
    { POST, "explain", .body = &asking_entity, .read = ask, .flags = ROUTE_SLOW },
    { 0 },
};

struct reloading {
    struct host *host;
    uint64_t before;
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    command_put_scripts(host_of(tx->policy), tx->arena, command_wants_text(rq),
                        command_reply(rq, rp));
    return tx_status(tx);
}

void command_put_scripts(struct host *host, struct arena *arena, bool as_text, struct buf *out)
{
    static const char *const origins[] = { "shipped", "changed", "added", "plugin" };
    struct script_info *scripts;
    size_t count = host_scripts(host, arena, &scripts);

    for (size_t i = 0; i < count; i++) {
        const struct script_info *s = &scripts[i];
        bool is_in_force = str_is_empty(s->report);

        if (as_text) {
            buf_printf(out, "%-24.*s %-8s %-12s %.*s\n", STR_ARG(s->name), origins[s->origin],
                       is_in_force ? "in force" : "not in force",
                       STR_ARG(is_in_force ? s->describe : s->report));
            continue;
        }
        buf_text(out, i ? ",{\"name\":" : "[{\"name\":");
        buf_json(out, s->name);
        buf_printf(out, ",\"origin\":\"%s\",\"inForce\":%s,\"description\":", origins[s->origin],
                   is_in_force ? "true" : "false");
        buf_json(out, s->describe);
        buf_text(out, ",\"report\":");
        buf_json(out, s->report);
        buf_char(out, '}');
    }
    if (!as_text)
        buf_text(out, count ? "]\n" : "[]\n");
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

    buf_init(&report, KIB(64));
    status = host_reload(reloading->host, &report);
    if (status != ST_OK) {
        rest = str_trim(buf_view(&report));
        while (!str_is_absent(rest) && str_cut(&rest, '\n', &line))
            failure_field(work->failure, work->arena, status, STR(""), "script_refused", "%.*s",
                          STR_ARG(line));
        failure_field(work->failure, work->arena, status, STR(""), "scripts_refused",
                      "Nothing was changed: what was loaded before stays in force.");
    }
    buf_fini(&report);
    return status;
}

static enum status answer(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct reloading *reloading = tx->scratch;
    uint64_t now = host_generation(reloading->host);
    struct buf *out = command_reply(rq, rp);

    if (command_wants_text(rq))
        buf_printf(out, "%s; generation %llu is in force\n",
                   now != reloading->before ? "read anew" : "nothing had changed",
                   (unsigned long long)now);
    else
        buf_printf(out, "{\"generation\":%llu,\"changed\":%s}\n", (unsigned long long)now,
                   now != reloading->before ? "true" : "false");
    return tx_status(tx);
}

static enum status ask(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct asking asking = { STR_NONE };
    struct explain_asked asked;
    struct explained explained;
    uint64_t which;

    if (body_read(tx, rq, &asking_entity, JSON_CREATE, &asking, &which) != ST_OK ||
        command_choose(tx, asking.workspace) != ST_OK)
        return tx_status(tx);
    asked = (struct explain_asked){
        .as = asking.as,
        .action = asking.action,
        .input = asking.input,
        .company = asking.company,
    };
    if (command_target(tx, asking.target, &asked.target) != ST_OK)
        return tx_status(tx);
    if (explain(tx, &asked, &explained) != ST_OK)
        return tx_status(tx);
    if (command_wants_text(rq)) {
        explain_text(&explained, command_reply(rq, rp));
    } else {
        explain_json(&explained, command_reply(rq, rp));
        buf_char(&rp->body, '\n');
    }
    return tx_status(tx);
}

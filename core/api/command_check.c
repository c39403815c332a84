/* Command check: what a script's text, or the folder of a plugin, would change of what was decided. */
#include "api/command.h"

#include "api/body.h"
#include "api/script_check.h"
#include "base/limits.h"

#include <stddef.h>

static route_phase check, check_plugin;

struct asked {
    struct str name, source, tests, path, workspace;
};

#define TEXT(member, max, flags) COMMAND_TEXT(struct asked, member, max, flags)

static const struct field fields[] = { TEXT(name, 100, FIELD_REQUIRED),
                                       TEXT(source, LIMIT_SCRIPT_SOURCE,
                                            FIELD_REQUIRED | FIELD_NO_OUTPUT),
                                       TEXT(tests, LIMIT_SCRIPT_SOURCE, FIELD_NO_OUTPUT),
                                       TEXT(path, 4096, FIELD_REQUIRED),
                                       TEXT(workspace, 64, 0),
                                       { 0 } };
static const struct entity entity = { "script", fields, sizeof(struct asked) };

struct asked_plugin {
    struct str name, folder, workspace; /* folder: absolute; read here, for who asks owns it */
};
static const struct field plugin_fields[] = {
    COMMAND_TEXT(struct asked_plugin, name, 64, FIELD_REQUIRED),
    COMMAND_TEXT(struct asked_plugin, folder, 4096, FIELD_REQUIRED),
    COMMAND_TEXT(struct asked_plugin, workspace, 64, 0),
    { 0 }
};
static const struct entity plugin_entity_asked = { "plugin", plugin_fields,
                                                   sizeof(struct asked_plugin) };

const struct route command_check_routes[] = {
    { POST, "script check", .body = &entity, .read = check, .flags = ROUTE_SLOW },
    { POST, "plugin check", .body = &plugin_entity_asked, .read = check_plugin,
      .flags = ROUTE_SLOW },
    { 0 },
};

static void tell(const struct script_report *report, struct str name, const struct request *rq,
                 struct reply *rp);

/* Of all workspaces, unless one is named. */
static enum status check(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct script_report report;
    struct script_overlay overlay;
    struct asked asked = { STR_NONE };
    uint64_t given;

    if (body_read(tx, rq, &entity, JSON_CREATE, &asked, &given) != ST_OK ||
        (!str_is_empty(asked.workspace) && command_choose(tx, asked.workspace) != ST_OK))
        return tx_status(tx);
    overlay = (struct script_overlay){ .name = asked.name, .source = asked.source };
    if (script_check(tx, &overlay, asked.tests, &report) != ST_OK)
        return tx_status(tx);
    if (report.is_refused)
        return script_refuse(tx, report.report);
    tell(&report, asked.path, rq, rp);
    return tx_status(tx);
}

static enum status check_plugin(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct asked_plugin asked = { STR_NONE };
    struct script_report report;
    uint64_t given;

    if (body_read(tx, rq, &plugin_entity_asked, JSON_CREATE, &asked, &given) != ST_OK ||
        (!str_is_empty(asked.workspace) && command_choose(tx, asked.workspace) != ST_OK))
        return tx_status(tx);
    if (script_check_folder(tx, asked.folder.at, asked.name, &report) != ST_OK)
        return tx_status(tx);
    if (report.is_refused)
        return script_refuse(tx, report.report);
    tell(&report, asked.folder, rq, rp);
    return tx_status(tx);
}

static void tell(const struct script_report *report, struct str name, const struct request *rq,
                 struct reply *rp)
{
    struct buf *out = command_reply(rq, rp);

    if (report->failed)
        rp->status = 422; /* the command's exit code is 1 */
    if (command_wants_text(rq)) {
        script_report_text(report, name, out);
        return;
    }
    buf_printf(out, "{\"good\":%s,\"check\":", report->failed ? "false" : "true");
    script_report_json(report, out);
    buf_text(out, "}\n");
}

/* Command check: what a script's text would change of what was decided. */
#include "api/command.h"

#include "api/body.h"
#include "api/script_check.h"
#include "base/limits.h"

#include <stddef.h>

static route_phase check;

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

const struct route command_check_routes[] = {
    { POST, "script check", .body = &entity, .read = check, .flags = ROUTE_SLOW },
    { 0 },
};

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
    if (command_wants_text(rq)) {
        script_report_text(&report, asked.path, command_reply(rq, rp));
    } else {
        struct buf *out = command_reply(rq, rp);

        buf_text(out, "{\"good\":true,\"check\":");
        script_report_json(&report, out);
        buf_text(out, "}\n");
    }
    return tx_status(tx);
}

/* Command: finding one, and what they share. */
#include "api/command.h"

#include "store/workspace.h"

static const struct route *const tables[] = { command_key_routes,        command_script_routes,
                                              command_workspace_routes,  command_check_routes,
                                              command_version_routes,    command_who_routes,
                                              command_plugin_routes,     command_plugin_set_routes,
                                              command_plugin_run_routes, NULL };

const struct route *command_route(struct str name)
{
    for (const struct route *const *table = tables; *table; table++)
        for (const struct route *row = *table; row->pattern; row++)
            if (str_is(name, row->pattern))
                return row;
    return NULL;
}

bool command_wants_text(const struct request *rq)
{
    return str_is(request_header(rq, "accept"), "text/plain");
}

struct buf *command_reply(const struct request *rq, struct reply *rp)
{
    rp->status = 200;
    rp->content_type = command_wants_text(rq) ? "text/plain" : "application/json";
    return &rp->body;
}

enum status command_target(struct tx *tx, struct str text, struct uuid *id)
{
    if (!str_is_empty(text) && !uuid_parse(text, id))
        tx_fail_field(tx, ST_INVALID, "target", "not_an_id", "`%.*s` is no id.", STR_ARG(text));
    return tx_status(tx);
}

enum status command_choose(struct tx *tx, struct str id)
{
    struct uuid workspace = UUID_NONE;

    if (!str_is_empty(id) && !uuid_parse(id, &workspace)) {
        tx_fail_field(tx, ST_INVALID, "workspace", "not_an_id", "`%.*s` is no id of a workspace.",
                      STR_ARG(id));
        return tx_status(tx);
    }
    if (workspace_choose(tx, workspace) == ST_NOT_FOUND)
        tx->failure.message =
            STR("There is no such workspace: `foyer workspace list` shows those that are there.");
    if (tx_status(tx) == ST_UNPROCESSABLE)
        tx->failure.message = STR("This server holds several workspaces: name one by --workspace "
                                  "ID; `foyer workspace list` shows them.");
    return tx_status(tx);
}

/* Permissions: GET /v1/permissions: the names that roles and keys are made of. */
#include "api/permissions.h"

#include "http/json.h"
#include "http/reply.h"
#include "store/tx.h"

#include <stddef.h>

static route_phase list;

static const char *const object[] = { "permission", NULL };

struct permission_row {
    struct str name, group, help;
};
#define AT(member) offsetof(struct permission_row, member)
static const struct field fields[] = {
    { "name", FIELD_TEXT, 0, AT(name), 0, 0, NULL, NULL, "As roles and keys name it." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"permission\"." },
    { "group", FIELD_TEXT, 0, AT(group), 0, 0, NULL, NULL, "What it belongs to." },
    { "help", FIELD_TEXT, 0, AT(help), 0, 0, NULL, NULL, "What it gives." },
    { 0 },
};
static const struct entity permission_entity = { "permission", fields,
                                                 sizeof(struct permission_row) };

const struct route permission_routes[] = {
    { GET, "/v1/permissions", .entity = &permission_entity, .may = "permission.list", .read = list,
      .flags = ROUTE_ALL, .summary = "List the permissions that roles are made of" },
    { 0 },
};

const struct permission_help permission_help[PERMISSION_COUNT] = {
    [PERMISSION_VIEW_CLIENTS] = { "clients", "Sees all clients, their companies and invitations; "
                                             "limited staff those of its companies." },
    [PERMISSION_CREATE_CLIENTS] = { "clients", "Makes clients." },
    [PERMISSION_EDIT_CLIENTS] = { "clients", "Changes the clients that one sees." },
    [PERMISSION_DELETE_CLIENTS] = { "clients", "Archives or deletes the clients that one sees." },
    [PERMISSION_INVITE_CLIENTS] = { "clients", "Invites clients, by mail or by a link." },
    [PERMISSION_MANAGE_CLIENT_ORGANIZATIONS] = { "clients", "Makes and changes companies." },
    [PERMISSION_VIEW_ASSIGNED_CLIENTS] = { "clients", "Sees the clients whose account manager one "
                                                      "is, and those "
                                                      "of companies that one is given." },
    [PERMISSION_VIEW_STAFF] = { "staff", "Sees the staff, its invitations and roles." },
    [PERMISSION_MANAGE_STAFF] = { "staff",
                                  "Makes, invites, changes and removes staff and roles, up "
                                  "to what one holds." },
    [PERMISSION_MANAGE_API_KEYS] = { "staff", "Makes and revokes API keys, up to what one holds." },
    [PERMISSION_MANAGE_PLUGINS] = { "settings",
                                    "Switches scripts and plugins on and off, and changes their "
                                    "settings." },
    [PERMISSION_MANAGE_WEBHOOKS] = { "settings", "Makes and changes webhook endpoints, tells them "
                                                 "what happens in "
                                                 "apps, and sees their secrets." },
    [PERMISSION_VIEW_SETTINGS] = { "settings", "Sees the settings of the workspace." },
    [PERMISSION_EDIT_SETTINGS] = { "settings",
                                   "Changes the settings of the workspace and its custom fields." },
    [PERMISSION_VIEW_AUDIT] = { "settings", "Sees who did what, and why rules decided so." },
    [PERMISSION_VIEW_BILLING] = { "billing", "Sees bills." },
    [PERMISSION_EDIT_BILLING] = { "billing", "Makes and changes bills." },
    [PERMISSION_VIEW_REQUESTS] = { "requests", "Sees requests." },
    [PERMISSION_EDIT_REQUESTS] = { "requests", "Works on requests." },
    [PERMISSION_VIEW_SERVICES] = { "services", "Sees services." },
    [PERMISSION_EDIT_SERVICES] = { "services", "Makes and changes services." },
};

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct buf *out = reply_json(rp, 200);

    (void)rq;
    buf_text(out, "{\"data\":[");
    for (int i = 0; i < PERMISSION_COUNT; i++) {
        const struct permission_help *help = &permission_help[i];
        const struct permission_row row = { str_from(permission_names[i]), str_from(help->group),
                                            str_from(help->help) };

        if (i)
            buf_char(out, ',');
        json_write(&permission_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

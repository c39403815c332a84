/* Action: what C asks beside the rows of the routes. */
#include "policy/action.h"

#include <stddef.h>

const struct action actions_beside_routes[] = {
    { "dashboard.open", NULL, "Opening what plugins show to staff." },
    { "event.list", NULL, "Following events." },
    { "internal_user.invite", "internal_user",
      "Inviting a member of staff, mailing it again, cancelling it, having its link." },
    { "portal.open", NULL, "Opening what plugins show to clients." },
    { NULL, NULL, NULL },
};

const char *const scoped_entities[] = { NULL };

const struct action renders[] = {
    { "mail.invite", "invite", "The mail that invites a client or a member of staff." },
    { "mail.invite_accepted", "invite", "The mail that tells the inviter that somebody came." },
    { "mail.reset", NULL, "The mail with the link to a new password." },
    { "mail.password_changed", NULL, "The mail that tells of a changed password." },
    { "mail.test", NULL, "The mail that `foyer mail test` sends." },
    { "page.invite", "invite", "The page behind the link of an invitation." },
    { "page.set_password", NULL, "The page for choosing a password." },
    { "page.sign_in", NULL, "The page for signing in." },
    { "page.forgot", NULL, "The page that asks for the address of a forgotten password." },
    { "page.home", NULL, "The first page of the portal." },
    { "page.account", NULL, "The page for one's own profile, password and sessions." },
    { "page.workspaces", NULL, "The page on which a person of several portals chooses one." },
    { "page.plugin", NULL, "What stands around the pages of plugins." },
    { "page.problem", NULL, "A page that says what went wrong." },
    { NULL, NULL, NULL },
};

const struct action events[] = {
    { "api_key.created", "api_key", "A key was made." },
    { "api_key.deleted", "api_key", "A key was revoked." },
    { "api_key.updated", "api_key", "A key was changed." },
    { "client.activated", "client", "A client has signed in for the first time." },
    { "client.created", "client", "A client was made." },
    { "client.deleted", "client", "A client was archived, or destroyed." },
    { "client.restored", "client", "A client was taken out of the archive." },
    { "client.updated", "client", "A client was changed: before and data." },
    { "company.created", "company", "A company was made." },
    { "company.deleted", "company", "A company was deleted." },
    { "company.updated", "company", "A company was changed." },
    { "internal_user.activated", "internal_user",
      "A member of staff has signed in for the first time." },
    { "internal_user.created", "internal_user", "A member of staff was made." },
    { "internal_user.deleted", "internal_user", "A member of staff was removed." },
    { "internal_user.updated", "internal_user", "A member of staff was changed." },
    { "invite.accepted", "invite", "Somebody has accepted an invitation." },
    { "invite.cancelled", "invite", "An invitation was cancelled." },
    { "invite.created", "invite", "Somebody was invited." },
    { "invite.resent", "invite", "An invitation was sent again." },
    { "mail.deferred", "mail", "A mail was not taken yet, and is tried again." },
    { "mail.refused", "mail", "A mail was refused for good." },
    { "mail.sent", "mail", "A mail server has taken a mail." },
    { "membership.updated", "membership",
      "A client came into a company, or has another role there." },
    { "message_channel.created", "message_channel", "A channel was made." },
    { "message_channel.deleted", "message_channel", "A channel was deleted." },
    { "message_channel.updated", "message_channel", "Who is in a channel has changed." },
    { "operation.cancelled", "operation", "Work on many things was cancelled." },
    { "operation.done", "operation", "Work on many things is done." },
    { "operation.failed", "operation", "Work on many things cannot go on." },
    { "operation.started", "operation", "Work on many things has begun." },
    { "role.created", "role", "A role was made." },
    { "role.deleted", "role", "A role was deleted." },
    { "role.updated", "role", "A role was changed." },
    { "plugin.updated", "plugin", "It was switched on or off, or its settings were changed." },
    { "webhook.due", "webhook_endpoint",
      "An endpoint is to be told what event says: for the plugin that does, once for each endpoint "
      "that wants it." },
    { "webhook.test", "webhook_endpoint", "An endpoint is tried out." },
    { "webhook_endpoint.created", "webhook_endpoint", "An endpoint of webhooks was made." },
    { "webhook_endpoint.deleted", "webhook_endpoint", "An endpoint of webhooks was deleted." },
    { "webhook_endpoint.paused", "webhook_endpoint",
      "An endpoint of webhooks is sent nothing any more: by somebody, or because it keeps "
      "failing." },
    { "webhook_endpoint.resumed", "webhook_endpoint", "A paused endpoint is sent what waited." },
    { "webhook_endpoint.updated", "webhook_endpoint",
      "An endpoint of webhooks was changed, or has a new secret." },
    { "workspace.updated", "workspace", "Settings of the workspace were changed." },
    { NULL, NULL, NULL },
};

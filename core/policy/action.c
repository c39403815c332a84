/* Action: what C asks beside the rows of the routes. */
#include "policy/action.h"

#include <stddef.h>

const struct action actions_beside_routes[] = {
    { "client.list", "client", "Listing clients." },
    { "client.read", "client", "Reading one client." },
    { "client.create", "client", "Making a client." },
    { "client.update", "client", "Changing a client." },
    { "client.delete", "client", "Archiving or deleting a client." },
    { "invite.create", "invite", "Inviting a client." },
    { "invite.list", "invite", "Listing invitations." },
    { "invite.read", "invite", "Reading one invitation." },
    { "invite.resend", "invite", "Mailing an invitation again." },
    { "invite.cancel", "invite", "Making an invitation's links die." },
    { "invite.link", "invite", "Seeing an invitation's link, also as inviteUrl." },
    { "internal_user.list", "internal_user", "Listing staff." },
    { "internal_user.read", "internal_user", "Reading one member of staff." },
    { "workspace.read", "workspace", "Reading the workspace and its settings." },
    { "workspace.update", "workspace", "Changing settings of the workspace." },
    { "company.list", "company", "Listing companies." },
    { "company.read", "company", "Reading one company." },
    { "me.read", NULL, "Reading who one is." },
    { "me.update", NULL, "Changing one's own name." },
    { "session.list", NULL, "Listing one's own sessions." },
    { "session.delete", NULL, "Ending one of one's own sessions." },
    { "script.list", NULL, "Seeing which scripts are in force." },
    { "script.read", NULL, "Reading a script." },
    { "script.update", NULL, "Changing a script." },
    { "plugin.list", NULL, "Seeing which plugins are loaded." },
    { "plugin.reload", NULL, "Loading scripts and plugins anew." },
    { "decision.list", NULL, "Seeing what rules decided." },
    { "policy.explain", NULL, "Asking why something is allowed or denied." },
    { "audit.list", NULL, "Reading the audit." },
    { "event.list", NULL, "Following events." },
    { "custom_field.list", "custom_field", "Listing custom fields." },
    { "custom_field.read", "custom_field", "Reading one custom field." },
    { "custom_field.create", "custom_field", "Making a custom field." },
    { "custom_field.update", "custom_field", "Changing a custom field." },
    { "custom_field.delete", "custom_field", "Deleting a custom field." },
    { NULL, NULL, NULL },
};

const char *const scoped_entities[] = { "client", "internal_user", "company", "invite", "audit", NULL };

const struct action renders[] = {
    { "mail.invite", "invite", "The mail that invites a client." },
    { "mail.invite_accepted", "invite", "The mail that tells the inviter that somebody came." },
    { "mail.reset", NULL, "The mail with the link to a new password." },
    { "mail.password_changed", NULL, "The mail that tells of a changed password." },
    { "mail.test", NULL, "The mail that `foyer mail test` sends." },
    { "page.invite", "invite", "The page behind the link of an invitation." },
    { "page.set_password", NULL, "The page for choosing a password." },
    { "page.sign_in", NULL, "The page for signing in." },
    { "page.forgot", NULL, "The page that asks for the address of a forgotten password." },
    { "page.home", NULL, "The first page of the portal." },
    { "page.problem", NULL, "A page that says what went wrong." },
    { NULL, NULL, NULL },
};

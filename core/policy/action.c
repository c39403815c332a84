/* Action: what C asks beside the rows of the routes. */
#include "policy/action.h"

#include <stddef.h>

const struct action actions_beside_routes[] = {
    { "event.list", NULL, "Following events." },
    { "internal_user.invite", "internal_user",
      "Inviting a member of staff, mailing it again, cancelling it, having its link." },
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
    { "page.problem", NULL, "A page that says what went wrong." },
    { NULL, NULL, NULL },
};

/* Action: the names that scripts may register for.
 *
 * Most come from the rows of the routes (.may); here are those that C asks beside them. A name that
 * nobody asks would never be called: registering one is refused, with what was probably meant.
 */
#ifndef FOYER_POLICY_ACTION_H
#define FOYER_POLICY_ACTION_H

struct action {
    const char *name;   /* "invite.link"; NULL ends the table */
    const char *entity; /* what ctx.target is of: "invite" */
    const char *help;
};

/* Asked beside the rows of routes. */
extern const struct action actions_beside_routes[];
/* Whose rows scopes are asked for beside lists. */
extern const char *const scoped_entities[];
/* Texts that renders make: "mail.invite". */
extern const struct action renders[];
/* Facts that C tells (tx_event): "client.created". */
extern const struct action events[];

#endif

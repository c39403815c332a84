/* Clients: the field table of the first resource, shared by whoever answers a client. */
#ifndef FOYER_API_CLIENTS_H
#define FOYER_API_CLIENTS_H

#include "base/field.h"
#include "http/route.h"
#include "store/client.h"
#include "store/workspace.h"

extern const struct entity client_entity;
extern const struct route client_routes[];
extern const struct route archive_routes[]; /* archive.c */

/* 200 with the client, as the actor may see it. */
enum status client_answer(struct tx *tx, struct reply *rp, struct client *client);
/* Fills inviteUrl in where the actor may invite.link and there is an open invite. */
void client_show_link(struct tx *tx, struct client *client);

/* Leaves out of its companies those that are kept from who asks. */
void client_hide_companies(struct tx *tx, struct client *client);

/* What a change means for companies and custom fields, by the settings of the workspace (client_change.c).
 * before NULL: is being made. Faults fail tx. */
enum status client_settle(struct tx *tx, const struct workspace *workspace,
                          const struct client *before, struct client *client, uint64_t given,
                          bool replace);
/* For a client that names none: the only one where one is required (ST_UNPROCESSABLE: there are none or
 * several), else a placeholder of the client's name is made. */
void client_choose_company(struct tx *tx, const struct workspace *workspace, struct client *client);
/* Event and audit entry of a client that was changed, by whatever. What they take of the arena is given back. */
void client_record(struct tx *tx, const struct client *before, const struct client *after);
/* Runs the filters of client.update over the change, and makes it, with event and audit. *after: as it is
 * now. */
enum status client_apply(struct tx *tx, const struct client *before, const struct client *wish,
                         uint64_t given, bool replace, struct client *after);
/* Runs the filters of client.delete, and archives it, or deletes it for good where the workspace does, with
 * event and audit. */
enum status client_remove(struct tx *tx, const struct client *client);
/* Asks invite.create, runs its filters and mails the invitation. */
enum status client_invite(struct tx *tx, const struct client *client);

#endif

/* Client row: what client.c and client_search.c share: the columns, and how a row is read. */
#ifndef FOYER_STORE_CLIENT_ROW_H
#define FOYER_STORE_CLIENT_ROW_H

#include "store/client.h"
#include "store/query.h"

/* $1 is the workspace. Where companies are off, nobody is in one: memberships are kept for when they
 * are on again. */
#define CLIENT_SELECT                                                                              \
    "SELECT t.seq, t.id, t.login, t.given_name, t.family_name, t.email, t.phone, t.position,"      \
    " t.status, t.creation_method, t.avatar_url, t.fallback_color, t.account_manager, t.tags,"     \
    " t.custom_fields, CASE WHEN (SELECT companies_enabled FROM workspaces WHERE seq = $1)"        \
    " THEN t.company_ids ELSE x'' END, t.first_login_at, t.last_login_at, t.last_activity_at,"     \
    " t.created_at, t.updated_at, t.archived_at,"                                                  \
    " CASE WHEN t.status = 2 THEN NULL ELSE (SELECT k.id FROM invites i JOIN tokens k"             \
    " ON k.subject = i.id AND k.purpose = 'invite.link' WHERE i.workspace = t.workspace"           \
    " AND i.client = t.seq AND i.accepted_at IS NULL AND i.cancelled_at IS NULL) END"

void client_read_row(struct query *q, struct client *client);

/* Text list as the JSON array that columns keep, and back. */
struct str texts_to_json(struct arena *arena, struct texts texts);
struct texts texts_from_json(struct arena *arena, struct str json);

/* Newest first: its name stands in page tokens. */
extern const struct list_sort client_found;
enum status client_search(struct tx *tx, const struct list *list, struct client **clients,
                          size_t *count);

#endif

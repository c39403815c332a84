/* Shape: Foyer's bytes: the JSON of a client from a row that was selected with SHAPE_CLIENT, and the
 * token of a list's next page. The order of members is that of the field table in core/api/clients.c.
 */
#ifndef BARE_SHAPE_H
#define BARE_SHAPE_H

#include "out.h"

#include <sqlite3.h>

/* The last column: the token of the open invite's link, for inviteUrl. */
#define SHAPE_CLIENT                                                                               \
    "t.seq, t.id, t.given_name, t.family_name, t.email, t.company_ids, t.status, t.phone,"         \
    " t.position, t.tags, t.account_manager, t.custom_fields, t.avatar_url, t.fallback_color,"     \
    " t.creation_method, t.first_login_at, t.last_login_at, t.last_activity_at, t.created_at,"     \
    " t.updated_at,"                                                                               \
    " CASE WHEN t.status = 2 THEN NULL ELSE (SELECT k.id FROM invites i JOIN tokens k"             \
    " ON k.subject = i.id AND k.purpose = 'invite.link' WHERE i.workspace = t.workspace"           \
    " AND i.client = t.seq AND i.accepted_at IS NULL AND i.cancelled_at IS NULL) END"

void shape_client(sqlite3_stmt *row, struct out *json);
/* sort is "createdAt" or "search"; value is what the last row of the page has there. */
void shape_next_token(const char *sort, int64_t value, struct out *json);

#endif

/* Channel row: what channel.c and channel_list.c share: the columns, and how a row is read. */
#ifndef FOYER_STORE_CHANNEL_ROW_H
#define FOYER_STORE_CHANNEL_ROW_H

#include "store/channel.h"
#include "store/query.h"

#define CHANNEL_COLUMNS                                                                            \
    "SELECT t.seq, t.id, t.kind, t.client, t.company, c.id, o.id, t.member_ids,"                   \
    " t.last_message_at, t.created_at, t.updated_at"
#define CHANNEL_FROM                                                                               \
    "FROM message_channels t LEFT JOIN clients c ON c.seq = t.client"                              \
    " LEFT JOIN companies o ON o.seq = t.company"
#define CHANNEL_SELECT CHANNEL_COLUMNS " " CHANNEL_FROM
#define CHANNEL_SHOWN                                                                              \
    "t.workspace = $1 AND c.archived_at IS NULL AND (t.kind = 0"                                   \
    " OR (SELECT companies_enabled FROM workspaces WHERE seq = $1))"

void channel_read_row(struct query *q, struct channel *channel);
/* The members of a company channel. */
void channel_fill(struct tx *tx, struct channel *channel);
/* With its members; false: there is none. Closes q. */
bool channel_read_one(struct query q, struct channel *channel);

#endif

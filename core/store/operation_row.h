/* Operation row: what operation.c and operation_work.c share. */
#ifndef FOYER_STORE_OPERATION_ROW_H
#define FOYER_STORE_OPERATION_ROW_H

#include "store/operation.h"
#include "store/query.h"

/* Ids in a row of operation_lists: 16 KB, read once a piece. */
enum { OPERATION_PART = 1000 };

#define OPERATION_SELECT                                                                           \
    "SELECT t.seq, t.id, t.kind, t.status, t.subject, t.input, t.total, t.done, t.failed,"         \
    " t.error_code, t.error_message, t.actor_kind, t.actor_id, t.behalf_id, t.road, t.peer,"       \
    " t.request_id, t.created_at, t.started_at, t.ended_at, t.event_depth"

void operation_read_row(struct query *q, struct operation *operation);
/* It is over: nobody needs what was to be done any more. */
void operation_drop_list(struct tx *tx, const struct operation *operation);

#endif

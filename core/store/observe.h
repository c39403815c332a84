/* Observe: what a test of scripts looks at in a workspace (tx->workspace), as JSON. In a read transaction. */
#ifndef FOYER_STORE_OBSERVE_H
#define FOYER_STORE_OBSERVE_H

#include "base/buf.h"
#include "store/tx.h"

/* Appends an array, oldest first. */
void observe_events(struct tx *tx, struct buf *out);
void observe_deliveries(struct tx *tx, struct buf *out);

/* Of all workspaces, a line each, at most ten: handlers that failed, and mails that did not go. */
void observe_trouble(struct tx *tx, struct buf *out);

#endif

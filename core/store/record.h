/* Record: what a change leaves for others: an event, an audit entry. Rows of the same transaction. */
#ifndef FOYER_STORE_RECORD_H
#define FOYER_STORE_RECORD_H

#include "base/uuid.h"
#include "store/tx.h"

/* name: a fact, past tense ("client.created"); payload: JSON text of the GET shape and `before`. */
void tx_event(struct tx *tx, const char *name, const char *entity, struct uuid id,
              struct str payload);
/* action: "client.create"; detail: JSON text {before, after} or absent. Sealed later. */
void tx_audit(struct tx *tx, const char *action, const char *entity, struct uuid id,
              struct str detail);

/* Chore: seals up to `most` entries that have no seal yet, in order, per workspace. Gives how many. */
size_t audit_seal(struct tx *tx, size_t most);
/* Walks a workspace's chain. False: *seq is the first entry that does not hold. */
bool audit_verify(struct tx *tx, int64_t *seq);
/* Chore: deletes events older than 14 days that no delivery needs, at most 500. */
size_t event_sweep(struct tx *tx);

#endif

/* Decision ring: what was decided on one thread, until the writer takes it to the table.
 *
 * Lossy and counted: a full ring drops and counts. All denials and errors are kept, allows are sampled.
 * One thread puts, the writer's job takes; lock is short.
 */
#ifndef FOYER_POLICY_DECISION_H
#define FOYER_POLICY_DECISION_H

#include "policy/policy.h"

struct decision_ring;

struct decision_ring *decision_ring_new(void);
void decision_ring_free(struct decision_ring *ring);
/* Sampled: one allow in this many is kept. */
#define DECISION_ALLOW_SAMPLE 64
void decision_record(struct decision_ring *ring, const struct tx *tx, const char *action,
                     struct uuid subject, const struct decision *decision);
/* In a write transaction: moves what the ring holds into `decisions`; gives how many. */
size_t decision_flush(struct decision_ring *ring, struct tx *tx);
uint64_t decision_lost(const struct decision_ring *ring);
/* Deletes what is older than 7 days or beyond 100,000 a workspace; at most 500 rows a call. */
size_t decision_prune(struct tx *tx);

#endif

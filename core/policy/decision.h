/* Decision ring: what was decided on one thread, until the writer takes it to the table.
 *
 * Lossy and counted: a full ring drops and counts. All denials and errors are kept, allows are
 * sampled. One thread puts, the writer's job takes; the lock is short. What is written stays in the
 * ring until the commit is told, so that a job that runs twice writes the same.
 */
#ifndef FOYER_POLICY_DECISION_H
#define FOYER_POLICY_DECISION_H

#include "policy/policy.h"

struct decision_ring;

/* LIMIT_DECISIONS_RING decisions, LIMIT_DECISIONS_BYTES of their texts. */
struct decision_ring *decision_ring_new(void);
void decision_ring_free(struct decision_ring *ring); /* takes NULL */

/* One allow in this many is kept. */
#define DECISION_ALLOW_SAMPLE 64
/* The next allow will be kept: ask with what was read. The putting thread's. */
bool decision_is_sampled(const struct decision_ring *ring);
/* Copies. Texts are cut at LIMIT_DECISION_TEXT bytes; reads that are longer are left out. */
void decision_record(struct decision_ring *ring, const struct tx *tx, const char *action,
                     struct uuid subject, const struct decision *decision);

/* In a write transaction: writes the oldest, at most `most`, into `decisions`; gives how many. */
size_t decision_flush(struct decision_ring *ring, struct tx *tx, size_t most);
/* The transaction of the last flush is committed: takes them out. The flushing thread's. */
void decision_kept(struct decision_ring *ring);
/* Dropped because the ring was full. Any thread. */
uint64_t decision_lost(struct decision_ring *ring);

/* Chore: deletes what is older than 7 days or beyond 100,000 a workspace; at most 500 rows a call,
 * looking at a few workspaces. Gives how many. */
size_t decision_prune(struct tx *tx);

#endif

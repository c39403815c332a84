/* Planner: jobs of scripts begin when they are due (store/planned.h). A chore of the writer, its thread alone;
 * where no script has a job it is never wanted.
 */
#ifndef FOYER_EXEC_PLANNER_H
#define FOYER_EXEC_PLANNER_H

#include "base/crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;
struct tx;

struct planner {
    uint64_t followed;  /* generation of scripts whose jobs are planned; 0: not looked yet */
    uint64_t follow_at; /* monotonic: workspaces come, and change their zones */
    bool has_jobs;
    int64_t next_at; /* wall time of the next one that is due */
    /* Of the run that may yet be lost: see planner_kept. */
    uint64_t following;
    bool has_followed, will_have;
    int64_t will_be_next;
    uint8_t seed[CRYPTO_KEY]; /* stuttering: what ids and jitter are drawn from */
};

enum { BEGUN = 20 }; /* jobs at a time */

bool planner_is_wanted(struct server *server);
size_t planner_run(struct tx *tx, struct server *server);
void planner_kept(struct server *server);

#endif

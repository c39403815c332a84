/* Planned: when the jobs of scripts are due, in each workspace and in its time zone.
 *
 * A job that is due becomes a delivery (store/delivery.h), of the event job.due of its workspace: so it is run,
 * tried again, given up, replayed and shown as any other. One whose last run is not over yet is left out this
 * time, and so is one of a plugin that its workspace has switched off. What was missed while no server ran is made up for once. Run by the writer, but for the list.
 */
#ifndef FOYER_STORE_PLANNED_H
#define FOYER_STORE_PLANNED_H

#include "base/schedule.h"
#include "store/tx.h"

/* As a script registers it; texts borrowed. */
struct planned {
    struct str plugin, name;
    struct str text; /* of the schedule, with all that matters */
    const struct schedule *schedule;
};

/* Plans those that are new, or otherwise than before, in all workspaces; forgets the others. */
void planned_follow(struct tx *tx, const struct planned *jobs, size_t count);
/* Begins what is due, at most `most`; gives how many. *next: when the next one is (INT64_MAX: none). */
size_t planned_begin(struct tx *tx, const struct planned *jobs, size_t count, size_t most,
                     int64_t *next);

/* Of the transaction's workspace, by plugin and name. */
struct planned_row {
    struct str plugin, name, schedule, zone;
    int64_t next_at, ran_at;
};
size_t planned_list(struct tx *tx, struct planned_row **rows);

#endif

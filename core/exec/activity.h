/* Activity: who was here lately, gathered on a loop and written by the writer in one job.
 *
 * So that a read never waits for a write. Holds a bounded number of keys, sessions and clients; what
 * comes while it is full is noted at that actor's next request. Lock inside; any thread.
 */
#ifndef FOYER_EXEC_ACTIVITY_H
#define FOYER_EXEC_ACTIVITY_H

#include "store/tx.h"

struct activity;

enum { ACTIVITY_AT_ONCE = 500 };

struct activity *activity_new(void);
void activity_free(struct activity *activity); /* takes NULL */

/* The actor of tx was here at tx_now. On its loop. */
void activity_note(struct activity *activity, const struct tx *tx);

/* On the writer, in a write transaction: writes at most ACTIVITY_AT_ONCE and gives how many. Gives the
 * same again until activity_kept. */
size_t activity_write(struct activity *activity, struct tx *tx);
/* That transaction was committed. */
void activity_kept(struct activity *activity);

#endif

/* Sweep: invariants of the rows that the schema cannot say, for foyer check. */
#ifndef FOYER_STORE_SWEEP_H
#define FOYER_STORE_SWEEP_H

#include "base/buf.h"
#include "store/tx.h"

/* A line in *report for each that does not hold: what, how often, and what to do. Reads all tables: takes
 * its time. Inside tx_begin_read. */
enum status sweep_run(struct tx *tx, struct buf *report);

#endif

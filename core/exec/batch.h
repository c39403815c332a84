/* Batch: write handlers that run in one transaction, are committed once, and run again when SQLite
 * drops the whole of it.
 *
 * Knows no threads and no requests: what it runs is a struct write, whose owner says what to do.
 *
 *   waiting ──run──▶ ran ──COMMIT returned──▶ over (kept, or refused by its own handler)
 *      ▲               │
 *      └── batch lost ─┘          the culprit: over, with its failure; the others run again
 *
 * Lost twice, or a COMMIT that failed: the rest run one by one, each with a commit of its own; what
 * fails then is over. Nobody is told anything before the commit that holds his rows has returned.
 */
#ifndef FOYER_EXEC_BATCH_H
#define FOYER_EXEC_BATCH_H

#include "base/crypto.h"
#include "base/limits.h"
#include "exec/miswrite.h"
#include "store/tx.h"

struct write;

/* All on the writer's thread. */
struct write_calls {
    const char *name; /* for the log */
    /* Before each run: forgets everything that an earlier run left (reply, arena) and gives the arena
     * of this run. */
    struct arena *(*prepare)(struct write *write);
    /* Runs in a savepoint, perhaps several times; sets actor, workspace and so on of tx first. */
    enum status (*run)(struct write *write, struct tx *tx);
    /* After a run that failed and was rolled back: rows that are to stay all the same, in a savepoint
     * of their own. NULL: none. */
    void (*refused)(struct write *write, struct tx *tx, const struct failure *failure);
    /* What it answered, for the stutter: two runs must give the same. */
    void (*digest)(struct write *write, uint8_t out[CRYPTO_HASH]);
    /* Instead of all of these but done: works on the connection between batches, outside of any
     * transaction, for a moment at a time, until it gives false; the rest is then its owner's, and
     * status stays what it was. When the writer ends before that, it is done all the same. NULL: it is
     * a write. */
    bool (*between)(struct write *write, struct db *db);
    /* It is over: status and failure are final. The writer does not touch it any more. */
    void (*done)(struct write *write);
};

/* Lies in what owns it. Belongs to the writer from writer_submit to done. */
struct write {
    const struct write_calls *calls;
    enum status status;
    struct failure failure; /* in the arena of the last run */
    struct tx_effects effects;
    struct tx_held *held; /* of the last run, in its arena */
    bool is_over;
    struct write *next; /* the writer's, of those that work between batches */
};

struct batch {
    struct db *db;
    bool stutters;   /* runs every handler twice, and aborts where the answers differ */
    uint64_t budget; /* takes no more once so many microseconds have passed */
    int64_t now;     /* the instant of all of its transactions */
    struct write *writes[LIMIT_BATCH_JOBS];
    size_t count;
    struct tx_effects effects; /* of what was committed */
    unsigned lost;             /* how often the whole batch was rolled back */
    unsigned commits;          /* how many went well */
#ifdef FOYER_FAULTS
    enum miswrite miswrite;
#endif
};

/* Takes writes from next until it gives NULL, the batch is full, or its budget is spent, and runs
 * them. Afterwards all of batch->writes are over and wait for batch_release. */
void batch_run(struct batch *batch, int64_t now, struct write *(*next)(void *context),
               void *context);
/* Calls done of each. */
void batch_release(struct batch *batch);

#endif

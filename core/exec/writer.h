/* Writer: the one thread, with the one connection, that ever writes or checkpoints.
 *
 * Others hand in writes; it runs them in batches (batch.h), raises the high-water mark after each
 * commit, and gives them back. Between batches it goes on with operations, a piece at a time, and
 * checkpoints; when idle it does chores.
 * The queue is bounded: full is ST_BUSY. An fsync that failed is final: from then on every write
 * fails with ST_READ_ONLY, nothing is synced again, and on_failed is called once.
 */
#ifndef FOYER_EXEC_WRITER_H
#define FOYER_EXEC_WRITER_H

#include "exec/chore.h"
#include "exec/piece.h"
#include "store/datafolder.h"

struct writer;

enum writer_health { WRITER_WELL, WRITER_DISK_FULL, WRITER_READ_ONLY };

struct writer_options {
    struct db *db;                     /* DB_WRITE; kept, used by the writer's thread alone */
    struct datafolder *folder;         /* for the high-water mark; NULL: none */
    const struct writer_chore *chores; /* NULL: none */
    struct server *server;             /* what chores get */
    struct pieces *pieces;             /* borrowed; used by the writer's thread alone; NULL: none */
    bool stutters;
    /* On the writer's thread, after a commit, before its writes are given back; NULL: nobody asks. */
    void (*on_committed)(void *context, struct tx_effects effects);
    /* On the writer's thread, once, when an fsync has failed. */
    void (*on_failed)(void *context);
    void *context;
};

/* Never NULL. */
struct writer *writer_new(const struct writer_options *options);
/* ST_UNAVAILABLE: no thread. */
enum status writer_start(struct writer *writer);
/* Runs what is queued, does the chores once more, checkpoints, and ends the thread. Then db is the
 * caller's again. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer); /* takes NULL; stopped, or never started */

/* Instead of the thread, by the caller: runs what is queued; and does every chore, and what waits of operations. */
void writer_work(struct writer *writer);
void writer_rest(struct writer *writer);

/* Any thread. ST_BUSY: the queue is full; ST_UNAVAILABLE: it is stopping. Then the write stays with the
 * caller, and done is not called. */
enum status writer_submit(struct writer *writer, struct write *write);

/* Any thread: does a write wait for its turn? */
bool writer_is_wanted(struct writer *writer);

enum writer_health writer_health(const struct writer *writer); /* any thread */

/* For /metrics; any thread. */
enum { WRITER_SIZES = 7 }; /* batches of at most 1, 2, 4, 8, 16, 32, 64 writes */
struct writer_figures {
    uint64_t queued;
    uint64_t batches[WRITER_SIZES]; /* chores are not counted in these */
    uint64_t writes;
    uint64_t commits;
    uint64_t lost; /* batches that were rolled back as a whole */
    uint64_t checkpoints;
    uint64_t wal_bytes;
};
void writer_figures(struct writer *writer, struct writer_figures *figures);

#endif

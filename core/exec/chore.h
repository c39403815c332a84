/* Chore: small jobs that the writer does for itself when it is idle, or when they are due.
 *
 * The table (chore.c) lists them all; the functions belong to others. A chore is a write like any
 * other: a savepoint, a commit, and again when the batch was lost.
 */
#ifndef FOYER_EXEC_CHORE_H
#define FOYER_EXEC_CHORE_H

#include "exec/batch.h"

struct server;

struct writer_chore {
    const char *name;
    /* Runs on an idle writer when so much has passed since the last time, and on a busy one when
     * `busy` has. Milliseconds. */
    unsigned idle, busy;
    /* Only when something was committed since it last ran and found nothing. */
    bool after_writes;
    /* Does a bounded piece of work (a few milliseconds) and gives how much was done; it is asked again
     * at once, when idle, as long as that is `most` or more (0: never). */
    size_t (*run)(struct tx *tx, struct server *server);
    size_t most;
    /* After the commit; NULL: nothing to do. */
    void (*kept)(struct server *server);
    /* Asked first: false costs no transaction. NULL: always. */
    bool (*is_wanted)(struct server *server);
};

/* Ends with a NULL name. */
extern const struct writer_chore writer_chores[];
/* Of them what a server by hand (exec/scratch.h) needs: what others wait for. */
extern const struct writer_chore scratch_chores[];

/* State of the table's rows; the writer's alone. */
struct chores;

struct chores *chores_new(const struct writer_chore *table, struct server *server);
void chores_free(struct chores *chores);
/* The next chore that should run now (clock_monotonic), as a write; NULL: none. commits: how many
 * there were so far. Give it back with chores_ran when it is over. */
struct write *chores_next(struct chores *chores, uint64_t now, bool is_idle, uint64_t commits);
void chores_ran(struct chores *chores, struct write *write, uint64_t now, uint64_t commits);
/* The server ends: every chore is due, however short ago it ran. */
void chores_hurry(struct chores *chores);
/* When an idle writer should look again. */
uint64_t chores_deadline(const struct chores *chores, uint64_t commits);

#endif

/* Read budget: how long a .read may keep its connection, looked at while SQLite works.
 *
 * Steps of SQLite's machine are counted first: a busy machine gives no false verdict. The clock is the
 * wider bound, for reads that wait for the disk. Belongs to the thread of the connection; the flag
 * is_abandoned is set by another.
 */
#ifndef FOYER_EXEC_READ_BUDGET_H
#define FOYER_EXEC_READ_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct db;

enum read_end {
    READ_DONE,
    READ_TOO_LONG,  /* it was interrupted: whatever the handler made of it is not an answer */
    READ_ABANDONED, /* the same, because whoever asked has gone */
};

struct read_limits {
    uint64_t steps;
    uint64_t nanoseconds;
};

struct read_budget {
    uint64_t steps;    /* that are left */
    uint64_t deadline; /* monotonic */
    const _Atomic bool *is_abandoned;
    enum read_end end;
    bool is_on;
};

/* Whenever it is on, it interrupts the connection's statements with ST_BUSY once it is used up. Kept until
 * the connection is closed. */
void read_budget_attach(struct read_budget *budget, struct db *db);
/* Not around BEGIN and COMMIT, which must not be interrupted. is_abandoned is borrowed until
 * read_budget_end. */
void read_budget_begin(struct read_budget *budget, const struct read_limits *limits,
                       const _Atomic bool *is_abandoned);
enum read_end read_budget_end(struct read_budget *budget);

#endif

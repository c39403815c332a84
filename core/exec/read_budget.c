/* Read budget: what the progress handler of a connection looks at. */
#include "exec/read_budget.h"

#include "base/check.h"
#include "base/clock.h"
#include "store/db.h"

#include <stddef.h>

static bool look(void *context);

void read_budget_attach(struct read_budget *budget, struct db *db)
{
    *budget = (struct read_budget){ .is_on = false };
    db_set_progress(db, look, budget);
}

void read_budget_begin(struct read_budget *budget, const struct read_limits *limits,
                       const _Atomic bool *is_abandoned)
{
    PRE(!budget->is_on);
    *budget = (struct read_budget){
        .steps = limits->steps,
        .deadline = clock_monotonic() + limits->nanoseconds,
        .is_abandoned = is_abandoned,
        .is_on = true,
    };
}

enum read_end read_budget_end(struct read_budget *budget)
{
    PRE(budget->is_on);
    budget->is_on = false;
    budget->is_abandoned = NULL;
    return budget->end;
}

static bool look(void *context)
{
    struct read_budget *budget = context;

    if (!budget->is_on)
        return false;
    if (budget->end != READ_DONE)
        return true;
    if (atomic_load_explicit(budget->is_abandoned, memory_order_relaxed))
        budget->end = READ_ABANDONED;
    else if (budget->steps < DB_PROGRESS_STEPS || clock_monotonic() >= budget->deadline)
        budget->end = READ_TOO_LONG;
    else
        budget->steps -= DB_PROGRESS_STEPS;
    return budget->end != READ_DONE;
}

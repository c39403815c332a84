/* Alloc: the allocator of script states: their ceiling and that of one allocation.
 *
 * It also looks at the clock, because instructions that allocate much (long concatenations, rehashes
 * of big tables) and the collections at the ceiling cost far more than the count hook assumes.
 */
#include "base/check.h"
#include "base/fault.h"
#include "lua/sandbox.h"

#include <stdlib.h>

enum {
    LOOK_EVERY = 256 * 1024,  /* bytes between two looks at the clock */
    REPORT_SLACK = 64 * 1024, /* above the ceiling, to say what happened */
};

static bool may_grow(struct script_state *state, size_t had, size_t size);

void *script_alloc(void *ud, void *old, size_t old_size, size_t size)
{
    struct script_state *state = ud;
    size_t had = old ? old_size : 0; /* of new ones Lua says the type there */

    if (size == 0) {
        state->used -= had;
        free(old);
        return NULL;
    }
    if (size > had && !may_grow(state, had, size))
        return NULL;
    state->used = state->used - had + size;
    if (state->used > state->peak)
        state->peak = state->used;
    return xrealloc(old, size);
}

/* Lua collects all garbage after a refusal and asks once more: each refusal may cost milliseconds,
 * so the clock is looked at, and once the budget is spent no more is given. */
static bool may_grow(struct script_state *state, size_t had, size_t size)
{
    size_t ceiling = state->limits.memory + (state->is_reporting ? REPORT_SLACK : 0);
    bool fits = size <= state->limits.allocation && state->used - had + size <= ceiling;

    if (state->is_reporting)
        return fits;
    if (state->is_fault_pending || fault_hits(FAULT_LUA)) {
        state->is_fault_pending = !state->is_fault_pending;
        return false;
    }
    state->unlooked += size - had;
    if (state->budget && (!fits || state->unlooked >= LOOK_EVERY)) {
        state->unlooked = 0;
        if (budget_look(state->budget))
            return false;
    }
    return fits;
}

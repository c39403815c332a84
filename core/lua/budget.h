/* Budget: how long a script may run, and what happens when it ran longer.
 *
 * A budget counts the thread's CPU time, so that a busy machine gives no false verdict, and has a
 * wall cap of 20 times its length for whoever sleeps. Looking is cheap: the monotonic clock alone
 * until a quarter of the budget has passed. Three places look: a count hook every 100 instructions,
 * script_charge in C functions whose cost grows with their input, and the allocator.
 *
 * Over budget the running script leaves by a *yield*, which no pcall can catch, and its coroutine
 * is dropped; where it cannot yield (inside a sort comparator, a gsub callback, __tostring) an
 * error is raised, and our own pcall and coroutine functions pass it on.
 *
 * Owned by the script state, on its thread. lua.h is not included: `struct lua_State` suffices.
 */
#ifndef FOYER_LUA_BUDGET_H
#define FOYER_LUA_BUDGET_H

#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct lua_State;

#define BUDGET_HOOK_INSTRUCTIONS 100

struct budget {
    uint64_t begun;       /* monotonic, ns */
    uint64_t limit;       /* ns of CPU */
    uint64_t look;        /* monotonic, ns: before this there is nothing to decide */
    uint64_t wall_end;    /* monotonic, ns: past this no CPU time is asked for */
    uint64_t cpu_mark;    /* CPU time when it was first looked at; 0: not yet */
    uint64_t steps;       /* charged since the last look at the clock */
    bool expired;         /* sticky until budget_begin */
    uint64_t slice_end;   /* monotonic, ns: of a task: the hook leaves it there; 0: no task */
    struct budget *outer; /* of the call in whose C function this one began; its end counts too */
};

/* Starts counting. microseconds are scaled by BUDGET_SCALE. outer may be NULL. Borrows outer. */
void budget_begin(struct budget *budget, uint64_t microseconds, struct budget *outer);

/* Looks at the clocks; true when this budget or an outer one is spent. */
bool budget_look(struct budget *budget);

/* True when a look has found it spent (no clock is asked). */
bool budget_is_expired(const struct budget *budget);

/* Sets the count hook on L; coroutines made from it inherit it. */
void budget_hook(struct lua_State *L);

/* For C functions that scripts call: pays `steps` (about 10 ns of work each: a row, a match step,
 * 16 bytes walked). Looks at the clock once a few thousand steps were paid. When the budget of the
 * running call is spent it **does not return** (longjmp): own nothing across it. */
void script_charge(struct lua_State *L, uint64_t steps);

/* For C functions that have others work for a test: the nanoseconds that this took are not the script's. */
void script_excuse(struct lua_State *L, uint64_t nanoseconds);

/* Leaves the running function if its budget was found spent, else returns. For C functions that
 * caught an error of a script: call it before going on. */
void script_pass_expiry(struct lua_State *L);

#endif

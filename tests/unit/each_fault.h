/* Each_fault: runs a scenario with its 1st, 2nd, … fallible call failing, until one run passes
 * without reaching the failing call. That last run is the untouched one.
 *
 *   EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_ARENA)
 *   {
 *       enum status status = the_scenario();
 *
 *       if (EACH_FAULT_END())             // from here on nothing fails
 *           CHECK(status != ST_OK);
 *       else
 *           CHECK_INT(status, ST_OK);
 *       // and here: rows all or nothing, and the next call works
 *   }
 *
 * The body is entered with the fault armed; EACH_FAULT_END disarms and says whether it was hit.
 * Without FOYER_FAULTS the body runs once, untouched. No break out of the body.
 */
#ifndef FOYER_TESTS_EACH_FAULT_H
#define FOYER_TESTS_EACH_FAULT_H

#include "base/fault.h"
#include "harness.h"

enum { EACH_FAULT_ROUNDS = 100000 };

struct each_fault {
    uint32_t sites;
    uint64_t nth;
    bool is_over, was_hit;
};

static inline bool each_fault_end(struct each_fault *each)
{
    if (!each->is_over) {
        each->was_hit = fault_was_hit();
        each->is_over = true;
        fault_arm(0, 0);
    }
    return each->was_hit;
}

static inline bool each_fault_next(struct each_fault *each)
{
    if (each->nth > 0 && !each_fault_end(each)) {
        harness_note("%s", "");
        return false;
    }
    each->nth++;
    if (each->nth > EACH_FAULT_ROUNDS)
        harness_failed(__FILE__, __LINE__, "after %d rounds a fault is still hit",
                       EACH_FAULT_ROUNDS);
    harness_note("with fallible call %llu failing", (unsigned long long)each->nth);
    each->is_over = false;
    fault_arm(each->sites, each->nth);
    return true;
}

#define EACH_FAULT(mask)                                                                           \
    for (struct each_fault each_fault = { .sites = (mask) }; each_fault_next(&each_fault);)
#define EACH_FAULT_END() each_fault_end(&each_fault)

#endif

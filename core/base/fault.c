/* Fault: one countdown for the process. Without FOYER_FAULTS nobody counts, and arming is idle. */
#include "base/fault.h"

#include <stdatomic.h>

static _Atomic uint32_t armed_sites;
static _Atomic uint64_t armed_nth;
static _Atomic uint64_t asked;
static _Atomic bool was_hit;

void fault_arm(uint32_t sites, uint64_t nth)
{
    /* off first, so that another thread's call is counted either for the old or for the new */
    atomic_store(&armed_sites, 0);
    atomic_store(&asked, 0);
    atomic_store(&was_hit, false);
    atomic_store(&armed_nth, nth);
    if (nth > 0)
        atomic_store(&armed_sites, sites);
}

uint64_t fault_asked(void)
{
    return atomic_load(&asked);
}

bool fault_was_hit(void)
{
    return atomic_load(&was_hit);
}

#ifdef FOYER_FAULTS
bool fault_hits(enum fault_site site)
{
    if ((atomic_load_explicit(&armed_sites, memory_order_relaxed) & 1u << site) == 0)
        return false;
    if (atomic_fetch_add(&asked, 1) + 1 != atomic_load(&armed_nth))
        return false;
    atomic_store(&was_hit, true);
    return true;
}
#endif

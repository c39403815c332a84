/* Fault: makes the Nth fallible call fail, so that tests walk every error path.
 *
 * Compiled to `false` unless FOYER_FAULTS is defined (dev, asan, tsan). A test arms a site (or
 * all of them) with a countdown; each fallible call asks fault_hits(SITE). Per process; armed
 * and asked on any thread.
 */
#ifndef FOYER_BASE_FAULT_H
#define FOYER_BASE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_site {
    FAULT_ARENA,
    FAULT_PREPARE,
    FAULT_STEP,
    FAULT_COMMIT,
    FAULT_FILE,
    FAULT_LUA,
    FAULT_QUEUE,
    FAULT_DB_MEMORY, /* SQLite's own allocations */
    FAULT_SITES
};

#ifdef FOYER_FAULTS
bool fault_hits(enum fault_site site);
#else
#define fault_hits(site) false
#endif

/* From now on the nth call (1 is the next) of a site in the mask (1u << site) fails, once.
 * nth 0 disarms. */
void fault_arm(uint32_t sites, uint64_t nth);
/* How many asked since arming; and whether the armed one has been hit. */
uint64_t fault_asked(void);
bool fault_was_hit(void);

#endif

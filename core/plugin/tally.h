/* Tally: how often each function of a generation was asked by requests, how often it failed, and what it cost.
 *
 * Each thread counts in a row of its own, which anybody may read: plain words, written by one. One call in
 * TALLY_TIMED is timed, by the thread's CPU clock. Counting begins when the generation becomes current; what
 * is asked beside requests (explanations, tests) is not counted.
 */
#ifndef FOYER_PLUGIN_TALLY_H
#define FOYER_PLUGIN_TALLY_H

#include "plugin/generation.h"

#include <stdatomic.h>

enum { TALLY_TIMED = 64 };

struct tally {
    _Atomic uint64_t asked, failed, timed, nanoseconds; /* nanoseconds: of those that were timed */
};

struct seat;

/* Before the generation becomes current. */
void tally_begin(struct generation *generation, size_t slots);
/* Gives when the call began, or 0: this one is not timed. */
uint64_t tally_call(struct seat *seat, const struct hook_function *function);
/* It ended. */
void tally_answered(struct seat *seat, const struct hook_function *function, uint64_t began,
                    bool has_failed);
/* All threads together, most expensive first; a line for each function that was asked. */
void tally_write(const struct generation *generation, bool as_text, struct arena *arena,
                 struct buf *out);

#endif

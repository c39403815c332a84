/* Seat: one thread's instances of one generation. What tx->policy points to.
 *
 * Owned by the thread of its slot. Instances are made when a plugin is first asked.
 */
#ifndef FOYER_PLUGIN_SEAT_H
#define FOYER_PLUGIN_SEAT_H

#include "plugin/generation.h"

struct plugin_choices;

struct seat {
    struct policy policy; /* first: a struct policy * is its seat's */
    struct host *host;
    struct generation *generation; /* holds; NULL: none could be loaded yet */
    uint64_t number;               /* of the generation; 0: none */
    size_t slot;
    unsigned users;
    struct seat *next;               /* of the slot: newest generation first */
    struct instance **instances;     /* by plugin; NULL: not made yet */
    struct plugin_choices **choices; /* choices.h: by workspace; NULL: none was looked for yet */
};

/* Keeps the generation, which may be NULL. decisions may be NULL. */
struct seat *seat_new(struct generation *generation, struct decision_ring *decisions);
void seat_free(struct seat *seat);
/* NULL: *fault says why; its texts lie in the arena. */
struct instance *seat_instance(struct seat *seat, size_t plugin, struct arena *arena,
                               struct fault *fault);

/* How seats answer (answer.c). */
extern const struct policy_engine seat_engine;

#endif

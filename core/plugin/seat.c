/* Seat: instances of a generation's plugins on one thread. */
#include "plugin/seat.h"

#include "base/check.h"
#include "plugin/choices.h"

#include <stdlib.h>

struct seat *seat_new(struct generation *generation, struct decision_ring *decisions)
{
    struct seat *seat = xcalloc(1, sizeof(*seat));

    seat->policy.engine = &seat_engine;
    seat->policy.decisions = decisions;
    seat->generation = generation;
    if (generation) {
        seat->host = generation->host;
        seat->number = generation->number;
        seat->instances = xcalloc(generation->plugin_count + 1, sizeof(*seat->instances));
    }
    return seat;
}

void seat_free(struct seat *seat)
{
    for (size_t i = 0; seat->generation && i < seat->generation->plugin_count; i++)
        seat->generation->plugins[i].runtime->close(seat->instances[i]);
    free(seat->instances);
    choices_free(seat->choices);
    free(seat);
}

struct instance *seat_instance(struct seat *seat, size_t plugin, struct arena *arena,
                               struct fault *fault)
{
    const struct generation *g = seat->generation;

    /* It loaded when the generation was checked: what fails here is memory, and may pass. */
    if (!seat->instances[plugin])
        seat->instances[plugin] =
            g->plugins[plugin].runtime->open(&g->plugins[plugin], g->known, NULL, arena, fault);
    return seat->instances[plugin];
}

/* Planner: which jobs there are, and which are due. */
#include "exec/planner.h"

#include "base/clock.h"
#include "exec/inside.h"
#include "plugin/handler.h"
#include "store/planned.h"

#define FOLLOW_AFTER UINT64_C(60000000000) /* ns of monotonic time */

static struct planned *gather(const struct policy *policy, struct arena *arena, size_t *count,
                              uint64_t *generation);

bool planner_is_wanted(struct server *server)
{
    const struct planner *planner = &server->planner;
    uint64_t generation = host_generation(server->host);

    return (generation && generation != planner->followed) ||
           (planner->has_jobs &&
            (clock_wall() >= planner->next_at || clock_monotonic() >= planner->follow_at));
}

size_t planner_run(struct tx *tx, struct server *server)
{
    struct planner *planner = &server->planner;
    struct policy *policy = host_acquire(server->host, server->loop_count);
    struct planned *jobs;
    size_t count, begun;

    jobs = gather(policy, tx->arena, &count, &planner->following);
    if (server->stutters)
        tx->seed = planner->seed;
    planner->has_followed = planner->following && (planner->following != planner->followed ||
                                                   clock_monotonic() >= planner->follow_at);
    planner->will_have = count > 0;
    if (planner->has_followed)
        planned_follow(tx, jobs, count);
    begun = planned_begin(tx, jobs, count, BEGUN, &planner->will_be_next);
    host_release(policy);
    return begun;
}

void planner_kept(struct server *server)
{
    struct planner *planner = &server->planner;

    if (planner->has_followed) {
        planner->followed = planner->following;
        planner->follow_at = clock_monotonic() + FOLLOW_AFTER;
    }
    planner->has_jobs = planner->will_have;
    planner->next_at = planner->will_be_next;
    crypto_random(planner->seed, sizeof(planner->seed));
}

static struct planned *gather(const struct policy *policy, struct arena *arena, size_t *count,
                              uint64_t *generation)
{
    struct handlers handlers;
    struct planned *jobs;

    handlers_of(policy, arena, &handlers);
    jobs = arena_array(arena, struct planned, handlers.count);
    *count = 0;
    for (size_t i = 0; i < handlers.count; i++)
        if (handlers.at[i].schedule)
            jobs[(*count)++] = (struct planned){ .plugin = handlers.at[i].plugin,
                                                 .name = handlers.at[i].name,
                                                 .text = handlers.at[i].schedule_text,
                                                 .schedule = handlers.at[i].schedule };
    *generation = handlers.generation;
    return jobs;
}

/* Fan: who listens, and what of the events is to be delivered. */
#include "exec/fan.h"

#include "exec/inside.h"
#include "exec/script.h"
#include "plugin/handler.h"
#include "store/webhook_work.h"

static void follow(struct tx *tx, const struct handlers *handlers);

void fan_init(struct fan *fan)
{
    *fan = (struct fan){ .has_events = true };
    crypto_random(fan->seed, sizeof(fan->seed));
}

void fan_wake(struct fan *fan)
{
    fan->has_events = true;
}

void fan_look_again(struct fan *fan)
{
    fan->followed = 0;
}

bool fan_is_wanted(struct server *server)
{
    const struct fan *fan = &server->fan;
    uint64_t generation = host_generation(server->host);

    return (generation && generation != fan->followed) || (fan->has_listeners && fan->has_events);
}

/* What happened before other scripts came into force goes to those that listened then: they are followed
 * when all of it has. */
size_t fan_run(struct tx *tx, struct server *server)
{
    struct fan *fan = &server->fan;
    struct policy *policy = host_acquire(server->host, server->loop_count);
    struct handlers handlers;
    size_t seen = 0;

    handlers_of(policy, tx->arena, &handlers);
    if (server->stutters)
        tx->seed = fan->seed;
    fan->following = fan->followed;
    fan->will_have = fan->has_listeners;
    fan->will_send = atomic_load(&fan->has_endpoints);
    if (!fan->followed) {
        fan->will_have = delivery_has_listeners(tx);
        fan->will_send = webhook_has_endpoints(tx);
    }
    if (fan->will_have)
        seen = delivery_fan_out(tx, FANNED);
    fan->is_over = seen < FANNED;
    if (fan->is_over && handlers.generation && handlers.generation != fan->followed) {
        follow(tx, &handlers);
        fan->will_have = delivery_has_listeners(tx);
        fan->following = handlers.generation;
    }
    host_release(policy);
    return seen;
}

void fan_kept(struct server *server)
{
    struct fan *fan = &server->fan;

    fan->followed = fan->following;
    fan->has_listeners = fan->will_have;
    if (fan->will_send && !atomic_exchange(&fan->has_endpoints, true))
        scripts_wake(server->scripts); /* which looks for what is due since it knows */
    else
        atomic_store(&fan->has_endpoints, fan->will_send);
    if (fan->is_over)
        fan->has_events = false;
    crypto_random(fan->seed, sizeof(fan->seed)); /* ids of the next run are others */
}

static void follow(struct tx *tx, const struct handlers *handlers)
{
    struct listener *listeners = arena_array(tx->arena, struct listener, handlers->count);
    size_t count = 0;

    for (size_t i = 0; i < handlers->count; i++)
        if (!handlers->at[i].schedule) /* jobs have their deliveries from the planner */
            listeners[count++] = (struct listener){ handlers->at[i].plugin, handlers->at[i].name,
                                                    handlers->at[i].event };
    delivery_follow(tx, listeners, count, handlers->since);
}

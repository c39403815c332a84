/* Activity: two tables, one that the loop fills and one that the writer empties; they are swapped under
 * a lock when the writer's is empty. */
#include "exec/activity.h"

#include "base/check.h"
#include "base/thread.h"
#include "store/client.h"
#include "store/key.h"
#include "store/session.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, MOST = SLOTS / 2 };

struct entry {
    struct uuid id; /* none: free */
    struct uuid client;
    int64_t workspace, at;
    bool is_key;
};

struct gathered {
    size_t count;
    struct entry slots[SLOTS];
};

struct activity {
    struct mutex lock;         /* of `filling`, the pointer and what it points to */
    struct gathered *filling;  /* by the loop */
    struct gathered *emptying; /* the writer's alone */
    size_t from, to;           /* what was written of it and is not yet kept: slots */
};

struct activity *activity_new(void)
{
    struct activity *activity = xcalloc(1, sizeof(*activity));

    mutex_init(&activity->lock);
    activity->filling = xcalloc(1, sizeof(*activity->filling));
    activity->emptying = xcalloc(1, sizeof(*activity->emptying));
    return activity;
}

void activity_free(struct activity *activity)
{
    if (!activity)
        return;
    mutex_fini(&activity->lock);
    free(activity->filling);
    free(activity->emptying);
    free(activity);
}

void activity_note(struct activity *activity, const struct tx *tx)
{
    const struct actor *actor = &tx->actor;
    bool is_key = actor->kind == ACTOR_KEY;
    struct uuid id = is_key ? actor->id : actor->session;
    struct gathered *table;
    uint64_t hash;
    size_t i;

    if (uuid_is_none(id))
        return;
    memcpy(&hash, id.bytes + 8, sizeof(hash)); /* the random half */
    mutex_lock(&activity->lock);
    table = activity->filling;
    for (i = hash % SLOTS; !uuid_is_none(table->slots[i].id); i = (i + 1) % SLOTS)
        if (uuid_eq(table->slots[i].id, id))
            break;
    if (!uuid_is_none(table->slots[i].id)) {
        table->slots[i].at = tx->now;
    } else if (table->count < MOST) {
        table->count++;
        table->slots[i] = (struct entry){
            .id = id,
            .client = actor->kind == ACTOR_CLIENT ? actor->id : UUID_NONE,
            .workspace = tx->workspace,
            .at = tx->now,
            .is_key = is_key,
        };
    }
    mutex_unlock(&activity->lock);
}

size_t activity_write(struct activity *activity, struct tx *tx)
{
    size_t i, written = 0;

    if (activity->emptying->count == 0) {
        struct gathered *empty = activity->emptying;

        mutex_lock(&activity->lock);
        activity->emptying = activity->filling;
        activity->filling = empty;
        mutex_unlock(&activity->lock);
        activity->from = 0;
    }
    if (activity->emptying->count == 0)
        return 0;
    for (i = activity->from; i < SLOTS && written < ACTIVITY_AT_ONCE; i++) {
        const struct entry *entry = &activity->emptying->slots[i];

        if (uuid_is_none(entry->id))
            continue;
        tx->workspace = entry->workspace;
        if (entry->is_key)
            key_touch(tx, entry->id, entry->at);
        else
            session_touch(tx, entry->id, entry->at);
        if (!uuid_is_none(entry->client))
            client_touch(tx, entry->client, entry->at);
        written++;
    }
    activity->to = i;
    return written;
}

void activity_kept(struct activity *activity)
{
    activity->from = activity->to;
    if (activity->from < SLOTS)
        return;
    memset(activity->emptying, 0, sizeof(*activity->emptying));
    activity->from = activity->to = 0;
}

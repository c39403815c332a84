/* Actor seen: a few entries, replaced in turn. */
#include "store/actor_seen.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"
#include "store/connection.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_KEYS = 16 };

struct seen_key {
    uint8_t hash[CRYPTO_HASH];
    struct actor actor;
    int64_t expires_at, workspace, plugins_version;
    struct uuid workspace_id;
};

struct actors_seen {
    uint64_t snapshot; /* of all of them */
    struct arena arena;
    struct seen_key keys[SEEN_KEYS];
    size_t count;
};

static struct actor copy(struct arena *arena, const struct actor *actor);

bool actor_seen_find(struct tx *tx, const uint8_t hash[CRYPTO_HASH])
{
    const struct actors_seen *seen = tx->db->seen;

    if (tx->is_writing || !seen || seen->snapshot != tx->db->snapshot)
        return false;
    for (size_t i = 0; i < seen->count; i++) {
        const struct seen_key *key = &seen->keys[i];

        if (memcmp(key->hash, hash, CRYPTO_HASH) != 0)
            continue;
        if (key->expires_at && key->expires_at <= tx_now(tx))
            return false;
        tx->actor = copy(tx->arena, &key->actor);
        tx->workspace = tx->plugins_of = key->workspace;
        tx->workspace_id = key->workspace_id;
        tx->plugins_version = key->plugins_version;
        return true;
    }
    return false;
}

void actor_seen_keep(struct tx *tx, const uint8_t hash[CRYPTO_HASH], int64_t expires_at)
{
    struct actors_seen *seen = tx->db->seen;
    struct seen_key *key;

    if (tx->is_writing || tx_status(tx) != ST_OK)
        return;
    if (!seen) {
        seen = tx->db->seen = xcalloc(1, sizeof(*seen));
        arena_init(&seen->arena, LIMIT_REQUEST_ARENA);
    }
    if (seen->snapshot != tx->db->snapshot || seen->count == SEEN_KEYS) {
        arena_reset(&seen->arena);
        seen->count = 0;
        seen->snapshot = tx->db->snapshot;
    }
    key = &seen->keys[seen->count];
    *key = (struct seen_key){ .actor = copy(&seen->arena, &tx->actor),
                              .expires_at = expires_at,
                              .workspace = tx->workspace,
                              .plugins_version = tx->plugins_version,
                              .workspace_id = tx->workspace_id };
    memcpy(key->hash, hash, CRYPTO_HASH);
    if (!arena_is_exhausted(&seen->arena)) /* else of somebody limited to a great many companies */
        seen->count++;
}

void actors_seen_free(struct actors_seen *seen)
{
    if (!seen)
        return;
    arena_fini(&seen->arena);
    free(seen);
}

/* Of a key: it belongs to no company as clients do. */
static struct actor copy(struct arena *arena, const struct actor *actor)
{
    struct actor made = *actor;
    struct uuid *limits;

    PRE(actor->kind == ACTOR_KEY && actor->company_count == 0 && str_is_absent(actor->email));
    made.name = str_copy(arena, actor->name);
    made.role = str_copy(arena, actor->role);
    if (actor->limited_to.count > 0) {
        limits = arena_array(arena, struct uuid, actor->limited_to.count);
        memcpy(limits, actor->limited_to.at, actor->limited_to.count * sizeof(*limits));
        made.limited_to.at = limits;
    }
    return made;
}

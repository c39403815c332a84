/* Cache: entries in a hash table, in two lists by their last use: of all, and of their place. */
#include "plugin/cache.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/thread.h"
#include "plugin/choices.h"
#include "plugin/host_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 16384, OWNER_BUCKETS = 1024 };

struct owner {
    struct owner *next; /* of its bucket */
    uint64_t hash;
    uint64_t edition;
    int64_t workspace, version;
    size_t plugin_len;
    char *plugin;
    struct list_node entries; /* latest use first */
    size_t bytes;
};

struct entry {
    struct entry *next; /* of its bucket */
    struct owner *owner;
    struct list_node recent, own; /* of all, and of the owner */
    uint64_t hash;
    int64_t expires_at;
    size_t key_len, value_len;
    char text[]; /* key, then value */
};

struct plugin_cache {
    struct mutex lock; /* of all below */
    uint8_t secret[16];
    struct entry **buckets; /* NULL: nothing was ever set */
    struct owner **owners;
    struct list_node recent; /* latest use first */
    size_t bytes;
    struct cache_figures figures;
};

/* A change until the commit. */
struct held_change {
    struct tx_held held; /* first */
    struct cache_place place;
    struct cache_change change;
};

static bool look(struct tx *tx, const struct cache_place *place, struct str key, struct str *json);
static struct str find(const struct cache_place *place, struct str key, int64_t now,
                       struct arena *arena);
static bool is_same_place(const struct cache_place *a, const struct cache_place *b);
static bool sum_up(struct str json, int64_t number, int64_t *sum);
static void apply_held(struct tx_held *held);
static bool apply(const struct cache_place *place, const struct cache_change *change, int64_t now,
                  int64_t *sum);
static struct owner *owner_of(struct plugin_cache *cache, const struct cache_place *place,
                              bool is_made);
static struct entry **slot_of(struct plugin_cache *cache, const struct owner *owner,
                              struct str key);
static uint64_t hash_of(const struct plugin_cache *cache, uint64_t owner, struct str text);
static void put(struct plugin_cache *cache, struct owner *owner, const struct cache_change *change,
                struct str value);
static void drop(struct plugin_cache *cache, struct entry *entry);
static void take_out(struct plugin_cache *cache, struct entry *entry);
static void let_go(struct plugin_cache *cache, struct owner *owner);
static size_t cost_of(const struct entry *entry);

struct plugin_cache *cache_new(void)
{
    struct plugin_cache *cache = xcalloc(1, sizeof(*cache));

    mutex_init(&cache->lock);
    crypto_random(cache->secret, sizeof(cache->secret));
    list_init(&cache->recent);
    return cache;
}

void cache_free(struct plugin_cache *cache)
{
    if (!cache)
        return;
    LIST_EACH(&cache->recent, node)
    drop(cache, LIST_ITEM(node, struct entry, recent));
    free(cache->buckets);
    free(cache->owners);
    mutex_fini(&cache->lock);
    free(cache);
}

struct cache_place cache_place(struct tx *tx, const struct plugin *plugin)
{
    const struct seat *seat = (const struct seat *)tx->policy;
    bool is_real = tx->server_key && seat && seat->host;

    return (struct cache_place){ .cache = is_real ? seat->host->cache : NULL,
                                 .plugin = plugin->id,
                                 .edition = plugin->edition,
                                 .workspace = tx->workspace,
                                 .version = choices_version(tx) };
}

/* ---- As a transaction sees it ------------------------------------------------------------------ */

struct str cache_get(struct tx *tx, const struct cache_place *place, struct str key)
{
    struct str json;

    return look(tx, place, key, &json) ? json : STR_NONE;
}

bool cache_change(struct tx *tx, const struct cache_place *place, const struct cache_change *change,
                  int64_t *sum)
{
    struct held_change *held;
    struct str json;

    if (place->cache && !tx->is_writing)
        return apply(place, change, tx_now(tx), sum);
    if (change->kind == CACHE_ADD) {
        *sum = change->number;
        if (look(tx, place, change->key, &json) && !sum_up(json, change->number, sum))
            return false;
    }
    held = arena_new(tx->arena, struct held_change);
    *held =
        (struct held_change){ .held = { .apply = apply_held }, .place = *place, .change = *change };
    held->place.plugin = str_copy(tx->arena, place->plugin);
    held->change.key = str_copy(tx->arena, change->key);
    held->change.value = str_copy(tx->arena, change->value);
    tx_hold(tx, &held->held);
    return true;
}

/* What it holds itself comes first, from the newest on. */
static bool look(struct tx *tx, const struct cache_place *place, struct str key, struct str *json)
{
    int64_t added = 0, sum;
    bool has_added = false;

    for (const struct tx_held *held = tx->held; held; held = held->next) {
        const struct held_change *ours = (const struct held_change *)held;

        if (held->apply != apply_held || !str_eq(ours->change.key, key) ||
            !is_same_place(&ours->place, place))
            continue;
        if (ours->change.kind == CACHE_ADD) {
            added += ours->change.number; /* the sum was looked at when it was added */
            has_added = true;
            continue;
        }
        *json = ours->change.kind == CACHE_SET ? ours->change.value : STR_NONE;
        goto known;
    }
    *json = find(place, key, tx_now(tx), tx->arena);
known:
    if (has_added) {
        sum = added;
        if (!str_is_absent(*json) && !sum_up(*json, added, &sum))
            sum = added; /* somebody else has put another value there meanwhile */
        *json = str_printf(tx->arena, "%lld", (long long)sum);
    }
    return !str_is_absent(*json);
}

static bool is_same_place(const struct cache_place *a, const struct cache_place *b)
{
    return a->edition == b->edition && a->workspace == b->workspace && a->version == b->version &&
           str_eq(a->plugin, b->plugin);
}

static bool sum_up(struct str json, int64_t number, int64_t *sum)
{
    int64_t is;

    return str_to_int(json, INT64_MIN, INT64_MAX, &is) && !__builtin_add_overflow(is, number, sum);
}

/* ---- As all see it ----------------------------------------------------------------------------- */

static struct str find(const struct cache_place *place, struct str key, int64_t now,
                       struct arena *arena)
{
    struct plugin_cache *cache = place->cache;
    struct str json = STR_NONE;
    struct owner *owner;
    struct entry *entry = NULL;

    if (!cache)
        return STR_NONE;
    mutex_lock(&cache->lock);
    owner = cache->buckets ? owner_of(cache, place, false) : NULL;
    if (owner)
        entry = *slot_of(cache, owner, key);
    if (entry && entry->expires_at <= now) {
        drop(cache, entry);
        entry = NULL;
    }
    if (entry) {
        json = str_copy(arena, str_slice(entry->text + entry->key_len, entry->value_len));
        list_remove(&entry->recent);
        list_prepend(&cache->recent, &entry->recent);
        list_remove(&entry->own);
        list_prepend(&owner->entries, &entry->own);
    }
    cache->figures.found += entry != NULL;
    cache->figures.missed += entry == NULL;
    mutex_unlock(&cache->lock);
    return json;
}

static void apply_held(struct tx_held *held)
{
    struct held_change *ours = (struct held_change *)held;
    int64_t sum;

    if (ours->place.cache)
        apply(&ours->place, &ours->change, held->now, &sum);
}

static bool apply(const struct cache_place *place, const struct cache_change *change, int64_t now,
                  int64_t *sum)
{
    struct plugin_cache *cache = place->cache;
    struct cache_change made = *change;
    struct entry *entry;
    struct owner *owner;
    bool is_good = true, is_there;
    char number[32];

    mutex_lock(&cache->lock);
    if (!cache->buckets) {
        cache->buckets = xcalloc(BUCKETS, sizeof(struct entry *));
        cache->owners = xcalloc(OWNER_BUCKETS, sizeof(struct owner *));
    }
    owner = owner_of(cache, place, change->kind != CACHE_DELETE);
    entry = owner ? *slot_of(cache, owner, change->key) : NULL;
    is_there = entry && entry->expires_at > now;
    if (change->kind == CACHE_ADD) {
        *sum = change->number;
        if (is_there) {
            made.expires_at = entry->expires_at; /* a counter ends when it was to end */
            is_good = sum_up(str_slice(entry->text + entry->key_len, entry->value_len),
                             change->number, sum);
        }
        snprintf(number, sizeof(number), "%lld", (long long)*sum);
        made.value = str_from(number);
    }
    if (is_good && entry)
        take_out(cache, entry);
    if (is_good && change->kind != CACHE_DELETE)
        put(cache, owner, &made, made.value);
    if (owner)
        let_go(cache, owner);
    mutex_unlock(&cache->lock);
    return is_good;
}

static struct owner *owner_of(struct plugin_cache *cache, const struct cache_place *place,
                              bool is_made)
{
    uint64_t hash = hash_of(
        cache, place->edition ^ ((uint64_t)place->workspace << 32) ^ (uint64_t)place->version,
        place->plugin);
    struct owner *owner = cache->owners[hash % OWNER_BUCKETS];

    for (; owner; owner = owner->next)
        if (owner->hash == hash && owner->edition == place->edition &&
            owner->workspace == place->workspace && owner->version == place->version &&
            str_eq(str_slice(owner->plugin, owner->plugin_len), place->plugin))
            return owner;
    if (!is_made)
        return NULL;
    owner = xcalloc(1, sizeof(*owner));
    owner->hash = hash;
    owner->edition = place->edition;
    owner->workspace = place->workspace;
    owner->version = place->version;
    owner->plugin_len = place->plugin.len;
    owner->plugin = xcalloc(place->plugin.len + 1, 1);
    memcpy(owner->plugin, place->plugin.at, place->plugin.len);
    list_init(&owner->entries);
    owner->next = cache->owners[hash % OWNER_BUCKETS];
    cache->owners[hash % OWNER_BUCKETS] = owner;
    return owner;
}

/* Where it is, or would be. */
static struct entry **slot_of(struct plugin_cache *cache, const struct owner *owner, struct str key)
{
    uint64_t hash = hash_of(cache, owner->hash, key);
    struct entry **slot = &cache->buckets[hash % BUCKETS];

    while (*slot && ((*slot)->hash != hash || (*slot)->owner != owner ||
                     !str_eq(str_slice((*slot)->text, (*slot)->key_len), key)))
        slot = &(*slot)->next;
    return slot;
}

/* Keys may be chosen by strangers. */
static uint64_t hash_of(const struct plugin_cache *cache, uint64_t owner, struct str text)
{
    return crypto_siphash(cache->secret, text) ^ owner * UINT64_C(0x9e3779b97f4a7c15);
}

static void put(struct plugin_cache *cache, struct owner *owner, const struct cache_change *change,
                struct str value)
{
    struct entry *entry = xcalloc(1, sizeof(*entry) + change->key.len + value.len);
    struct entry **bucket;

    list_init(&entry->recent);
    list_init(&entry->own);
    entry->owner = owner;
    entry->hash = hash_of(cache, owner->hash, change->key);
    entry->expires_at = change->expires_at;
    entry->key_len = change->key.len;
    entry->value_len = value.len;
    memcpy(entry->text, change->key.at, change->key.len);
    memcpy(entry->text + change->key.len, value.at, value.len);
    bucket = &cache->buckets[entry->hash % BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
    list_prepend(&cache->recent, &entry->recent);
    list_prepend(&owner->entries, &entry->own);
    owner->bytes += cost_of(entry);
    cache->bytes += cost_of(entry);
    cache->figures.entries++;
    while (owner->bytes > LIMIT_CACHE_PLACE) {
        drop(cache, LIST_ITEM(owner->entries.prev, struct entry, own));
        cache->figures.evicted++;
    }
    while (cache->bytes > LIMIT_CACHE) {
        drop(cache, LIST_ITEM(cache->recent.prev, struct entry, recent));
        cache->figures.evicted++;
    }
}

static void drop(struct plugin_cache *cache, struct entry *entry)
{
    struct owner *owner = entry->owner;

    take_out(cache, entry);
    let_go(cache, owner);
}

static void take_out(struct plugin_cache *cache, struct entry *entry)
{
    struct owner *owner = entry->owner;
    struct entry **slot = &cache->buckets[entry->hash % BUCKETS];

    while (*slot != entry)
        slot = &(*slot)->next;
    *slot = entry->next;
    list_remove(&entry->recent);
    list_remove(&entry->own);
    owner->bytes -= cost_of(entry);
    cache->bytes -= cost_of(entry);
    cache->figures.entries--;
    free(entry);
}

/* Of one without entries nothing stays. */
static void let_go(struct plugin_cache *cache, struct owner *owner)
{
    struct owner **at;

    if (!list_is_empty(&owner->entries))
        return;
    at = &cache->owners[owner->hash % OWNER_BUCKETS];
    while (*at != owner)
        at = &(*at)->next;
    *at = owner->next;
    free(owner->plugin);
    free(owner);
}

static size_t cost_of(const struct entry *entry)
{
    return sizeof(*entry) + entry->key_len + entry->value_len + 32; /* of malloc, and of an owner */
}

void cache_figures(struct plugin_cache *cache, struct cache_figures *figures)
{
    mutex_lock(&cache->lock);
    *figures = cache->figures;
    figures->bytes = cache->bytes;
    mutex_unlock(&cache->lock);
}

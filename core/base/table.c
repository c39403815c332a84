/* Table: open addressing with linear probing; removal shifts back what follows, so that there
 * are no tombstones and a long life does not make it slower. */
#include "base/table.h"

#include "base/check.h"
#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

struct table_slot {
    uint64_t hash;
    struct str key;
    void *value; /* NULL: free */
};

static struct table_slot *find(const struct table *table, uint64_t hash, struct str key);
static void grow(struct table *table);
static void remove_at(struct table *table, size_t hole);
static bool is_full(const struct table *table);

void table_init(struct table *table, size_t ceiling)
{
    PRE(ceiling <= SIZE_MAX / 4 / sizeof(struct table_slot));
    *table = (struct table){ .ceiling = ceiling };
    crypto_random(table->secret, sizeof table->secret);
}

void table_fini(struct table *table)
{
    free(table->slots);
    *table = (struct table){ .ceiling = table->ceiling };
}

void table_clear(struct table *table)
{
    if (table->count > 0)
        memset(table->slots, 0, table->capacity * sizeof *table->slots);
    table->count = 0;
}

void *table_get(const struct table *table, struct str key)
{
    struct table_slot *slot;

    if (table->count == 0)
        return NULL;
    slot = find(table, crypto_siphash(table->secret, key), key);
    return slot->value;
}

bool table_put(struct table *table, struct str key, void *value)
{
    uint64_t hash = crypto_siphash(table->secret, key);
    struct table_slot *slot = table->capacity > 0 ? find(table, hash, key) : NULL;

    PRE(value != NULL);
    if (slot == NULL || slot->value == NULL) {
        if (table->count >= table->ceiling)
            return false;
        if (is_full(table)) {
            grow(table);
            slot = find(table, hash, key);
        }
        table->count++;
    }
    *slot = (struct table_slot){ hash, key, value };
    return true;
}

void *table_remove(struct table *table, struct str key)
{
    struct table_slot *slot;
    void *value;

    if (table->count == 0)
        return NULL;
    slot = find(table, crypto_siphash(table->secret, key), key);
    value = slot->value;
    if (value != NULL)
        remove_at(table, (size_t)(slot - table->slots));
    return value;
}

bool table_next(const struct table *table, size_t *at, struct str *key, void **value)
{
    for (; *at < table->capacity; ++*at) {
        const struct table_slot *slot = &table->slots[*at];

        if (slot->value == NULL)
            continue;
        *key = slot->key;
        *value = slot->value;
        ++*at;
        return true;
    }
    return false;
}

size_t table_sweep(struct table *table, bool (*is_dead)(struct str key, void *value, void *arg),
                   void *arg)
{
    size_t before = table->count;

    for (size_t i = 0; i < table->capacity; i++) {
        const struct table_slot *slot = &table->slots[i];

        /* removal moves another entry here: look again */
        while (slot->value != NULL && is_dead(slot->key, slot->value, arg))
            remove_at(table, i);
    }
    return before - table->count;
}

/* The key's slot, or the free one where it belongs. There is always a free one. */
static struct table_slot *find(const struct table *table, uint64_t hash, struct str key)
{
    size_t mask = table->capacity - 1, i = (size_t)hash & mask;

    while (table->slots[i].value != NULL &&
           (table->slots[i].hash != hash || !str_eq(table->slots[i].key, key)))
        i = (i + 1) & mask;
    return &table->slots[i];
}

/* Three quarters: beyond, runs become long. */
static bool is_full(const struct table *table)
{
    return table->count >= table->capacity / 4 * 3;
}

static void grow(struct table *table)
{
    struct table_slot *old = table->slots;
    size_t old_capacity = table->capacity;

    table->capacity = old_capacity == 0 ? FIRST_CAPACITY : old_capacity * 2;
    table->slots = xcalloc(table->capacity, sizeof *table->slots);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].value != NULL)
            *find(table, old[i].hash, old[i].key) = old[i];
    free(old);
}

/* What follows in the run moves into the hole, unless that is before the place where it belongs. */
static void remove_at(struct table *table, size_t hole)
{
    size_t mask = table->capacity - 1;

    for (size_t i = (hole + 1) & mask; table->slots[i].value != NULL; i = (i + 1) & mask) {
        size_t home = (size_t)table->slots[i].hash & mask;

        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        table->slots[hole] = table->slots[i];
        hole = i;
    }
    table->slots[hole] = (struct table_slot){ 0 };
    table->count--;
}

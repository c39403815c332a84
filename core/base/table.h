/* Table: from texts to pointers, by hashing, under a ceiling.
 *
 * Keys are hashed by SipHash with a secret of each table, so that a peer who chooses keys cannot
 * make it slow. *Keeps* keys and values: both must live as long as they are in (often the key
 * lies inside the value). Owns its slots only. Belongs to one thread at a time.
 */
#ifndef FOYER_BASE_TABLE_H
#define FOYER_BASE_TABLE_H

#include "base/str.h"

struct table_slot;

struct table {
    struct table_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    size_t ceiling;
    uint8_t secret[16];
};

void table_init(struct table *table, size_t ceiling);
void table_fini(struct table *table);
/* Empties it; keeps its memory. */
void table_clear(struct table *table);

/* NULL: not there. */
void *table_get(const struct table *table, struct str key);
/* value is not NULL. An equal key's entry is taken over whole, key and value. False: the ceiling is
 * reached and the key is new; nothing has changed. */
bool table_put(struct table *table, struct str key, void *value);
/* Gives the value that was there, or NULL. */
void *table_remove(struct table *table, struct str key);

/* Walks in no order: *at is 0 at first; false: that was all. No changes while walking. */
bool table_next(const struct table *table, size_t *at, struct str *key, void **value);
/* Removes what is_dead says is, and says how many. It may be asked twice for an entry that lives,
 * frees the value itself where it says true, and must not touch the table. */
size_t table_sweep(struct table *table, bool (*is_dead)(struct str key, void *value, void *arg),
                   void *arg);

#endif

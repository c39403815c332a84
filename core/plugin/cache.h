/* Cache: values that plugins keep in memory for a while, one for all threads; foyer.cache.
 *
 * An entry belongs to a plugin as it is written, in a workspace as it is set up: a place. Another text of the plugin, or
 * another choice of the workspace for its plugins, is another place, which begins empty; what lies at the old one is
 * seen by those that began before, and goes with the least recently used. Nothing of it is ever written down.
 *
 * Any thread: one lock, held for no longer than copying a value. What a transaction changes is held until it commits
 * (store/tx.h), and seen by itself.
 */
#ifndef FOYER_PLUGIN_CACHE_H
#define FOYER_PLUGIN_CACHE_H

#include "base/str.h"

struct arena;
struct plugin;
struct plugin_cache;
struct tx;

enum { CACHE_KEY_MAX = 200, CACHE_VALUE_MAX = 64 * 1024 };

struct plugin_cache *cache_new(void);
void cache_free(struct plugin_cache *cache); /* takes NULL */

struct cache_place {
    struct plugin_cache *cache; /* NULL: a test, which has what it holds itself */
    struct str plugin;
    uint64_t edition;
    int64_t workspace, version;
};
/* Where entries of the plugin lie for this transaction, or for the handler that has it. Borrows the plugin's id. */
struct cache_place cache_place(struct tx *tx, const struct plugin *plugin);

enum cache_kind { CACHE_SET, CACHE_DELETE, CACHE_ADD };
struct cache_change {
    enum cache_kind kind;
    struct str key;
    struct str value;   /* CACHE_SET: JSON */
    int64_t number;     /* CACHE_ADD */
    int64_t expires_at; /* wall time; of CACHE_ADD, where it makes the entry */
};

/* The JSON of an entry as the transaction sees it, in its arena; absent: there is none. */
struct str cache_get(struct tx *tx, const struct cache_place *place, struct str key);
/* In a handler at once, in a transaction when it commits; copies into its arena. *sum is what CACHE_ADD made.
 * False: what is there is no whole number, or becomes too large; nothing is changed. */
bool cache_change(struct tx *tx, const struct cache_place *place, const struct cache_change *change,
                  int64_t *sum);

/* For /metrics. */
struct cache_figures {
    uint64_t entries, bytes, found, missed, evicted;
};
void cache_figures(struct plugin_cache *cache, struct cache_figures *figures);

#endif

/* Kv: small values that scripts keep, each plugin's apart and each workspace's apart (tx->workspace).
 *
 * A value is JSON text of at most 64 KiB under a key of 1 to 200 bytes; a plugin has at most 1,000,000
 * entries and 256 MiB of them in a workspace. Each change gives an entry a new version, by which somebody
 * else's change in between is noticed; a version never comes again. What has expired is gone for every
 * reader, and deleted later.
 *
 * In tests of scripts there is no database: entries then lie in tx->kept, if the test gave one.
 */
#ifndef FOYER_STORE_KV_H
#define FOYER_STORE_KV_H

#include "store/tx.h"

enum { KV_KEY_MAX = 200, KV_VALUE_MAX = 64 * 1024, KV_LIST_MAX = 1000 };

struct kv_entry {
    struct str key, value;
    int64_t version;
    int64_t expires_at; /* 0: never */
};

/* What a change asks for. */
struct kv_wish {
    struct str plugin, key, value;
    int64_t expires_at; /* 0: never */
    bool is_conditional;
    int64_t version; /* conditional: that the entry must have; 0: it must not be there */
};

/* Entries of a test, in its arena. */
struct kept {
    struct kept *next;
    struct str plugin;
    struct kv_entry entry;
};
struct kept_mail {
    struct kept_mail *next;
    struct str to, subject, text, html; /* html absent: none */
};
/* The same of an event that a script tells. */
struct kept_event {
    struct kept_event *next;
    struct str name, key, data; /* key absent: none */
};
struct kept_entries {
    struct kept *first;
    int64_t versions;
    struct kept_mail *mails;   /* that were queued, newest first */
    struct kept_event *events; /* likewise */
};

/* False: there is none. Texts lie in the transaction's arena. Read or write. */
bool kv_get(struct tx *tx, struct str plugin, struct str key, struct kv_entry *entry);
/* Those whose keys begin with prefix and come after `after` (absent: from the first), by key, at most
 * `most` (KV_LIST_MAX). Gives how many; *entries in the arena. */
size_t kv_list(struct tx *tx, struct str plugin, struct str prefix, struct str after, size_t most,
               struct kv_entry **entries);
/* Gives the new version; 0: the condition does not hold, or the transaction has failed
 * (ST_UNPROCESSABLE kv_full). Write. */
int64_t kv_set(struct tx *tx, const struct kv_wish *wish);
/* The same for deleting; value is ignored. False: nothing was deleted. */
bool kv_delete(struct tx *tx, const struct kv_wish *wish);
/* Chore: deletes what has expired, at most `most`; gives how many. */
size_t kv_sweep(struct tx *tx, size_t most);

#endif

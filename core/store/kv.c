/* Kv: rows of `kv` and `kv_sizes`; of tests, a list. */
#include "store/kv.h"

#include "base/check.h"
#include "store/query.h"

static int64_t next_version(struct tx *tx, struct str plugin);
static bool holds(struct tx *tx, const struct kv_wish *wish);
static void explain_full(struct tx *tx);
static struct str after_prefix(struct tx *tx, struct str prefix);
static struct kv_entry read_row(struct query *q);
static struct kept **kept_at(struct tx *tx, struct str plugin, struct str key);
static size_t kept_list(struct tx *tx, struct str plugin, struct str prefix, struct str after,
                        size_t most, struct kv_entry *entries);
static int compare(struct str a, struct str b);

bool kv_get(struct tx *tx, struct str plugin, struct str key, struct kv_entry *entry)
{
    bool is_there;
    struct query q;

    if (tx->kept) {
        struct kept *kept = *kept_at(tx, plugin, key);

        is_there = kept != NULL;
        if (is_there)
            *entry = kept->entry;
        return is_there;
    }
    q = query_open(
        tx,
        "SELECT key, value, version, expires_at FROM kv WHERE workspace = $1"
        " AND plugin = $2 AND key = $3 AND (expires_at IS NULL OR expires_at > $4)",
        ARGS(arg_int(tx->workspace), arg_text(plugin), arg_text(key), arg_int(tx_now(tx))));
    is_there = query_next(&q);
    if (is_there)
        *entry = read_row(&q);
    query_close(&q);
    return is_there;
}

size_t kv_list(struct tx *tx, struct str plugin, struct str prefix, struct str after, size_t most,
               struct kv_entry **entries)
{
    size_t count = 0;
    struct query q;

    PRE(most <= KV_LIST_MAX);
    *entries = arena_array(tx->arena, struct kv_entry, most + 1);
    if (tx->kept)
        return kept_list(tx, plugin, prefix, after, most, *entries);
    q = query_open(tx,
                   "SELECT key, value, version, expires_at FROM kv WHERE workspace = $1"
                   " AND plugin = $2 AND key >= $3 AND ($4 IS NULL OR key < $4) AND key > $5"
                   " AND (expires_at IS NULL OR expires_at > $6) ORDER BY key LIMIT $7",
                   ARGS(arg_int(tx->workspace), arg_text(plugin),
                        arg_text(str_is_absent(prefix) ? STR("") : prefix),
                        arg_text(after_prefix(tx, prefix)),
                        arg_text(str_is_absent(after) ? STR("") : after), arg_int(tx_now(tx)),
                        arg_int((int64_t)most)));
    while (query_next(&q))
        (*entries)[count++] = read_row(&q);
    return count;
}

int64_t kv_set(struct tx *tx, const struct kv_wish *wish)
{
    int64_t version;

    if (!holds(tx, wish))
        return 0;
    version = next_version(tx, wish->plugin);
    if (tx->kept) {
        struct kept **at = kept_at(tx, wish->plugin, wish->key);

        if (!*at) {
            *at = arena_new(tx->arena, struct kept);
            (*at)->plugin = wish->plugin;
        }
        (*at)->entry = (struct kv_entry){ wish->key, wish->value, version, wish->expires_at };
        return version;
    }
    query_run(tx,
              "INSERT INTO kv (workspace, plugin, key, value, version, expires_at, updated_at)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, plugin, key) DO UPDATE"
              " SET value = excluded.value, version = excluded.version,"
              " expires_at = excluded.expires_at, updated_at = excluded.updated_at",
              ARGS(arg_int(tx->workspace), arg_text(wish->plugin), arg_text(wish->key),
                   arg_text(wish->value), arg_int(version), arg_time(wish->expires_at),
                   arg_int(tx_now(tx))));
    explain_full(tx);
    return tx_status(tx) == ST_OK ? version : 0;
}

bool kv_delete(struct tx *tx, const struct kv_wish *wish)
{
    if (!holds(tx, wish))
        return false;
    if (tx->kept) {
        struct kept **at = kept_at(tx, wish->plugin, wish->key);
        bool is_there = *at != NULL;

        if (is_there)
            *at = (*at)->next;
        return is_there;
    }
    return query_run(tx,
                     "DELETE FROM kv WHERE workspace = $1 AND plugin = $2 AND key = $3"
                     " AND (expires_at IS NULL OR expires_at > $4)",
                     ARGS(arg_int(tx->workspace), arg_text(wish->plugin), arg_text(wish->key),
                          arg_int(tx_now(tx)))) > 0;
}

size_t kv_sweep(struct tx *tx, size_t most)
{
    return (size_t)query_run(tx,
                             "DELETE FROM kv WHERE (workspace, plugin, key) IN (SELECT workspace,"
                             " plugin, key FROM kv WHERE expires_at <= $1 LIMIT $2)",
                             ARGS(arg_int(tx_now(tx)), arg_int((int64_t)most)));
}

/* Numbers go on where an entry was deleted: one that comes again is another one. */
static int64_t next_version(struct tx *tx, struct str plugin)
{
    struct query q;
    int64_t version = 0;

    if (tx->kept)
        return ++tx->kept->versions;
    query_run(tx,
              "INSERT INTO kv_sizes (workspace, plugin, versions) VALUES ($1, $2, 1)"
              " ON CONFLICT (workspace, plugin) DO UPDATE SET versions = versions + 1",
              ARGS(arg_int(tx->workspace), arg_text(plugin)));
    q = query_open(tx, "SELECT versions FROM kv_sizes WHERE workspace = $1 AND plugin = $2",
                   ARGS(arg_int(tx->workspace), arg_text(plugin)));
    if (query_next(&q))
        version = query_int(&q, 0);
    query_close(&q);
    return version;
}

static bool holds(struct tx *tx, const struct kv_wish *wish)
{
    struct kv_entry entry = { .version = 0 };

    if (wish->is_conditional)
        kv_get(tx, wish->plugin, wish->key, &entry);
    return tx_status(tx) == ST_OK && (!wish->is_conditional || entry.version == wish->version);
}

static void explain_full(struct tx *tx)
{
    if (!str_is(tx->failure.code, "kv_full"))
        return;
    tx->status = tx->failure.status = ST_UNPROCESSABLE;
    tx->failure.message =
        STR("The plugin has no room for more: delete some entries, or let them expire"
            " (ttl).");
}

/* The least text that is above all that begin with the prefix; absent: there is none. */
static struct str after_prefix(struct tx *tx, struct str prefix)
{
    /* Keys are UTF-8, where 0xFF is no byte: a text that ends in one is above all of the prefix. */
    return str_is_empty(prefix) ? STR_NONE : str_printf(tx->arena, "%.*s\xFF", STR_ARG(prefix));
}

static struct kv_entry read_row(struct query *q)
{
    return (struct kv_entry){ .key = query_text(q, 0),
                              .value = query_text(q, 1),
                              .version = query_int(q, 2),
                              .expires_at = query_int(q, 3) };
}

/* ---- Of tests ---------------------------------------------------------------------------------- */

/* Where it is, or the end of the list. Entries that have expired leave it. */
static struct kept **kept_at(struct tx *tx, struct str plugin, struct str key)
{
    struct kept **at = &tx->kept->first;

    while (*at) {
        struct kept *kept = *at;

        if (str_eq(kept->plugin, plugin) && str_eq(kept->entry.key, key)) {
            if (kept->entry.expires_at == 0 || kept->entry.expires_at > tx_now(tx))
                return at;
            *at = kept->next;
            continue;
        }
        at = &kept->next;
    }
    return at;
}

static size_t kept_list(struct tx *tx, struct str plugin, struct str prefix, struct str after,
                        size_t most, struct kv_entry *entries)
{
    size_t count = 0;

    for (;;) {
        const struct kept *least = NULL;

        for (const struct kept *k = tx->kept->first; k; k = k->next)
            if (str_eq(k->plugin, plugin) &&
                (str_is_empty(prefix) || str_starts(k->entry.key, prefix)) &&
                (str_is_absent(after) || compare(k->entry.key, after) > 0) &&
                (k->entry.expires_at == 0 || k->entry.expires_at > tx_now(tx)) &&
                (!least || compare(k->entry.key, least->entry.key) < 0))
                least = k;
        if (!least || count == most)
            return count;
        entries[count++] = least->entry;
        after = least->entry.key;
    }
}

static int compare(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < len; i++)
        if (a.at[i] != b.at[i])
            return (unsigned char)a.at[i] < (unsigned char)b.at[i] ? -1 : 1;
    return a.len < b.len ? -1 : a.len > b.len;
}

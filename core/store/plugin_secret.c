/* Plugin secret: rows of `plugin_secrets`, sealing and opening. */
#include "store/plugin_secret.h"

#include "base/check.h"
#include "base/crypto.h"
#include "store/query.h"

#include <string.h>

enum { KEY_MARK = 8 };

static void derive(const struct tx *tx, const char *purpose, uint8_t out[CRYPTO_HASH]);
static struct str bound_to(const struct tx *tx, struct str plugin, struct str name,
                           struct arena *arena);

enum status plugin_secret_set(struct tx *tx, struct str plugin, struct str name, struct str text)
{
    uint8_t key[CRYPTO_HASH], mark[CRYPTO_HASH], nonce[CRYPTO_NONCE];
    uint8_t sealed[PLUGIN_SECRET_MAX + CRYPTO_SEAL];

    if (tx_status(tx) != ST_OK)
        return tx_status(tx);
    PRE(text.len > 0 && text.len <= PLUGIN_SECRET_MAX);
    derive(tx, "plugin.secret", key);
    derive(tx, "plugin.secret.mark", mark);
    tx_random(tx, nonce, sizeof(nonce));
    crypto_seal(key, nonce, text, bound_to(tx, plugin, name, tx->arena), sealed);
    crypto_wipe(key, sizeof(key));
    query_run(tx,
              "INSERT INTO plugin_secrets (workspace, plugin, name, sealed, key_mark, actor_kind,"
              " actor_id, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
              " ON CONFLICT (workspace, plugin, name) DO UPDATE SET sealed = $4, key_mark = $5,"
              " actor_kind = $6, actor_id = $7, set_at = $8",
              ARGS(arg_int(tx->workspace), arg_text(plugin), arg_text(name),
                   arg_blob(sealed, text.len + CRYPTO_SEAL), arg_blob(mark, KEY_MARK),
                   arg_text(str_from(actor_kind_name(tx->actor.kind))), arg_id(tx->actor.id),
                   arg_int(tx_now(tx))));
    tx->plugins_of = 0; /* what was read of them before is no longer so */
    return tx_status(tx);
}

bool plugin_secret_unset(struct tx *tx, struct str plugin, struct str name)
{
    bool was_there = query_run(tx,
                               "DELETE FROM plugin_secrets WHERE workspace = $1 AND plugin = $2"
                               " AND name = $3",
                               ARGS(arg_int(tx->workspace), arg_text(plugin), arg_text(name))) > 0;

    if (was_there)
        tx->plugins_of = 0;
    return was_there;
}

enum status plugin_secret_list(struct tx *tx, struct str plugin, struct plugin_secret **secrets,
                               size_t *count)
{
    struct query q =
        query_open(tx,
                   "SELECT s.plugin, s.name, s.sealed, s.key_mark, s.set_at, s.actor_kind,"
                   " s.actor_id, coalesce((SELECT email FROM internal_users"
                   " WHERE workspace = s.workspace AND id = s.actor_id),"
                   " (SELECT name FROM api_keys WHERE workspace = s.workspace AND id = s.actor_id))"
                   " FROM plugin_secrets s WHERE s.workspace = $1 AND ($2 IS NULL OR s.plugin = $2)"
                   " ORDER BY s.plugin, s.name LIMIT $3",
                   ARGS(arg_int(tx->workspace), arg_text(plugin), arg_int(PLUGIN_SECRETS_MOST)));
    size_t cap = 0;

    *secrets = NULL;
    for (*count = 0; query_next(&q); (*count)++) {
        if (*count == cap) {
            struct plugin_secret *more = arena_array(tx->arena, struct plugin_secret, cap * 2 + 8);

            if (cap)
                memcpy(more, *secrets, cap * sizeof(*more));
            *secrets = more;
            cap = cap * 2 + 8;
        }
        (*secrets)[*count] = (struct plugin_secret){ .plugin = query_text(&q, 0),
                                                     .name = query_text(&q, 1),
                                                     .sealed = query_blob(&q, 2),
                                                     .key_mark = query_blob(&q, 3),
                                                     .at = query_int(&q, 4),
                                                     .actor_kind = query_text(&q, 5),
                                                     .actor_id = query_id(&q, 6),
                                                     .actor = query_text(&q, 7) };
    }
    query_close(&q);
    return tx_status(tx);
}

enum secret_state plugin_secret_open(const struct tx *tx, const struct plugin_secret *secret,
                                     struct arena *arena, struct str *text)
{
    uint8_t key[CRYPTO_HASH], mark[CRYPTO_HASH];
    size_t len = secret->sealed.len > CRYPTO_SEAL ? secret->sealed.len - CRYPTO_SEAL : 0;
    char *at = arena_alloc(arena, len + 1);
    bool is_good;

    *text = STR_NONE;
    derive(tx, "plugin.secret.mark", mark);
    if (secret->key_mark.len != KEY_MARK || memcmp(mark, secret->key_mark.at, KEY_MARK) != 0)
        return SECRET_OTHER_KEY;
    derive(tx, "plugin.secret", key);
    is_good = len > 0 && crypto_open(key, secret->sealed,
                                     bound_to(tx, secret->plugin, secret->name, arena), at);
    crypto_wipe(key, sizeof(key));
    if (!is_good)
        return SECRET_ALTERED;
    *text = str_slice(at, len);
    return SECRET_GOOD;
}

enum secret_state plugin_secret_look(struct tx *tx, const struct plugin_secret *secret)
{
    enum secret_state state;
    struct str text;

    if (!tx->server_key)
        return SECRET_GOOD;
    state = plugin_secret_open(tx, secret, tx->arena, &text);
    if (state == SECRET_GOOD)
        crypto_wipe((char *)(uintptr_t)text.at, text.len);
    return state;
}

int64_t plugin_secret_strangers(struct tx *tx)
{
    uint8_t mark[CRYPTO_HASH];

    derive(tx, "plugin.secret.mark", mark);
    return query_one_int(tx, 0, "SELECT count(*) FROM plugin_secrets WHERE key_mark <> $1",
                         ARGS(arg_blob(mark, KEY_MARK)));
}

const char *secret_state_text(enum secret_state state)
{
    switch (state) {
    case SECRET_NOT_SET:
        return "It is not set.";
    case SECRET_OTHER_KEY:
        return "It was sealed with another server.key than the data folder has now: put that file "
               "back, or set the secret again.";
    case SECRET_ALTERED:
        return "What is stored does not open: it was altered, or put in another place. Set it "
               "again.";
    case SECRET_GOOD:
        break;
    }
    return NULL;
}

static void derive(const struct tx *tx, const char *purpose, uint8_t out[CRYPTO_HASH])
{
    PRE(tx->server_key);
    crypto_hmac_sha256(tx->server_key, str_from(purpose), out);
}

/* Lengths first, so that no two places look the same. */
static struct str bound_to(const struct tx *tx, struct str plugin, struct str name,
                           struct arena *arena)
{
    return str_printf(arena, "%lld %zu %zu %.*s%.*s", (long long)tx->workspace, plugin.len,
                      name.len, STR_ARG(plugin), STR_ARG(name));
}

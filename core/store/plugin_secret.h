/* Plugin secret: settings of plugins that are written and used, and never shown.
 *
 * sealed = nonce ‖ XChaCha20-Poly1305(text), under HMAC(server key, "plugin.secret"), with workspace, plugin
 * and name as additional data. The row tells which server key it was (key_mark), so that a key file that
 * was replaced is told from a row that was altered.
 */
#ifndef FOYER_STORE_PLUGIN_SECRET_H
#define FOYER_STORE_PLUGIN_SECRET_H

#include "store/tx.h"

enum { PLUGIN_SECRET_MAX = 8192, PLUGIN_SECRETS_MOST = 1024 };

struct plugin_secret {
    struct str plugin, name;
    struct str sealed, key_mark; /* bytes */
    int64_t at;
    struct str actor_kind;
    struct uuid actor_id;
    struct str actor; /* address or name; absent: nobody of the workspace */
};

enum secret_state {
    SECRET_GOOD,
    SECRET_NOT_SET,
    SECRET_OTHER_KEY, /* sealed with another server key */
    SECRET_ALTERED    /* with this one, and does not open */
};

/* Seals 1 to PLUGIN_SECRET_MAX bytes and writes them, as tx->actor's, in the place of what was there. */
enum status plugin_secret_set(struct tx *tx, struct str plugin, struct str name, struct str text);
/* Gives whether there was one. */
bool plugin_secret_unset(struct tx *tx, struct str plugin, struct str name);
/* Of the workspace, or of one plugin there; by plugin and name, at most PLUGIN_SECRETS_MOST. */
enum status plugin_secret_list(struct tx *tx, struct str plugin, struct plugin_secret **secrets,
                               size_t *count);
/* Of tx->workspace, by tx->server_key. SECRET_GOOD: *text lies in the arena; whoever used it wipes it. */
enum secret_state plugin_secret_open(const struct tx *tx, const struct plugin_secret *secret,
                                     struct arena *arena, struct str *text);
/* Whether it opens; without a server key nobody knows, and it is taken to be good. */
enum secret_state plugin_secret_look(struct tx *tx, const struct plugin_secret *secret);
/* How many of the whole server are sealed with another server key than tx->server_key. */
int64_t plugin_secret_strangers(struct tx *tx);
/* Why it cannot be used, as a sentence; NULL: it can. */
const char *secret_state_text(enum secret_state state);

#endif

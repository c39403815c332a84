/* Key: API keys. 256 random bits as "foyer_" and base64url; only the SHA-256 is stored. */
#ifndef FOYER_STORE_KEY_H
#define FOYER_STORE_KEY_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

struct api_key {
    int64_t seq;
    struct uuid id;
    struct str name;
    struct str scopes;     /* JSON array of permission names; absent: all of the owner's */
    int64_t internal_user; /* seq of the owner; 0: the workspace's own */
    int64_t created_at, last_used_at, expires_at, revoked_at;
    /* Filled in by load and list. */
    struct uuid internal_user_id; /* none: the workspace's own */
    struct texts scope_names;     /* of scopes; none: all of the owner's */
    struct texts permissions;     /* what it may now: scopes within what the owner has */
    bool is_owner, is_limited;    /* as its owner; is_owner only without scopes */
    struct ids limited_to;
    struct str text; /* the key itself: filled in by api at creation, and never again */
};

extern const struct list_columns api_key_columns;

/* Makes one; *text is the key itself, told this once and never again. */
enum status key_create(struct tx *tx, struct api_key *key, struct str *text);
/* Those that are not revoked, and whose owner is there; expired ones too. ST_NOT_FOUND. */
enum status key_load(struct tx *tx, struct uuid id, struct api_key *key);
/* What the key may if its scopes and owner are these: permissions, is_owner, is_limited, limited_to. */
struct internal_user;
void key_settle(struct tx *tx, const struct internal_user *owner, struct api_key *key);
/* Writes name, scopes and expiry. */
enum status key_update(struct tx *tx, struct api_key *key);
/* From the commit on it opens nothing. False: there is no such key, or it was revoked before. */
bool key_revoke(struct tx *tx, struct uuid id);
/* One page, up to limit + 1 keys; as load, and with_revoked: those that are revoked or outlived their owner, too. */
enum status key_list(struct tx *tx, const struct list *list, bool with_revoked,
                     struct api_key **keys, size_t *count);
bool key_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
size_t key_sort_values(const struct tx *tx, const struct list *list, const struct api_key *key,
                       struct arg values[3]);
/* Last use, gathered by loops and written in bulk. */
enum status key_touch(struct tx *tx, struct uuid id, int64_t at);

#endif

/* Key: API keys. 256 random bits as "foyer_" and base64url; only the SHA-256 is stored. */
#ifndef FOYER_STORE_KEY_H
#define FOYER_STORE_KEY_H

#include "base/field.h"
#include "store/tx.h"

struct api_key {
    int64_t seq;
    struct uuid id;
    struct str name;
    struct str scopes;     /* JSON array of permission names; absent: all of the owner's */
    int64_t internal_user; /* seq of the owner; 0: the workspace's own */
    int64_t created_at, last_used_at, expires_at, revoked_at;
};

/* Makes one; *text is the key itself, told this once and never again. */
enum status key_create(struct tx *tx, struct api_key *key, struct str *text);
/* All of the workspace, oldest first, revoked ones too. */
enum status key_list(struct tx *tx, struct api_key **keys, size_t *count);
/* From the commit on it opens nothing. False: there is no such key, or it was revoked before. */
bool key_revoke(struct tx *tx, struct uuid id);
/* Last use, gathered by loops and written in bulk. */
enum status key_touch(struct tx *tx, struct uuid id, int64_t at);

#endif

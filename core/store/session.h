/* Session: a person who is signed in, in one workspace. 256 random bits; only the hash is stored. */
#ifndef FOYER_STORE_SESSION_H
#define FOYER_STORE_SESSION_H

#include "base/field.h"
#include "store/tx.h"

struct session {
    int64_t seq;
    struct uuid id;
    int64_t login;
    enum actor_kind kind; /* ACTOR_STAFF or ACTOR_CLIENT */
    struct uuid person;
    struct str peer;
    struct str user_agent;
    int64_t created_at, last_seen_at;
    int64_t idle;       /* microseconds without use after which it is over */
    int64_t expires_at; /* absolute */
};

/* Makes one; *text is the cookie's value. */
enum status session_create(struct tx *tx, struct session *session, struct str *text);
enum status session_end(struct tx *tx, struct uuid id); /* ST_NOT_FOUND: none, or ended */
/* Every open one of the login but keep. */
enum status session_end_all(struct tx *tx, int64_t login, struct uuid keep);
/* Every open one of a person in this workspace, or of whoever holds the role, but keep. */
enum status session_end_person(struct tx *tx, struct uuid person, struct uuid keep);
enum status session_end_holders(struct tx *tx, int64_t role, struct uuid keep);
enum status session_list(struct tx *tx, int64_t login, struct session **sessions, size_t *count);
enum status session_touch(struct tx *tx, struct uuid id, int64_t at);
/* Chore: deletes sessions that ended or expired over a day ago, at most 500. */
size_t session_sweep(struct tx *tx);

#endif

/* Me: the person who is signed in: shared by whoever signs somebody in, and by the page of the account. */
#ifndef FOYER_API_ME_H
#define FOYER_API_ME_H

#include "http/route.h"
#include "policy/policy.h"
#include "store/tx.h"

extern const struct route me_routes[];

/* Writes GET /v1/me of tx->actor. */
enum status reply_me(struct tx *tx, struct reply *rp);

/* What the body, JSON or a form, wants of the actor's own profile: the subject of "me.update". */
enum status me_read_wish(struct tx *tx, const struct request *rq, struct subject *subject);
/* Writing: changes the profile so. Asks no permission. */
enum status me_change(struct tx *tx, const struct subject *subject);

/* The JSON array of the actor's sessions, newest first. */
void me_write_sessions(struct tx *tx, struct buf *out);
/* The session {id}, if it is the actor's own; and its end, of tx->subject. */
route_target me_session_target;
enum status me_end_session(struct tx *tx);

#endif

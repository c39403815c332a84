/* Replay past: a recorded decision, and today's actor, workspace and subject with what it recorded laid
 * over them. For replay.c alone.
 */
#ifndef FOYER_API_REPLAY_PAST_H
#define FOYER_API_REPLAY_PAST_H

#include "http/route.h"
#include "policy/policy.h"

struct json_t;

/* A row of decisions. */
struct past {
    int64_t seq, at, workspace;
    struct uuid workspace_id, actor_id, subject;
    struct str request_id, actor_kind, action, reads;
};

/* reads is the decision's, parsed; NULL: none are kept. Each works in tx's arena. */

/* Makes tx->actor. False: there is no such person or key any more. */
bool past_actor(struct tx *tx, const struct past *past, struct json_t *reads);
/* Makes tx->workspace_seen. False: it cannot be read. */
bool past_workspace(struct tx *tx, struct json_t *reads);
/* What is known of the body; NULL: the row takes none. Give back with json_free. */
struct json_t *past_body(struct tx *tx, const struct route *route, const struct past *past,
                         struct json_t *reads);
/* Lays recorded fields over the subject's row (a copy of it). Gives their bits. */
uint64_t past_target(struct tx *tx, struct json_t *reads, struct subject *subject);

#endif

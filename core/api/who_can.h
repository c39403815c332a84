/* Who can: asks one action as each role, member of staff, key and client, and lists who may.
 *
 * Used by POST /v1/policies/who-can and by `foyer who-can`. Reads only, records nothing.
 */
#ifndef FOYER_API_WHO_CAN_H
#define FOYER_API_WHO_CAN_H

#include "api/explain.h"

enum { WHO_SHOWN = 100, WHO_ASKED = 2000, WHO_MILLISECONDS = 2000 };

enum who_kind { WHO_ROLE, WHO_STAFF, WHO_KEY, WHO_CLIENT, WHO_KINDS };

struct who {
    enum who_kind kind;
    struct uuid id; /* none: a role */
    struct str name, email, role;
    struct str rule, reason; /* of the allow */
};

struct who_can {
    struct str action;
    struct who at[WHO_SHOWN];
    size_t count;
    size_t asked[WHO_KINDS], may[WHO_KINDS], errors;
    bool is_cut_short; /* not all were asked: too many, or too slow */
};

/* asked->as is not looked at. tx reads, with a policy and a workspace, on a reader or in a command. A role
 * is asked as somebody of it who is limited to nothing. ST_INVALID: there is no such action; ST_NOT_FOUND: nobody sees the
 * target. */
enum status who_can(struct tx *tx, const struct explain_asked *asked, struct who_can *found);
void who_can_json(const struct who_can *found, struct buf *out);
void who_can_text(const struct who_can *found, struct buf *out);

#endif

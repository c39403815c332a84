/* Invites: the field tables of invitations, and what others need of them. */
#ifndef FOYER_API_INVITES_H
#define FOYER_API_INVITES_H

#include "base/field.h"
#include "http/route.h"
#include "store/invite.h"

extern const struct entity invite_entity;
extern const struct route invite_routes[];

/* Body of POST /v1/invites. */
struct invite_request {
    struct ids client_ids, internal_user_ids;
    struct str message;
    int64_t days;     /* expiresInDays; 0: the default */
    struct str email; /* for one client without an address: gives it */
};
extern const struct entity invite_request_entity;

/* What became of one person of POST /v1/invites. */
struct invite_verdict {
    struct uuid person;
    bool is_staff;
    struct invite invite;
    enum status status;
    struct failure failure;
};
/* Answer of /v1/invites/{id}/link. */
struct invite_copy {
    struct str url;
    int64_t expires_at;
};
extern const struct entity invite_verdict_entity, invite_link_entity;
void invite_verdicts_write(const struct invite_verdict *rows, size_t count, struct buf *out);

/* Event and audit entry of an invite's change. before NULL: it is new. */
enum status invite_record(struct tx *tx, const char *event, const char *action,
                          const struct invite *before, const struct invite *after);

#endif

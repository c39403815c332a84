/* Invite: an invitation of one person, a client or a member of staff, by mail or by link.
 *
 * One open invitation a person. It has two tokens, made when first needed: one that is only ever
 * mailed (it proves the address) and one for links that are copied (it proves nothing). Resending
 * mails the same link again; nothing but cancelling, expiry or acceptance ends a link.
 */
#ifndef FOYER_STORE_INVITE_H
#define FOYER_STORE_INVITE_H

#include "base/field.h"
#include "store/client.h"
#include "store/list.h"
#include "store/mail.h"
#include "store/staff.h"
#include "store/token.h"

enum invite_status { INVITE_PENDING, INVITE_EXPIRED, INVITE_ACCEPTED, INVITE_CANCELLED };

struct invite {
    int64_t seq;
    struct uuid id;
    int64_t client, internal_user; /* seq of one of them; 0: it is the other */
    struct uuid client_id, internal_user_id;
    struct str email; /* where it went when it was made */
    struct str message;
    struct str inviter_kind;
    struct uuid inviter_id;
    struct str inviter_name;
    int status; /* enum invite_status, by the transaction's clock */
    int64_t created_at, expires_at, accepted_at, cancelled_at;
    int delivery;             /* enum mail_state of its newest mail; -1: none was mailed */
    struct str delivery_name; /* its name; absent: none was mailed */
    int64_t delivery_code;    /* of the SMTP server */
    struct str delivery_text;
    struct str delivery_fallback; /* why its built-in text was used; absent: it was not */
    int64_t delivered_at;
    int64_t delivery_attempts; /* how often it was tried */
    int64_t next_delivery_at;  /* 0: it will not be tried again */
    struct str url;            /* filled in by api where the actor may know it */
};

extern const struct list_columns invite_columns;

struct invite_options {
    struct str message;
    int64_t days; /* 0: the workspace's, or the server's default */
    bool mail;    /* false: only the link is wanted; status stays */
};

/* Makes the invite, or gives the open one (extending it when it had expired), and mails it when asked:
 * who was notInvited becomes invited. Whoever invites again vouches for it from then on.
 * ST_UNPROCESSABLE: no_address, already_active. */
enum status invite_make(struct tx *tx, const struct client *client,
                        const struct invite_options *options, int64_t default_days,
                        struct invite *invite);
enum status invite_make_staff(struct tx *tx, const struct internal_user *user,
                              const struct invite_options *options, int64_t default_days,
                              struct invite *invite);
enum status invite_load(struct tx *tx, struct uuid id, struct invite *invite);
bool invite_find(struct tx *tx, struct uuid id,
                 struct invite *invite); /* the same, without failing */
/* The newest one of a client. False: none. */
bool invite_find_for(struct tx *tx, int64_t client, struct invite *invite);
enum status invite_list(struct tx *tx, const struct list *list, struct invite **invites,
                        size_t *count);
bool invite_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
/* The link dies at once. ST_CONFLICT: accepted or cancelled already. */
enum status invite_cancel(struct tx *tx, struct invite *invite);
/* Mails the same link again, with the words that invite->message has by now; days: how long it is good from
 * now on, 0: as it was, but an expired one lives again for as long as a new one would. But for the
 * invited person himself, whoever resends vouches for it from then on. */
enum status invite_resend(struct tx *tx, struct invite *invite, int64_t days, int64_t default_days);
/* The token of the link that staff copy. */
enum status invite_link(struct tx *tx, const struct invite *invite, struct token *token);
/* accepted_at, once: ST_CONFLICT when somebody was faster. */
enum status invite_accept(struct tx *tx, struct invite *invite);
/* After a mail's final refusal: if no mail of the invite ever went out, and none is still to, the invited
 * person is notInvited again. */
void invite_mail_refused(struct tx *tx, struct uuid invite);

#endif

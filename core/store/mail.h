/* Mail: the outbox. A row in the transaction that owes the mail; its true delivery state after.
 *
 *   queued ─▶ sent            the server took it (answer 250)
 *     │  └──▶ refused         the server said no for good (5xx), or every attempt failed
 *     └─────▶ deferred ─▶ …   4xx or no connection: tried again at next_attempt_at
 *   queued, deferred ─▶ cancelled   the invite was cancelled, or whom it is for went, before it did
 *   cancelled ─▶ sent         it was on its way already, and the server took it
 *
 * The courier reads what is owed, renders, sends, and writes the result through the writer.
 */
#ifndef FOYER_STORE_MAIL_H
#define FOYER_STORE_MAIL_H

#include "base/uuid.h"
#include "store/tx.h"

enum mail_state {
    MAIL_QUEUED,
    MAIL_SENT,
    MAIL_DEFERRED,
    MAIL_REFUSED,
    MAIL_BOUNCED,
    MAIL_CANCELLED,
    MAIL_STATES
};
extern const char *const mail_state_names[MAIL_STATES + 1];

struct mail {
    int64_t seq;
    int64_t workspace;
    struct uuid id;    /* also in its Message-ID, the same on every try */
    struct str render; /* "invite", "reset", "password_changed" … */
    struct str recipient;
    struct str locale;
    struct str data;         /* JSON object for the render; no secrets */
    struct uuid token;       /* whose link stands in it; none: no link */
    struct str subject_kind; /* "invite" */
    struct uuid subject_id;
    enum mail_state state;
    int64_t attempts;
    int64_t next_attempt_at; /* 0: nothing is owed any more */
    int64_t answer_code;     /* of the SMTP server; 0: no answer */
    struct str answer_text;
    struct str render_fallback; /* why the built-in text was used */
    struct str request_id;
    int64_t created_at, sent_at;
    int64_t event_depth; /* of what it tells: tx.h */
};

/* Owes a mail: id, created_at, request_id are filled in; wakes the courier after commit. */
enum status mail_queue(struct tx *tx, struct mail *mail);
/* The plain data of a mail: {workspaceName, accent, givenName, personName}; person may be absent. */
struct workspace;
struct str mail_data_of(struct tx *tx, const struct workspace *workspace, struct str given_name,
                        struct str person);
/* What is due, oldest first, over all workspaces; *next: when the next one will be (0: none). */
enum status mail_owed(struct tx *tx, size_t most, struct mail **mails, size_t *count,
                      int64_t *next);
bool mail_find(struct tx *tx, int64_t seq, struct mail *mail);
/* The newest one of a subject; false: none. */
bool mail_find_for(struct tx *tx, struct uuid subject, struct mail *mail);
/* How many of the subject's mails were ever sent. */
int64_t mail_sent_count(struct tx *tx, struct uuid subject);

struct mail_result {
    enum mail_state state; /* SENT, DEFERRED, REFUSED, CANCELLED */
    int64_t answer_code;
    struct str answer_text;
    struct str render_fallback;
    int64_t next_attempt_at; /* DEFERRED */
};
/* Once per try. False: somebody else was faster, or it was cancelled. But a mail that the server took
 * is sent, though it was cancelled meanwhile. */
bool mail_set_result(struct tx *tx, int64_t seq, int64_t attempts_before,
                     const struct mail_result *result);
/* May it still go out? Asked by the courier in a read transaction right before it sends. */
enum mail_fate {
    MAIL_MAY_GO,
    MAIL_UNWANTED, /* its link was used or cancelled, or whom it is for is gone: cancel it */
    MAIL_TOO_LATE  /* its link has expired: it will never do any good */
};
/* *why: a sentence, but for MAY_GO. Of a client that is notInvited nothing may go that has no link. */
enum mail_fate mail_fate(struct tx *tx, const struct mail *mail, struct str *why);
/* Is any mail of the subject still to go out? */
bool mail_is_owed_for(struct tx *tx, struct uuid subject);
/* Those not sent yet of a subject are owed no more. */
void mail_cancel_for(struct tx *tx, struct uuid subject);

#endif

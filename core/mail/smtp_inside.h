/* Smtp_inside: a connection, as smtp.c (which makes, keeps and ends it), smtp_setup.c (which tells libcurl
 * of the server) and smtp_talk.c (which speaks on it) know it. */
#ifndef FOYER_MAIL_SMTP_INSIDE_H
#define FOYER_MAIL_SMTP_INSIDE_H

#include "base/buf.h"
#include "base/limits.h"
#include "mail/libcurl.h"
#include "mail/smtp.h"

/*   CLOSED ─▶ CONNECTING ─▶ READY ─▶ MAIL ─▶ RCPT ─▶ DATA ─▶ BODY ─▶ END ─▶ READY
 *                             ▲        └───────┴───────┴─ no ─▶ RSET ─┐
 *                             └───────────────────────────────────────┘
 * From anywhere to CLOSED: the connection broke, time is over, 421, or an answer makes no sense. */
enum smtp_state {
    SMTP_CLOSED,
    SMTP_CONNECTING, /* libcurl's */
    SMTP_READY,
    SMTP_MAIL,
    SMTP_RCPT,
    SMTP_DATA,
    SMTP_BODY, /* being written */
    SMTP_END,
    SMTP_RSET
};

struct smtp_connection {
    struct smtp *smtp;
    CURL *easy;
    int fd;
    int watched; /* events */
    enum smtp_state state;
    struct smtp_mail *mail; /* on its way; NULL: none */
    uint64_t deadline;      /* monotonic; 0: libcurl's */
    bool takes_utf8;        /* addresses beyond ASCII */
    bool was_used;          /* for a mail before this one */
    bool has_more;          /* it said more than an answer: cannot be kept */
    struct smtp_answer answer;
    struct buf out; /* what is to be written, from `written` on */
    size_t written;
    char error[CURL_ERROR_SIZE];
};

struct smtp {
    struct smtp_options options;
    char *url; /* with the name that we say we are */
    bool must_encrypt, is_trusting;
    CURLM *multi;
    uint64_t curl_deadline;    /* monotonic; 0: none */
    size_t room;               /* connections that the server takes, as far as it said, */
    uint64_t room_until;       /* monotonic: and then it is asked anew */
    struct list_node waiting;  /* for a connection */
    struct list_node finished; /* and not told yet */
    struct smtp_connection connections[LIMIT_MAIL_IN_FLIGHT];
};

/* ---- smtp_talk.c ---- */

/* The connection is READY and has its mail: begins. */
void talk_begin(struct smtp_connection *connection);
/* Something can be read or written. */
void talk_go_on(struct smtp_connection *connection);
/* Its deadline has passed. */
void talk_late(struct smtp_connection *connection);
/* What libcurl could not do becomes the verdict on the connection's mail. */
void talk_not_connected(struct smtp_connection *connection, CURLcode code);

/* ---- smtp_setup.c ---- */

/* Fills in url, must_encrypt and is_trusting: libcurl takes the name for EHLO from the path. */
void smtp_set_url(struct smtp *smtp);
/* Its easy handle is new. False: libcurl refuses. */
bool connection_set_up(struct smtp_connection *connection);

/* ---- smtp.c ---- */

/* Ends the connection; its mail, if it still has one, is the caller's. */
void connection_close(struct smtp_connection *connection);
void connection_watch(struct smtp_connection *connection, int events);
/* Gives the verdict; the caller of smtp is told when all is done; the connection has no mail any more. */
void connection_finish(struct smtp_connection *connection, enum smtp_verdict verdict,
                       enum smtp_subject about, int code, const char *text);
/* The server took no further connection beside those that we have: the mail waits for one of them. For
 * those that are not there yet it waits once, and only where an answer says no. */
bool connection_waits(struct smtp_connection *connection, bool is_answer);
/* The server had closed a kept connection before it took anything of the mail: once more, on another. */
bool connection_repeats(struct smtp_connection *connection);

#endif

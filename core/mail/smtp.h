/* Smtp: hands mails to the one server that is configured (RFC 5321), many at a time, without waiting.
 *
 * libcurl does what is hard: finding and connecting, STARTTLS and certificates, signing in
 * (CURLOPT_CONNECT_ONLY, which it supports for SMTP). The few words after that are spoken here, because
 * libcurl's own upload waits for the final answer with the thread that drives it: one stalled
 * server would hold up every mail; and because the answer to each word decides what becomes of the mail.
 *
 * Owned by one thread, which waits for sockets and timers itself (watch, set_timer; smtp_wait.h
 * does it by poll). Connections are kept for ten seconds for what comes next.
 *
 *   2xx at the end            sent
 *   4xx, no connection, none  deferred: the caller tries again
 *   of the answers in time
 *   5xx                       refused; but what is about us and no mail, is deferred: 5xx to the
 *                             connection, EHLO, STARTTLS, AUTH; 530, 534, 535, 538 anywhere
 */
#ifndef FOYER_MAIL_SMTP_H
#define FOYER_MAIL_SMTP_H

#include "base/failure.h"
#include "base/list.h"
#include "mail/smtp_answer.h"

struct arena;
struct smtp;

enum { SMTP_READABLE = 1, SMTP_WRITABLE = 2 };

struct smtp_options {
    const char *url;      /* smtp://host:587, smtps://host:465 */
    const char *user;     /* NULL: does not sign in */
    const char *password; /* goes unencrypted to this machine only, or where tls is never */
    const char *tls;      /* never, opportunistic, required; of smtp:// */
    struct str hello;     /* the name that we say we are; copied */
    unsigned connect_seconds, answer_seconds, end_seconds; /* 0: 30, 60, 300 */
    /* Ask to be told of a socket (smtp_on_socket), 0: no more; and of time (smtp_on_timer), -1: no
     * more. Called from within any function here, and by libcurl: they must not call back. */
    void (*watch)(void *context, int fd, int events);
    void (*set_timer)(void *context, int64_t milliseconds);
    void *context;
};

enum smtp_verdict { SMTP_SENT, SMTP_DEFERRED, SMTP_REFUSED, SMTP_ABANDONED };
/* What the verdict is about. */
enum smtp_subject {
    SMTP_ABOUT_MAIL, /* sender, recipient, content; or the server's own mind */
    SMTP_ABOUT_CONNECTION,
    SMTP_ABOUT_ENCRYPTION,
    SMTP_ABOUT_SIGN_IN
};

struct smtp_mail {
    struct str from, to; /* addresses, domains in ASCII; borrowed */
    struct str bytes;    /* the message, lines ended by CRLF; borrowed */
    /* Once, from within any function here but smtp_open; may call smtp_submit. */
    void (*done)(struct smtp_mail *mail);

    enum smtp_verdict verdict;
    enum smtp_subject about;
    int code;             /* the server's; 0: it gave none */
    char text[SMTP_TEXT]; /* the server's, or what went wrong */

    struct list_node node; /* smtp's */
    bool was_repeated;     /* smtp's */
    bool has_waited;       /* smtp's */
};

/* Strings of options are borrowed until smtp_close. ST_UNAVAILABLE: libcurl cannot. On the thread that
 * starts others. */
enum status smtp_open(const struct smtp_options *options, struct smtp **smtp,
                      struct failure *failure, struct arena *arena);
/* Whatever is on its way is abandoned: the server may have taken it. */
void smtp_abandon(struct smtp *smtp);
void smtp_close(struct smtp *smtp); /* takes NULL; abandons */

/* At most LIMIT_MAIL_IN_FLIGHT are on their way at once; others wait here. */
void smtp_submit(struct smtp *smtp, struct smtp_mail *mail);
void smtp_on_socket(struct smtp *smtp, int fd, int events);
void smtp_on_timer(struct smtp *smtp);

#endif

/* Smtp against servers that do what a script says: each answer at each word, and what becomes of the mail. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "harness.h"
#include "mail/smtp.h"
#include "mail/smtp_wait.h"
#include "mail_peer.h"

#include <string.h>

enum { MAILS = 4 };

/* A client that sends its mails one after the other, or all at once. */
struct client {
    struct smtp_mail mails[MAILS]; /* first: done finds the client by the mail's place */
    struct smtp_options options;
    struct smtp_wait wait;
    struct smtp *smtp;
    struct arena arena;
    struct failure failure;
    int done;
};

static struct client client;

static void done(struct smtp_mail *mail)
{
    CHECK(mail >= client.mails && mail < client.mails + MAILS);
    client.done++;
}

static void client_open(const char *url, const char *tls, const char *user)
{
    client = (struct client){ .options = { .url = url,
                                           .tls = tls,
                                           .user = user,
                                           .password = user ? "pass word" : NULL,
                                           .hello = STR("portal.example.com"),
                                           .connect_seconds = 2,
                                           .answer_seconds = 1,
                                           .end_seconds = 1 } };
    arena_init(&client.arena, MIB(1));
    smtp_wait_options(&client.wait, &client.options);
    CHECK_INT(smtp_open(&client.options, &client.smtp, &client.failure, &client.arena), ST_OK);
}

static void client_close(void)
{
    smtp_close(client.smtp);
    arena_fini(&client.arena);
}

static struct smtp_mail *submit(int number, const char *to)
{
    struct smtp_mail *mail = &client.mails[number];

    *mail = (struct smtp_mail){ .from = STR("noreply@example.com"),
                                .to = str_from(to),
                                .bytes = STR("Subject: x\r\n\r\n.dot\r\n..\r\nend\r\n"),
                                .done = done };
    smtp_submit(client.smtp, mail);
    return mail;
}

static struct smtp_mail *send_one(int number, const char *to)
{
    struct smtp_mail *mail = submit(number, to);
    int before = client.done;

    while (client.done == before && smtp_wait_once(&client.wait, client.smtp))
        continue;
    return mail;
}

#define HELLO                                                                                      \
    "S 220 hi", "C EHLO portal.example.com", "S 250-peer", "S 250-SMTPUTF8", "S 250 8BITMIME"
#define SENT                                                                                       \
    "C MAIL FROM:<noreply@example.com>", "S 250 ok", "C RCPT TO:<", "S 250 ok", "C DATA",          \
        "S 354 go", "D"

/* One mail to one server; gives how it ended. */
static const struct smtp_mail *send_to(const char *const *script, struct mail_peer *peer)
{
    const struct smtp_mail *mail;

    mail_peer_start(peer, script);
    client_open(peer->url, "never", NULL);
    mail = send_one(0, "ann@example.com");
    client_close();
    mail_peer_stop(peer);
    return mail;
}

TEST(a_mail_is_handed_over_and_its_answer_kept)
{
    static const char *const script[] = { HELLO, SENT, "S 250-2.0.0 taken", "S 250 as 4711", NULL };
    struct mail_peer peer;
    const struct smtp_mail *mail = send_to(script, &peer);

    CHECK_INT(mail->verdict, SMTP_SENT);
    CHECK_INT(mail->code, 250);
    CHECK_STR((const char *)mail->text, "2.0.0 taken as 4711");
    CHECK_STR((const char *)peer.message, "Subject: x\r\n\r\n..dot\r\n...\r\nend");
}

static void check_refusal(const char *const *script, int code, enum smtp_verdict verdict,
                          const char *text)
{
    struct mail_peer peer;
    const struct smtp_mail *mail = send_to(script, &peer);

    CHECK_INT(mail->code, code);
    CHECK_INT(mail->verdict, verdict);
    CHECK_STR((const char *)mail->text, text);
}

TEST(refusals_at_every_word_are_told_apart)
{
#define MAIL          HELLO, "C MAIL"
#define RCPT          MAIL, "S 250 ok", "C RCPT"
#define DATA          RCPT, "S 250 ok", "C DATA"
#define END           HELLO, SENT
#define NO(code, ...) (const char *const[]){ __VA_ARGS__, "S " code " no", "W", NULL }
    check_refusal((const char *const[]){ "S 421 no", "W", NULL }, 421, SMTP_DEFERRED, "no");
    check_refusal((const char *const[]){ "S 554 no", "W", NULL }, 554, SMTP_DEFERRED, "no");
    check_refusal(NO("421", MAIL), 421, SMTP_DEFERRED, "no");
    check_refusal(NO("451", MAIL), 451, SMTP_DEFERRED, "no");
    check_refusal(NO("550", MAIL), 550, SMTP_REFUSED, "no");
    check_refusal(NO("530", MAIL), 530, SMTP_DEFERRED, "no");
    check_refusal(NO("421", RCPT), 421, SMTP_DEFERRED, "no");
    check_refusal(NO("451", RCPT), 451, SMTP_DEFERRED, "no");
    check_refusal(NO("550", RCPT), 550, SMTP_REFUSED, "no");
    check_refusal(NO("421", DATA), 421, SMTP_DEFERRED, "no");
    check_refusal(NO("451", DATA), 451, SMTP_DEFERRED, "no");
    check_refusal(NO("550", DATA), 550, SMTP_REFUSED, "no");
    check_refusal(NO("421", END), 421, SMTP_DEFERRED, "no");
    check_refusal(NO("451", END), 451, SMTP_DEFERRED, "no");
    check_refusal(NO("550", END), 550, SMTP_REFUSED, "no");
}

static void check_broken(const char *const *script, const char *part)
{
    struct mail_peer peer;
    const struct smtp_mail *mail = send_to(script, &peer);

    CHECK_INT(mail->verdict, SMTP_DEFERRED);
    CHECK_INT(mail->code, 0);
    if (!strstr(mail->text, part))
        harness_failed(__FILE__, __LINE__, "`%s` has no `%s`", mail->text, part);
}

TEST(a_connection_that_breaks_defers_the_mail)
{
    check_broken((const char *const[]){ "X", NULL }, "no connection to the mail server");
    check_broken((const char *const[]){ HELLO, "C MAIL", "X", NULL }, "MAIL FROM");
    check_broken((const char *const[]){ MAIL, "R", NULL }, "MAIL FROM");
    check_broken((const char *const[]){ RCPT, "X", NULL }, "RCPT TO");
    check_broken((const char *const[]){ DATA, "X", NULL }, "DATA");
    check_broken((const char *const[]){ END, "X", NULL }, "the mail");
}

TEST(a_server_that_stalls_defers_the_mail)
{
    check_broken((const char *const[]){ "W", NULL }, "no connection to the mail server");
    check_broken((const char *const[]){ HELLO, "C MAIL", "W", NULL }, "in time to MAIL FROM");
    check_broken((const char *const[]){ RCPT, "W", NULL }, "in time to RCPT TO");
    check_broken((const char *const[]){ DATA, "W", NULL }, "in time to DATA");
    check_broken((const char *const[]){ END, "W", NULL }, "in time to the mail");
}

TEST(answers_that_make_no_sense_defer_the_mail)
{
    check_broken((const char *const[]){ MAIL, "S HTTP/1.1 400 Bad Request", "W", NULL },
                 "no answer: HTTP/1.1 400");
    check_broken((const char *const[]){ MAIL, "S 354 go", "W", NULL }, "to MAIL FROM");
    check_broken((const char *const[]){ DATA, "S 250 ok", "W", NULL }, "to DATA");
    check_broken((const char *const[]){ MAIL, "S 250-a", "S 251 b", "W", NULL }, "to MAIL FROM");
}

TEST(a_good_bye_after_the_answer_takes_nothing_back)
{
    static const char *const script[] = { HELLO, SENT, "S 250 ok\r\n421 too long here", "W", NULL };
    struct mail_peer peer;

    CHECK_INT(send_to(script, &peer)->verdict, SMTP_SENT);
}

TEST(a_connection_is_used_again)
{
    static const char *const script[] = { HELLO, SENT, "S 250 ok", SENT, "S 250 ok", NULL };
    struct mail_peer peer;

    mail_peer_start(&peer, script);
    client_open(peer.url, "never", NULL);
    CHECK_INT(send_one(0, "ann@example.com")->verdict, SMTP_SENT);
    CHECK_INT(send_one(1, "bob@example.com")->verdict, SMTP_SENT);
    client_close();
    mail_peer_stop(&peer);
    CHECK_INT(peer.messages, 2);
}

TEST(a_refused_mail_does_not_hurt_the_next_one_of_the_connection)
{
    static const char *const script[] = { RCPT, "S 550 nobody", "C RSET", "S 250 ok",
                                          SENT, "S 250 ok",     NULL };
    struct mail_peer peer;

    mail_peer_start(&peer, script);
    client_open(peer.url, "never", NULL);
    CHECK_INT(send_one(0, "ann@example.com")->verdict, SMTP_REFUSED);
    /* Until RSET is answered: then it waits for what comes next, longer than for any answer. */
    while (client.wait.deadline < clock_monotonic() + 5 * UINT64_C(1000000000))
        smtp_wait_once(&client.wait, client.smtp);
    CHECK_INT(send_one(1, "bob@example.com")->verdict, SMTP_SENT);
    client_close();
    mail_peer_stop(&peer);
}

static void check_repeated(const char *const *script)
{
    struct mail_peer peer;

    mail_peer_start(&peer, script);
    client_open(peer.url, "never", NULL);
    CHECK_INT(send_one(0, "ann@example.com")->verdict, SMTP_SENT);
    CHECK_INT(send_one(1, "bob@example.com")->verdict, SMTP_SENT);
    client_close();
    mail_peer_stop(&peer);
    CHECK_INT(peer.messages, 2);
}

TEST(a_kept_connection_that_went_away_costs_no_try)
{
    check_repeated((const char *const[]){ HELLO, SENT, "S 250 ok", "C MAIL", "S 421 enough", "X",
                                          HELLO, SENT, "S 250 ok", NULL });
    check_repeated((const char *const[]){ HELLO, SENT, "S 250 ok", "C MAIL", "X", HELLO, SENT,
                                          "S 250 ok", NULL });
    check_repeated(
        (const char *const[]){ HELLO, SENT, "S 250 ok", "X", HELLO, SENT, "S 250 ok", NULL });
}

TEST(letters_beyond_ascii_need_a_server_that_takes_them)
{
    static const char *const takes[] = { HELLO,      "C MAIL FROM:<noreply@example.com> SMTPUTF8",
                                         "S 250 ok", "C RCPT TO:<zo\xc3\xab@example.com>",
                                         "S 250 ok", "C DATA",
                                         "S 354 go", "D",
                                         "S 250 ok", NULL };
    static const char *const takes_not[] = { "S 220 hi",       "C EHLO", "S 250-peer",
                                             "S 250 8BITMIME", "W",      NULL };
    struct mail_peer peer;
    const struct smtp_mail *mail;

    mail_peer_start(&peer, takes);
    client_open(peer.url, "never", NULL);
    CHECK_INT(send_one(0, "zo\xc3\xab@example.com")->verdict, SMTP_SENT);
    client_close();
    mail_peer_stop(&peer);

    mail_peer_start(&peer, takes_not);
    client_open(peer.url, "never", NULL);
    mail = send_one(0, "zo\xc3\xab@example.com");
    CHECK_INT(mail->verdict, SMTP_REFUSED);
    CHECK(strstr(mail->text, "SMTPUTF8") != NULL);
    client_close();
    mail_peer_stop(&peer);
}

TEST(without_the_encryption_that_is_required_nothing_is_sent)
{
    static const char *const script[] = { HELLO, "W", NULL };
    struct mail_peer peer;
    const struct smtp_mail *mail;

    mail_peer_start(&peer, script);
    client_open(peer.url, "required", "ann");
    mail = send_one(0, "ann@example.com");
    CHECK_INT(mail->verdict, SMTP_DEFERRED);
    CHECK(strstr(mail->text, "STARTTLS") != NULL);
    client_close();
    mail_peer_stop(&peer);
}

TEST(a_wrong_password_is_no_refusal_of_the_mail)
{
    static const char *const script[] = {
        "S 220 hi",          "C EHLO", "S 250-peer", "S 250 AUTH PLAIN", "C AUTH PLAIN",
        "S 535 5.7.8 wrong", "W",      NULL
    };
    struct mail_peer peer;
    const struct smtp_mail *mail;

    mail_peer_start(&peer, script);
    client_open(peer.url, "opportunistic", "ann");
    mail = send_one(0, "ann@example.com");
    CHECK_INT(mail->verdict, SMTP_DEFERRED);
    CHECK_INT(mail->code, 535);
    CHECK_STR((const char *)mail->text, "5.7.8 wrong");
    client_close();
    mail_peer_stop(&peer);
}

TEST(a_server_that_is_not_there_defers_the_mail)
{
    const struct smtp_mail *mail;

    client_open("smtp://127.0.0.1:1", "never", NULL);
    mail = send_one(0, "ann@example.com");
    CHECK_INT(mail->verdict, SMTP_DEFERRED);
    CHECK_INT(mail->code, 0);
    client_close();
}

TEST(what_is_on_its_way_at_the_end_is_abandoned)
{
    static const char *const script[] = { "W", NULL };
    struct mail_peer peer;

    mail_peer_start(&peer, script);
    client_open(peer.url, "never", NULL);
    for (int i = 0; i < MAILS; i++)
        submit(i, "ann@example.com");
    smtp_wait_once(&client.wait, client.smtp);
    smtp_abandon(client.smtp);
    CHECK_INT(client.done, MAILS);
    for (int i = 0; i < MAILS; i++)
        CHECK_INT(client.mails[i].verdict, SMTP_ABANDONED);
    client_close();
    mail_peer_stop(&peer);
}

TEST(addresses_with_line_breaks_never_reach_the_wire)
{
    client_open("smtp://127.0.0.1:1", "never", NULL);
    EXPECT_ABORT(submit(0, "ann@example.com>\r\nRCPT TO:<eve@example.com"));
    EXPECT_ABORT(submit(0, "ann@example.com\nDATA"));
    client_close();
}

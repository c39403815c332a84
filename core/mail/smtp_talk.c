/* Smtp_talk: MAIL, RCPT, DATA, the message, and what the answers mean (RFC 5321, 3.3). */
#include "mail/smtp_inside.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum { KEPT_SECONDS = 10, READ_AT_ONCE = 4096 };

static const char *const words[] = {
    [SMTP_READY] = "the last mail", [SMTP_MAIL] = "MAIL FROM",          [SMTP_RCPT] = "RCPT TO",
    [SMTP_DATA] = "DATA",           [SMTP_BODY] = "a part of the mail", [SMTP_END] = "the mail",
    [SMTP_RSET] = "RSET",
};

static enum smtp_subject subject_of(CURLcode code);
static void say(struct smtp_connection *connection, enum smtp_state state, unsigned seconds);
static void set_deadline(struct smtp_connection *connection, unsigned seconds);
static bool flush(struct smtp_connection *connection);
static bool read_answer(struct smtp_connection *connection);
static void take_answer(struct smtp_connection *connection);
static void agreed(struct smtp_connection *connection);
static void refused(struct smtp_connection *connection);
static void senseless(struct smtp_connection *connection);
static void broken(struct smtp_connection *connection, CURLcode code);
static void settle(struct smtp_connection *connection, enum smtp_verdict verdict);
static void rest(struct smtp_connection *connection);
static void put_message(struct buf *out, struct str bytes);
static bool is_ascii(struct str text);
static bool is_about_us(int code);

void talk_begin(struct smtp_connection *connection)
{
    struct smtp_mail *mail = connection->mail;
    bool is_beyond_ascii = !is_ascii(mail->from) || !is_ascii(mail->to);

    if (is_beyond_ascii && !connection->takes_utf8) {
        connection_finish(connection, SMTP_REFUSED, SMTP_ABOUT_MAIL, 0,
                          "the mail server takes no addresses with such letters (SMTPUTF8)");
        rest(connection);
        return;
    }
    buf_printf(&connection->out, "MAIL FROM:<%.*s>%s\r\n", STR_ARG(mail->from),
               is_beyond_ascii ? " SMTPUTF8" : "");
    say(connection, SMTP_MAIL, connection->smtp->options.answer_seconds);
}

void talk_go_on(struct smtp_connection *connection)
{
    if (connection->state == SMTP_READY) {
        char byte;
        size_t got;

        /* It goes away, or says what nobody asked for; a ticket of TLS is neither. */
        if (libcurl.easy_recv(connection->easy, &byte, 1, &got) != CURLE_AGAIN)
            connection_close(connection);
        return;
    }
    if (!flush(connection))
        return;
    while (connection->state > SMTP_READY && read_answer(connection))
        take_answer(connection);
}

void talk_late(struct smtp_connection *connection)
{
    char text[SMTP_TEXT];
    size_t sent;

    if (connection->state == SMTP_READY) {
        libcurl.easy_send(connection->easy, "QUIT\r\n", 6, &sent);
        connection_close(connection);
        return;
    }
    if (connection->mail && !connection_repeats(connection)) {
        snprintf(text, sizeof(text), "the mail server did not answer in time to %s",
                 words[connection->state]);
        connection_close(connection);
        connection_finish(connection, SMTP_DEFERRED, SMTP_ABOUT_CONNECTION, 0, text);
        return;
    }
    connection_close(connection);
}

void talk_not_connected(struct smtp_connection *connection, CURLcode code)
{
    const struct smtp_answer *answer = &connection->answer;
    bool is_answer = answer->is_whole && answer->code >= 400;
    enum smtp_subject about = subject_of(code);
    char text[SMTP_TEXT];

    connection_close(connection);
    if (about == SMTP_ABOUT_CONNECTION && connection_waits(connection, is_answer))
        return;
    if (is_answer && (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_REMOTE_ACCESS_DENIED ||
                      code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED)) {
        connection_finish(connection, SMTP_DEFERRED, about, answer->code, answer->text);
        return;
    }
    if (code == CURLE_USE_SSL_FAILED)
        snprintf(text, sizeof(text),
                 "the mail server offers no encryption (STARTTLS), which is required");
    else
        snprintf(text, sizeof(text), "no connection to the mail server: %s",
                 connection->error[0] ? connection->error : libcurl.easy_strerror(code));
    connection_finish(connection, SMTP_DEFERRED, about, 0, text);
}

static enum smtp_subject subject_of(CURLcode code)
{
    switch (code) {
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
        return SMTP_ABOUT_SIGN_IN;
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
        return SMTP_ABOUT_ENCRYPTION;
    default:
        return SMTP_ABOUT_CONNECTION;
    }
}

/* What stands in `out` is said now. */
static void say(struct smtp_connection *connection, enum smtp_state state, unsigned seconds)
{
    connection->state = state;
    NEVER(connection->out.overflowed);
    smtp_answer_begin(&connection->answer);
    set_deadline(connection, seconds);
    flush(connection);
}

static void set_deadline(struct smtp_connection *connection, unsigned seconds)
{
    connection->deadline = clock_monotonic() + seconds * UINT64_C(1000000000);
}

/* False: the connection is gone. */
static bool flush(struct smtp_connection *connection)
{
    const struct smtp_options *options = &connection->smtp->options;
    struct buf *out = &connection->out;

    while (connection->written < out->len) {
        size_t sent = 0;
        CURLcode code = libcurl.easy_send(connection->easy, out->at + connection->written,
                                          out->len - connection->written, &sent);

        if (code == CURLE_AGAIN) {
            connection_watch(connection, SMTP_READABLE | SMTP_WRITABLE);
            return true;
        }
        if (code != CURLE_OK) {
            broken(connection, code);
            return false;
        }
        connection->written += sent;
        if (connection->state == SMTP_BODY)
            set_deadline(connection, options->answer_seconds);
    }
    buf_clear(out);
    connection->written = 0;
    if (connection->state == SMTP_BODY) {
        connection->state = SMTP_END;
        set_deadline(connection, options->end_seconds);
    }
    connection_watch(connection, SMTP_READABLE);
    return true;
}

/* True: one is whole. */
static bool read_answer(struct smtp_connection *connection)
{
    char bytes[READ_AT_ONCE];
    struct smtp_answer *answer = &connection->answer;

    while (!answer->is_whole) {
        size_t got = 0;
        CURLcode code = libcurl.easy_recv(connection->easy, bytes, sizeof(bytes), &got);

        if (code == CURLE_AGAIN)
            return false;
        if (code != CURLE_OK || got == 0) {
            broken(connection, code);
            return false;
        }
        connection->has_more = smtp_answer_feed(answer, bytes, got) < got;
    }
    return true;
}

static void take_answer(struct smtp_connection *connection)
{
    int code = connection->answer.code;

    if (code >= 400)
        refused(connection);
    else if (code < 200 || connection->state == SMTP_BODY ||
             (code < 300) == (connection->state == SMTP_DATA) ||
             (connection->has_more && connection->state != SMTP_END))
        senseless(connection);
    else
        agreed(connection);
}

static void agreed(struct smtp_connection *connection)
{
    const struct smtp_options *options = &connection->smtp->options;

    switch (connection->state) {
    case SMTP_MAIL:
        buf_printf(&connection->out, "RCPT TO:<%.*s>\r\n", STR_ARG(connection->mail->to));
        say(connection, SMTP_RCPT, options->answer_seconds);
        break;
    case SMTP_RCPT:
        buf_text(&connection->out, "DATA\r\n");
        say(connection, SMTP_DATA, options->answer_seconds);
        break;
    case SMTP_DATA:
        put_message(&connection->out, connection->mail->bytes);
        say(connection, SMTP_BODY, options->answer_seconds);
        break;
    case SMTP_END: /* after a good-bye in the same breath it is sent all the same */
        settle(connection, SMTP_SENT);
        rest(connection);
        break;
    default:
        NEVER(connection->state != SMTP_RSET);
        rest(connection);
        break;
    }
}

static void refused(struct smtp_connection *connection)
{
    int code = connection->answer.code;
    enum smtp_state state = connection->state;

    if (state == SMTP_RSET) {
        connection_close(connection);
        return;
    }
    if (code == 421 && connection_repeats(connection))
        return;
    if (code == 421 || state == SMTP_BODY ||
        connection->has_more) /* it goes away, or half a mail is on its way */
        connection_close(connection);
    settle(connection, code >= 500 && !is_about_us(code) ? SMTP_REFUSED : SMTP_DEFERRED);
    if (connection->state == SMTP_CLOSED)
        return;
    if (state == SMTP_END) {
        rest(connection);
        return;
    }
    buf_text(&connection->out, "RSET\r\n");
    say(connection, SMTP_RSET, connection->smtp->options.answer_seconds);
}

/* After this nobody knows what its next answers answer. */
static void senseless(struct smtp_connection *connection)
{
    char text[SMTP_TEXT];

    snprintf(text, sizeof(text), "the mail server answered to %s what is no answer: %.300s",
             words[connection->state], connection->answer.text);
    connection_close(connection);
    if (connection->mail)
        connection_finish(connection, SMTP_DEFERRED, SMTP_ABOUT_CONNECTION, 0, text);
}

static void broken(struct smtp_connection *connection, CURLcode code)
{
    char text[SMTP_TEXT];

    if (connection->mail && connection_repeats(connection))
        return;
    snprintf(text, sizeof(text),
             "the mail server closed the connection before it answered to %s%s%.200s",
             words[connection->state], code == CURLE_OK ? "" : ": ",
             code == CURLE_OK ? "" : libcurl.easy_strerror(code));
    connection_close(connection);
    if (connection->mail)
        connection_finish(connection, SMTP_DEFERRED, SMTP_ABOUT_CONNECTION, 0, text);
}

static void settle(struct smtp_connection *connection, enum smtp_verdict verdict)
{
    int code = connection->answer.code;

    connection_finish(connection, verdict, is_about_us(code) ? SMTP_ABOUT_SIGN_IN : SMTP_ABOUT_MAIL,
                      code, connection->answer.text);
}

/* Keeps the connection for what comes next. */
static void rest(struct smtp_connection *connection)
{
    if (connection->has_more) {
        connection_close(connection);
        return;
    }
    connection->was_used = true;
    connection->state = SMTP_READY;
    set_deadline(connection, KEPT_SECONDS);
    connection_watch(connection, SMTP_READABLE);
}

/* A line that begins with a dot gets one more (RFC 5321, 4.5.2). */
static void put_message(struct buf *out, struct str bytes)
{
    while (bytes.len) {
        const char *end = memchr(bytes.at, '\n', bytes.len);
        size_t len = end ? (size_t)(end - bytes.at) + 1 : bytes.len;

        if (bytes.at[0] == '.')
            buf_char(out, '.');
        buf_put(out, bytes.at, len);
        bytes = str_slice(bytes.at + len, bytes.len - len);
        if (!end)
            buf_text(out, "\r\n");
    }
    buf_text(out, ".\r\n");
}

static bool is_ascii(struct str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* Sign in first, encrypt first, wrong password: not this mail's fault (RFC 4954, 6; RFC 3207, 4). */
static bool is_about_us(int code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

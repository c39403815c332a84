/* Smtp: the connections, and what libcurl does for them. What is said on them is in smtp_talk.c. */
#include "mail/smtp_inside.h"

#include "base/check.h"
#include "base/clock.h"
#include "mail/message.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_SECONDS = 30, ANSWER_SECONDS = 60, END_SECONDS = 300, ROOM_SECONDS = 60 };
#define MILLISECOND UINT64_C(1000000)

static size_t count_from(const struct smtp *smtp, enum smtp_state state);
static bool has_room(struct smtp *smtp);
static void feed(struct smtp *smtp);
static void connect_it(struct smtp_connection *connection);
static void go_on(struct smtp *smtp);
static void take_from_curl(struct smtp *smtp);
static void take_connected(struct smtp_connection *connection, CURLcode code);
static void arm(struct smtp *smtp);
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused);
static int on_curl_timer(CURLM *multi, long milliseconds, void *context);

enum status smtp_open(const struct smtp_options *options, struct smtp **made,
                      struct failure *failure, struct arena *arena)
{
    const char *fault;
    struct smtp *smtp;
    size_t i;

    *made = NULL;
    fault = libcurl_load();
    if (fault) {
        failure_set(failure, arena, ST_UNAVAILABLE, NULL, "%s.", fault);
        return ST_UNAVAILABLE;
    }
    smtp = xcalloc(1, sizeof(*smtp));
    smtp->options = *options;
    if (!smtp->options.connect_seconds)
        smtp->options.connect_seconds = CONNECT_SECONDS;
    if (!smtp->options.answer_seconds)
        smtp->options.answer_seconds = ANSWER_SECONDS;
    if (!smtp->options.end_seconds)
        smtp->options.end_seconds = END_SECONDS;
    list_init(&smtp->waiting);
    list_init(&smtp->finished);
    smtp->room = LIMIT_MAIL_IN_FLIGHT;
    smtp_set_url(smtp);
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
        smtp->connections[i].smtp = smtp;
        smtp->connections[i].fd = -1;
        buf_init(&smtp->connections[i].out, 2 * LIMIT_MAIL_BYTES + KIB(4)); /* each line a dot */
    }
    smtp->multi = libcurl.multi_init();
    if (!smtp->multi) {
        failure_set(failure, arena, ST_UNAVAILABLE, NULL, "libcurl cannot be started.");
        smtp_close(smtp);
        return ST_UNAVAILABLE;
    }
    libcurl.multi_setopt(smtp->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    libcurl.multi_setopt(smtp->multi, CURLMOPT_SOCKETDATA, smtp);
    libcurl.multi_setopt(smtp->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    libcurl.multi_setopt(smtp->multi, CURLMOPT_TIMERDATA, smtp);
    *made = smtp;
    return ST_OK;
}

void smtp_abandon(struct smtp *smtp)
{
    struct list_node *node;
    size_t i;

    while ((node = list_pop(&smtp->waiting))) {
        LIST_ITEM(node, struct smtp_mail, node)->verdict = SMTP_ABANDONED;
        list_append(&smtp->finished, node);
    }
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
        struct smtp_connection *connection = &smtp->connections[i];

        connection_close(connection);
        if (connection->mail)
            connection_finish(connection, SMTP_ABANDONED, SMTP_ABOUT_MAIL, 0,
                              "the server was stopped meanwhile");
    }
    go_on(smtp);
}

void smtp_close(struct smtp *smtp)
{
    size_t i;

    if (!smtp)
        return;
    smtp_abandon(smtp);
    PRE(list_is_empty(&smtp->waiting)); /* he who was told of the end submitted once more */
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        buf_fini(&smtp->connections[i].out);
    if (smtp->multi)
        libcurl.multi_cleanup(smtp->multi);
    free(smtp->url);
    free(smtp);
}

void smtp_submit(struct smtp *smtp, struct smtp_mail *mail)
{
    PRE(mail->bytes.len <= LIMIT_MAIL_BYTES && message_address_is_good(mail->from) &&
        message_address_is_good(mail->to));
    mail->verdict = SMTP_ABANDONED;
    mail->about = SMTP_ABOUT_MAIL;
    mail->code = 0;
    mail->text[0] = 0;
    mail->was_repeated = mail->has_waited = false;
    list_init(&mail->node);
    list_append(&smtp->waiting, &mail->node);
    go_on(smtp);
}

void smtp_on_socket(struct smtp *smtp, int fd, int events)
{
    int running, what = (events & SMTP_READABLE ? CURL_CSELECT_IN : 0) |
                        (events & SMTP_WRITABLE ? CURL_CSELECT_OUT : 0);
    size_t i;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        if (smtp->connections[i].state >= SMTP_READY && smtp->connections[i].fd == fd)
            break;
    if (i < LIMIT_MAIL_IN_FLIGHT)
        talk_go_on(&smtp->connections[i]);
    else
        libcurl.multi_socket_action(smtp->multi, fd, what, &running);
    go_on(smtp);
}

void smtp_on_timer(struct smtp *smtp)
{
    uint64_t now = clock_monotonic();
    int running;
    size_t i;

    if (smtp->curl_deadline && smtp->curl_deadline <= now) {
        smtp->curl_deadline = 0;
        libcurl.multi_socket_action(smtp->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
        struct smtp_connection *connection = &smtp->connections[i];

        if (connection->state >= SMTP_READY && connection->deadline <= now)
            talk_late(connection);
    }
    go_on(smtp);
}

/* Ends every function that others call. Whoever hears that his mail is done may submit the next one, so
 * nothing is half done here when he does. */
static void go_on(struct smtp *smtp)
{
    struct list_node *node;

    take_from_curl(smtp);
    feed(smtp);
    while ((node = list_pop(&smtp->finished))) {
        struct smtp_mail *mail = LIST_ITEM(node, struct smtp_mail, node);

        mail->done(mail);
        feed(smtp);
    }
    arm(smtp);
}

/* ---- For smtp_talk.c --------------------------------------------------------------------------- */

void connection_close(struct smtp_connection *connection)
{
    if (connection->state == SMTP_CLOSED)
        return;
    if (connection->state >= SMTP_READY)
        connection_watch(connection, 0);
    connection->state = SMTP_CLOSED;
    libcurl.multi_remove_handle(connection->smtp->multi, connection->easy);
    libcurl.easy_cleanup(connection->easy);
    connection->easy = NULL;
    connection->fd = -1;
    connection->watched = 0;
}

void connection_watch(struct smtp_connection *connection, int events)
{
    struct smtp_options *options = &connection->smtp->options;

    if (connection->watched == events)
        return;
    connection->watched = events;
    options->watch(options->context, connection->fd, events);
}

void connection_finish(struct smtp_connection *connection, enum smtp_verdict verdict,
                       enum smtp_subject about, int code, const char *text)
{
    struct smtp_mail *mail = connection->mail;

    connection->mail = NULL;
    mail->verdict = verdict;
    mail->about = about;
    mail->code = code;
    smtp_answer_clean(mail->text, text, strlen(text));
    list_append(&connection->smtp->finished, &mail->node);
}

bool connection_waits(struct smtp_connection *connection, bool is_answer)
{
    struct smtp *smtp = connection->smtp;
    struct smtp_mail *mail = connection->mail;

    if (count_from(smtp, SMTP_READY) == 0 &&
        (!is_answer || mail->has_waited || count_from(smtp, SMTP_CONNECTING) == 0))
        return false;
    smtp->room = count_from(smtp, SMTP_CONNECTING);
    smtp->room_until = clock_monotonic() + ROOM_SECONDS * 1000 * MILLISECOND;
    mail->has_waited = true;
    connection->mail = NULL;
    list_prepend(&smtp->waiting, &mail->node);
    return true;
}

bool connection_repeats(struct smtp_connection *connection)
{
    struct smtp_mail *mail = connection->mail;

    if (!connection->was_used || connection->state != SMTP_MAIL || mail->was_repeated)
        return false;
    mail->was_repeated = true;
    connection->mail = NULL;
    connection_close(connection);
    list_prepend(&connection->smtp->waiting, &mail->node);
    return true;
}

/* ---- Connections ------------------------------------------------------------------------------- */

/* Connections that have come so far. */
static size_t count_from(const struct smtp *smtp, enum smtp_state state)
{
    size_t i, count = 0;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++)
        count += smtp->connections[i].state >= state;
    return count;
}

/* May there be one more? */
static bool has_room(struct smtp *smtp)
{
    size_t count = count_from(smtp, SMTP_CONNECTING);

    if (count == 0 || smtp->room_until <= clock_monotonic())
        smtp->room = LIMIT_MAIL_IN_FLIGHT;
    return count < smtp->room;
}

/* Each mail that waits gets a connection that is ready, or a new one. Those that were repeated get a new
 * one in any case: other kept ones are as old. */
static void feed(struct smtp *smtp)
{
    size_t i, k;

    while (!list_is_empty(&smtp->waiting)) {
        struct smtp_mail *mail = LIST_ITEM(list_first(&smtp->waiting), struct smtp_mail, node);
        struct smtp_connection *ready = NULL, *closed = NULL;

        for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
            struct smtp_connection *connection = &smtp->connections[i];

            if (connection->state == SMTP_READY && !connection->mail)
                ready = connection;
            if (connection->state == SMTP_CLOSED && !connection->mail)
                closed = connection;
        }
        if (!has_room(smtp))
            closed = NULL;
        if (mail->was_repeated && ready && !closed) {
            connection_close(ready);
            closed = ready;
        }
        if (mail->was_repeated)
            ready = NULL;
        if (!ready && !closed)
            return;
        list_remove(&mail->node);
        k = (size_t)((ready ? ready : closed) - smtp->connections);
        smtp->connections[k].mail = mail;
        if (ready)
            talk_begin(ready);
        else
            connect_it(closed);
    }
}

static void connect_it(struct smtp_connection *connection)
{
    connection->state = SMTP_CONNECTING;
    connection->deadline = 0;
    connection->takes_utf8 = connection->was_used = connection->has_more = false;
    connection->error[0] = 0;
    connection->watched = 0;
    buf_clear(&connection->out);
    connection->written = 0;
    smtp_answer_begin(&connection->answer);
    connection->easy = libcurl.easy_init();
    if (connection->easy && connection_set_up(connection) &&
        libcurl.multi_add_handle(connection->smtp->multi, connection->easy) == CURLM_OK)
        return;
    libcurl.easy_cleanup(connection->easy);
    connection->easy = NULL;
    connection->state = SMTP_CLOSED;
    connection_finish(connection, SMTP_DEFERRED, SMTP_ABOUT_CONNECTION, 0,
                      "libcurl took no more connections");
}

static void take_from_curl(struct smtp *smtp)
{
    CURLMsg *message;
    int left;

    while ((message = libcurl.multi_info_read(smtp->multi, &left))) {
        struct smtp_connection *connection = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        libcurl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&connection);
        take_connected(connection, code);
    }
}

static void take_connected(struct smtp_connection *connection, CURLcode code)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (code == CURLE_OK)
        libcurl.easy_getinfo(connection->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD) {
        talk_not_connected(connection, code == CURLE_OK ? CURLE_COULDNT_CONNECT : code);
        return;
    }
    connection->fd = fd;
    connection->state = SMTP_READY;
    talk_begin(connection);
}

/* ---- Time and libcurl's callbacks -------------------------------------------------------------- */

static void arm(struct smtp *smtp)
{
    uint64_t now = clock_monotonic(), first = smtp->curl_deadline;
    size_t i;

    for (i = 0; i < LIMIT_MAIL_IN_FLIGHT; i++) {
        const struct smtp_connection *connection = &smtp->connections[i];

        if (connection->state >= SMTP_READY && (!first || connection->deadline < first))
            first = connection->deadline;
    }
    smtp->options.set_timer(smtp->options.context,
                            !first         ? -1
                            : first <= now ? 0
                                           : (int64_t)((first - now) / MILLISECOND) + 1);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    struct smtp *smtp = context;
    int events = 0;

    (void)easy;
    (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= SMTP_READABLE;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= SMTP_WRITABLE;
    smtp->options.watch(smtp->options.context, fd, events);
    return 0;
}

/* libcurl's times become one with the connections': arm. */
static int on_curl_timer(CURLM *multi, long milliseconds, void *context)
{
    struct smtp *smtp = context;

    (void)multi;
    smtp->curl_deadline =
        milliseconds < 0 ? 0 : clock_monotonic() + (uint64_t)milliseconds * MILLISECOND;
    return 0;
}

/* Smtp_setup: what libcurl is told of the server: where, how encrypted, as whom. */
#include "mail/smtp_inside.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static void set_up_tls(struct smtp_connection *connection);
static bool is_this_machine(const char *url);
static size_t on_answer(char *at, size_t size, size_t count, void *context);
static size_t on_nothing(char *at, size_t size, size_t count, void *context);

void smtp_set_url(struct smtp *smtp)
{
    const struct smtp_options *options = &smtp->options;
    bool is_implicit = !strncmp(options->url, "smtps://", 8);
    struct buf url;

    buf_init(&url, KIB(4));
    buf_printf(&url, "%s/", options->url);
    buf_url(&url, options->hello);
    buf_char(&url, 0);
    NEVER(url.overflowed); /* the configuration bounds it */
    smtp->url = xstrdup(url.at);
    buf_fini(&url);
    smtp->must_encrypt =
        is_implicit || !strcmp(options->tls, "required") ||
        (options->user && strcmp(options->tls, "never") && !is_this_machine(options->url));
    /* Where encryption is better than nothing, and nothing would do, an unknown certificate does. */
    smtp->is_trusting = !smtp->must_encrypt;
}

bool connection_set_up(struct smtp_connection *connection)
{
    const struct smtp_options *options = &connection->smtp->options;
    CURL *easy = connection->easy;

    libcurl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Else whoever gives a connection up waits for libcurl's thread that looks its name up, as long as a
     * name server is silent. That thread ends by itself. */
    libcurl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    libcurl.easy_setopt(easy, CURLOPT_PRIVATE, connection);
    libcurl.easy_setopt(easy, CURLOPT_ERRORBUFFER, connection->error);
    libcurl.easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    libcurl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_answer);
    libcurl.easy_setopt(easy, CURLOPT_HEADERDATA, connection);
    libcurl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_nothing);
    libcurl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_seconds * 1000);
    libcurl.easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    libcurl.easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the environment says */
    set_up_tls(connection);
    /* Those that need a ticket of this machine's user only look as if they could. */
    libcurl.easy_setopt(easy, CURLOPT_LOGIN_OPTIONS,
                        "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5;AUTH=SCRAM-SHA-256");
    if (options->user &&
        (libcurl.easy_setopt(easy, CURLOPT_USERNAME, options->user) != CURLE_OK ||
         libcurl.easy_setopt(easy, CURLOPT_PASSWORD, options->password) != CURLE_OK))
        return false;
    return libcurl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
           libcurl.easy_setopt(easy, CURLOPT_URL, connection->smtp->url) == CURLE_OK;
}

static void set_up_tls(struct smtp_connection *connection)
{
    const struct smtp *smtp = connection->smtp;
    const char *authorities = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs take it */
    long use = smtp->must_encrypt                            ? CURLUSESSL_ALL
               : !strcmp(smtp->options.tls, "opportunistic") ? CURLUSESSL_TRY
                                                             : CURLUSESSL_NONE;

    libcurl.easy_setopt(connection->easy, CURLOPT_USE_SSL, use);
    libcurl.easy_setopt(connection->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (authorities && *authorities)
        libcurl.easy_setopt(connection->easy, CURLOPT_CAINFO, authorities);
    if (smtp->is_trusting) {
        libcurl.easy_setopt(connection->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        libcurl.easy_setopt(connection->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static bool is_this_machine(const char *url)
{
    static const char *const names[] = { "localhost", "127.", "[::1]", NULL };
    const char *host = strstr(url, "://") + 3;
    size_t i;

    for (i = 0; names[i]; i++)
        if (!strncmp(host, names[i], strlen(names[i])))
            return i == 0 ? strchr(":/", host[9]) != NULL
                          : strspn(host, "0123456789.[]:") == strlen(host);
    return false;
}

/* What the server says while libcurl speaks with it. */
static size_t on_answer(char *at, size_t size, size_t count, void *context)
{
    struct smtp_connection *connection = context;
    struct smtp_answer *answer = &connection->answer;
    size_t done = 0, len = size * count;

    while (done < len) {
        if (answer->is_whole)
            smtp_answer_begin(answer);
        done += smtp_answer_feed(answer, at + done, len - done);
        if (answer->is_whole && answer->is_long && answer->code == 250)
            connection->takes_utf8 = answer->offers_utf8;
    }
    return len;
}

static size_t on_nothing(char *at, size_t size, size_t count, void *context)
{
    (void)at;
    (void)context;
    return size * count;
}

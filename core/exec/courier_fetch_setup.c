/* Courier_fetch_setup: what libcurl is told of a request, and where redirects lead. */
#include "exec/courier_fetch_inside.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/version.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND UINT64_C(1000000)

static bool read_place(struct fetch *fetch, CURLU *parts, char **url, bool *is_https);
static bool is_plain(struct str url);
static bool is_declared(const struct texts *hosts, struct str host);
static void refuse_host(struct fetch *fetch, struct str host);
static bool set_method(struct transfer *transfer);
static bool set_headers(struct transfer *transfer);
static bool set_lines(struct transfer *transfer, struct str rest, bool *has_type);
static bool stays(const struct transfer *transfer, struct str name);
static bool add_header(struct transfer *transfer, const char *line);
static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address);

/* ---- Where ------------------------------------------------------------------------------------- */

bool fetch_place(struct fetch *fetch, struct str text, char **url, bool *is_https)
{
    CURLU *parts;
    bool is_good;
    char *copy;

    *url = NULL;
    if (!is_plain(text)) {
        snprintf(
            fetch->error, FETCH_ERROR,
            "the URL must be ASCII without blanks, of at most %d bytes: names of other scripts "
            "are written as xn--…",
            LIMIT_FETCH_URL);
        return false;
    }
    parts = libcurl.url();
    copy = xcalloc(text.len + 1, 1);
    memcpy(copy, text.at, text.len);
    is_good = parts && libcurl.url_set(parts, CURLUPART_URL, copy, 0) == CURLUE_OK;
    if (is_good)
        is_good = read_place(fetch, parts, url, is_https);
    else
        snprintf(fetch->error, FETCH_ERROR, "that is no URL like https://api.example.com/path");
    libcurl.url_cleanup(parts);
    free(copy);
    return is_good;
}

static bool read_place(struct fetch *fetch, CURLU *parts, char **url, bool *is_https)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *secret = NULL, *whole = NULL;
    bool is_good = false;
    struct str name;

    libcurl.url_set(parts, CURLUPART_FRAGMENT, NULL, 0);
    if (libcurl.url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
        snprintf(fetch->error, FETCH_ERROR, "only https:// and http:// are fetched");
    } else if (libcurl.url_get(parts, CURLUPART_USER, &secret, 0) == CURLUE_OK ||
               libcurl.url_get(parts, CURLUPART_PASSWORD, &secret, 0) == CURLUE_OK) {
        snprintf(fetch->error, FETCH_ERROR,
                 "a URL has no user and password: send them in the header Authorization");
    } else if (libcurl.url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
               !is_plain(str_from(host)) || /* %ff … */
               strlen(host) > FETCH_HOST - 8 ||
               libcurl.url_get(parts, CURLUPART_URL, &whole, 0) != CURLUE_OK) {
        snprintf(fetch->error, FETCH_ERROR, "that is no URL like https://api.example.com/path");
    } else {
        for (char *c = host; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        name = str_from(host);
        if (name.len > 1 && name.at[name.len - 1] == '.')
            name.len--;
        libcurl.url_get(parts, CURLUPART_PORT, &port, 0);
        snprintf(fetch->host, FETCH_HOST, "%.*s%s%s", STR_ARG(name), port ? ":" : "",
                 port ? port : "");
        is_good = is_declared(fetch->hosts, name);
        if (!is_good)
            refuse_host(fetch, name);
        else
            *url = xstrdup(whole);
        *is_https = scheme[4] == 's';
    }
    libcurl.free(scheme);
    libcurl.free(host);
    libcurl.free(port);
    libcurl.free(secret);
    libcurl.free(whole);
    return is_good;
}

static bool is_plain(struct str url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.at[i] <= ' ' || url.at[i] > '~')
            return false;
    return url.len > 0 && url.len <= LIMIT_FETCH_URL;
}

/* "*.example.com" is what lies below, not example.com itself. */
static bool is_declared(const struct texts *hosts, struct str host)
{
    for (size_t i = 0; hosts && i < hosts->count; i++) {
        struct str wanted = hosts->at[i];

        if (str_is(wanted, "*") || str_eq_nocase(wanted, host))
            return true;
        if (str_starts(wanted, STR("*."))) {
            wanted = str_slice(wanted.at + 1, wanted.len - 1);
            if (host.len > wanted.len &&
                str_eq_nocase(str_slice(host.at + host.len - wanted.len, wanted.len), wanted))
                return true;
        }
    }
    return hosts == NULL;
}

static void refuse_host(struct fetch *fetch, struct str host)
{
    snprintf(fetch->error, FETCH_ERROR,
             "%.*s is not among the hosts of the plugin: add \"%.*s\" to its \"hosts\"",
             STR_ARG(host), STR_ARG(host));
}

/* ---- What -------------------------------------------------------------------------------------- */

bool transfer_set_up(struct transfer *transfer)
{
    const char *authorities = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs take it */
    uint64_t now = clock_monotonic();
    long left = transfer->ends_at > now ? (long)((transfer->ends_at - now) / MILLISECOND) + 1 : 1;
    CURL *easy = transfer->easy = libcurl.easy_init();

    if (!easy)
        return false;
    transfer->error[0] = 0;
    transfer->refusal = NULL;
    transfer->was_let = false;
    libcurl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    libcurl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* nobody waits for a silent name server */
    libcurl.easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    libcurl.easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    libcurl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    libcurl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    libcurl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* each hop is looked at here */
    libcurl.easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    libcurl.easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the environment says */
    libcurl.easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    libcurl.easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    libcurl.easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    libcurl.easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (authorities && *authorities)
        libcurl.easy_setopt(easy, CURLOPT_CAINFO, authorities);
    libcurl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_FETCH_CONNECT_SECONDS * 1000);
    libcurl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, left);
    if (transfer->method != HEAD)
        libcurl.easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)LIMIT_FETCH_ANSWER);
    libcurl.easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    libcurl.easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    libcurl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, fetch_on_header);
    libcurl.easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    libcurl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, fetch_on_body);
    libcurl.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    return set_method(transfer) && set_headers(transfer) &&
           libcurl.easy_setopt(easy, CURLOPT_USERAGENT, "Foyer/" FOYER_VERSION) == CURLE_OK &&
           libcurl.easy_setopt(easy, CURLOPT_URL, transfer->url) == CURLE_OK;
}

static bool set_method(struct transfer *transfer)
{
    const struct fetch *fetch = transfer->fetch;
    CURL *easy = transfer->easy;
    bool has_body = transfer->has_body || transfer->method == POST || transfer->method == PUT ||
                    transfer->method == PATCH;

    if (transfer->method == GET)
        return libcurl.easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    if (transfer->method == HEAD)
        return libcurl.easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (has_body) { /* borrowed */
        libcurl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)(transfer->has_body ? fetch->body.len : 0));
        libcurl.easy_setopt(easy, CURLOPT_POSTFIELDS,
                            transfer->has_body && fetch->body.len ? fetch->body.at : "");
    }
    return libcurl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method_name(transfer->method)) ==
           CURLE_OK;
}

static bool set_headers(struct transfer *transfer)
{
    bool is_good = add_header(transfer, "Expect:"); /* none: it would wait for a second */
    bool has_type = false;

    is_good = is_good && set_lines(transfer, transfer->fetch->headers, &has_type);
    if (!transfer->is_elsewhere)
        is_good = is_good && set_lines(transfer, transfer->fetch->secret_headers, &has_type);
    if (is_good && !has_type)
        is_good = add_header(transfer, "Content-Type:");
    return is_good &&
           libcurl.easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK;
}

static bool set_lines(struct transfer *transfer, struct str rest, bool *has_type)
{
    struct str line, name;
    bool is_good = true;

    while (is_good && !str_is_absent(rest) && str_cut(&rest, '\n', &line)) {
        struct str value = line;
        char text[LIMIT_FETCH_HEADERS + 4];

        if (str_is_empty(line))
            continue;
        str_cut(&value, ':', &name);
        value = str_trim(value);
        if (!stays(transfer, name))
            continue;
        *has_type |= str_eq_nocase(name, STR("content-type"));
        snprintf(text, sizeof(text), value.len ? "%.*s: %.*s" : "%.*s;", STR_ARG(name),
                 STR_ARG(value));
        is_good = add_header(transfer, text);
    }
    return is_good;
}

/* Keys and the like are the first host's; what a body is, goes with the body. */
static bool stays(const struct transfer *transfer, struct str name)
{
    if (str_eq_nocase(name, STR("content-type")) && !transfer->has_body)
        return false;
    return !transfer->is_elsewhere || str_eq_nocase(name, STR("content-type")) ||
           str_eq_nocase(name, STR("accept")) || str_eq_nocase(name, STR("accept-language")) ||
           str_eq_nocase(name, STR("user-agent"));
}

static bool add_header(struct transfer *transfer, const char *line)
{
    struct curl_slist *headers = libcurl.slist_append(transfer->headers, line);

    if (!headers)
        return false;
    transfer->headers = headers;
    return true;
}

/* The address here is the one that is connected to. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    struct address at;
    const char *refusal = "no address of the Internet";

    (void)purpose;
    if (address_read(&address->addr, &at)) {
        refusal = address_refusal(&at);
        if (refusal && address_is_listed(transfer->fetcher->allow, &at))
            refusal = NULL;
        if (refusal)
            address_format(&at, transfer->refused);
    }
    if (refusal) {
        transfer->refusal = refusal;
        return CURL_SOCKET_BAD;
    }
    transfer->was_let = true;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- Redirects --------------------------------------------------------------------------------- */

bool transfer_redirect(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;
    char before[FETCH_HOST], *to = NULL, *url;
    bool was_https = transfer->is_https;
    int status = fetch->status;

    if (!fetch->follows ||
        (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) ||
        libcurl.easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK || !to)
        return false;
    if (++transfer->hops > LIMIT_FETCH_REDIRECTS) {
        snprintf(fetch->error, FETCH_ERROR, "more than %d redirects", LIMIT_FETCH_REDIRECTS);
        return false;
    }
    memcpy(before, fetch->host, FETCH_HOST);
    if (!fetch_place(fetch, str_from(to), &url, &transfer->is_https))
        return false;
    if (was_https && !transfer->is_https) {
        snprintf(fetch->error, FETCH_ERROR, "%s leads from https to http: that is not followed",
                 before);
        free(url);
        return false;
    }
    transfer->is_elsewhere |= strcmp(before, fetch->host) != 0 || was_https != transfer->is_https;
    /* As browsers do. */
    if ((status == 303 && transfer->method != HEAD) ||
        ((status == 301 || status == 302) && transfer->method == POST)) {
        transfer->method = GET;
        transfer->has_body = false;
    }
    if (transfer->is_elsewhere && transfer->has_body && fetch->has_secret) {
        snprintf(fetch->error, FETCH_ERROR,
                 "%s leads to %s, and what was sent has a secret, which goes to no other host",
                 before, fetch->host);
        free(url);
        return false;
    }
    free(transfer->url);
    transfer->url = url;
    return true;
}

/* Courier_fetch_answer: headers and body as they come, cut off where they are too much, and plain reasons. */
#include "exec/courier_fetch_inside.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static void put_header(struct buf *head, struct str line);
static void explain_cut(struct transfer *transfer);

/* A line each, those of informational answers and of trailers, too. Only the last head stays. */
size_t fetch_on_header(char *at, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct str line = str_slice(at, size * count);

    transfer->head_bytes += line.len;
    if (transfer->head_bytes > LIMIT_FETCH_HEAD) {
        transfer->cut = CUT_HEADERS;
        return 0;
    }
    if (str_starts(line, STR("HTTP/")))
        buf_clear(&transfer->fetch->head);
    else
        put_header(&transfer->fetch->head, line);
    return line.len;
}

static void put_header(struct buf *head, struct str line)
{
    const char *colon = line.len ? memchr(line.at, ':', line.len) : NULL;
    struct str value;

    if (!colon || colon == line.at || line.at[0] == ' ' || line.at[0] == '\t')
        return;
    for (const char *c = line.at; c < colon; c++)
        buf_char(head, *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c);
    buf_text(head, ": ");
    value = str_trim(str_slice(colon + 1, line.len - (size_t)(colon + 1 - line.at)));
    for (size_t i = 0; i < value.len; i++)
        buf_char(head, (unsigned char)value.at[i] < ' ' ? ' ' : value.at[i]);
    buf_char(head, '\n');
}

/* Whoever sends a byte now and then is cut off before his time is over, too. */
size_t fetch_on_body(char *at, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct buf *answer = &transfer->fetch->answer;
    size_t len = size * count;
    uint64_t now = clock_monotonic();

    if (answer->len + len > LIMIT_FETCH_ANSWER) {
        transfer->cut = CUT_LARGE;
        return 0;
    }
    if (!transfer->window_at)
        transfer->window_at = now;
    transfer->window_bytes += len;
    if (now - transfer->window_at >= LIMIT_FETCH_WINDOW_SECONDS * SECOND / clock_test_divisor()) {
        if (transfer->window_bytes < LIMIT_FETCH_WINDOW_BYTES) {
            transfer->cut = CUT_SLOW;
            return 0;
        }
        transfer->window_at = now;
        transfer->window_bytes = 0;
    }
    buf_put(answer, at, len);
    return len;
}

static void explain_cut(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;

    if (transfer->cut == CUT_LARGE)
        snprintf(fetch->error, FETCH_ERROR, "the answer of %s is larger than %d bytes", fetch->host,
                 LIMIT_FETCH_ANSWER);
    else if (transfer->cut == CUT_HEADERS)
        snprintf(fetch->error, FETCH_ERROR, "%s sends more than %zu KiB of headers", fetch->host,
                 LIMIT_FETCH_HEAD / 1024);
    else
        snprintf(fetch->error, FETCH_ERROR, "%s sends less than %zu bytes in %d s", fetch->host,
                 LIMIT_FETCH_WINDOW_BYTES, LIMIT_FETCH_WINDOW_SECONDS);
}

void transfer_explain(struct transfer *transfer, CURLcode code)
{
    struct fetch *fetch = transfer->fetch;
    const char *host = fetch->host, *detail = transfer->error;
    curl_off_t connected = 0;

    fetch->is_theirs = !transfer->refusal || transfer->was_let;
    for (char *c = transfer->error; *c; c++) /* may have words of the peer's */
        if (*c < ' ' || *c > '~')
            *c = '?';
    if (transfer->cut != CUT_NOT) {
        explain_cut(transfer);
        return;
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        snprintf(fetch->error, FETCH_ERROR, "the name of %s cannot be looked up", host);
        return;
    case CURLE_COULDNT_CONNECT:
        if (!fetch->is_theirs)
            snprintf(
                fetch->error, FETCH_ERROR,
                "%s is at %s, %s: none is reached that the setting outgoing_allow does not list",
                host, transfer->refused, transfer->refusal);
        else
            snprintf(fetch->error, FETCH_ERROR, "%s takes no connection", host);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        libcurl.easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
        if (connected == 0)
            snprintf(fetch->error, FETCH_ERROR, "%s was not connected to in time", host);
        else
            snprintf(fetch->error, FETCH_ERROR, "%s has not answered in %.3g s", host,
                     (double)(transfer->ends_at - transfer->begun) / (double)SECOND);
        return;
    case CURLE_FILESIZE_EXCEEDED:
        transfer->cut = CUT_LARGE;
        explain_cut(transfer);
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
        snprintf(fetch->error, FETCH_ERROR, "the certificate of %s is not trusted: %s", host,
                 detail);
        return;
    case CURLE_SSL_CONNECT_ERROR:
        snprintf(fetch->error, FETCH_ERROR, "no TLS with %s: %s", host, detail);
        return;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        snprintf(fetch->error, FETCH_ERROR, "%s closed before its answer was whole", host);
        return;
    case CURLE_OUT_OF_MEMORY:
        snprintf(fetch->error, FETCH_ERROR, "there is no memory for it");
        return;
    default:
        snprintf(fetch->error, FETCH_ERROR, "%s: %s", host,
                 detail[0] ? detail : libcurl.easy_strerror(code));
    }
}

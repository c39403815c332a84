/* Courier_fetch_inside: a request under way, as its files know it.
 *
 *   courier_fetch.c        whose turn it is, sockets and time, the end of each
 *   courier_fetch_setup.c  what libcurl is told: where, what, how far; redirects
 *   courier_fetch_answer.c what comes back, and why it did not
 */
#ifndef FOYER_EXEC_COURIER_FETCH_INSIDE_H
#define FOYER_EXEC_COURIER_FETCH_INSIDE_H

#include "base/address.h"
#include "base/limits.h"
#include "exec/courier_fetch.h"
#include "mail/libcurl.h"

/* What cut an answer off. */
enum fetch_cut { CUT_NOT, CUT_LARGE, CUT_HEADERS, CUT_SLOW };

struct transfer {
    struct fetcher *fetcher;
    struct fetch *fetch; /* NULL: the slot is free */
    CURL *easy;          /* of the hop that it is at; NULL: none */
    struct curl_slist *headers;
    char *url;
    enum method method;
    bool has_body, is_https;
    bool
        is_elsewhere; /* a redirect has led to another host: what was meant for the first stays here */
    int hops;
    uint64_t begun, ends_at; /* monotonic, ns */
    size_t head_bytes;       /* of all hops */
    uint64_t window_at;      /* since then, */
    size_t window_bytes;     /* so many have come */
    enum fetch_cut cut;
    char refused[ADDRESS_TEXT]; /* the address that was not connected to; "" : none */
    const char *refusal;
    bool was_let; /* another of its addresses was */
    char error[CURL_ERROR_SIZE];
};

/* A socket that the loop looks at for libcurl. */
struct fetch_watch;

struct fetcher {
    uv_loop_t *loop;
    uv_timer_t timer;
    const char *allow;
    CURLM *multi;
    uint64_t curl_deadline; /* monotonic; 0: none */
    struct fetch_watch *watches;
    struct list_node waiting;  /* for their turn */
    struct list_node finished; /* and not told yet */
    struct transfer transfers[LIMIT_FETCHES];
    _Atomic uint64_t answered, failed;
};

/* ---- courier_fetch_setup.c ---- */

/* Where a URL leads: checks it, and whether its host is declared. False: fetch->error says why. Gives
 * fetch->host, and a new *url. */
bool fetch_place(struct fetch *fetch, struct str text, char **url, bool *is_https);
/* Makes transfer->easy of url and method. False: there is no memory. */
bool transfer_set_up(struct transfer *transfer);
/* The answer may be a redirect that is followed: sets the transfer to its place. False: it is the answer, or
 * fetch->error says why it is not followed. */
bool transfer_redirect(struct transfer *transfer);

/* ---- courier_fetch_answer.c ---- */

size_t fetch_on_header(char *at, size_t size, size_t count, void *context);
size_t fetch_on_body(char *at, size_t size, size_t count, void *context);
/* Says in fetch->error why there is no answer. */
void transfer_explain(struct transfer *transfer, CURLcode code);

#endif

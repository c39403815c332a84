/* Courier_fetch: HTTP requests that go out, in the courier's loop.
 *
 * Whoever asks may be nobody's friend, and so may who answers:
 *   - what is connected to is a public address, or one that the operator lists (base/address.h): it is looked
 *     at when the socket is made, after names and redirects were followed, so neither leads elsewhere;
 *   - time, bytes and how many there are at once have ends; what is too large or too slow is cut off;
 *   - nothing of the environment (proxies, .netrc) and nothing of an earlier request (cookies, connections)
 *     has a part in it; TLS is verified with the system's authorities.
 */
#ifndef FOYER_EXEC_COURIER_FETCH_H
#define FOYER_EXEC_COURIER_FETCH_H

#include "base/buf.h"
#include "base/failure.h"
#include "base/field.h"
#include "base/list.h"
#include "http/request.h"

#include <stdatomic.h>
#include <uv.h>

struct fetch;
struct fetcher;

enum { FETCH_ERROR = 700, FETCH_HOST = 256 };

/* One request; lies in what owns it. All texts are borrowed until done. Belongs to the fetcher from
 * fetcher_submit to done. */
struct fetch {
    enum method method;
    struct str url;
    struct str headers;        /* "name: value\n" each, as the asker's check left them */
    struct str secret_headers; /* the same; of the first host alone, whatever they are called */
    struct str body;
    bool has_body, has_secret; /* has_secret: the body; no other host gets it */
    bool follows;              /* redirects */
    int64_t timeout_ms;        /* of it, from when its turn comes */
    uint64_t deadline;         /* monotonic: of it and of waiting for its turn */
    const struct texts
        *hosts; /* that are declared: "api.example.com", "*.example.com", "*"; NULL: any */
    struct str who, request_id; /* for the log */
    void (*done)(struct fetch *fetch);

    /* What came of it. error "": an answer, of whatever status. */
    char error[FETCH_ERROR];
    bool is_theirs; /* the error: of whoever was asked, or of the way there */
    int status;
    int64_t took_ms;       /* from when its turn came */
    int64_t retry_after_s; /* what Retry-After of 429 and 503 asks for, as seconds; 0: nothing */
    struct buf head;       /* "name: value\n" each, names in lower case */
    struct buf answer;

    _Atomic bool is_cancelled;
    struct list_node node; /* the fetcher's */
    char host[FETCH_HOST]; /* of the URL that it is at, with its port where one is written */
};

/* Inits once, before its first use; fini frees what came. clear: as new, for another request. */
void fetch_init(struct fetch *fetch);
void fetch_clear(struct fetch *fetch);

/* On the loop's thread; before it runs. allow is borrowed, may be NULL. libcurl is started by the first fetch,
 * which fails where that cannot be. */
struct fetcher *fetcher_new(uv_loop_t *loop, const char *allow);
/* All below on the loop's thread. done is called from the loop, or at once. */
void fetcher_submit(struct fetcher *fetcher, struct fetch *fetch);
/* Ends those whose is_cancelled is set. */
void fetcher_look(struct fetcher *fetcher);
/* For /metrics; any thread. Takes NULL. */
struct fetch_figures {
    uint64_t answered, failed; /* since the start */
};
void fetcher_figures(const struct fetcher *fetcher, struct fetch_figures *figures);
/* Ends all that are there, and closes its handles: the loop must run once more. Takes NULL. */
void fetcher_close(struct fetcher *fetcher);

#endif

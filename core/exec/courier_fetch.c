/* Courier_fetch: whose turn it is, what the loop looks at, and the end of each request. */
#include "exec/courier_fetch_inside.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND UINT64_C(1000000)

struct fetch_watch {
    uv_poll_t poll; /* first: freed as one when it is closed */
    struct fetcher *fetcher;
    struct fetch_watch *next;
    int fd;
};

static void feed(struct fetcher *fetcher);
static struct transfer *free_slot(struct fetcher *fetcher, const struct fetch *fetch);
static void begin(struct transfer *transfer, struct fetch *fetch);
static bool start(struct transfer *transfer);
static void take_from_curl(struct fetcher *fetcher);
static void take_answer(struct transfer *transfer, CURLcode code);
static void drop_easy(struct transfer *transfer);
static void end(struct transfer *transfer);
static void finish(struct fetcher *fetcher, struct fetch *fetch);
static void write_down(const struct transfer *transfer);
static void go_on(struct fetcher *fetcher);
static void arm(struct fetcher *fetcher);
static void on_timer(uv_timer_t *timer);
static void on_closed(uv_handle_t *handle);
static int on_curl_timer(CURLM *multi, long milliseconds, void *context);
static const char *open_curl(struct fetcher *fetcher);
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused);
static void on_socket(uv_poll_t *poll, int status, int events);
static void on_watch_closed(uv_handle_t *handle);

void fetch_init(struct fetch *fetch)
{
    *fetch = (struct fetch){ .status = 0 };
    buf_init(&fetch->head, 2 * LIMIT_FETCH_HEAD);
    buf_init(&fetch->answer, LIMIT_FETCH_ANSWER);
    list_init(&fetch->node);
}

void fetch_clear(struct fetch *fetch)
{
    PRE(!list_is_in(&fetch->node));
    buf_fini(&fetch->head);
    buf_fini(&fetch->answer);
    fetch_init(fetch);
}

struct fetcher *fetcher_new(uv_loop_t *loop, const char *allow)
{
    struct fetcher *fetcher = xcalloc(1, sizeof(*fetcher));

    fetcher->loop = loop;
    fetcher->allow = allow;
    list_init(&fetcher->waiting);
    list_init(&fetcher->finished);
    for (size_t i = 0; i < LIMIT_FETCHES; i++)
        fetcher->transfers[i].fetcher = fetcher;
    uv_timer_init(loop, &fetcher->timer);
    fetcher->timer.data = fetcher;
    return fetcher;
}

/* At the first fetch: most servers fetch nothing. NULL, or what is wrong. */
static const char *open_curl(struct fetcher *fetcher)
{
    const char *fault;

    if (fetcher->multi)
        return NULL;
    fault = libcurl_load();
    if (fault)
        return fault;
    fetcher->multi = libcurl.multi_init();
    if (!fetcher->multi)
        return "libcurl cannot be started";
    libcurl.multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    libcurl.multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
    libcurl.multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    libcurl.multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
    return NULL;
}

void fetcher_submit(struct fetcher *fetcher, struct fetch *fetch)
{
    const char *fault = open_curl(fetcher);
    bool is_https;
    char *url;

    if (fault) {
        snprintf(fetch->error, FETCH_ERROR, "%s", fault);
        log_error(fetch->request_id, "nothing can be fetched", LOG_C("reason", fetch->error));
        finish(fetcher, fetch);
    } else if (fetch_place(fetch, fetch->url, &url, &is_https)) {
        free(url);
        list_append(&fetcher->waiting, &fetch->node);
    } else {
        log_warn(fetch->request_id, "a fetch was refused", LOG_S("plugin", fetch->who),
                 LOG_C("host", fetch->host), LOG_C("reason", fetch->error));
        finish(fetcher, fetch);
    }
    go_on(fetcher);
}

void fetcher_look(struct fetcher *fetcher)
{
    LIST_EACH(&fetcher->waiting, node)
    {
        struct fetch *fetch = LIST_ITEM(node, struct fetch, node);

        if (!atomic_load(&fetch->is_cancelled))
            continue;
        list_remove(&fetch->node);
        snprintf(fetch->error, FETCH_ERROR, "it was given up");
        finish(fetcher, fetch);
    }
    for (size_t i = 0; i < LIMIT_FETCHES; i++) {
        struct transfer *transfer = &fetcher->transfers[i];

        if (!transfer->fetch || !atomic_load(&transfer->fetch->is_cancelled))
            continue;
        snprintf(transfer->fetch->error, FETCH_ERROR, "it was given up");
        end(transfer);
    }
    go_on(fetcher);
}

void fetcher_close(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    LIST_EACH(&fetcher->waiting, node)
    atomic_store(&LIST_ITEM(node, struct fetch, node)->is_cancelled, true);
    for (size_t i = 0; i < LIMIT_FETCHES; i++)
        if (fetcher->transfers[i].fetch)
            atomic_store(&fetcher->transfers[i].fetch->is_cancelled, true);
    fetcher_look(fetcher);
    PRE(list_is_empty(&fetcher->waiting));
    if (fetcher->multi)
        libcurl.multi_cleanup(fetcher->multi);
    uv_close((uv_handle_t *)&fetcher->timer, on_closed);
}

void fetcher_figures(const struct fetcher *fetcher, struct fetch_figures *figures)
{
    *figures = (struct fetch_figures){ .answered = fetcher ? atomic_load(&fetcher->answered) : 0,
                                       .failed = fetcher ? atomic_load(&fetcher->failed) : 0 };
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* ---- Whose turn it is -------------------------------------------------------------------------- */

/* One that waits for its host does not hold up those behind it. */
static void feed(struct fetcher *fetcher)
{
    uint64_t now = clock_monotonic();

    LIST_EACH(&fetcher->waiting, node)
    {
        struct fetch *fetch = LIST_ITEM(node, struct fetch, node);
        struct transfer *slot = free_slot(fetcher, fetch);

        if (fetch->deadline > now && !slot)
            continue;
        list_remove(&fetch->node);
        if (fetch->deadline > now) {
            begin(slot, fetch);
            continue;
        }
        snprintf(fetch->error, FETCH_ERROR,
                 "its turn did not come in time: %d are fetched at one time, %d of one host",
                 LIMIT_FETCHES, LIMIT_FETCHES_HOST);
        log_warn(fetch->request_id, "a fetch failed", LOG_S("plugin", fetch->who),
                 LOG_C("host", fetch->host), LOG_C("reason", fetch->error));
        finish(fetcher, fetch);
    }
}

static struct transfer *free_slot(struct fetcher *fetcher, const struct fetch *fetch)
{
    struct transfer *slot = NULL;
    size_t same = 0;

    for (size_t i = 0; i < LIMIT_FETCHES; i++) {
        struct transfer *transfer = &fetcher->transfers[i];

        if (!transfer->fetch)
            slot = transfer;
        else
            same += !strcmp(transfer->fetch->host, fetch->host);
    }
    return same < LIMIT_FETCHES_HOST ? slot : NULL;
}

static void begin(struct transfer *transfer, struct fetch *fetch)
{
    uint64_t now = clock_monotonic();

    *transfer = (struct transfer){ .fetcher = transfer->fetcher,
                                   .fetch = fetch,
                                   .method = fetch->method,
                                   .has_body = fetch->has_body,
                                   .begun = now };
    transfer->ends_at = now + (uint64_t)fetch->timeout_ms * MILLISECOND;
    if (transfer->ends_at > fetch->deadline)
        transfer->ends_at = fetch->deadline;
    if (!fetch_place(fetch, fetch->url, &transfer->url, &transfer->is_https) || !start(transfer))
        end(transfer);
}

/* The next hop, or the first. */
static bool start(struct transfer *transfer)
{
    if (transfer_set_up(transfer) &&
        libcurl.multi_add_handle(transfer->fetcher->multi, transfer->easy) == CURLM_OK)
        return true;
    snprintf(transfer->fetch->error, FETCH_ERROR, "there is no memory for it");
    return false;
}

/* ---- Its end ----------------------------------------------------------------------------------- */

static void take_from_curl(struct fetcher *fetcher)
{
    CURLMsg *message;
    int left;

    while (fetcher->multi && (message = libcurl.multi_info_read(fetcher->multi, &left))) {
        struct transfer *transfer = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        libcurl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        take_answer(transfer, code);
    }
}

static void take_answer(struct transfer *transfer, CURLcode code)
{
    struct fetch *fetch = transfer->fetch;
    curl_off_t after = 0;
    long status = 0;

    if (code != CURLE_OK) {
        transfer_explain(transfer, code);
        end(transfer);
        return;
    }
    libcurl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    libcurl.easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &after);
    fetch->status = (int)status;
    fetch->retry_after_s = after > 0 && (status == 429 || status == 503) ? (int64_t)after : 0;
    if (!transfer_redirect(transfer)) {
        end(transfer);
        return;
    }
    drop_easy(transfer);
    buf_clear(&fetch->head);
    buf_clear(&fetch->answer);
    if (!start(transfer))
        end(transfer);
}

static void drop_easy(struct transfer *transfer)
{
    if (transfer->easy) {
        libcurl.multi_remove_handle(transfer->fetcher->multi, transfer->easy);
        libcurl.easy_cleanup(transfer->easy);
    }
    transfer->easy = NULL;
    libcurl.slist_free_all(transfer->headers);
    transfer->headers = NULL;
}

static void end(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;

    drop_easy(transfer);
    free(transfer->url);
    transfer->url = NULL;
    if (!fetch->error[0] && (fetch->head.overflowed || fetch->answer.overflowed))
        snprintf(fetch->error, FETCH_ERROR, "there is no memory for it");
    fetch->took_ms = (int64_t)((clock_monotonic() - transfer->begun) / MILLISECOND);
    if (!atomic_load(&fetch->is_cancelled))
        write_down(transfer);
    transfer->fetch = NULL;
    finish(transfer->fetcher, fetch);
}

static void finish(struct fetcher *fetcher, struct fetch *fetch)
{
    list_append(&fetcher->finished, &fetch->node);
}

/* Paths, queries, headers and bodies may be secret. */
static void write_down(const struct transfer *transfer)
{
    const struct fetch *fetch = transfer->fetch;

    atomic_fetch_add(fetch->error[0] ? &transfer->fetcher->failed : &transfer->fetcher->answered,
                     1);
    if (fetch->error[0])
        log_warn(fetch->request_id, "a fetch failed", LOG_S("plugin", fetch->who),
                 LOG_C("method", method_name(fetch->method)), LOG_C("host", fetch->host),
                 LOG_C("reason", fetch->error), LOG_N("ms", fetch->took_ms));
    else
        log_info(fetch->request_id, "fetched", LOG_S("plugin", fetch->who),
                 LOG_C("method", method_name(fetch->method)), LOG_C("host", fetch->host),
                 LOG_N("status", fetch->status), LOG_N("bytes", fetch->answer.len),
                 LOG_N("ms", fetch->took_ms));
}

/* Ends every function that others call. Whoever hears that his is done may submit the next one, so nothing is
 * half done here when he does. */
static void go_on(struct fetcher *fetcher)
{
    struct list_node *node;

    take_from_curl(fetcher);
    feed(fetcher);
    while ((node = list_pop(&fetcher->finished))) {
        struct fetch *fetch = LIST_ITEM(node, struct fetch, node);

        fetch->done(fetch);
        feed(fetcher);
    }
    arm(fetcher);
}

/* ---- Time and sockets -------------------------------------------------------------------------- */

static void arm(struct fetcher *fetcher)
{
    uint64_t now = clock_monotonic(), first = fetcher->curl_deadline;

    LIST_EACH(&fetcher->waiting, node)
    {
        uint64_t deadline = LIST_ITEM(node, struct fetch, node)->deadline;

        if (!first || deadline < first)
            first = deadline;
    }
    if (!first)
        uv_timer_stop(&fetcher->timer);
    else
        uv_timer_start(&fetcher->timer, on_timer,
                       first <= now ? 0 : (first - now) / MILLISECOND + 1, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct fetcher *fetcher = timer->data;
    int running;

    if (fetcher->curl_deadline && fetcher->curl_deadline <= clock_monotonic()) {
        fetcher->curl_deadline = 0;
        libcurl.multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    go_on(fetcher);
}

/* libcurl's times become one with those of who waits: arm. */
static int on_curl_timer(CURLM *multi, long milliseconds, void *context)
{
    struct fetcher *fetcher = context;

    (void)multi;
    fetcher->curl_deadline =
        milliseconds < 0 ? 0 : clock_monotonic() + (uint64_t)milliseconds * MILLISECOND;
    return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    struct fetcher *fetcher = context;
    struct fetch_watch **at = &fetcher->watches, *found;

    (void)easy;
    (void)unused;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    found = *at;
    if (what == CURL_POLL_REMOVE) {
        if (found) {
            *at = found->next;
            uv_poll_stop(&found->poll);
            uv_close((uv_handle_t *)&found->poll, on_watch_closed);
        }
        return 0;
    }
    if (!found) {
        found = xcalloc(1, sizeof(*found));
        found->fetcher = fetcher;
        found->fd = fd;
        if (uv_poll_init(fetcher->loop, &found->poll, fd) != 0) {
            free(found); /* then time ends it */
            return 0;
        }
        found->poll.data = found;
        found->next = fetcher->watches;
        fetcher->watches = found;
    }
    uv_poll_start(&found->poll,
                  (what & CURL_POLL_IN ? UV_READABLE : 0) |
                      (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
                  on_socket);
    return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct fetch_watch *found = poll->data;
    struct fetcher *fetcher = found->fetcher;
    int running;

    /* An error is found by reading. */
    libcurl.multi_socket_action(fetcher->multi, found->fd,
                                status < 0 ? CURL_CSELECT_ERR
                                           : (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                                                 (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0),
                                &running);
    go_on(fetcher);
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle);
}

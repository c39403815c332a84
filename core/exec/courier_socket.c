/* Courier_socket: the mail server, and what it waits for in the courier's loop; what is fetched there. */
#include "exec/courier_inside.h"

#include "base/check.h"
#include "base/log.h"

#include <stdlib.h>

struct courier_watch {
    uv_poll_t poll; /* first: freed as one when it is closed */
    struct courier *courier;
    struct courier_watch *next;
    int fd;
};

static void watch(void *context, int fd, int events);
static void set_timer(void *context, int64_t milliseconds);
static void on_watch_closed(uv_handle_t *handle);
static void on_socket(uv_poll_t *poll, int status, int events);
static void on_smtp_timer(uv_timer_t *timer);

enum status courier_open_smtp(struct courier *courier)
{
    const struct config *config = courier->options.config;
    struct failure failure = { 0 };
    struct smtp_options options;

    if (!config->smtp_url) {
        log_info(STR_NONE, "no smtp_url is set: mails become files",
                 LOG_S("folder", courier->mailer.maildir));
        return ST_OK;
    }
    mailer_smtp_options(config, &courier->mailer, &options);
    options.watch = watch;
    options.set_timer = set_timer;
    options.context = courier;
    if (smtp_open(&options, &courier->smtp, &failure, &courier->kept) != ST_OK)
        log_error(STR_NONE, "mail cannot be sent", LOG_S("reason", failure.message));
    return failure.status;
}

void courier_fetch(struct courier *courier, struct fetch *fetch)
{
    mutex_lock(&courier->lock);
    list_append(&courier->asked, &fetch->node);
    mutex_unlock(&courier->lock);
    courier_wake(courier);
}

void courier_give_up(struct courier *courier, struct fetch *fetch)
{
    atomic_store(&fetch->is_cancelled, true);
    courier_wake(courier);
}

void courier_fetch_figures(const struct courier *courier, struct fetch_figures *figures)
{
    fetcher_figures(courier->fetcher, figures);
}

void courier_take_fetches(struct courier *courier)
{
    struct list_node asked, *node;

    list_init(&asked);
    mutex_lock(&courier->lock);
    list_move_all(&asked, &courier->asked);
    mutex_unlock(&courier->lock);
    while ((node = list_pop(&asked)))
        fetcher_submit(courier->fetcher, LIST_ITEM(node, struct fetch, node));
    fetcher_look(courier->fetcher);
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle);
}

static void watch(void *context, int fd, int events)
{
    struct courier *courier = context;
    struct courier_watch **at = &courier->watches, *found;

    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    found = *at;
    if (!events) {
        if (found) {
            *at = found->next;
            uv_poll_stop(&found->poll);
            uv_close((uv_handle_t *)&found->poll, on_watch_closed);
        }
        return;
    }
    if (!found) {
        found = xcalloc(1, sizeof(*found));
        found->courier = courier;
        found->fd = fd;
        if (uv_poll_init(&courier->loop, &found->poll, fd) != 0) {
            free(found); /* then time ends it */
            return;
        }
        found->poll.data = found;
        found->next = courier->watches;
        courier->watches = found;
    }
    uv_poll_start(&found->poll,
                  (events & SMTP_READABLE ? UV_READABLE : 0) |
                      (events & SMTP_WRITABLE ? UV_WRITABLE : 0),
                  on_socket);
}

static void set_timer(void *context, int64_t milliseconds)
{
    struct courier *courier = context;

    if (milliseconds < 0)
        uv_timer_stop(&courier->smtp_timer);
    else
        uv_timer_start(&courier->smtp_timer, on_smtp_timer, (uint64_t)milliseconds, 0);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct courier_watch *found = poll->data;
    struct courier *courier = found->courier;

    /* An error is found by reading. */
    smtp_on_socket(courier->smtp, found->fd,
                   status < 0 ? SMTP_READABLE
                              : (events & UV_READABLE ? SMTP_READABLE : 0) |
                                    (events & UV_WRITABLE ? SMTP_WRITABLE : 0));
    courier_end_if_idle(courier);
}

static void on_smtp_timer(uv_timer_t *timer)
{
    struct courier *courier = timer->data;

    smtp_on_timer(courier->smtp);
    courier_end_if_idle(courier);
}

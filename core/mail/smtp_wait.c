/* Smtp_wait: the sockets that are to be looked at, and when. */
#include "mail/smtp_wait.h"

#include "base/check.h"
#include "base/clock.h"

#include <string.h>

#define MILLISECOND UINT64_C(1000000)

static void watch(void *context, int fd, int events);
static void set_timer(void *context, int64_t milliseconds);

void smtp_wait_options(struct smtp_wait *wait, struct smtp_options *options)
{
    options->watch = watch;
    options->set_timer = set_timer;
    options->context = wait;
}

bool smtp_wait_once(struct smtp_wait *wait, struct smtp *smtp)
{
    struct pollfd fds[sizeof(wait->fds) / sizeof(wait->fds[0])];
    size_t i, count = wait->count;
    uint64_t now = clock_monotonic();
    int rest = -1;

    if (count == 0 && !wait->deadline)
        return false;
    if (wait->deadline)
        rest = wait->deadline <= now ? 0 : (int)((wait->deadline - now) / MILLISECOND) + 1;
    memcpy(fds, wait->fds, count * sizeof(fds[0])); /* it changes while they are served */
    if (poll(fds, (nfds_t)count, rest) > 0)
        for (i = 0; i < count; i++)
            if (fds[i].revents)
                smtp_on_socket(smtp, fds[i].fd,
                               (fds[i].revents & (POLLIN | POLLHUP | POLLERR) ? SMTP_READABLE : 0) |
                                   (fds[i].revents & POLLOUT ? SMTP_WRITABLE : 0));
    if (wait->deadline && wait->deadline <= clock_monotonic())
        smtp_on_timer(smtp);
    return true;
}

static void watch(void *context, int fd, int events)
{
    struct smtp_wait *wait = context;
    size_t i;

    for (i = 0; i < wait->count && wait->fds[i].fd != fd; i++)
        continue;
    if (!events) {
        if (i < wait->count)
            wait->fds[i] = wait->fds[--wait->count];
        return;
    }
    NEVER(i == sizeof(wait->fds) / sizeof(wait->fds[0]));
    wait->fds[i] = (struct pollfd){
        .fd = fd,
        .events =
            (short)((events & SMTP_READABLE ? POLLIN : 0) | (events & SMTP_WRITABLE ? POLLOUT : 0)),
    };
    wait->count += i == wait->count;
}

static void set_timer(void *context, int64_t milliseconds)
{
    struct smtp_wait *wait = context;

    wait->deadline =
        milliseconds < 0 ? 0 : clock_monotonic() + (uint64_t)milliseconds * MILLISECOND;
    if (milliseconds == 0)
        wait->deadline = clock_monotonic();
}

/* Accept: accept4 until nothing is left, and what to do at EMFILE. */
#include "net/accept.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum {
    AT_ONCE = 64, /* then the loop's connections have their turn */
    PAUSE_MILLISECONDS = 100,
    TELL_MILLISECONDS = 1000,
    REFUSED_READS = 16 /* of what a refused peer has sent */
};

#define BUSY_BODY                                                                                  \
    "{\"title\":\"Service Unavailable\",\"status\":503,\"code\":\"busy\","                         \
    "\"message\":\"The server is saturated: try again in a moment.\"}"

static void on_readable(uv_poll_t *poll, int status, int events);
static void take(struct acceptor *acceptor, size_t most);
static bool take_one(struct acceptor *acceptor);
static bool is_shortage(int error);
static bool spare(struct acceptor *acceptor, int error);
static void pause_accepting(struct acceptor *acceptor);
static void refuse(struct acceptor *acceptor, int fd);
static struct str peer_text(const struct sockaddr_storage *address, char text[INET6_ADDRSTRLEN]);
static void on_closed(uv_handle_t *handle);

bool acceptor_start(struct acceptor *acceptor, uv_loop_t *loop, int fd,
                    const struct acceptor_calls *calls, int *error)
{
    *acceptor = (struct acceptor){ .calls = *calls, .fd = fd };
    acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    acceptor->poll.data = acceptor;
    *error = uv_poll_init(loop, &acceptor->poll, fd);
    if (*error != 0) {
        close(fd);
        return false;
    }
    acceptor->is_open = true;
    *error = uv_poll_start(&acceptor->poll, UV_READABLE, on_readable);
    return *error == 0;
}

void acceptor_tick(struct acceptor *acceptor)
{
    if (!acceptor_is_paused(acceptor) || uv_now(acceptor->poll.loop) < acceptor->resume_at)
        return;
    acceptor->resume_at = 0;
    if (acceptor->reserve < 0)
        acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    uv_poll_start(&acceptor->poll, UV_READABLE, on_readable);
}

bool acceptor_is_paused(const struct acceptor *acceptor)
{
    return acceptor->is_open && acceptor->resume_at != 0;
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (!acceptor->is_open)
        return;
    take(acceptor, SIZE_MAX);
    acceptor->is_open = false;
    uv_close((uv_handle_t *)&acceptor->poll, on_closed);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events; /* accept4 says what is the matter */
    take(poll->data, AT_ONCE);
}

static void take(struct acceptor *acceptor, size_t most)
{
    for (size_t i = 0; i < most; i++)
        if (!take_one(acceptor))
            return;
}

/* False: there is none, or accepting pauses. */
static bool take_one(struct acceptor *acceptor)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char text[INET6_ADDRSTRLEN];
    int fd = accept4(acceptor->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        if (!acceptor->calls.on_socket(fd, peer_text(&address, text), acceptor->calls.context))
            refuse(acceptor, fd);
        return true;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return false;
    if (is_shortage(errno))
        return spare(acceptor, errno);
    /* what became of one connection says nothing of the next (accept(2), "Error handling") */
    if (errno != EINTR && errno != ECONNABORTED)
        log_warn(STR_NONE, "a connection was lost before it was taken",
                 LOG_C("error", strerror(errno)));
    return errno != EBADF && errno != EINVAL && errno != ENOTSOCK;
}

static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* True: try again. */
static bool spare(struct acceptor *acceptor, int error)
{
    uint64_t now = uv_now(acceptor->poll.loop);

    if (acceptor->calls.on_shortage(acceptor->calls.context))
        return true;
    if (acceptor->told_at == 0 || now - acceptor->told_at >= TELL_MILLISECONDS) {
        acceptor->told_at = now;
        log_warn(STR_NONE, "no files left: connections wait, raise the limit (ulimit -n)",
                 LOG_C("error", strerror(error)));
    }
    if (acceptor->reserve >= 0) {
        int fd;

        close(acceptor->reserve);
        fd = accept4(acceptor->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            refuse(acceptor, fd);
        acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    pause_accepting(acceptor);
    return false;
}

static void pause_accepting(struct acceptor *acceptor)
{
    if (!acceptor->is_open || acceptor_is_paused(acceptor))
        return;
    acceptor->resume_at = uv_now(acceptor->poll.loop) + PAUSE_MILLISECONDS;
    uv_poll_stop(&acceptor->poll);
}

/* Best effort: there is no place for a connection that could wait until this is read. */
static void refuse(struct acceptor *acceptor, int fd)
{
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                 "Content-Type: application/problem+json\r\n"
                                 "Content-Length: 118\r\n"
                                 "Retry-After: 1\r\n"
                                 "Cache-Control: no-store\r\n"
                                 "Connection: close\r\n"
                                 "\r\n" BUSY_BODY;
    char unread[4096];
    int reads = 0;

    _Static_assert(sizeof BUSY_BODY == 118 + 1, "Content-Length above");

    if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
        shutdown(fd, SHUT_WR);
        /* what is unread when the socket is closed would make the kernel take the answer back */
        while (reads++ < REFUSED_READS && recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0)
            ;
    }
    close(fd);
    acceptor->calls.on_refused(acceptor->calls.context);
}

/* Without port; IPv4 over an IPv6 socket as IPv4. */
static struct str peer_text(const struct sockaddr_storage *address, char text[INET6_ADDRSTRLEN])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

        if (memcmp(v6->sin6_addr.s6_addr, mapped, sizeof mapped) == 0)
            inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text, INET6_ADDRSTRLEN);
        else
            inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
    } else {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text,
                  INET6_ADDRSTRLEN);
    }
    return str_from(text);
}

static void on_closed(uv_handle_t *handle)
{
    struct acceptor *acceptor = handle->data;

    close(acceptor->fd);
    if (acceptor->reserve >= 0)
        close(acceptor->reserve);
    acceptor->calls.on_closed(acceptor->calls.context);
}

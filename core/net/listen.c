/* Listen: resolving, binding, and words for what can go wrong. */
#include "net/listen.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static bool resolve(struct listener *listener, const char *address, struct arena *arena,
                    struct failure *failure);
static int listen_socket(const struct listener *listener, bool is_another);
static void explain(const char *address, int error, struct arena *arena, struct failure *failure);
static void take_name(struct listener *listener);

enum status listener_open(struct listener *listener, const char *address, size_t count,
                          struct arena *arena, struct failure *failure)
{
    *listener = (struct listener){ .first = -1, .is_shared = count > 1 };
    if (!resolve(listener, address, arena, failure))
        return ST_UNAVAILABLE;
    listener->first = listen_socket(listener, false);
    if (listener->first < 0) {
        explain(address, errno, arena, failure);
        return ST_UNAVAILABLE;
    }
    take_name(listener);
    return ST_OK;
}

int listener_socket(struct listener *listener, int loop)
{
    int fd;

    if (loop > 0)
        return listen_socket(listener, true);
    fd = listener->first;
    PRE(fd >= 0);
    listener->first = -1;
    return fd;
}

void listener_close(struct listener *listener)
{
    if (listener->first >= 0)
        close(listener->first);
    listener->first = -1;
}

/* host:port or [v6]:port, as config has checked it; a name gives its first address. */
static bool resolve(struct listener *listener, const char *address, struct arena *arena,
                    struct failure *failure)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    const char *colon = strrchr(address, ':');
    struct str host = str_slice(address, colon ? (size_t)(colon - address) : 0);
    struct addrinfo *found = NULL;
    int error;

    if (host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = str_slice(host.at + 1, host.len - 2);
    error = colon == NULL ? EAI_NONAME
                          : getaddrinfo(str_copy(arena, host).at, colon + 1, &hints, &found);
    if (error != 0) {
        failure_set(failure, arena, ST_UNAVAILABLE, "listen_address",
                    "cannot listen on %s: %s. Write an address of this machine, as in --listen "
                    "127.0.0.1:8080.",
                    address, gai_strerror(error));
        return false;
    }
    memcpy(&listener->address, found->ai_addr, found->ai_addrlen);
    listener->address_len = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static int listen_socket(const struct listener *listener, bool is_another)
{
    const struct sockaddr *address = (const struct sockaddr *)&listener->address;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1, off = 0;
    int error;

    if (fd < 0)
        return -1;
    /* what an earlier server left in TIME_WAIT must not keep this one from starting */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (!is_another || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        /* [::] takes IPv4 too, whatever the machine's default is */
        (address->sa_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
        /* inherited by every connection */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        bind(fd, address, listener->address_len) == 0 && listen(fd, BACKLOG) == 0 &&
        /* of the first only now: sockets that listen unshared keep others out, and are kept out */
        (is_another || !listener->is_shared ||
         setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0))
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void explain(const char *address, int error, struct arena *arena, struct failure *failure)
{
    const char *advice = "Choose another address with --listen.";

    if (error == EADDRINUSE)
        advice = "Another program, perhaps another foyer, listens there: end it, or choose another "
                 "port with --listen (port 0 takes a free one).";
    else if (error == EACCES)
        advice = "Ports below 1024 need the right CAP_NET_BIND_SERVICE: choose a port above with "
                 "--listen, and let a proxy stand in front.";
    else if (error == EADDRNOTAVAIL)
        advice = "This machine does not have that address: choose one that it has with --listen, "
                 "or 0.0.0.0 for all.";
    failure_set(failure, arena, ST_UNAVAILABLE, "listen_address", "cannot listen on %s: %s. %s",
                address, strerror(error), advice);
}

/* The kernel has chosen the port where it was 0. */
static void take_name(struct listener *listener)
{
    struct sockaddr *address = (struct sockaddr *)&listener->address;
    char host[INET6_ADDRSTRLEN], port[8];

    listener->address_len = sizeof listener->address;
    NEVER(getsockname(listener->first, address, &listener->address_len) < 0);
    NEVER(getnameinfo(address, listener->address_len, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0);
    snprintf(listener->text, sizeof listener->text,
             address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* Web_peer: see its header. */
#include "web_peer.h"

#include "base/limits.h"
#include "harness.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static void run(void *arg);
static bool hear(struct web_peer *peer, int fd);

void web_peer_start(struct web_peer *peer, bool (*serve)(struct web_peer *peer, int fd, int number))
{
    web_peer_start_at(peer, INADDR_LOOPBACK, 0, serve);
}

void web_peer_start_at(struct web_peer *peer, uint32_t at, int port,
                       bool (*serve)(struct web_peer *peer, int fd, int number))
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(at),
                                   .sin_port = htons((uint16_t)port) };
    socklen_t len = sizeof(address);

    memset(peer, 0, sizeof(*peer));
    peer->serve = serve;
    buf_init(&peer->heard, MIB(4));
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(peer->listener, (struct sockaddr *)&address, len) == 0);
    CHECK(listen(peer->listener, 64) == 0);
    CHECK(getsockname(peer->listener, (struct sockaddr *)&address, &len) == 0);
    peer->port = ntohs(address.sin_port);
    snprintf(peer->url, sizeof(peer->url), "http://127.0.0.1:%d", peer->port);
    CHECK_INT(thread_start(&peer->thread, "peer", run, peer), ST_OK);
}

void web_peer_stop(struct web_peer *peer)
{
    atomic_store(&peer->is_over, true);
    shutdown(peer->listener, SHUT_RDWR);
    thread_join(&peer->thread);
    close(peer->listener);
    for (int i = 0; i < peer->kept_count; i++)
        close(peer->kept[i]);
    buf_fini(&peer->heard);
}

static void run(void *arg)
{
    struct web_peer *peer = arg;

    for (int number = 0; !atomic_load(&peer->is_over);) {
        int fd = accept(peer->listener, NULL, NULL);

        if (fd < 0)
            continue;
        if (hear(peer, fd) && !peer->serve(peer, fd, number++))
            peer->kept[atomic_fetch_add(&peer->kept_count, 1)] = fd;
        else
            close(fd);
        atomic_store(&peer->count, number);
    }
}

/* Head and body. */
static bool hear(struct web_peer *peer, int fd)
{
    size_t body = 0;
    const char *end = NULL;

    buf_clear(&peer->heard);
    while (!end || peer->heard.len < (size_t)(end + 4 - peer->heard.at) + body) {
        struct pollfd poller = { .fd = fd, .events = POLLIN };
        char text[65536];
        ssize_t got = poll(&poller, 1, PATIENCE_MS) == 1 ? recv(fd, text, sizeof(text), 0) : -1;
        const char *length;

        if (got <= 0)
            return false;
        buf_put(&peer->heard, text, (size_t)got);
        end = memmem(peer->heard.at, peer->heard.len, "\r\n\r\n", 4);
        length =
            end ? memmem(peer->heard.at, (size_t)(end - peer->heard.at), "Content-Length: ", 16)
                : NULL;
        if (length)
            body = strtoul(length + 16, NULL, 10);
    }
    buf_char(&peer->heard, 0);
    peer->heard.len--;
    return true;
}

bool web_peer_send(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        text += sent;
        len -= (size_t)sent;
    }
    return true;
}

bool web_peer_says(struct web_peer *peer, int fd, int number)
{
    (void)number;
    web_peer_send(fd, peer->answer, strlen(peer->answer));
    return true;
}

bool web_peer_is_silent(struct web_peer *peer, int fd, int number)
{
    (void)peer;
    (void)fd;
    (void)number;
    return false;
}

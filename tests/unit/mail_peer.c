/* Mail_peer: see its header. */
#include "mail_peer.h"

#include "base/limits.h"
#include "harness.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static void run(void *arg);
static bool step(struct mail_peer *peer, const char *line);
static bool hear(struct mail_peer *peer, const char *end, struct str *piece);
static void hang_up(struct mail_peer *peer, bool is_rude);

void mail_peer_start(struct mail_peer *peer, const char *const *script)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);

    *peer = (struct mail_peer){ .script = script, .fd = -1 };
    buf_init(&peer->heard, MIB(4));
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(peer->listener, (struct sockaddr *)&address, len) == 0);
    CHECK(listen(peer->listener, 16) == 0);
    CHECK(getsockname(peer->listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(peer->url, sizeof(peer->url), "smtp://127.0.0.1:%d", ntohs(address.sin_port));
    CHECK_INT(thread_start(&peer->thread, "peer", run, peer), ST_OK);
}

void mail_peer_stop(struct mail_peer *peer)
{
    thread_join(&peer->thread);
    close(peer->listener);
    buf_fini(&peer->heard);
    CHECK_STR((const char *)peer->fault, "");
}

static void run(void *arg)
{
    struct mail_peer *peer = arg;
    const char *const *line;

    for (line = peer->script; *line; line++)
        if (!step(peer, *line)) {
            if (!peer->fault[0])
                snprintf(peer->fault, sizeof(peer->fault), "it ended at: %s", *line);
            break;
        }
    hang_up(peer, false);
}

static bool is_ready(int fd)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN };

    return poll(&poller, 1, PATIENCE_MS) == 1;
}

static bool step(struct mail_peer *peer, const char *line)
{
    struct str heard;
    char text[1024];
    int len;

    if (peer->fd < 0 &&
        (!is_ready(peer->listener) || (peer->fd = accept(peer->listener, NULL, NULL)) < 0))
        return false;
    switch (line[0]) {
    case 'S':
        len = snprintf(text, sizeof(text), "%s\r\n", line + 2);
        return send(peer->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
    case 'C':
        if (!hear(peer, "\r\n", &heard))
            return false;
        if (str_starts(heard, str_from(line + 2)))
            return true;
        snprintf(peer->fault, sizeof(peer->fault), "heard `%.*s`, not `%s`", STR_ARG(heard),
                 line + 2);
        return false;
    case 'D':
        if (!hear(peer, "\r\n.\r\n", &heard))
            return false;
        snprintf(peer->message, sizeof(peer->message), "%.*s", STR_ARG(heard));
        peer->messages++;
        return true;
    case 'W':
        while (is_ready(peer->fd) && recv(peer->fd, text, sizeof(text), 0) > 0)
            continue;
        return true;
    default:
        hang_up(peer, line[0] == 'R');
        return true;
    }
}

/* What was heard before the last `end` stays in the buffer until the next call. */
static bool hear(struct mail_peer *peer, const char *end, struct str *piece)
{
    size_t end_len = strlen(end);
    const char *found;

    buf_drop(&peer->heard, peer->taken);
    peer->taken = 0;
    while (peer->heard.len == 0 ||
           !(found = memmem(peer->heard.at, peer->heard.len, end, end_len))) {
        char text[4096];
        ssize_t got = is_ready(peer->fd) ? recv(peer->fd, text, sizeof(text), 0) : -1;

        if (got <= 0)
            return false;
        buf_put(&peer->heard, text, (size_t)got);
    }
    *piece = str_slice(peer->heard.at, (size_t)(found - peer->heard.at));
    peer->taken = piece->len + end_len;
    return true;
}

static void hang_up(struct mail_peer *peer, bool is_rude)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    if (peer->fd < 0)
        return;
    if (is_rude)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(peer->fd);
    peer->fd = -1;
    buf_clear(&peer->heard);
    peer->taken = 0;
}

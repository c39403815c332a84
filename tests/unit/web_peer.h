/* Web_peer: a web server that answers as a test says, on a thread, on a loopback port. */
#ifndef FOYER_TESTS_WEB_PEER_H
#define FOYER_TESTS_WEB_PEER_H

#include "base/buf.h"
#include "base/thread.h"

#include <stdatomic.h>

struct web_peer {
    /* Answers the number-th request (from 0) on fd; false: the connection stays open until the end. Requests
     * come one after the other. */
    bool (*serve)(struct web_peer *peer, int fd, int number);
    struct thread thread;
    int listener, port;
    char url[64];       /* http://127.0.0.1:PORT */
    struct buf heard;   /* the last request, whole */
    const char *answer; /* for web_peer_says */
    int kept[64];
    _Atomic int kept_count, count; /* connections; requests that were answered */
    _Atomic bool is_over;
};

void web_peer_start(struct web_peer *peer,
                    bool (*serve)(struct web_peer *peer, int fd, int number));
/* At another address of this machine (as INADDR_LOOPBACK + 1: 127.0.0.2), and at that port; 0: any. url is not its. */
void web_peer_start_at(struct web_peer *peer, uint32_t at, int port,
                       bool (*serve)(struct web_peer *peer, int fd, int number));
void web_peer_stop(struct web_peer *peer);
/* False: the other end has closed. */
bool web_peer_send(int fd, const char *text, size_t len);
/* serve: peer->answer, as it is. */
bool web_peer_says(struct web_peer *peer, int fd, int number);
/* serve: nothing at all, and the connection stays. */
bool web_peer_is_silent(struct web_peer *peer, int fd, int number);

#endif

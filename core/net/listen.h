/* Listen: the sockets that connections come to.
 *
 * One socket a loop, shared by SO_REUSEPORT, which would also let a second server in without a word:
 * so a probe without it is bound first, and stays until all listen.
 */
#ifndef FOYER_NET_LISTEN_H
#define FOYER_NET_LISTEN_H

#include "base/arena.h"
#include "base/failure.h"

#include <sys/socket.h>

enum { LISTENER_TEXT = 300 };

/* Main thread until the loops run; listener_socket then from any of them, one at a time. */
struct listener {
    struct sockaddr_storage address; /* with the port that was given or found */
    socklen_t address_len;
    int probe;                /* -1: none */
    bool is_shared;           /* by several loops */
    char text[LISTENER_TEXT]; /* "127.0.0.1:8080", "[::1]:8080" */
};

/* Binds "host:port" (port 0: a free one) for count loops. ST_UNAVAILABLE: failure says which address,
 * why not, and what to do. listener_close takes the half-open. */
enum status listener_open(struct listener *listener, const char *address, size_t count,
                          struct arena *arena, struct failure *failure);
/* Gives a listening socket, non-blocking; the caller closes it. -1: errno says why. */
int listener_socket(struct listener *listener);
/* All listen: the probe is closed. */
void listener_settle(struct listener *listener);
void listener_close(struct listener *listener);

#endif

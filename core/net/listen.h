/* Listen: the sockets that connections come to.
 *
 * One socket a loop, shared by SO_REUSEPORT, which would also let a second server in without a word: so
 * the first is bound without it and listens at once, which the kernel grants to one alone. Only then it is
 * shared with those of the other loops.
 */
#ifndef FOYER_NET_LISTEN_H
#define FOYER_NET_LISTEN_H

#include "base/arena.h"
#include "base/failure.h"

#include <sys/socket.h>

enum { LISTENER_TEXT = 300 };

/* Main thread until the loops run; then read-only but for `first`, which is loop 0's. */
struct listener {
    struct sockaddr_storage address; /* with the port that was given or found */
    socklen_t address_len;
    int first;                /* loop 0's, which listens; -1: none, or taken */
    bool is_shared;           /* by several loops */
    char text[LISTENER_TEXT]; /* "127.0.0.1:8080", "[::1]:8080" */
};

/* Binds "host:port" (port 0: a free one) for count loops. ST_UNAVAILABLE: failure says which address,
 * why not, and what to do. listener_close takes the half-open. */
enum status listener_open(struct listener *listener, const char *address, size_t count,
                          struct arena *arena, struct failure *failure);
/* Gives the listening socket of a loop, non-blocking, once for each; the caller closes it. -1: errno says
 * why. On that loop. */
int listener_socket(struct listener *listener, int loop);
void listener_close(struct listener *listener);

#endif

/* Accept: takes connections off one loop's listening socket, also when there are no files left.
 *
 * At EMFILE a file that is held in reserve is given up for a moment, so that one peer gets an answer
 * instead of silence; then accepting pauses, and the others wait in the backlog. Belongs to one
 * loop's thread.
 */
#ifndef FOYER_NET_ACCEPT_H
#define FOYER_NET_ACCEPT_H

#include "base/str.h"

#include <sys/socket.h>
#include <uv.h>

struct acceptor;

struct acceptor_calls {
    /* Takes the socket (non-blocking). False: it is one too many, the acceptor answers 503. */
    bool (*on_socket)(int fd, struct str peer, void *context);
    /* There is no file left: close a connection that can be spared. False: there is none. */
    bool (*on_shortage)(void *context);
    /* One was refused. */
    void (*on_refused)(void *context);
    void (*on_closed)(void *context); /* after acceptor_stop */
    void *context;
};

struct acceptor {
    uv_poll_t poll;
    struct acceptor_calls calls;
    int fd;
    int reserve;
    bool is_open;
    uint64_t resume_at; /* milliseconds of the loop; 0: is not paused */
    uint64_t told_at;   /* when the log last heard of a shortage */
};

/* Takes fd, which listens. False: libuv does not take it (*error is its number); fd is closed, or will
 * be by acceptor_stop where is_open. */
bool acceptor_start(struct acceptor *acceptor, uv_loop_t *loop, int fd,
                    const struct acceptor_calls *calls, int *error);
/* Goes on when the pause is over. Called by the loop's tick. */
void acceptor_tick(struct acceptor *acceptor);
bool acceptor_is_paused(const struct acceptor *acceptor);
/* Takes all that the backlog holds, then closes the socket. on_closed follows. */
void acceptor_stop(struct acceptor *acceptor);

#endif

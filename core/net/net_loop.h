/* Net_loop: what net keeps for one loop. For the files of net/ alone.
 *
 * Belongs to that loop's thread.
 */
#ifndef FOYER_NET_NET_LOOP_H
#define FOYER_NET_NET_LOOP_H

#include "base/buf.h"
#include "base/limits.h"
#include "exec/loop.h"
#include "net/accept.h"
#include "net/deadline.h"
#include "net/wire.h"

struct conn;
struct net;
struct proxy_list;

enum { INPUT_BYTES = 64 * 1024 };

struct net_loop {
    struct net *net;
    struct loop *loop;
    struct acceptor acceptor;
    struct deadlines deadlines;
    uv_timer_t tick;    /* runs while there is a connection or accepting pauses */
    struct conn *conns; /* all, newest first */
    size_t conn_count;
    size_t body_bytes; /* of bodies that are not whole yet, of all connections */
    const struct proxy_list *proxies;
    struct wire_date date;
    struct buf head; /* of the answer that is being written */
    bool is_draining;
    bool is_accepting; /* the acceptor is not closed yet */
    bool is_tick_open;
    uint64_t drain_until; /* milliseconds of the loop */
    /* Bytes are read here and used up before the next read: connections keep none of their own but
     * what came while an answer was being made. */
    char input[INPUT_BYTES];
};

/* One more connection: false when there are too many already. One less. (net.c) */
bool net_loop_enter(struct net_loop *net);
void net_loop_leave(struct net_loop *net);

#endif

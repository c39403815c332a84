/* Conn: one connection, from accept to close. A checked state machine; the picture is in conn.c.
 *
 * Belongs to one loop's thread. Is freed when its socket is closed and its job has come back.
 */
#ifndef FOYER_NET_CONN_H
#define FOYER_NET_CONN_H

#include "base/str.h"
#include "net/deadline.h"

struct conn;
struct net_loop;

/* Takes the socket (non-blocking); peer is copied. False: libuv does not take it; closed. */
bool conn_open(struct net_loop *net, int fd, struct str peer);
/* The deadline of a conn is over: what must be done now. */
void conn_on_deadline(struct deadline *deadline);
/* Closes an idle one at once (deadline is a conn's of kind DEADLINE_IDLE). False: it has only just
 * come, and its request may be on its way. */
bool conn_spare(struct deadline *deadline);
/* The server drains: closes what is idle; the rest ends after the answer that is being made. */
void conn_drain(struct conn *conn);
/* Whatever it does: closes it. */
void conn_abort(struct conn *conn);

#endif

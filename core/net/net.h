/* Net: everything between the sockets and exec.
 *
 *   server_open(&server, …); net_open(&net, &server, …);
 *   code = server_run(&server, net_calls(net));
 *   server_close(&server); net_close(net);
 *
 * Prints "listening on http://ADDR:PORT" on stdout once every loop listens.
 */
#ifndef FOYER_NET_NET_H
#define FOYER_NET_NET_H

#include "exec/server.h"

/* Main thread; what the loops share is read-only but for the count of connections. */
struct net;

/* Binds config->listen and tells the server the bound address (server_set_bound). ST_UNAVAILABLE:
 * *net is NULL, failure says which address and what to do. */
enum status net_open(struct net **net, struct server *server, struct arena *arena,
                     struct failure *failure);
const struct loop_calls *net_calls(struct net *net);
void net_close(struct net *net); /* takes NULL */

#endif

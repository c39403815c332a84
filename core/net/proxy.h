/* Proxy: who asks when trusted proxies stand between. */
#ifndef FOYER_NET_PROXY_H
#define FOYER_NET_PROXY_H

#include "http/request.h"

/* Addresses that are believed; immutable once made; shared by all loops. */
struct proxy_list;

/* list as in config->trusted_proxies: IP literals by commas, with /prefix or without; NULL: none. */
struct proxy_list *proxy_list_new(const char *list);
void proxy_list_free(struct proxy_list *list);

/* The address that asked: peer, unless peer is trusted; then the last one of X-Forwarded-For that is
 * not (the first one where all are). What is no address ends the search. Without port; borrows from
 * peer or the request. */
struct str proxy_peer(const struct proxy_list *list, struct str peer, const struct request *rq);

#endif

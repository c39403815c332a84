/* Host: which names this server answers to.
 *
 * A request for another name is refused with 421, so that nobody can make links or cookies for a
 * name that is not ours. Ports are not compared: proxies and tunnels change them.
 */
#ifndef FOYER_HTTP_HOST_H
#define FOYER_HTTP_HOST_H

#include "base/str.h"

/* Immutable once made; shared by all threads. */
struct host_policy;

/* Ours are: the base URL's host, the verified domains, localhost, the listening address
 * ("127.0.0.1:8080"), and any IP literal while base_url is NULL. Copies. */
struct host_policy *host_policy_new(const char *base_url, const char *listen,
                                    const struct str *domains, size_t count);
void host_policy_free(struct host_policy *policy);
/* host as in the Host field, with or without port; must be valid. */
bool host_is_ours(const struct host_policy *policy, struct str host);

/* uri-host [ ":" port ] of RFC 9110: a name of letters, digits, '-', '_' and '.', an IPv4 address, or
 * an IPv6 address in brackets; port 1 to 65535. */
bool host_is_valid(struct str host);
/* Without port, brackets and last dot; borrows. */
struct str host_name(struct str host);
bool host_is_literal(struct str name); /* an IPv4 or IPv6 address */

#endif

/* Address: which IP addresses a server may be sent to by somebody else's words.
 *
 * What a script or a webhook names is reached only where it is public: what stands in nets of one's own, or
 * has a meaning of its own, is refused, however it is written (also inside of IPv6). The exceptions are a list
 * that the operator writes: "10.0.0.5, 192.168.0.0/16, 127.0.0.1:8080, [::1]:8080, [fd00::/8]:443".
 * Any thread.
 */
#ifndef FOYER_BASE_ADDRESS_H
#define FOYER_BASE_ADDRESS_H

#include "base/str.h"

enum { ADDRESS_TEXT = 56 }; /* "[ffff:…]:65535", with its end */

struct sockaddr;

/* IPv4 is ::ffff:a.b.c.d. */
struct address {
    uint8_t bytes[16];
    uint16_t port;
};

/* False: of another family. */
bool address_read(const struct sockaddr *from, struct address *address);
/* "10.0.0.5", "::1", without brackets; port is left as it is. False: it is no address but perhaps a name. */
bool address_parse(struct str text, struct address *address);
/* "10.0.0.5:80", "[::1]:80" */
void address_format(const struct address *address, char text[ADDRESS_TEXT]);
/* What it is that nobody outside may be sent to: "a private address"; NULL: it is public. */
const char *address_refusal(const struct address *address);
/* Whether a piece of the list holds it; takes NULL. What is no piece holds nothing. */
bool address_is_listed(const char *list, const struct address *address);
/* Whether that is a piece of such a list. */
bool address_is_piece(struct str piece);

#endif

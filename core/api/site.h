/* Site: what handlers may know of how this server is run. Set once before anything is served;
 * read-only afterwards, so any thread may read it. */
#ifndef FOYER_API_SITE_H
#define FOYER_API_SITE_H

#include "base/crypto.h"
#include "base/str.h"

struct arena;

struct site {
    struct str base_url; /* "https://portal.example.com", without a slash at its end */
    bool is_secure;      /* it is https: cookies are __Host- and Secure */
    int64_t invite_days;
    int64_t session_idle; /* microseconds */
    int64_t session_life; /* microseconds */
    enum crypto_cost password_cost;
    const char
        *outgoing_allow; /* private addresses that may be reached (base/address.h); NULL: none */
};

extern struct site site;

/* base_url ‖ path ‖ last */
struct str site_link(struct arena *arena, const char *path, struct str last);

#endif

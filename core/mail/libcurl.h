/* Libcurl: the library, loaded when the first mail or fetch needs it.
 *
 * With TLS, Kerberos, LDAP and some twenty libraries more it is three megabytes and a fifth of a start, and a
 * server that has no mail server and fetches nothing never calls it. So the program is not linked
 * against it: what is called stands in a table, by the names and types of curl/curl.h without their "curl_". Whoever
 * includes this calls libcurl_load before, and nothing of curl/curl.h directly.
 */
#ifndef FOYER_MAIL_LIBCURL_H
#define FOYER_MAIL_LIBCURL_H

/* Its checks of types are macros around the functions themselves. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define LIBCURL_FUNCTIONS(X)                                                                       \
    X(global_init)                                                                                 \
    X(easy_init)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_recv)                                                                                   \
    X(easy_send)                                                                                   \
    X(easy_strerror)                                                                               \
    X(easy_cleanup)                                                                                \
    X(multi_init)                                                                                  \
    X(multi_setopt)                                                                                \
    X(multi_add_handle)                                                                            \
    X(multi_remove_handle)                                                                         \
    X(multi_socket_action)                                                                         \
    X(multi_info_read)                                                                             \
    X(multi_cleanup)                                                                               \
    X(slist_append)                                                                                \
    X(slist_free_all)                                                                              \
    X(url)                                                                                         \
    X(url_set)                                                                                     \
    X(url_get)                                                                                     \
    X(url_cleanup)                                                                                 \
    X(free)

#define LIBCURL_MEMBER(name) __typeof__(curl_##name) *name;
struct libcurl {
    LIBCURL_FUNCTIONS(LIBCURL_MEMBER)
};

extern struct libcurl libcurl;

/* The courier's thread, or who starts it afterwards. Takes milliseconds once. NULL: it is there, and stays until the
 * process ends. Else what is wrong and what to do; the next call tries again. */
const char *libcurl_load(void);

#endif

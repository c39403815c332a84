/* Request: what arrived, checked and taken apart. Filled by parse.c and body.c, read by handlers.
 *
 * Everything lies in the request's arena and is immutable once a handler sees it.
 */
#ifndef FOYER_HTTP_REQUEST_H
#define FOYER_HTTP_REQUEST_H

#include "base/failure.h"
#include "base/str.h"
#include "base/uuid.h"

struct route;
struct json_t;

enum method { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, METHOD_OTHER, METHOD_COUNT };

struct header {
    struct str name; /* lower case */
    struct str value;
};

struct param {
    struct str name;
    struct str value; /* decoded; an empty one means "no filter" */
};

enum { REQUEST_PATH_PARAMS = 4 };

struct request {
    enum method method;
    struct str target;   /* as it stood in the request line */
    struct str path;     /* decoded, normalised, without query */
    struct str log_path; /* path with secret segments as "{token}"; what logs and metrics get */
    int version_minor;   /* of HTTP/1 */
    struct str host;     /* checked */
    struct header *headers;
    size_t header_count;
    struct param *query;
    size_t query_count;
    struct str body; /* whole */
    bool has_body;
    bool is_form; /* application/x-www-form-urlencoded: parameters are in `form` */
    struct param *form;
    size_t form_count;
    struct json_t *json; /* parsed body; NULL: none */
    const struct route *route;
    struct str path_params[REQUEST_PATH_PARAMS]; /* what {…} of the pattern matched, in order */
    struct uuid target_id;                       /* first {id}; none where there is none */
    struct str id;                               /* X-Request-Id that the answer carries */
    struct str peer; /* address of the other end, or of whom a trusted proxy names */
    bool is_secure;  /* base URL is https */
};

const char *method_name(enum method method);
struct str request_header(const struct request *rq, const char *lower_name); /* absent: not sent */
struct str request_cookie(const struct request *rq, const char *name);
/* Absent: not given or empty. Takes the first. */
struct str request_query(const struct request *rq, const char *name);
/* All values of a repeated key. */
size_t request_query_all(const struct request *rq, const char *name, struct str *values,
                         size_t most);
struct str request_form(const struct request *rq, const char *name);
/* What a {name} of the route's pattern matched; absent: no such name in the pattern. */
struct str request_param(const struct request *rq, const char *name);

#endif

/* Request: what arrived, checked and taken apart. Filled by parse.c, target.c and body.c, read by
 * handlers.
 *
 * Everything lies in the request's arena (but for json: request_fini gives it back) and is
 * immutable once a handler sees it.
 */
#ifndef FOYER_HTTP_REQUEST_H
#define FOYER_HTTP_REQUEST_H

#include "base/failure.h"
#include "base/str.h"
#include "base/uuid.h"

struct arena;
struct json_t;
struct route;

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
    struct str target;    /* as it stood in the request line */
    struct str path;      /* decoded, without query; "*" of OPTIONS */
    struct str *segments; /* of the path, decoded: one may hold a '/' that came as %2F; "/" has one,
                             which is empty */
    size_t segment_count;
    struct str log_path; /* path with secret segments as "{token}"; what logs and metrics get */
    int version_minor;   /* of HTTP/1 */
    struct str host;     /* checked, in lower case, with its port where one was given */
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
    struct str peer;     /* address of the other end, or of whom a trusted proxy names */
    bool is_secure;      /* base URL is https */
    bool is_key_foreign; /* what it sent as a key is none of ours, and this route takes that */
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
/* Whether the header's comma-separated list has the token, without regard to case. */
bool request_header_has(const struct request *rq, const char *lower_name, struct str token);
/* The media type of Content-Type without parameters; absent: none was sent. */
struct str request_media_type(const struct request *rq);

/* Takes a request target apart into target, path, segments, query: origin form, absolute form
 * (http and https; *authority gets its host, may be NULL), "*" for OPTIONS. Refused with 400:
 * malformed percent encoding, NUL and other control characters, invalid UTF-8, dot segments, a
 * fragment, more than LIMIT_QUERY_PARAMS parameters. Borrows the target. (target.c) */
enum status request_set_target(struct request *rq, struct arena *arena, struct str target,
                               struct str *authority, struct failure *failure);
/* name=value&… with '+' as blank. More than `most` or malformed: ST_INVALID. (target.c) */
enum status params_decode(struct str text, size_t most, struct arena *arena, struct param **params,
                          size_t *count, struct failure *failure);

/* Once the route is known: may a body of this Content-Type stand here? JSON for every route that
 * takes one, urlencoded forms for pages. ST_MEDIA_TYPE. An empty body needs no type. (body.c) */
enum status request_check_body(const struct request *rq, struct arena *arena,
                               struct failure *failure);
/* Once the body is whole: makes json or form of it. ST_INVALID, ST_TOO_LARGE. (body.c) */
enum status request_read_body(struct request *rq, struct arena *arena, struct failure *failure);
/* Gives back what does not lie in the arena. May be called again. (body.c) */
void request_fini(struct request *rq);

#endif

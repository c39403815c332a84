/* Status: the one list of outcomes that a call inside Foyer can have.
 *
 * Each has a name, the HTTP status that a caller outside sees, a stable code
 * (snake_case, part of the API) and a text that says what to do. What the peer
 * did wrong is a status; what we did wrong is a check (check.h).
 */
#ifndef FOYER_BASE_STATUS_H
#define FOYER_BASE_STATUS_H

#define STATUS_LIST(X)                                                                             \
    X(ST_OK, 200, "ok", "Done.")                                                                   \
    X(ST_NOT_MODIFIED, 304, "not_modified", "The representation that you hold is current.")        \
    X(ST_INVALID, 400, "invalid_request", "The request cannot be read as it stands.")              \
    X(ST_UNAUTHENTICATED, 401, "unauthenticated", "Sign in, or send an API key in X-API-Key.")     \
    X(ST_DENIED, 403, "denied", "You may not do this.")                                            \
    X(ST_NOT_FOUND, 404, "not_found", "There is nothing here, or nothing that you may see.")       \
    X(ST_METHOD, 405, "method_not_allowed", "This address takes other methods: see Allow.")        \
    X(ST_TIMEOUT, 408, "request_timeout", "The request did not arrive in time.")                   \
    X(ST_CONFLICT, 409, "conflict", "This collides with the current state.")                       \
    X(ST_GONE, 410, "gone", "This was here and is no longer.")                                     \
    X(ST_PRECONDITION, 412, "precondition_failed", "It changed since you read it: read again.")    \
    X(ST_TOO_LARGE, 413, "too_large", "The body is larger than this address takes.")               \
    X(ST_URI_TOO_LONG, 414, "uri_too_long", "The request line is longer than 8 KiB.")              \
    X(ST_MEDIA_TYPE, 415, "unsupported_media_type", "Send application/json in UTF-8.")             \
    X(ST_RANGE, 416, "range_not_satisfiable", "The range lies outside of the representation.")     \
    X(ST_EXPECTATION, 417, "expectation_failed", "Only Expect: 100-continue is understood.")       \
    X(ST_MISDIRECTED, 421, "misdirected_request", "This host name is not served here.")            \
    X(ST_UNPROCESSABLE, 422, "unprocessable", "A rule of the domain forbids this.")                \
    X(ST_TOO_MANY, 429, "too_many_requests", "Slow down: see Retry-After.")                        \
    X(ST_HEADERS_TOO_LARGE, 431, "headers_too_large", "Send fewer or shorter header fields.")      \
    X(ST_INTERNAL, 500, "internal_error", "This is our fault; the log has it under requestId.")    \
    X(ST_NOT_IMPLEMENTED, 501, "not_implemented", "This transfer coding is not understood.")       \
    X(ST_RULE_ERROR, 503, "rule_error", "A rule failed; an administrator finds it in decisions.")  \
    X(ST_BUSY, 503, "busy", "The server is saturated: try again in a moment.")                     \
    X(ST_TOO_SLOW, 503, "too_slow", "This read takes too long: ask for less at once.")             \
    X(ST_UNAVAILABLE, 503, "unavailable", "The server cannot do this now: try again later.")       \
    X(ST_READ_ONLY, 503, "read_only", "Storage failed: the server only reads until restarted.")    \
    X(ST_NO_MEMORY, 503, "request_too_costly", "The request needs more memory than it may use.")   \
    X(ST_SCRIPT_TIMEOUT, 504, "plugin_timeout", "A plugin took too long to answer.")               \
    X(ST_VERSION, 505, "http_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here.")              \
    X(ST_DISK_FULL, 507, "disk_full", "The disk is full: nothing was changed.")

enum status {
#define STATUS_ENUM(name, http, code, text) name,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
};

/* The HTTP status, the stable code and the default text of a status. Any thread. */
int status_http(enum status status);
const char *status_code(enum status status);
const char *status_text(enum status status);

#endif

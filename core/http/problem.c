/* Problem: a failure as the peer reads it (RFC 9457), and the phrases of HTTP. */
#include "base/arena.h"
#include "base/limits.h"
#include "http/reply.h"

static void write_errors(struct buf *out, const struct field_error *error);
static void member(struct buf *out, const char *name, struct str value);
static void add_headers(struct reply *rp, const struct failure *failure, enum status status,
                        struct arena *arena);

void reply_problem(struct reply *rp, const struct failure *failure, struct str request_id,
                   struct arena *arena)
{
    enum status status = failure->status == ST_OK ? ST_INTERNAL : failure->status;
    struct str message = failure->message;
    int http = status_http(status);
    struct buf *out;

    if (message.at == NULL && failure->found > LIMIT_FIELD_ERRORS)
        message = str_printf(arena,
                             "Some fields cannot be taken as they are: see errors, which has the "
                             "first %d of %zu.",
                             LIMIT_FIELD_ERRORS, failure->found);
    if (message.at == NULL && failure->errors != NULL)
        message = STR("Some fields cannot be taken as they are: see errors.");
    if (message.at == NULL)
        message = str_from(status_text(status));
    reply_clear(rp);
    out = reply_json(rp, http);
    if (http == 304) { /* has no body */
        rp->content_type = NULL;
        return;
    }
    rp->content_type = "application/problem+json";
    buf_text(out, "{\"title\":");
    buf_json(out, str_from(reply_phrase(http)));
    buf_printf(out, ",\"status\":%d", http);
    member(out, "code",
           str_is_empty(failure->code) ? str_from(status_code(status)) : failure->code);
    member(out, "message", message);
    if (failure->errors != NULL)
        write_errors(out, failure->errors);
    if (failure->rule.at != NULL)
        member(out, "rule", failure->rule);
    if (failure->reason.at != NULL)
        member(out, "reason", failure->reason);
    if (failure->id.at != NULL)
        member(out, "id", failure->id);
    if (request_id.at != NULL)
        member(out, "requestId", request_id);
    buf_char(out, '}');
    add_headers(rp, failure, status, arena);
}

const char *reply_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        { 100, "Continue" },
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 206, "Partial Content" },
        { 301, "Moved Permanently" },
        { 302, "Found" },
        { 303, "See Other" },
        { 304, "Not Modified" },
        { 307, "Temporary Redirect" },
        { 308, "Permanent Redirect" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 406, "Not Acceptable" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 410, "Gone" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" },
        { 416, "Range Not Satisfiable" },
        { 417, "Expectation Failed" },
        { 421, "Misdirected Request" },
        { 422, "Unprocessable Content" },
        { 428, "Precondition Required" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
        { 505, "HTTP Version Not Supported" },
        { 507, "Insufficient Storage" },
    };

    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Unknown";
}

static void write_errors(struct buf *out, const struct field_error *error)
{
    buf_text(out, ",\"errors\":[");
    for (const struct field_error *at = error; at != NULL; at = at->next) {
        buf_text(out, at == error ? "{\"field\":" : ",{\"field\":");
        buf_json(out, at->field);
        member(out, "code", at->code);
        member(out, "message", at->message);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void member(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, value);
}

static void add_headers(struct reply *rp, const struct failure *failure, enum status status,
                        struct arena *arena)
{
    int64_t wait = failure->retry_after;

    if (wait <= 0 && (status == ST_BUSY || status == ST_TOO_MANY))
        wait = 1;
    if (wait <= 0 && (status == ST_UNAVAILABLE || status == ST_READ_ONLY || status == ST_DISK_FULL))
        wait = 30;
    if (wait > 0)
        reply_header(rp, "Retry-After", str_printf(arena, "%lld", (long long)wait));
    if (status == ST_UNAUTHENTICATED)
        reply_header(rp, "WWW-Authenticate", STR("Bearer realm=\"foyer\""));
    if (status == ST_METHOD) /* who knows the address says what it takes */
        reply_header(rp, "Allow", STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    if (status == ST_VERSION || status == ST_TIMEOUT)
        rp->close = true;
}

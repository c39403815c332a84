/* Parse_header: a scanned header block taken apart, and checked for what it means.
 *
 * prescan.c has let only one reading of the lines through, so they are cut here; llhttp reads them
 * again, and must see the very same names and values. What its strict mode refuses beyond us is
 * refused; where the two differ, somebody else may differ too.
 */
#include "http/parse_header.h"

#include "http/host.h"
#include "http/prescan.h"

#include <llhttp.h>
#include <string.h>

/* The request line. */
struct line {
    struct str method, target, version;
};

/* What llhttp's callbacks compare with. */
struct second_reading {
    const struct request *rq;
    size_t names, values; /* seen so far */
    bool is_whole;
    bool is_other;
};

static enum status refuse(struct failure *failure, struct arena *arena, enum status status,
                          const char *code, const char *message);
static bool cut_line(struct str block, struct line *line);
static enum method method_of(struct str name);
static enum status check_line(const struct line *line, struct request *rq, struct arena *arena,
                              struct failure *failure);
static void cut_headers(char *at, size_t lines, struct arena *arena, struct request *rq);
static enum status check_once(const struct request *rq, struct arena *arena,
                              struct failure *failure);
static enum status check_transfer_encoding(struct head *head, const struct request *rq,
                                           struct arena *arena, struct failure *failure);
static enum status check_content_length(struct head *head, const struct request *rq,
                                        struct arena *arena, struct failure *failure);
static enum status check_body(struct head *head, struct request *rq, struct arena *arena,
                              struct failure *failure);
static enum status check_host(struct request *rq, struct str authority, struct arena *arena,
                              struct failure *failure);
static bool is_kept_alive(const struct request *rq);
static enum status read_again(const struct head *head, struct str block, const struct request *rq,
                              struct arena *arena, struct failure *failure);
static int on_name(llhttp_t *parser, const char *at, size_t len);
static int on_value(llhttp_t *parser, const char *at, size_t len);
static int on_whole(llhttp_t *parser);

static const llhttp_settings_t settings = {
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_whole,
};

enum status head_read(struct head *head, char *block, size_t len, size_t lines, struct arena *arena,
                      struct request *rq, struct failure *failure)
{
    struct str whole = str_slice(block, len), authority = STR_NONE;
    struct line line;

    *head = (struct head){ 0 };
    if (!cut_line(whole, &line)) {
        head_guess_method(whole, rq);
        return refuse(failure, arena, ST_INVALID, "invalid_request_line",
                      "The first line must be METHOD TARGET HTTP/1.1, with single blanks.");
    }
    if (check_line(&line, rq, arena, failure) != ST_OK)
        return failure->status;
    cut_headers(block + (line.version.at + line.version.len + 2 - block), lines, arena, rq);
    if (check_once(rq, arena, failure) != ST_OK ||
        check_transfer_encoding(head, rq, arena, failure) != ST_OK ||
        check_content_length(head, rq, arena, failure) != ST_OK ||
        request_set_target(rq, arena, line.target, &authority, failure) != ST_OK ||
        check_host(rq, authority, arena, failure) != ST_OK ||
        read_again(head, whole, rq, arena, failure) != ST_OK ||
        check_body(head, rq, arena, failure) != ST_OK)
        return failure->status;
    head->keeps_alive = is_kept_alive(rq);
    return ST_OK;
}

void head_guess_method(struct str block, struct request *rq)
{
    struct str rest = block, method;

    if (str_cut(&rest, ' ', &method))
        rq->method = method_of(method);
}

static enum status refuse(struct failure *failure, struct arena *arena, enum status status,
                          const char *code, const char *message)
{
    if (message == NULL)
        failure_set(failure, arena, status, code, NULL);
    else
        failure_set(failure, arena, status, code, "%s", message);
    return status;
}

/* METHOD SP TARGET SP HTTP/N.N, and nothing else between them. */
static bool cut_line(struct str block, struct line *line)
{
    const char *end = memchr(block.at, '\r', block.len);
    struct str rest = str_slice(block.at, (size_t)(end - block.at));
    const char *version;

    if (!str_cut(&rest, ' ', &line->method) || !str_cut(&rest, ' ', &line->target) ||
        line->method.len == 0 || line->target.len == 0 || rest.len != 8 ||
        !str_starts(rest, STR("HTTP/")))
        return false;
    line->version = rest;
    version = rest.at + 5;
    return version[0] >= '0' && version[0] <= '9' && version[1] == '.' && version[2] >= '0' &&
           version[2] <= '9';
}

static enum method method_of(struct str name)
{
    for (int i = 0; i < METHOD_OTHER; i++)
        if (str_is(name, method_name((enum method)i)))
            return (enum method)i;
    return METHOD_OTHER;
}

static enum status check_line(const struct line *line, struct request *rq, struct arena *arena,
                              struct failure *failure)
{
    for (size_t i = 0; i < line->method.len; i++)
        if (!prescan_is_token(line->method.at[i]))
            return refuse(failure, arena, ST_INVALID, "invalid_request_line",
                          "The method has a character that methods cannot have.");
    rq->method = method_of(line->method);
    if (line->version.at[5] != '1' || line->version.at[7] > '1')
        return refuse(failure, arena, ST_VERSION, NULL, NULL);
    rq->version_minor = line->version.at[7] - '0';
    if (str_is(line->method, "CONNECT"))
        return refuse(failure, arena, ST_METHOD, NULL, "This server is no proxy.");
    return ST_OK;
}

/* at is behind the request line. prescan.c has seen to it that each line has a name, ':' and CRLF. */
static void cut_headers(char *at, size_t lines, struct arena *arena, struct request *rq)
{
    rq->headers = arena_array(arena, struct header, lines);
    rq->header_count = lines;
    for (size_t i = 0; i < lines; i++) {
        char *name = at, *value;

        for (; *at != ':'; at++)
            if (*at >= 'A' && *at <= 'Z')
                *at |= 0x20;
        rq->headers[i].name = str_slice(name, (size_t)(at - name));
        value = ++at;
        while (*at != '\r')
            at++;
        rq->headers[i].value = str_trim(str_slice(value, (size_t)(at - value)));
        at += 2;
    }
}

/* Those of which a second one could be read instead of the first. */
static enum status check_once(const struct request *rq, struct arena *arena,
                              struct failure *failure)
{
    static const struct str names[] = {
        STR("host"),
        STR("content-length"),
        STR("content-type"),
        STR("content-encoding"),
        STR("authorization"),
        STR("origin"),
        STR("idempotency-key"),
        STR("sec-fetch-site"),
        STR("x-api-key"),
    };
    enum { NAMES = sizeof names / sizeof *names };
    bool seen[NAMES] = { false };

    for (size_t i = 0; i < rq->header_count; i++) {
        for (size_t n = 0; n < NAMES; n++) {
            if (!str_eq(rq->headers[i].name, names[n]))
                continue;
            if (seen[n]) {
                failure_set(failure, arena, ST_INVALID, "duplicate_header",
                            "The header %s stands there more than once.", names[n].at);
                return ST_INVALID;
            }
            seen[n] = true;
        }
    }
    return ST_OK;
}

static enum status check_transfer_encoding(struct head *head, const struct request *rq,
                                           struct arena *arena, struct failure *failure)
{
    struct str coding = request_header(rq, "transfer-encoding");
    size_t count = 0;

    if (coding.at == NULL)
        return ST_OK;
    if (rq->version_minor == 0)
        return refuse(failure, arena, ST_INVALID, "invalid_framing",
                      "HTTP/1.0 knows no Transfer-Encoding.");
    if (request_header(rq, "content-length").at != NULL)
        return refuse(failure, arena, ST_INVALID, "invalid_framing",
                      "Transfer-Encoding and Content-Length cannot both stand there.");
    for (size_t i = 0; i < rq->header_count; i++)
        count += str_is(rq->headers[i].name, "transfer-encoding");
    if (count > 1 || !str_eq_nocase(coding, STR("chunked")))
        return refuse(failure, arena, ST_NOT_IMPLEMENTED, NULL,
                      "Of Transfer-Encoding only chunked alone is understood.");
    head->is_chunked = true;
    return ST_OK;
}

static enum status check_content_length(struct head *head, const struct request *rq,
                                        struct arena *arena, struct failure *failure)
{
    struct str text = request_header(rq, "content-length");
    int64_t number = 0;

    if (text.at == NULL)
        return ST_OK;
    if (text.len == 0 || text.at[0] == '-' || !str_to_int(text, 0, INT64_MAX, &number))
        return refuse(failure, arena, ST_INVALID, "invalid_framing",
                      "Content-Length must be one whole number.");
    head->content_length = (uint64_t)number;
    return ST_OK;
}

static enum status check_body(struct head *head, struct request *rq, struct arena *arena,
                              struct failure *failure)
{
    struct str coding = request_header(rq, "content-encoding");
    size_t expectations = 0;

    rq->has_body = head->is_chunked || head->content_length > 0;
    if (rq->has_body && coding.len > 0 && !str_eq_nocase(coding, STR("identity")))
        return refuse(failure, arena, ST_MEDIA_TYPE, NULL,
                      "Send the body as it is, without Content-Encoding.");
    for (size_t i = 0; i < rq->header_count; i++) {
        if (!str_is(rq->headers[i].name, "expect"))
            continue;
        if (++expectations > 1 || !str_eq_nocase(rq->headers[i].value, STR("100-continue")))
            return refuse(failure, arena, ST_EXPECTATION, NULL, NULL);
    }
    /* RFC 9110, 10.1.1: from an HTTP/1.0 peer it is ignored */
    head->wants_continue = expectations > 0 && rq->version_minor > 0 && rq->has_body;
    return ST_OK;
}

/* authority: of an absolute target; absent: it is none. It must say the same as Host. */
static enum status check_host(struct request *rq, struct str authority, struct arena *arena,
                              struct failure *failure)
{
    struct str host = request_header(rq, "host");

    if (host.at == NULL)
        return refuse(failure, arena, ST_INVALID, "invalid_host", "The header Host is missing.");
    if (!host_is_valid(host))
        return refuse(failure, arena, ST_INVALID, "invalid_host",
                      "The header Host must be a name or an address, with or without a port.");
    if (authority.at != NULL && !str_eq_nocase(authority, host))
        return refuse(failure, arena, ST_INVALID, "invalid_host",
                      "The address and the header Host name different hosts.");
    rq->host = str_lower(arena, host);
    return ST_OK;
}

static bool is_kept_alive(const struct request *rq)
{
    if (request_header_has(rq, "connection", STR("close")))
        return false;
    return rq->version_minor > 0 || request_header_has(rq, "connection", STR("keep-alive"));
}

static enum status read_again(const struct head *head, struct str block, const struct request *rq,
                              struct arena *arena, struct failure *failure)
{
    struct second_reading second = { .rq = rq };
    enum llhttp_errno error;
    llhttp_t parser;

    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &second;
    error = llhttp_execute(&parser, block.at, block.len);
    if (rq->method == METHOD_OTHER &&
        (error == HPE_INVALID_METHOD || error == HPE_INVALID_CONSTANT))
        return refuse(failure, arena, ST_NOT_IMPLEMENTED, NULL, "There is no method of this name.");
    if (error != HPE_PAUSED) {
        const char *reason = llhttp_get_error_reason(&parser);

        failure_set(failure, arena, ST_INVALID, "malformed_request",
                    "The request is malformed: %s.",
                    reason != NULL && *reason ? reason : "its header does not end");
        return ST_INVALID;
    }
    if (!second.is_whole || second.is_other || second.names != rq->header_count ||
        parser.content_length != head->content_length ||
        !(parser.flags & F_CHUNKED) != !head->is_chunked)
        return refuse(failure, arena, ST_INVALID, "malformed_request",
                      "The header can be read in more than one way.");
    return ST_OK;
}

/* The block is complete: llhttp sees all of it in one call, and gives names and values in one piece. */
static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    struct second_reading *second = parser->data;

    if (second->names >= second->rq->header_count ||
        second->rq->headers[second->names].name.at != at ||
        second->rq->headers[second->names].name.len != len)
        second->is_other = true;
    second->names++;
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct second_reading *second = parser->data;
    struct str mine, theirs = str_trim(str_slice(at, len));

    if (theirs.len == 0)
        return 0;
    if (second->names == 0 || second->names > second->rq->header_count) {
        second->is_other = true;
        return 0;
    }
    mine = second->rq->headers[second->names - 1].value;
    if (theirs.at != mine.at || theirs.len != mine.len)
        second->is_other = true;
    return 0;
}

static int on_whole(llhttp_t *parser)
{
    struct second_reading *second = parser->data;

    second->is_whole = true;
    return HPE_PAUSED;
}

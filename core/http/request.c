/* Request: looking things up in a request. How one is made: parse.c, target.c, body.c. */
#include "http/request.h"

#include "base/check.h"
#include "http/route.h"

#include <string.h>

static struct str find(const struct param *params, size_t count, const char *name);
static bool is_token_in(struct str list, struct str token);

const char *method_name(enum method method)
{
    static const char *const names[METHOD_COUNT] = {
        [GET] = "GET",     [HEAD] = "HEAD",     [POST] = "POST",       [PUT] = "PUT",
        [PATCH] = "PATCH", [DELETE] = "DELETE", [OPTIONS] = "OPTIONS", [METHOD_OTHER] = "OTHER",
    };

    PRE(method >= 0 && method < METHOD_COUNT);
    return names[method];
}

struct str request_header(const struct request *rq, const char *lower_name)
{
    size_t len = strlen(lower_name);

    /* asked often, and nearly always for what is not there: lengths tell most of them apart */
    for (size_t i = 0; i < rq->header_count; i++)
        if (rq->headers[i].name.len == len && !memcmp(rq->headers[i].name.at, lower_name, len))
            return rq->headers[i].value;
    return STR_NONE;
}

bool request_header_has(const struct request *rq, const char *lower_name, struct str token)
{
    for (size_t i = 0; i < rq->header_count; i++)
        if (str_is(rq->headers[i].name, lower_name) && is_token_in(rq->headers[i].value, token))
            return true;
    return false;
}

struct str request_media_type(const struct request *rq)
{
    struct str rest = request_header(rq, "content-type"), type;

    return str_cut(&rest, ';', &type) ? str_trim(type) : STR_NONE;
}

struct str request_cookie(const struct request *rq, const char *name)
{
    for (size_t i = 0; i < rq->header_count; i++) {
        struct str rest = rq->headers[i].value, pair, key;

        if (!str_is(rq->headers[i].name, "cookie"))
            continue;
        while (str_cut(&rest, ';', &pair)) {
            struct str value = str_trim(pair);

            if (!str_cut(&value, '=', &key) || value.at == NULL || !str_is(key, name))
                continue;
            if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
                return str_slice(value.at + 1, value.len - 2);
            return value;
        }
    }
    return STR_NONE;
}

struct str request_query(const struct request *rq, const char *name)
{
    return find(rq->query, rq->query_count, name);
}

size_t request_query_all(const struct request *rq, const char *name, struct str *values,
                         size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < rq->query_count && count < most; i++)
        if (str_is(rq->query[i].name, name) && rq->query[i].value.len > 0)
            values[count++] = rq->query[i].value;
    return count;
}

struct str request_form(const struct request *rq, const char *name)
{
    return find(rq->form, rq->form_count, name);
}

struct str request_param(const struct request *rq, const char *name)
{
    const char *at = rq->route ? rq->route->pattern : "";
    size_t len = strlen(name);

    for (size_t i = 0; (at = strchr(at, '{')) != NULL && i < REQUEST_PATH_PARAMS; i++) {
        at++;
        if (!strncmp(at, name, len) && (at[len] == '}' || at[len] == '.'))
            return rq->path_params[i];
    }
    return STR_NONE;
}

/* The first that is not empty. */
static struct str find(const struct param *params, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(params[i].name, name) && params[i].value.len > 0)
            return params[i].value;
    return STR_NONE;
}

static bool is_token_in(struct str list, struct str token)
{
    struct str piece;

    while (str_cut(&list, ',', &piece))
        if (str_eq_nocase(str_trim(piece), token))
            return true;
    return false;
}

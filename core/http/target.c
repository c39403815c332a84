/* Target: a request target taken apart, and percent encoding undone. */
#include "http/request.h"

#include "base/arena.h"
#include "base/limits.h"
#include "http/host.h"

#include <string.h>

static enum status refuse(struct failure *failure, struct arena *arena, const char *code,
                          const char *message);
static bool is_absolute(struct str target, struct str *authority, struct str *path);
static enum status set_path(struct request *rq, struct arena *arena, struct str path,
                            struct failure *failure);
static const char *path_fault(struct str segment);
static bool decode(struct str text, bool plus_is_blank, char *out, size_t *out_len);
static int hex_value(char c);
static bool has_forbidden_control(struct str text, bool may_have_lines);
static enum status decode_params(struct str text, size_t most, bool may_have_lines,
                                 struct arena *arena, struct param **params, size_t *count,
                                 struct failure *failure);

enum status request_set_target(struct request *rq, struct arena *arena, struct str target,
                               struct str *authority, struct failure *failure)
{
    struct str path = target, query = STR_NONE, host = STR_NONE;

    rq->target = target;
    rq->segment_count = 0;
    rq->query_count = 0;
    if (authority != NULL)
        *authority = STR_NONE;
    if (rq->method == OPTIONS && str_is(target, "*")) {
        rq->path = target;
        return ST_OK;
    }
    if (target.len == 0 || memchr(target.at, '#', target.len))
        return refuse(failure, arena, "invalid_target", "The address has a fragment, or is empty.");
    if (target.at[0] != '/') {
        if (!is_absolute(target, &host, &path))
            return refuse(failure, arena, "invalid_target",
                          "The address must begin with '/', or with http:// and a host.");
        if (authority != NULL)
            *authority = host;
    }
    query = path;
    str_cut(&query, '?', &path);
    if (path.len == 0) /* http://host and http://host?query mean "/" */
        path = STR("/");
    if (set_path(rq, arena, path, failure) != ST_OK)
        return ST_INVALID;
    return decode_params(query, LIMIT_QUERY_PARAMS, false, arena, &rq->query, &rq->query_count,
                         failure);
}

enum status params_decode(struct str text, size_t most, struct arena *arena, struct param **params,
                          size_t *count, struct failure *failure)
{
    return decode_params(text, most, true, arena, params, count, failure);
}

static enum status refuse(struct failure *failure, struct arena *arena, const char *code,
                          const char *message)
{
    failure_set(failure, arena, ST_INVALID, code, "%s", message);
    return ST_INVALID;
}

static bool is_absolute(struct str target, struct str *authority, struct str *path)
{
    size_t skip = 0, end;

    if (target.len > 7 && str_eq_nocase(str_slice(target.at, 7), STR("http://")))
        skip = 7;
    else if (target.len > 8 && str_eq_nocase(str_slice(target.at, 8), STR("https://")))
        skip = 8;
    if (skip == 0)
        return false;
    for (end = skip; end < target.len && target.at[end] != '/' && target.at[end] != '?'; end++)
        ;
    *authority = str_slice(target.at + skip, end - skip);
    *path = str_slice(target.at + end, target.len - end);
    return host_is_valid(*authority);
}

/* path begins with '/'. Segments are decoded one by one, so that an encoded slash stays inside. */
static enum status set_path(struct request *rq, struct arena *arena, struct str path,
                            struct failure *failure)
{
    struct str rest = str_slice(path.at + 1, path.len - 1), segment;
    char *out = arena_alloc(arena, path.len + 1);
    size_t count = 1, len = 0;

    for (size_t i = 1; i < path.len; i++)
        count += path.at[i] == '/';
    rq->segments = arena_array(arena, struct str, count);
    while (str_cut(&rest, '/', &segment)) {
        size_t segment_len;
        const char *fault;

        out[len++] = '/';
        if (!decode(segment, false, out + len, &segment_len))
            return refuse(failure, arena, "invalid_target",
                          "The path has a '%' without two hexadecimal digits.");
        segment = str_slice(out + len, segment_len);
        fault = path_fault(segment);
        if (fault != NULL)
            return refuse(failure, arena, "invalid_target", fault);
        rq->segments[rq->segment_count++] = segment;
        len += segment_len;
    }
    rq->path = str_slice(out, len);
    return ST_OK;
}

static const char *path_fault(struct str segment)
{
    if (str_is(segment, ".") || str_is(segment, ".."))
        return "The path has a segment \".\" or \"..\": write it as it is meant.";
    if (has_forbidden_control(segment, false))
        return "The path has a control character.";
    if (!str_is_utf8(segment))
        return "The path is not UTF-8.";
    return NULL;
}

/* out has room for text.len bytes. False: malformed. */
static bool decode(struct str text, bool plus_is_blank, char *out, size_t *out_len)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '%') {
            int high = i + 2 < text.len ? hex_value(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_value(text.at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        out[len++] = c;
    }
    *out_len = len;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool has_forbidden_control(struct str text, bool may_have_lines)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (may_have_lines && (c == '\r' || c == '\n' || c == '\t'))
            continue;
        if (c < 0x20 || c == 0x7F)
            return true;
    }
    return false;
}

static enum status decode_params(struct str text, size_t most, bool may_have_lines,
                                 struct arena *arena, struct param **params, size_t *count,
                                 struct failure *failure)
{
    char *out = arena_alloc(arena, text.len + 1);
    struct str piece, name;
    size_t pieces = 1;

    *count = 0;
    for (size_t i = 0; i < text.len; i++)
        pieces += text.at[i] == '&';
    *params = arena_array(arena, struct param, pieces < most ? pieces : most);
    while (str_cut(&text, '&', &piece)) {
        struct str value = piece;
        size_t name_len, value_len;

        if (piece.len == 0)
            continue;
        if (*count == most) {
            failure_set(failure, arena, ST_INVALID, "too_many_parameters",
                        "There are more than %zu parameters.", most);
            return ST_INVALID;
        }
        str_cut(&value, '=', &name);
        if (!decode(name, true, out, &name_len) || !decode(value, true, out + name_len, &value_len))
            return refuse(failure, arena, "invalid_parameters",
                          "A parameter has a '%' without two hexadecimal digits.");
        name = str_slice(out, name_len);
        value = str_slice(out + name_len, value_len);
        out += name_len + value_len;
        if (has_forbidden_control(name, false) || has_forbidden_control(value, may_have_lines))
            return refuse(failure, arena, "invalid_parameters",
                          "A parameter has a control character.");
        if (!str_is_utf8(name) || !str_is_utf8(value))
            return refuse(failure, arena, "invalid_parameters", "A parameter is not UTF-8.");
        (*params)[(*count)++] = (struct param){ name, value };
    }
    return ST_OK;
}

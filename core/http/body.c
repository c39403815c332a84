/* Body: what type a body must have, and what is made of it. */
#include "base/limits.h"
#include "http/json.h"
#include "http/request.h"
#include "http/route.h"

static enum status refuse_type(const struct request *rq, struct arena *arena,
                               struct failure *failure);
static bool is_utf8_json(const struct request *rq, struct str type);
static bool has_only_utf8(struct str content_type);

enum status request_check_body(const struct request *rq, struct arena *arena,
                               struct failure *failure)
{
    struct str type = request_media_type(rq);
    bool is_page = rq->route != NULL && rq->route->flags & ROUTE_PAGE;

    if (!rq->has_body || (rq->route != NULL && rq->route->flags & ROUTE_ANY_BODY))
        return ST_OK;
    if (type.at != NULL && is_utf8_json(rq, type))
        return ST_OK;
    if (is_page && str_eq_nocase(type, STR("application/x-www-form-urlencoded")))
        return ST_OK;
    /* may turn out to be empty */
    if (type.at == NULL && request_header(rq, "transfer-encoding").at != NULL)
        return ST_OK;
    return refuse_type(rq, arena, failure);
}

enum status request_read_body(struct request *rq, struct arena *arena, struct failure *failure)
{
    if (str_is_empty(rq->body) || (rq->route != NULL && rq->route->flags & ROUTE_ANY_BODY))
        return ST_OK;
    if (str_eq_nocase(request_media_type(rq), STR("application/x-www-form-urlencoded"))) {
        rq->is_form = true;
        return params_decode(rq->body, LIMIT_FORM_PARAMS, arena, &rq->form, &rq->form_count,
                             failure);
    }
    if (request_media_type(rq).at == NULL)
        return refuse_type(rq, arena, failure);
    return json_parse(rq->body, arena, &rq->json, failure);
}

void request_fini(struct request *rq)
{
    json_free(rq->json);
    rq->json = NULL;
}

static enum status refuse_type(const struct request *rq, struct arena *arena,
                               struct failure *failure)
{
    failure_set(failure, arena, ST_MEDIA_TYPE, NULL,
                rq->route != NULL && rq->route->flags & ROUTE_PAGE
                    ? "Send a form as application/x-www-form-urlencoded."
                    : "Send the body with Content-Type: application/json, in UTF-8.");
    return ST_MEDIA_TYPE;
}

/* RFC 8259 knows UTF-8 alone; whoever says otherwise means other bytes. */
static bool is_utf8_json(const struct request *rq, struct str type)
{
    return str_eq_nocase(type, STR("application/json")) &&
           has_only_utf8(request_header(rq, "content-type"));
}

static bool has_only_utf8(struct str content_type)
{
    struct str rest = content_type, parameter, name;

    str_cut(&rest, ';', &parameter);
    while (str_cut(&rest, ';', &parameter)) {
        struct str value = str_trim(parameter);

        str_cut(&value, '=', &name);
        if (!str_eq_nocase(name, STR("charset")))
            continue;
        if (!str_eq_nocase(value, STR("utf-8")) && !str_eq_nocase(value, STR("\"utf-8\"")))
            return false;
    }
    return true;
}

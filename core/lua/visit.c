/* Visit: making `request`. */
#include "lua/visit.h"

#include "base/arena.h"
#include "base/failure.h"
#include "base/limits.h"
#include "http/json_tree.h"
#include "lua/schema.h"

#include <string.h>

enum { MEMBERS = 10 };

static struct value params_value(const struct request *rq, struct arena *arena);
static struct value query_value(const struct request *rq, const struct value *schema,
                                struct arena *arena);
static struct value list_value(const struct param *params, size_t count, const struct value *schema,
                               struct str left_out, bool is_form, struct arena *arena);
static struct value errors_value(const struct failure *form, struct arena *arena);
static bool is_first(const struct param *params, size_t at);
static struct value typed(struct str text, const struct value *schema, struct arena *arena);
static struct value headers_value(const struct request *rq, struct arena *arena);
static bool is_shown(const struct request *rq, struct str name);
static struct value body_value(const struct request *rq, struct arena *arena,
                               struct failure *failure);
static void check(const struct value *schema, const struct value *value, struct arena *arena,
                  struct failure *failure);
static struct str words_of(struct str message);
static const char *code_of(struct str message);

enum status visit_request(const struct request *rq, struct arena *arena, struct value *given,
                          struct failure *failure)
{
    const struct route_terms *terms = &plugin_route_of(rq->route)->registration->route;
    struct value_member *m = arena_array(arena, struct value_member, MEMBERS);
    struct value query = query_value(rq, terms->query, arena), body;
    struct failure form = { 0 };
    bool is_page = !str_is_absent(terms->place);

    body = body_value(rq, arena, failure);
    if (terms->query && failure->status == ST_OK)
        check(terms->query, &query, arena, failure);
    if (terms->body && !is_page && str_is_absent(failure->message)) /* it could be read */
        check(terms->body, &body, arena, failure);
    if (terms->body && is_page && rq->route->method == POST) /* the page shows its form again */
        check(terms->body, &body, arena, &form);
    m[0] = (struct value_member){ STR("method"),
                                  value_string(str_from(method_name(rq->route->method))) };
    m[1] = (struct value_member){ STR("path"), value_string(rq->path) };
    m[2] = (struct value_member){ STR("params"), params_value(rq, arena) };
    m[3] = (struct value_member){ STR("query"), query };
    m[4] = (struct value_member){ STR("headers"), headers_value(rq, arena) };
    m[5] = (struct value_member){ STR("body"), body };
    m[6] = (struct value_member){ STR("text"), value_string(rq->body.at ? rq->body : STR("")) };
    m[7] = (struct value_member){ STR("address"), value_string(rq->peer) };
    m[8] = (struct value_member){ STR("id"), value_string(rq->id) };
    m[9] =
        (struct value_member){ STR("errors"), is_page ? errors_value(&form, arena) : value_nil() };
    *given = value_object(m, MEMBERS);
    if (arena_is_exhausted(arena))
        failure_set(failure, arena, ST_NO_MEMORY, NULL, "%s", status_text(ST_NO_MEMORY));
    return failure->status;
}

enum status visit_arguments(const struct value *schema, struct str json, struct arena *arena,
                            struct value *given, struct failure *failure)
{
    struct value tree = value_nil();
    struct param *params;
    size_t count = 0, at = 0;

    if (!str_is_empty(json) && !str_is_absent(value_from_json(json, arena, &tree)))
        failure_set(failure, arena, ST_INVALID, NULL, "What it is given cannot be read.");
    for (size_t i = 0; tree.type == VALUE_OBJECT && i < tree.object.count; i++)
        count += tree.object.members[i].value.type == VALUE_ARRAY
                     ? tree.object.members[i].value.array.count
                     : 1;
    params = arena_array(arena, struct param, count);
    for (size_t i = 0; tree.type == VALUE_OBJECT && i < tree.object.count; i++) {
        const struct value_member *m = &tree.object.members[i];
        const struct value *items = m->value.type == VALUE_ARRAY ? m->value.array.items : &m->value;
        size_t same = m->value.type == VALUE_ARRAY ? m->value.array.count : 1;

        for (size_t k = 0; k < same; k++)
            params[at++] = (struct param){ m->name, items[k].type == VALUE_STRING ? items[k].string
                                                                                  : STR("") };
    }
    *given = list_value(params, count, schema, STR_NONE, false, arena);
    if (schema && failure->status == ST_OK)
        check(schema, given, arena, failure);
    if (arena_is_exhausted(arena))
        failure_set(failure, arena, ST_NO_MEMORY, NULL, "%s", status_text(ST_NO_MEMORY));
    return failure->status;
}

static struct value errors_value(const struct failure *form, struct arena *arena)
{
    struct value_member *members = arena_array(arena, struct value_member, form->found + 1);
    size_t count = 0;

    if (form->status != ST_OK && !form->errors)
        members[count++] = (struct value_member){ STR("form"), value_string(form->message) };
    for (const struct field_error *at = form->errors; at; at = at->next)
        members[count++] = (struct value_member){ at->field, value_string(at->message) };
    return value_object(members, count);
}

/* ---- Address ----------------------------------------------------------------------------------- */

static struct value params_value(const struct request *rq, struct arena *arena)
{
    struct value_member *members = arena_array(arena, struct value_member, REQUEST_PATH_PARAMS);
    const char *at = rq->route->pattern;
    size_t count = 0;

    while ((at = strchr(at, '{')) && count < REQUEST_PATH_PARAMS) {
        const char *end = strchr(++at, '}');
        struct str name = str_slice(at, (size_t)(end - at));

        if (str_ends(name, STR("...")))
            name.len -= 3;
        members[count] = (struct value_member){ name, value_string(rq->path_params[count]) };
        count++;
    }
    return value_object(members, count);
}

/* ?workspace= of an open route is not the script's. */
static struct value query_value(const struct request *rq, const struct value *schema,
                                struct arena *arena)
{
    return list_value(rq->query, rq->query_count, schema,
                      rq->route->open ? STR("workspace") : STR_NONE, false, arena);
}

/* A name that stands more than once, or whose schema says "array", is an array of all its values. What somebody
 * left empty in a form with a schema is not given. */
static struct value list_value(const struct param *params, size_t count, const struct value *schema,
                               struct str left_out, bool is_form, struct arena *arena)
{
    const struct value *properties = value_get(schema, STR("properties"));
    struct value_member *members = arena_array(arena, struct value_member, count);
    size_t made = 0;

    for (size_t i = 0; i < count; i++) {
        const struct value *property = value_get(properties, params[i].name);
        bool is_list = str_is(value_get_string(property, STR("type")), "array");
        const struct value *of = is_list ? value_get(property, STR("items")) : property;
        struct value *all;
        size_t same = 0;

        if (!is_first(params, i) || (left_out.at && str_eq(params[i].name, left_out)))
            continue;
        all = arena_array(arena, struct value, count - i);
        for (size_t k = i; k < count; k++)
            if (str_eq(params[k].name, params[i].name) &&
                !(is_form && schema && str_is_empty(params[k].value)))
                all[same++] = typed(params[k].value, of, arena);
        if (same == 0)
            continue;
        members[made++] =
            (struct value_member){ params[i].name,
                                   is_list || same > 1 ? value_array(all, same) : all[0] };
    }
    return value_object(members, made);
}

static bool is_first(const struct param *params, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_eq(params[i].name, params[at].name))
            return false;
    return true;
}

/* All that comes in an address is text: what the schema wants is made of it where that can be. */
static struct value typed(struct str text, const struct value *schema, struct arena *arena)
{
    struct str type = value_get_string(schema, STR("type"));
    struct value number;

    if ((str_is(type, "integer") || str_is(type, "number")) && text.len < 64 &&
        str_is_absent(value_from_json(text, arena, &number)) &&
        (number.type == VALUE_INTEGER || number.type == VALUE_NUMBER))
        return number;
    if (str_is(type, "boolean") && (str_is(text, "true") || str_is(text, "false")))
        return value_bool(str_is(text, "true"));
    return value_string(text.at ? text : STR(""));
}

/* ---- Headers ----------------------------------------------------------------------------------- */

static struct value headers_value(const struct request *rq, struct arena *arena)
{
    struct value_member *members = arena_array(arena, struct value_member, rq->header_count);
    size_t made = 0;

    for (size_t i = 0; i < rq->header_count; i++) {
        const struct header *header = &rq->headers[i];
        size_t k;

        if (!is_shown(rq, header->name))
            continue;
        for (k = 0; k < made && !str_eq(members[k].name, header->name); k++)
            ;
        if (k < made) { /* one that came twice: RFC 9110, 5.2 */
            members[k].value = value_string(str_printf(
                arena, "%.*s, %.*s", STR_ARG(members[k].value.string), STR_ARG(header->value)));
            continue;
        }
        members[made++] =
            (struct value_member){ header->name,
                                   value_string(header->value.at ? header->value : STR("")) };
    }
    return value_object(members, made);
}

/* Who asks is told by ctx.actor alone. What an open route is sent as Authorization, and is no key of ours, is
 * for the script. */
static bool is_shown(const struct request *rq, struct str name)
{
    bool has_other = !str_is_absent(request_header(rq, "x-api-key"));

    if (str_is(name, "cookie") || str_is(name, "proxy-authorization"))
        return false;
    if (str_is(name, "authorization"))
        return rq->is_key_foreign && !has_other;
    return !str_is(name, "x-api-key") || rq->is_key_foreign;
}

/* ---- Body -------------------------------------------------------------------------------------- */

/* With a schema it was found to be JSON. Else it is what it is: a form, or JSON, or bytes. */
static struct value body_value(const struct request *rq, struct arena *arena,
                               struct failure *failure)
{
    struct str type = request_media_type(rq), reason;
    const struct route_terms *terms = &plugin_route_of(rq->route)->registration->route;
    bool has_schema = terms->body != NULL;
    struct failure ignored = { 0 };
    struct value value = value_nil();
    struct param *params;
    size_t count;

    if (rq->is_form)
        return list_value(rq->form, rq->form_count, terms->body, STR_NONE, true, arena);
    if (str_is_empty(rq->body))
        return has_schema ? value_object(NULL, 0) : value;
    if (!has_schema && str_eq_nocase(type, STR("application/x-www-form-urlencoded"))) {
        if (params_decode(rq->body, LIMIT_FORM_PARAMS, arena, &params, &count, &ignored) == ST_OK)
            value = list_value(params, count, NULL, STR_NONE, true, arena);
        return value;
    }
    if (!has_schema && !str_ends(type, STR("json")))
        return value;
    reason = value_from_json(rq->body, arena, &value);
    if (str_is_absent(reason))
        return value;
    if (has_schema)
        failure_set(failure, arena, ST_INVALID, "invalid_json", "The body cannot be read: %.*s.",
                    STR_ARG(reason));
    return value_nil();
}

/* ---- Schemas ----------------------------------------------------------------------------------- */

static void check(const struct value *schema, const struct value *value, struct arena *arena,
                  struct failure *failure)
{
    struct schema_faults *faults = arena_new(arena, struct schema_faults);

    faults->arena = arena;
    schema_validate(schema, value, STR(""), faults);
    for (size_t i = 0; i < faults->count; i++) {
        const struct schema_fault *fault = &faults->at[i];

        if (str_is_empty(fault->path))
            failure_set(failure, arena, ST_INVALID, NULL, "The body %.*s.",
                        STR_ARG(fault->message));
        else
            failure_field(failure, arena, ST_INVALID, fault->path, code_of(fault->message),
                          "This %.*s.", STR_ARG(words_of(fault->message)));
    }
}

/* The types of schemas are words of programs. */
static struct str words_of(struct str message)
{
    return str_is(message, "must be integer")   ? STR("must be a whole number")
           : str_is(message, "must be number")  ? STR("must be a number")
           : str_is(message, "must be boolean") ? STR("must be true or false")
           : str_is(message, "must be string")  ? STR("must be a text")
           : str_is(message, "must be array")   ? STR("must be a list")
           : str_is(message, "must be object")  ? STR("must be an object")
                                                : message;
}

static const char *code_of(struct str message)
{
    return str_is(message, "is missing")     ? "required"
           : str_is(message, "is not known") ? "unknown_field"
                                             : "invalid";
}

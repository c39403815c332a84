/* Openapi: from rows to a document. One schema an entity; a body has the fields that it may name. */
#include "api/openapi.h"

#include "api/site.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/version.h"
#include "http/json_tree.h"
#include "http/reply.h"
#include "plugin/routes.h"
#include "store/tx.h"

#include <stdlib.h>
#include <string.h>

static route_phase openapi;

const struct route openapi_routes[] = {
    { GET, "/openapi.json", .open = "the description of the API is public", .read = openapi,
      .flags = ROUTE_HIDDEN },
    { 0 },
};

enum { PATHS = 1024, ENTITIES = 128 };

/* Rows gathered in the order of the tables; rows of one pattern stand together outside. */
struct gathering {
    const struct route *rows[PATHS];
    size_t count;
    const struct entity *entities[ENTITIES];
    size_t entity_count;
};

static const struct router *described;

static void gather(const struct route *route, void *context);
static void remember(struct gathering *all, const struct entity *entity);
static void write_paths(const struct gathering *all, struct buf *out);
static void write_operation(const struct route *route, struct buf *out);
static void write_operation_id(const struct route *route, struct buf *out);
static void write_parameters(const struct route *route, struct buf *out);
static void write_schema_parameters(const struct route *route, bool *any, struct buf *out);
static void write_parameter(const char *name, const char *in, const char *help, bool *any,
                            struct buf *out);
static void write_body(const struct route *route, struct buf *out);
static void write_responses(const struct route *route, struct buf *out);
static void write_schema(const struct entity *entity, unsigned may, bool all_required,
                         struct buf *out);
static void write_type(const struct field *field, struct buf *out);
static void write_components(const struct gathering *all, struct buf *out);
static void text(struct buf *out, const char *value);

void openapi_set_router(const struct router *router)
{
    described = router;
}

void openapi_write(const struct router *router, const struct router *plugins, struct buf *out)
{
    struct gathering *all = xcalloc(1, sizeof(*all));

    router_each(router, gather, all);
    if (plugins)
        router_each(plugins, gather, all);
    buf_text(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Foyer\",\"version\":");
    text(out, FOYER_VERSION);
    buf_text(out, ",\"summary\":\"A self-hosted client portal: people, invitations, and what is "
                  "shared with them.\","
                  "\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}},"
                  "\"servers\":[{\"url\":");
    buf_json(out, str_is_empty(site.base_url) ? STR("/") : site.base_url);
    buf_text(out, "}],\"security\":[{\"apiKey\":[]},{\"bearer\":[]},{\"session\":[]}],\"paths\":{");
    write_paths(all, out);
    buf_text(out, "},");
    write_components(all, out);
    buf_char(out, '}');
    free(all);
}

static enum status openapi(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    if (!described)
        return tx_not_found(tx);
    openapi_write(described, routes_of(tx->policy), reply_json(rp, 200));
    return tx_status(tx);
}

static void gather(const struct route *route, void *context)
{
    struct gathering *all = context;

    if (route->flags & ROUTE_HIDDEN || all->count == PATHS)
        return;
    all->rows[all->count++] = route;
    remember(all, route->entity);
    remember(all, route->answer);
}

static void remember(struct gathering *all, const struct entity *entity)
{
    for (size_t i = 0; i < all->entity_count; i++)
        if (all->entities[i] == entity)
            return;
    if (entity && all->entity_count < ENTITIES)
        all->entities[all->entity_count++] = entity;
}

static void write_paths(const struct gathering *all, struct buf *out)
{
    bool any = false;

    for (size_t i = 0; i < all->count; i++) {
        bool seen = false;

        for (size_t j = 0; j < i; j++)
            seen |= strcmp(all->rows[j]->pattern, all->rows[i]->pattern) == 0;
        if (seen)
            continue;
        if (any)
            buf_char(out, ',');
        any = true;
        text(out, all->rows[i]->pattern);
        buf_text(out, ":{");
        for (size_t j = i, written = 0; j < all->count; j++) {
            if (strcmp(all->rows[j]->pattern, all->rows[i]->pattern) != 0)
                continue;
            if (written++)
                buf_char(out, ',');
            write_operation(all->rows[j], out);
        }
        buf_char(out, '}');
    }
}

static void write_operation(const struct route *route, struct buf *out)
{
    buf_char(out, '"');
    for (const char *c = method_name(route->method); *c; c++)
        buf_char(out, (char)(*c | 32));
    buf_text(out, "\":{\"operationId\":\"");
    write_operation_id(route, out);
    buf_text(out, "\",\"summary\":");
    text(out, route->summary ? route->summary : route->pattern);
    if (route->may) {
        buf_text(out, ",\"x-foyer-action\":");
        text(out, route->may);
    } else {
        buf_text(out, ",\"security\":[],\"x-foyer-open\":");
        text(out, route->open);
    }
    write_parameters(route, out);
    write_body(route, out);
    write_responses(route, out);
    buf_char(out, '}');
}

/* get_v1_clients_id: stable, for a path never changes. */
static void write_operation_id(const struct route *route, struct buf *out)
{
    bool gap = true;

    for (const char *c = method_name(route->method); *c; c++)
        buf_char(out, (char)(*c | 32));
    for (const char *c = route->pattern; *c; c++) {
        bool is_word =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');

        if (is_word && gap)
            buf_char(out, '_');
        if (is_word)
            buf_char(out, *c);
        gap = !is_word;
    }
}

static void write_parameters(const struct route *route, struct buf *out)
{
    static const struct route_query of_lists[] = {
        { "limit", "How many at most, 1 to 1000 (100)." },
        { "nextToken", "Continues after the page that gave it." },
        { "sort", "A field that may be sorted by; - before it: descending." },
        { "q", "Words to search for." },
        { "count", "true: tell how many there are in all." },
        { "fields", "Only these fields, with commas between." },
        { 0 },
    };
    bool any = false;

    buf_text(out, ",\"parameters\":[");
    for (const char *c = strchr(route->pattern, '{'); c; c = strchr(c + 1, '{')) {
        struct buf name;

        buf_init(&name, 64);
        for (const char *n = c + 1; *n && *n != '}' && *n != '.'; n++)
            buf_char(&name, *n);
        buf_char(&name, '\0');
        write_parameter(name.at, "path", "Part of the address.", &any, out);
        buf_fini(&name);
    }
    if (route->flags & ROUTE_SCRIPT)
        write_schema_parameters(route, &any, out);
    for (const struct route_query *query = route->query; query && query->name; query++)
        write_parameter(query->name, "query", query->help, &any, out);
    if (route->flags & ROUTE_LIST) {
        for (const struct route_query *query = of_lists; query->name; query++)
            write_parameter(query->name, "query", query->help, &any, out);
        for (const struct field *field = route->entity->fields; field->name; field++)
            if (field->flags & FIELD_FILTER)
                write_parameter(field->name, "query", field->help, &any, out);
    }
    if (route->method == POST)
        write_parameter("Idempotency-Key", "header",
                        "The same key again gives the same answer, for 24 hours.", &any, out);
    if (!(route->flags & ROUTE_SCRIPT) &&
        (route->method == PATCH || route->method == PUT || route->method == DELETE))
        write_parameter("If-Match", "header", "The ETag that you read: 412 when it changed since.",
                        &any, out);
    buf_char(out, ']');
}

/* Those that its schema names, and which workspace is meant where nobody is asked who he is. */
static void write_schema_parameters(const struct route *route, bool *any, struct buf *out)
{
    const struct route_terms *terms = &plugin_route_of(route)->registration->route;
    const struct value *named = terms->query ? value_get(terms->query, STR("properties")) : NULL;
    const struct value *required = terms->query ? value_get(terms->query, STR("required")) : NULL;

    for (size_t i = 0; named && named->type == VALUE_OBJECT && i < named->object.count; i++) {
        const struct value_member *m = &named->object.members[i];
        bool is_required = false;

        for (size_t k = 0; required && required->type == VALUE_ARRAY && k < required->array.count;
             k++)
            is_required |= str_eq(required->array.items[k].string, m->name);
        buf_text(out, *any ? ",{\"name\":" : "{\"name\":");
        *any = true;
        buf_json(out, m->name);
        buf_printf(out,
                   ",\"in\":\"query\",\"required\":%s,\"schema\":", is_required ? "true" : "false");
        value_to_json(&m->value, out);
        buf_char(out, '}');
    }
    if (route->open)
        write_parameter("workspace", "query", "Which one, where this server holds several.", any,
                        out);
}

static void write_parameter(const char *name, const char *in, const char *help, bool *any,
                            struct buf *out)
{
    if (*any)
        buf_char(out, ',');
    *any = true;
    buf_text(out, "{\"name\":");
    text(out, name);
    buf_printf(out, ",\"in\":\"%s\",\"required\":%s,\"description\":", in,
               strcmp(in, "path") == 0 ? "true" : "false");
    text(out, help);
    buf_text(out, ",\"schema\":{\"type\":\"string\"}}");
}

static void write_body(const struct route *route, struct buf *out)
{
    const struct entity *entity = route->body ? route->body : route->entity;
    unsigned may = route->method == POST ? FIELD_CREATE : FIELD_UPDATE;

    bool is_optional = route->flags & ROUTE_OPTIONAL_BODY;

    if (route->flags & ROUTE_SCRIPT && plugin_route_of(route)->registration->route.body) {
        buf_text(out, ",\"requestBody\":{\"content\":{\"application/json\":{\"schema\":");
        value_to_json(plugin_route_of(route)->registration->route.body, out);
        buf_text(out, "}}}");
    }
    if (!entity || (is_optional && !route->body) ||
        (route->method != POST && route->method != PATCH && route->method != PUT))
        return;
    buf_printf(out,
               ",\"requestBody\":{\"required\":%s,\"content\":{\"application/json\":{\"schema\":",
               is_optional ? "false" : "true");
    write_schema(entity, may, route->method != PATCH, out);
    buf_text(out, "}}}");
}

static void write_responses(const struct route *route, struct buf *out)
{
    const struct entity *entity = route->answer ? route->answer : route->entity;

    if (route->flags & ROUTE_SCRIPT) { /* what a script answers is its own */
        buf_text(out, ",\"responses\":{\"2XX\":{\"description\":\"Done.\"},"
                      "\"default\":{\"$ref\":\"#/components/responses/problem\"}}");
        return;
    }
    buf_text(out, ",\"responses\":{\"200\":{\"description\":\"Done.\",\"content\":{\"application/"
                  "json\":{\"schema\":");
    if (!entity || route->method == DELETE)
        buf_text(out, "{\"type\":\"object\"}");
    else if (route->flags & ROUTE_ALL)
        buf_printf(out,
                   "{\"type\":\"object\",\"properties\":{\"data\":{\"type\":\"array\",\"items\":"
                   "{\"$ref\":\"#/components/schemas/%s\"}}},\"required\":[\"data\"]}",
                   entity->name);
    else if (route->flags & ROUTE_LIST)
        buf_printf(out,
                   "{\"type\":\"object\",\"properties\":{\"data\":{\"type\":\"array\",\"items\":"
                   "{\"$ref\":\"#/components/schemas/%s\"}},\"nextToken\":{\"type\":\"string\"},"
                   "\"count\":{\"type\":\"integer\"}},\"required\":[\"data\"]}",
                   entity->name);
    else
        buf_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}", entity->name);
    buf_text(out, "}}}");
    if (route->flags & ROUTE_OPERATION)
        buf_text(out,
                 ",\"202\":{\"description\":\"It is about more than 100: an operation goes on with "
                 "it.\",\"headers\":{\"Location\":{\"description\":\"Where it tells how far it "
                 "is.\",\"schema\":{\"type\":\"string\"}}},\"content\":{\"application/json\":"
                 "{\"schema\":{\"$ref\":\"#/components/schemas/operation\"}}}}");
    buf_text(out, ",\"default\":{\"$ref\":\"#/components/responses/problem\"}}");
}

/* may 0: as it is answered; else the fields that a body may name. */
static void write_schema(const struct entity *entity, unsigned may, bool all_required,
                         struct buf *out)
{
    bool any = false;

    buf_text(out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    for (const struct field *field = entity->fields; field->name; field++) {
        if (field->flags & FIELD_HIDDEN ||
            (may ? !(field->flags & may) : field->flags & FIELD_NO_OUTPUT))
            continue;
        if (any)
            buf_char(out, ',');
        any = true;
        text(out, field->name);
        buf_char(out, ':');
        write_type(field, out);
    }
    buf_char(out, '}');
    any = false;
    for (const struct field *field = entity->fields; may && all_required && field->name; field++)
        if (field->flags & FIELD_REQUIRED && field->flags & may) {
            buf_text(out, any ? "," : ",\"required\":[");
            any = true;
            text(out, field->name);
        }
    buf_text(out, any ? "]}" : "}");
}

static void write_type(const struct field *field, struct buf *out)
{
    static const char *const types[] = {
        [FIELD_TEXT] = "\"type\":[\"string\",\"null\"]",
        [FIELD_EMAIL] = "\"type\":[\"string\",\"null\"],\"format\":\"email\"",
        [FIELD_URL] = "\"type\":[\"string\",\"null\"],\"format\":\"uri\"",
        [FIELD_PHONE] = "\"type\":[\"string\",\"null\"]",
        [FIELD_COLOR] = "\"type\":[\"string\",\"null\"],\"pattern\":\"^#[0-9a-fA-F]{6}$\"",
        [FIELD_ENUM] = "\"type\":\"string\"",
        [FIELD_BOOL] = "\"type\":\"boolean\"",
        [FIELD_INT] = "\"type\":\"integer\"",
        [FIELD_TIME] = "\"type\":[\"string\",\"null\"],\"format\":\"date-time\"",
        [FIELD_ID] = "\"type\":[\"string\",\"null\"],\"format\":\"uuid\"",
        [FIELD_IDS] = "\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"uuid\"}",
        [FIELD_TEXTS] = "\"type\":\"array\",\"items\":{\"type\":\"string\"}",
        [FIELD_JSON] = "\"type\":\"object\"",
        [FIELD_CONST] = "\"type\":\"string\"",
    };

    if (field->type == FIELD_JSON && field->choices) {
        buf_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}", field->choices[0]);
        return;
    }
    buf_printf(out, "{%s", types[field->type]);
    if (field->choices) {
        buf_text(out, ",\"enum\":[");
        for (size_t i = 0; field->choices[i]; i++) {
            if (i)
                buf_char(out, ',');
            text(out, field->choices[i]);
        }
        buf_char(out, ']');
    }
    if (field->max && field->type <= FIELD_PHONE)
        buf_printf(out, ",\"maxLength\":%lld", (long long)field->max);
    if (!(field->flags & FIELD_WRITE))
        buf_text(out, ",\"readOnly\":true");
    if (field->help) {
        buf_text(out, ",\"description\":");
        text(out, field->help);
    }
    buf_char(out, '}');
}

static void write_components(const struct gathering *all, struct buf *out)
{
    buf_text(out,
             "\"components\":{\"securitySchemes\":{"
             "\"apiKey\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\"},"
             "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
             "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"foyer_session\"}},"
             "\"responses\":{"
             "\"problem\":{\"description\":\"Refused; RFC "
             "9457.\",\"content\":{\"application/problem+json\":"
             "{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}}},\"schemas\":{\"problem\":"
             "{\"type\":\"object\",\"properties\":{\"status\":{\"type\":\"integer\"},\"title\":{"
             "\"type\":\"string\"},"
             "\"code\":{\"type\":\"string\",\"description\":\"Stable; decide by "
             "it.\"},\"message\":{\"type\":\"string\"},"
             "\"requestId\":{\"type\":\"string\"},\"rule\":{\"type\":\"string\"},\"reason\":{"
             "\"type\":\"string\"},"
             "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
             "\"field\":{\"type\":\"string\"},"
             "\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}},\"required\":["
             "\"code\",\"message\"]}");
    for (size_t i = 0; i < all->entity_count; i++) {
        buf_printf(out, ",\"%s\":", all->entities[i]->name);
        write_schema(all->entities[i], 0, false, out);
    }
    buf_text(out, "}}");
}

static void text(struct buf *out, const char *value)
{
    buf_json(out, str_from(value));
}

/* Route: the router, a tree of path segments made from the tables once. What a query may name:
 * route_query.c. */
#include "http/route.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

enum { PATTERN_SEGMENTS = 16 };

struct node {
    struct str text;    /* of the segment; absent: a {parameter} */
    struct node *child; /* first, statics before the parameter */
    struct node *next;  /* sibling */
    const struct route *rows[METHOD_COUNT];
    bool is_rest;   /* {path...} */
    bool is_secret; /* a parameter of a route whose path is secret */
};

struct router {
    struct arena arena;
    struct node root;
    const struct route **rows; /* in the order of the tables */
    size_t row_count;
};

struct match {
    const struct request *rq;
    struct str params[REQUEST_PATH_PARAMS];
    const struct route *row; /* found */
    unsigned methods;        /* bits of what is served at this address */
};

route_dispatch *route_dispatcher;

static const char *fault_of(const struct route *row);
static const char *add(struct router *router, const struct route *row);
static struct node *child_for(struct router *router, struct node *node, struct str segment);
static size_t split(struct str pattern, struct str *segments, size_t most);
static bool is_param(struct str segment);
static bool is_rest(struct str segment);
static void walk(struct match *match, const struct node *node, size_t at, size_t param);
static void arrive(struct match *match, const struct node *node);
static struct str rest_of(const struct request *rq, size_t at);
static bool has_slash(const struct request *rq, size_t from);
static struct str allow_text(struct arena *arena, unsigned methods);
static struct str log_path_unmatched(const struct router *router, const struct request *rq,
                                     struct arena *arena);

enum status router_new(const struct route *const *tables, struct router **router, struct buf *error)
{
    struct router *made = xcalloc(1, sizeof *made);
    enum status status = ST_OK;
    size_t count = 0;

    arena_init(&made->arena, MIB(4));
    for (size_t i = 0; tables[i] != NULL; i++)
        for (const struct route *row = tables[i]; row->pattern != NULL; row++)
            count++;
    made->rows = arena_array(&made->arena, const struct route *, count + 1);
    for (size_t i = 0; tables[i] != NULL; i++) {
        for (const struct route *row = tables[i]; row->pattern != NULL; row++) {
            const char *fault = fault_of(row);

            if (fault == NULL)
                fault = add(made, row);
            if (fault != NULL) {
                buf_printf(error, "route %s %s: %s\n",
                           row->method < METHOD_COUNT ? method_name(row->method) : "?",
                           row->pattern, fault);
                status = ST_INTERNAL;
            }
            made->rows[made->row_count++] = row;
        }
    }
    if (status != ST_OK) {
        router_free(made);
        made = NULL;
    }
    *router = made;
    return status;
}

void router_free(struct router *router)
{
    if (router == NULL)
        return;
    arena_fini(&router->arena);
    free(router);
}

void router_each(const struct router *router, void (*row)(const struct route *, void *),
                 void *context)
{
    for (size_t i = 0; i < router->row_count; i++)
        row(router->rows[i], context);
}

enum status router_find(const struct router *router, struct request *rq, struct arena *arena,
                        struct str *allow)
{
    struct match match = { .rq = rq };
    struct str id;

    PRE(rq->segment_count > 0 || str_is(rq->path, "*"));
    *allow = STR_NONE;
    rq->route = NULL;
    if (rq->segment_count == 0) { /* OPTIONS *: the server as a whole */
        rq->log_path = rq->path;
        *allow = allow_text(arena, ~0u);
        return ST_METHOD;
    }
    walk(&match, &router->root, 0, 0);
    if (match.row == NULL) {
        rq->log_path = log_path_unmatched(router, rq, arena);
        if (match.methods == 0)
            return ST_NOT_FOUND;
        *allow = allow_text(arena, match.methods);
        return ST_METHOD;
    }
    rq->route = match.row;
    memcpy(rq->path_params, match.params, sizeof match.params);
    rq->log_path = match.row->flags & ROUTE_SECRET_PATH ? str_from(match.row->pattern) : rq->path;
    id = request_param(rq, "id");
    if (id.at != NULL && !(match.row->flags & ROUTE_NO_TARGET) && !uuid_parse(id, &rq->target_id))
        return ST_NOT_FOUND;
    return ST_OK;
}

/* NULL: the row may stand. */
static const char *fault_of(const struct route *row)
{
    bool has_phase = row->read || row->work || row->write || row->flags & ROUTE_SCRIPT;
    struct str segments[PATTERN_SEGMENTS];
    size_t count, params = 0;

    if (row->method >= METHOD_OTHER || row->method == HEAD || row->method == OPTIONS)
        return "HEAD follows GET, OPTIONS is made, others are not served";
    if (row->may == NULL && row->open == NULL)
        return "needs .may, or .open with the reason why nobody is asked";
    if (row->may != NULL && row->open != NULL)
        return "has both .may and .open";
    if (!has_phase)
        return "has none of .read, .work and .write";
    if (row->method == GET && row->write)
        return "a GET never waits for a write";
    if ((row->flags & ROUTE_LIST) && row->entity == NULL)
        return "a list needs the entity whose fields filter it";
    if (row->pattern[0] != '/')
        return "a pattern begins with '/'";
    count = split(str_from(row->pattern), segments, PATTERN_SEGMENTS);
    if (count > PATTERN_SEGMENTS)
        return "the pattern has more than 16 segments";
    for (size_t i = 0; i < count; i++) {
        bool has_brace = memchr(segments[i].at, '{', segments[i].len) ||
                         memchr(segments[i].at, '}', segments[i].len);

        if (has_brace && !is_param(segments[i]))
            return "a parameter is a whole segment: {name}";
        if (is_rest(segments[i]) && i + 1 < count)
            return "{name...} must be the last segment";
        params += is_param(segments[i]);
    }
    return params > REQUEST_PATH_PARAMS ? "the pattern has more than 4 parameters" : NULL;
}

static const char *add(struct router *router, const struct route *row)
{
    struct str segments[PATTERN_SEGMENTS];
    size_t count = split(str_from(row->pattern), segments, PATTERN_SEGMENTS);
    struct node *node = &router->root;

    for (size_t i = 0; i < count; i++) {
        node = child_for(router, node, segments[i]);
        if (node->text.at == NULL && (row->flags & ROUTE_SECRET_PATH))
            node->is_secret = true;
    }
    if (node->rows[row->method] != NULL)
        return "there is a row of this method and pattern already";
    node->rows[row->method] = row;
    return NULL;
}

/* Parameters of one place share a node whatever their names are, a {name...} has its own. */
static struct node *child_for(struct router *router, struct node *node, struct str segment)
{
    bool param = is_param(segment), rest = is_rest(segment);
    struct node **at = &node->child, *made;

    for (; *at != NULL; at = &(*at)->next) {
        bool is_same =
            param ? (*at)->text.at == NULL && (*at)->is_rest == rest : str_eq((*at)->text, segment);

        if (is_same)
            return *at;
        /* in the order static, parameter, rest */
        if ((*at)->is_rest || (!param && (*at)->text.at == NULL))
            break;
    }
    made = arena_new(&router->arena, struct node);
    made->text = param ? STR_NONE : segment;
    made->is_rest = rest;
    made->next = *at;
    *at = made;
    return made;
}

/* "/a//b/" gives "a", "", "b", "": what stands after each slash. Gives how many there are. */
static size_t split(struct str pattern, struct str *segments, size_t most)
{
    struct str rest = str_slice(pattern.at + 1, pattern.len - 1), segment;
    size_t count = 0;

    while (str_cut(&rest, '/', &segment)) {
        if (count < most)
            segments[count] = segment;
        count++;
    }
    return count;
}

static bool is_param(struct str segment)
{
    return segment.len > 2 && segment.at[0] == '{' && segment.at[segment.len - 1] == '}' &&
           !memchr(segment.at + 1, '{', segment.len - 1) &&
           !memchr(segment.at, '}', segment.len - 1);
}

static bool is_rest(struct str segment)
{
    return is_param(segment) && str_ends(segment, STR("...}"));
}

/* Depth is bounded by the patterns'. The first row of the method wins; where only other methods
 * are served, all of them are gathered. */
static void walk(struct match *match, const struct node *node, size_t at, size_t param)
{
    if (at == match->rq->segment_count) {
        arrive(match, node);
        return;
    }
    for (const struct node *child = node->child; child && !match->row; child = child->next) {
        struct str segment = match->rq->segments[at];

        if (child->text.at != NULL) {
            if (str_eq(child->text, segment))
                walk(match, child, at + 1, param);
        } else if (child->is_rest) {
            /* an encoded slash would let dot segments through that nobody has looked at */
            if (has_slash(match->rq, at))
                continue;
            match->params[param] = rest_of(match->rq, at);
            arrive(match, child);
        } else if (segment.len > 0) {
            match->params[param] = segment;
            walk(match, child, at + 1, param + 1);
        }
    }
}

static void arrive(struct match *match, const struct node *node)
{
    enum method method = match->rq->method == HEAD ? GET : match->rq->method;

    for (unsigned i = 0; i < METHOD_COUNT; i++)
        if (node->rows[i] != NULL)
            match->methods |= 1u << i;
    match->row = node->rows[method];
}

/* The path from that segment on; without encoded slashes it is as long as its segments. */
static struct str rest_of(const struct request *rq, size_t at)
{
    size_t len = rq->segment_count - at - 1;

    for (size_t i = at; i < rq->segment_count; i++)
        len += rq->segments[i].len;
    return str_slice(rq->path.at + rq->path.len - len, len);
}

static bool has_slash(const struct request *rq, size_t from)
{
    for (size_t i = from; i < rq->segment_count; i++)
        if (memchr(rq->segments[i].at, '/', rq->segments[i].len))
            return true;
    return false;
}

static struct str allow_text(struct arena *arena, unsigned methods)
{
    char text[64];
    size_t len = 0;

    methods |= 1u << OPTIONS;
    if (methods & 1u << GET)
        methods |= 1u << HEAD;
    for (unsigned i = 0; i < METHOD_OTHER; i++) {
        const char *name = method_name((enum method)i);

        if (!(methods & 1u << i))
            continue;
        if (len > 0) {
            memcpy(text + len, ", ", 2);
            len += 2;
        }
        memcpy(text + len, name, strlen(name));
        len += strlen(name);
    }
    return str_copy(arena, str_slice(text, len));
}

/* An address that is not served may still have a secret in it: a link with a letter too many. What
 * stands where a secret may stand, and all behind it, is left out. */
static struct str log_path_unmatched(const struct router *router, const struct request *rq,
                                     struct arena *arena)
{
    const struct node *node = &router->root, *child;
    size_t len = 1; /* the first slash */

    for (size_t i = 0; i < rq->segment_count; i++) {
        for (child = node->child; child != NULL; child = child->next)
            if (child->text.at == NULL || str_eq(child->text, rq->segments[i]))
                break;
        if (child == NULL)
            return rq->path;
        if (child->is_secret)
            return str_concat(arena, str_slice(rq->path.at, len), STR("{secret}"));
        len += rq->segments[i].len + 1;
        node = child;
    }
    return rq->path;
}

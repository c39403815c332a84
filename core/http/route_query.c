/* Route_query: which query parameters a route knows. Unknown ones are named, never ignored. */
#include "http/route.h"

#include "base/nearest.h"

static bool is_known(const struct route *row, struct str name, bool *may_repeat);
static bool is_in(const char *const *names, struct str name);
static void refuse(const struct request *rq, size_t at, bool is_unknown, struct arena *arena,
                   struct failure *failure);
static const char *lookalike(const struct route *row, struct str name);

static const char *const of_lists[] = {
    "limit", "nextToken", "count", "q", "sort", "fields", NULL
};

enum status route_check_query(const struct request *rq, struct arena *arena,
                              struct failure *failure)
{
    enum status status = ST_OK;

    for (size_t i = 0; i < rq->query_count; i++) {
        bool may_repeat = false, is_repeated = false;
        bool known = is_known(rq->route, rq->query[i].name, &may_repeat);

        for (size_t before = 0; before < i; before++)
            is_repeated = is_repeated || str_eq(rq->query[before].name, rq->query[i].name);
        /* an unknown name that stands there twice is named once */
        if (known ? may_repeat || !is_repeated : is_repeated)
            continue;
        refuse(rq, i, !known, arena, failure);
        status = ST_INVALID;
    }
    return status;
}

static bool is_known(const struct route *row, struct str name, bool *may_repeat)
{
    int field;

    for (const struct route_query *query = row->query; query && query->name; query++)
        if (str_is(name, query->name))
            return true;
    if (!(row->flags & ROUTE_LIST))
        return false;
    if (is_in(of_lists, name))
        return true;
    field = field_find(row->entity, name);
    *may_repeat = true;
    return field >= 0 && (row->entity->fields[field].flags & FIELD_FILTER);
}

static bool is_in(const char *const *names, struct str name)
{
    for (; *names != NULL; names++)
        if (str_is(name, *names))
            return true;
    return false;
}

static void refuse(const struct request *rq, size_t at, bool is_unknown, struct arena *arena,
                   struct failure *failure)
{
    struct str name = rq->query[at].name;
    const char *meant = is_unknown ? lookalike(rq->route, name) : NULL;

    if (!is_unknown)
        failure_field(failure, arena, ST_INVALID, name, "given_twice",
                      "This query parameter may stand once.");
    else if (meant)
        failure_field(failure, arena, ST_INVALID, name, "unknown_parameter",
                      "There is no query parameter of this name here: \"%s\" is one.", meant);
    else
        failure_field(failure, arena, ST_INVALID, name, "unknown_parameter",
                      "There is no query parameter of this name here.");
}

/* The parameter whose name differs in a letter or two; NULL: none. */
static const char *lookalike(const struct route *row, struct str name)
{
    struct nearest nearest;

    nearest_init(&nearest, name);
    for (const struct route_query *query = row->query; query && query->name; query++)
        nearest_offer(&nearest, query->name);
    if (!(row->flags & ROUTE_LIST))
        return nearest.word;
    for (const char *const *of = of_lists; *of != NULL; of++)
        nearest_offer(&nearest, *of);
    for (const struct field *field = row->entity->fields; field->name != NULL; field++)
        if (field->flags & FIELD_FILTER)
            nearest_offer(&nearest, field->name);
    return nearest.word;
}

/* Route_query: which query parameters a route knows, and what they may be. Unknown ones are named, never
 * ignored, together with all whose values are faulty. */
#include "http/route.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/nearest.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

/* What one look at a parameter needs. */
struct looking {
    const struct route *row;
    const struct param *param;
    struct arena *arena;
    struct failure *failure;
    bool is_refused;
};

static bool is_known(const struct route *row, struct str name, bool *may_repeat);
static void look(struct looking *looking);
static void look_at_field(struct looking *looking, const struct field *field);
static void look_at_sort(struct looking *looking);
static void look_at_fields(struct looking *looking);
static void unknown(struct looking *looking);
static void refuse(struct looking *looking, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static const char *const of_lists[] = {
    "limit", "nextToken", "count", "q", "sort", "fields", NULL
};

/* The order is the list's own to judge, which may know fewer (the archive does): only where it will not be
 * asked is it looked at here. */
enum status route_check_query(const struct request *rq, struct arena *arena,
                              struct failure *failure)
{
    struct looking looking = { .row = rq->route, .arena = arena, .failure = failure };
    const struct param *sort = NULL;

    for (size_t i = 0; i < rq->query_count; i++) {
        bool may_repeat = false, is_repeated = false;
        bool known = is_known(rq->route, rq->query[i].name, &may_repeat);

        for (size_t before = 0; before < i; before++)
            is_repeated = is_repeated || str_eq(rq->query[before].name, rq->query[i].name);
        looking.param = &rq->query[i];
        if (!known && !is_repeated) /* one that stands there twice is named once */
            unknown(&looking);
        else if (known && is_repeated && !may_repeat)
            refuse(&looking, "given_twice", "This query parameter may stand once.");
        else if (known && !str_is_empty(looking.param->value)) /* empty: as if it were not there */
            look(&looking);
        if (rq->route->flags & ROUTE_LIST && str_is(rq->query[i].name, "sort"))
            sort = &rq->query[i];
    }
    if (sort && looking.is_refused && !str_is_empty(sort->value)) {
        looking.param = sort;
        look_at_sort(&looking);
    }
    return looking.is_refused ? ST_INVALID : ST_OK;
}

static bool is_known(const struct route *row, struct str name, bool *may_repeat)
{
    int field;

    for (const struct route_query *query = row->query; query && query->name; query++)
        if (str_is(name, query->name))
            return true;
    if (!(row->flags & ROUTE_LIST))
        return false;
    for (const char *const *at = of_lists; *at; at++)
        if (str_is(name, *at))
            return true;
    field = field_find(row->entity, name);
    *may_repeat = true;
    return field >= 0 && (row->entity->fields[field].flags & FIELD_FILTER);
}

/* What the route itself knows comes first, as in is_known. */
static void look(struct looking *looking)
{
    struct str name = looking->param->name, value = looking->param->value;
    bool is_flag = str_is(name, "count");
    int64_t number;

    for (const struct route_query *query = looking->row->query; query && query->name; query++)
        if (str_is(name, query->name)) {
            if (!query->is_flag)
                return;
            is_flag = true;
        }
    if (is_flag) {
        if (!str_is(value, "true") && !str_is(value, "false") && !str_is(value, "1") &&
            !str_is(value, "0"))
            refuse(looking, "not_a_boolean", "Give true or false.");
    } else if (str_is(name, "limit")) {
        if (!str_to_int(value, 1, INT64_MAX, &number))
            refuse(looking, "not_a_number", "Give a whole number from 1 to %d.", LIMIT_LIST_MAX);
    } else if (str_is(name, "fields")) {
        look_at_fields(looking);
    } else {
        int found = field_find(looking->row->entity, name);

        if (found >= 0)
            look_at_field(looking, &looking->row->entity->fields[found]);
    }
}

/* Filters of text and ids take anything: what cannot be is nobody's. */
static void look_at_field(struct looking *looking, const struct field *field)
{
    struct str value = looking->param->value;

    if (field->type == FIELD_BOOL && !str_is(value, "true") && !str_is(value, "false"))
        refuse(looking, "not_a_boolean", "Give true or false.");
    if (field->type != FIELD_ENUM)
        return;
    for (const char *const *choice = field->choices; *choice; choice++)
        if (str_is(value, *choice))
            return;
    refuse(looking, "unknown_choice", "There is no %s \"%.*s\".", field->name, STR_ARG(value));
}

static void look_at_sort(struct looking *looking)
{
    struct str value = looking->param->value, names = STR("");

    if (str_starts(value, STR("-")))
        value = str_slice(value.at + 1, value.len - 1);
    for (const struct field *field = looking->row->entity->fields; field->name; field++) {
        if (!(field->flags & FIELD_SORT))
            continue;
        if (str_is(value, field->name))
            return;
        names = str_printf(looking->arena, "%.*s%s%s", STR_ARG(names), names.len ? ", " : "",
                           field->name);
    }
    refuse(looking, "unknown_sort", "This list is sorted by %.*s (with - before it: descending).",
           STR_ARG(names));
}

static void look_at_fields(struct looking *looking)
{
    const struct entity *entity = looking->row->entity;
    struct str rest = looking->param->value, name;

    while (str_cut(&rest, ',', &name)) {
        int found = field_find(entity, name);
        struct nearest nearest;

        if (found >= 0 && !(entity->fields[found].flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT)))
            continue;
        nearest_init(&nearest, name);
        for (const struct field *field = entity->fields; field->name; field++)
            if (!(field->flags & (FIELD_HIDDEN | FIELD_NO_OUTPUT)))
                nearest_offer(&nearest, field->name);
        if (nearest.word)
            refuse(looking, "unknown_field", "%s has no field \"%.*s\". Did you mean `%s`?",
                   entity->name, STR_ARG(name), nearest.word);
        else
            refuse(looking, "unknown_field", "%s has no field \"%.*s\".", entity->name,
                   STR_ARG(name));
    }
}

static void unknown(struct looking *looking)
{
    const struct route *row = looking->row;
    struct nearest nearest;

    nearest_init(&nearest, looking->param->name);
    for (const struct route_query *query = row->query; query && query->name; query++)
        nearest_offer(&nearest, query->name);
    if (row->flags & ROUTE_LIST) {
        for (const char *const *at = of_lists; *at; at++)
            nearest_offer(&nearest, *at);
        for (const struct field *field = row->entity->fields; field->name; field++)
            if (field->flags & FIELD_FILTER)
                nearest_offer(&nearest, field->name);
    }
    if (nearest.word)
        refuse(looking, "unknown_parameter",
               "There is no query parameter of this name here. Did you mean `%s`?", nearest.word);
    else
        refuse(looking, "unknown_parameter", "There is no query parameter of this name here.");
}

static void refuse(struct looking *looking, const char *code, const char *format, ...)
{
    char message[512];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    failure_field(looking->failure, looking->arena, ST_INVALID, looking->param->name, code, "%s",
                  message);
    looking->is_refused = true;
}

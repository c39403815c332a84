/* Known: gathering names from the rows of routes, and from what is asked beside them. */
#include "plugin/known.h"

#include "base/arena.h"
#include "http/route.h"
#include "policy/action.h"

#include <string.h>

enum { NAMES_MAX = 512 };

struct gathering {
    struct known *known;
    struct arena *arena;
};

static bool begins(const struct known *known, enum hook_kind kind, struct str name_given);
static void add_route(const struct route *route, void *context);
static struct known_name *add(struct gathering *to, enum hook_kind kind, struct str name,
                              const struct entity *entity, const char *help);

struct known *known_new(const struct router *router, struct arena *arena)
{
    struct gathering to = { .known = arena_new(arena, struct known), .arena = arena };

    for (int i = 0; i < HOOK_KINDS; i++)
        to.known->at[i] = arena_array(arena, struct known_name, NAMES_MAX);
    if (router)
        router_each(router, add_route, &to);
    for (const struct action *a = actions_beside_routes; a->name; a++) {
        add(&to, HOOK_RULE, str_from(a->name), NULL, a->help);
        add(&to, HOOK_FILTER, str_from(a->name), NULL, a->help);
    }
    for (const char *const *name = scoped_entities; *name; name++)
        add(&to, HOOK_SCOPE, str_from(*name), NULL, NULL);
    for (const struct action *a = renders; a->name; a++)
        add(&to, HOOK_RENDER, str_from(a->name), NULL, a->help);
    for (const struct action *a = events; a->name; a++)
        add(&to, HOOK_EVENT, str_from(a->name), NULL, a->help);
    return to.known;
}

const struct known_name *known_find(const struct known *known, enum hook_kind kind, struct str name)
{
    for (size_t i = 0; i < known->count[kind]; i++)
        if (str_eq(known->at[kind][i].name, name))
            return &known->at[kind][i];
    return NULL;
}

bool known_is_ours(const struct known *known, struct str event)
{
    return begins(known, HOOK_EVENT, event);
}

bool known_is_our_action(const struct known *known, struct str action)
{
    return begins(known, HOOK_RULE, action);
}

static bool begins(const struct known *known, enum hook_kind kind, struct str name_given)
{
    struct str first, other;

    if (!known || !str_cut(&name_given, '.', &first))
        return false;
    for (size_t i = 0; i < known->count[kind]; i++) {
        struct str name = known->at[kind][i].name;

        if (str_cut(&name, '.', &other) && str_eq(first, other))
            return true;
    }
    return false;
}

bool known_is_told(const struct known *known, enum hook_kind kind, struct str name, struct str own,
                   bool is_like_ours)
{
    struct str first = name, rest = name;

    if (!known_is_good(name) ||
        (kind == HOOK_EVENT ? known_is_ours(known, name) : known_is_our_action(known, name)) ||
        !str_cut(&rest, '.', &first) || str_is_empty(first) || str_is_empty(rest))
        return false;
    return !is_like_ours || str_eq(first, own);
}

bool known_is_good(struct str name)
{
    if (name.len == 0 || name.len > 100)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-' || c == '.'))
            return false;
    }
    return true;
}

static void add_route(const struct route *route, void *context)
{
    struct gathering *to = context;
    struct known_name *name;

    if (!route->may)
        return;
    if ((route->flags & (ROUTE_LIST | ROUTE_INSIDE)) ==
        ROUTE_LIST) /* asks for the entity's scope */
        add(to, HOOK_SCOPE, str_from(route->entity->name), route->entity, NULL);
    for (int kind = HOOK_RULE; kind <= HOOK_FILTER; kind += HOOK_FILTER - HOOK_RULE) {
        name = add(to, (enum hook_kind)kind, str_from(route->may), route->entity, route->summary);
        if (name && route->write)
            name->is_change = true;
        if (name && route->body && !name->body)
            name->body = route->body;
    }
}

/* The first that names an entity tells it. NULL: there is no room. */
static struct known_name *add(struct gathering *to, enum hook_kind kind, struct str name,
                              const struct entity *entity, const char *help)
{
    struct known_name *at = to->known->at[kind];
    size_t *count = &to->known->count[kind], i;

    for (i = 0; i < *count && !str_eq(at[i].name, name); i++)
        ;
    if (i == NAMES_MAX)
        return NULL;
    if (i == *count)
        at[(*count)++] = (struct known_name){ .name = name };
    if (!at[i].entity)
        at[i].entity = entity;
    if (!at[i].help)
        at[i].help = help;
    return &at[i];
}

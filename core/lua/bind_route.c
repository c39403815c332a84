/* Bind route: foyer.route, an address of a plugin's own. */
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/schema.h"
#include "lua/value.h"
#include "plugin/known.h"
#include "plugin/routes.h"

#include <lauxlib.h>
#include <string.h>

static enum method read_method(lua_State *L);
static void read_options(lua_State *L, int index, struct registration *registration);
static struct str read_text(lua_State *L, const char *name);
static const struct value *read_schema(lua_State *L, const char *name);
static struct value closed(const struct value *schema, struct arena *arena);
static void check_terms(lua_State *L, const struct route_terms *terms);
static void check_action(lua_State *L, struct str action);
static void check_alone(lua_State *L, const struct registration *registration);

int bind_route(lua_State *L)
{
    struct arena *arena = script_scratch(L);
    struct registration registration = { .kind = HOOK_ROUTE, .stage = STAGE_POLICY };
    struct route_terms *terms = &registration.route;
    struct str reason;

    terms->method = read_method(L);
    terms->path = str_copy(arena, api_text(L, 2));
    reason = routes_path_fault(terms->path, arena);
    if (!str_is_absent(reason))
        return luaL_error(L, "foyer.route: %s: %s", terms->path.at, reason.at);
    registration.subject =
        str_printf(arena, "%s %.*s", method_name(terms->method), STR_ARG(terms->path));
    bind_check_provided(L, HOOK_ROUTE, registration.subject);
    read_options(L, 3, &registration);
    check_terms(L, terms);
    check_alone(L, &registration);
    return bind_keep(L, &registration, 4);
}

static enum method read_method(lua_State *L)
{
    static const enum method methods[] = { GET, POST, PUT, PATCH, DELETE };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (str_is(api_text(L, 1), method_name(methods[i])))
            return methods[i];
    luaL_argerror(L, 1, "GET, POST, PUT, PATCH or DELETE expected (HEAD follows GET)");
    return METHOD_OTHER;
}

static void read_options(lua_State *L, int index, struct registration *registration)
{
    struct route_terms *terms = &registration->route;

    lua_pushnil(L);
    while (lua_next(L, index)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

        if (strcmp(name, "may") == 0)
            terms->may = read_text(L, name);
        else if (strcmp(name, "open") == 0)
            terms->open = read_text(L, name);
        else if (strcmp(name, "describe") == 0)
            registration->describe = read_text(L, name);
        else if (strcmp(name, "query") == 0)
            terms->query = read_schema(L, name);
        else if (strcmp(name, "body") == 0)
            terms->body = read_schema(L, name);
        else
            luaL_error(L,
                       "there is no option \"%s\" of a route: may, open, query, body and describe "
                       "are",
                       name);
        lua_pop(L, 1);
    }
}

/* The value is on top of the stack, as in those below. */
static struct str read_text(lua_State *L, const char *name)
{
    struct str text;

    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "option %s must be a text", name);
    text = str_copy(script_scratch(L), api_text(L, -1));
    if (str_is_empty(text) || !str_is_one_line(text))
        luaL_error(L, "option %s must be a text of one line", name);
    return text;
}

static const struct value *read_schema(lua_State *L, const char *name)
{
    struct arena *arena = script_scratch(L);
    struct value *schema = arena_new(arena, struct value);
    struct str reason = value_read(L, lua_gettop(L), arena, schema);

    if (str_is_absent(reason))
        reason = schema_check(schema, arena);
    if (!str_is_absent(reason))
        luaL_error(L, "option %s: %s", name, reason.at);
    *schema = closed(schema, arena);
    return schema;
}

/* What it does not name is a slip of whoever asks, as everywhere, unless it says otherwise. */
static struct value closed(const struct value *schema, struct arena *arena)
{
    static const struct str others = { "additionalProperties", 20 };
    size_t count = schema->type == VALUE_OBJECT ? schema->object.count : 0;
    struct value_member *members;

    if (!value_get(schema, STR("properties")) || value_get(schema, others))
        return *schema;
    members = arena_array(arena, struct value_member, count + 1);
    memcpy(members, schema->object.members, count * sizeof(*members));
    members[count] = (struct value_member){ others, value_bool(false) };
    return value_object(members, count + 1);
}

static void check_terms(lua_State *L, const struct route_terms *terms)
{
    if (str_is_absent(terms->may) == str_is_absent(terms->open))
        luaL_error(L, "a route says who may ask: may = \"an.action\", or open = \"why nobody is "
                      "asked\"");
    if (!str_is_absent(terms->may))
        check_action(L, terms->may);
    if (terms->body && (terms->method == GET || terms->method == DELETE))
        luaL_error(L, "a %s has no body: take the option body away", method_name(terms->method));
    if (terms->query && !value_get(terms->query, STR("properties")))
        luaL_error(L, "option query names the parameters: { properties = { … } }");
}

/* One of Foyer's, or one that begins with the plugin's name. */
static void check_action(lua_State *L, struct str action)
{
    const struct instance *instance = instance_of(L);
    struct str own = plugin_own_name(instance->plugin->id), rest = action, first = action;

    if (!instance->known || known_find(instance->known, HOOK_RULE, action))
        return;
    if (!known_is_good(action) || !str_cut(&rest, '.', &first) || !str_eq(first, own) ||
        str_is_empty(rest))
        luaL_error(L,
                   "may = \"%s\": there is no such action; those of this script begin with \"%s.\"",
                   action.at, lua_pushlstring(L, own.at, own.len));
    if (known_is_our_action(instance->known, action))
        luaL_error(L,
                   "may = \"%s\": actions that begin with \"%s.\" are Foyer's own: name the script "
                   "otherwise",
                   action.at, lua_pushlstring(L, own.at, own.len));
}

static void check_alone(lua_State *L, const struct registration *registration)
{
    const struct registry *registry = instance_of(L)->registry;

    for (size_t i = 0; i < registry->count; i++) {
        const struct registration *other = &registry->at[i];

        if (other->kind == HOOK_ROUTE && other->route.method == registration->route.method &&
            routes_are_same(other->route.path, registration->route.path))
            luaL_error(L, "there is a route %s already (%s)", other->subject.at, other->where.at);
    }
}

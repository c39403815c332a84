/* Bind route: foyer.route and foyer.page, addresses of a plugin's own, and foyer.command. */
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/schema.h"
#include "lua/value.h"
#include "plugin/known.h"
#include "plugin/routes.h"

#include <lauxlib.h>
#include <string.h>

static enum method read_method(lua_State *L);
static struct str read_path(lua_State *L, const char *function);
static void read_options(lua_State *L, int index, struct registration *registration);
static bool read_page_option(lua_State *L, const char *name, struct registration *registration);
static struct str read_asset(lua_State *L, const char *name);
static struct str read_text(lua_State *L, const char *name);
static const struct value *read_schema(lua_State *L, const char *name);
static struct value closed(const struct value *schema, struct arena *arena);
static void check_terms(lua_State *L, const struct route_terms *terms);
static void check_action(lua_State *L, struct str action);
static void check_alone(lua_State *L, const struct registration *registration);
static unsigned methods_of(const struct registration *registration);

int bind_route(lua_State *L)
{
    struct arena *arena = script_scratch(L);
    struct registration registration = { .kind = HOOK_ROUTE, .stage = STAGE_POLICY };
    struct route_terms *terms = &registration.route;

    terms->method = read_method(L);
    terms->path = read_path(L, "route");
    registration.subject =
        str_printf(arena, "%s %.*s", method_name(terms->method), STR_ARG(terms->path));
    bind_check_provided(L, HOOK_ROUTE, registration.subject);
    read_options(L, 3, &registration);
    check_terms(L, terms);
    check_alone(L, &registration);
    return bind_keep(L, &registration, 4);
}

int bind_page(lua_State *L)
{
    struct arena *arena = script_scratch(L);
    struct registration registration = { .kind = HOOK_PAGE, .stage = STAGE_POLICY };
    struct route_terms *terms = &registration.route;
    bool is_dashboard = str_is(api_text(L, 1), "dashboard");

    luaL_argcheck(L, is_dashboard || str_is(api_text(L, 1), "portal"), 1,
                  "\"dashboard\" or \"portal\" expected");
    terms->place = str_copy(arena, api_text(L, 1));
    terms->path = read_path(L, "page");
    terms->label = STR("");
    registration.subject =
        str_printf(arena, "%.*s %.*s", STR_ARG(terms->place), STR_ARG(terms->path));
    bind_check_provided(L, HOOK_PAGE, registration.subject);
    read_options(L, 3, &registration);
    if (str_is_absent(terms->title))
        return luaL_error(L, "a page has a title: { title = \"Reports\" }");
    if (str_is_absent(terms->may) && str_is_absent(terms->open))
        terms->may = is_dashboard ? STR("dashboard.open") : STR("portal.open");
    if (terms->label.at && terms->label.len == 0)
        terms->label = terms->title;
    if (memchr(terms->path.at, '{', terms->path.len)) /* nobody can be led there */
        terms->label = STR_NONE;
    check_terms(L, terms);
    check_alone(L, &registration);
    return bind_keep(L, &registration, 4);
}

int bind_command(lua_State *L)
{
    struct registration registration = { .kind = HOOK_COMMAND,
                                         .stage = STAGE_POLICY,
                                         .subject = api_text(L, 1) };
    const struct registry *registry = instance_of(L)->registry;

    if (!known_is_good(registration.subject))
        return luaL_error(L, "the name of a command is letters, digits, '_', '-' and '.'");
    bind_check_provided(L, HOOK_COMMAND, registration.subject);
    if (lua_istable(L, 2))
        read_options(L, 2, &registration);
    for (size_t i = 0; i < registry->count; i++)
        if (registry->at[i].kind == HOOK_COMMAND &&
            str_eq(registry->at[i].subject, registration.subject))
            return luaL_error(L, "there is a command \"%s\" already", registration.subject.at);
    if (registration.route.body && !value_get(registration.route.body, STR("properties")))
        return luaL_error(L, "option arguments names them: { properties = { … } }");
    return bind_keep(L, &registration, 3);
}

int bind_asset(lua_State *L)
{
    const struct plugin *plugin = instance_of(L)->plugin;
    struct str path = asset_path(plugin, api_text(L, 1), script_scratch(L));

    if (str_is_absent(path))
        return luaL_error(L, "there is no file assets/%s in this plugin", lua_tostring(L, 1));
    lua_pushlstring(L, path.at, path.len);
    return 1;
}

static struct str read_path(lua_State *L, const char *function)
{
    struct arena *arena = script_scratch(L);
    struct str path = str_copy(arena, api_text(L, 2)), reason = routes_path_fault(path, arena);

    if (!str_is_absent(reason))
        luaL_error(L, "foyer.%s: %s: %s", function, path.at, reason.at);
    return path;
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

        if (registration->kind == HOOK_COMMAND && strcmp(name, "arguments") == 0)
            terms->body = read_schema(L, name);
        else if (registration->kind == HOOK_COMMAND && strcmp(name, "describe") != 0)
            luaL_error(L, "there is no option \"%s\" of a command: describe and arguments are",
                       name);
        else if (strcmp(name, "may") == 0)
            terms->may = read_text(L, name);
        else if (strcmp(name, "open") == 0)
            terms->open = read_text(L, name);
        else if (strcmp(name, "describe") == 0)
            registration->describe = read_text(L, name);
        else if (registration->kind == HOOK_PAGE && read_page_option(L, name, registration))
            ;
        else if (registration->kind == HOOK_PAGE)
            luaL_error(L,
                       "there is no option \"%s\" of a page: title, label, may, open, form, style, "
                       "script and describe are",
                       name);
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

/* False: a page has no such option. The value is on top of the stack, as in those below. */
static bool read_page_option(lua_State *L, const char *name, struct registration *registration)
{
    struct route_terms *terms = &registration->route;

    if (strcmp(name, "title") == 0)
        terms->title = read_text(L, name);
    else if (strcmp(name, "label") == 0)
        terms->label =
            lua_isboolean(L, -1) && !lua_toboolean(L, -1) ? STR_NONE : read_text(L, name);
    else if (strcmp(name, "form") == 0)
        terms->body = read_schema(L, name);
    else if (strcmp(name, "style") == 0)
        terms->style = read_asset(L, name);
    else if (strcmp(name, "script") == 0)
        terms->script = read_asset(L, name);
    else
        return false;
    return true;
}

static struct str read_asset(lua_State *L, const char *name)
{
    struct str file = read_text(L, name),
               path = asset_path(instance_of(L)->plugin, file, script_scratch(L));

    if (str_is_absent(path))
        luaL_error(L, "option %s: there is no file assets/%s in this plugin", name, file.at);
    return path;
}

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
    if (terms->body && str_is_absent(terms->place) &&
        (terms->method == GET || terms->method == DELETE))
        luaL_error(L, "a %s has no body: take the option body away", method_name(terms->method));
    if (terms->body && !str_is_absent(terms->place) && !value_get(terms->body, STR("properties")))
        luaL_error(L, "option form names the fields: { properties = { … } }");
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

        if ((other->kind == HOOK_ROUTE || other->kind == HOOK_PAGE) &&
            methods_of(other) & methods_of(registration) &&
            routes_are_same(other->route.path, registration->route.path))
            luaL_error(L, "there is a %s %s already (%s)", hook_kind_names[other->kind],
                       other->subject.at, other->where.at);
    }
}

static unsigned methods_of(const struct registration *registration)
{
    return registration->kind == HOOK_PAGE ? 1u << GET | 1u << POST
                                           : 1u << registration->route.method;
}

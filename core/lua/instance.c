/* Instance: making the state of a plugin, and loading its entry. */
#include "lua/instance.h"

#include "base/check.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/settings.h"
#include "lua/value.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static bool load(struct instance *instance, struct script_error *error);
static bool number_functions(struct instance *instance, const struct registry *registry,
                             struct script_error *error);
static bool is_same(const struct registration *a, const struct registration *b);
static const struct plugin_file *file_called(const struct plugin *plugin, struct str name);
static int manifest_settings(lua_State *L);

struct instance *instance_open(const struct plugin *plugin, const struct known *known,
                               struct registry *registry, struct arena *arena, struct fault *fault)
{
    struct instance *instance = xcalloc(1, sizeof(*instance));
    struct registry own = { .arena = arena };
    struct script_limits limits = { .files = { instance_find_file, instance } };
    struct script_error error = { .message = STR("there is no memory for it") };

    instance->plugin = plugin;
    instance->known = known;
    instance->registry = registry ? registry : &own;
    instance->is_again = !registry;
    instance->state = script_state_new(&limits);
    if (instance->state) {
        script_set_host(instance->state, instance);
        if (load(instance, &error) && (registry || number_functions(instance, &own, &error))) {
            instance->registry = NULL;
            return instance;
        }
    }
    fault->message = str_copy(arena, error.message);
    fault->where = str_copy(arena, error.where);
    fault->is_timeout = error.kind == SCRIPT_TIMEOUT;
    instance_close(instance);
    return NULL;
}

void instance_close(struct instance *instance)
{
    if (!instance)
        return;
    script_state_free(instance->state);
    free(instance->functions);
    free(instance);
}

const struct manifest *instance_says(const struct instance *instance)
{
    return instance->plugin->manifest ? instance->plugin->manifest : instance->header;
}

static bool load(struct instance *instance, struct script_error *error)
{
    const struct plugin *plugin = instance->plugin;

    if (script_module(instance->state, "foyer", api_open, NULL, error) != ST_OK)
        return false;
    if (plugin->manifest && !str_is_absent(plugin->manifest->settings) &&
        script_module(instance->state, "foyer.settings", manifest_settings, NULL, error) != ST_OK)
        return false;
    return script_load(instance->state, plugin->path, plugin->source, LIMIT_LOAD_MICROSECONDS, NULL,
                       error) == ST_OK &&
           script_freeze(instance->state, error) == ST_OK;
}

/* The order in which pairs() gives names is another one in each state: functions that were registered in
 * such a loop are found again by what they are for. */
static bool number_functions(struct instance *instance, const struct registry *registry,
                             struct script_error *error)
{
    const struct plugin *plugin = instance->plugin;
    size_t count = plugin->registration_count;
    struct script_function *functions = xcalloc(count + 1, sizeof(*functions));
    bool is_good = registry->count == count;

    for (size_t i = 0; is_good && i < count; i++) {
        size_t k;

        for (k = 0; k < count; k++)
            if (instance->functions[k].reference &&
                is_same(&plugin->registrations[i], &registry->at[k]))
                break;
        is_good = k < count;
        if (is_good) {
            functions[i] = instance->functions[k];
            instance->functions[k].reference = 0;
        }
    }
    free(instance->functions);
    instance->functions = functions;
    if (!is_good)
        error->message = STR("it registers other functions each time it is loaded");
    return is_good;
}

static bool is_same(const struct registration *a, const struct registration *b)
{
    return a->kind == b->kind && str_eq(a->subject, b->subject) && str_eq(a->where, b->where) &&
           str_eq(a->name, b->name) && str_eq(a->describe, b->describe);
}

/* require("lib.x") means lib/x.lua; templates are found by their names alone. */
bool instance_find_file(void *context, struct str name, struct str *source, struct str *path)
{
    const struct instance *instance = context;
    const struct plugin_file *file;
    char as_path[128];
    size_t len = name.len;

    if (len + sizeof("templates/.lua") > sizeof(as_path))
        return false;
    memcpy(as_path, name.at, len);
    for (size_t i = 0; i < len; i++)
        if (as_path[i] == '.')
            as_path[i] = '/';
    memcpy(as_path + len, ".lua", 4);
    file = file_called(instance->plugin, str_slice(as_path, len + 4));
    if (!file) {
        memcpy(as_path, "templates/", 10);
        memcpy(as_path + 10, name.at, len);
        file = file_called(instance->plugin, str_slice(as_path, len + 10));
    }
    if (!file)
        file = file_called(instance->plugin, name);
    if (!file)
        return false;
    *source = file->source;
    *path = file->path;
    return true;
}

static const struct plugin_file *file_called(const struct plugin *plugin, struct str name)
{
    for (size_t i = 0; i < plugin->file_count; i++)
        if (str_eq(plugin->files[i].name, name))
            return &plugin->files[i];
    return NULL;
}

/* The declarations of plugin.json; the module that this makes is empty. */
static int manifest_settings(lua_State *L)
{
    const struct plugin *plugin = instance_of(L)->plugin;
    struct value value;
    struct str reason = value_from_json(plugin->manifest->settings, script_scratch(L), &value);

    if (!str_is_absent(reason))
        luaL_error(L, "plugin.json: settings: %s", reason.at);
    lua_settop(L, 0);
    value_push(L, &value, 0);
    settings_declare(L, 1);
    lua_newtable(L);
    return 1;
}

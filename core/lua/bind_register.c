/* Bind register: foyer.plugin, rule, scope, filter, render, on, transaction and settings, at the top level of a file. */
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/settings.h"
#include "lua/stdlib.h"
#include "lua/value.h"
#include "lua/view.h"
#include "plugin/handler.h"
#include "plugin/known.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS_MAX = 512 };

static int add(lua_State *L, enum hook_kind kind, int options, int function);
static void check_subject(lua_State *L, const struct instance *instance, enum hook_kind kind,
                          struct str subject);
static void check_own_name(lua_State *L, const struct registration *registration);
static void read_schedule(lua_State *L, int options, struct registration *registration);
static struct str job_option(lua_State *L, int options, const char *name);
static void read_options(lua_State *L, int index, struct registration *registration);
static void read_option(lua_State *L, const char *key, struct registration *registration);
static struct texts read_names(lua_State *L, const char *key);
static enum hook_stage read_stage(lua_State *L);
static void keep_function(lua_State *L, struct instance *instance, int index);

int bind_rule(lua_State *L)
{
    return add(L, HOOK_RULE, 2, 3);
}

int bind_filter(lua_State *L)
{
    return add(L, HOOK_FILTER, 2, 3);
}

int bind_scope(lua_State *L)
{
    return add(L, HOOK_SCOPE, 0, 2);
}

int bind_render(lua_State *L)
{
    return add(L, HOOK_RENDER, 0, 2);
}

int bind_on(lua_State *L)
{
    return add(L, HOOK_EVENT, 2, 3);
}

int bind_transaction(lua_State *L)
{
    return add(L, HOOK_TRANSACTION, 0, 2);
}

int bind_job(lua_State *L)
{
    return add(L, HOOK_JOB, 2, 3);
}

/* Read once, when the script is checked: later instances are of the same text. */
int bind_plugin(lua_State *L)
{
    struct instance *instance = instance_of(L);
    struct arena *arena = script_scratch(L);
    struct str reason, line;
    struct value value;
    struct buf json, report;

    if (instance->plugin->manifest)
        return luaL_error(L, "this plugin says so in its plugin.json");
    if (instance->tests)
        return luaL_error(L, "a file of tests says nothing of itself");
    if (instance->header || instance->function_count > 0 || instance->has_settings)
        return luaL_error(L, "foyer.plugin is called once, before all else");
    if (instance->is_again) {
        instance->header = instance->plugin->header;
        return instance->header ? 0 : luaL_error(L, "it says another thing each time it is loaded");
    }
    reason = value_read(L, 1, arena, &value);
    if (!str_is_absent(reason))
        return luaL_error(L, "foyer.plugin: %s", reason.at);
    buf_init(&json, LIMIT_SCRIPT_SOURCE);
    buf_init(&report, KIB(16));
    value_to_json(&value, &json);
    instance->header = manifest_read_header(buf_view(&json), instance->registry->arena, &report);
    instance->registry->header = instance->header;
    reason = str_copy(arena, str_trim(buf_view(&report)));
    buf_fini(&json);
    buf_fini(&report);
    if (!instance->header && str_cut(&reason, '\n', &line)) /* an error is one line */
        return luaL_error(L, "foyer.plugin: %s", str_copy(arena, line).at);
    return 0;
}

int bind_settings(lua_State *L)
{
    struct instance *instance = instance_of(L);

    if (instance->plugin->manifest && !str_is_absent(instance->plugin->manifest->settings))
        return luaL_error(L, "the settings of this plugin are in its plugin.json");
    if (instance->has_settings)
        return luaL_error(L, "foyer.settings is called once, with all settings");
    settings_declare(L, 1);
    return 0;
}

static int add(lua_State *L, enum hook_kind kind, int options, int function)
{
    struct instance *instance = instance_of(L);
    struct registration registration = { .kind = kind,
                                         .stage = STAGE_POLICY,
                                         .subject = api_text(L, 1) };

    check_subject(L, instance, kind, registration.subject);
    if (kind == HOOK_JOB)
        read_schedule(L, options, &registration);
    else if (options && lua_istable(L, options))
        read_options(L, options, &registration);
    if (kind == HOOK_EVENT || kind == HOOK_TRANSACTION || kind == HOOK_JOB)
        check_own_name(L, &registration);
    return bind_keep(L, &registration, function);
}

int bind_keep(lua_State *L, struct registration *registration, int function)
{
    struct instance *instance = instance_of(L);

    registration->where = script_where(L, 0, script_scratch(L));
    if (instance->function_count == FUNCTIONS_MAX)
        return luaL_error(L, "more than %d functions are registered", FUNCTIONS_MAX);
    keep_function(L, instance, function);
    registry_add(instance->registry, registration);
    return 0;
}

/* Nobody would ever call what is registered for a name that nobody asks. */
static void check_subject(lua_State *L, const struct instance *instance, enum hook_kind kind,
                          struct str subject)
{
    const struct known *known = instance->known;
    const struct known_name *name;
    const char *what = kind == HOOK_SCOPE    ? "entity"
                       : kind == HOOK_RENDER ? "text to render"
                       : kind == HOOK_EVENT  ? "event"
                                             : "action";

    bind_check_provided(L, kind, subject);
    if (!known || kind == HOOK_TRANSACTION || kind == HOOK_JOB) /* these are named by the script */
        return;
    name = known_find(known, kind, subject);
    if (!name) {
        size_t count = known->count[kind];
        struct str *names = arena_array(script_scratch(L), struct str, count), meant;

        for (size_t i = 0; i < count; i++)
            names[i] = known->at[kind][i].name;
        meant = stdlib_did_you_mean(subject, names, count);
        if ((kind == HOOK_EVENT || kind == HOOK_RULE) &&
            known_is_told(known, kind, subject, plugin_own_name(instance->plugin->id),
                          !str_is_absent(meant)))
            return;
        if (str_is_absent(meant))
            luaL_error(L, "there is no %s \"%s\" (foyer script stubs lists them)", what,
                       subject.at);
        luaL_error(L, "there is no %s \"%s\": did you mean \"%s\"?", what, subject.at, meant.at);
    }
    if (kind == HOOK_FILTER && !name->is_change)
        luaL_error(L, "%s changes nothing: filters run before a change", subject.at);
}

void bind_check_provided(lua_State *L, enum hook_kind kind, struct str subject)
{
    const struct instance *instance = instance_of(L);

    if (instance->tests)
        luaL_error(L, "a file of tests registers nothing");
    if (!instance_says(instance) || manifest_provides(instance_says(instance), kind, subject))
        return;
    if (instance->plugin->manifest)
        luaL_error(L, "plugin.json does not list it: add \"%s\": [\"%s\"] to \"provides\"",
                   hook_kind_names[kind], subject.at);
    luaL_error(L, "foyer.plugin does not list it: add %s = { \"%s\" } to provides",
               hook_kind_names[kind], subject.at);
}

/* Deliveries are kept under the name of their handler, and transactions are called by theirs. */
static void check_own_name(lua_State *L, const struct registration *registration)
{
    const struct registry *registry = instance_of(L)->registry;
    bool is_event = registration->kind == HOOK_EVENT;
    struct str name = registration->name.at ? registration->name : registration->subject;

    if (!known_is_good(name))
        luaL_error(L,
                   "the name of %s is letters, digits, '_', '-' and '.', at most 100: not \"%s\"",
                   is_event                         ? "a handler"
                   : registration->kind == HOOK_JOB ? "a job"
                                                    : "a transaction",
                   name.at);
    if (is_event && (registration->after.count || registration->before.count ||
                     registration->stage != STAGE_POLICY))
        luaL_error(L,
                   "handlers have no order among each other: name and describe are their options");
    for (size_t i = 0; i < registry->count; i++) {
        const struct registration *other = &registry->at[i];

        bool is_transaction = other->kind == HOOK_TRANSACTION;

        if ((other->kind != HOOK_EVENT && other->kind != HOOK_JOB && !is_transaction) ||
            is_transaction != (registration->kind == HOOK_TRANSACTION) ||
            !str_eq(other->name.at ? other->name : other->subject, name))
            continue;
        if (is_transaction)
            luaL_error(L, "there is a transaction \"%s\" already", name.at);
        if (!is_event || other->kind == HOOK_JOB)
            luaL_error(L, "there is a job or handler \"%s\" already", name.at);
        luaL_error(L,
                   "there is a handler \"%s\" already: give each a name of its own, "
                   "foyer.on(\"%s\", { name = \"…\" }, …)",
                   name.at, registration->subject.at);
    }
}

static void read_schedule(lua_State *L, int options, struct registration *registration)
{
    struct str every = job_option(L, options, "every"), cron = job_option(L, options, "cron");
    struct str jitter = job_option(L, options, "jitter");
    struct schedule *schedule = &registration->schedule;

    registration->describe = job_option(L, options, "describe");
    lua_pushnil(L);
    while (lua_next(L, options)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

        if (strcmp(name, "every") != 0 && strcmp(name, "cron") != 0 &&
            strcmp(name, "jitter") != 0 && strcmp(name, "describe") != 0)
            luaL_error(L,
                       "there is no option \"%s\" of a job: every, cron, jitter and describe are",
                       name);
        lua_pop(L, 1);
    }
    if (str_is_absent(every) == str_is_absent(cron))
        luaL_error(L,
                   "a job has either every or cron: { every = \"1h\" }, { cron = \"0 8 * * 1\" }");
    if (!str_is_absent(cron) && !schedule_read_cron(cron, schedule))
        luaL_error(L,
                   "cron is minute, hour, day, month and day of the week, like \"0 8 * * 1\": not "
                   "\"%s\"",
                   cron.at);
    if (!str_is_absent(every) && !schedule_read_span(every, &schedule->every))
        luaL_error(L,
                   "every is a span from a minute to 366 days, like \"15m\", \"2h\" or \"1d\": not "
                   "\"%s\"",
                   every.at);
    if (!str_is_absent(jitter) && !schedule_read_span(jitter, &schedule->jitter))
        luaL_error(L, "jitter is a span, like \"10m\": not \"%s\"", jitter.at);
    registration->schedule_text =
        str_printf(script_scratch(L), "%s%.*s%s%.*s", str_is_absent(every) ? "" : "every ",
                   STR_ARG(str_is_absent(every) ? cron : every), str_is_absent(jitter) ? "" : " + ",
                   STR_ARG(jitter));
}

/* Absent: is not given. */
static struct str job_option(lua_State *L, int options, const char *name)
{
    struct str text = STR_NONE;

    lua_pushstring(L, name);
    if (lua_rawget(L, options) == LUA_TSTRING)
        text = str_copy(script_scratch(L), api_text(L, -1));
    else if (!lua_isnil(L, -1))
        luaL_error(L, "option %s must be a text", name);
    lua_pop(L, 1);
    return text;
}

static void read_options(lua_State *L, int index, struct registration *registration)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "options have names: { name = \"…\", after = \"…\" }");
        read_option(L, lua_tostring(L, -2), registration);
        lua_pop(L, 1);
    }
}

/* The value is on top of the stack. */
static void read_option(lua_State *L, const char *key, struct registration *registration)
{
    bool is_text = lua_type(L, -1) == LUA_TSTRING;

    if (strcmp(key, "after") == 0) {
        registration->after = read_names(L, key);
    } else if (strcmp(key, "before") == 0) {
        registration->before = read_names(L, key);
    } else if (strcmp(key, "stage") == 0) {
        registration->stage = read_stage(L);
    } else if (strcmp(key, "name") == 0 || strcmp(key, "describe") == 0) {
        if (!is_text)
            luaL_error(L, "option %s must be a text", key);
        *(key[0] == 'n' ? &registration->name : &registration->describe) = api_text(L, -1);
    } else {
        luaL_error(L, "there is no option \"%s\": name, describe, after, before and stage are",
                   key);
    }
}

/* A text or an array of texts. */
static struct texts read_names(lua_State *L, const char *key)
{
    struct arena *arena = script_scratch(L);
    bool is_one = lua_type(L, -1) == LUA_TSTRING;
    struct texts names = { .count = is_one               ? 1
                                    : lua_istable(L, -1) ? (size_t)luaL_len(L, -1)
                                                         : SIZE_MAX };

    if (names.count > 64)
        luaL_error(L, "option %s must be a name or an array of names", key);
    names.at = arena_array(arena, struct str, names.count);
    for (size_t i = 0; i < names.count; i++) {
        if (is_one)
            lua_pushvalue(L, -1);
        else
            lua_geti(L, -1, (lua_Integer)i + 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "option %s must be a name or an array of names", key);
        names.at[i] = str_copy(arena, api_text(L, -1));
        lua_pop(L, 1);
    }
    return names;
}

static enum hook_stage read_stage(lua_State *L)
{
    for (int i = 0; lua_type(L, -1) == LUA_TSTRING && i < STAGES; i++)
        if (strcmp(hook_stage_names[i], lua_tostring(L, -1)) == 0)
            return (enum hook_stage)i;
    luaL_error(L, "option stage must be validate, normalize, enrich, policy or audit");
    return STAGE_POLICY;
}

/* First Lua's memory, which may jump; then ours, which cannot. */
static void keep_function(lua_State *L, struct instance *instance, int index)
{
    struct script_function function = { .reference = script_keep(L, index) };
    lua_Debug here, defined;

    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &defined);
    if (lua_getstack(L, 1, &here) && lua_getinfo(L, "Sl", &here))
        function.is_inline = here.currentline <= defined.linedefined &&
                             strcmp(here.short_src, defined.short_src) == 0;

    if (instance->function_count == instance->function_cap) {
        instance->function_cap = instance->function_cap ? instance->function_cap * 2 : 16;
        instance->functions =
            xrealloc(instance->functions, instance->function_cap * sizeof(*instance->functions));
    }
    instance->functions[instance->function_count++] = function;
}

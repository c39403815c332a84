/* Bind metrics: foyer.metrics, declared when a file is loaded and counted while functions run (plugin/metric.h). */
#include "base/arena.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/stdlib.h"
#include "plugin/metric.h"
#include "store/tx.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

static int declare(lua_State *L, enum metric_kind kind);
static void read_option(lua_State *L, int value, struct plugin_metric *metric);
static void read_labels(lua_State *L, int value, struct plugin_metric *metric);
static void read_bounds(lua_State *L, int value, struct plugin_metric *metric);
static int note(lua_State *L, enum metric_kind kind, double number, int labels);
static const struct plugin_metric *find(lua_State *L, enum metric_kind kind);
static struct str label_value(lua_State *L, int labels, struct str name);
static void check_labels(lua_State *L, int labels, const struct plugin_metric *metric);
static double read_number(lua_State *L, int index, double otherwise);

/* Seconds, from a fast call to a slow one. */
static const double usual_bounds[] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 };

int bind_metrics_counter(lua_State *L)
{
    return declare(L, METRIC_COUNTER);
}

int bind_metrics_gauge(lua_State *L)
{
    return declare(L, METRIC_GAUGE);
}

int bind_metrics_histogram(lua_State *L)
{
    return declare(L, METRIC_HISTOGRAM);
}

static int declare(lua_State *L, enum metric_kind kind)
{
    struct plugin_metric metric = { .kind = kind, .name = api_text(L, 1), .help = STR("") };
    struct instance *instance = instance_of(L);
    struct str reason;

    if (kind == METRIC_HISTOGRAM) {
        memcpy(metric.bounds, usual_bounds, sizeof(usual_bounds));
        metric.bound_count = sizeof(usual_bounds) / sizeof(usual_bounds[0]);
    }
    if (lua_istable(L, 2))
        for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1))
            read_option(L, lua_gettop(L), &metric);
    reason = metric_refusal(&metric, script_scratch(L));
    if (!str_is_absent(reason))
        return luaL_error(L, "foyer.metrics.%s: %s", metric_kind_names[kind], reason.at);
    metric_settle(&metric, instance->plugin->id, script_scratch(L));
    switch (registry_add_metric(instance->registry, &metric)) {
    case REGISTRY_FULL:
        return luaL_error(L, "more than %d metrics are declared", METRICS_MAX);
    case REGISTRY_TWICE:
        return luaL_error(L, "the metric %s is declared twice", lua_tostring(L, 1));
    case REGISTRY_ADDED:
        break;
    }
    return 0;
}

/* Its name is below the value. */
static void read_option(lua_State *L, int value, struct plugin_metric *metric)
{
    struct str name = lua_type(L, value - 1) == LUA_TSTRING ? api_text(L, value - 1) : STR("?");

    if (str_is(name, "help")) {
        luaL_argcheck(L, lua_type(L, value) == LUA_TSTRING && str_is_utf8(api_text(L, value)), 2,
                      "help must be a text");
        metric->help = api_text(L, value);
    } else if (str_is(name, "labels")) {
        read_labels(L, value, metric);
    } else if (str_is(name, "buckets") && metric->kind == METRIC_HISTOGRAM) {
        read_bounds(L, value, metric);
    } else {
        luaL_error(L, "\"%s\" is unknown: there are help, labels and, of histograms, buckets",
                   name.at);
    }
}

static void read_labels(lua_State *L, int value, struct plugin_metric *metric)
{
    lua_Integer count = lua_istable(L, value) ? luaL_len(L, value) : -1;

    luaL_argcheck(L, count >= 0 && count <= METRIC_LABELS, 2,
                  "labels must be an array of at most 4 names");
    metric->labels.at = arena_array(script_scratch(L), struct str, (size_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        luaL_argcheck(L, lua_geti(L, value, i) == LUA_TSTRING, 2, "labels must be names");
        metric->labels.at[metric->labels.count++] = str_copy(script_scratch(L), api_text(L, -1));
        lua_pop(L, 1);
    }
}

static void read_bounds(lua_State *L, int value, struct plugin_metric *metric)
{
    lua_Integer count = lua_istable(L, value) ? luaL_len(L, value) : 0;

    luaL_argcheck(L, count >= 1 && count <= METRIC_BOUNDS, 2,
                  "buckets must be an array of 1 to 20 numbers");
    for (lua_Integer i = 1; i <= count; i++) {
        luaL_argcheck(L, lua_geti(L, value, i) == LUA_TNUMBER, 2, "buckets must be numbers");
        metric->bounds[i - 1] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    metric->bound_count = (size_t)count;
}

/* ---- Counting ---------------------------------------------------------------------------------- */

int bind_metrics_add(lua_State *L)
{
    double number = read_number(L, 2, 1);

    luaL_argcheck(L, number >= 0, 2, "a counter only grows");
    return note(L, METRIC_COUNTER, number, 3);
}

int bind_metrics_set(lua_State *L)
{
    return note(L, METRIC_GAUGE, read_number(L, 2, 0), 3);
}

int bind_metrics_observe(lua_State *L)
{
    return note(L, METRIC_HISTOGRAM, read_number(L, 2, 0), 3);
}

static int note(lua_State *L, enum metric_kind kind, double number, int labels)
{
    const struct plugin_metric *metric = find(L, kind);
    struct str values[METRIC_LABELS];

    script_charge(L, 20);
    check_labels(L, labels, metric);
    for (size_t i = 0; i < metric->labels.count; i++)
        values[i] = label_value(L, labels, metric->labels.at[i]);
    figure_note(call_of(L)->tx, metric, values, number);
    return 0;
}

static const struct plugin_metric *find(lua_State *L, enum metric_kind kind)
{
    static const char *const calls[] = { "add", "set", "observe" };
    const struct plugin *plugin = instance_of(L)->plugin;
    const struct plugin_metric *metric =
        metric_find(plugin->metrics, plugin->metric_count, api_text(L, 1));
    struct str *names, meant;

    if (metric && metric->kind != kind)
        luaL_error(L, "%s is a %s: foyer.metrics.%s is for it", lua_tostring(L, 1),
                   metric_kind_names[metric->kind], calls[metric->kind]);
    if (metric)
        return metric;
    names = arena_array(script_scratch(L), struct str, plugin->metric_count);
    for (size_t i = 0; i < plugin->metric_count; i++)
        names[i] = plugin->metrics[i].name;
    meant = stdlib_did_you_mean(api_text(L, 1), names, plugin->metric_count);
    if (str_is_absent(meant))
        luaL_error(L, "there is no metric \"%s\": foyer.metrics.%s declares one",
                   lua_tostring(L, 1), metric_kind_names[kind]);
    luaL_error(L, "there is no metric \"%s\": did you mean \"%s\"?", lua_tostring(L, 1), meant.at);
    return NULL;
}

/* That of "workspace" is known without being said. */
static struct str label_value(lua_State *L, int labels, struct str name)
{
    struct call *call = call_of(L);
    struct str value = STR_NONE;
    char id[UUID_TEXT];

    if (str_is(name, "workspace")) {
        uuid_format(call->tx->workspace_id, id);
        return str_copy(call->arena, str_from(id));
    }
    lua_pushlstring(L, name.at, name.len);
    if (lua_istable(L, labels))
        lua_rawget(L, labels);
    switch (lua_istable(L, labels) ? lua_type(L, -1) : LUA_TNIL) {
    case LUA_TBOOLEAN:
        value = str_from(lua_toboolean(L, -1) ? "true" : "false");
        break;
    case LUA_TNUMBER:
    case LUA_TSTRING:
        lua_pushvalue(L, -1);
        value = str_copy(call->arena, api_text(L, -1));
        lua_pop(L, 1);
        break;
    default:
        luaL_error(L, "%s has the label %s: say what it is, a text, number or boolean",
                   lua_tostring(L, 1), name.at);
    }
    lua_pop(L, 1);
    luaL_argcheck(L, value.len <= METRIC_LABEL_MAX && str_is_utf8(value), labels,
                  "a label has at most 100 bytes of UTF-8");
    return value;
}

static void check_labels(lua_State *L, int labels, const struct plugin_metric *metric)
{
    if (!lua_istable(L, labels))
        return;
    for (lua_pushnil(L); lua_next(L, labels); lua_pop(L, 1)) {
        struct str name = lua_type(L, -2) == LUA_TSTRING ? api_text(L, -2) : STR("?");
        bool is_known = false;

        for (size_t i = 0; i < metric->labels.count; i++)
            is_known |= str_eq(name, metric->labels.at[i]) && !str_is(name, "workspace");
        if (!is_known)
            luaL_error(L, "%s was declared without the label %s", lua_tostring(L, 1), name.at);
    }
}

static double read_number(lua_State *L, int index, double otherwise)
{
    double number = lua_isnoneornil(L, index) ? otherwise : lua_tonumber(L, index);

    luaL_argcheck(L, isfinite(number), index, "a finite number expected");
    return number;
}

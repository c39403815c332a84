/* Command plugin: what is there, what a workspace chose for it, and in which order all are asked. Changing it is
 * command_plugin_set.c.
 */
#include "api/command_plugin.h"

#include "api/command.h"
#include "base/clock.h"
#include "http/json.h"
#include "plugin/hooks.h"
#include "plugin/seat.h"
#include "plugin/tally.h"

#include <string.h>

static route_phase list, show, hooks, top, log_of, diff;

#define TEXT(member, max, flags) COMMAND_TEXT(struct plugin_asked, member, max, flags)

static const struct field list_fields[] = { TEXT(workspace, 64, 0), { 0 } };
static const struct field one_fields[] = {
    TEXT(name, 100, FIELD_REQUIRED), TEXT(version, 20, 0), TEXT(workspace, 64, 0), { 0 }
};
static const struct field any_fields[] = { TEXT(name, 100, 0), TEXT(workspace, 64, 0), { 0 } };
static const struct field no_fields[] = { { 0 } };
static const struct entity none_entity = { "plugin", no_fields, 1 };
static const struct entity list_entity = { "plugin", list_fields, sizeof(struct plugin_asked) };
static const struct entity one_entity = { "plugin", one_fields, sizeof(struct plugin_asked) };
static const struct entity any_entity = { "plugin", any_fields, sizeof(struct plugin_asked) };

const struct route command_plugin_routes[] = {
    { POST, "plugin list", .body = &list_entity, .read = list },
    { POST, "plugin show", .body = &one_entity, .read = show },
    { POST, "plugin hooks", .body = &any_entity, .read = hooks },
    { POST, "plugin top", .body = &none_entity, .read = top },
    { POST, "plugin log", .body = &any_entity, .read = log_of },
    { POST, "plugin diff", .body = &one_entity, .read = diff },
    { 0 },
};

static void line_of(const struct plugin_row *row, const struct plugin_choice *choice,
                    struct buf *out);
static void settings_text(const struct plugin *plugin, const struct plugin_choice *choice,
                          struct arena *arena, struct buf *out);
static void secrets_text(struct tx *tx, const struct plugin *plugin, struct buf *out);
static void version_text(const struct plugin_choice *choice, bool with_name, struct buf *out);
static void differ(struct tx *tx, const struct plugin *plugin, const struct plugin_choice *then,
                   const struct plugin_choice *now, bool as_text, struct buf *out);

enum status plugin_asked_read(struct tx *tx, const struct request *rq, struct plugin_asked *asked)
{
    uint64_t given;

    *asked = (struct plugin_asked){ .name = STR_NONE };
    if (body_read(tx, rq, rq->route->body, JSON_CREATE, asked, &given) == ST_OK)
        command_choose(tx, asked->workspace);
    return tx_status(tx);
}

const struct plugin *plugin_asked_find(struct tx *tx, const struct plugin_asked *asked)
{
    const struct plugin *plugin = tx->policy ? host_plugin(tx->policy, asked->name) : NULL;

    if (!plugin && tx->policy && !str_is_absent(asked->name))
        plugin = host_plugin(tx->policy, str_concat(tx->arena, asked->name, STR(".lua")));
    if (!plugin && tx_status(tx) == ST_OK)
        tx_fail(tx, ST_NOT_FOUND, NULL,
                "No script or plugin `%.*s` is in force; `foyer plugin list` shows those that are.",
                STR_ARG(asked->name));
    return plugin;
}

static enum status list(struct tx *tx, const struct request *rq, struct reply *rp)
{
    bool as_text = command_wants_text(rq);
    struct buf *out = command_reply(rq, rp);
    const struct plugin *plugins;
    struct plugin_asked asked;
    size_t count;

    if (plugin_asked_read(tx, rq, &asked) != ST_OK)
        return tx_status(tx);
    plugins = host_plugins(tx->policy, &count);
    buf_text(out, as_text ? "" : "[");
    for (size_t i = 0; i < count; i++) {
        struct plugin_choice choice;
        struct plugin_row row;

        if (plugin_choice_load(tx, plugins[i].id, &choice) != ST_OK)
            return tx_status(tx);
        plugin_row_fill(tx, &plugins[i], &choice, false, &row);
        if (as_text) {
            line_of(&row, &choice, out);
            continue;
        }
        buf_text(out, i ? "," : "");
        json_write(&plugin_entity, &row, ~UINT64_C(0), out);
    }
    buf_text(out, as_text ? "" : "]\n");
    return tx_status(tx);
}

static void line_of(const struct plugin_row *row, const struct plugin_choice *choice,
                    struct buf *out)
{
    static const char *const origins[] = { "shipped", "changed", "added", "plugin" };

    buf_printf(out, "%-24.*s %-8s %-7.*s %-9s %-8s %.*s\n", STR_ARG(row->id), origins[row->origin],
               STR_ARG(row->version),
               !row->can_be_disabled ? "always on"
               : row->is_enabled     ? "on"
                                     : "off",
               str_is(choice->settings, "{}") ? "" : "set", STR_ARG(row->name));
}

static enum status show(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct plugin_choice choice;
    struct plugin_asked asked;
    const struct plugin *plugin;
    struct plugin_row row;
    struct buf *out = command_reply(rq, rp);

    if (plugin_asked_read(tx, rq, &asked) != ST_OK || !(plugin = plugin_asked_find(tx, &asked)) ||
        plugin_choice_load(tx, plugin->id, &choice) != ST_OK)
        return tx_status(tx);
    plugin_row_fill(tx, plugin, &choice, true, &row);
    if (!command_wants_text(rq)) {
        json_write(&plugin_entity, &row, ~UINT64_C(0), out);
        buf_char(out, '\n');
        return tx_status(tx);
    }
    buf_printf(out, "%.*s%s%.*s: %.*s\n", STR_ARG(row.id), str_is_empty(row.version) ? "" : " ",
               STR_ARG(row.version), STR_ARG(row.name));
    if (row.can_be_disabled)
        buf_text(out, row.is_enabled ? "  on\n" : "  off\n");
    else
        buf_printf(out, "  always on: %.*s\n", STR_ARG(plugin->always));
    for (size_t i = 0; i < row.capabilities.count; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "  may use ", STR_ARG(row.capabilities.at[i]));
    buf_text(out, row.capabilities.count ? "\n" : "");
    for (size_t i = 0; i < plugin->registration_count; i++)
        buf_printf(out, "  %s %.*s (%.*s)\n", hook_kind_names[plugin->registrations[i].kind],
                   STR_ARG(plugin->registrations[i].subject),
                   STR_ARG(plugin->registrations[i].where));
    settings_text(plugin, &choice, tx->arena, out);
    secrets_text(tx, plugin, out);
    return tx_status(tx);
}

static void settings_text(const struct plugin *plugin, const struct plugin_choice *choice,
                          struct arena *arena, struct buf *out)
{
    struct chosen chosen = choices_read(plugin, choice, arena);

    for (size_t i = 0; i < plugin->setting_count; i++) {
        const struct plugin_setting *setting = &plugin->settings[i];
        bool is_set = chosen.values && chosen.values[i].type != VALUE_NIL;

        if (setting->type == SETTING_SECRET)
            continue;
        buf_printf(out, "  %.*s = ", STR_ARG(setting->name));
        setting_value_json(is_set ? &chosen.values[i] : &setting->otherwise, out);
        if (is_set) {
            buf_text(out, "  (default ");
            setting_value_json(&setting->otherwise, out);
            buf_char(out, ')');
        }
        buf_text(out, "\n      ");
        setting_bounds(setting, out);
        buf_printf(out, "%s%.*s\n", str_is_empty(setting->help) ? "" : "; ",
                   STR_ARG(setting->help));
    }
}

/* Those that are secret: whether they are set, and by whom. */
static void secrets_text(struct tx *tx, const struct plugin *plugin, struct buf *out)
{
    struct plugin_secret *secrets;
    size_t count;

    if (plugin_secret_list(tx, plugin->id, &secrets, &count) != ST_OK)
        return;
    for (size_t i = 0; i < plugin->setting_count; i++) {
        const struct plugin_setting *setting = &plugin->settings[i];
        const struct plugin_secret *secret = NULL;
        char at[CLOCK_TEXT];

        for (size_t k = 0; k < count; k++)
            if (str_eq(secrets[k].name, setting->name))
                secret = &secrets[k];
        if (setting->type != SETTING_SECRET)
            continue;
        if (secret) {
            const char *problem = secret_state_text(plugin_secret_look(tx, secret));

            clock_format(secret->at, at);
            buf_printf(out, "  %.*s  set %.16sZ by %.*s%s%.*s%s%s\n      ", STR_ARG(setting->name),
                       at, STR_ARG(secret->actor_kind), str_is_empty(secret->actor) ? "" : " ",
                       STR_ARG(secret->actor), problem ? "\n      " : "", problem ? problem : "");
        } else {
            buf_printf(out, "  %.*s  not set\n      ", STR_ARG(setting->name));
        }
        setting_bounds(setting, out);
        buf_printf(out, "%s%.*s\n", str_is_empty(setting->help) ? "" : "; ",
                   STR_ARG(setting->help));
    }
}

/* Of the server, and marked with what one workspace has switched off where that is asked for. */
static enum status hooks(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct generation *generation = ((const struct seat *)tx->policy)->generation;
    struct plugin_asked asked = { .name = STR_NONE };
    const struct plugin_choices *choices = NULL;
    uint64_t given;

    if (body_read(tx, rq, &any_entity, JSON_CREATE, &asked, &given) != ST_OK)
        return tx_status(tx);
    if (!str_is_empty(asked.workspace)) {
        if (command_choose(tx, asked.workspace) != ST_OK)
            return tx_status(tx);
        choices = choices_of((struct seat *)tx->policy, tx);
    }
    if (!generation)
        return tx_fail(tx, ST_UNPROCESSABLE, NULL,
                       "No scripts are in force: `foyer script check` says why.");
    if (!hooks_write(generation, asked.name, choices, command_wants_text(rq), tx->arena,
                     command_reply(rq, rp)))
        return tx_fail(tx, ST_NOT_FOUND, NULL, "Nothing is registered for `%.*s`.",
                       STR_ARG(asked.name));
    return tx_status(tx);
}

/* Of the running server: where none runs, nothing was asked. */
static enum status top(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct generation *generation = ((const struct seat *)tx->policy)->generation;

    if (!generation)
        return tx_fail(tx, ST_UNPROCESSABLE, NULL,
                       "No scripts are in force: `foyer script check` says why.");
    tally_write(generation, command_wants_text(rq), tx->arena, command_reply(rq, rp));
    return tx_status(tx);
}

/* ---- What was chosen ---------------------------------------------------------------------------- */

static enum status log_of(struct tx *tx, const struct request *rq, struct reply *rp)
{
    bool as_text = command_wants_text(rq);
    struct buf *out = command_reply(rq, rp);
    struct plugin_choice *versions;
    struct plugin_asked asked;
    struct str name = STR_NONE;
    size_t count;

    if (plugin_asked_read(tx, rq, &asked) != ST_OK)
        return tx_status(tx);
    if (!str_is_empty(asked.name)) {
        const struct plugin *plugin = host_plugin(tx->policy, asked.name);

        if (!plugin)
            plugin = host_plugin(tx->policy, str_concat(tx->arena, asked.name, STR(".lua")));
        name = plugin ? plugin->id : asked.name; /* of one that is gone, too */
    }
    if (plugin_choice_versions(tx, name, &versions, &count) != ST_OK)
        return tx_status(tx);
    buf_text(out, as_text ? "" : "[");
    for (size_t i = 0; i < count; i++) {
        versions[i].settings = plugin_secrets_hide(tx, host_plugin(tx->policy, versions[i].plugin),
                                                   versions[i].settings);
        if (as_text) {
            version_text(&versions[i], str_is_absent(name), out);
            continue;
        }
        buf_text(out, i ? "," : "");
        json_write(&plugin_version_entity, &versions[i], ~UINT64_C(0), out);
    }
    if (as_text && count == 0)
        buf_text(out, "nothing was chosen: all is as it is declared\n");
    buf_text(out, as_text ? "" : "]\n");
    return tx_status(tx);
}

static void version_text(const struct plugin_choice *choice, bool with_name, struct buf *out)
{
    char at[CLOCK_TEXT];

    clock_format(choice->at, at);
    if (with_name)
        buf_printf(out, "%-24.*s ", STR_ARG(choice->plugin));
    buf_printf(out, "%-4lld %.16sZ  %-3s  %.*s  %.*s %.*s", (long long)choice->version, at,
               choice->is_enabled ? "on" : "off", STR_ARG(choice->settings),
               STR_ARG(choice->actor_kind), STR_ARG(choice->actor));
    if (choice->back_to >= 0)
        buf_printf(out, " (back to %lld)", (long long)choice->back_to);
    buf_char(out, '\n');
}

static enum status diff(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct plugin_choice now, then;
    struct plugin_asked asked;
    const struct plugin *plugin;
    int64_t version = 0;

    if (plugin_asked_read(tx, rq, &asked) != ST_OK || !(plugin = plugin_asked_find(tx, &asked)) ||
        plugin_asked_version(tx, &asked, &version) != ST_OK ||
        plugin_choice_load(tx, plugin->id, &now) != ST_OK)
        return tx_status(tx);
    if (plugin_choice_version(tx, plugin->id, version, &then) != ST_OK)
        return plugin_no_such_version(tx);
    differ(tx, plugin, &then, &now, command_wants_text(rq), command_reply(rq, rp));
    return tx_status(tx);
}

/* Setting by setting: "-" then, "+" now. */
static void differ(struct tx *tx, const struct plugin *plugin, const struct plugin_choice *then,
                   const struct plugin_choice *now, bool as_text, struct buf *out)
{
    struct chosen old = choices_read(plugin, then, tx->arena);
    struct chosen new = choices_read(plugin, now, tx->arena);
    size_t count = 0;

    buf_text(out, as_text ? "" : "[");
    if (old.is_disabled != new.is_disabled) {
        count++;
        buf_printf(out,
                   as_text ? "- enabled = %s\n+ enabled = %s\n"
                           : "{\"name\":\"enabled\",\"then\":%s,\"now\":%s}",
                   old.is_disabled ? "false" : "true", new.is_disabled ? "false" : "true");
    }
    for (size_t i = 0; i < plugin->setting_count; i++) {
        const struct plugin_setting *setting = &plugin->settings[i];
        const struct value *a =
            old.values && old.values[i].type != VALUE_NIL ? &old.values[i] : &setting->otherwise;
        const struct value *b =
            new.values &&new.values[i].type != VALUE_NIL ? &new.values[i] : &setting->otherwise;

        if (value_eq(a, b))
            continue;
        if (as_text)
            buf_printf(out, "- %.*s = ", STR_ARG(setting->name));
        else
            buf_printf(out, "%s{\"name\":\"settings.%.*s\",\"then\":", count ? "," : "",
                       STR_ARG(setting->name));
        setting_value_json(a, out);
        if (as_text)
            buf_printf(out, "\n+ %.*s = ", STR_ARG(setting->name));
        else
            buf_text(out, ",\"now\":");
        setting_value_json(b, out);
        buf_text(out, as_text ? "\n" : "}");
        count++;
    }
    if (as_text && count == 0)
        buf_text(out, "there is no difference\n");
    buf_text(out, as_text ? "" : "]\n");
}

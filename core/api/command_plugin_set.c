/* Command plugin set: switching plugins on and off in a workspace, their settings, and going back. */
#include "api/command.h"
#include "api/command_plugin.h"
#include "base/nearest.h"
#include "http/json.h"
#include "plugin/generation.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static route_phase ready, enable, disable, set;

#define TEXT(member, max, flags) COMMAND_TEXT(struct plugin_asked, member, max, flags)

static const struct field fields[] = { TEXT(name, 100, FIELD_REQUIRED),
                                       TEXT(workspace, 64, 0),
                                       { 0 } };
static const struct field set_fields[] = {
    TEXT(name, 100, FIELD_REQUIRED),
    { "set", FIELD_JSON, FIELD_WRITE | FIELD_REQUIRED, offsetof(struct plugin_asked, set), 0, 0,
      NULL, NULL, NULL },
    TEXT(workspace, 64, 0),
    { 0 },
};
static const struct entity entity = { "plugin", fields, sizeof(struct plugin_asked) };
static const struct entity set_entity = { "plugin", set_fields, sizeof(struct plugin_asked) };

/* .read makes sure that the scripts are loaded where no server runs. */
const struct route command_plugin_set_routes[] = {
    { POST, "plugin enable", .body = &entity, .read = ready, .write = enable },
    { POST, "plugin disable", .body = &entity, .read = ready, .write = disable },
    { POST, "plugin set", .body = &set_entity, .read = ready, .write = set },
    { 0 },
};

static enum status switch_it(struct tx *tx, const struct request *rq, bool is_enabled,
                             struct reply *rp);
static enum status apply(struct tx *tx, const struct request *rq, const struct plugin *plugin,
                         const struct plugin_wish *wish, struct reply *rp);
static void secrets_text(struct str secrets, struct buf *out);
static struct str settings_of(struct tx *tx, const struct plugin *plugin, struct str given);
static json_t *typed(const struct plugin_setting *setting, const char *text);
static void fault_for_people(struct tx *tx);

static enum status ready(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct plugin_asked asked;

    (void)rp;
    if (plugin_asked_read(tx, rq, &asked) == ST_OK)
        plugin_asked_find(tx, &asked);
    return tx_status(tx);
}

static enum status enable(struct tx *tx, const struct request *rq, struct reply *rp)
{
    return switch_it(tx, rq, true, rp);
}

static enum status disable(struct tx *tx, const struct request *rq, struct reply *rp)
{
    return switch_it(tx, rq, false, rp);
}

static enum status switch_it(struct tx *tx, const struct request *rq, bool is_enabled,
                             struct reply *rp)
{
    struct plugin_wish wish = { .has_enabled = true, .is_enabled = is_enabled, .back_to = -1 };
    const struct plugin *plugin;
    struct plugin_asked asked;

    if (plugin_asked_read(tx, rq, &asked) == ST_OK && (plugin = plugin_asked_find(tx, &asked)))
        apply(tx, rq, plugin, &wish, rp);
    return tx_status(tx);
}

static enum status set(struct tx *tx, const struct request *rq, struct reply *rp)
{
    struct plugin_wish wish = { .has_settings = true, .back_to = -1 };
    const struct plugin *plugin;
    struct plugin_asked asked;

    if (plugin_asked_read(tx, rq, &asked) != ST_OK || !(plugin = plugin_asked_find(tx, &asked)))
        return tx_status(tx);
    wish.settings = settings_of(tx, plugin, asked.set);
    return apply(tx, rq, plugin, &wish, rp);
}

enum status command_plugin_back(struct tx *tx, const struct request *rq,
                                const struct plugin_asked *asked, struct reply *rp)
{
    const struct plugin *plugin;
    struct plugin_wish wish;
    int64_t version = -1;

    if (command_choose(tx, asked->workspace) != ST_OK || !(plugin = plugin_asked_find(tx, asked)) ||
        plugin_asked_version(tx, asked, &version) != ST_OK)
        return tx_status(tx);
    if (plugin_wish_back(tx, plugin, version >= 0, version, &wish) == ST_NOT_FOUND)
        return plugin_no_such_version(tx);
    return apply(tx, rq, plugin, &wish, rp);
}

static enum status apply(struct tx *tx, const struct request *rq, const struct plugin *plugin,
                         const struct plugin_wish *wish, struct reply *rp)
{
    struct buf *out = command_reply(rq, rp);
    struct plugin_row after;

    if (tx_status(tx) != ST_OK || plugin_wish_apply(tx, plugin, wish, &after) != ST_OK) {
        fault_for_people(tx);
        return tx_status(tx);
    }
    if (command_wants_text(rq)) {
        buf_printf(out, "%.*s is %s, with %.*s", STR_ARG(after.id), after.is_enabled ? "on" : "off",
                   STR_ARG(after.settings));
        secrets_text(after.secrets, out);
    } else {
        json_write(&plugin_entity, &after, ~UINT64_C(0), out);
        buf_char(out, '\n');
    }
    return tx_status(tx);
}

/* "; set: token, key" */
static void secrets_text(struct str secrets, struct buf *out)
{
    json_t *json = json_loadb(secrets.at, secrets.len, 0, NULL), *value;
    const char *name;
    bool is_any = false;

    json_object_foreach(json, name, value)
    {
        if (!json_is_true(json_object_get(value, "isSet")))
            continue;
        buf_printf(out, "%s%s", is_any ? ", " : "; set: ", name);
        is_any = true;
    }
    buf_char(out, '\n');
    json_decref(json);
}

/* The texts of the command line, as the settings' types have it. What does not fit stays a text, and is
 * refused as that. */
static struct str settings_of(struct tx *tx, const struct plugin *plugin, struct str given)
{
    json_t *json = json_loadb(given.at, given.len, 0, NULL), *made = json_object(), *value;
    const char *name;
    struct str text;
    char *dumped;

    json_object_foreach(json, name, value)
    {
        const struct plugin_setting *setting =
            setting_find(plugin->settings, plugin->setting_count, str_from(name));

        if (setting && json_is_string(value))
            json_object_set_new(made, name, typed(setting, json_string_value(value)));
        else
            json_object_set(made, name, value);
    }
    dumped = json_dumps(made, JSON_COMPACT);
    text = str_copy(tx->arena, str_from(dumped));
    free(dumped);
    json_decref(made);
    json_decref(json);
    return text;
}

static json_t *typed(const struct plugin_setting *setting, const char *text)
{
    json_t *value = NULL;

    if (setting->type != SETTING_TEXT && setting->type != SETTING_CHOICE &&
        setting->type != SETTING_SECRET)
        value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (value && !json_is_number(value) && !json_is_boolean(value)) {
        json_decref(value);
        value = NULL;
    }
    return value ? value : json_string(text);
}

/* "--settings.most_tags: …" would look like an option. */
static void fault_for_people(struct tx *tx)
{
    struct str lines = STR_NONE;

    for (const struct field_error *e = tx->failure.errors; e; e = e->next) {
        struct str name = str_starts(e->field, STR("settings."))
                              ? str_slice(e->field.at + 9, e->field.len - 9)
                              : STR("");
        struct str line = str_printf(tx->arena, "%.*s%s%.*s", STR_ARG(name),
                                     str_is_empty(name) ? "" : ": ", STR_ARG(e->message));

        lines = str_is_absent(lines)
                    ? line
                    : str_printf(tx->arena, "%.*s\n%.*s", STR_ARG(lines), STR_ARG(line));
    }
    if (str_is_absent(lines))
        return;
    tx->failure.errors = NULL;
    tx->failure.message = lines;
}

/* ---- Versions ----------------------------------------------------------------------------------- */

enum status plugin_asked_version(struct tx *tx, const struct plugin_asked *asked, int64_t *version)
{
    if (!str_is_empty(asked->version) && !str_to_int(asked->version, 0, INT64_MAX, version))
        return tx_fail(
            tx, ST_INVALID, NULL,
            "`%.*s` is no version; `foyer plugin log` shows them, 0 is as it is declared.",
            STR_ARG(asked->version));
    return tx_status(tx);
}

enum status plugin_no_such_version(struct tx *tx)
{
    tx->status = ST_OK;
    failure_clear(&tx->failure);
    return tx_fail(tx, ST_NOT_FOUND, NULL,
                   "There is no such version; `foyer plugin log` shows those that are kept.");
}

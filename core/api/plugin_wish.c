/* Plugin wish: changing what a workspace chose for a plugin: checked, written, recorded, and put back. */
#include "api/plugin_settings.h"

#include "api/body.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "plugin/handler.h"
#include "store/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static enum status check(struct tx *tx, const struct plugin *plugin,
                         const struct plugin_wish *wish);
static void check_member(struct tx *tx, const struct plugin *plugin, const char *name,
                         const json_t *value);
static void refuse_unknown(struct tx *tx, const struct plugin *plugin, const char *name);
static struct str merge(struct tx *tx, const struct plugin *plugin, struct str settings,
                        const struct plugin_wish *wish);
static void record(struct tx *tx, struct uuid id, const struct plugin_row *before,
                   const struct plugin_row *after);

static enum status check(struct tx *tx, const struct plugin *plugin, const struct plugin_wish *wish)
{
    json_t *json, *taken, *value;
    const char *name;

    if (wish->has_enabled && !wish->is_enabled && !str_is_absent(plugin->always))
        tx_fail_field(tx, ST_UNPROCESSABLE, "enabled", "always_on",
                      "%.*s cannot be switched off: %.*s.", STR_ARG(plugin->id),
                      STR_ARG(plugin->always));
    if (!wish->has_settings || str_is_absent(wish->settings))
        return tx_status(tx);
    json = json_loadb(wish->settings.at, wish->settings.len, 0, NULL);
    taken = json_loadb(wish->taken.at ? wish->taken.at : "{}", wish->taken.at ? wish->taken.len : 2,
                       0, NULL);
    json_object_foreach(json, name, value)
        check_member(tx, plugin, name, plugin_secrets_given(taken, name, value));
    json_decref(taken);
    json_decref(json);
    return tx_status(tx);
}

static void check_member(struct tx *tx, const struct plugin *plugin, const char *name,
                         const json_t *value)
{
    const struct plugin_setting *setting =
        setting_find(plugin->settings, plugin->setting_count, str_from(name));
    struct value scalar = setting_from_json(value, tx->arena);
    struct str reason = STR_NONE;

    if (!setting) {
        refuse_unknown(tx, plugin, name);
        return;
    }
    if (!json_is_null(value))
        reason = setting_refusal(setting, &scalar, tx->arena);
    if (!str_is_absent(reason))
        tx_fail_field(tx, ST_INVALID, str_printf(tx->arena, "settings.%s", name).at,
                      "unfit_setting", "%.*s", STR_ARG(reason));
}

static void refuse_unknown(struct tx *tx, const struct plugin *plugin, const char *name)
{
    struct str field = str_printf(tx->arena, "settings.%s", name);
    struct nearest nearest;

    nearest_init(&nearest, str_from(name));
    for (size_t i = 0; i < plugin->setting_count; i++)
        nearest_offer(&nearest, plugin->settings[i].name.at);
    if (plugin->setting_count == 0)
        tx_fail_field(tx, ST_INVALID, field.at, "unknown_setting", "%.*s has no settings.",
                      STR_ARG(plugin->id));
    else if (nearest.word)
        tx_fail_field(tx, ST_INVALID, field.at, "unknown_setting",
                      "There is no such setting: did you mean \"%s\"?", nearest.word);
    else
        tx_fail_field(tx, ST_INVALID, field.at, "unknown_setting",
                      "There is no such setting of %.*s: GET /v1/plugins/%.*s lists them.",
                      STR_ARG(plugin->id), STR_ARG(plugin->id));
}

enum status plugin_wish_apply(struct tx *tx, const struct plugin *plugin,
                              const struct plugin_wish *wish, struct plugin_row *after)
{
    struct plugin_choice choice, held;
    struct plugin_row before;
    bool is_other;

    if (check(tx, plugin, wish) != ST_OK || plugin_choice_load(tx, plugin->id, &choice) != ST_OK)
        return tx_status(tx);
    held = choice;
    if (wish->has_enabled)
        choice.is_enabled = wish->is_enabled;
    choice.settings =
        wish->back_to >= 0 ? wish->settings : merge(tx, plugin, choice.settings, wish);
    choice.back_to = wish->back_to;
    if (choice.settings.len > LIMIT_PLUGIN_SETTINGS)
        return tx_fail(tx, ST_UNPROCESSABLE, "settings_too_large",
                       "All settings of a plugin together may have 64 KiB.");
    plugin_row_fill(tx, plugin, &held, true, &before);
    is_other = plugin_secrets_apply(tx, plugin, wish);
    if (choice.is_enabled == held.is_enabled && str_eq(choice.settings, held.settings))
        choice = held; /* secrets have no versions */
    else if (plugin_choice_save(tx, &choice) == ST_OK)
        is_other = true;
    plugin_row_fill(tx, plugin, &choice, true, after);
    if (is_other && tx_status(tx) == ST_OK)
        record(tx, plugin_actor_id(plugin->id), &before, after);
    return tx_status(tx);
}

static void record(struct tx *tx, struct uuid id, const struct plugin_row *before,
                   const struct plugin_row *after)
{
    struct plugin_row left = *before, right = *after;

    tx_event(tx, "plugin.updated", "plugin", id, record_payload(tx, &plugin_entity, before, after));
    /* The audit is kept for ever: what did not change is left out. */
    left.declarations = left.hooks = right.declarations = right.hooks = STR_NONE;
    tx_audit(tx, "plugin.update", "plugin", id, record_detail(tx, &plugin_entity, &left, &right));
}

/* What is no longer declared stays: it comes back with the version of the plugin that has it. What is a secret by now
 * goes. */
static struct str merge(struct tx *tx, const struct plugin *plugin, struct str settings,
                        const struct plugin_wish *wish)
{
    json_t *json, *given, *value;
    const char *name;
    struct str merged;
    char *text;

    if (!wish->has_settings)
        return settings;
    if (str_is_absent(wish->settings))
        return STR("{}");
    json = json_loadb(settings.at, settings.len, 0, NULL);
    given = json_loadb(wish->settings.at, wish->settings.len, 0, NULL);
    json_object_foreach(given, name, value)
    {
        const struct plugin_setting *setting =
            setting_find(plugin->settings, plugin->setting_count, str_from(name));

        if (json_is_null(value) || (setting && setting->type == SETTING_SECRET))
            json_object_del(json, name);
        else
            json_object_set(json, name, value);
    }
    text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    merged = str_copy(tx->arena, str_from(text));
    free(text);
    json_decref(given);
    json_decref(json);
    return merged;
}

enum status plugin_wish_back(struct tx *tx, const struct plugin *plugin, bool has_version,
                             int64_t version, struct plugin_wish *wish)
{
    struct plugin_choice held, old;

    if (plugin_choice_load(tx, plugin->id, &held) != ST_OK)
        return tx_status(tx);
    if (!has_version)
        version = plugin_choice_before(tx, &held);
    if (version < 0)
        return tx_fail(tx, ST_CONFLICT, "nothing_before",
                       "All is as %.*s declares it: there is nothing to go back to.",
                       STR_ARG(plugin->id));
    if (plugin_choice_version(tx, plugin->id, version, &old) != ST_OK)
        return tx_status(tx);
    *wish = (struct plugin_wish){ .has_enabled = true,
                                  .is_enabled = old.is_enabled || !str_is_absent(plugin->always),
                                  .settings = plugin_secrets_hide(tx, plugin, old.settings),
                                  .back_to = version };
    return tx_status(tx);
}

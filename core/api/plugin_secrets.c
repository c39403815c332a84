/* Plugin secrets: settings that are written and never shown: taken out of what is asked for before anybody looks at
 * it, sealed, and told of by name alone.
 */
#include "api/plugin_settings.h"
#include "base/clock.h"
#include "base/limits.h"
#include "plugin/generation.h"
#include "store/plugin_secret.h"
#include "store/query.h"

#include <jansson.h>
#include <stdlib.h>

static bool is_secret(const struct plugin *plugin, const char *name);
static void forget_texts(struct tx *tx, const struct plugin *plugin, const char *name);
static void write_one(struct tx *tx, struct str name, const struct plugin_secret *secret,
                      bool is_declared, struct buf *out);
static struct str dump(struct tx *tx, json_t *json);

void plugin_secrets_take(struct tx *tx, const struct plugin *plugin, struct plugin_row *row)
{
    json_t *settings, *taken, *value;
    const char *name;
    void *next;

    row->taken = STR_NONE;
    if (str_is_empty(row->settings))
        return;
    settings = json_loadb(row->settings.at, row->settings.len, 0, NULL);
    taken = json_object();
    json_object_foreach_safe(settings, next, name, value)
    {
        /* A name that is not known is refused later, and may be that of a secret with a slip. */
        bool is_known = setting_find(plugin->settings, plugin->setting_count, str_from(name));

        if (json_is_null(value) || (is_known && !is_secret(plugin, name)))
            continue;
        json_object_set(taken, name, value);
        json_object_set_new(settings, name, json_string(SECRET_TAKEN));
    }
    if (json_object_size(taken) > 0) {
        row->taken = dump(tx, taken);
        row->settings = dump(tx, settings);
    }
    json_decref(taken);
    json_decref(settings);
}

/* A filter may have put another text there: then it is that. */
const json_t *plugin_secrets_given(const json_t *taken, const char *name, const json_t *member)
{
    const json_t *was = json_object_get(taken, name);

    return was && json_is_string(member) &&
                   str_is(str_from(json_string_value(member)), SECRET_TAKEN)
               ? was
               : member;
}

bool plugin_secrets_apply(struct tx *tx, const struct plugin *plugin,
                          const struct plugin_wish *wish)
{
    json_t *settings, *taken, *value;
    bool is_other = false;
    const char *name;

    if (!wish->has_settings || str_is_absent(wish->settings) || wish->back_to >= 0)
        return false;
    settings = json_loadb(wish->settings.at, wish->settings.len, 0, NULL);
    taken = json_loadb(wish->taken.at ? wish->taken.at : "{}", wish->taken.at ? wish->taken.len : 2,
                       0, NULL);
    json_object_foreach(settings, name, value)
    {
        const json_t *given = plugin_secrets_given(taken, name, value);

        if (!is_secret(plugin, name) || json_is_null(given)) { /* all names are known here */
            /* What is another type now takes the place of the secret that it was. */
            is_other |= plugin_secret_unset(tx, plugin->id, str_from(name));
            continue;
        }
        plugin_secret_set(tx, plugin->id, str_from(name),
                          str_slice(json_string_value(given), json_string_length(given)));
        forget_texts(tx, plugin, name);
        is_other = true;
    }
    json_decref(taken);
    json_decref(settings);
    return is_other;
}

static bool is_secret(const struct plugin *plugin, const char *name)
{
    const struct plugin_setting *setting =
        setting_find(plugin->settings, plugin->setting_count, str_from(name));

    return setting && setting->type == SETTING_SECRET;
}

/* Of when it was no secret. */
static void forget_texts(struct tx *tx, const struct plugin *plugin, const char *name)
{
    query_run(tx,
              "UPDATE plugin_setting_revisions SET settings = json_remove(settings, '$.' || $3)"
              " WHERE workspace = $1 AND plugin = $2 AND json_type(settings, '$.' || $3) IS NOT"
              " NULL",
              ARGS(arg_int(tx->workspace), arg_text(plugin->id), arg_text(str_from(name))));
}

struct str plugin_secrets_json(struct tx *tx, const struct plugin *plugin)
{
    struct plugin_secret *secrets;
    struct str json;
    struct buf out;
    size_t count;
    bool is_any = false;

    if (plugin_secret_list(tx, plugin->id, &secrets, &count) != ST_OK)
        return STR_NONE;
    buf_init(&out, LIMIT_JSON_BODY);
    for (size_t i = 0; i < plugin->setting_count; i++) {
        const struct plugin_setting *setting = &plugin->settings[i];
        const struct plugin_secret *secret = NULL;

        for (size_t k = 0; k < count; k++)
            if (str_eq(secrets[k].name, setting->name))
                secret = &secrets[k];
        if (setting->type != SETTING_SECRET && !secret)
            continue;
        buf_char(&out, is_any ? ',' : '{');
        write_one(tx, setting->name, secret, setting->type == SETTING_SECRET, &out);
        is_any = true;
    }
    buf_text(&out, is_any ? "}" : "{}");
    json = str_copy(tx->arena, buf_view(&out));
    buf_fini(&out);
    return json;
}

static void write_one(struct tx *tx, struct str name, const struct plugin_secret *secret,
                      bool is_declared, struct buf *out)
{
    const char *problem = secret ? secret_state_text(plugin_secret_look(tx, secret)) : NULL;
    char at[CLOCK_TEXT];

    if (!is_declared)
        problem =
            "It was set as a secret, and is none any more: it is not shown. Set it anew, or make "
            "it its default.";
    buf_json(out, name);
    buf_printf(out, ":{\"isSet\":%s", secret ? "true" : "false");
    if (secret) {
        clock_format(secret->at, at);
        buf_printf(out, ",\"setAt\":\"%s\",\"actorType\":", at);
        buf_json(out, secret->actor_kind);
        buf_text(out, ",\"actor\":");
        buf_json(out, secret->actor);
        buf_text(out, ",\"problem\":");
        buf_json(out, problem ? str_from(problem) : STR_NONE);
    }
    buf_char(out, '}');
}

struct str plugin_secrets_hide(struct tx *tx, const struct plugin *plugin, struct str settings)
{
    bool is_any = false;
    json_t *json;

    for (size_t i = 0; plugin && i < plugin->setting_count; i++)
        is_any |= plugin->settings[i].type == SETTING_SECRET;
    if (!is_any)
        return settings;
    json = json_loadb(settings.at, settings.len, 0, NULL);
    for (size_t i = 0; i < plugin->setting_count; i++)
        if (plugin->settings[i].type == SETTING_SECRET)
            json_object_del(json, str_copy(tx->arena, plugin->settings[i].name).at);
    settings = dump(tx, json);
    json_decref(json);
    return settings;
}

static struct str dump(struct tx *tx, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    struct str copy = str_copy(tx->arena, str_from(text ? text : "{}"));

    free(text);
    return copy;
}

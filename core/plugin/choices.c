/* Choices: reading them, and finding them again. */
#include "plugin/choices.h"

#include "base/check.h"
#include "base/limits.h"
#include "plugin/seat.h"
#include "store/query.h"

#include <jansson.h>
#include <stdlib.h>

static bool knows_version(struct tx *tx);
static bool read_all(struct tx *tx, const struct generation *generation, struct arena *arena,
                     struct plugin_choices *choices);
static void put_secrets(const struct plugin *plugin, const struct plugin_secret *secrets,
                        size_t count, struct arena *arena, struct chosen *chosen);
static struct plugin_secret *copy_secret(const struct plugin_secret *secret, struct arena *arena);
static const struct chosen *chosen_of(struct tx *tx, const struct plugin *plugin);
static const struct plugin_choices *keep(struct seat *seat, struct tx *tx);

const struct plugin_choices *choices_of(struct seat *seat, struct tx *tx)
{
    struct plugin_choices *kept, *ours;

    if (!knows_version(tx) || tx->plugins_version == 0 || !seat->generation)
        return NULL;
    if (tx->plugins && tx->plugins->generation == seat->generation &&
        tx->plugins->workspace == tx->workspace && tx->plugins->version == tx->plugins_version)
        return tx->plugins; /* of a write transaction, or given by a test */
    if (!tx->is_writing) {
        kept = seat->choices ? seat->choices[tx->workspace % CHOICES_KEPT] : NULL;
        if (kept && kept->workspace == tx->workspace && kept->version == tx->plugins_version)
            return kept;
        return keep(seat, tx);
    }
    ours = arena_new(tx->arena, struct plugin_choices);
    if (!read_all(tx, seat->generation, tx->arena, ours))
        return NULL;
    tx->plugins = ours;
    return ours;
}

/* Loaded with keys and sessions; else here. False: nothing was chosen, or it cannot be known. */
static bool knows_version(struct tx *tx)
{
    if (tx->plugins_of == tx->workspace)
        return tx->workspace != 0;
    if (!tx->db || tx->workspace == 0 || tx_status(tx) != ST_OK)
        return false;
    tx->plugins_version =
        query_one_int(tx, 0, "SELECT plugins_version FROM workspaces WHERE seq = $1",
                      ARGS(arg_int(tx->workspace)));
    if (tx_status(tx) != ST_OK)
        return false;
    tx->plugins_of = tx->workspace;
    tx->plugins = NULL;
    return true;
}

static const struct plugin_choices *keep(struct seat *seat, struct tx *tx)
{
    struct plugin_choices **place, *choices;

    if (!seat->choices)
        seat->choices = xcalloc(CHOICES_KEPT, sizeof(*seat->choices));
    place = &seat->choices[tx->workspace % CHOICES_KEPT];
    choices = xcalloc(1, sizeof(*choices));
    arena_init(&choices->arena, MIB(8));
    if (!read_all(tx, seat->generation, &choices->arena, choices)) {
        arena_fini(&choices->arena);
        free(choices);
        return NULL;
    }
    if (*place) {
        arena_fini(&(*place)->arena);
        free(*place);
    }
    *place = choices;
    return choices;
}

void choices_free(struct plugin_choices **kept)
{
    for (int i = 0; kept && i < CHOICES_KEPT; i++)
        if (kept[i]) {
            arena_fini(&kept[i]->arena);
            free(kept[i]);
        }
    free(kept);
}

static bool read_all(struct tx *tx, const struct generation *generation, struct arena *arena,
                     struct plugin_choices *choices)
{
    struct plugin_choice *rows;
    struct plugin_secret *secrets;
    size_t count, secret_count;

    choices->generation = generation;
    choices->workspace = tx->workspace;
    choices->version = tx->plugins_version;
    choices->by_plugin = arena_array(arena, struct chosen, generation->plugin_count);
    if (plugin_choice_list(tx, &rows, &count) != ST_OK ||
        plugin_secret_list(tx, STR_NONE, &secrets, &secret_count) != ST_OK)
        return false;
    for (size_t i = 0; i < generation->plugin_count; i++) {
        for (size_t k = 0; k < count; k++)
            if (str_eq(rows[k].plugin, generation->plugins[i].id))
                choices->by_plugin[i] = choices_read(&generation->plugins[i], &rows[k], arena);
        put_secrets(&generation->plugins[i], secrets, secret_count, arena, &choices->by_plugin[i]);
    }
    return true;
}

static void put_secrets(const struct plugin *plugin, const struct plugin_secret *secrets,
                        size_t count, struct arena *arena, struct chosen *chosen)
{
    for (size_t i = 0; i < count; i++) {
        const struct plugin_setting *setting;

        if (!str_eq(secrets[i].plugin, plugin->id))
            continue;
        setting = setting_find(plugin->settings, plugin->setting_count, secrets[i].name);
        if (!setting)
            continue;
        if (!chosen->secrets)
            chosen->secrets =
                arena_array(arena, const struct plugin_secret *, plugin->setting_count);
        chosen->secrets[setting - plugin->settings] = copy_secret(&secrets[i], arena);
    }
}

/* Rows lie in the transaction's arena, and what a seat keeps in its own. */
static struct plugin_secret *copy_secret(const struct plugin_secret *secret, struct arena *arena)
{
    struct plugin_secret *copy = arena_new(arena, struct plugin_secret);

    *copy = (struct plugin_secret){ .plugin = str_copy(arena, secret->plugin),
                                    .name = str_copy(arena, secret->name),
                                    .sealed = str_copy(arena, secret->sealed),
                                    .key_mark = str_copy(arena, secret->key_mark),
                                    .at = secret->at };
    return copy;
}

struct chosen choices_read(const struct plugin *plugin, const struct plugin_choice *choice,
                           struct arena *arena)
{
    struct chosen chosen = { .is_disabled = !choice->is_enabled && str_is_absent(plugin->always) };
    json_t *json = json_loadb(choice->settings.at, choice->settings.len, 0, NULL);

    if (json_object_size(json) > 0 && plugin->setting_count > 0)
        chosen.values = arena_array(arena, struct value, plugin->setting_count);
    for (size_t i = 0; chosen.values && i < plugin->setting_count; i++) {
        const struct plugin_setting *setting = &plugin->settings[i];
        const json_t *member = json_object_getn(json, setting->name.at, setting->name.len);
        struct value value;

        if (!member || setting->type == SETTING_SECRET)
            continue;
        value = setting_from_json(member, arena);
        if (str_is_absent(setting_refusal(setting, &value, arena)))
            chosen.values[i] = value;
    }
    json_decref(json);
    return chosen;
}

const struct value *choices_value(struct tx *tx, const struct plugin *plugin, struct str name)
{
    const struct chosen *chosen = chosen_of(tx, plugin);
    const struct plugin_setting *setting;

    if (!chosen || !chosen->values)
        return NULL;
    setting = setting_find(plugin->settings, plugin->setting_count, name);
    if (!setting || chosen->values[setting - plugin->settings].type == VALUE_NIL)
        return NULL;
    return &chosen->values[setting - plugin->settings];
}

static const struct chosen *chosen_of(struct tx *tx, const struct plugin *plugin)
{
    struct seat *seat = (struct seat *)tx->policy;
    const struct plugin_choices *choices = seat ? choices_of(seat, tx) : NULL;

    if (!choices || plugin < seat->generation->plugins ||
        plugin >= seat->generation->plugins + seat->generation->plugin_count)
        return NULL;
    return &choices->by_plugin[plugin - seat->generation->plugins];
}

enum secret_state choices_secret(struct tx *tx, const struct plugin *plugin, struct str name,
                                 struct arena *arena, struct str *text)
{
    const struct plugin_setting *setting =
        setting_find(plugin->settings, plugin->setting_count, name);
    const struct chosen *chosen = chosen_of(tx, plugin);
    size_t i = setting ? (size_t)(setting - plugin->settings) : 0;

    *text = STR_NONE;
    if (!setting || setting->type != SETTING_SECRET)
        return SECRET_NOT_SET;
    if (!tx->server_key) {
        bool is_given = chosen && chosen->values && chosen->values[i].type == VALUE_STRING;

        if (chosen && chosen->values && chosen->values[i].type == VALUE_BOOL)
            return SECRET_NOT_SET;
        *text = is_given ? str_copy(arena, chosen->values[i].string)
                         : str_printf(arena, "secret %.*s", STR_ARG(name));
        return SECRET_GOOD;
    }
    if (!chosen || !chosen->secrets || !chosen->secrets[i])
        return SECRET_NOT_SET;
    return plugin_secret_open(tx, chosen->secrets[i], arena, text);
}

bool choices_was_secret(struct tx *tx, const struct plugin *plugin, struct str name)
{
    const struct chosen *chosen = chosen_of(tx, plugin);
    const struct plugin_setting *setting;

    if (!chosen || !chosen->secrets)
        return false;
    setting = setting_find(plugin->settings, plugin->setting_count, name);
    return setting && setting->type != SETTING_SECRET &&
           chosen->secrets[setting - plugin->settings] != NULL;
}

int64_t choices_version(struct tx *tx)
{
    return knows_version(tx) ? tx->plugins_version : 0;
}

bool choices_has_disabled(struct tx *tx, struct str plugin)
{
    struct seat *seat = (struct seat *)tx->policy;
    const struct plugin_choices *choices = seat ? choices_of(seat, tx) : NULL;
    const struct plugin *found = choices ? host_plugin(tx->policy, plugin) : NULL;

    return found && choices->by_plugin[found - seat->generation->plugins].is_disabled;
}

void choices_lend(struct tx *tx, struct tx *run)
{
    const struct generation *generation = ((const struct seat *)run->policy)->generation;
    struct tx reading = *tx; /* of that workspace, and into that arena */
    struct plugin_choices *choices;

    reading.arena = run->arena;
    reading.workspace = run->workspace;
    reading.plugins_of = 0;
    if (!generation || !knows_version(&reading) || reading.plugins_version == 0)
        return;
    choices = arena_new(run->arena, struct plugin_choices);
    if (!read_all(&reading, generation, run->arena, choices))
        return;
    run->plugins_of = run->workspace;
    run->plugins_version = reading.plugins_version;
    run->plugins = choices;
}

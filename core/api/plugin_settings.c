/* Plugin settings: /v1/plugins/{name}: whether a plugin is asked in the workspace, and its settings.
 *
 * Which plugins there are is the operator's (plugins.c); what each workspace chose is a row and a history.
 */
#include "api/plugin_settings.h"

#include "api/body.h"
#include "base/limits.h"
#include "http/json.h"
#include "plugin/choices.h"
#include "plugin/handler.h"

#include <stddef.h>

static route_target target;
static route_phase read_one, patch, list_versions, go_back;

static const char *const object[] = { "plugin", NULL };
static const char *const origins[] = { "shipped", "changed", "added", "plugin", NULL };

#define AT(member) offsetof(struct plugin_row, member)
static const struct field fields[] = {
    { "id", FIELD_TEXT, 0, AT(id), 0, 0, NULL, NULL, "A script's file, or a plugin's folder." },
    { "object", FIELD_CONST, 0, 0, 0, 0, object, NULL, "Always \"plugin\"." },
    { "name", FIELD_TEXT, 0, AT(name), 0, 0, NULL, NULL, "What it is, for people." },
    { "version", FIELD_TEXT, 0, AT(version), 0, 0, NULL, NULL, "null: a script without one." },
    { "origin", FIELD_ENUM, 0, AT(origin), 0, 0, origins, NULL,
      "Scripts: shipped, changed or added; plugin: a folder." },
    { "inForce", FIELD_BOOL, 0, AT(is_in_force), 0, 0, NULL, NULL,
      "What lies on disk is what answers." },
    { "report", FIELD_TEXT, FIELD_LINES, AT(report), 0, 0, NULL, NULL,
      "Why it is not: file, line, reason; for operators." },
    { "enabled", FIELD_BOOL, FIELD_UPDATE, AT(is_enabled), 0, 0, NULL, NULL,
      "Whether it is asked in this workspace." },
    { "canBeDisabled", FIELD_BOOL, 0, AT(can_be_disabled), 0, 0, NULL, NULL,
      "false: it decides who may do what, or says that it is always on." },
    { "settings", FIELD_JSON, FIELD_UPDATE | FIELD_OMIT_NULL, AT(settings), 0, 0, NULL, NULL,
      "What ctx.settings has in this workspace. In a change: those that are named, null makes one "
      "its default, and null in place of all makes all so. Secrets are given here, too, and taken "
      "away by null under their name alone; they are never answered. Not in lists." },
    { "declarations", FIELD_JSON, FIELD_OMIT_NULL, AT(declarations), 0, 0, NULL, NULL,
      "Of each setting: type, default, min, max, choices, help. Not in lists." },
    { "secrets", FIELD_JSON, FIELD_OMIT_NULL, AT(secrets), 0, 0, NULL, NULL,
      "Of each setting that is a secret: isSet, setAt, actorType and actor of who set it, and "
      "problem, why it cannot be used. Not in lists." },
    { "hooks", FIELD_JSON, FIELD_OMIT_NULL, AT(hooks), 0, 0, NULL, NULL,
      "What it answers: rule, scope, filter, render, each with names. Not in lists." },
    { "capabilities", FIELD_TEXTS, 0, AT(capabilities), 0, 0, NULL, NULL,
      "What it may use beside answering." },
    { "settingVersion", FIELD_INT, 0, AT(setting_version), 0, 0, NULL, NULL,
      "How often the workspace chose; 0: never, all is as it is declared." },
    { "updatedAt", FIELD_TIME, 0, AT(updated_at), 0, 0, NULL, NULL,
      "When the workspace last chose." },
    { 0 },
};
const struct entity plugin_entity = { "plugin", fields, sizeof(struct plugin_row) };

#define VERSION(member) offsetof(struct plugin_choice, member)
static const char *const version_object[] = { "plugin_version", NULL };
static const struct field version_fields[] = {
    { "plugin", FIELD_TEXT, 0, VERSION(plugin), 0, 0, NULL, NULL, "The id of the plugin." },
    { "object", FIELD_CONST, 0, 0, 0, 0, version_object, NULL, "Always \"plugin_version\"." },
    { "version", FIELD_INT, 0, VERSION(version), 0, 0, NULL, NULL,
      "Grows by one with each change." },
    { "enabled", FIELD_BOOL, 0, VERSION(is_enabled), 0, 0, NULL, NULL, "Whether it was asked." },
    { "settings", FIELD_JSON, 0, VERSION(settings), 0, 0, NULL, NULL,
      "What was not left at its default." },
    { "backTo", FIELD_INT, 0, VERSION(back_to), 0, 0, NULL, NULL,
      "The version that was put back; -1: it was chosen anew." },
    { "actorType", FIELD_TEXT, 0, VERSION(actor_kind), 0, 0, NULL, NULL,
      "Kind of who chose; system: a command." },
    { "actorId", FIELD_ID, 0, VERSION(actor_id), 0, 0, NULL, NULL, "Who chose." },
    { "actor", FIELD_TEXT, 0, VERSION(actor), 0, 0, NULL, NULL, "His address, or the key's name." },
    { "createdAt", FIELD_TIME, 0, VERSION(at), 0, 0, NULL, NULL, "When it was chosen." },
    { 0 },
};
const struct entity plugin_version_entity = { "plugin_version", version_fields,
                                              sizeof(struct plugin_choice) };

struct back_body {
    int64_t version;
};
static const struct field back_fields[] = {
    { "version", FIELD_INT, FIELD_WRITE, offsetof(struct back_body, version), 0, INT64_MAX, NULL,
      NULL, "Which; 0: as the plugin declares it; without: the one before what holds." },
    { 0 },
};
static const struct entity back_entity = { "plugin_rollback", back_fields,
                                           sizeof(struct back_body) };

const struct route plugin_setting_routes[] = {
    { GET, "/v1/plugins/{name}", .entity = &plugin_entity, .may = "plugin.read", .target = target,
      .read = read_one, .flags = ROUTE_NO_TARGET,
      .summary = "Retrieve a script or plugin in force, with its settings in this workspace" },
    { PATCH, "/v1/plugins/{name}", .entity = &plugin_entity, .may = "plugin.update",
      .target = target, .write = patch, .flags = ROUTE_NO_TARGET,
      .summary = "Switch it on or off in this workspace, or change its settings" },
    { GET, "/v1/plugins/{name}/versions", .entity = &plugin_entity,
      .answer = &plugin_version_entity, .may = "plugin.read", .target = target,
      .read = list_versions, .flags = ROUTE_NO_TARGET | ROUTE_ALL,
      .summary = "What this workspace chose for it, newest first" },
    { POST, "/v1/plugins/{name}/rollback", .entity = &plugin_entity, .body = &back_entity,
      .may = "plugin.update", .target = target, .write = go_back,
      .flags = ROUTE_NO_TARGET | ROUTE_OPTIONAL_BODY,
      .summary = "Choose again what this workspace had chosen before" },
    { 0 },
};

static struct plugin_wish wish_of(const struct plugin_row *change, uint64_t given);
static struct str settings_in_force(struct tx *tx, const struct plugin *plugin,
                                    const struct plugin_choice *choice);
static struct str declarations_of(struct tx *tx, const struct plugin *plugin);
static struct str hooks_of(struct tx *tx, const struct plugin *plugin);

static enum status target(struct tx *tx, const struct request *rq, struct subject *subject)
{
    struct plugin_row *row = arena_new(tx->arena, struct plugin_row);
    struct plugin_row *change = arena_new(tx->arena, struct plugin_row);
    const struct plugin *plugin;
    struct plugin_choice choice;

    subject->entity = &plugin_entity;
    if (str_is_absent(request_param(rq, "name"))) /* explained without saying which */
        return tx_status(tx);
    plugin = plugin_find(tx, request_param(rq, "name"));
    if (!plugin || plugin_choice_load(tx, plugin->id, &choice) != ST_OK)
        return tx_status(tx);
    plugin_row_fill(tx, plugin, &choice, true, row);
    subject->row = row;
    subject->id = plugin_actor_id(plugin->id);
    if (rq->method == PATCH) {
        if (body_read(tx, rq, &plugin_entity, JSON_PATCH, change, &subject->given) == ST_OK)
            plugin_secrets_take(tx, plugin, change);
        subject->change = change; /* checked once he may: else it would tell what is there */
    }
    return tx_status(tx);
}

static struct plugin_wish wish_of(const struct plugin_row *change, uint64_t given)
{
    return (struct plugin_wish){ .has_enabled = body_gave(&plugin_entity, given, "enabled"),
                                 .is_enabled = change->is_enabled,
                                 .has_settings = body_gave(&plugin_entity, given, "settings"),
                                 .settings = change->settings,
                                 .taken = change->taken,
                                 .back_to = -1 };
}

const struct plugin *plugin_find(struct tx *tx, struct str id)
{
    const struct plugin *plugin = tx->policy ? host_plugin(tx->policy, id) : NULL;

    if (!plugin)
        tx_not_found(tx);
    return plugin;
}

static enum status read_one(struct tx *tx, const struct request *rq, struct reply *rp)
{
    (void)rq;
    return reply_row(tx, rp, 200, &plugin_entity, tx->subject->row);
}

static enum status patch(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct plugin *plugin = plugin_find(tx, request_param(rq, "name"));
    const struct plugin_row *before = tx->subject->row;
    struct plugin_row change = *(const struct plugin_row *)tx->subject->change, after;
    uint64_t given = tx->subject->given;
    struct plugin_wish wish;

    if (!plugin || policy_filter(tx, "plugin.update", &plugin_entity, before, &change, &given))
        return tx_status(tx);
    wish = wish_of(&change, given);
    if (plugin_wish_apply(tx, plugin, &wish, &after) != ST_OK)
        return tx_status(tx);
    return reply_row(tx, rp, 200, &plugin_entity, &after);
}

static enum status list_versions(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct plugin *plugin = plugin_find(tx, request_param(rq, "name"));
    struct buf *out = reply_json(rp, 200);
    struct plugin_choice *versions;
    size_t count;

    if (plugin_choice_versions(tx, request_param(rq, "name"), &versions, &count) != ST_OK)
        return tx_status(tx);
    buf_text(out, "{\"data\":[");
    for (size_t i = 0; i < count; i++) {
        versions[i].settings = plugin_secrets_hide(tx, plugin, versions[i].settings);
        buf_text(out, i ? "," : "");
        json_write(&plugin_version_entity, &versions[i], ~UINT64_C(0), out);
    }
    buf_text(out, "]}");
    return tx_status(tx);
}

static enum status go_back(struct tx *tx, const struct request *rq, struct reply *rp)
{
    const struct plugin *plugin = plugin_find(tx, request_param(rq, "name"));
    struct back_body body = { 0 };
    struct plugin_wish wish;
    struct plugin_row after;
    uint64_t given;

    if (!plugin || body_read(tx, rq, &back_entity, JSON_CREATE, &body, &given) != ST_OK ||
        plugin_wish_back(tx, plugin, given != 0, body.version, &wish) != ST_OK ||
        plugin_wish_apply(tx, plugin, &wish, &after) != ST_OK)
        return tx_status(tx);
    return reply_row(tx, rp, 200, &plugin_entity, &after);
}

/* ---- As it is shown ----------------------------------------------------------------------------- */

void plugin_row_fill(struct tx *tx, const struct plugin *plugin, const struct plugin_choice *choice,
                     bool with_details, struct plugin_row *row)
{
    bool can_be_disabled = str_is_absent(plugin->always);
    const struct manifest *says = plugin_says(plugin);

    *row = (struct plugin_row){
        .id = plugin->id,
        .name = plugin_name(plugin),
        .version = says ? says->version : STR_NONE,
        .report = STR_NONE,
        .origin = (int)plugin->origin,
        .is_in_force = true,
        .is_enabled = choice->is_enabled || !can_be_disabled,
        .can_be_disabled = can_be_disabled,
        .settings = STR_NONE,
        .declarations = STR_NONE,
        .hooks = STR_NONE,
        .secrets = STR_NONE,
        .taken = STR_NONE,
        .setting_version = choice->version,
        .updated_at = choice->at,
    };
    if (says)
        row->capabilities = says->capabilities;
    if (!with_details)
        return;
    row->settings = settings_in_force(tx, plugin, choice);
    row->declarations = declarations_of(tx, plugin);
    row->hooks = hooks_of(tx, plugin);
    row->secrets = plugin_secrets_json(tx, plugin);
}

static struct str settings_in_force(struct tx *tx, const struct plugin *plugin,
                                    const struct plugin_choice *choice)
{
    struct chosen chosen = choices_read(plugin, choice, tx->arena);
    struct str json;
    struct buf out;

    buf_init(&out, LIMIT_JSON_BODY);
    for (size_t i = 0; i < plugin->setting_count; i++) {
        const struct plugin_setting *setting = &plugin->settings[i];
        bool is_set = chosen.values && chosen.values[i].type != VALUE_NIL;

        if (setting->type == SETTING_SECRET)
            continue;
        buf_char(&out, out.len ? ',' : '{');
        buf_json(&out, setting->name);
        buf_char(&out, ':');
        setting_value_json(is_set ? &chosen.values[i] : &setting->otherwise, &out);
    }
    buf_text(&out, out.len ? "}" : "{}");
    json = str_copy(tx->arena, buf_view(&out));
    buf_fini(&out);
    return json;
}

static struct str declarations_of(struct tx *tx, const struct plugin *plugin)
{
    struct str json;
    struct buf out;

    buf_init(&out, LIMIT_JSON_BODY);
    buf_char(&out, '{');
    for (size_t i = 0; i < plugin->setting_count; i++) {
        buf_text(&out, i ? "," : "");
        buf_json(&out, plugin->settings[i].name);
        buf_char(&out, ':');
        setting_json(&plugin->settings[i], &out);
    }
    buf_char(&out, '}');
    json = str_copy(tx->arena, buf_view(&out));
    buf_fini(&out);
    return json;
}

/* Each name once, in the order in which they were registered. */
static struct str hooks_of(struct tx *tx, const struct plugin *plugin)
{
    struct str json;
    struct buf out;

    buf_init(&out, LIMIT_JSON_BODY);
    for (int kind = 0; kind < HOOK_KINDS; kind++) {
        bool is_first = true;

        buf_printf(&out, "%c\"%s\":[", kind ? ',' : '{', hook_kind_names[kind]);
        for (size_t i = 0; i < plugin->registration_count; i++) {
            const struct registration *one = &plugin->registrations[i];
            size_t k;

            for (k = 0; k < i && !(plugin->registrations[k].kind == one->kind &&
                                   str_eq(plugin->registrations[k].subject, one->subject));
                 k++)
                ;
            if ((int)one->kind != kind || k < i)
                continue;
            buf_text(&out, is_first ? "" : ",");
            buf_json(&out, one->subject);
            is_first = false;
        }
        buf_char(&out, ']');
    }
    buf_char(&out, '}');
    json = str_copy(tx->arena, buf_view(&out));
    buf_fini(&out);
    return json;
}

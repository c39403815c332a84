/* Plugin settings: what a workspace chooses for a plugin, for routes and commands. */
#ifndef FOYER_API_PLUGIN_SETTINGS_H
#define FOYER_API_PLUGIN_SETTINGS_H

#include "http/route.h"
#include "plugin/host.h"
#include "store/plugin_choice.h"

struct plugin;

extern const struct route plugin_setting_routes[];

/* A plugin as a workspace sees it. */
struct plugin_row {
    struct str id, name, version, report;
    int origin;
    bool is_in_force, is_enabled, can_be_disabled;
    struct str settings; /* JSON: name -> value */
    /* Of one plugin alone; absent in lists. */
    struct str declarations; /* JSON: name -> {type, default, …} */
    struct str hooks;        /* JSON: kind -> names */
    struct str secrets;      /* JSON: name -> whether it is set, when, by whom */
    struct texts capabilities;
    int64_t setting_version, updated_at;
    /* Of a change, and no field: the secrets that stood in settings, where SECRET_TAKEN is now. JSON. */
    struct str taken;
};
extern const struct entity plugin_entity;

/* Of the generation of tx->policy; NULL: nothing of that name is in force, and tx has failed. */
const struct plugin *plugin_find(struct tx *tx, struct str id);
/* Fills all but report; choice is the workspace's. */
void plugin_row_fill(struct tx *tx, const struct plugin *plugin, const struct plugin_choice *choice,
                     bool with_details, struct plugin_row *row);

/* What is wished for a plugin. */
struct plugin_wish {
    bool has_enabled, is_enabled;
    bool has_settings;
    struct str
        settings; /* JSON object: name -> value, null: its default; absent: all become that, but secrets */
    struct str taken; /* plugin_row's; absent: secrets stand in settings themselves */
    int64_t back_to;  /* -1: it is no going back */
};
/* In a write transaction: writes it, with event and audit; *after is what holds then. Nothing where it holds
 * already. Every setting that is unknown (ST_INVALID) or does not fit is named, as a field
 * "settings.NAME"; ST_UNPROCESSABLE: it cannot be disabled. */
enum status plugin_wish_apply(struct tx *tx, const struct plugin *plugin,
                              const struct plugin_wish *wish, struct plugin_row *after);
/* The wish that puts a version (has_version false: the one before) back. ST_NOT_FOUND; ST_CONFLICT: there is
 * nothing before. */
enum status plugin_wish_back(struct tx *tx, const struct plugin *plugin, bool has_version,
                             int64_t version, struct plugin_wish *wish);

extern const struct entity plugin_version_entity;

/* ---- plugin_secrets.c ---- */

/* What rules, filters and decisions see in the place of a secret. */
#define SECRET_TAKEN "(secret)"

/* Takes secrets out of row->settings, which becomes row->taken: nobody is asked about them. */
void plugin_secrets_take(struct tx *tx, const struct plugin *plugin, struct plugin_row *row);
/* The secret that a change gives by a member of its settings; NULL: it is no secret. Borrows. */
const struct json_t *plugin_secrets_given(const struct json_t *taken, const char *name,
                                          const struct json_t *member);
/* Writes them. Gives whether anything of them is another one now. Faults were found before. */
bool plugin_secrets_apply(struct tx *tx, const struct plugin *plugin,
                          const struct plugin_wish *wish);
/* {"token": {"isSet": true, "setAt": …}}: of those that are declared, and of those that were. In the arena. */
struct str plugin_secrets_json(struct tx *tx, const struct plugin *plugin);
/* Settings without what is a secret by now, as it stands in older versions. */
struct str plugin_secrets_hide(struct tx *tx, const struct plugin *plugin, struct str settings);

#endif

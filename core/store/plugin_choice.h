/* Plugin choice: what a workspace chose for a plugin: whether it is asked there, and its settings.
 *
 * Settings are the JSON text of an object of those that are not left at their default; which there are,
 * and what they may be, the plugin says (plugin/setting.h). Each change is a version, with who and when.
 */
#ifndef FOYER_STORE_PLUGIN_CHOICE_H
#define FOYER_STORE_PLUGIN_CHOICE_H

#include "base/field.h"
#include "store/tx.h"

enum { PLUGIN_CHOICES_KEPT = 100, PLUGIN_CHOICES_MOST = 256 };

struct plugin_choice {
    struct str plugin;
    bool is_enabled;
    struct str settings; /* "{}": all at their default */
    int64_t version;     /* 0: nothing was ever chosen */
    int64_t back_to;     /* the version that was put back; -1: chosen anew */
    int64_t at;          /* 0: never */
    /* Of plugin_choice_versions alone. */
    struct str actor_kind;
    struct uuid actor_id;
    struct str actor; /* address or name; absent: nobody of the workspace */
};

/* Of the transaction's workspace; where nothing was chosen, enabled and without settings, version 0. */
enum status plugin_choice_load(struct tx *tx, struct str plugin, struct plugin_choice *choice);
/* Writes it as the next version, which it gets, and as tx->actor's. */
enum status plugin_choice_save(struct tx *tx, struct plugin_choice *choice);
/* All of the workspace, by plugin, at most PLUGIN_CHOICES_MOST; in the arena. */
enum status plugin_choice_list(struct tx *tx, struct plugin_choice **choices, size_t *count);

/* Of one plugin, or of all (absent), newest first, at most PLUGIN_CHOICES_KEPT. */
enum status plugin_choice_versions(struct tx *tx, struct str plugin, struct plugin_choice **choices,
                                   size_t *count);
/* One version; 0: as it is where nothing was chosen. ST_NOT_FOUND. */
enum status plugin_choice_version(struct tx *tx, struct str plugin, int64_t version,
                                  struct plugin_choice *choice);
/* The version before the one that holds: its predecessor, or, where that one was put back, the one before
 * the version that it put back. -1: there is none, nothing was ever chosen or all is undone. */
int64_t plugin_choice_before(struct tx *tx, const struct plugin_choice *choice);

#endif

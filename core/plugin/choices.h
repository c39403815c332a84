/* Choices: which plugins a workspace has switched off, and what it has set, for those who ask functions.
 *
 * A workspace that never chose anything costs the look at a number that came with the actor. Else what was
 * chosen is read once a thread, generation and change, and found again by (workspace, plugins_version),
 * which is of the transaction's own snapshot: what a request is answered by is what was committed when
 * it began. In a write transaction it is read from that transaction, once: what is not committed yet must
 * not be found by others. Owned by the thread of the seat.
 */
#ifndef FOYER_PLUGIN_CHOICES_H
#define FOYER_PLUGIN_CHOICES_H

#include "base/value.h"
#include "plugin/generation.h"
#include "store/plugin_choice.h"
#include "store/plugin_secret.h"

struct seat;

/* Of one plugin of the generation. */
struct chosen {
    bool is_disabled;
    struct value *values; /* by setting; nil: at its default. NULL: all are */
    /* By setting, sealed; NULL: is not set. NULL: none is. That of a setting of another type is left of when
     * that was a secret. */
    const struct plugin_secret **secrets;
};

struct plugin_choices {
    const struct generation *generation;
    int64_t workspace, version;
    struct arena arena; /* of a seat's; else unused */
    struct chosen *by_plugin;
};

/* NULL: as all plugins declare it, or the transaction has failed. Good until the seat is next asked for
 * another workspace. */
const struct plugin_choices *choices_of(struct seat *seat, struct tx *tx);
/* What tx->workspace has set; NULL: the default. name: of a setting that the plugin declares. */
const struct value *choices_value(struct tx *tx, const struct plugin *plugin, struct str name);
/* The text of a secret that tx->workspace has set, in the arena; whoever used it wipes it. Without a server key, as
 * in tests, what the test has set (false: not set), or else "secret NAME". */
enum secret_state choices_secret(struct tx *tx, const struct plugin *plugin, struct str name,
                                 struct arena *arena, struct str *text);
/* Whether what tx->workspace set for this setting, which is no secret, was one: it is not shown then. */
bool choices_was_secret(struct tx *tx, const struct plugin *plugin, struct str name);
/* workspaces.plugins_version as the transaction sees it: another one means that something else was chosen. */
int64_t choices_version(struct tx *tx);
/* Whether tx->workspace has switched it off. */
bool choices_has_disabled(struct tx *tx, struct str plugin);
/* Reads what `run->workspace` chose by the read transaction tx, for run, which has no database and the policy of
 * its thread; in run's arena. */
void choices_lend(struct tx *tx, struct tx *run);
/* Makes what was chosen fit what is declared: a value that does not fit (the plugin is another one by now, or what
 * was a text is a secret now) is left out, and what cannot be disabled is enabled. Without secrets. In the arena. */
struct chosen choices_read(const struct plugin *plugin, const struct plugin_choice *choice,
                           struct arena *arena);

/* Of the seat: a few workspaces at a time. */
enum { CHOICES_KEPT = 64 };
void choices_free(struct plugin_choices **kept); /* of CHOICES_KEPT; takes NULL */

#endif

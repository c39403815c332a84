/* Hooks: in which order the functions of a generation are asked, and why, for people and programs. */
#ifndef FOYER_PLUGIN_HOOKS_H
#define FOYER_PLUGIN_HOOKS_H

#include "plugin/choices.h"

/* Writes all hooks by kind and name, or those of one name (absent: all). choices: whose plugins are marked as
 * switched off; NULL: nobody's. False: there is none of that name. */
bool hooks_write(const struct generation *generation, struct str subject,
                 const struct plugin_choices *choices, bool as_text, struct arena *arena,
                 struct buf *out);

#endif

/* Known: the names that scripts may register for, made once from the routes.
 *
 * Immutable once made; any thread.
 */
#ifndef FOYER_PLUGIN_KNOWN_H
#define FOYER_PLUGIN_KNOWN_H

#include "base/field.h"
#include "plugin/runtime.h"

struct router;

struct known_name {
    struct str name;
    const struct entity *entity; /* of ctx.target; NULL: none is known */
    const struct entity *body;   /* of ctx.input where it is another one; else NULL */
    bool is_change;              /* filters may be registered */
    const char *help;
};

struct known {
    struct known_name *at[HOOK_KINDS]; /* by name; rules and filters: actions */
    size_t count[HOOK_KINDS];
};

/* router NULL: only what is asked beside routes. In the arena. */
struct known *known_new(const struct router *router, struct arena *arena);
/* NULL: there is no such name. */
const struct known_name *known_find(const struct known *known, enum hook_kind kind,
                                    struct str name);
/* Whether the event begins as one of Foyer's own does: "client." */
bool known_is_ours(const struct known *known, struct str event);
/* Whether the action begins as one of Foyer's own does: "client." */
bool known_is_our_action(const struct known *known, struct str action);
/* Whether an event or action that is not known may be one that plugins tell, or that their routes ask: it begins with
 * the name of one. That is not looked up, for it may come later. What looks like a slip (of a known one) is one, unless
 * it begins with `own`. */
bool known_is_told(const struct known *known, enum hook_kind kind, struct str name, struct str own,
                   bool is_like_ours);
/* Whether handlers, transactions and events may be called so: letters, digits, '_', '-' and '.', at most 100. */
bool known_is_good(struct str name);

#endif

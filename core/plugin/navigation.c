/* Navigation: which pages of plugins somebody is led to. */
#include "plugin/choices.h"
#include "plugin/routes.h"
#include "plugin/seat.h"

#include <string.h>

static bool is_for(const struct registration *registration, const struct actor *actor);
static bool may_open(struct tx *tx, const struct plugin *plugin,
                     const struct registration *registration);

void navigation_write(struct tx *tx, struct buf *out)
{
    const struct seat *seat = (const struct seat *)tx->policy;
    const struct generation *g = seat ? seat->generation : NULL;
    bool is_any = false;

    buf_char(out, '[');
    for (size_t i = 0; g && i < g->plugin_count; i++) {
        const struct plugin *plugin = &g->plugins[i];

        for (size_t k = 0; k < plugin->registration_count; k++) {
            const struct registration *r = &plugin->registrations[k];
            struct str own = plugin_own_name(plugin->id);

            if (!is_for(r, &tx->actor) || !may_open(tx, plugin, r))
                continue;
            buf_text(out, is_any ? ",{\"label\":" : "{\"label\":");
            is_any = true;
            buf_json(out, r->route.label);
            buf_printf(out, ",\"href\":\"/p/%.*s%.*s\"}", STR_ARG(own),
                       (int)(r->route.path.len > 1 ? r->route.path.len : 0), r->route.path.at);
        }
    }
    buf_char(out, ']');
}

static bool is_for(const struct registration *registration, const struct actor *actor)
{
    if (registration->kind != HOOK_PAGE || str_is_absent(registration->route.label))
        return false;
    return (actor->kind == ACTOR_STAFF && str_is(registration->route.place, "dashboard")) ||
           (actor->kind == ACTOR_CLIENT && str_is(registration->route.place, "portal"));
}

/* Asked beside the transaction: a rule that fails takes a line from the navigation, and no more. */
static bool may_open(struct tx *tx, const struct plugin *plugin,
                     const struct registration *registration)
{
    static const struct subject nothing;
    struct decision decision;
    struct tx beside;

    if (tx_status(tx) != ST_OK || choices_has_disabled(tx, plugin->id))
        return false;
    if (!str_is_absent(registration->route.open))
        return true;
    beside = *tx;
    return policy_ask(&beside, registration->route.may.at, &nothing, false, &decision) ==
           VERDICT_ALLOW;
}

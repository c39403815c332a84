/* Handler: finding, beginning and naming what of the scripts runs after a request. */
#include "plugin/handler.h"

#include "base/crypto.h"
#include "plugin/host_state.h"
#include "plugin/tally.h"
#include "plugin/trial.h"
#include "store/record.h"

#include <stdio.h>
#include <string.h>

static const struct generation *generation_of(const struct policy *policy);
static const struct plugin *plugin_called(const struct generation *g, struct str id, size_t *at);
static struct str name_of(const struct registration *registration);
static void become(const struct plugin *plugin, struct actor *actor);

void handlers_of(const struct policy *policy, struct arena *arena, struct handlers *handlers)
{
    const struct generation *g = generation_of(policy);
    size_t size = sizeof(*handlers->at);

    *handlers = (struct handlers){ .count = 0 };
    if (!g)
        return;
    handlers->generation = g->number;
    handlers->since = g->since;
    for (size_t i = 0; i < g->plugin_count; i++)
        for (size_t k = 0; k < g->plugins[i].registration_count; k++) {
            const struct registration *r = &g->plugins[i].registrations[k];

            bool is_job = r->kind == HOOK_JOB;

            if (r->kind != HOOK_EVENT && !is_job)
                continue;
            handlers->at = arena_grow(arena, handlers->at, handlers->count * size,
                                      (handlers->count + 1) * size);
            handlers->at[handlers->count++] =
                (struct handler){ .plugin = g->plugins[i].id,
                                  .name = name_of(r),
                                  .event = is_job ? STR("job.due") : r->subject,
                                  .schedule = is_job ? &r->schedule : NULL,
                                  .schedule_text = r->schedule_text,
                                  .where = r->where,
                                  .at_plugin = i,
                                  .function = k };
        }
}

bool handler_is_there(const struct policy *policy, struct str plugin, struct str name)
{
    const struct generation *g = generation_of(policy);
    const struct plugin *found = g ? plugin_called(g, plugin, NULL) : NULL;

    for (size_t k = 0; found && k < found->registration_count; k++)
        if ((found->registrations[k].kind == HOOK_EVENT ||
             found->registrations[k].kind == HOOK_JOB) &&
            str_eq(name_of(&found->registrations[k]), name))
            return true;
    return false;
}

struct task *handler_begin(struct policy *policy, const struct handler *handler,
                           const struct task_given *given, struct fault *fault)
{
    struct seat *seat = (struct seat *)policy;
    struct instance *instance = seat_instance(seat, handler->at_plugin, given->tx->arena, fault);

    return instance ? handler_runtime(policy, handler)
                          ->task_new(instance, handler->function, given, fault)
                    : NULL;
}

const struct runtime *handler_runtime(const struct policy *policy, const struct handler *handler)
{
    return generation_of(policy)->plugins[handler->at_plugin].runtime;
}

void handler_ended(struct policy *policy, const struct handler *handler, const struct fault *fault)
{
    struct seat *seat = (struct seat *)policy;
    const struct hook_function function = { .plugin = handler->at_plugin,
                                            .function = handler->function };

    tally_answered(seat, &function, 0, fault != NULL);
    if (seat->policy.decisions &&
        trial_answered(seat->generation, handler->at_plugin, handler->function, fault))
        atomic_store(&seat->host->has_failing, true);
}

enum status transaction_run(struct policy *policy, struct str plugin, struct str name,
                            struct tx *tx, struct str args, struct str *result, struct fault *fault)
{
    struct seat *seat = (struct seat *)policy;
    struct question question = { .tx = tx };
    struct instance *instance;
    const struct plugin *found;
    size_t at, k;

    found = seat->generation ? plugin_called(seat->generation, plugin, &at) : NULL;
    for (k = 0; found && k < found->registration_count; k++)
        if (found->registrations[k].kind == HOOK_TRANSACTION &&
            str_eq(found->registrations[k].subject, name))
            break;
    if (!found || k == found->registration_count) {
        fault->message = STR("there is no such transaction");
        return ST_RULE_ERROR;
    }
    instance = seat_instance(seat, at, tx->arena, fault);
    return instance ? found->runtime->transaction(instance, k, &question, args, result, fault)
                    : ST_RULE_ERROR;
}

const struct registration *plugin_command(const struct policy *policy, const struct plugin *plugin,
                                          struct str name, struct command_wish *wish)
{
    const struct generation *g = generation_of(policy);

    for (size_t k = 0; k < plugin->registration_count; k++) {
        const struct registration *r = &plugin->registrations[k];

        if (r->kind != HOOK_COMMAND || !str_eq(r->subject, name))
            continue;
        *wish = (struct command_wish){ .handler = { .plugin = plugin->id,
                                                    .name = r->subject,
                                                    .where = r->where,
                                                    .at_plugin = (size_t)(plugin - g->plugins),
                                                    .function = k },
                                       .registration = r };
        return r;
    }
    return NULL;
}

/* ---- What a plugin tells ------------------------------------------------------------------------ */

/* Events about one thing come in their order: without a key it is a thing of its own. */
void emission_tell(struct tx *tx, struct str plugin, const struct emission *emission)
{
    struct str entity = str_copy(tx->arena, plugin_own_name(plugin));
    struct uuid key;

    if (str_is_absent(emission->key) || !uuid_parse(emission->key, &key))
        key = tx_id(tx);
    tx_event(tx, str_copy(tx->arena, emission->name).at, entity.at, key,
             str_printf(tx->arena, "{\"data\":%.*s}", STR_ARG(emission->data)));
}

struct str plugin_own_name(struct str plugin)
{
    if (str_ends(plugin, STR(".lua")))
        plugin.len -= 4;
    return plugin;
}

/* ---- Who a plugin is --------------------------------------------------------------------------- */

bool plugin_actor(const struct policy *policy, struct str plugin, struct actor *actor)
{
    const struct generation *g = generation_of(policy);
    const struct plugin *found = g ? plugin_called(g, plugin, NULL) : NULL;

    if (found)
        become(found, actor);
    return found != NULL;
}

bool plugin_actor_find(const struct policy *policy, struct uuid id, struct actor *actor)
{
    const struct generation *g = generation_of(policy);

    for (size_t i = 0; g && i < g->plugin_count; i++)
        if (uuid_eq(plugin_actor_id(g->plugins[i].id), id)) {
            become(&g->plugins[i], actor);
            return true;
        }
    return false;
}

const struct texts *plugin_hosts(const struct policy *policy, struct str plugin)
{
    const struct generation *g = generation_of(policy);
    const struct plugin *found = g ? plugin_called(g, plugin, NULL) : NULL;
    const struct manifest *says = found ? plugin_says(found) : NULL;

    return says ? &says->hosts : NULL;
}

/* A UUIDv8 (RFC 9562): the same on every server, for ever. */
struct uuid plugin_actor_id(struct str plugin)
{
    char text[160];
    uint8_t hash[CRYPTO_HASH];
    struct uuid id;
    int len = snprintf(text, sizeof(text), "foyer plugin %.*s", STR_ARG(plugin));

    crypto_sha256(str_slice(text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1),
                  hash);
    memcpy(id.bytes, hash, sizeof(id.bytes));
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x80);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

static void become(const struct plugin *plugin, struct actor *actor)
{
    const struct manifest *says = plugin_says(plugin);

    *actor = (struct actor){ .kind = ACTOR_PLUGIN,
                             .id = plugin_actor_id(plugin->id),
                             .name = says && !str_is_empty(says->name) ? says->name : plugin->id,
                             .role = STR("plugin"),
                             .permissions = says ? 0 : PERMISSIONS_ALL,
                             .road = "plugin" };
    for (size_t i = 0; says && i < says->capabilities.count; i++) {
        int permission = permission_find(says->capabilities.at[i]);

        if (permission >= 0)
            actor->permissions |= UINT64_C(1) << permission;
    }
}

static const struct generation *generation_of(const struct policy *policy)
{
    return ((const struct seat *)policy)->generation;
}

static const struct plugin *plugin_called(const struct generation *g, struct str id, size_t *at)
{
    for (size_t i = 0; i < g->plugin_count; i++)
        if (str_eq(g->plugins[i].id, id)) {
            if (at)
                *at = i;
            return &g->plugins[i];
        }
    return NULL;
}

static struct str name_of(const struct registration *registration)
{
    return registration->name.at ? registration->name : registration->subject;
}

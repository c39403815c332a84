/* Handler: what of the scripts runs after a request: handlers of events, and transactions of their own.
 *
 * A handler is known by its plugin and its name for as long as there are deliveries to it. It acts as its
 * plugin: an actor with an id made of the plugin's, who may what the plugin's capabilities say (a script
 * of one file without a header is the operator's own: everything in its workspace), as far as the rules
 * agree.
 */
#ifndef FOYER_PLUGIN_HANDLER_H
#define FOYER_PLUGIN_HANDLER_H

#include "plugin/generation.h"

struct handler {
    struct str plugin;               /* "house_rules.lua"; of folders their id */
    struct str name;                 /* given, or that of the event */
    struct str event;                /* of jobs "job.due" */
    const struct schedule *schedule; /* of jobs; NULL: it is none */
    struct str schedule_text;
    struct str where;
    size_t at_plugin, function; /* of the generation */
};

/* Those of the generation that a policy is of; borrows from it, the array lies in the arena. */
struct handlers {
    struct handler *at;
    size_t count;
    uint64_t generation; /* number; 0: none could be loaded */
    int64_t since;       /* when it became current */
};
void handlers_of(const struct policy *policy, struct arena *arena, struct handlers *handlers);
bool handler_is_there(const struct policy *policy, struct str plugin, struct str name);

/* On the policy's thread. NULL: *fault. */
struct task *handler_begin(struct policy *policy, const struct handler *handler,
                           const struct task_given *given, struct fault *fault);
const struct runtime *handler_runtime(const struct policy *policy, const struct handler *handler);
/* How it ended, for the trial of its plugin; fault NULL: well. */
void handler_ended(struct policy *policy, const struct handler *handler, const struct fault *fault);

/* Runs foyer.transaction NAME of a plugin in a write transaction. ST_OK: *result is JSON, in the arena.
 * ST_RULE_ERROR: *fault. */
enum status transaction_run(struct policy *policy, struct str plugin, struct str name,
                            struct tx *tx, struct str args, struct str *result,
                            struct fault *fault);

/* A command of a plugin, as `foyer plugin run` asks for it. */
struct command_wish {
    struct handler handler;
    const struct registration *registration;
    struct str arguments; /* JSON object of texts, and arrays of them; absent: none */
};
/* NULL: the plugin has no such command. */
const struct registration *plugin_command(const struct policy *policy, const struct plugin *plugin,
                                          struct str name, struct command_wish *wish);

/* What a plugin tells others: an event of a name that begins with its own. */
struct emission {
    struct str name, key, data; /* key: an id, absent: none; data: a JSON object */
};
/* In a write transaction. */
void emission_tell(struct tx *tx, struct str plugin, const struct emission *emission);
/* "house_rules" of house_rules.lua; borrowed. */
struct str plugin_own_name(struct str plugin);

/* Who a plugin is. False: it is not there. */
bool plugin_actor(const struct policy *policy, struct str plugin, struct actor *actor);
bool plugin_actor_find(const struct policy *policy, struct uuid id, struct actor *actor);
struct uuid plugin_actor_id(struct str plugin);
/* The hosts that a plugin may reach (manifest.h); of the generation. NULL: any. */
const struct texts *plugin_hosts(const struct policy *policy, struct str plugin);

#endif

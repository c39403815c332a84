/* Road script: runs a command of a plugin under the folder's lock, without a server. */
#ifndef FOYER_CLI_ROAD_SCRIPT_H
#define FOYER_CLI_ROAD_SCRIPT_H

#include "cli/command.h"
#include "http/reply.h"
#include "plugin/handler.h"
#include "store/datafolder.h"
#include "store/tx.h"

struct router;

/* Filled by the caller up to rp; arenas are born, rp is inited. */
struct script_here {
    const struct command *command;
    struct datafolder *folder;
    struct db *db; /* that writes */
    const struct router *router;
    struct policy *policy;
    int64_t workspace;
    struct uuid workspace_id;
    const uint8_t *server_key;
    struct arena *arena;
    struct arena own, attempt; /* of the task; of one call */
    struct reply rp;           /* of one call */

    struct handler handler;
    struct tx tx;
    struct failure failure;
};

/* False: why was said on stderr. */
bool script_here_run(struct script_here *here, const struct command_wish *wish, bool as_text,
                     struct reply *rp);

#endif

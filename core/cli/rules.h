/* Rules: scripts as commands load them: from a data folder or only the shipped ones, without a server. */
#ifndef FOYER_CLI_RULES_H
#define FOYER_CLI_RULES_H

#include "base/arena.h"
#include "base/config.h"
#include "cli/command.h"
#include "plugin/host.h"

struct rules {
    struct config config;
    struct arena arena;
    struct failure failure;
    struct router *router;
    struct host *host;
};

/* data may be NULL. False: what is wrong was said on stderr; scripts of the data folder that have faults
 * are no reason (host_is_failing). Takes one thread's slot, 0. */
bool rules_open(struct rules *rules, const struct command *command, const char *data);
void rules_close(struct rules *rules); /* takes the half-open */

#endif

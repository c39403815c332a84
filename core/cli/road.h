/* Road: how a command reaches a data folder: through the server that runs on it, or under its lock.
 *
 * Two commands at once wait for each other, and one that comes while a server starts waits for that.
 * A server that does not answer for ROAD_PATIENCE seconds is said to hang; with a command of a plugin it has as long
 * as that may take.
 */
#ifndef FOYER_CLI_ROAD_H
#define FOYER_CLI_ROAD_H

#include "base/arena.h"
#include "base/buf.h"
#include "cli/options.h"
#include "store/datafolder.h"

enum { ROAD_PATIENCE = 10 };

struct road {
    const struct command *command;
    struct arena arena;
    struct failure failure;
    struct datafolder folder;
    int64_t holder; /* process id of the server; 0: there is none, and the lock is ours */
    int fd;         /* to the server; -1: there is none */
    int patience;   /* seconds without a word of it, until it is said to hang */
    bool is_bad;    /* what the command prints is no good news: the exit code is 1 */
};

/* False: why was said on stderr. */
bool road_open(struct road *road, const struct command *command, const char *data);
/* The same for whoever goes on in any case: does not wait, and a server that does not listen leaves holder
 * set without fd. False: there is no folder, and road->failure says so. */
bool road_look(struct road *road, const struct command *command, const char *data);
void road_close(struct road *road); /* takes the half-open */

/* Asks the server, once; given: a JSON object. What it prints comes to *out. progress gets lines, or is
 * NULL. False: why was said on stderr. */
bool road_ask(struct road *road, const char *name, struct str given, bool as_json, struct buf *out,
              void (*progress)(struct str line));
/* The whole of a command that is a row of api/command.h: opens, asks the server or runs the row here,
 * prints. The exit code. */
int road_run(const struct command *command, const char *data, struct str given, bool as_json);

/* {"name":"value",…}; NULL is left out. Begins with an empty buffer; end with given_end. */
void given_put(struct buf *given, const char *name, const char *value);
struct str given_end(struct buf *given);

#endif

/* Command plugin: what the files of `foyer plugin …` share. */
#ifndef FOYER_API_COMMAND_PLUGIN_H
#define FOYER_API_COMMAND_PLUGIN_H

#include "api/body.h"
#include "api/plugin_settings.h"

/* What a command about plugins asks. */
struct plugin_asked {
    struct str name;      /* of a script also without ".lua" */
    struct str version;   /* a number */
    struct str set;       /* JSON object: name -> text, null: its default */
    struct str workspace; /* an id; absent: the only one */
};

/* Reads the body by the entity of the row, and makes the workspace the transaction's. */
enum status plugin_asked_read(struct tx *tx, const struct request *rq, struct plugin_asked *asked);
/* NULL: nothing of that name is in force, and tx has failed. */
const struct plugin *plugin_asked_find(struct tx *tx, const struct plugin_asked *asked);
/* *version stays where none was asked for. */
enum status plugin_asked_version(struct tx *tx, const struct plugin_asked *asked, int64_t *version);
/* After ST_NOT_FOUND: in the words of the command line. */
enum status plugin_no_such_version(struct tx *tx);

/* `plugin rollback` of what a workspace chose, in its write transaction: the version (absent: the one before) of
 * the plugin. */
enum status command_plugin_back(struct tx *tx, const struct request *rq,
                                const struct plugin_asked *asked, struct reply *rp);

#endif

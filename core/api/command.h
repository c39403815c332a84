/* Command: what an operator asks of a data folder, whether a server runs on it or not.
 *
 * Rows as those of the API, whose pattern is the command's name ("key create"). They are no part of it:
 * a running server gets them through its control socket (exec/control.h), else the command itself
 * runs them under the folder's lock (cli/control.h). No rule is asked: whoever owns the folder can do
 * all of it anyway, and must when every rule fails. What they print is the body: JSON, or text where
 * that is asked for (Accept: text/plain).
 */
#ifndef FOYER_API_COMMAND_H
#define FOYER_API_COMMAND_H

#include "http/route.h"

#include <stddef.h>

/* NULL: no such command. */
const struct route *command_route(struct str name);

/* ---- What the files of commands share ---- */
extern const struct route command_key_routes[];
extern const struct route command_script_routes[];
extern const struct route command_workspace_routes[];
extern const struct route command_check_routes[];
extern const struct route command_version_routes[];
extern const struct route command_who_routes[];
extern const struct route command_plugin_routes[];
extern const struct route command_plugin_set_routes[];
extern const struct route command_plugin_run_routes[];

/* Makes what a command of a plugin gave the answer: text, or JSON. */
struct task_result;
void command_output(const struct task_result *result, bool as_text, struct arena *arena,
                    struct reply *rp);

/* A field of what a command asks: a text of `type`. */
#define COMMAND_TEXT(type, member, max, flags)                                                     \
    {                                                                                              \
#member, FIELD_TEXT, FIELD_WRITE | FIELD_LINES | (flags), offsetof(type, member), 0, max,  \
            NULL, NULL, NULL                                                                       \
    }

/* The scripts of a host, with what is not in force and why. */
struct host;
void command_put_scripts(struct host *host, struct arena *arena, bool as_text, struct buf *out);

/* Whether it is to be text for a person. */
bool command_wants_text(const struct request *rq);
/* The body to write it into, of the right type. */
struct buf *command_reply(const struct request *rq, struct reply *rp);
/* The workspace of that id (absent: the only one) becomes the transaction's. */
enum status command_choose(struct tx *tx, struct str id);
/* What --target names; absent or empty: *id stays. A fault fails tx. */
enum status command_target(struct tx *tx, struct str text, struct uuid *id);

#endif

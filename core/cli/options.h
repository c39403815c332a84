/* Options: the flags of a command, read by a table.
 *
 *     static const char *data;
 *     static bool as_json;
 *     const struct option options[] = {
 *         { "data", OPTION_TEXT, &data }, { "json", OPTION_FLAG, &as_json }, { 0 },
 *     };
 *     if (options_read(&command_check, options, argc, argv) != EXIT_DONE)
 *         return EXIT_USAGE;
 *
 * --name value and --name=value. What a person does wrong is said on stderr.
 */
#ifndef FOYER_CLI_OPTIONS_H
#define FOYER_CLI_OPTIONS_H

#include "base/failure.h"
#include "cli/command.h"

#include <stdbool.h>

enum option_kind { OPTION_TEXT, OPTION_FLAG };
enum { OPTION_REQUIRED = true };

struct option {
    const char *name; /* without the dashes; NULL ends the table */
    enum option_kind kind;
    void *value; /* const char ** or bool * */
    bool is_required;
};

/* EXIT_DONE, or EXIT_USAGE: unknown, given twice, without its value, or a required one is missing. */
int options_read(const struct command *command, const struct option *options, int argc,
                 char **argv);

/* Says on stderr why the command failed, each faulty field on a line of its own; gives EXIT_FAILED. */
int command_failed(const struct command *command, const struct failure *failure);
/* Flushes stdout: EXIT_DONE, or EXIT_FAILED and a word on stderr when it cannot be written. */
int command_done(const struct command *command);

#endif

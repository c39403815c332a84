/* Script: what the files of `foyer script` share. */
#ifndef FOYER_CLI_SCRIPT_H
#define FOYER_CLI_SCRIPT_H

#include "base/buf.h"
#include "cli/options.h"
#include "cli/rules.h"

/* What was given, and what it is done with. */
struct script_given {
    const char *data, *name, *version, *workspace, *filter;
    bool as_json, is_kept;
    struct operands files;
    const struct command *command;
    struct rules rules;
};

/* Rows of the tables of options. */
#define SCRIPT_DATA(is_required)                                                                   \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct script_given, data), is_required, "DIR",              \
            "the data folder whose scripts/ and plugins/ count, too; a server may run"             \
    }
#define SCRIPT_JSON                                                                                \
    {                                                                                              \
        "json", OPTION_FLAG, offsetof(struct script_given, as_json), false, NULL, "print JSON"     \
    }

/* Reads the options, loads the scripts, does the work, closes. The exit code. */
int script_command_run(const struct command *command, int argc, char **argv,
                       int (*work)(struct script_given *given));

#endif

/* Options: what a command takes, in a table: flags (--name value, --name=value) and operands.
 *
 *     struct given { const char *data; bool as_json; };
 *     static const struct option options[] = {
 *         { "data", OPTION_TEXT, offsetof(struct given, data), OPTION_REQUIRED, "DIR", "the data folder" },
 *         { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print one JSON object" },
 *         { 0 },
 *     };
 *     if (options_read(&command_check, argc, argv, &given) != EXIT_DONE)
 *         return EXIT_USAGE;
 *
 * Flags and operands stand in any order; what comes after `--` is operands. What a person does wrong
 * is said on stderr. Help, completion and the manual are made from the same table.
 */
#ifndef FOYER_CLI_OPTIONS_H
#define FOYER_CLI_OPTIONS_H

#include "base/failure.h"
#include "cli/command.h"

#include <stdbool.h>

enum option_kind {
    OPTION_TEXT,     /* const char * */
    OPTION_FLAG,     /* bool */
    OPTION_OPERAND,  /* const char *: stands without a name; the first of the table comes first */
    OPTION_OPERANDS, /* struct operands: all that are left */
};
enum { OPTION_REQUIRED = true, OPERANDS_MAX = 256 };

struct operands {
    const char *at[OPERANDS_MAX];
    size_t count;
};

struct option {
    const char
        *name; /* without the dashes; of operands as help shows them: "FILE". NULL ends the table */
    enum option_kind kind;
    size_t at; /* of the member of what options_read fills */
    bool is_required;
    const char *value; /* DIR and FILE are completed as such, "a|b" are choices; NULL: no value */
    const char *help;
};

/* Fills *given, which was zeroed. EXIT_DONE, or EXIT_USAGE: unknown (with what was probably meant), given
 * twice, without its value, or a required one is missing. */
int options_read(const struct command *command, int argc, char **argv, void *given);

/* Its table, or the one that is made of the settings; NULL: it takes none. */
const struct option *command_options(const struct command *command);

/* Says on stderr why the command failed, each faulty field on a line of its own; gives EXIT_FAILED. */
int command_failed(const struct command *command, const struct failure *failure);
/* One such line. */
void command_say(const struct command *command, struct str line);
/* Flushes stdout: EXIT_DONE, or EXIT_FAILED and a word on stderr when it cannot be written. */
int command_done(const struct command *command);
/* Writes it to stdout. */
void command_print(struct str text);
/* What a check or a run of tests came to: its lines, or as JSON {good, tests, report}. passed: how many
 * tests ran; -1: none were asked for. */
void command_print_report(bool as_json, bool is_good, int64_t passed, struct str report);

#endif

/* Command: what the program can be told to do, one file of core/cli each.
 *
 * A file has one `const struct command`, declared here and entered in the table of command.c.
 * A command reads its arguments, does its work and gives the exit code: 0 done, 1 failed (the
 * message went to stderr and says what to do), 2 called wrongly. stdout is for what programs
 * read. Runs on the main thread.
 */
#ifndef FOYER_CLI_COMMAND_H
#define FOYER_CLI_COMMAND_H

struct buf;

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;    /* "version" */
    const char *summary; /* one line of `foyer help`, no full stop */
    const char *usage;   /* `foyer help NAME`: synopsis, then what each option does; ends with \n */
    void (*more)(struct buf *out); /* the rest of the usage, where it is made; NULL: that was all */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name, argv[argc] is NULL */
};

/* Ends with NULL. */
extern const struct command *const commands[];

extern const struct command command_help;
extern const struct command command_init;
extern const struct command command_check;
extern const struct command command_serve;
extern const struct command command_key;
extern const struct command command_mail;
extern const struct command command_script;
extern const struct command command_explain;
extern const struct command command_version;

/* The whole of main: dispatches by argv[1]. */
int command_main(int argc, char **argv);

/* NULL: no such command. */
const struct command *command_find(const char *name);

/* Says on stderr what is wrong with the arguments and where help is; gives EXIT_USAGE. */
int command_misused(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

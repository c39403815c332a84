/* Command: what the program can be told to do, in tables that help, completion and manual are made of.
 *
 * A command is one `const struct command`, declared here and entered in the table of command.c. Those
 * of one subject share a first word ("key create", "key list") and a file. A command reads its
 * options (options.h), does its work and gives the exit code: 0 done, 1 failed (the message went to
 * stderr and says what to do), 2 called wrongly. stdout is for what programs read. Runs on the main
 * thread.
 */
#ifndef FOYER_CLI_COMMAND_H
#define FOYER_CLI_COMMAND_H

#include <stddef.h>

struct buf;
struct option;

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;                           /* one word or two: "version", "key create" */
    const char *summary;                        /* one line of `foyer help`, no full stop */
    const struct option *options;               /* up to one without name; NULL: none */
    const struct option *(*make_options)(void); /* instead: for completion and manual alone */
    const char *notes;                          /* what help says after the options; ends with \n */
    const char *synopsis;          /* where the options do not say it; NULL: made of them */
    void (*more)(struct buf *out); /* the rest of the help, where it is made; NULL: that was all */
    int (*run)(int argc, char **argv); /* argv[0] is its last word, argv[argc] is NULL */
};

/* Ends with NULL. */
extern const struct command *const commands[];

extern const struct command command_help;
extern const struct command command_init;
extern const struct command command_serve;
extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_backup;
extern const struct command command_restore;
extern const struct command command_key_create;
extern const struct command command_key_list;
extern const struct command command_key_revoke;
extern const struct command command_workspace_create;
extern const struct command command_workspace_list;
extern const struct command command_mail_test;
extern const struct command command_script_check;
extern const struct command command_script_test;
extern const struct command command_script_list;
extern const struct command command_script_reload;
extern const struct command command_script_show;
extern const struct command command_script_diff;
extern const struct command command_script_log;
extern const struct command command_script_rollback;
extern const struct command command_plugin_list;
extern const struct command command_plugin_show;
extern const struct command command_plugin_check;
extern const struct command command_plugin_test;
extern const struct command command_plugin_new;
extern const struct command command_plugin_hooks;
extern const struct command command_plugin_enable;
extern const struct command command_plugin_disable;
extern const struct command command_plugin_set;
extern const struct command command_plugin_run;
extern const struct command command_plugin_top;
extern const struct command command_plugin_log;
extern const struct command command_plugin_diff;
extern const struct command command_plugin_rollback;
extern const struct command command_script_stubs;
extern const struct command command_script_reference;
extern const struct command command_explain;
extern const struct command command_who_can;
extern const struct command command_openapi;
extern const struct command command_completion;
extern const struct command command_version;

/* The whole of main: dispatches by argv[1], or argv[1] and argv[2]. */
int command_main(int argc, char **argv);

/* By one word or two (second may be NULL or something else); *words tells how many it has. NULL: there
 * is no such command. */
const struct command *command_find(const char *first, const char *second, int *words);
/* Whether the command is of this subject: "key" of "key create". */
int command_is_of(const struct command *command, const char *first);

/* Says on stderr what is wrong with the arguments and where help is; gives EXIT_USAGE. */
int command_misused(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

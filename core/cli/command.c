/* Command: the table of commands, and how one is found and run. */
#include "cli/command.h"

#include "cli/help.h"
#include "plugin/native.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_help_flag(const char *text);
static bool asks_for_help(int argc, char **argv);

/* Add a command's line here and its declaration in command.h. */
/* clang-format off */
const struct command *const commands[] = {
    &command_help,
    &command_init,
    &command_serve,
    &command_check,
    &command_doctor,
    &command_backup,
    &command_restore,
    &command_key_create,
    &command_key_list,
    &command_key_revoke,
    &command_workspace_create,
    &command_workspace_list,
    &command_mail_test,
    &command_script_check,
    &command_script_test,
    &command_script_list,
    &command_script_reload,
    &command_script_show,
    &command_script_diff,
    &command_script_log,
    &command_script_rollback,
    &command_script_stubs,
    &command_script_reference,
    &command_plugin_list,
    &command_plugin_show,
    &command_plugin_check,
    &command_plugin_test,
    &command_plugin_new,
    &command_plugin_hooks,
    &command_plugin_enable,
    &command_plugin_disable,
    &command_plugin_set,
    &command_plugin_run,
    &command_plugin_top,
    &command_plugin_log,
    &command_plugin_diff,
    &command_plugin_rollback,
    &command_explain,
    &command_who_can,
    &command_openapi,
    &command_completion,
    &command_version,
    NULL,
};
/* clang-format on */

int command_main(int argc, char **argv)
{
    const struct command *command;
    int words;

    if (argc < 2)
        return help_list(NULL);
    if (is_help_flag(argv[1]))
        return argc == 2 ? help_list(NULL) : command_help.run(argc - 1, argv + 1);
    if (!strcmp(argv[1], NATIVE_CHILD_COMMAND)) /* of a running server, for nobody else */
        return native_child();
    if (!strcmp(argv[1], "--version"))
        return command_version.run(1, argv + 1);
    command = command_find(argv[1], argv[2], &words);
    if (!command)
        return help_unknown(argv[1], argv[2] && argv[2][0] != '-' ? argv[2] : NULL);
    if (command != &command_help && asks_for_help(argc - words, argv + words))
        return help_show(command);
    return command->run(argc - words, argv + words);
}

const struct command *command_find(const char *first, const char *second, int *words)
{
    const struct command *const *at;
    size_t len = strlen(first);

    for (at = commands; *at; at++) {
        const char *name = (*at)->name;

        if (strncmp(name, first, len) != 0)
            continue;
        *words = name[len] == ' ' ? 2 : 1;
        if (name[len] == '\0' || (name[len] == ' ' && second && !strcmp(name + len + 1, second)))
            return *at;
    }
    return NULL;
}

int command_is_of(const struct command *command, const char *first)
{
    size_t len = strlen(first);

    return !strncmp(command->name, first, len) && command->name[len] == ' ';
}

int command_misused(const struct command *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "foyer %s: ", command->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nSee `foyer help %s`.\n", command->name);
    return EXIT_USAGE;
}

static bool is_help_flag(const char *text)
{
    return !strcmp(text, "--help") || !strcmp(text, "-h");
}

/* Wherever it stands: whoever asks for help wants nothing done. */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (is_help_flag(argv[i]))
            return true;
    return false;
}

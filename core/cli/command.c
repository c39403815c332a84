/* Command: the table of commands, and how one is found, helped with and run. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/limits.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 32 };

static bool is_help_flag(const char *text);
static int unknown(const char *name);
static const struct command *nearest(const char *name);
static unsigned distance(const char *a, const char *b);
static int print_usage(const struct command *command);
static int help_run(int argc, char **argv);

/* A command is one file: add its line here and its declaration in command.h. */
/* clang-format off */
const struct command *const commands[] = {
    &command_help,
    &command_init,
    &command_serve,
    &command_check,
    &command_key,
    &command_mail,
    &command_script,
    &command_explain,
    &command_version,
    NULL,
};
/* clang-format on */

const struct command command_help = {
    .name = "help",
    .summary = "list the commands, or say how one is used",
    .usage = "foyer help [COMMAND]\n",
    .run = help_run,
};

int command_main(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2 || is_help_flag(argv[1]))
        return help_run(1, argv);
    if (!strcmp(argv[1], "--version"))
        return command_version.run(1, argv + 1);
    command = command_find(argv[1]);
    if (!command)
        return unknown(argv[1]);
    if (argc > 2 && is_help_flag(argv[2]) && command != &command_help) {
        return print_usage(command);
    }
    return command->run(argc - 1, argv + 1);
}

const struct command *command_find(const char *name)
{
    const struct command *const *at;

    for (at = commands; *at; at++)
        if (!strcmp((*at)->name, name))
            return *at;
    return NULL;
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

static int unknown(const char *name)
{
    const struct command *near = nearest(name);

    fprintf(stderr, "foyer: there is no command `%s`.", name);
    if (near)
        fprintf(stderr, " Did you mean `foyer %s`?", near->name);
    fputs(" `foyer help` lists them.\n", stderr);
    return EXIT_USAGE;
}

/* NULL: nothing is near enough to be what was meant. */
static const struct command *nearest(const char *name)
{
    const struct command *const *at;
    const struct command *best = NULL;
    unsigned least = 3;

    for (at = commands; *at; at++) {
        unsigned this = distance(name, (*at)->name);

        if (this < least) {
            least = this;
            best = *at;
        }
    }
    return best;
}

/* How many letters must be added, taken away or changed (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[NAME_MAX_LENGTH + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    size_t i, j;

    if (a_len > NAME_MAX_LENGTH || b_len > NAME_MAX_LENGTH)
        return NAME_MAX_LENGTH;
    for (j = 0; j <= b_len; j++)
        row[j] = (unsigned)j;
    for (i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (j = 1; j <= b_len; j++) {
            unsigned changed = diagonal + (a[i - 1] != b[j - 1]);
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[b_len];
}

static int print_usage(const struct command *command)
{
    struct buf more;

    fputs(command->usage, stdout);
    if (command->more) {
        buf_init(&more, KIB(256));
        command->more(&more);
        fwrite(more.at, 1, more.len, stdout);
        buf_fini(&more);
    }
    return EXIT_DONE;
}

static int help_run(int argc, char **argv)
{
    const struct command *const *at;

    if (argc > 2)
        return command_misused(&command_help, "takes one command, not %d.", argc - 1);
    if (argc == 2) {
        const struct command *command = command_find(argv[1]);

        if (!command)
            return unknown(argv[1]);
        return print_usage(command);
    }
    fputs("Foyer, a client portal server.\n\nfoyer COMMAND [OPTION...]\n\n", stdout);
    for (at = commands; *at; at++)
        printf("  %-10s %s\n", (*at)->name, (*at)->summary);
    fputs("\n`foyer help COMMAND` says how one is used.\n", stdout);
    return EXIT_DONE;
}

/* Options: reads flags by a table, and says what is wrong with them. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 32 };

static const struct option *find(const struct option *options, const char *name, size_t len);

int options_read(const struct command *command, const struct option *options, int argc, char **argv)
{
    bool is_given[OPTIONS_MAX] = { false };
    const struct option *option;

    for (int i = 1; i < argc; i++) {
        const char *name = argv[i] + 2, *value = strchr(argv[i], '=');
        size_t len = value ? (size_t)(value - name) : strlen(argv[i]) - 2;

        if (strncmp(argv[i], "--", 2) || !(option = find(options, name, len)))
            return command_misused(command, "knows no argument `%s`.", argv[i]);
        if (is_given[option - options])
            return command_misused(command, "takes --%s once.", option->name);
        is_given[option - options] = true;
        if (option->kind == OPTION_FLAG) {
            if (value)
                return command_misused(command, "takes --%s without a value.", option->name);
            *(bool *)option->value = true;
            continue;
        }
        if (!value && !argv[++i])
            return command_misused(command, "needs a value after --%s.", option->name);
        *(const char **)option->value = value ? value + 1 : argv[i];
    }
    for (option = options; option->name; option++)
        if (option->is_required && !is_given[option - options])
            return command_misused(command, "needs --%s.", option->name);
    return EXIT_DONE;
}

int command_failed(const struct command *command, const struct failure *failure)
{
    const struct str text =
        failure->message.at ? failure->message : str_from(status_text(failure->status));

    if (!failure->errors)
        fprintf(stderr, "foyer %s: %.*s\n", command->name, STR_ARG(text));
    for (const struct field_error *error = failure->errors; error; error = error->next)
        fprintf(stderr, "foyer %s: %.*s: %.*s\n", command->name, STR_ARG(error->field),
                STR_ARG(error->message));
    return EXIT_FAILED;
}

int command_done(const struct command *command)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    fprintf(stderr, "foyer %s: its output could not be written.\n", command->name);
    return EXIT_FAILED;
}

static const struct option *find(const struct option *options, const char *name, size_t len)
{
    for (; options->name; options++)
        if (strlen(options->name) == len && !strncmp(options->name, name, len))
            return options;
    return NULL;
}

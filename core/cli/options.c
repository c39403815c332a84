/* Options: reads flags and operands by a table, and says what is wrong with them. */
#include "cli/options.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { OPTIONS_MAX = 32 };

struct reading {
    const struct command *command;
    void *given;
    bool is_given[OPTIONS_MAX];
};

static int read_flag(struct reading *reading, char **argv, int *at);
static int read_operand(struct reading *reading, const char *text);
static int unknown(const struct command *command, const char *argument, size_t len);
static const struct option *find(const struct command *command, const char *name, size_t len);
static bool is_operand(const struct option *option);
static int check_required(const struct reading *reading);

int options_read(const struct command *command, int argc, char **argv, void *given)
{
    struct reading reading = { command, given, { false } };
    bool has_ended = false;
    int code = EXIT_DONE;

    for (int i = 1; i < argc && code == EXIT_DONE; i++) {
        if (has_ended || strncmp(argv[i], "-", 1) != 0 || !strcmp(argv[i], "-"))
            code = read_operand(&reading, argv[i]);
        else if (!strcmp(argv[i], "--"))
            has_ended = true;
        else
            code = read_flag(&reading, argv, &i);
    }
    return code == EXIT_DONE ? check_required(&reading) : code;
}

static int read_flag(struct reading *reading, char **argv, int *at)
{
    const struct command *command = reading->command;
    const char *argument = argv[*at], *value = strchr(argument, '=');
    size_t len = value ? (size_t)(value - argument) : strlen(argument);
    const struct option *option = NULL;
    void *place;

    if (!strncmp(argument, "--", 2))
        option = find(command, argument + 2, len - 2);
    if (!option)
        return unknown(command, argument, len);
    if (reading->is_given[option - command->options])
        return command_misused(command, "takes --%s once.", option->name);
    reading->is_given[option - command->options] = true;
    place = (char *)reading->given + option->at;
    if (option->kind == OPTION_FLAG) {
        if (value)
            return command_misused(command, "takes --%s without a value.", option->name);
        *(bool *)place = true;
        return EXIT_DONE;
    }
    if (!value && !argv[++*at])
        return command_misused(command, "needs a value after --%s.", option->name);
    *(const char **)place = value ? value + 1 : argv[*at];
    return EXIT_DONE;
}

static int read_operand(struct reading *reading, const char *text)
{
    const struct command *command = reading->command;
    const struct option *option;

    for (option = command->options; option && option->name; option++) {
        void *place = (char *)reading->given + option->at;
        struct operands *operands = place;

        if (option->kind == OPTION_OPERAND && !reading->is_given[option - command->options]) {
            reading->is_given[option - command->options] = true;
            *(const char **)place = text;
            return EXIT_DONE;
        }
        if (option->kind != OPTION_OPERANDS)
            continue;
        if (operands->count == OPERANDS_MAX)
            return command_misused(command, "takes at most %d arguments.", OPERANDS_MAX);
        reading->is_given[option - command->options] = true;
        operands->at[operands->count++] = text;
        return EXIT_DONE;
    }
    return command_misused(command, "knows no argument `%s`.", text);
}

/* -data is --data for whoever knows other programs. */
static int unknown(const struct command *command, const char *argument, size_t len)
{
    const struct option *option;
    struct nearest nearest;
    char given[64];

    snprintf(given, sizeof(given), "%.*s", (int)len, argument);
    nearest_init(&nearest, str_from(given + strspn(given, "-")));
    for (option = command->options; option && option->name; option++)
        if (!is_operand(option))
            nearest_offer(&nearest, option->name);
    if (nearest.word)
        return command_misused(command, "knows no argument `%s`. Did you mean `--%s`?", argument,
                               nearest.word);
    return command_misused(command, "knows no argument `%s`.", argument);
}

static const struct option *find(const struct command *command, const char *name, size_t len)
{
    const struct option *option;

    for (option = command->options; option && option->name; option++)
        if (!is_operand(option) && strlen(option->name) == len && !strncmp(option->name, name, len))
            return option;
    return NULL;
}

static bool is_operand(const struct option *option)
{
    return option->kind == OPTION_OPERAND || option->kind == OPTION_OPERANDS;
}

static int check_required(const struct reading *reading)
{
    const struct command *command = reading->command;
    const struct option *option;

    for (option = command->options; option && option->name; option++)
        if (option->is_required && !reading->is_given[option - command->options])
            return command_misused(command, "needs %s%s.", is_operand(option) ? "" : "--",
                                   option->name);
    return EXIT_DONE;
}

const struct option *command_options(const struct command *command)
{
    return command->make_options ? command->make_options() : command->options;
}

int command_failed(const struct command *command, const struct failure *failure)
{
    struct str rest, line;
    struct buf lines;

    buf_init(&lines, KIB(256));
    failure_lines(failure, &lines);
    rest = str_trim(buf_view(&lines));
    while (!str_is_absent(rest) && str_cut(&rest, '\n', &line))
        command_say(command, line);
    buf_fini(&lines);
    return EXIT_FAILED;
}

/* "--id: …" of what stands without a name is "ID: …". */
void command_say(const struct command *command, struct str line)
{
    const struct option *option;
    const char *name = "";

    for (option = command->options; option && option->name; option++) {
        size_t len = strlen(option->name);

        if (!is_operand(option) || line.len < len + 3 || strncmp(line.at, "--", 2) != 0 ||
            strncasecmp(line.at + 2, option->name, len) != 0 || line.at[len + 2] != ':')
            continue;
        name = option->name;
        line = str_slice(line.at + len + 2, line.len - len - 2);
        break;
    }
    fprintf(stderr, "foyer %s: %s%.*s\n", command->name, name, STR_ARG(line));
}

int command_done(const struct command *command)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    fprintf(stderr, "foyer %s: its output could not be written.\n", command->name);
    return EXIT_FAILED;
}

void command_print(struct str text)
{
    fwrite(text.at, 1, text.len, stdout);
}

void command_print_report(bool as_json, bool is_good, int64_t passed, struct str report)
{
    struct str line;
    size_t count = 0;
    struct buf out;

    if (!as_json) {
        command_print(report);
        return;
    }
    buf_init(&out, MIB(8));
    buf_printf(&out, "{\"good\":%s,", is_good ? "true" : "false");
    if (passed >= 0)
        buf_printf(&out, "\"tests\":%lld,", (long long)passed);
    buf_text(&out, "\"report\":[");
    while (str_cut(&report, '\n', &line)) {
        if (str_is_empty(line))
            continue;
        buf_text(&out, count++ ? "," : "");
        buf_json(&out, line);
    }
    buf_text(&out, "]}\n");
    command_print(buf_view(&out));
    buf_fini(&out);
}

/* foyer help: lists commands, and says how one is used. */
#include "cli/help.h"

#include "base/limits.h"
#include "base/nearest.h"
#include "cli/manual.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 96, NAME_WIDTH = 18, NAMES_WIDE = 26 };

struct given {
    const char *first, *second;
    bool as_man;
};

static int run(int argc, char **argv);
static bool is_subject(const char *first);
static void put_options(const struct command *command, struct buf *out);
static size_t widest(const struct command *command);
static struct str label(const struct option *option, char text[64]);
static void put_wrapped(const char *text, size_t indent, struct buf *out);

static const struct option options[] = {
    { "COMMAND", OPTION_OPERAND, offsetof(struct given, first), false, NULL,
      "which one is asked about, of one word or two" },
    { "WORD", OPTION_OPERAND, offsetof(struct given, second), false, NULL, "its second word" },
    { "man", OPTION_FLAG, offsetof(struct given, as_man), false, NULL,
      "print the manual page foyer(1), for man -l" },
    { 0 },
};

const struct command command_help = {
    .name = "help",
    .summary = "list the commands, or say how one is used",
    .options = options,
    .synopsis = "foyer help [COMMAND] | --man\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    const struct command *command;
    struct given given = { NULL };
    int code = options_read(&command_help, argc, argv, &given), words;

    if (code != EXIT_DONE)
        return code;
    if (given.as_man)
        return manual_print();
    if (!given.first)
        return help_list(NULL);
    command = command_find(given.first, given.second, &words);
    if (command && given.second && words == 1)
        return command_misused(&command_help, "takes one command, not also `%s`.", given.second);
    if (command)
        return help_show(command);
    if (!given.second && is_subject(given.first))
        return help_list(given.first);
    return help_unknown(given.first, given.second);
}

int help_list(const char *subject)
{
    const struct command *const *at;

    if (!subject)
        fputs("Foyer, a client portal server.\n\nfoyer COMMAND [OPTION...]\n\n", stdout);
    for (at = commands; *at; at++)
        if (!subject || command_is_of(*at, subject))
            printf("  %-*s %s\n", NAME_WIDTH, (*at)->name, (*at)->summary);
    fputs("\n`foyer help COMMAND` says how one is used.\n", stdout);
    return command_done(&command_help);
}

int help_show(const struct command *command)
{
    struct buf out;

    buf_init(&out, KIB(256));
    if (command->synopsis)
        buf_text(&out, command->synopsis);
    else
        help_synopsis(command, WIDTH, &out);
    buf_printf(&out, "\n%c%s.\n", command->summary[0] - 'a' + 'A', command->summary + 1);
    if (command->options)
        put_options(command, &out);
    if (command->notes)
        buf_printf(&out, "\n%s", command->notes);
    if (command->more) {
        buf_char(&out, '\n');
        command->more(&out);
    }
    command_print(buf_view(&out));
    buf_fini(&out);
    return command_done(command);
}

int help_unknown(const char *first, const char *second)
{
    const struct command *const *at;
    struct nearest nearest;
    char given[128];

    if (is_subject(first) && !second) {
        fprintf(stderr, "foyer %s: say what to do: `foyer help %s` lists it.\n", first, first);
        return EXIT_USAGE;
    }
    snprintf(given, sizeof(given), is_subject(first) ? "%s %s" : "%s", first, second);
    nearest_init(&nearest, str_from(given));
    for (at = commands; *at; at++)
        nearest_offer(&nearest, (*at)->name);
    if (!nearest.word && second) {
        snprintf(given, sizeof(given), "%s %s", first, second);
        for (at = commands; *at; at++)
            nearest_offer(&nearest, (*at)->name);
    }
    fprintf(stderr, "foyer: there is no command `%s`.",
            is_subject(first) || (nearest.word && strchr(nearest.word, ' ')) ? given : first);
    if (nearest.word)
        fprintf(stderr, " Did you mean `foyer %s`?", nearest.word);
    fprintf(stderr, " `foyer help%s%s` lists them.\n", is_subject(first) ? " " : "",
            is_subject(first) ? first : "");
    return EXIT_USAGE;
}

static bool is_subject(const char *first)
{
    const struct command *const *at;

    for (at = commands; *at; at++)
        if (command_is_of(*at, first))
            return true;
    return false;
}

void help_synopsis(const struct command *command, size_t width, struct buf *out)
{
    size_t begin = out->len, line = out->len;
    const struct option *option;

    buf_printf(out, "foyer %s", command->name);
    for (option = command->options; option && option->name; option++) {
        const char *value = option->value ? option->value : "";
        char text[128];
        int len;

        if (option->kind == OPTION_OPERAND || option->kind == OPTION_OPERANDS)
            len = snprintf(text, sizeof(text), option->is_required ? "%s%s" : "[%s]%s",
                           option->name, option->kind == OPTION_OPERANDS ? "..." : "");
        else
            len = snprintf(text, sizeof(text), option->is_required ? "--%s%s%s" : "[--%s%s%s]",
                           option->name, *value ? " " : "", value);
        if (out->len - line + (size_t)len + 1 > width) {
            buf_char(out, '\n');
            line = out->len;
            for (size_t i = 0; i < strlen("foyer ") + strlen(command->name); i++)
                buf_char(out, ' ');
        }
        buf_printf(out, " %s", text);
    }
    if (out->len > begin)
        buf_char(out, '\n');
}

static void put_options(const struct command *command, struct buf *out)
{
    size_t width = widest(command);
    const struct option *option;
    char text[64];

    buf_char(out, '\n');
    for (option = command->options; option->name; option++) {
        struct str shown = label(option, text);

        buf_printf(out, "  %-*.*s  ", (int)width, STR_ARG(shown));
        if (shown.len > width) {
            buf_char(out, '\n');
            for (size_t i = 0; i < width + 4; i++)
                buf_char(out, ' ');
        }
        put_wrapped(option->help, width + 4, out);
    }
}

static size_t widest(const struct command *command)
{
    const struct option *option;
    size_t most = 0;
    char text[64];

    for (option = command->options; option->name; option++) {
        size_t len = label(option, text).len;

        if (len <= NAMES_WIDE && len > most)
            most = len;
    }
    return most;
}

static struct str label(const struct option *option, char text[64])
{
    bool is_operand = option->kind == OPTION_OPERAND || option->kind == OPTION_OPERANDS;

    snprintf(text, 64, "%s%s%s%s", is_operand ? "" : "--", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    return str_from(text);
}

static void put_wrapped(const char *text, size_t indent, struct buf *out)
{
    struct str rest = str_from(text), word;
    size_t column = indent;

    while (str_cut(&rest, ' ', &word)) {
        if (column > indent && column + 1 + word.len > WIDTH) {
            buf_char(out, '\n');
            for (size_t i = 0; i < indent; i++)
                buf_char(out, ' ');
            column = indent;
        }
        if (column > indent) {
            buf_char(out, ' ');
            column++;
        }
        buf_str(out, word);
        column += word.len;
    }
    buf_char(out, '\n');
}

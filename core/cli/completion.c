/* foyer completion: what a shell offers when somebody presses TAB, made from the tables of commands. */
#include "base/buf.h"
#include "base/limits.h"
#include "cli/options.h"

#include <string.h>

struct given {
    const char *shell;
};

static int run(int argc, char **argv);
static void write_bash(struct buf *out);
static void put_bash_options(const struct command *command, struct buf *out);
static void write_zsh(struct buf *out);
static void put_zsh_options(const struct command *command, struct buf *out);
static void write_fish(struct buf *out);
static void put_fish_option(const struct command *command, const struct option *option,
                            struct buf *out);
static struct str subject(const struct command *command);
static const char *second_word(const struct command *command);
static bool is_first(const struct command *const *at);
static void put_words(const struct command *const *at, struct buf *out);
static bool is_operand(const struct option *option);
static bool is_file(const char *value);
static void put_escaped(const char *text, const char *special, const char *by, struct buf *out);

static const struct {
    const char *name;
    void (*write)(struct buf *out);
} shells[] = { { "bash", write_bash }, { "zsh", write_zsh }, { "fish", write_fish } };

static const struct option options[] = {
    { "bash|zsh|fish", OPTION_OPERAND, offsetof(struct given, shell), OPTION_REQUIRED, NULL,
      "which shell" },
    { 0 },
};

const struct command command_completion = {
    .name = "completion",
    .summary = "print what makes a shell complete commands and options",
    .options = options,
    .notes = "bash: foyer completion bash > ~/.local/share/bash-completion/completions/foyer\n"
             "zsh:  foyer completion zsh > DIR/_foyer, where DIR stands in $fpath\n"
             "fish: foyer completion fish > ~/.config/fish/completions/foyer.fish\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct given given = { NULL };
    int code = options_read(&command_completion, argc, argv, &given);
    struct buf out;

    if (code != EXIT_DONE)
        return code;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].name, given.shell) != 0)
            continue;
        buf_init(&out, MIB(1));
        shells[i].write(&out);
        command_print(buf_view(&out));
        buf_fini(&out);
        return command_done(&command_completion);
    }
    return command_misused(&command_completion, "knows bash, zsh and fish, not `%s`.", given.shell);
}

/* ---- bash -------------------------------------------------------------------------------------- */

static void write_bash(struct buf *out)
{
    const struct command *const *at;

    buf_text(out, "# Completion for foyer; made by `foyer completion bash`.\n"
                  "_foyer() {\n"
                  "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                  "  local command=${COMP_WORDS[1]} words='' operand=''\n"
                  "  COMPREPLY=()\n"
                  "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='");
    for (at = commands; *at; at++)
        if (is_first(at))
            buf_printf(out, "%.*s ", STR_ARG(subject(*at)));
    buf_text(out, "'\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                  "    return\n  fi\n  case $command in\n");
    for (at = commands; *at; at++) {
        if (!is_first(at) || !second_word(*at))
            continue;
        buf_printf(out, "    %.*s)\n      if [ \"$COMP_CWORD\" -eq 2 ]; then\n        words='",
                   STR_ARG(subject(*at)));
        put_words(at, out);
        buf_text(out, "'\n        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                      "        return\n      fi\n      command=\"$command ${COMP_WORDS[2]}\" ;;\n");
    }
    buf_text(out, "  esac\n  case $command in\n");
    for (at = commands; *at; at++)
        put_bash_options(*at, out);
    buf_text(out, "    *) return ;;\n  esac\n"
                  "  if [[ $cur == -* ]]; then\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                  "  elif [ \"$operand\" = file ]; then\n"
                  "    compopt -o filenames 2>/dev/null\n"
                  "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                  "  else\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$operand $words\" -- \"$cur\")\n"
                  "  fi\n}\ncomplete -F _foyer foyer\n");
}

/* What may follow an option is offered alone; else the options and what stands without a name. */
static void put_bash_options(const struct command *command, struct buf *out)
{
    const struct option *option, *all = command_options(command);

    buf_printf(out, "    '%s')\n      case $prev in\n", command->name);
    for (option = all; option && option->name; option++) {
        if (is_operand(option) || !option->value)
            continue;
        buf_printf(out, "        --%s) ", option->name);
        if (is_file(option->value))
            buf_printf(out,
                       "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -%c -- "
                       "\"$cur\")",
                       strcmp(option->value, "DIR") ? 'f' : 'd');
        else if (strchr(option->value, '|'))
            buf_printf(out,
                       "IFS='|' read -ra COMPREPLY <<<'%s'; mapfile -t COMPREPLY < <(compgen -W "
                       "\"${COMPREPLY[*]}\" -- \"$cur\")",
                       option->value);
        else
            buf_char(out, ':');
        buf_text(out, "; return ;;\n");
    }
    buf_text(out, "        *) ;;\n      esac\n      words='");
    for (option = all; option && option->name; option++)
        if (!is_operand(option))
            buf_printf(out, "--%s ", option->name);
    buf_text(out, "'\n      operand='");
    for (option = all; option && option->name; option++) {
        if (is_operand(option) && is_file(option->name))
            buf_text(out, "file");
        else if (is_operand(option) && strchr(option->name, '|'))
            put_escaped(option->name, "|", " ", out);
    }
    buf_text(out, "' ;;\n");
}

/* ---- zsh --------------------------------------------------------------------------------------- */

static void write_zsh(struct buf *out)
{
    const struct command *const *at, *const *each;

    buf_text(out, "#compdef foyer\n# Completion for foyer; made by `foyer completion zsh`.\n"
                  "_foyer() {\n  local command=$words[2]\n"
                  "  if (( CURRENT == 2 )); then\n    compadd -- ");
    for (at = commands; *at; at++)
        if (is_first(at))
            buf_printf(out, "%.*s ", STR_ARG(subject(*at)));
    buf_text(out, "\n    return\n  fi\n  shift words\n  (( CURRENT-- ))\n  case $command in\n");
    for (at = commands; *at; at++) {
        if (!is_first(at) || !second_word(*at))
            continue;
        buf_printf(out, "    %.*s)\n      if (( CURRENT == 2 )); then\n        compadd -- ",
                   STR_ARG(subject(*at)));
        put_words(at, out);
        buf_text(out, "\n        return\n      fi\n      command=\"$command $words[2]\"\n"
                      "      shift words\n      (( CURRENT-- )) ;;\n");
    }
    buf_text(out, "  esac\n  case $command in\n");
    for (each = commands; *each; each++) {
        buf_printf(out, "    '%s')\n      _arguments", (*each)->name);
        put_zsh_options(*each, out);
        buf_text(out, " ;;\n");
    }
    buf_text(out, "  esac\n}\n_foyer \"$@\"\n");
}

static void put_zsh_options(const struct command *command, struct buf *out)
{
    const struct option *option;

    for (option = command_options(command); option && option->name; option++) {
        const char *value = is_operand(option) ? option->name : option->value;

        buf_text(out, " \\\n        ");
        if (is_operand(option)) {
            buf_printf(out, "'%s:", option->kind == OPTION_OPERANDS ? "*" : "");
        } else {
            buf_printf(out, "'--%s%s[", option->name, value ? "=" : "");
            put_escaped(option->help, "[]:\\", "\\", out);
            buf_text(out, value ? "]:" : "]'");
        }
        if (!value)
            continue;
        put_escaped(strchr(value, '|') ? "one of" : value, "[]:\\", "\\", out);
        buf_char(out, ':');
        if (is_file(value))
            buf_text(out, strcmp(value, "DIR") ? "_files" : "_files -/");
        else if (strchr(value, '|')) {
            buf_char(out, '(');
            put_escaped(value, "|", " ", out);
            buf_char(out, ')');
        }
        buf_char(out, '\'');
    }
}

/* ---- fish -------------------------------------------------------------------------------------- */

static void write_fish(struct buf *out)
{
    const struct command *const *at;
    const struct option *option;

    buf_text(out,
             "# Completion for foyer; made by `foyer completion fish`.\ncomplete -c foyer -f\n");
    for (at = commands; *at; at++) {
        struct str first = subject(*at);
        const char *second = second_word(*at);

        if (is_first(at))
            buf_printf(out, "complete -c foyer -n __fish_use_subcommand -a %.*s", STR_ARG(first));
        if (is_first(at) && !second) {
            buf_text(out, " -d '");
            put_escaped((*at)->summary, "'\\", "\\", out);
            buf_char(out, '\'');
        }
        if (is_first(at))
            buf_char(out, '\n');
        if (second) {
            buf_printf(out,
                       "complete -c foyer -n 'test (count (commandline -opc)) -eq 2; and "
                       "__fish_seen_subcommand_from %.*s' -a %s -d '",
                       STR_ARG(first), second);
            put_escaped((*at)->summary, "'\\", "\\", out);
            buf_text(out, "'\n");
        }
        for (option = command_options(*at); option && option->name; option++)
            put_fish_option(*at, option, out);
    }
}

static void put_fish_option(const struct command *command, const struct option *option,
                            struct buf *out)
{
    const char *value = is_operand(option) ? option->name : option->value;
    const char *second = second_word(command);

    buf_printf(out, "complete -c foyer -n '__fish_seen_subcommand_from %.*s%s%s'",
               STR_ARG(subject(command)), second ? "; and __fish_seen_subcommand_from " : "",
               second ? second : "");
    if (!is_operand(option))
        buf_printf(out, " -l %s", option->name);
    if (value && !is_operand(option))
        buf_text(out, " -r");
    if (value && is_file(value))
        buf_text(out, strcmp(value, "DIR") ? " -F" : " -a '(__fish_complete_directories)'");
    else if (value && strchr(value, '|')) {
        buf_text(out, " -a '");
        put_escaped(value, "|", " ", out);
        buf_char(out, '\'');
    }
    buf_text(out, " -d '");
    put_escaped(option->help, "'\\", "\\", out);
    buf_text(out, "'\n");
}

/* ---- Shared ------------------------------------------------------------------------------------ */

static struct str subject(const struct command *command)
{
    return str_slice(command->name, strcspn(command->name, " "));
}

/* NULL: it has one word. */
static const char *second_word(const struct command *command)
{
    const char *blank = strchr(command->name, ' ');

    return blank ? blank + 1 : NULL;
}

/* Of its subject: those stand together in the table. */
static bool is_first(const struct command *const *at)
{
    return at == commands || !str_eq(subject(*at), subject(at[-1]));
}

static void put_words(const struct command *const *at, struct buf *out)
{
    struct str of = subject(*at);

    for (; *at && str_eq(subject(*at), of); at++)
        buf_printf(out, "%s ", second_word(*at));
}

static bool is_operand(const struct option *option)
{
    return option->kind == OPTION_OPERAND || option->kind == OPTION_OPERANDS;
}

static bool is_file(const char *value)
{
    return !strncmp(value, "DIR", 3) || !strncmp(value, "FILE", 4);
}

/* "|" by a blank; what is special to a shell, behind a backslash. */
static void put_escaped(const char *text, const char *special, const char *by, struct buf *out)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            buf_text(out, by);
        if (*text != '|')
            buf_char(out, *text);
    }
}

/* foyer plugin list, show, hooks, top, enable, disable, set, log, diff: plugins as they are in force, and what a
 * workspace chose for them. Folders of plugins are plugin_folder.c, going back is script_version.c.
 */
#include "base/file.h"
#include "base/limits.h"
#include "cli/road.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct given {
    const char *data, *name, *version, *workspace, *value_file;
    bool as_json, of_files;
    struct operands values;
};

static int run_list(int argc, char **argv);
static int run_show(int argc, char **argv);
static int run_hooks(int argc, char **argv);
static int run_enable(int argc, char **argv);
static int run_disable(int argc, char **argv);
static int run_set(int argc, char **argv);
static int run_top(int argc, char **argv);
static int run_log(int argc, char **argv);
static int run_diff(int argc, char **argv);
static int run(const struct command *command, int argc, char **argv);
static int read_value(const struct command *command, const struct given *asked, struct arena *arena,
                      struct str *value);
static struct str read_input(struct arena *arena);
static void put_values(const struct operands *values, struct str value, struct buf *out);
static int run_of(const struct command *command, const char *files, int argc, char **argv);

#define NAME(operand, is_required, help)                                                           \
    {                                                                                              \
        operand, OPTION_OPERAND, offsetof(struct given, name), is_required, NULL, help             \
    }
#define ID NAME("ID", OPTION_REQUIRED, "a script or plugin as `foyer plugin list` shows it")
#define DATA                                                                                       \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct given, data), OPTION_REQUIRED, "DIR",                 \
            "the data folder; a server may run on it"                                              \
    }
#define WORKSPACE                                                                                  \
    {                                                                                              \
        "workspace", OPTION_TEXT, offsetof(struct given, workspace), false, "ID",                  \
            "where the server holds several"                                                       \
    }
#define JSON                                                                                       \
    {                                                                                              \
        "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print JSON"            \
    }

#define FILES                                                                                      \
    {                                                                                              \
        "files", OPTION_FLAG, offsetof(struct given, of_files), false, NULL,                       \
            "of its files, not of what a workspace chose for it"                                   \
    }

static const struct option list_options[] = { DATA, WORKSPACE, JSON, { 0 } };
static const struct option top_options[] = { DATA, JSON, { 0 } };
static const struct option one_options[] = { ID, DATA, WORKSPACE, JSON, { 0 } };
static const struct option hooks_options[] = {
    NAME("ACTION", false, "of one action, entity or text; without, all"),
    DATA,
    { "workspace", OPTION_TEXT, offsetof(struct given, workspace), false, "ID",
      "mark what this one has switched off" },
    JSON,
    { 0 },
};
static const struct option set_options[] = {
    ID,
    { "NAME=VALUE", OPTION_OPERANDS, offsetof(struct given, values), OPTION_REQUIRED, NULL,
      "a setting; NAME alone makes it its default, or takes a secret away" },
    { "value-file", OPTION_TEXT, offsetof(struct given, value_file), false, "FILE",
      "the value of the one NAME stands there; -: comes from standard input" },
    DATA,
    WORKSPACE,
    JSON,
    { 0 },
};
static const struct option log_options[] = {
    NAME("ID", false, "of one script or plugin; without, of all"),
    FILES,
    DATA,
    WORKSPACE,
    JSON,
    { 0 },
};
static const struct option diff_options[] = {
    ID,
    { "VERSION", OPTION_OPERAND, offsetof(struct given, version), false, NULL,
      "as `foyer plugin log` shows it; without, 0: as the plugin declares it, or, of files, the "
      "one before" },
    FILES,
    DATA,
    WORKSPACE,
    JSON,
    { 0 },
};

const struct command command_plugin_list = {
    .name = "plugin list",
    .summary = "list the scripts and plugins in force, and which are on in a workspace",
    .options = list_options,
    .notes =
        "A line each: id, where it comes from, version, whether it is on, whether a setting was "
        "set, name.\n`foyer script list` says what is not in force, and why.\n",
    .run = run_list,
};
const struct command command_plugin_show = {
    .name = "plugin show",
    .summary = "print what a plugin answers, and its settings in a workspace",
    .options = one_options,
    .run = run_show,
};
const struct command command_plugin_hooks = {
    .name = "plugin hooks",
    .summary = "print in which order functions are asked, and why",
    .options = hooks_options,
    .notes =
        "Stages come first (validate, normalize, enrich, policy, audit), then what `after` and "
        "`before` say,\nthen scripts and plugins by name.\n",
    .run = run_hooks,
};
const struct command command_plugin_enable = {
    .name = "plugin enable",
    .summary = "switch a script or plugin on in a workspace",
    .options = one_options,
    .run = run_enable,
};
const struct command command_plugin_disable = {
    .name = "plugin disable",
    .summary = "switch a script or plugin off in a workspace",
    .options = one_options,
    .notes =
        "None of its functions is asked there any more, from the next request on. What decides "
        "who may do\nwhat cannot be switched off, nor what says that it is always on.\n",
    .run = run_disable,
};
const struct command command_plugin_set = {
    .name = "plugin set",
    .summary = "change settings of a script or plugin in a workspace",
    .options = set_options,
    .notes =
        "What does not fit is told with what would, and nothing is changed.\nA secret stays out of "
        "the shell's history so: foyer plugin set ID token --value-file - --data DIR\n",
    .run = run_set,
};
const struct command command_plugin_top = {
    .name = "plugin top",
    .summary = "print how often each function was asked, and what it cost",
    .options = top_options,
    .notes =
        "Of the running server, since its scripts and plugins last changed; most expensive first. "
        "One call in 64\nis timed, and the rest reckoned.\n",
    .run = run_top,
};
const struct command command_plugin_log = {
    .name = "plugin log",
    .summary = "list what was chosen for plugins in a workspace, newest first",
    .options = log_options,
    .notes =
        "A line each: version, time, on or off, settings that are not left at their default, and "
        "who chose;\n`system` is a command. `foyer plugin rollback ID VERSION --settings` puts "
        "one back.\nWith --files it is a line for each state that its files have had, and `foyer "
        "plugin rollback ID VERSION`\nputs one back.\n",
    .run = run_log,
};
const struct command command_plugin_diff = {
    .name = "plugin diff",
    .summary = "say what a workspace has chosen, or a plugin's files have, otherwise than before",
    .options = diff_options,
    .run = run_diff,
};

static int run_list(int argc, char **argv)
{
    return run(&command_plugin_list, argc, argv);
}

static int run_show(int argc, char **argv)
{
    return run(&command_plugin_show, argc, argv);
}

static int run_hooks(int argc, char **argv)
{
    return run(&command_plugin_hooks, argc, argv);
}

static int run_enable(int argc, char **argv)
{
    return run(&command_plugin_enable, argc, argv);
}

static int run_disable(int argc, char **argv)
{
    return run(&command_plugin_disable, argc, argv);
}

static int run_set(int argc, char **argv)
{
    return run(&command_plugin_set, argc, argv);
}

static int run_top(int argc, char **argv)
{
    return run(&command_plugin_top, argc, argv);
}

static int run_log(int argc, char **argv)
{
    return run_of(&command_plugin_log, "script log", argc, argv);
}

static int run_diff(int argc, char **argv)
{
    return run_of(&command_plugin_diff, "script compare", argc, argv);
}

static int run(const struct command *command, int argc, char **argv)
{
    return run_of(command, NULL, argc, argv);
}

/* files: the name of the row that tells the same of files. */
static int run_of(const struct command *command, const char *files, int argc, char **argv)
{
    struct given asked = { NULL };
    int code = options_read(command, argc, argv, &asked);
    struct command of_files = *command;
    struct str value = STR_NONE;
    struct arena arena;
    struct buf given;

    if (code != EXIT_DONE)
        return code;
    if (asked.of_files) {
        if (!asked.name)
            return command_misused(command, "say whose files: ID.");
        if (asked.workspace)
            return command_misused(command, "files are of the whole server: --workspace does not "
                                            "go with --files.");
        of_files.name = files;
        command = &of_files;
    }
    arena_init(&arena, MIB(1));
    code = read_value(command, &asked, &arena, &value);
    if (code != EXIT_DONE) {
        arena_fini(&arena);
        return code;
    }
    buf_init(&given, LIMIT_JSON_BODY);
    given_put(&given, "name", asked.name);
    given_put(&given, "version", asked.version);
    given_put(&given, "workspace", asked.workspace);
    put_values(&asked.values, value, &given);
    code = road_run(command, asked.data, given_end(&given), asked.as_json);
    buf_fini(&given);
    arena_fini(&arena);
    return code;
}

/* Without the line feed that editors and echo put behind it. Absent: none was asked for. */
static int read_value(const struct command *command, const struct given *asked, struct arena *arena,
                      struct str *value)
{
    struct failure failure = { .status = ST_OK };
    size_t len;

    if (!asked->value_file)
        return EXIT_DONE;
    if (asked->values.count != 1 || strchr(asked->values.at[0], '='))
        return command_misused(command, "takes --value-file with one NAME, without `=`.");
    *value = strcmp(asked->value_file, "-") != 0
                 ? file_read(arena, asked->value_file, LIMIT_PLUGIN_SETTINGS)
                 : read_input(arena);
    if (str_is_absent(*value)) {
        file_explain(&failure, arena, "read",
                     strcmp(asked->value_file, "-") != 0 ? asked->value_file : "standard input",
                     errno);
        return command_failed(command, &failure);
    }
    len = value->len;
    if (len && value->at[len - 1] == '\n')
        len--;
    if (len && value->at[len - 1] == '\r')
        len--;
    *value = str_slice(value->at, len);
    return EXIT_DONE;
}

/* Absent: errno says why. */
static struct str read_input(struct arena *arena)
{
    char *at = arena_alloc(arena, LIMIT_PLUGIN_SETTINGS + 1);
    size_t len = 0;
    ssize_t got;

    while ((got = read(STDIN_FILENO, at + len, LIMIT_PLUGIN_SETTINGS + 1 - len)) > 0)
        len += (size_t)got;
    if (got < 0 || len > LIMIT_PLUGIN_SETTINGS) {
        errno = got < 0 ? errno : EFBIG;
        return STR_NONE;
    }
    return str_slice(at, len);
}

static void put_values(const struct operands *values, struct str value, struct buf *out)
{
    for (size_t i = 0; i < values->count; i++) {
        struct str rest = str_from(values->at[i]), name;

        str_cut(&rest, '=', &name);
        if (!str_is_absent(value))
            rest = value;
        buf_text(out, i ? "," : ",\"set\":{");
        buf_json(out, name);
        buf_char(out, ':');
        buf_json(out, rest); /* absent: null */
    }
    buf_text(out, values->count ? "}" : "");
}

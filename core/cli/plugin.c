/* foyer plugin list, show, hooks, top, enable, disable, set, log, diff: plugins as they are in force, and what a
 * workspace chose for them. Folders of plugins are plugin_folder.c, going back is script_version.c.
 */
#include "base/limits.h"
#include "cli/road.h"

#include <string.h>

struct given {
    const char *data, *name, *version, *workspace;
    bool as_json;
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
static void put_values(const struct operands *values, struct buf *out);

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
      "a setting; NAME alone makes it its default" },
    DATA,
    WORKSPACE,
    JSON,
    { 0 },
};
static const struct option log_options[] = {
    NAME("ID", false, "of one script or plugin; without, of all"), DATA, WORKSPACE, JSON, { 0 }
};
static const struct option diff_options[] = {
    ID,
    { "VERSION", OPTION_OPERAND, offsetof(struct given, version), false, NULL,
      "as `foyer plugin log` shows it; without, 0: as the plugin declares it" },
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
    .notes = "What does not fit is told with what would, and nothing is changed.\n",
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
        "one back.\n",
    .run = run_log,
};
const struct command command_plugin_diff = {
    .name = "plugin diff",
    .summary = "say what a workspace has chosen otherwise than before",
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
    return run(&command_plugin_log, argc, argv);
}

static int run_diff(int argc, char **argv)
{
    return run(&command_plugin_diff, argc, argv);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct given asked = { NULL };
    int code = options_read(command, argc, argv, &asked);
    struct buf given;

    if (code != EXIT_DONE)
        return code;
    buf_init(&given, LIMIT_JSON_BODY);
    given_put(&given, "name", asked.name);
    given_put(&given, "version", asked.version);
    given_put(&given, "workspace", asked.workspace);
    put_values(&asked.values, &given);
    code = road_run(command, asked.data, given_end(&given), asked.as_json);
    buf_fini(&given);
    return code;
}

static void put_values(const struct operands *values, struct buf *out)
{
    for (size_t i = 0; i < values->count; i++) {
        struct str rest = str_from(values->at[i]), name;

        str_cut(&rest, '=', &name);
        buf_text(out, i ? "," : ",\"set\":{");
        buf_json(out, name);
        buf_char(out, ':');
        buf_json(out, rest); /* absent: null */
    }
    buf_text(out, values->count ? "}" : "");
}

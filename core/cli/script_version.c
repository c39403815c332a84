/* foyer script log, script rollback, plugin rollback: the texts that a script has had. */
#include "base/limits.h"
#include "cli/road.h"

struct given {
    const char *data, *name, *version, *workspace;
    bool as_json, of_settings;
};

static int run_log(int argc, char **argv);
static int run_rollback(int argc, char **argv);
static int run_undo(int argc, char **argv);
static int run(const struct command *command, int argc, char **argv);

#define NAME(is_required, help)                                                                    \
    {                                                                                              \
        "NAME", OPTION_OPERAND, offsetof(struct given, name), is_required, NULL, help              \
    }
#define DATA                                                                                       \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct given, data), OPTION_REQUIRED, "DIR",                 \
            "the data folder; a server may run on it"                                              \
    }
#define JSON                                                                                       \
    {                                                                                              \
        "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print JSON"            \
    }

#define VERSION                                                                                    \
    {                                                                                              \
        "VERSION", OPTION_OPERAND, offsetof(struct given, version), false, NULL,                   \
            "as `foyer script log` shows it; 0: as shipped; without, the one before"               \
    }

static const struct option log_options[] = {
    NAME(OPTION_REQUIRED, "a script as `foyer script list` shows it"), DATA, JSON, { 0 }
};
static const struct option rollback_options[] = {
    NAME(OPTION_REQUIRED, "a script as `foyer script list` shows it"), VERSION, DATA, JSON, { 0 }
};
static const struct option undo_options[] = {
    NAME(false, "which script or plugin; without, the one that was changed last"),
    VERSION,
    DATA,
    { "settings", OPTION_FLAG, offsetof(struct given, of_settings), false, NULL,
      "not its text, but what a workspace chose for it" },
    { "workspace", OPTION_TEXT, offsetof(struct given, workspace), false, "ID",
      "whose settings, where the server holds several" },
    JSON,
    { 0 }
};

const struct command command_script_log = {
    .name = "script log",
    .summary = "list the texts that a script has had, newest first",
    .options = log_options,
    .notes = "A line each: version, time, state, the first digits of its SHA-256, size, and who "
             "put it;\n"
             "`system` is what was found in the data folder. `foyer script show NAME VERSION` "
             "prints one.\n",
    .run = run_log,
};
const struct command command_script_rollback = {
    .name = "script rollback",
    .summary = "put an older text of a script back, in force at once",
    .options = rollback_options,
    .notes =
        "Works when every rule denies or fails. What is left stays in `foyer script log`, also "
        "a file that\nwas changed by hand.\n",
    .run = run_rollback,
};
const struct command command_plugin_rollback = {
    .name = "plugin rollback",
    .summary = "undo the last change of a script or plugin, or of its settings",
    .options = undo_options,
    .notes =
        "Works when every rule denies or fails. Once more undoes the change before. What is "
        "left stays "
        "in\n`foyer script log NAME`; of a plugin's folder in `foyer plugin log ID --files`, and "
        "beside it as\nplugins/ID.left. With --settings it undoes what a workspace last chose "
        "for the plugin\n(`foyer plugin log NAME`), whether that was on, off or a value.\n",
    .run = run_undo,
};

static int run_log(int argc, char **argv)
{
    return run(&command_script_log, argc, argv);
}

static int run_rollback(int argc, char **argv)
{
    return run(&command_script_rollback, argc, argv);
}

static int run_undo(int argc, char **argv)
{
    return run(&command_plugin_rollback, argc, argv);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct given asked = { NULL };
    int code = options_read(command, argc, argv, &asked);
    struct buf given;

    if (code != EXIT_DONE)
        return code;
    if (asked.workspace && !asked.of_settings)
        return command_misused(command, "texts are of the whole server: --workspace goes with "
                                        "--settings.");
    if (asked.of_settings && !asked.name)
        return command_misused(command, "say whose settings: NAME.");
    buf_init(&given, LIMIT_JSON_BODY);
    given_put(&given, "name", asked.name);
    given_put(&given, "version", asked.version);
    given_put(&given, "workspace", asked.workspace);
    if (asked.of_settings)
        buf_text(&given, ",\"settings\":true");
    code = road_run(command, asked.data, given_end(&given), asked.as_json);
    buf_fini(&given);
    return code;
}

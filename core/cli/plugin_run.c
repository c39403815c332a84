/* foyer plugin run: a command of a plugin. What stands behind its name is the plugin's: --NAME VALUE, or --NAME alone for
 * what is true or false.
 */
#include "base/check.h"
#include "base/limits.h"
#include "cli/road.h"

#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 100 };

struct given {
    const char *data, *plugin, *command, *workspace;
    bool as_json;
};

struct argument {
    struct str name, value;
};

/* What of the command line is the plugin's. */
struct arguments {
    struct argument at[ARGUMENTS_MAX];
    size_t count;
};

static int run(int argc, char **argv);
static int split(int argc, char **argv, char **ours, int *our_count, struct arguments *theirs);
static bool is_ours(const char *argument, bool *takes_value);
static void put_arguments(const struct arguments *arguments, struct buf *out);

static const struct option options[] = {
    { "ID", OPTION_OPERAND, offsetof(struct given, plugin), OPTION_REQUIRED, NULL,
      "a script or plugin as `foyer plugin list` shows it" },
    { "COMMAND", OPTION_OPERAND, offsetof(struct given, command), false, NULL,
      "one of its commands; without, they are listed" },
    { "data", OPTION_TEXT, offsetof(struct given, data), OPTION_REQUIRED, "DIR",
      "the data folder; a server may run on it" },
    { "workspace", OPTION_TEXT, offsetof(struct given, workspace), false, "ID",
      "where the server holds several" },
    { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print JSON" },
    { 0 },
};

const struct command command_plugin_run = {
    .name = "plugin run",
    .summary = "run a command of a script or plugin, or list those that it has",
    .options = options,
    .notes =
        "What the command takes is given as --NAME VALUE, or --NAME=VALUE where the value begins "
        "with a dash;\n--NAME alone is true. A name that is given again is a list.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct arguments *theirs = xcalloc(1, sizeof(*theirs));
    char **ours = xcalloc((size_t)argc + 1, sizeof(*ours));
    struct given asked = { NULL };
    int count = 0, code;
    struct buf given;

    code = split(argc, argv, ours, &count, theirs);
    if (code == EXIT_DONE)
        code = options_read(&command_plugin_run, count, ours, &asked);
    if (code == EXIT_DONE && !asked.command && theirs->count > 0)
        code = command_misused(&command_plugin_run, "knows no argument `--%.*s` without a COMMAND.",
                               STR_ARG(theirs->at[0].name));
    if (code == EXIT_DONE) {
        buf_init(&given, LIMIT_JSON_BODY);
        given_put(&given, "name", asked.plugin);
        given_put(&given, "command", asked.command);
        given_put(&given, "workspace", asked.workspace);
        put_arguments(theirs, &given);
        code = road_run(&command_plugin_run, asked.data, given_end(&given), asked.as_json);
        buf_fini(&given);
    }
    free(ours);
    free(theirs);
    return code;
}

static int split(int argc, char **argv, char **ours, int *our_count, struct arguments *theirs)
{
    ours[(*our_count)++] = argv[0];
    for (int i = 1; i < argc; i++) {
        bool takes_value;
        struct str value = str_from(argv[i]), name;

        if (strncmp(argv[i], "--", 2) != 0 || is_ours(argv[i], &takes_value)) {
            bool is_option = !strncmp(argv[i], "--", 2);

            ours[(*our_count)++] = argv[i];
            if (is_option && takes_value && i + 1 < argc)
                ours[(*our_count)++] = argv[++i];
            continue;
        }
        if (theirs->count == ARGUMENTS_MAX)
            return command_misused(&command_plugin_run, "takes at most %d arguments.",
                                   ARGUMENTS_MAX);
        value = str_slice(value.at + 2, value.len - 2);
        str_cut(&value, '=', &name);
        if (str_is_absent(value) && i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0)
            value = str_from(argv[++i]);
        theirs->at[theirs->count++] =
            (struct argument){ name, str_is_absent(value) ? STR("true") : value };
    }
    ours[*our_count] = NULL;
    return EXIT_DONE;
}

static bool is_ours(const char *argument, bool *takes_value)
{
    size_t len = strcspn(argument + 2, "=");

    for (const struct option *option = options; option->name; option++) {
        if (option->kind == OPTION_OPERAND || strlen(option->name) != len ||
            strncmp(option->name, argument + 2, len) != 0)
            continue;
        *takes_value = option->kind == OPTION_TEXT && argument[2 + len] != '=';
        return true;
    }
    return false;
}

/* {"name":"text","other":["one","two"]} */
static void put_arguments(const struct arguments *arguments, struct buf *out)
{
    buf_text(out, out->len ? ",\"arguments\":{" : "{\"arguments\":{");
    for (size_t i = 0, put = 0; i < arguments->count; i++) {
        size_t same = 0;
        bool is_first = true;

        for (size_t k = 0; k < arguments->count; k++) {
            bool is_same = str_eq(arguments->at[k].name, arguments->at[i].name);

            same += is_same;
            is_first &= k >= i || !is_same;
        }
        if (!is_first)
            continue;
        buf_text(out, put++ ? "," : "");
        buf_json(out, arguments->at[i].name);
        buf_text(out, same > 1 ? ":[" : ":");
        for (size_t k = i, more = 0; k < arguments->count; k++) {
            if (!str_eq(arguments->at[k].name, arguments->at[i].name))
                continue;
            buf_text(out, more++ ? "," : "");
            buf_json(out, arguments->at[k].value);
        }
        buf_text(out, same > 1 ? "]" : "");
    }
    buf_char(out, '}');
}

/* foyer explain: asks the rules as somebody, and says who decided and what was read; foyer who-can: as
 * everybody, and lists who may.
 *
 * The rules in force where a server runs; else as they lie in the data folder.
 */
#include "base/limits.h"
#include "cli/road.h"

struct asking {
    const char *data, *as, *action, *company, *target, *input, *workspace;
    bool as_json;
};

static int run(int argc, char **argv);
static int run_who(int argc, char **argv);
static int ask(const struct command *command, int argc, char **argv);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct asking, data), OPTION_REQUIRED, "DIR",
      "the data folder; a server may run on it" },
    { "as", OPTION_TEXT, offsetof(struct asking, as), OPTION_REQUIRED, "EMAIL",
      "address or id of a member of staff or client" },
    { "action", OPTION_TEXT, offsetof(struct asking, action), OPTION_REQUIRED, "ACTION",
      "client.create, client.read, invite.create …" },
    { "target", OPTION_TEXT, offsetof(struct asking, target), false, "ID",
      "what it would be done to" },
    { "company", OPTION_TEXT, offsetof(struct asking, company), false, "ID",
      "the same as companyId in the input" },
    { "input", OPTION_TEXT, offsetof(struct asking, input), false, "JSON",
      "the body that would be sent" },
    { "workspace", OPTION_TEXT, offsetof(struct asking, workspace), false, "ID",
      "where the server holds several" },
    { "json", OPTION_FLAG, offsetof(struct asking, as_json), false, NULL, "print JSON" },
    { 0 },
};

const struct command command_explain = {
    .name = "explain",
    .summary = "say why somebody may or may not do something",
    .options = options,
    .notes =
        "Prints the verdict, the rule with file and line, what it read, how long it took, which\n"
        "rows the person sees, and what one thing otherwise would have changed.\n",
    .run = run,
};

static const struct option who_options[] = {
    { "ACTION", OPTION_OPERAND, offsetof(struct asking, action), OPTION_REQUIRED, NULL,
      "client.create, client.read, invite.create …" },
    { "TARGET", OPTION_OPERAND, offsetof(struct asking, target), false, NULL,
      "id of what it would be done to" },
    { "data", OPTION_TEXT, offsetof(struct asking, data), OPTION_REQUIRED, "DIR",
      "the data folder; a server may run on it" },
    { "company", OPTION_TEXT, offsetof(struct asking, company), false, "ID",
      "the same as companyId in the input" },
    { "input", OPTION_TEXT, offsetof(struct asking, input), false, "JSON",
      "the body that would be sent" },
    { "workspace", OPTION_TEXT, offsetof(struct asking, workspace), false, "ID",
      "where the server holds several" },
    { "json", OPTION_FLAG, offsetof(struct asking, as_json), false, NULL, "print JSON" },
    { 0 },
};

const struct command command_who_can = {
    .name = "who-can",
    .summary = "list who may do something, by the rules in force",
    .options = who_options,
    .notes = "Asks as each role, member of staff, key and client (the newest 2000), and prints the "
             "first 100 who\nmay, with the rule that decided. `foyer explain` tells why somebody "
             "else may not.\n",
    .run = run_who,
};

static int run(int argc, char **argv)
{
    return ask(&command_explain, argc, argv);
}

static int run_who(int argc, char **argv)
{
    return ask(&command_who_can, argc, argv);
}

static int ask(const struct command *command, int argc, char **argv)
{
    struct asking asking = { NULL };
    int code = options_read(command, argc, argv, &asking);
    struct buf given;

    if (code != EXIT_DONE)
        return code;
    buf_init(&given, LIMIT_JSON_BODY);
    given_put(&given, "as", asking.as);
    given_put(&given, "action", asking.action);
    given_put(&given, "target", asking.target);
    given_put(&given, "company", asking.company);
    given_put(&given, "input", asking.input);
    given_put(&given, "workspace", asking.workspace);
    code = road_run(command, asking.data, given_end(&given), asking.as_json);
    buf_fini(&given);
    return code;
}

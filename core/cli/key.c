/* foyer key create, list, revoke: API keys, as the owner of the data folder sees them. */
#include "base/limits.h"
#include "cli/road.h"

struct given {
    const char *data, *name, *workspace, *scopes, *owner, *id;
    bool with_revoked, as_json;
};

static int run_create(int argc, char **argv);
static int run_list(int argc, char **argv);
static int run_revoke(int argc, char **argv);
static int run(const struct command *command, int argc, char **argv);

#define DATA                                                                                       \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct given, data), OPTION_REQUIRED, "DIR",                 \
            "the data folder; a server may be running on it"                                       \
    }
#define WORKSPACE                                                                                  \
    {                                                                                              \
        "workspace", OPTION_TEXT, offsetof(struct given, workspace), false, "ID",                  \
            "where the server holds several"                                                       \
    }

static const struct option create_options[] = {
    DATA,
    { "name", OPTION_TEXT, offsetof(struct given, name), OPTION_REQUIRED, "NAME",
      "what the key is called in lists and audit" },
    WORKSPACE,
    { "scopes", OPTION_TEXT, offsetof(struct given, scopes), false, "A,B",
      "permissions such as view_clients; without: all of the owner's" },
    { "owner", OPTION_TEXT, offsetof(struct given, owner), false, "EMAIL",
      "the member of staff on whose behalf it acts; without: the workspace's own" },
    { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL,
      "print one JSON object instead of the key alone" },
    { 0 },
};
static const struct option list_options[] = {
    DATA,
    WORKSPACE,
    { "all", OPTION_FLAG, offsetof(struct given, with_revoked), false, NULL,
      "those that were revoked, too" },
    { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL,
      "print a JSON array of objects" },
    { 0 },
};
static const struct option revoke_options[] = {
    { "ID", OPTION_OPERAND, offsetof(struct given, id), OPTION_REQUIRED, NULL,
      "the key's id, as `foyer key list` shows it" },
    DATA,
    WORKSPACE,
    { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print one JSON object" },
    { 0 },
};

const struct command command_key_create = {
    .name = "key create",
    .summary = "make an API key",
    .options = create_options,
    .notes = "The key is shown only now.\n",
    .run = run_create,
};
const struct command command_key_list = {
    .name = "key list",
    .summary = "list the API keys, with when they were used last",
    .options = list_options,
    .run = run_list,
};
const struct command command_key_revoke = {
    .name = "key revoke",
    .summary = "make an API key useless, at once and for good",
    .options = revoke_options,
    .run = run_revoke,
};

static int run_create(int argc, char **argv)
{
    return run(&command_key_create, argc, argv);
}

static int run_list(int argc, char **argv)
{
    return run(&command_key_list, argc, argv);
}

static int run_revoke(int argc, char **argv)
{
    return run(&command_key_revoke, argc, argv);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct given given = { NULL };
    int code = options_read(command, argc, argv, &given);
    struct buf json;

    if (code != EXIT_DONE)
        return code;
    buf_init(&json, LIMIT_JSON_BODY);
    given_put(&json, "name", given.name);
    given_put(&json, "id", given.id);
    given_put(&json, "workspace", given.workspace);
    given_put(&json, "scopes", given.scopes);
    given_put(&json, "owner", given.owner);
    if (given.with_revoked)
        buf_text(&json, json.len ? ",\"all\":true" : "{\"all\":true");
    code = road_run(command, given.data, given_end(&json), given.as_json);
    buf_fini(&json);
    return code;
}

/* foyer workspace create, list: the firms that a data folder holds, as its owner sees them. */
#include "base/limits.h"
#include "cli/founder.h"
#include "cli/road.h"

static int run_create(int argc, char **argv);
static int run_list(int argc, char **argv);
static int create(struct founder *founder);

#define DATA                                                                                       \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct founder, data), OPTION_REQUIRED, "DIR",               \
            "the data folder; a server may be running on it"                                       \
    }

static const struct option create_options[] = { DATA, FOUNDER_OPTIONS, { 0 } };
static const struct option list_options[] = {
    DATA,
    { "json", OPTION_FLAG, offsetof(struct founder, as_json), false, NULL,
      "print a JSON array of objects" },
    { 0 },
};

const struct command command_workspace_create = {
    .name = "workspace create",
    .summary = "make one more workspace, with its owner and an API key",
    .options = create_options,
    .notes =
        "Prints what init prints. An owner who signs in elsewhere on this server, by an address\n"
        "that was proved, keeps his password: his link is the sign-in page.\n",
    .run = run_create,
};
const struct command command_workspace_list = {
    .name = "workspace list",
    .summary = "list the workspaces, with how many people each has",
    .options = list_options,
    .run = run_list,
};

static int run_create(int argc, char **argv)
{
    struct founder founder = { NULL };
    int code = options_read(&command_workspace_create, argc, argv, &founder);

    if (code != EXIT_DONE)
        return code;
    founder_init(&founder);
    code = founder_read(&founder) ? create(&founder)
                                  : command_failed(&command_workspace_create, &founder.failure);
    founder_fini(&founder);
    return code;
}

/* The password stays here: what goes to the server is its hash. */
static int create(struct founder *founder)
{
    struct buf json;
    int code;

    buf_init(&json, LIMIT_JSON_BODY);
    given_put(&json, "workspace", founder->workspace);
    given_put(&json, "email", founder->email);
    given_put(&json, "passwordHash", founder->password_hash[0] ? founder->password_hash : NULL);
    given_put(&json, "baseUrl", founder->config.base_url);
    given_put(&json, "otherwise",
              str_printf(&founder->arena, "http://%s", founder->config.listen).at);
    if (founder->has_demo)
        buf_text(&json, ",\"demo\":true");
    code = road_run(&command_workspace_create, founder->data, given_end(&json), founder->as_json);
    buf_fini(&json);
    return code;
}

static int run_list(int argc, char **argv)
{
    struct founder founder = { NULL };
    int code = options_read(&command_workspace_list, argc, argv, &founder);

    return code == EXIT_DONE
               ? road_run(&command_workspace_list, founder.data, STR("{}"), founder.as_json)
               : code;
}

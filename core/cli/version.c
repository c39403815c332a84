/* foyer version: what this program is and how it was built. */
#include "base/version.h"
#include "cli/options.h"

#include <stdio.h>

struct given {
    bool as_json;
};

static int run(int argc, char **argv);

static const struct option options[] = {
    { "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL,
      "as one JSON object: version, compiler, build" },
    { 0 },
};

const struct command command_version = {
    .name = "version",
    .summary = "print the version of this program",
    .options = options,
    .run = run,
};

static int run(int argc, char **argv)
{
    struct given given = { false };
    int code = options_read(&command_version, argc, argv, &given);

    if (code != EXIT_DONE)
        return code;
    if (given.as_json)
        puts("{\"version\":\"" FOYER_VERSION "\",\"compiler\":\"" FOYER_COMPILER
             "\",\"build\":\"" FOYER_BUILD_TYPE "\"}");
    else
        puts("foyer " FOYER_VERSION " (" FOYER_COMPILER ", " FOYER_BUILD_TYPE ")");
    return command_done(&command_version);
}

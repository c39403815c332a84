/* foyer version: what this program is and how it was built. */
#include "base/version.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static int run(int argc, char **argv);

const struct command command_version = {
    .name = "version",
    .summary = "print the version of this program",
    .usage = "foyer version [--json]\n"
             "\n"
             "  --json    as one JSON object: version, compiler, build\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--json")) {
        puts("{\"version\":\"" FOYER_VERSION "\",\"compiler\":\"" FOYER_COMPILER
             "\",\"build\":\"" FOYER_BUILD_TYPE "\"}");
        return EXIT_DONE;
    }
    if (argc > 1)
        return command_misused(&command_version, "knows no argument `%s`.", argv[1]);
    puts("foyer " FOYER_VERSION " (" FOYER_COMPILER ", " FOYER_BUILD_TYPE ")");
    return EXIT_DONE;
}

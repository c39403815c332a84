/* foyer plugin check, test: the folder of a plugin, before it lies in the data folder. */
#include "base/limits.h"
#include "cli/road.h"
#include "cli/rules.h"
#include "cli/tests.h"
#include "exec/scratch.h"
#include "plugin/sources.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct given {
    const char *folder, *data, *workspace, *filter;
    bool as_json, is_watching, is_kept;
    int argc; /* the command line */
    char **argv;
};
#define TESTS_GIVEN given

enum { SIGNALLED = 128 }; /* exit codes above it say by what */

/* The folder, as it is found. */
struct place {
    char path[PATH_MAX];
    struct str id; /* its last name */
};

static int run_check(int argc, char **argv);
static int run_test(int argc, char **argv);
static bool find(const struct command *command, const char *folder, struct place *place);
static int check(const struct given *given, const struct place *place);
static int replay(const struct given *given, const struct place *place);
static int test(const struct given *given, const struct place *place);
static int test_in(const char *temporary, void *context);
static int watch(const struct given *given, const struct place *place);
static uint64_t signature(const struct given *given, const struct place *place);
static void stop(int signal);

#define FOLDER                                                                                     \
    {                                                                                              \
        "FOLDER", OPTION_OPERAND, offsetof(struct given, folder), OPTION_REQUIRED, NULL,           \
            "the folder in which its plugin.json lies"                                             \
    }
#define DATA                                                                                       \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct given, data), false, "DIR",                           \
            "the data folder beside whose scripts and plugins it is loaded"                        \
    }
#define JSON                                                                                       \
    {                                                                                              \
        "json", OPTION_FLAG, offsetof(struct given, as_json), false, NULL, "print JSON"            \
    }

static const struct option check_options[] = {
    FOLDER,
    DATA,
    { "workspace", OPTION_TEXT, offsetof(struct given, workspace), false, "ID",
      "whose decisions are asked again; without, those of all" },
    JSON,
    { 0 },
};
static const struct option test_options[] = {
    FOLDER,
    DATA,
    { "watch", OPTION_FLAG, offsetof(struct given, is_watching), false, NULL,
      "run them again whenever a file changes, until Ctrl-C" },
    TESTS_FILTER,
    TESTS_KEEP,
    JSON,
    { 0 },
};

const struct command command_plugin_check = {
    .name = "plugin check",
    .summary = "load a plugin's folder with the others, and say what is wrong",
    .options = check_options,
    .notes =
        "What is wrong is printed as FILE:LINE: reason, and the exit code is 1. With a data folder "
        "that is in\nuse, the newest recorded decisions are asked again with it, which changes no "
        "exit code, and its tests\nare run, but for those that need a workspace (`foyer plugin "
        "test` has them): 1 where one fails.\nNothing is put anywhere: copy the folder into "
        "DIR/plugins for that.\n",
    .run = run_check,
};
const struct command command_plugin_test = {
    .name = "plugin test",
    .summary = "run the tests of a plugin, tests/NAME_test.lua",
    .options = test_options,
    .notes =
        "What fails is printed as FILE:LINE: reason, with both values, and the exit code is 1. "
        "t.workspace gives a\ntest a workspace with a real database, in a temporary folder that is "
        "removed in the end; nothing leaves.\n",
    .run = run_test,
};

static volatile sig_atomic_t is_over;

static int run_check(int argc, char **argv)
{
    struct given given = { NULL };
    struct place place;
    int code = options_read(&command_plugin_check, argc, argv, &given);

    if (code != EXIT_DONE)
        return code;
    return find(&command_plugin_check, given.folder, &place) ? check(&given, &place) : EXIT_FAILED;
}

static int run_test(int argc, char **argv)
{
    struct given given = { NULL };
    struct place place;
    int code = options_read(&command_plugin_test, argc, argv, &given);

    if (code != EXIT_DONE)
        return code;
    given.argc = argc;
    given.argv = argv;
    if (!find(&command_plugin_test, given.folder, &place))
        return EXIT_FAILED;
    return given.is_watching && !tests_is_child() ? watch(&given, &place) : test(&given, &place);
}

static bool find(const struct command *command, const char *folder, struct place *place)
{
    struct stat info;

    if (!realpath(folder, place->path) || stat(place->path, &info) != 0) {
        fprintf(stderr, "foyer %s: %s: %s\n", command->name, folder, strerror(errno));
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        fprintf(stderr,
                "foyer %s: %s is no folder; `foyer script %s` is for scripts of one file.\n",
                command->name, folder, command == &command_plugin_check ? "check" : "test");
        return false;
    }
    place->id = str_from(strrchr(place->path, '/') + 1);
    return true;
}

static int check(const struct given *given, const struct place *place)
{
    struct rules rules;
    struct policy *policy = NULL;
    bool is_good = false, has_decisions = false;
    struct buf report;

    buf_init(&report, MIB(1));
    if (rules_open(&rules, &command_plugin_check, given->data)) {
        policy = host_try_folder(rules.host, place->path, place->id, &report);
        is_good = policy != NULL;
        if (is_good && !given->as_json) {
            buf_printf(&report, "%s: good\n", given->folder);
            host_registered(policy, place->id, &report);
        }
        host_try_end(policy);
        has_decisions = given->data &&
                        access(str_printf(&rules.arena, "%s/foyer.db", given->data).at, F_OK) == 0;
    }
    rules_close(&rules);
    if (is_good && has_decisions) {
        buf_fini(&report);
        return replay(given, place);
    }
    command_print_report(given->as_json, is_good, -1, buf_view(&report));
    buf_fini(&report);
    return is_good ? command_done(&command_plugin_check) : EXIT_FAILED;
}

/* It is good: what would it change? The server knows, or whoever has the folder's lock. */
static int replay(const struct given *given, const struct place *place)
{
    struct buf asked;
    int code;

    buf_init(&asked, LIMIT_JSON_BODY);
    given_put(&asked, "name", place->id.at);
    given_put(&asked, "folder", place->path);
    given_put(&asked, "workspace", given->workspace);
    code = road_run(&command_plugin_check, given->data, given_end(&asked), given->as_json);
    buf_fini(&asked);
    return code;
}

/* What a process of tests needs. */
struct tested {
    const struct given *given;
    const struct place *place;
};

static int test(const struct given *given, const struct place *place)
{
    struct tested tested = { given, place };

    return tests_run(&command_plugin_test, given->argc, given->argv, given->is_kept, test_in,
                     &tested);
}

static int test_in(const char *temporary, void *context)
{
    const struct given *given = ((struct tested *)context)->given;
    const struct place *place = ((struct tested *)context)->place;
    struct testing testing = { .filter = given->filter ? str_from(given->filter) : STR_NONE };
    struct scratch_options scratch = { .data = given->data,
                                       .temporary = temporary,
                                       .is_kept = given->is_kept,
                                       .folder = place->path,
                                       .folder_id = place->id };
    struct policy *policy = NULL;
    struct rules rules;
    struct buf report;
    int code;

    buf_init(&report, MIB(1));
    if (rules_open(&rules, &command_plugin_test, given->data))
        policy = host_try_folder(rules.host, place->path, place->id, &report);
    scratch.config = &rules.config;
    scratch_begin(&scratch);
    if (policy)
        host_test_folder(policy, given->folder, place->id, &testing, &report);
    scratch_end();
    if (policy && testing.count == 0 && !testing.failed && !given->filter && !given->as_json)
        buf_printf(&report, "there are no tests: %s/tests/NAME_test.lua would be some\n",
                   given->folder);
    code = tests_tell(&command_plugin_test, &testing, policy != NULL, given->as_json, &report);
    host_try_end(policy);
    rules_close(&rules);
    buf_fini(&report);
    return code;
}

/* ---- Watching ----------------------------------------------------------------------------------- */

/* By looking: what tells of changes tells nothing on network mounts. The exit code is that of the last run. */
static int watch(const struct given *given, const struct place *place)
{
    static const struct timespec pause = { .tv_nsec = 300 * 1000 * 1000 };
    struct sigaction action = { .sa_handler = stop };
    uint64_t tested, seen;
    int code = EXIT_DONE, now;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    while (!is_over) {
        tested = seen = signature(given, place);
        now = test(given, place);
        is_over |= now > SIGNALLED;
        code = now > SIGNALLED ? code : now; /* of the last that ended by itself */
        fflush(stdout);
        /* Two looks that are equal: a file that is being written is not tested half. */
        for (uint64_t before = tested; !is_over && (seen == tested || seen != before);) {
            before = seen;
            nanosleep(&pause, NULL);
            seen = signature(given, place);
        }
        if (!is_over && !given->as_json)
            printf("--\n");
    }
    return code;
}

/* Tests count, too. */
static uint64_t signature(const struct given *given, const struct place *place)
{
    const struct sources sources = { .data = given->data };

    return sources_folder_signature(place->path) * 31 + sources_signature(&sources);
}

static void stop(int signal)
{
    (void)signal;
    is_over = 1;
}

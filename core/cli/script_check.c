/* foyer script check, test: loads scripts with the others, and runs their tests, without a server. */
#include "base/file.h"
#include "base/limits.h"
#include "cli/road.h"
#include "cli/script.h"
#include "cli/tests.h"
#include "exec/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TESTS_GIVEN script_given

/* The command line, for a process of tests. */
struct line {
    int argc;
    char **argv;
};

static int run_check(int argc, char **argv);
static int run_test(int argc, char **argv);
static int run_test_in(const char *temporary, void *context);
static int check(struct script_given *given);
static int test(struct script_given *given);
static bool check_files(struct script_given *given, struct buf *report);
static bool has_decisions(struct script_given *given);
static int replay(struct script_given *given);
static void add_tests_of(struct script_given *given);
static bool test_file(struct script_given *given, const char *path, struct testing *testing,
                      struct buf *report);
static bool read_overlay(struct script_given *given, const char *path,
                         struct script_overlay *overlay, struct buf *report);
static bool is_test(const char *path);
static struct str base_name(const char *path);

static const char *temporary_folder; /* of a process of tests */

static const struct option check_options[] = {
    { "FILE.lua", OPTION_OPERANDS, offsetof(struct script_given, files), false, NULL,
      "which; without, all that lie in the data folder" },
    SCRIPT_DATA(false),
    { "workspace", OPTION_TEXT, offsetof(struct script_given, workspace), false, "ID",
      "whose decisions are asked again; without, those of all" },
    SCRIPT_JSON,
    { 0 },
};
static const struct option test_options[] = {
    { "FILE.lua", OPTION_OPERANDS, offsetof(struct script_given, files), false, NULL,
      "which; without, all that lie in the data folder" },
    SCRIPT_DATA(false),
    TESTS_FILTER,
    TESTS_KEEP,
    SCRIPT_JSON,
    { 0 },
};

const struct command command_script_check = {
    .name = "script check",
    .summary = "load scripts with the others, and say what is wrong",
    .options = check_options,
    .notes =
        "What is wrong is printed as FILE:LINE: reason, and the exit code is 1. For one FILE and "
        "a data\nfolder that is in use, the newest recorded decisions are asked again with it, "
        "and what they\nwould be now is printed: that changes no exit code. FILE_test.lua "
        "beside it is run, but for tests that\nneed a workspace (`foyer script test` has them): 1 "
        "where one fails.\n",
    .run = run_check,
};
const struct command command_script_test = {
    .name = "script test",
    .summary = "run the tests of scripts, FILE_test.lua",
    .options = test_options,
    .notes =
        "What fails is printed as FILE:LINE: reason, and the exit code is 1. t.workspace gives a "
        "test a\nworkspace with a real database, in a temporary folder that is removed in the end; "
        "nothing leaves.\n",
    .run = run_test,
};

static int run_check(int argc, char **argv)
{
    return script_command_run(&command_script_check, argc, argv, check);
}

static int run_test(int argc, char **argv)
{
    struct line line = { argc, argv };
    static struct script_given given;
    int code = options_read(&command_script_test, argc, argv, &given);

    return code == EXIT_DONE
               ? tests_run(&command_script_test, argc, argv, given.is_kept, run_test_in, &line)
               : code;
}

static int run_test_in(const char *temporary, void *context)
{
    const struct line *line = context;

    temporary_folder = temporary;
    return script_command_run(&command_script_test, line->argc, line->argv, test);
}

static int check(struct script_given *given)
{
    struct buf report;
    bool is_good;

    for (size_t i = 0; i < given->files.count; i++)
        if (is_test(given->files.at[i]))
            return command_misused(given->command, "%s is for `foyer script test`.",
                                   given->files.at[i]);
    buf_init(&report, KIB(256));
    is_good = check_files(given, &report);
    if (is_good && has_decisions(given)) {
        buf_fini(&report);
        return replay(given);
    }
    for (size_t i = 0; is_good && !given->as_json && i < given->files.count; i++)
        buf_printf(&report, "%s: good\n", given->files.at[i]);
    if (is_good && !given->as_json && given->files.count == 0)
        buf_text(&report, "all scripts are good\n");
    command_print_report(given->as_json, is_good, -1, buf_view(&report));
    buf_fini(&report);
    return is_good ? EXIT_DONE : EXIT_FAILED;
}

static bool check_files(struct script_given *given, struct buf *report)
{
    static struct script_overlay overlays[OPERANDS_MAX];
    struct policy *policy;
    bool is_good = true;

    for (size_t i = 0; i < given->files.count; i++)
        is_good &= read_overlay(given, given->files.at[i], &overlays[i], report);
    policy = is_good ? host_try(given->rules.host, overlays, given->files.count, report) : NULL;
    host_try_end(policy);
    return policy != NULL;
}

/* Of one file alone, and of a folder that foyer init has made. */
static bool has_decisions(struct script_given *given)
{
    return given->files.count == 1 && given->data &&
           access(str_printf(&given->rules.arena, "%s/foyer.db", given->data).at, F_OK) == 0;
}

/* It is good: what would it change? The server knows, or whoever has the folder's lock. */
static int replay(struct script_given *given)
{
    struct arena *arena = &given->rules.arena;
    const char *path = given->files.at[0];
    struct str tests = STR_NONE;
    struct buf asked;
    int code;

    if (str_ends(str_from(path), STR(".lua")))
        tests = file_read(arena, str_printf(arena, "%.*s_test.lua", (int)strlen(path) - 4, path).at,
                          LIMIT_SCRIPT_SOURCE);
    buf_init(&asked, LIMIT_JSON_BODY);
    given_put(&asked, "name", base_name(path).at);
    given_put(&asked, "path", path);
    given_put(&asked, "source", file_read(arena, path, LIMIT_SCRIPT_SOURCE).at);
    given_put(&asked, "tests", tests.at);
    given_put(&asked, "workspace", given->workspace);
    code = road_run(given->command, given->data, given_end(&asked), given->as_json);
    buf_fini(&asked);
    return code;
}

static int test(struct script_given *given)
{
    struct testing testing = { .filter = given->filter ? str_from(given->filter) : STR_NONE };
    bool is_good = true;
    struct buf report;
    int code;

    if (given->files.count == 0)
        add_tests_of(given);
    if (given->files.count == 0)
        return command_misused(given->command, "there is no file of tests: name one.");
    buf_init(&report, MIB(1));
    for (size_t i = 0; i < given->files.count; i++)
        is_good &= test_file(given, given->files.at[i], &testing, &report);
    code = tests_tell(given->command, &testing, is_good, given->as_json, &report);
    buf_fini(&report);
    return code;
}

/* The files of tests in DATA/scripts. */
static void add_tests_of(struct script_given *given)
{
    struct arena *arena = &given->rules.arena;
    const char *folder = given->data ? str_printf(arena, "%s/scripts", given->data).at : "scripts";
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) && given->files.count < OPERANDS_MAX)
        if (entry->d_name[0] != '.' && is_test(entry->d_name))
            given->files.at[given->files.count++] =
                str_printf(arena, "%s/%s", folder, entry->d_name).at;
    if (dir)
        closedir(dir);
}

/* x.lua and x_test.lua mean the same: the tests, with x.lua beside them in its place. */
static bool test_file(struct script_given *given, const char *path, struct testing *testing,
                      struct buf *report)
{
    struct arena *arena = &given->rules.arena;
    int stem = (int)strlen(path) - (is_test(path) ? 9 : 4);
    struct str script = str_printf(arena, "%.*s.lua", stem, path);
    struct str tests = str_printf(arena, "%.*s_test.lua", stem, path);
    struct str source = stem > 0 ? file_read(arena, tests.at, LIMIT_SCRIPT_SOURCE) : STR_NONE;
    struct script_overlay overlay;
    struct scratch_options scratch = { .config = &given->rules.config,
                                       .data = given->data,
                                       .temporary = temporary_folder,
                                       .is_kept = given->is_kept,
                                       .overlays = &overlay };
    struct policy *policy;

    if (str_is_absent(source)) {
        buf_printf(report, "%s: cannot be read: %s\n", tests.at, strerror(errno));
        return false;
    }
    scratch.overlay_count =
        access(script.at, R_OK) == 0 && read_overlay(given, script.at, &overlay, report);
    policy = host_try(given->rules.host, &overlay, scratch.overlay_count, report);
    if (policy) {
        scratch_begin(&scratch);
        host_test(policy, tests, source, testing, report);
        scratch_end();
    }
    host_try_end(policy);
    return policy != NULL;
}

static bool read_overlay(struct script_given *given, const char *path,
                         struct script_overlay *overlay, struct buf *report)
{
    *overlay = (struct script_overlay){
        .name = base_name(path),
        .path = str_from(path),
        .source = file_read(&given->rules.arena, path, LIMIT_SCRIPT_SOURCE),
    };
    if (!str_is_absent(overlay->source))
        return true;
    buf_printf(report, "%s: cannot be read: %s\n", path,
               errno == EFBIG ? "larger than 128 KiB" : strerror(errno));
    return false;
}

static bool is_test(const char *path)
{
    return str_ends(str_from(path), STR("_test.lua"));
}

static struct str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return str_from(slash ? slash + 1 : path);
}

/* foyer script: looks at, checks and tests scripts, without a server. */
#include "cli/script.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "cli/rules.h"
#include "lua/reference.h"
#include "lua/stubs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 256 };

/* What a subcommand was given. */
struct given {
    const char *data;
    bool as_json;
    const char *files[FILES_MAX];
    size_t count;
    struct rules rules;
};

struct subcommand {
    const char *name;
    int (*run)(struct given *given);
    bool needs_name; /* exactly one argument */
};

static int run(int argc, char **argv);
static int read_arguments(struct given *given, int argc, char **argv);
static int check(struct given *given);
static int test(struct given *given);
static int show(struct given *given);
static int list(struct given *given);
static int diff(struct given *given);
static int stubs(struct given *given);
static int reference(struct given *given);
static bool read_overlay(struct given *given, const char *path, struct script_overlay *overlay);
static void add_tests_of(struct given *given);
static bool test_file(struct given *given, const char *path, size_t *count);
static bool is_test(const char *path);
static struct str base_name(const char *path);
static void print_report(struct str report);

static const struct subcommand subcommands[] = {
    { "check", check, false },
    { "test", test, false },
    { "list", list, false },
    { "show", show, true },
    { "diff", diff, true },
    { "stubs", stubs, false },
    { "reference", reference, false },
    { NULL, NULL, false },
};

const struct command command_script = {
    .name = "script",
    .summary = "check, test, show and compare scripts",
    .usage =
        "foyer script check [FILE.lua]... [--data DIR]   load them with the others, say what is "
        "wrong\n"
        "foyer script test [FILE.lua]... [--data DIR]    run FILE_test.lua against them\n"
        "foyer script list [--data DIR] [--json]         what is in force, and what is not and "
        "why\n"
        "foyer script show NAME                          print the shipped text\n"
        "foyer script diff NAME --data DIR               compare the admin's copy with the "
        "shipped\n"
        "foyer script stubs                              print foyer.d.lua, for editors\n"
        "foyer script reference                          print all functions, with examples\n"
        "\n"
        "  --data DIR   the data folder whose scripts/ and plugins/ count, too; a server may run.\n"
        "               Without FILE, all that lie there are checked or tested\n"
        "  --json       print JSON\n"
        "\n"
        "What is wrong is printed as FILE:LINE: reason, and the exit code is 1.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    static struct given given;
    const struct subcommand *sub = subcommands;
    int code;

    if (argc < 2)
        return command_misused(&command_script,
                               "say what to do: check, test, list, show, diff, stubs "
                               "or reference.");
    while (sub->name && strcmp(sub->name, argv[1]) != 0)
        sub++;
    if (!sub->name)
        return command_misused(&command_script, "cannot `%s`.", argv[1]);
    code = read_arguments(&given, argc - 1, argv + 1);
    if (code != EXIT_DONE)
        return code;
    if (sub->needs_name && given.count != 1)
        return command_misused(&command_script, "%s needs the name of one script.", sub->name);
    code = EXIT_FAILED;
    if (rules_open(&given.rules, &command_script, given.data))
        code = sub->run(&given);
    rules_close(&given.rules);
    return code == EXIT_DONE ? command_done(&command_script) : code;
}

/* Flags and files may stand in any order. */
static int read_arguments(struct given *given, int argc, char **argv)
{
    const struct option options[] = { { "data", OPTION_TEXT, &given->data, false },
                                      { "json", OPTION_FLAG, &given->as_json, false },
                                      { 0 } };
    char *flags[8] = { argv[0] };
    int count = 1;

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && count < 5) {
            flags[count++] = argv[i];
            if (strcmp(argv[i], "--data") == 0 && argv[i + 1])
                flags[count++] = argv[++i];
        } else if (given->count < FILES_MAX) {
            given->files[given->count++] = argv[i];
        }
    }
    return options_read(&command_script, options, count, flags);
}

/* ---- Check, test ------------------------------------------------------------------------------- */

static int check(struct given *given)
{
    static struct script_overlay overlays[FILES_MAX];
    struct policy *policy;
    struct buf report;
    size_t count = 0;
    bool is_good = true;

    for (size_t i = 0; i < given->count; i++) {
        if (is_test(given->files[i]))
            return command_misused(&command_script, "%s is for `foyer script test`.",
                                   given->files[i]);
        is_good &= read_overlay(given, given->files[i], &overlays[count++]);
    }
    if (!is_good)
        return EXIT_FAILED;
    buf_init(&report, KIB(64));
    policy = host_try(given->rules.host, overlays, count, &report);
    print_report(buf_view(&report));
    buf_fini(&report);
    if (!policy)
        return EXIT_FAILED;
    host_try_end(policy);
    for (size_t i = 0; i < count; i++)
        printf("%s: good\n", given->files[i]);
    if (count == 0)
        puts("all scripts are good");
    return EXIT_DONE;
}

static int test(struct given *given)
{
    size_t count = 0;
    bool is_good = true;

    if (given->count == 0)
        add_tests_of(given);
    if (given->count == 0)
        return command_misused(&command_script, "there is no file of tests: name one.");
    for (size_t i = 0; i < given->count; i++)
        is_good &= test_file(given, given->files[i], &count);
    if (is_good)
        printf("%zu test%s passed\n", count, count == 1 ? "" : "s");
    return is_good ? EXIT_DONE : EXIT_FAILED;
}

/* The files of tests in DATA/scripts. */
static void add_tests_of(struct given *given)
{
    struct arena *arena = &given->rules.arena;
    const char *folder = given->data ? str_printf(arena, "%s/scripts", given->data).at : "scripts";
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) && given->count < FILES_MAX)
        if (entry->d_name[0] != '.' && is_test(entry->d_name))
            given->files[given->count++] = str_printf(arena, "%s/%s", folder, entry->d_name).at;
    if (dir)
        closedir(dir);
}

/* x.lua and x_test.lua mean the same: the tests, with x.lua beside them in its place. */
static bool test_file(struct given *given, const char *path, size_t *count)
{
    struct arena *arena = &given->rules.arena;
    int stem = (int)strlen(path) - (is_test(path) ? 9 : 4);
    struct str script = str_printf(arena, "%.*s.lua", stem, path);
    struct str tests = str_printf(arena, "%.*s_test.lua", stem, path);
    struct str source = stem > 0 ? file_read(arena, tests.at, LIMIT_SCRIPT_SOURCE) : STR_NONE;
    struct script_overlay overlay;
    struct policy *policy;
    struct buf report;
    size_t ran = 0, failed = 1;

    if (str_is_absent(source)) {
        printf("%s: cannot be read: %s\n", tests.at, strerror(errno));
        return false;
    }
    buf_init(&report, KIB(256));
    policy =
        host_try(given->rules.host, &overlay,
                 access(script.at, R_OK) == 0 && read_overlay(given, script.at, &overlay), &report);
    if (policy)
        failed = host_test(policy, tests, source, &ran, &report);
    host_try_end(policy);
    print_report(buf_view(&report));
    if (failed && policy)
        printf("%s: %zu of %zu failed\n", tests.at, failed, ran);
    buf_fini(&report);
    *count += ran;
    return failed == 0;
}

static bool read_overlay(struct given *given, const char *path, struct script_overlay *overlay)
{
    *overlay = (struct script_overlay){
        .name = base_name(path),
        .path = str_from(path),
        .source = file_read(&given->rules.arena, path, LIMIT_SCRIPT_SOURCE),
    };
    if (!str_is_absent(overlay->source))
        return true;
    printf("%s: cannot be read: %s\n", path,
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

static void print_report(struct str report)
{
    fwrite(report.at, 1, report.len, stdout);
}

/* ---- Looking ----------------------------------------------------------------------------------- */

static int list(struct given *given)
{
    static const char *const origins[] = { "shipped", "changed", "added", "plugin" };
    struct script_info *scripts;
    size_t count = host_scripts(given->rules.host, &given->rules.arena, &scripts);
    struct buf out;

    buf_init(&out, MIB(1));
    for (size_t i = 0; i < count; i++) {
        const struct script_info *s = &scripts[i];
        bool is_in_force = str_is_empty(s->report);

        if (!given->as_json) {
            buf_printf(&out, "%-24.*s %-8s %-12s %.*s\n", STR_ARG(s->name), origins[s->origin],
                       is_in_force ? "in force" : "not in force",
                       STR_ARG(is_in_force ? s->describe : s->report));
            continue;
        }
        buf_text(&out, i ? ",{\"name\":" : "[{\"name\":");
        buf_json(&out, s->name);
        buf_printf(&out, ",\"origin\":\"%s\",\"inForce\":%s,\"description\":", origins[s->origin],
                   is_in_force ? "true" : "false");
        buf_json(&out, s->describe);
        buf_text(&out, ",\"report\":");
        buf_json(&out, s->report);
        buf_char(&out, '}');
    }
    if (given->as_json)
        buf_text(&out, count ? "]\n" : "[]\n");
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
    return EXIT_DONE;
}

/* NULL: said on stderr. */
static const struct script_info *find(struct given *given)
{
    struct script_info *script = arena_new(&given->rules.arena, struct script_info);
    struct str name = str_from(given->files[0]);

    if (!str_ends(name, STR(".lua")))
        name = str_concat(&given->rules.arena, name, STR(".lua"));
    if (host_script(given->rules.host, name, &given->rules.arena, script))
        return script;
    fprintf(stderr, "foyer script: there is no script %s; `foyer script list` shows them.\n",
            given->files[0]);
    return NULL;
}

static int show(struct given *given)
{
    const struct script_info *script = find(given);

    if (!script)
        return EXIT_FAILED;
    print_report(str_is_absent(script->shipped) ? script->source : script->shipped);
    return EXIT_DONE;
}

static int diff(struct given *given)
{
    const struct script_info *script = find(given);
    struct buf out;

    if (!script)
        return EXIT_FAILED;
    if (str_is_absent(script->shipped) || str_is_absent(script->on_disk)) {
        fprintf(stderr, "foyer script: %s.\n",
                str_is_absent(script->shipped) ? "nothing of that name is shipped"
                                               : "there is no copy of it in the data folder "
                                                 "(--data DIR)");
        return EXIT_FAILED;
    }
    buf_init(&out, MIB(1));
    script_diff(script->shipped, script->on_disk, given->files[0], &out);
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
    return EXIT_DONE;
}

static int stubs(struct given *given)
{
    struct buf out;

    buf_init(&out, MIB(1));
    stubs_write(given->rules.router, &out);
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
    return EXIT_DONE;
}

static int reference(struct given *given)
{
    struct buf out;

    buf_init(&out, MIB(1));
    (void)given;
    reference_write(&out);
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
    return EXIT_DONE;
}

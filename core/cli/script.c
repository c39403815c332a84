/* foyer script list, show, diff, stubs, reference: looks at scripts, without a server. */
#include "cli/script.h"
#include "api/command.h"
#include "base/diff.h"
#include "base/limits.h"
#include "cli/road.h"
#include "lua/reference.h"
#include "lua/stubs.h"

#include <stdio.h>

static int run_list(int argc, char **argv);
static int run_show(int argc, char **argv);
static int run_diff(int argc, char **argv);
static int run_stubs(int argc, char **argv);
static int run_reference(int argc, char **argv);
static int list(struct script_given *given);
static int run_reload(int argc, char **argv);
static int show(struct script_given *given);
static int diff(struct script_given *given);
static int stubs(struct script_given *given);
static int reference(struct script_given *given);
static const struct script_info *find(struct script_given *given);

static const struct option list_options[] = { SCRIPT_DATA(false), SCRIPT_JSON, { 0 } };
static const struct option reload_options[] = { SCRIPT_DATA(OPTION_REQUIRED), SCRIPT_JSON, { 0 } };
static const struct option show_options[] = {
    { "NAME", OPTION_OPERAND, offsetof(struct script_given, name), OPTION_REQUIRED, NULL,
      "a script as `foyer script list` shows it" },
    { "VERSION", OPTION_OPERAND, offsetof(struct script_given, version), false, NULL,
      "a text that it has had, as `foyer script log` shows it" },
    SCRIPT_DATA(false),
    SCRIPT_JSON,
    { 0 },
};
static const struct option diff_options[] = {
    { "NAME", OPTION_OPERAND, offsetof(struct script_given, name), OPTION_REQUIRED, NULL,
      "a script as `foyer script list` shows it" },
    SCRIPT_DATA(OPTION_REQUIRED),
    SCRIPT_JSON,
    { 0 },
};

const struct command command_script_list = {
    .name = "script list",
    .summary = "say what is in force, and what is not and why",
    .options = list_options,
    .run = run_list,
};
const struct command command_script_reload = {
    .name = "script reload",
    .summary = "make a running server read its scripts and plugins now",
    .options = reload_options,
    .notes =
        "What has faults is printed as FILE:LINE: reason, the exit code is 1, and what was loaded "
        "before\nstays in force.\n",
    .run = run_reload,
};
const struct command command_script_show = {
    .name = "script show",
    .summary = "print the shipped text of a script, or one that it has had",
    .options = show_options,
    .run = run_show,
};
const struct command command_script_diff = {
    .name = "script diff",
    .summary = "compare the admin's copy of a script with the shipped one",
    .options = diff_options,
    .run = run_diff,
};
const struct command command_script_stubs = {
    .name = "script stubs",
    .summary = "print foyer.d.lua, from which editors complete",
    .run = run_stubs,
};
const struct command command_script_reference = {
    .name = "script reference",
    .summary = "print all functions of scripts, with examples",
    .run = run_reference,
};

int script_command_run(const struct command *command, int argc, char **argv,
                       int (*work)(struct script_given *given))
{
    static struct script_given given;
    int code = options_read(command, argc, argv, &given);

    if (code != EXIT_DONE)
        return code;
    given.command = command;
    code = EXIT_FAILED;
    if (rules_open(&given.rules, command, given.data))
        code = work(&given);
    rules_close(&given.rules);
    return code == EXIT_DONE ? command_done(command) : code;
}

/* Of a data folder: what is in force there. Else what is shipped. */
static int run_list(int argc, char **argv)
{
    static struct script_given given;
    int code = options_read(&command_script_list, argc, argv, &given);

    if (code != EXIT_DONE)
        return code;
    if (given.data)
        return road_run(&command_script_list, given.data, STR("{}"), given.as_json);
    return script_command_run(&command_script_list, argc, argv, list);
}

static int run_reload(int argc, char **argv)
{
    static struct script_given given;
    int code = options_read(&command_script_reload, argc, argv, &given);

    if (code != EXIT_DONE)
        return code;
    return road_run(&command_script_reload, given.data, STR("{}"), given.as_json);
}

static int run_show(int argc, char **argv)
{
    static struct script_given given;
    int code = options_read(&command_script_show, argc, argv, &given);
    struct buf asked;

    if (code != EXIT_DONE)
        return code;
    if (!given.version)
        return script_command_run(&command_script_show, argc, argv, show);
    if (!given.data)
        return command_misused(&command_script_show, "a VERSION is of a data folder: --data DIR.");
    buf_init(&asked, LIMIT_JSON_BODY);
    given_put(&asked, "name", given.name);
    given_put(&asked, "version", given.version);
    code = road_run(&command_script_show, given.data, given_end(&asked), given.as_json);
    buf_fini(&asked);
    return code;
}

static int run_diff(int argc, char **argv)
{
    return script_command_run(&command_script_diff, argc, argv, diff);
}

static int run_stubs(int argc, char **argv)
{
    return script_command_run(&command_script_stubs, argc, argv, stubs);
}

static int run_reference(int argc, char **argv)
{
    return script_command_run(&command_script_reference, argc, argv, reference);
}

static int list(struct script_given *given)
{
    struct buf out;

    buf_init(&out, MIB(1));
    command_put_scripts(given->rules.host, &given->rules.arena, !given->as_json, &out);
    command_print(buf_view(&out));
    buf_fini(&out);
    return EXIT_DONE;
}

/* NULL: said on stderr. */
static const struct script_info *find(struct script_given *given)
{
    struct script_info *script = arena_new(&given->rules.arena, struct script_info);
    struct str name = str_from(given->name);

    if (!str_ends(name, STR(".lua")))
        name = str_concat(&given->rules.arena, name, STR(".lua"));
    if (host_script(given->rules.host, name, &given->rules.arena, script))
        return script;
    fprintf(stderr, "foyer %s: there is no script %s; `foyer script list` shows them.\n",
            given->command->name, given->name);
    return NULL;
}

static int show(struct script_given *given)
{
    const struct script_info *script = find(given);
    struct str text;
    struct buf out;

    if (!script)
        return EXIT_FAILED;
    text = str_is_absent(script->shipped) ? script->source : script->shipped;
    buf_init(&out, MIB(1));
    if (given->as_json) {
        buf_text(&out, "{\"name\":");
        buf_json(&out, script->name);
        buf_text(&out, ",\"source\":");
        buf_json(&out, text);
        buf_text(&out, "}\n");
    } else {
        buf_str(&out, text);
    }
    command_print(buf_view(&out));
    buf_fini(&out);
    return EXIT_DONE;
}

static int diff(struct script_given *given)
{
    const struct script_info *script = find(given);
    struct arena *arena = &given->rules.arena;
    struct buf out, json;

    if (!script)
        return EXIT_FAILED;
    if (str_is_absent(script->shipped) || str_is_absent(script->on_disk)) {
        fprintf(stderr, "foyer script diff: %s.\n",
                str_is_absent(script->shipped)
                    ? "nothing of that name is shipped"
                    : "there is no copy of it in the data folder (--data DIR)");
        return EXIT_FAILED;
    }
    buf_init(&out, MIB(1));
    buf_init(&json, MIB(4));
    diff_write(
        &(struct diff_text){ str_concat(arena, script->name, STR(" (shipped)")), script->shipped },
        &(struct diff_text){ str_concat(arena, script->name, STR(" (DATA/scripts)")),
                             script->on_disk },
        &out);
    buf_text(&json, "{\"name\":");
    buf_json(&json, script->name);
    buf_printf(&json, ",\"differs\":%s,\"diff\":", out.len ? "true" : "false");
    buf_json(&json, buf_view(&out));
    buf_text(&json, "}\n");
    command_print(buf_view(given->as_json ? &json : &out));
    buf_fini(&json);
    buf_fini(&out);
    return EXIT_DONE;
}

static int stubs(struct script_given *given)
{
    struct buf out;

    buf_init(&out, MIB(1));
    stubs_write(given->rules.router, &out);
    command_print(buf_view(&out));
    buf_fini(&out);
    return EXIT_DONE;
}

static int reference(struct script_given *given)
{
    struct buf out;

    buf_init(&out, MIB(1));
    (void)given;
    reference_write(&out);
    command_print(buf_view(&out));
    buf_fini(&out);
    return EXIT_DONE;
}

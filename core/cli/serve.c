/* foyer serve: runs the server on a data folder until it is told to end. */
#include "api/routes.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/config_setting.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/options.h"
#include "exec/server.h"
#include "lua/engine.h"
#include "net/net.h"
#include "store/db.h"
#include "store/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGS_MOST = 64 };

/* Flags as config takes them; --config is the one that is not a setting. */
struct flags {
    struct config_arg at[ARGS_MOST];
    size_t count;
    const char *file;
    bool as_json; /* with print_config */
};

static int run(int argc, char **argv);
static bool read_flags(struct flags *flags, int argc, char **argv);
static char *setting_name(const char *flag, const char **value);
static const struct option *make_options(void);
static void put_settings(struct buf *out);
static int print(const struct config *config, bool as_json);
static int serve(const struct config *config);
static void set_log_level(const struct config *config);

const struct command command_serve = {
    .name = "serve",
    .summary = "run the server on a data folder",
    .synopsis =
        "foyer serve --data DIR [--config FILE] [--SETTING VALUE]... [--print-config [--json]]\n",
    .notes = "The first line on stdout is `listening on http://ADDRESS:PORT`. SIGTERM and SIGINT\n"
             "finish what has begun and end; SIGHUP reads the scripts anew. The exit code is 0\n"
             "after an orderly end.\n",
    .make_options = make_options,
    .more = put_settings,
    .run = run,
};

static int run(int argc, char **argv)
{
    static struct config config; /* its strings are read by every thread until the end */
    struct flags flags = { .count = 0 };
    struct buf error;
    bool is_good;

    if (!read_flags(&flags, argc, argv))
        return EXIT_USAGE;
    buf_init(&error, KIB(64));
    is_good = config_load(&config, flags.file, environ, flags.at, flags.count, &error);
    for (size_t i = 0; i < flags.count; i++)
        free((char *)(uintptr_t)flags.at[i].name);
    if (!is_good)
        fprintf(stderr, "%.*s", STR_ARG(buf_view(&error)));
    buf_fini(&error);
    if (!is_good)
        return EXIT_USAGE;
    if (config.print_config)
        return print(&config, flags.as_json);
    set_log_level(&config);
    return serve(&config);
}

/* --name value, --name=value; a setting of yes or no may stand alone. */
static bool read_flags(struct flags *flags, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;
        char *name;

        if (strncmp(argv[i], "--", 2) != 0 || argv[i][2] == '\0') {
            command_misused(&command_serve, "takes flags (--name value), not `%s`.", argv[i]);
            return false;
        }
        name = setting_name(argv[i] + 2, &value);
        if (!value && i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0)
            value = argv[++i];
        if (!strcmp(name, "json") && !value) {
            free(name);
            flags->as_json = true;
            continue;
        }
        if (!strcmp(name, "config")) {
            free(name);
            if (!value) {
                command_misused(&command_serve, "--config needs a file.");
                return false;
            }
            flags->file = value;
            continue;
        }
        if (flags->count == ARGS_MOST) {
            free(name);
            command_misused(&command_serve, "takes at most %d flags.", ARGS_MOST);
            return false;
        }
        flags->at[flags->count++] = (struct config_arg){ name, value };
    }
    return true;
}

static void put_settings(struct buf *out)
{
    buf_text(out,
             "  --config FILE    lines of `name = value`; the environment (FOYER_NAME) and flags\n"
             "                   (--name value) say it louder\n"
             "  --print-config   print every setting and where it came from (--json: as JSON), "
             "then leave\n"
             "\n");
    config_flag_help(out);
}

/* Every setting, for completion and the manual. */
static const struct option *make_options(void)
{
    static struct option made[CONFIG_SETTINGS + 2];
    static char names[CONFIG_SETTINGS][32], choices[CONFIG_SETTINGS][64];
    static const char *const values[] = {
        [KIND_TEXT] = "TEXT", [KIND_INT] = "NUMBER", [KIND_BOOL] = "yes|no", [KIND_CHOICE] = NULL
    };
    size_t i;

    for (i = 0; i < CONFIG_SETTINGS; i++) {
        const struct setting *setting = &config_settings[i];
        const char *value = values[setting->kind];

        snprintf(names[i], sizeof(names[i]), "%s", setting->name);
        for (char *at = names[i]; *at; at++)
            *at = *at == '_' ? '-' : *at;
        if (!strcmp(setting->name, "data") || !strcmp(setting->name, "scripts"))
            value = "DIR";
        if (setting->kind == KIND_CHOICE) { /* but for the last one, where that is for tests */
            snprintf(choices[i], sizeof(choices[i]), "%s", setting->choices);
            if (setting->test_choice)
                *strrchr(choices[i], '|') = '\0';
            value = choices[i];
        }
        made[i] = (struct option){ names[i], OPTION_TEXT, 0, false, value, setting->help };
    }
    made[i] = (struct option){ "config", OPTION_TEXT, 0, false, "FILE", "lines of `name = value`" };
    return made;
}

/* Heap. "base-url=x" gives "base_url", and value its "x". */
static char *setting_name(const char *flag, const char **value)
{
    char *name = xstrdup(flag), *at;

    for (at = name; *at && *at != '='; at++)
        if (*at == '-')
            *at = '_';
    if (*at == '=') {
        *at = '\0';
        *value = flag + (at - name) + 1;
    }
    return name;
}

static int print(const struct config *config, bool as_json)
{
    struct buf out;

    buf_init(&out, KIB(256));
    if (as_json)
        config_print_json(config, &out);
    else
        config_print(config, &out);
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
    return command_done(&command_serve);
}

static int serve(const struct config *config)
{
    const struct server_options options = { config, &lua_runtime, api_routes };
    static struct server server; /* too large for the stack, and there is one */
    struct failure failure = { 0 };
    struct net *net = NULL;
    struct arena arena;
    int code = EXIT_FAILED;

    clock_start();
    crypto_start();
    fold_start();
    db_start();
    arena_init(&arena, MIB(1));
    if (server_open(&server, &options, &failure, &arena) == ST_OK &&
        net_open(&net, &server, &arena, &failure) == ST_OK)
        code = server_run(&server, net_calls(net));
    else
        command_failed(&command_serve, &failure);
    server_close(&server);
    net_close(net);
    arena_fini(&arena);
    return code;
}

static void set_log_level(const struct config *config)
{
    enum log_level level;

    if (log_level_parse(str_from(config->log_level), &level))
        log_set_level(level);
}

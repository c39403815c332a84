/* Rules: opening a host for a command. */
#include "cli/rules.h"

#include "api/routes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/options.h"
#include "http/route.h"
#include "lua/engine.h"
#include "store/fold.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool load(struct rules *rules, const struct command *command, const char *data);

bool rules_open(struct rules *rules, const struct command *command, const char *data)
{
    struct stat info;

    memset(rules, 0, sizeof(*rules));
    arena_init(&rules->arena, MIB(256));
    clock_start();
    crypto_start();
    fold_start();
    log_set_level(LOG_ERROR + 1); /* what is wrong is the command's answer, not a record */
    if (data && (stat(data, &info) != 0 || !S_ISDIR(info.st_mode))) {
        fprintf(stderr, "foyer %s: there is no data folder %s.\n", command->name, data);
        return false;
    }
    return load(rules, command, data);
}

static bool load(struct rules *rules, const struct command *command, const char *data)
{
    struct host_options options = {
        .config = &rules->config, .data = data, .runtime = &lua_runtime, .slots = 1
    };
    struct buf error;
    bool is_good;

    buf_init(&error, KIB(64));
    is_good = config_load(&rules->config, NULL, environ, NULL, 0, &error) &&
              router_new(api_routes, &rules->router, &error) == ST_OK;
    if (!is_good)
        fprintf(stderr, "%.*s", STR_ARG(buf_view(&error)));
    buf_fini(&error);
    if (!is_good)
        return false;
    options.router = rules->router;
    if (host_open(&options, &rules->host, &rules->failure, &rules->arena) == ST_OK)
        return true;
    command_failed(command, &rules->failure);
    return false;
}

void rules_close(struct rules *rules)
{
    host_close(rules->host);
    if (rules->router)
        router_free(rules->router);
    arena_fini(&rules->arena);
}

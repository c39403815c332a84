/* Founder: configuration and password. */
#include "cli/founder.h"

#include "api/founding.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "store/db.h"
#include "store/fold.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool load_config(struct founder *founder);
static bool read_password(struct founder *founder);

void founder_init(struct founder *founder)
{
    clock_start();
    crypto_start();
    fold_start();
    db_start();
    arena_init(&founder->arena, LIMIT_REQUEST_ARENA);
}

void founder_fini(struct founder *founder)
{
    arena_fini(&founder->arena);
}

bool founder_read(struct founder *founder)
{
    struct founding founding = { .name = str_from(founder->workspace),
                                 .email = str_from(founder->email) };

    return founding_check(&founding, &founder->arena, &founder->failure) == ST_OK &&
           load_config(founder) && read_password(founder);
}

/* The base URL and the cost of passwords come from where serve takes them. */
static bool load_config(struct founder *founder)
{
    const struct config_arg args[] = { { "base_url", founder->base_url } };
    struct buf error;
    bool is_good;

    buf_init(&error, KIB(64));
    is_good = config_load(&founder->config, NULL, environ, args, founder->base_url != NULL, &error);
    if (!is_good)
        failure_set(&founder->failure, &founder->arena, ST_INVALID, NULL, "%.*s",
                    STR_ARG(str_trim(buf_view(&error))));
    buf_fini(&error);
    return is_good;
}

static enum crypto_cost cost_of(const char *name)
{
    if (!strcmp(name, "minimal"))
        return CRYPTO_COST_MINIMAL;
    return !strcmp(name, "interactive") ? CRYPTO_COST_INTERACTIVE : CRYPTO_COST_MODERATE;
}

static bool read_password(struct founder *founder)
{
    struct failure *failure = &founder->failure;
    struct str password;

    if (!founder->password_file)
        return true;
    password = file_read(&founder->arena, founder->password_file, LIMIT_PASSWORD_MAX * 4 + 2);
    if (!password.at) {
        file_explain(failure, &founder->arena, "read", founder->password_file, errno);
        return false;
    }
    /* Its line end is the editor's. */
    while (password.len &&
           (password.at[password.len - 1] == '\n' || password.at[password.len - 1] == '\r'))
        password.len--;
    if (!str_is_utf8(password) || str_utf8_length(password) < LIMIT_PASSWORD_MIN ||
        password.len > LIMIT_PASSWORD_MAX) {
        failure_field(failure, &founder->arena, ST_INVALID, STR("--password-file"), "bad_password",
                      "The password must have %d characters at least and %d bytes at most.",
                      LIMIT_PASSWORD_MIN, LIMIT_PASSWORD_MAX);
        return false;
    }
    if (crypto_password_hash(password, cost_of(founder->config.password_cost),
                             founder->password_hash))
        return true;
    failure_set(failure, &founder->arena, ST_NO_MEMORY, NULL,
                "There is not enough memory to hash the password: set "
                "FOYER_PASSWORD_COST=interactive.");
    return false;
}

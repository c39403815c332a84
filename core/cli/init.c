/* foyer init: makes a data folder with a workspace, its owner, an API key and a way in.
 *
 * Everything is checked before anything is made, rows come in one transaction, and an init that was
 * cut short is finished by the next one.
 */
#include "api/founding.h"
#include "base/clock.h"
#include "base/limits.h"
#include "cli/founder.h"
#include "store/datafolder.h"
#include "store/db.h"
#include "store/query.h"

#include <stdio.h>

struct init {
    struct founder *founder;
    struct datafolder folder;
    struct db *db;
};

static int run(int argc, char **argv);
static int make(struct founder *founder, struct init *init);
static bool open_folder(struct init *init);
static enum status fill(struct tx *tx, void *context);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct founder, data), OPTION_REQUIRED, "DIR",
      "the folder to make; it must not be there, or be empty" },
    FOUNDER_OPTIONS,
    { 0 },
};

const struct command command_init = {
    .name = "init",
    .summary = "make a data folder with a workspace, its owner and an API key",
    .options = options,
    .notes = "Prints `workspace: ID`, `owner: EMAIL`, `api_key: KEY` and, without a password,\n"
             "`sign_in: LINK`. Key and link are shown only now.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct founder founder = { NULL };
    struct init init = { .founder = &founder };
    int code = options_read(&command_init, argc, argv, &founder);

    if (code != EXIT_DONE)
        return code;
    founder_init(&founder);
    init.folder.lock_fd = init.folder.mark_fd = -1;
    code = make(&founder, &init);
    db_close(init.db);
    datafolder_close(&init.folder);
    founder_fini(&founder);
    return code;
}

static int make(struct founder *founder, struct init *init)
{
    struct founding founding;
    const char *base;
    struct buf out;
    struct tx tx;

    if (!founder_read(founder) || !open_folder(init))
        return command_failed(&command_init, &founder->failure);
    base = founder->config.base_url;
    founding = (struct founding){
        .name = str_from(founder->workspace),
        .email = str_from(founder->email),
        .password_hash = founder->password_hash[0] ? str_from(founder->password_hash) : STR_NONE,
        .base_url = base ? str_from(base)
                         : str_printf(&founder->arena, "http://%s", founder->config.listen),
        .has_demo = founder->has_demo,
        .may_operate = true,
    };
    tx_init(&tx, init->db, &founder->arena, clock_wall());
    tx.server_key = init->folder.server_key;
    tx.actor.kind = ACTOR_SYSTEM;
    tx.actor.road = "command";
    if (tx_once(init->db, &tx, fill, &founding) != ST_OK)
        return command_failed(&command_init, &tx.failure);
    datafolder_raise_mark(&init->folder, db_commits(init->db));
    if (db_checkpoint(init->db, true) != ST_OK) /* the next start does it */
        fprintf(stderr, "foyer init: the log of %s could not be folded in now.\n",
                init->folder.database);
    buf_init(&out, KIB(16));
    founding_put(&founding, !founder->as_json, &out);
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
    return command_done(&command_init);
}

/* A folder that is whole but for its workspace is of an init that was cut short. */
static bool open_folder(struct init *init)
{
    const char *data = init->founder->data;
    struct failure *failure = &init->founder->failure;
    struct arena *arena = &init->founder->arena;
    struct failure again = { 0 };
    struct tx tx;
    int64_t workspaces;

    if (datafolder_create(&init->folder, data, failure, arena) != ST_OK) {
        if (!str_is(failure->code, "already_initialized") ||
            datafolder_open(&init->folder, data, &again, arena) != ST_OK)
            return false;
    }
    if (datafolder_open_database(&init->folder, &init->db, &again, arena) != ST_OK) {
        *failure = again;
        return false;
    }
    tx_init(&tx, init->db, arena, clock_wall());
    tx_begin_read(&tx);
    workspaces = query_one_int(&tx, 0, "SELECT count(*) FROM workspaces", NO_ARGS);
    tx_end_read(&tx);
    if (tx_status(&tx) != ST_OK)
        *failure = tx.failure;
    else if (workspaces == 0)
        failure_clear(failure);
    else if (failure->status == ST_OK) /* the mark was deleted by hand */
        failure_set(failure, arena, ST_CONFLICT, "already_initialized",
                    "%s has a workspace already: serve it with `foyer serve --data %s`.", data,
                    data);
    return failure->status == ST_OK;
}

static enum status fill(struct tx *tx, void *context)
{
    return founding_make(tx, context);
}

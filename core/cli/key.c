/* foyer key create: makes an API key, and prints it alone.
 *
 * Works on a data folder that no server holds: a running one is said to hold it.
 */
#include "store/key.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "cli/options.h"
#include "store/datafolder.h"
#include "store/db.h"
#include "store/fold.h"
#include "store/query.h"
#include "store/record.h"
#include "store/staff.h"
#include "store/workspace.h"

#include <stdio.h>
#include <string.h>

struct making {
    const char *data, *name, *workspace, *scopes, *owner;
    bool as_json;

    struct arena arena;
    struct failure failure;
    struct datafolder folder;
    struct db *db;
    struct api_key key;
    struct str text;
};

static int run(int argc, char **argv);
static enum status make(struct making *making);
static enum status fill(struct tx *tx, void *context);
static enum status read_scopes(struct tx *tx, const char *list, struct str *json);
static enum status find_owner(struct tx *tx, const char *email, int64_t *seq);
static void print(const struct making *making);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct making, data), OPTION_REQUIRED, "DIR",
      "the data folder; no server may hold it" },
    { "name", OPTION_TEXT, offsetof(struct making, name), OPTION_REQUIRED, "NAME",
      "what the key is called in lists and audit" },
    { "workspace", OPTION_TEXT, offsetof(struct making, workspace), false, "ID",
      "where the server holds several" },
    { "scopes", OPTION_TEXT, offsetof(struct making, scopes), false, "A,B",
      "permissions such as view_clients; without: all of the owner's" },
    { "owner", OPTION_TEXT, offsetof(struct making, owner), false, "EMAIL",
      "the member of staff on whose behalf it acts; without: the workspace's own" },
    { "json", OPTION_FLAG, offsetof(struct making, as_json), false, NULL,
      "print one JSON object instead of the key alone" },
    { 0 },
};

const struct command command_key_create = {
    .name = "key create",
    .summary = "make an API key",
    .options = options,
    .notes = "The key is shown only now.\n",
    .run = run,
};

static int run(int argc, char **argv)
{
    struct making making = { 0 };
    enum status status;
    int code;

    code = options_read(&command_key_create, argc, argv, &making);
    if (code != EXIT_DONE)
        return code;
    clock_start();
    crypto_start();
    fold_start();
    db_start();
    arena_init(&making.arena, LIMIT_REQUEST_ARENA);
    making.folder.lock_fd = making.folder.mark_fd = -1;
    status = make(&making);
    if (status == ST_OK)
        print(&making);
    db_close(making.db);
    datafolder_close(&making.folder);
    code = status == ST_OK ? command_done(&command_key_create)
                           : command_failed(&command_key_create, &making.failure);
    arena_fini(&making.arena);
    return code;
}

static enum status make(struct making *making)
{
    struct str name = str_trim(str_from(making->name));
    struct tx tx;

    if (str_is_empty(name) || !str_is_utf8(name) || str_has_control(name) ||
        str_utf8_length(name) > 100) {
        failure_field(&making->failure, &making->arena, ST_INVALID, STR("--name"), "bad_name",
                      "Give a name of 1 to 100 characters on one line.");
        return ST_INVALID;
    }
    if (datafolder_open(&making->folder, making->data, &making->failure, &making->arena) != ST_OK ||
        datafolder_open_database(&making->folder, &making->db, &making->failure, &making->arena) !=
            ST_OK)
        return making->failure.status;
    making->key.name = name;
    tx_init(&tx, making->db, &making->arena, clock_wall());
    tx.actor.kind = ACTOR_SYSTEM;
    tx.actor.road = "command";
    if (tx_once(making->db, &tx, fill, making) != ST_OK) {
        making->failure = tx.failure;
        return tx.failure.status;
    }
    datafolder_raise_mark(&making->folder, db_commits(making->db));
    return ST_OK;
}

static enum status fill(struct tx *tx, void *context)
{
    struct making *making = context;
    struct uuid workspace = UUID_NONE;

    if (making->workspace && !uuid_parse(str_from(making->workspace), &workspace))
        return tx_fail(tx, ST_INVALID, NULL, "`%s` is no id of a workspace.", making->workspace);
    if (workspace_choose(tx, workspace) != ST_OK ||
        read_scopes(tx, making->scopes, &making->key.scopes) != ST_OK ||
        find_owner(tx, making->owner, &making->key.internal_user) != ST_OK ||
        key_create(tx, &making->key, &making->text) != ST_OK)
        return tx_status(tx);
    tx_audit(tx, "api_key.create", "api_key", making->key.id, STR_NONE);
    return tx_status(tx);
}

/* "a,b" to ["a","b"], each the name of a permission. */
static enum status read_scopes(struct tx *tx, const char *list, struct str *json)
{
    struct str rest = str_from(list), name, text = STR("[");

    *json = STR_NONE;
    if (!list)
        return tx_status(tx);
    while (str_cut(&rest, ',', &name)) {
        name = str_trim(name);
        if (permission_find(name) < 0)
            tx_fail_field(tx, ST_INVALID, "--scopes", "unknown_permission",
                          "There is no permission `%.*s`: view_clients, create_clients, "
                          "edit_clients … are some.",
                          STR_ARG(name));
        text = str_printf(tx->arena, "%.*s%s\"%.*s\"", STR_ARG(text), text.len > 1 ? "," : "",
                          STR_ARG(name));
    }
    *json = str_concat(tx->arena, text, STR("]"));
    return tx_status(tx);
}

static enum status find_owner(struct tx *tx, const char *email, int64_t *seq)
{
    struct internal_user user;

    *seq = 0;
    if (!email)
        return tx_status(tx);
    if (internal_user_find_by_email(tx, str_from(email), &user) != ST_OK &&
        tx->status == ST_NOT_FOUND) {
        failure_clear(&tx->failure);
        tx->status = ST_OK;
        tx_fail_field(tx, ST_NOT_FOUND, "--owner", "not_found",
                      "Nobody of the staff has the address %s.", email);
        return tx_status(tx);
    }
    *seq = user.seq;
    return tx_status(tx);
}

static void print(const struct making *making)
{
    char id[UUID_TEXT];

    uuid_format(making->key.id, id);
    if (making->as_json)
        printf("{\"id\":\"%s\",\"apiKey\":\"%.*s\"}\n", id, STR_ARG(making->text));
    else
        printf("%.*s\n", STR_ARG(making->text));
}

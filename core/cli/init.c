/* foyer init: makes a data folder with a workspace, its owner, an API key and a way in.
 *
 * Everything is checked before anything is made, rows come in one transaction, and an init that was
 * cut short is finished by the next one.
 */
#include "api/message_channels.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "store/client.h"
#include "store/company.h"
#include "store/datafolder.h"
#include "store/db.h"
#include "store/fold.h"
#include "store/key.h"
#include "store/login.h"
#include "store/query.h"
#include "store/record.h"
#include "store/staff.h"
#include "store/token.h"
#include "store/workspace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_LENGTH = 255, LINK_DAYS = 7 };

struct init {
    const char *data, *workspace_name, *email, *password_file, *base_url;
    bool has_demo, as_json;

    struct arena arena;
    struct failure failure;
    struct config config;
    struct datafolder folder;
    struct db *db;

    const char *password_hash; /* NULL: by link */
    struct workspace workspace;
    struct internal_user owner;
    struct str api_key;
    struct str link;
};

static int run(int argc, char **argv);
static int make(struct init *init);
static bool check(struct init *init);
static bool load_config(struct init *init);
static bool read_password(struct init *init, char hash[CRYPTO_PASSWORD_TEXT]);
static bool open_folder(struct init *init);
static enum status fill(struct tx *tx, void *context);
static enum status make_owner(struct tx *tx, struct init *init);
static enum status make_demo(struct tx *tx, const struct init *init);
static void print(const struct init *init);

static const struct option options[] = {
    { "data", OPTION_TEXT, offsetof(struct init, data), OPTION_REQUIRED, "DIR",
      "the folder to make; it must not be there, or be empty" },
    { "workspace", OPTION_TEXT, offsetof(struct init, workspace_name), OPTION_REQUIRED, "NAME",
      "the firm's name" },
    { "email", OPTION_TEXT, offsetof(struct init, email), OPTION_REQUIRED, "OWNER",
      "the address that its owner signs in with" },
    { "password-file", OPTION_TEXT, offsetof(struct init, password_file), false, "FILE",
      "the owner's password; without it a one-time link is printed" },
    { "demo", OPTION_FLAG, offsetof(struct init, has_demo), false, NULL,
      "with the example clients John Doe and Jane Doe" },
    { "base-url", OPTION_TEXT, offsetof(struct init, base_url), false, "URL",
      "where the server will be reached, for the link" },
    { "json", OPTION_FLAG, offsetof(struct init, as_json), false, NULL,
      "print one JSON object instead of lines" },
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
    struct init init = { 0 };
    int code = options_read(&command_init, argc, argv, &init);

    if (code != EXIT_DONE)
        return code;
    clock_start();
    crypto_start();
    fold_start();
    db_start();
    arena_init(&init.arena, LIMIT_REQUEST_ARENA);
    init.folder.lock_fd = init.folder.mark_fd = -1;
    code = make(&init);
    db_close(init.db);
    datafolder_close(&init.folder);
    arena_fini(&init.arena);
    return code;
}

static int make(struct init *init)
{
    char hash[CRYPTO_PASSWORD_TEXT];
    struct tx tx;

    if (!check(init) || !load_config(init) || !read_password(init, hash) || !open_folder(init))
        return command_failed(&command_init, &init->failure);
    tx_init(&tx, init->db, &init->arena, clock_wall());
    tx.server_key = init->folder.server_key;
    tx.actor.kind = ACTOR_SYSTEM;
    tx.actor.road = "command";
    if (tx_once(init->db, &tx, fill, init) != ST_OK)
        return command_failed(&command_init, &tx.failure);
    datafolder_raise_mark(&init->folder, db_commits(init->db));
    if (db_checkpoint(init->db, true) != ST_OK) /* the next start does it */
        fprintf(stderr, "foyer init: the log of %s could not be folded in now.\n",
                init->folder.database);
    print(init);
    return command_done(&command_init);
}

static bool check(struct init *init)
{
    struct str name = str_trim(str_from(init->workspace_name));

    if (str_is_empty(name) || !str_is_utf8(name) || !str_is_one_line(name) ||
        str_utf8_length(name) > NAME_LENGTH)
        failure_field(&init->failure, &init->arena, ST_INVALID, STR("--workspace"), "bad_name",
                      "Give a name of 1 to %d characters on one line.", NAME_LENGTH);
    if (str_is_absent(fold_email(&init->arena, str_from(init->email))))
        failure_field(&init->failure, &init->arena, ST_INVALID, STR("--email"), "not_an_address",
                      "`%s` is no address: give one such as ann@example.com.", init->email);
    return init->failure.status == ST_OK;
}

/* The base URL and the cost of passwords come from where serve takes them. */
static bool load_config(struct init *init)
{
    const struct config_arg args[] = { { "base_url", init->base_url } };
    struct buf error;
    bool is_good;

    buf_init(&error, KIB(64));
    is_good = config_load(&init->config, NULL, environ, args, init->base_url != NULL, &error);
    if (!is_good)
        failure_set(&init->failure, &init->arena, ST_INVALID, NULL, "%.*s",
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

static bool read_password(struct init *init, char hash[CRYPTO_PASSWORD_TEXT])
{
    struct str password;
    bool is_hashed;

    if (!init->password_file)
        return true;
    password = file_read(&init->arena, init->password_file, LIMIT_PASSWORD_MAX * 4 + 2);
    if (!password.at) {
        file_explain(&init->failure, &init->arena, "read", init->password_file, errno);
        return false;
    }
    /* Its line end is the editor's. */
    while (password.len &&
           (password.at[password.len - 1] == '\n' || password.at[password.len - 1] == '\r'))
        password.len--;
    if (!str_is_utf8(password) || str_utf8_length(password) < LIMIT_PASSWORD_MIN ||
        password.len > LIMIT_PASSWORD_MAX) {
        failure_field(&init->failure, &init->arena, ST_INVALID, STR("--password-file"),
                      "bad_password",
                      "The password must have %d characters at least and %d bytes at most.",
                      LIMIT_PASSWORD_MIN, LIMIT_PASSWORD_MAX);
        return false;
    }
    is_hashed = crypto_password_hash(password, cost_of(init->config.password_cost), hash);
    if (!is_hashed)
        failure_set(&init->failure, &init->arena, ST_NO_MEMORY, NULL,
                    "There is not enough memory to hash the password: set "
                    "FOYER_PASSWORD_COST=interactive.");
    init->password_hash = hash;
    return is_hashed;
}

/* A folder that is whole but for its workspace is of an init that was cut short. */
static bool open_folder(struct init *init)
{
    struct failure *failure = &init->failure;
    struct failure again = { 0 };
    struct tx tx;
    int64_t workspaces;

    if (datafolder_create(&init->folder, init->data, failure, &init->arena) != ST_OK) {
        if (!str_is(failure->code, "already_initialized") ||
            datafolder_open(&init->folder, init->data, &again, &init->arena) != ST_OK)
            return false;
    }
    if (datafolder_open_database(&init->folder, &init->db, &again, &init->arena) != ST_OK) {
        *failure = again;
        return false;
    }
    tx_init(&tx, init->db, &init->arena, clock_wall());
    tx_begin_read(&tx);
    workspaces = query_one_int(&tx, 0, "SELECT count(*) FROM workspaces", NO_ARGS);
    tx_end_read(&tx);
    if (tx_status(&tx) != ST_OK)
        *failure = tx.failure;
    else if (workspaces == 0)
        failure_clear(failure);
    else if (failure->status == ST_OK) /* the mark was deleted by hand */
        failure_set(failure, &init->arena, ST_CONFLICT, "already_initialized",
                    "%s has a workspace already: serve it with `foyer serve --data %s`.",
                    init->data, init->data);
    return failure->status == ST_OK;
}

static enum status fill(struct tx *tx, void *context)
{
    struct init *init = context;

    workspace_create(tx, str_trim(str_from(init->workspace_name)), &init->workspace);
    make_owner(tx, init);
    if (init->has_demo)
        make_demo(tx, init);
    tx_audit(tx, "workspace.create", "workspace", init->workspace.id, STR_NONE);
    return tx_status(tx);
}

static enum status make_owner(struct tx *tx, struct init *init)
{
    struct str email = str_from(init->email);
    struct login login = { .workspace = tx->workspace, .email = email, .may_operate = true };
    struct api_key key = { .name = STR("init") };
    struct token token = { .purpose = TOKEN_SIGN_IN };
    const char *base = init->config.base_url;

    login.password_hash = str_from(init->password_hash);
    if (login_create(tx, &login) != ST_OK)
        return tx_status(tx);
    init->owner = (struct internal_user){
        .login = login.seq,
        .email = email,
        .role = STR("Owner"),
        .given_name = str_slice(email.at, strcspn(email.at, "@")),
        .family_name = STR(""),
    };
    if (internal_user_create(tx, &init->owner) != ST_OK)
        return tx_status(tx);
    key.internal_user = init->owner.seq;
    key_create(tx, &key, &init->api_key);
    if (init->password_hash)
        return tx_status(tx);
    token.subject = login.id;
    token.person = init->owner.id;
    token.expires_at = tx_now(tx) + LINK_DAYS * CLOCK_DAY;
    if (token_create(tx, &token) != ST_OK)
        return tx_status(tx);
    init->link = str_printf(tx->arena, "%s%s%s%.*s", base ? base : "http://",
                            base ? "" : init->config.listen, token_path(token.purpose),
                            STR_ARG(token_text(tx, &token)));
    return tx_status(tx);
}

static enum status make_demo(struct tx *tx, const struct init *init)
{
    static const char *const given[] = { "John", "Jane" };
    struct company company = { .name = STR("Rocket Rides") };
    struct ids companies = { &company.id, 1 };

    if (init->workspace.companies_enabled && company_create(tx, &company) != ST_OK)
        return tx_status(tx);
    for (size_t i = 0; i < 2; i++) {
        struct str name = str_from(given[i]);
        struct client client = {
            .given_name = name,
            .family_name = STR("Doe"),
            .email = str_printf(tx->arena, "%.*s@example.com", STR_ARG(str_lower(tx->arena, name))),
            .creation_method = BY_INTERNAL_USER,
        };

        if (init->workspace.companies_enabled)
            client.company_ids = companies;
        if (client_create(tx, &client) != ST_OK ||
            channel_make_for(tx, &init->workspace, &client) != ST_OK)
            return tx_status(tx);
    }
    return tx_status(tx);
}

static void print(const struct init *init)
{
    char id[UUID_TEXT];
    struct buf out;

    uuid_format(init->workspace.id, id);
    buf_init(&out, KIB(16));
    if (init->as_json) {
        buf_printf(&out, "{\"workspace\":\"%s\",\"owner\":", id);
        buf_json(&out, init->owner.email);
        buf_text(&out, ",\"apiKey\":");
        buf_json(&out, init->api_key);
        buf_text(&out, ",\"signIn\":");
        buf_json(&out, init->link);
        buf_text(&out, "}\n");
    } else {
        buf_printf(&out, "workspace: %s\nowner: %.*s\napi_key: %.*s\n", id,
                   STR_ARG(init->owner.email), STR_ARG(init->api_key));
        if (!str_is_absent(init->link))
            buf_printf(&out, "sign_in: %.*s\n", STR_ARG(init->link));
    }
    fwrite(out.at, 1, out.len, stdout);
    buf_fini(&out);
}

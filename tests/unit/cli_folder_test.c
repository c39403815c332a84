/* foyer init and foyer check, as they are called. */
#include "each_fault.h"
#include "harness.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "cli/command.h"
#include "store/actor.h"
#include "store/datafolder.h"
#include "store/db.h"
#include "store/fold.h"
#include "store/login.h"
#include "store/query.h"
#include "store/record.h"
#include "store/token.h"
#include "store/workspace.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    int code;
    struct str out, err;
    char out_text[1 << 16], err_text[1 << 16];
} said;

static struct str read_text(const char *path, char text[1 << 16])
{
    FILE *file = fopen(path, "r");
    size_t len = fread(text, 1, (1 << 16) - 1, file);

    text[len] = '\0';
    fclose(file);
    return str_slice(text, len);
}

/* Runs `foyer ARGS…`; the last one is NULL. */
static void run(const char *first, ...)
{
    char *argv[24] = { (char[]){ "foyer" } };
    int argc = 1, out = dup(1), err = dup(2);
    va_list rest;

    va_start(rest, first);
    for (const char *arg = first; arg; arg = va_arg(rest, const char *))
        argv[argc++] = strdup(arg);
    va_end(rest);
    fflush(stdout);
    fflush(stderr);
    CHECK(freopen(test_path("out"), "w", stdout) && freopen(test_path("err"), "w", stderr));
    said.code = command_main(argc, argv);
    fflush(stdout);
    fflush(stderr);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    said.out = read_text(test_path("out"), said.out_text);
    said.err = read_text(test_path("err"), said.err_text);
    harness_note("%.*s%.*s", STR_ARG(said.out), STR_ARG(said.err));
    while (argc > 1)
        free(argv[--argc]);
}

static const char *data(void)
{
    return test_path("data");
}

static void init(void)
{
    run("init", "--data", data(), "--workspace", "Rocket Agency", "--email", "Owner@Example.com",
        "--demo", NULL);
    CHECK_INT(said.code, EXIT_DONE);
}

/* The value of a line "name: value"; absent: there is no such line. */
static struct str value_of(const char *name)
{
    struct str rest = said.out, line;

    while (str_cut(&rest, '\n', &line))
        if (str_starts(line, str_from(name)) && line.at[strlen(name)] == ':')
            return str_slice(line.at + strlen(name) + 2, line.len - strlen(name) - 2);
    return STR_NONE;
}

static struct {
    struct arena arena;
    struct failure failure;
    struct datafolder folder;
    struct db *db;
    struct tx tx;
} look;

static void look_begin(void)
{
    arena_init(&look.arena, 16 << 20);
    fold_start();
    CHECK_INT(datafolder_open(&look.folder, data(), &look.failure, &look.arena), ST_OK);
    CHECK_INT(datafolder_open_database(&look.folder, &look.db, &look.failure, &look.arena), ST_OK);
    tx_init(&look.tx, look.db, &look.arena, clock_wall());
    look.tx.server_key = look.folder.server_key;
    CHECK_INT(tx_begin_read(&look.tx), ST_OK);
}

static void look_end(void)
{
    tx_end_read(&look.tx);
    CHECK_INT(tx_status(&look.tx), ST_OK);
    db_close(look.db);
    datafolder_close(&look.folder);
    arena_fini(&look.arena);
}

TEST(init_makes_a_workspace_whose_owner_key_and_link_work)
{
    struct tx *tx = &look.tx;
    struct token token;
    struct login login;
    struct uuid workspace;
    struct str key, link;

    init();
    CHECK(uuid_parse(value_of("workspace"), &workspace));
    CHECK_STR(value_of("owner"), "Owner@Example.com");
    key = value_of("api_key");
    link = value_of("sign_in");
    CHECK(str_starts(link, STR("http://127.0.0.1:8080/sign-in/")));
    CHECK_INT(said.err.len, 0);

    look_begin();
    CHECK_INT(actor_load_by_key(tx, key), ST_OK);
    CHECK(uuid_eq(tx->workspace_id, workspace));
    CHECK(tx->actor.is_owner);
    CHECK(actor_can(&tx->actor, PERMISSION_DELETE_CLIENTS));
    CHECK(token_find(tx, str_slice(link.at + 30, link.len - 30), 1u << TOKEN_SIGN_IN, &token));
    CHECK(token_is_good(tx, &token));
    CHECK(login_load_by_id(tx, token.subject, &login));
    CHECK_STR(login.email_key, "owner@example.com");
    CHECK(login.may_operate);
    CHECK(str_is_absent(login.password_hash));
    CHECK_INT(
        query_one_int(tx, 0, "SELECT count(*) FROM clients WHERE family_name = 'Doe'", NO_ARGS), 2);
    CHECK_INT(
        query_one_int(tx, 0, "SELECT count(*) FROM companies WHERE name = 'Rocket Rides'", NO_ARGS),
        1);
    look_end();
}

TEST(init_with_a_password_prints_no_link)
{
    struct login login;

    setenv("FOYER_PASSWORD_COST", "minimal", 1);
    run("init", "--data", data(), "--workspace", "W", "--email", "o@example.com", "--password-file",
        test_write_file("password", STR("correct horse battery\n")), NULL);
    CHECK_INT(said.code, EXIT_DONE);
    CHECK(str_is_absent(value_of("sign_in")));
    look_begin();
    CHECK_INT(workspace_choose(&look.tx, UUID_NONE), ST_OK);
    CHECK(login_find(&look.tx, STR("O@EXAMPLE.COM"), &login));
    CHECK(crypto_password_verify(STR("correct horse battery"), login.password_hash.at));
    CHECK_INT(query_one_int(&look.tx, -1, "SELECT count(*) FROM clients", NO_ARGS), 0);
    look_end();
}

TEST(init_speaks_json_and_takes_a_base_url)
{
    run("init", "--data", data(), "--workspace", "A \"quoted\" firm", "--email", "o@example.com",
        "--json", "--base-url=https://portal.example.com", NULL);
    CHECK_INT(said.code, EXIT_DONE);
    CHECK(strstr(said.out.at, "\"owner\":\"o@example.com\""));
    CHECK(strstr(said.out.at, "\"signIn\":\"https://portal.example.com/sign-in/"));
    CHECK_INT(said.out.at[said.out.len - 2], '}');
}

static const struct {
    const char *args[9];
    int code;
    const char *says;
} mistakes[] = {
    { { "init" }, EXIT_USAGE, "needs --data" },
    { { "init", "--data", "D", "--workspace", "W" }, EXIT_USAGE, "needs --email" },
    { { "init", "--data" }, EXIT_USAGE, "a value after --data" },
    { { "init", "--data", "D", "--data", "D" }, EXIT_USAGE, "--data once" },
    { { "init", "--demo=yes" }, EXIT_USAGE, "without a value" },
    { { "init", "here" }, EXIT_USAGE, "no argument `here`" },
    { { "init", "--dat", "D" }, EXIT_USAGE, "no argument `--dat`" },
    { { "init", "--data", "D", "--workspace", " ", "--email", "ann" },
      EXIT_FAILED,
      "such as ann@" },
    { { "init", "--data", "D", "--workspace", "a\nb", "--email", "a@b.cc" },
      EXIT_FAILED,
      "one line" },
    { { "init", "--data", "D", "--workspace",
        "a\xE2\x80\xA8"
        "b",
        "--email", "a@b.cc" },
      EXIT_FAILED,
      "one line" },
    { { "init", "--data", "D", "--workspace", "\xff", "--email", "a@b.cc" },
      EXIT_FAILED,
      "name of 1" },
    { { "init", "--data", "/dev/null", "--workspace", "W", "--email", "a@b.cc" },
      EXIT_FAILED,
      "not a folder" },
    { { "init", "--data", "/dev/null/x", "--workspace", "W", "--email", "a@b.cc" },
      EXIT_FAILED,
      "/dev/null/x" },
    { { "init", "--data", "D", "--workspace=W", "--email=a@b.cc", "--password-file",
        "/nonexistent" },
      EXIT_FAILED,
      "Cannot read /nonexistent" },
    { { "init", "--data", "D", "--workspace=W", "--email=a@b.cc", "--password-file", "/dev/null" },
      EXIT_FAILED,
      "/dev/null" },
    { { "init", "--data", "D", "--workspace=W", "--email=a@b.cc", "--base-url", "nowhere" },
      EXIT_FAILED,
      "base_url" },
    { { "check" }, EXIT_USAGE, "needs --data" },
    { { "check", "--data", "/nonexistent" }, EXIT_FAILED, "There is no folder /nonexistent" },
    { { "check", "--data", "/" }, EXIT_FAILED, "no foyer.db in /" },
};

TEST(each_mistake_is_told_before_anything_is_made)
{
    CHECK_INT(chdir(test_folder()), 0);
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const char *const *a = mistakes[i].args;

        run(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], NULL);
        CHECK_INT(said.code, mistakes[i].code);
        CHECK(strstr(said.err.at, mistakes[i].says));
        CHECK_INT(said.out.len, 0);
        CHECK_INT(access("D", F_OK), -1);
    }
}

TEST(a_short_password_is_refused)
{
    run("init", "--data", data(), "--workspace", "W", "--email", "o@example.com", "--password-file",
        test_write_file("password", STR("short\n")), NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.err.at, "12 characters"));
    CHECK_INT(access(data(), F_OK), -1);
}

TEST(a_second_init_changes_nothing)
{
    struct str mark;

    init();
    mark = test_read_file(test_path("data/commits"));
    run("init", "--data", data(), "--workspace", "Other", "--email", "x@example.com", NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.err.at, "is a data folder already"));
    CHECK_INT(unlink(test_path("data/commits")), 0); /* even without its mark */
    run("init", "--data", data(), "--workspace", "Other", "--email", "x@example.com", NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.err.at, "a workspace already"));
    CHECK_STR(mark, "00000000000000000001\n");
    look_begin();
    CHECK_INT(query_one_int(&look.tx, 0, "SELECT count(*) FROM workspaces", NO_ARGS), 1);
    look_end();
}

static void init_again_if_it_failed(const char *path, bool was_hit)
{
    if (was_hit && said.code != EXIT_DONE) {
        CHECK_INT(said.code, EXIT_FAILED);
        CHECK(said.err.len > 20);
        CHECK_INT(said.out.len, 0);
        run("init", "--data", path, "--workspace", "W", "--email", "o@example.com", "--demo", NULL);
    }
    CHECK_INT(said.code, EXIT_DONE);
    CHECK_INT(value_of("api_key").len, 49);
    run("check", "--data", path, NULL);
    CHECK_INT(said.code, EXIT_DONE);
}

TEST(an_init_whose_files_or_commits_fail_is_finished_by_another)
{
    char name[32];
    unsigned round = 0;

    EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_COMMIT)
    {
        const char *path;

        snprintf(name, sizeof(name), "data%u", round++);
        path = test_path(name);
        run("init", "--data", path, "--workspace", "W", "--email", "o@example.com", "--demo", NULL);
        init_again_if_it_failed(path, EACH_FAULT_END());
        snprintf(name, sizeof(name), "data%u/foyer.db", round - 1);
        unlink(test_path(name));
    }
}

/* The folder and its schema, which are other tests', are made once; each round begins with them. */
static void init_with_each_failing(uint32_t sites)
{
    const char *path = data(), *database = test_path("data/foyer.db"),
               *log = test_path("data/foyer.db-wal"), *commits = test_path("data/commits");
    struct failure failure = { 0 };
    struct datafolder folder;
    struct arena arena;
    struct db *db;
    struct str schema;

    arena_init(&arena, 16 << 20);
    CHECK_INT(datafolder_create(&folder, path, &failure, &arena), ST_OK);
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_OK);
    CHECK_INT(db_checkpoint(db, true), ST_OK);
    db_close(db);
    datafolder_close(&folder);
    schema = file_read(&arena, database, 8 << 20);
    CHECK(!str_is_absent(schema));
    EACH_FAULT(sites)
    {
        fault_arm(0, 0);
        unlink(log);
        unlink(commits);
        CHECK(file_write(database, schema, 0600));
        fault_arm(each_fault.sites, each_fault.nth);
        run("init", "--data", path, "--workspace", "W", "--email", "o@example.com", "--demo", NULL);
        init_again_if_it_failed(path, EACH_FAULT_END());
    }
    arena_fini(&arena);
}

/* In two, for there are many rounds. */
TEST(an_init_whose_statements_fail_leaves_no_half_workspace)
{
    init_with_each_failing(1u << FAULT_STEP);
}

TEST(an_init_whose_statements_cannot_be_prepared_leaves_no_half_workspace)
{
    init_with_each_failing(1u << FAULT_PREPARE | 1u << FAULT_ARENA);
}

TEST(check_finds_a_new_folder_sound_and_changes_nothing)
{
    init();
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_DONE);
    CHECK(str_ends(said.out, STR("/data: sound\n")));
    run("check", "--data", data(), "--json", NULL);
    CHECK_INT(said.code, EXIT_DONE);
    CHECK_STR(said.out, "{\"sound\":true,\"inUseBy\":null,\"findings\":[]}\n");
}

/* Breaks the rows as a person with the sqlite3 shell might, whose foreign keys are off. */
static void spoil(const char *sql)
{
    sqlite3 *handle;

    CHECK_INT(sqlite3_open(test_path("data/foyer.db"), &handle), SQLITE_OK);
    CHECK_INT(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static enum status seal(struct tx *tx, void *context)
{
    (void)context;
    audit_seal(tx, 100);
    return tx_status(tx);
}

TEST(check_finds_a_changed_audit)
{
    struct tx tx;

    init();
    look_begin();
    tx_end_read(&look.tx);
    tx_init(&tx, look.db, &look.arena, clock_wall());
    CHECK_INT(tx_once(look.db, &tx, seal, NULL), ST_OK);
    look_end();
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_DONE);
    spoil("UPDATE audit SET actor_kind = 'client' WHERE seq = 1");
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.out.at, "was changed from entry 1 on"));
}

static const struct {
    const char *sql, *finding;
} damages[] = {
    { "UPDATE workspaces SET client_count = 7", "count their clients wrongly" },
    { "UPDATE clients SET company_ids = x''", "other companies than they belong to" },
    { "UPDATE clients SET company_ids = randomblob(16)", "not in their client's list" },
    { "UPDATE workspaces SET event_seq = 0", "numbers that will be given again" },
    { "DELETE FROM events; UPDATE workspaces SET event_seq = -1", NULL }, /* nothing contradicts */
    { "UPDATE message_channels SET kind = 1, client = NULL, company = 1, members_hash = "
      "zeroblob(32) WHERE seq = 1",
      "groups list other members" },
    { "UPDATE workspaces SET audit_seq = 9", "miss entries" },
    { "UPDATE search_state SET clients_watermark = 99", "missing in the index" },
    { "UPDATE memberships SET company = 77", "refers to a row of companies that is missing" },
    { "DELETE FROM meta", "the counter of commits in meta" },
    { "CREATE TABLE mine (a)", "the table mine is not of Foyer" },
    { "DROP TRIGGER clients_count_insert", "the trigger clients_count_insert is missing" },
    { "UPDATE migrations SET checksum = 'x' WHERE number = 1", "0001_server.sql" },
    { "DELETE FROM migrations WHERE number > 1", "still to come" },
};

TEST(check_finds_each_damage)
{
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        char command[1024];

        init();
        spoil(damages[i].sql);
        run("check", "--data", data(), NULL);
        CHECK_INT(said.code, damages[i].finding ? EXIT_FAILED : EXIT_DONE);
        if (damages[i].finding)
            CHECK(strstr(said.out.at, damages[i].finding));
        run("check", "--data", data(), "--json", NULL);
        CHECK(strstr(said.out.at, damages[i].finding ? "{\"sound\":false," : "{\"sound\":true,"));
        snprintf(command, sizeof(command), "old%zu", i);
        CHECK_INT(rename(data(), test_path(command)), 0);
    }
}

TEST(check_finds_a_row_that_refers_to_another_workspace)
{
    init();
    spoil("INSERT INTO workspaces (seq, id, name, created_at, updated_at) VALUES (2, "
          "randomblob(16), 'X', 1, 1)");
    spoil("UPDATE memberships SET workspace = 2 WHERE client = (SELECT min(seq) FROM clients)");
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.out.at, "rows of memberships refer to clients of another workspace"));
}

TEST(check_finds_a_broken_page_key_mark_and_mode)
{
    FILE *file;

    init();
    file = fopen(test_path("data/foyer.db"), "r+");
    CHECK(file && fseek(file, 4096 * 20, SEEK_SET) == 0);
    for (int i = 0; i < 4096; i++)
        fputc(0x5a, file);
    fclose(file);
    CHECK_INT(chmod(test_path("data/server.key"), 0644), 0);
    CHECK_INT(chmod(data(), 0755), 0);
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.out.at, "chmod 700"));
    CHECK(strstr(said.out.at, "chmod 600"));
    CHECK(strstr(said.out.at, "age 21")); /* "On tree page 21 …" or "Page 21 …" */
    CHECK(str_ends(said.out, STR(": not sound\n")));
}

TEST(check_notices_a_history_that_was_cut_short)
{
    init();
    test_write_file("data/commits", STR("00000000000000000009\n"));
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_FAILED);
    CHECK(strstr(said.out.at, "ends at commit 1, but 9 were acknowledged"));
}

TEST(check_looks_at_a_folder_that_a_server_uses)
{
    char byte, text[64];
    int ready[2], done[2], end;
    pid_t child;

    init();
    CHECK_INT(pipe(ready) | pipe(done), 0);
    child = fork();
    if (child == 0) {
        close(done[1]);
        look_begin();
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(done[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(done[0]);
    CHECK_INT(read(ready[0], &byte, 1), 1);
    run("check", "--data", data(), NULL);
    CHECK_INT(said.code, EXIT_DONE);
    snprintf(text, sizeof(text), "in use by process %d", (int)child);
    CHECK(strstr(said.out.at, text));
    close(done[1]);
    waitpid(child, &end, 0);
    CHECK_INT(WEXITSTATUS(end), 0);
}

/* Data folders: made whole or finished by the next try, held by one, and refused with a reason. */
#include "each_fault.h"
#include "harness.h"

#include "base/arena.h"
#include "store/datafolder.h"
#include "store/db.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static struct failure failure;
static struct datafolder folder;

static void begin(void)
{
    arena_init(&arena, 16 << 20);
    failure_clear(&failure);
}

static const char *data(void)
{
    return test_path("data");
}

static const char *inside(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "data/%s", name);
    return test_path(path);
}

static enum status open_it(void)
{
    failure_clear(&failure);
    return datafolder_open(&folder, data(), &failure, &arena);
}

static void make_it(void)
{
    begin();
    CHECK_INT(datafolder_create(&folder, data(), &failure, &arena), ST_OK);
    datafolder_close(&folder);
}

/* One commit with the folder's writer, mark and all. */
static void commit_once(void)
{
    struct db *db;
    struct tx tx;

    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_OK);
    tx_init(&tx, db, &arena, 1);
    CHECK_INT(tx_batch_begin(db), ST_OK);
    CHECK_INT(tx_job_begin(&tx), ST_OK);
    query_run(&tx, "UPDATE meta SET one = 1", NO_ARGS);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(db, 1), ST_OK);
    datafolder_raise_mark(&folder, db_commits(db));
    db_close(db);
}

static mode_t mode_of(const char *path)
{
    struct stat info;

    CHECK_INT(stat(path, &info), 0);
    return info.st_mode & 0777;
}

TEST(a_new_folder_is_whole_and_nobody_else_may_look_into_it)
{
    struct datafolder again;
    uint8_t zeros[CRYPTO_KEY] = { 0 };

    umask(0);
    begin();
    CHECK_INT(datafolder_create(&folder, data(), &failure, &arena), ST_OK);
    CHECK(memcmp(folder.server_key, zeros, CRYPTO_KEY) != 0);
    CHECK_INT(mode_of(data()), 0700);
    CHECK_INT(mode_of(inside("server.key")), 0600);
    CHECK_INT(mode_of(inside("foyer.db")), 0600);
    CHECK_INT(mode_of(inside("commits")), 0600);
    CHECK_INT(mode_of(inside("mail/new")), 0700);
    CHECK_INT(mode_of(inside("scripts")), 0700);
    again = folder;
    datafolder_close(&folder);
    CHECK_INT(folder.server_key[0] | folder.server_key[31], 0); /* not left in memory */
    CHECK_INT(open_it(), ST_OK);
    CHECK_BYTES(folder.server_key, again.server_key, CRYPTO_KEY);
    datafolder_close(&folder);
    failure_clear(&failure);
    CHECK_INT(datafolder_create(&folder, data(), &failure, &arena), ST_CONFLICT);
    CHECK_STR(failure.code, "already_initialized");
}

TEST(a_path_with_slashes_at_its_end_or_missing_parents_is_taken)
{
    begin();
    CHECK_INT(datafolder_create(&folder, test_path("a/b/c//"), &failure, &arena), ST_OK);
    CHECK_STR(folder.path, test_path("a/b/c"));
    datafolder_close(&folder);
}

TEST(an_init_that_fails_anywhere_is_finished_by_the_next)
{
    unsigned round = 0;

    EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT)
    {
        enum status status;
        const char *path;
        struct db *db;
        char name[32];

        begin();
        snprintf(name, sizeof(name), "data%u", round++);
        path = test_path(name);
        status = datafolder_create(&folder, path, &failure, &arena);
        if (EACH_FAULT_END() && status != ST_OK) {
            CHECK(!str_is_absent(failure.message));
            CHECK_INT(folder.lock_fd, -1);
            failure_clear(&failure);
            status = datafolder_create(&folder, path, &failure, &arena);
            if (status == ST_CONFLICT) { /* it failed after all was made */
                CHECK_STR(failure.code, "already_initialized");
                failure_clear(&failure);
                status = datafolder_open(&folder, path, &failure, &arena);
            }
        }
        CHECK_INT(status, ST_OK);
        CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_OK);
        db_close(db);
        unlink(folder.database);
        datafolder_close(&folder);
        arena_fini(&arena);
    }
}

TEST(what_is_no_data_folder_is_refused_and_left_as_it_was)
{
    const char *file = test_write_file("file", STR("mine"));

    begin();
    CHECK_INT(open_it(), ST_NOT_FOUND);
    CHECK(strstr(failure.message.at, "foyer init"));
    CHECK_INT(access(data(), F_OK), -1);
    failure_clear(&failure);
    CHECK_INT(datafolder_open(&folder, file, &failure, &arena), ST_NOT_FOUND);
    CHECK_STR(failure.code, "not_a_folder");
    failure_clear(&failure);
    CHECK_INT(datafolder_create(&folder, file, &failure, &arena), ST_CONFLICT);
    CHECK_STR(failure.code, "not_a_folder");
    failure_clear(&failure);
    CHECK_INT(datafolder_open(&folder, test_path("file/under"), &failure, &arena), ST_CONFLICT);
    failure_clear(&failure);
    CHECK_INT(datafolder_open(&folder, test_folder(), &failure, &arena), ST_NOT_FOUND);
    CHECK_STR(failure.code, "no_data_folder");
    failure_clear(&failure);
    CHECK_INT(chmod(test_folder(), 0755), 0);
    CHECK_INT(datafolder_create(&folder, test_folder(), &failure, &arena), ST_CONFLICT);
    CHECK_STR(failure.code, "not_empty");
    CHECK_INT(mode_of(test_folder()), 0755);
    CHECK_STR(test_read_file(file), "mine");
    CHECK_INT(access(test_path("lock"), F_OK), -1);
}

TEST(an_impossible_path_is_refused)
{
    char path[5000];

    begin();
    CHECK_INT(datafolder_create(&folder, "", &failure, &arena), ST_INVALID);
    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    failure_clear(&failure);
    CHECK_INT(datafolder_open(&folder, path, &failure, &arena), ST_INVALID);
    path[3000] = '\0'; /* longer than a name may be */
    failure_clear(&failure);
    CHECK(datafolder_create(&folder, path, &failure, &arena) != ST_OK);
}

TEST(a_folder_that_its_user_may_not_use_is_refused)
{
    int end;

    make_it();
    CHECK_INT(chmod(data(), 0500), 0);
    if (fork() == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(9);
        _exit(open_it() == ST_DENIED && strstr(failure.message.at, data()) ? 0 : 1);
    }
    wait(&end);
    CHECK_INT(WEXITSTATUS(end), 0);
}

TEST(a_second_process_on_the_folder_is_refused_with_the_first_ones_number)
{
    struct datafolder second;
    char text[32], byte;
    int ready[2], done[2], end;
    pid_t child;

    make_it();
    CHECK_INT(pipe(ready) | pipe(done), 0);
    child = fork();
    if (child == 0) {
        close(done[1]);
        if (open_it() != ST_OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(done[0], &byte, 1) == 0 ? 0 : 1); /* until the parent closes, or dies */
    }
    close(done[0]);
    CHECK_INT(read(ready[0], &byte, 1), 1);
    CHECK_INT(open_it(), ST_CONFLICT);
    CHECK_STR(failure.code, "data_folder_in_use");
    snprintf(text, sizeof(text), "process %d", (int)child);
    CHECK(strstr(failure.message.at, text));
    failure_clear(&failure);
    CHECK_INT(datafolder_create(&second, data(), &failure, &arena), ST_CONFLICT);
    CHECK_STR(failure.code, "data_folder_in_use");
    close(done[1]);
    waitpid(child, &end, 0);
    CHECK_INT(WEXITSTATUS(end), 0);
    CHECK_INT(open_it(), ST_OK); /* the lock went with its process */
    datafolder_close(&folder);
}

TEST(a_key_that_others_may_read_or_that_is_broken_is_refused)
{
    make_it();
    CHECK_INT(chmod(inside("server.key"), 0640), 0);
    CHECK_INT(open_it(), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "key_mode");
    CHECK_INT(chmod(inside("server.key"), 0600), 0);
    CHECK_INT(truncate(inside("server.key"), 31), 0);
    CHECK_INT(open_it(), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "key_broken");
    CHECK_INT(truncate(inside("server.key"), 33), 0);
    CHECK_INT(open_it(), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "key_broken");
    CHECK_INT(unlink(inside("server.key")), 0);
    CHECK_INT(open_it(), ST_NOT_FOUND);
    CHECK(strstr(failure.message.at, "server.key"));
}

TEST(a_key_that_is_gone_and_a_database_that_is_none_are_refused_with_what_to_do)
{
    struct db *db;
    FILE *file;

    make_it();
    unlink(inside("server.key"));
    CHECK_INT(open_it(), ST_NOT_FOUND);
    CHECK_STR(failure.code, "key_missing");
    CHECK(strstr(failure.message.at, "restore it from a backup"));
    file = fopen(inside("server.key"), "w"); /* as the message says, under umask 077 */
    CHECK(file);
    CHECK_INT(fwrite(failure.message.at, 1, CRYPTO_KEY, file), CRYPTO_KEY);
    fclose(file);
    CHECK_INT(chmod(inside("server.key"), 0600), 0);
    CHECK_INT(open_it(), ST_OK);
    datafolder_close(&folder);

    file = fopen(inside("foyer.db"), "r+");
    CHECK(file);
    CHECK_INT(fwrite("something else", 1, 14, file), 14);
    fclose(file);
    unlink(inside("foyer.db-wal"));
    CHECK_INT(open_it(), ST_OK);
    failure_clear(&failure);
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "database_unusable");
    CHECK(strstr(failure.message.at, "put the newest backup in its place"));
    datafolder_close(&folder);
}

TEST(a_history_that_was_cut_short_is_noticed)
{
    struct db *db;
    const char *old = test_path("old.db");
    char copy[1024];

    make_it();
    CHECK_INT(open_it(), ST_OK);
    commit_once();
    CHECK_STR(test_read_file(inside("commits")), "00000000000000000001\n");
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_OK);
    CHECK_INT(db_checkpoint(db, true), ST_OK);
    db_close(db);
    snprintf(copy, sizeof(copy), "%s", inside("foyer.db"));
    CHECK_INT(link(copy, old), 0);
    test_write_file("kept.db", test_read_file(old));
    commit_once();
    commit_once();
    CHECK_INT(folder.mark, 3);
    datafolder_close(&folder);

    CHECK_INT(open_it(), ST_OK);
    CHECK_INT(folder.mark, 3);
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_OK);
    CHECK_INT(db_commits(db), 3);
    db_close(db);

    unlink(inside("foyer.db-wal")); /* somebody puts an older copy there */
    unlink(inside("foyer.db-shm"));
    CHECK_INT(rename(test_path("kept.db"), copy), 0);
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "history_missing");
    CHECK(!db);
    datafolder_close(&folder);
    CHECK_INT(unlink(inside("commits")), 0); /* "I know" */
    CHECK_INT(open_it(), ST_OK);
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &arena), ST_OK);
    CHECK_INT(db_commits(db), 1);
    db_close(db);
    datafolder_close(&folder);
}

/* SQLite takes it for a new database: a server would begin with nothing, and say nothing. */
TEST(a_database_that_became_empty_is_refused_with_or_without_a_mark)
{
    make_it();
    test_write_file("data/foyer.db", STR(""));
    CHECK_INT(open_it(), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "database_empty");
    CHECK_INT(unlink(test_path("data/commits")), 0);
    CHECK_INT(open_it(), ST_UNAVAILABLE);
    CHECK_STR(failure.code, "database_empty");
}

TEST(a_mark_that_is_no_number_is_refused)
{
    static const char *const texts[] = { "",
                                         "7\n",
                                         "0000000000000000000x\n",
                                         "-0000000000000000001\n",
                                         "00000000000000000001\n0",
                                         "99999999999999999999\n" };

    make_it();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        test_write_file("data/commits", str_from(texts[i]));
        harness_note("%s", texts[i]);
        CHECK_INT(open_it(), ST_UNAVAILABLE);
        CHECK_STR(failure.code, "mark_broken");
    }
}

TEST(a_mark_never_goes_back)
{
    make_it();
    CHECK_INT(open_it(), ST_OK);
    datafolder_raise_mark(&folder, 12);
    datafolder_raise_mark(&folder, 7);
    CHECK_STR(test_read_file(inside("commits")), "00000000000000000012\n");
    datafolder_close(&folder);
}

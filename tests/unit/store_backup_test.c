/* Backups: copies of a database that is written to, archives, and what comes out of them. */
#include "base/clock.h"
#include "base/file.h"
#include "each_fault.h"
#include "exec_folder.h"
#include "harness.h"
#include "store/backup.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/vfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTES = 400, STEPS_MOST = 100000 };

static struct exec_folder made;
static struct failure failure;

static enum status add(struct tx *tx, void *context)
{
    query_run(tx, "INSERT INTO notes (n, text) VALUES ($1, hex(randomblob(4000)))",
              ARGS(arg_int(*(const int64_t *)context)));
    return tx_status(tx);
}

static enum status run_newer(struct tx *tx, void *context)
{
    (void)context;
    query_run(tx, "INSERT INTO migrations (number, checksum, at) VALUES ($1, 'of another day', 1)",
              ARGS(arg_int(migrate_newest() + 1)));
    return tx_status(tx);
}

static enum status add_note(int64_t n)
{
    enum status status;
    struct arena arena;
    struct tx tx;

    arena_init(&arena, 1 << 20);
    tx_init(&tx, made.db, &arena, clock_wall());
    status = tx_once(made.db, &tx, add, &n);
    arena_fini(&arena);
    return status;
}

static void open_full(void)
{
    exec_folder_open(&made);
    for (int64_t n = 100; n < 100 + NOTES; n++)
        CHECK_INT(add_note(n), ST_OK);
}

static int64_t ask_copy(const char *path, const char *sql)
{
    sqlite3_stmt *statement;
    sqlite3 *handle;
    int64_t number;

    CHECK_INT(sqlite3_open(path, &handle), SQLITE_OK);
    CHECK_INT(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return number;
}

/* Copies, with between(step) between the steps. */
static enum status copy(const char *path, uint64_t *commits, void (*between)(int64_t step))
{
    struct backup_copy *copy;
    int64_t step = 0;

    failure_clear(&failure);
    unlink(path);
    if (!file_write_new(path, STR(""), 0600))
        return ST_UNAVAILABLE;
    if (backup_copy_open(made.db, path, &copy, &failure, &made.arena) != ST_OK)
        return failure.status;
    while (backup_copy_step(copy)) {
        CHECK(step++ < STEPS_MOST);
        if (between)
            between(step);
    }
    CHECK(backup_copy_done(copy) <= backup_copy_total(copy));
    return backup_copy_close(copy, commits, &failure, &made.arena);
}

static void write_meanwhile(int64_t step)
{
    CHECK_INT(add_note(10000 + step), ST_OK);
}

TEST(what_is_committed_meanwhile_is_in_the_copy)
{
    const char *path = test_path("copy");
    uint64_t commits;

    open_full();
    CHECK_INT(copy(path, &commits, write_meanwhile), ST_OK);
    CHECK_INT(commits, db_commits(made.db));
    CHECK_INT(ask_copy(path, "SELECT commits FROM meta"), commits);
    CHECK_INT(ask_copy(path, "SELECT count(*) FROM notes"),
              exec_folder_ask(&made, "SELECT count(*) FROM notes"));
    CHECK(ask_copy(path, "SELECT count(*) FROM notes") > NOTES);
    exec_folder_close(&made);
}

/* 13 rolls the whole transaction back, and with it what SQLite had copied. */
static void lose_meanwhile(int64_t step)
{
    (void)step;
    CHECK(add_note(13) != ST_OK);
}

TEST(a_copy_comes_to_its_end_though_every_batch_is_lost)
{
    const char *path = test_path("copy");
    uint64_t commits;

    open_full();
    CHECK_INT(copy(path, &commits, lose_meanwhile), ST_OK);
    CHECK_INT(ask_copy(path, "SELECT count(*) FROM notes"), NOTES);
    exec_folder_close(&made);
}

static void checkpoint_meanwhile(int64_t step)
{
    write_meanwhile(step);
    CHECK_INT(db_checkpoint(made.db, true), ST_OK);
}

TEST(checkpoints_meanwhile_do_no_harm)
{
    const char *path = test_path("copy");
    uint64_t commits;

    open_full();
    CHECK_INT(copy(path, &commits, checkpoint_meanwhile), ST_OK);
    CHECK_INT(ask_copy(path, "SELECT commits FROM meta"), db_commits(made.db));
    exec_folder_close(&made);
}

TEST(a_copy_that_is_given_up_says_so)
{
    const char *path = test_write_file("copy", STR(""));
    struct backup_copy *given_up;
    uint64_t commits;

    open_full();
    CHECK_INT(backup_copy_open(made.db, path, &given_up, &failure, &made.arena), ST_OK);
    CHECK(backup_copy_step(given_up));
    CHECK_INT(backup_copy_close(given_up, &commits, &failure, &made.arena), ST_BUSY);
    CHECK_INT(add_note(1), ST_OK);
    exec_folder_close(&made);
}

#ifdef FOYER_FAULTS
static void fill_disk(int64_t step)
{
    if (step == 2)
        vfs_set_disk(VFS_DISK_FULL);
}

TEST(a_full_disk_ends_the_copy_alone)
{
    const char *path = test_path("copy");
    uint64_t commits;

    open_full();
    CHECK_INT(copy(path, &commits, fill_disk), ST_DISK_FULL);
    CHECK(strstr(failure.message.at, "free some space"));
    vfs_set_disk(VFS_SOUND);
    CHECK_INT(add_note(1), ST_OK);
    CHECK(!db_is_read_only(made.db));
    CHECK_INT(copy(path, &commits, NULL), ST_OK);
    exec_folder_close(&made);
}
#endif

/* ---- Archives ---------------------------------------------------------------------------------- */

static enum status archive(const char *path, struct backup_facts *facts)
{
    const char *copied = test_path("copy");
    struct str temporary = backup_temporary(&made.arena, path);

    *facts = (struct backup_facts){ .made_at = clock_wall() };
    if (copy(copied, &facts->commits, NULL) != ST_OK)
        return failure.status == ST_OK ? ST_UNAVAILABLE : failure.status;
    return backup_write(made.folder.path, copied, temporary.at, path, facts, &failure, &made.arena);
}

static int count_temporary(void)
{
    DIR *folder = opendir(test_folder());
    const struct dirent *entry;
    int count = 0;

    while ((entry = readdir(folder)))
        count += strstr(entry->d_name, ".tmp-") != NULL;
    closedir(folder);
    return count;
}

static void open_small(void)
{
    exec_folder_open(&made);
    CHECK_INT(add_note(7), ST_OK);
    test_write_file("data/scripts/a.lua", STR("-- A.\n"));
    test_write_file("data/files/empty", STR(""));
    CHECK_INT(mkdir(test_path("data/plugins/x"), 0700), 0);
    test_write_file(
        "data/plugins/x/a_name_that_is_so_long_that_it_does_not_fit_into_the_hundred_bytes_that_"
        "the_header_of_a_tar_has_for_it_so_that_it_goes_another_way_.txt",
        STR("long\n"));
}

TEST(a_restored_folder_is_what_was_backed_up)
{
    const char *path = test_path("b.tar");
    struct backup_facts facts, verified, restored;
    struct datafolder folder;
    struct db *db;

    open_small();
    CHECK_INT(archive(path, &facts), ST_OK);
    CHECK(backup_is_archive(path));
    CHECK_INT(backup_verify(path, &verified, &failure, &made.arena), ST_OK);
    CHECK_INT(verified.files, facts.files);
    CHECK_INT(verified.made_at, facts.made_at);
    CHECK_INT(backup_restore(path, test_path("new"), &restored, &failure, &made.arena), ST_OK);
    CHECK_INT(restored.commits, facts.commits);
    CHECK_STR(test_read_file(test_path("new/scripts/a.lua")), "-- A.\n");
    CHECK_STR(test_read_file(test_path("new/files/empty")), "");
    CHECK_STR(
        test_read_file(test_path(
            "new/plugins/x/a_name_that_is_so_long_that_it_does_not_fit_into_the_hundred_bytes_"
            "that_the_header_of_a_tar_has_for_it_so_that_it_goes_another_way_.txt")),
        "long\n");
    CHECK_INT(datafolder_open(&folder, test_path("new"), &failure, &made.arena), ST_OK);
    CHECK_INT(folder.mark, facts.commits);
    CHECK_BYTES(folder.server_key, made.folder.server_key, CRYPTO_KEY);
    CHECK_INT(datafolder_open_database(&folder, &db, &failure, &made.arena), ST_OK);
    CHECK_INT(db_commits(db), facts.commits);
    db_close(db);
    datafolder_close(&folder);
    exec_folder_close(&made);
}

/* Whoever installs the newer program then restores into the same folder. */
TEST(a_backup_of_a_newer_program_leaves_nothing)
{
    struct backup_facts facts;
    struct tx tx;

    open_small();
    tx_init(&tx, made.db, &made.arena, clock_wall());
    CHECK_INT(tx_once(made.db, &tx, run_newer, NULL), ST_OK);
    CHECK_INT(archive(test_path("b.tar"), &facts), ST_OK);
    CHECK_INT(backup_restore(test_path("b.tar"), test_path("new"), &facts, &failure, &made.arena),
              ST_UNAVAILABLE);
    CHECK_STR(failure.code, "schema_newer");
    CHECK_INT(access(test_path("new"), F_OK), -1);
    exec_folder_close(&made);
}

TEST(a_copy_of_another_commit_is_not_archived)
{
    struct backup_facts facts = { 0 };
    uint64_t commits;

    open_small();
    CHECK_INT(copy(test_path("copy"), &commits, NULL), ST_OK);
    facts.commits = commits + 1;
    CHECK_INT(backup_write(made.folder.path, test_path("copy"), test_path("b.tar.tmp-x"),
                           test_path("b.tar"), &facts, &failure, &made.arena),
              ST_UNAVAILABLE);
    CHECK_INT(access(test_path("b.tar"), F_OK), -1);
    CHECK_INT(count_temporary(), 0);
    exec_folder_close(&made);
}

TEST(a_name_that_cannot_be_kept_is_told)
{
    struct backup_facts facts;

    open_small();
    test_write_file("data/files/two\nlines", STR("x"));
    CHECK_INT(archive(test_path("b.tar"), &facts), ST_UNPROCESSABLE);
    CHECK(strstr(failure.message.at, "rename it"));
    unlink(test_path("data/files/two\nlines"));
    failure_clear(&failure);
    CHECK_INT(symlink("..", test_path("data/files/round")), 0);
    CHECK_INT(archive(test_path("b.tar"), &facts), ST_UNPROCESSABLE);
    CHECK(strstr(failure.message.at, "too deep"));
    CHECK_INT(count_temporary(), 0);
    exec_folder_close(&made);
}

TEST(whatever_call_fails_there_is_a_whole_backup_or_none)
{
    const char *path = test_path("b.tar");
    struct backup_facts facts;

    open_small();
    EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_STEP)
    {
        enum status status;

        unlink(path);
        status = archive(path, &facts);
        if (EACH_FAULT_END() && access(path, F_OK) != 0)
            CHECK(status != ST_OK);
        else /* it was renamed, and only its folder could not be synced, or nothing failed */
            CHECK_INT(backup_verify(path, &facts, &failure, &made.arena),
                      status == ST_OK ? ST_OK : status);
        CHECK_INT(count_temporary(), 0);
        failure_clear(&failure);
    }
    CHECK_INT(add_note(8), ST_OK);
    exec_folder_close(&made);
}

TEST(whatever_call_fails_there_is_a_whole_folder_or_none)
{
    const char *path = test_path("b.tar");
    struct backup_facts facts;
    char name[32];
    int round = 0;

    open_small();
    CHECK_INT(archive(path, &facts), ST_OK);
    EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_STEP)
    {
        enum status status;

        failure_clear(&failure);
        snprintf(name, sizeof(name), "new%d", round++);
        status = backup_restore(path, test_path(name), &facts, &failure, &made.arena);
        if (EACH_FAULT_END() && status != ST_OK) {
            struct datafolder folder;

            failure_clear(&failure);
            CHECK_INT(datafolder_open(&folder, test_path(name), &failure, &made.arena),
                      ST_NOT_FOUND);
            failure_clear(&failure);
            CHECK_INT(backup_restore(path, test_path(name), &facts, &failure, &made.arena), ST_OK);
        } else {
            CHECK_INT(status, ST_OK);
        }
    }
    exec_folder_close(&made);
}

/* Migrations: each whole or not at all, wherever they are cut short; a strange database is refused. */
#include "store_fixture.h"

#include "base/buf.h"
#include "each_fault.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/vfs.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void open_empty(struct store *store)
{
    memset(store, 0, sizeof(*store));
    arena_init(&store->arena, 64 << 20);
    store->path = test_path("foyer.db");
#ifdef FOYER_FAULTS
    vfs_power_cut(); /* nothing is owed to the file that goes */
#endif
    unlink(store->path);
    unlink(test_path("foyer.db-wal"));
    unlink(test_path("foyer.db-shm"));
    CHECK_INT(db_open(store->path, DB_WRITE, &store->db, &store->failure, &store->arena), ST_OK);
}

static void check_whole(struct store *store)
{
    struct buf report;

    buf_init(&report, 1 << 16);
    migrate_check(store->db, &report, &store->arena);
    db_check(store->db, &report);
    CHECK_STR(buf_view(&report), "");
    buf_fini(&report);
}

static const char *findings(struct store *store)
{
    struct buf report;
    struct str text;

    buf_init(&report, 1 << 16);
    CHECK_INT(migrate_check(store->db, &report, &store->arena), ST_UNAVAILABLE);
    text = str_copy(&store->arena, buf_view(&report));
    buf_fini(&report);
    return text.at;
}

static void expect_refusal(struct store *store, const char *code)
{
    failure_clear(&store->failure);
    CHECK(migrate_run(store->db, NULL, &store->failure, &store->arena) != ST_OK);
    CHECK_STR(store->failure.code, code);
}

TEST(a_migration_that_fails_at_any_statement_leaves_nothing_and_the_next_start_finishes)
{
    EACH_FAULT(1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT)
    {
        struct store store;
        enum status status;

        open_empty(&store);
        status = migrate_run(store.db, NULL, &store.failure, &store.arena);
        if (EACH_FAULT_END()) {
            CHECK(status != ST_OK);
            failure_clear(&store.failure);
            CHECK_INT(migrate_run(store.db, NULL, &store.failure, &store.arena), ST_OK);
        } else {
            CHECK_INT(status, ST_OK);
        }
        check_whole(&store);
        store_close(&store);
    }
}

#ifdef FOYER_FAULTS
/* The process is killed when a write of the disk is reached, and what was not synced is gone. Each of the first
 * writes, among which are those of the first migrations; of the many after them one in seven. */
enum { EACH_WRITE = 60, STRIDE = 7 };

TEST(a_migration_that_is_killed_at_any_write_is_finished_by_the_next_start)
{
    bool was_hit;
    uint64_t nth = 0;

    db_start();
    vfs_set_memory(VFS_FORGET_SOME);
    do {
        struct store store;

        nth += nth < EACH_WRITE ? 1 : STRIDE;
        harness_note("killed at write or sync %llu", (unsigned long long)nth);
        vfs_fail(0, 0, false, VFS_IO_ERROR);
        open_empty(&store);
        vfs_fail(1u << VFS_WRITE | 1u << VFS_SYNC, nth, true, VFS_TORN);
        migrate_run(store.db, NULL, &store.failure, &store.arena);
        was_hit = vfs_was_hit();
        vfs_fail(0, 0, false, VFS_IO_ERROR);
        vfs_power_cut();
        db_close(store.db);
        failure_clear(&store.failure);
        store_reopen(&store);
        check_whole(&store);
        store_close(&store);
    } while (was_hit && nth < 10000);
    CHECK(nth > 20);
}
#endif

TEST(a_backup_is_made_before_a_database_that_has_rows_is_migrated)
{
    struct store store;
    struct stat info;
    struct db *copy;
    const char *path = test_path("before.db");

    open_empty(&store);
    CHECK_INT(migrate_run_to(store.db, 1, path, &store.failure, &store.arena), ST_OK);
    CHECK(stat(path, &info) != 0); /* an empty one needs none */
    store_sql(&store, "UPDATE meta SET last_commit_at = 77");
    CHECK_INT(migrate_run(store.db, path, &store.failure, &store.arena), ST_OK);
    check_whole(&store);
    CHECK_INT(db_commits(store.db), 1);
    db_close(store.db);

    CHECK_INT(stat(path, &info), 0);
    CHECK_INT(info.st_mode & 0777, 0600);
    CHECK_INT(db_open(path, DB_WRITE, &copy, &store.failure, &store.arena), ST_OK);
    store.db = copy;
    CHECK_STR(strstr(findings(&store), "still to come") ? "2" : findings(&store), "2");
    CHECK_INT(db_commits(copy), 1);
    store_close(&store);
}

TEST(a_backup_that_cannot_be_made_stops_the_migration)
{
    struct store store;

    open_empty(&store);
    CHECK_INT(migrate_run_to(store.db, 1, NULL, &store.failure, &store.arena), ST_OK);
    CHECK(migrate_run(store.db, "/nonexistent/before.db", &store.failure, &store.arena) != ST_OK);
    CHECK(strstr(findings(&store), "still to come"));
    store_close(&store);
}

TEST(each_fault_while_migrating_with_a_backup_is_told_and_passes)
{
    struct store store;

    open_empty(&store);
    CHECK_INT(migrate_run_to(store.db, 1, NULL, &store.failure, &store.arena), ST_OK);
    store_close(&store);
    EACH_FAULT(1u << FAULT_FILE | 1u << FAULT_ARENA)
    {
        enum status status;

        open_empty(&store);
        CHECK_INT(migrate_run_to(store.db, 1, NULL, &store.failure, &store.arena), ST_OK);
        status = migrate_run(store.db, test_path("before.db"), &store.failure, &store.arena);
        if (EACH_FAULT_END() && status != ST_OK) {
            failure_clear(&store.failure);
            CHECK_INT(migrate_run(store.db, test_path("before.db"), &store.failure, &store.arena),
                      ST_OK);
        }
        check_whole(&store);
        store_close(&store);
    }
}

TEST(a_database_of_a_newer_program_is_refused)
{
    struct store store;

    store_open(&store);
    store_sql(&store, "INSERT INTO migrations (number, checksum, at) SELECT max(number) + 1, 'x', 1"
                      " FROM migrations");
    expect_refusal(&store, "schema_newer");
    CHECK(strstr(findings(&store), "newer"));
    store_close(&store);
}

TEST(a_migration_that_was_edited_after_its_release_is_refused)
{
    struct store store;

    store_open(&store);
    store_sql(&store, "UPDATE migrations SET checksum = 'other' WHERE number = 2");
    expect_refusal(&store, "migration_changed");
    store_sql(&store, "DELETE FROM migrations WHERE number = 2");
    expect_refusal(&store, "migration_missing");
    store_close(&store);
}

TEST(a_schema_that_was_changed_by_hand_is_noticed)
{
    struct store store;

    store_open(&store); /* with its table t */
    CHECK_STR(strstr(findings(&store), "the table t "), "the table t is not of Foyer: drop it\n");
    store_sql(&store, "DROP TABLE t");
    check_whole(&store);
    store_sql(&store, "ALTER TABLE companies ADD COLUMN more TEXT");
    CHECK(strstr(findings(&store), "the table companies was changed by hand"));
    store_sql(&store, "DROP INDEX clients_newest");
    CHECK(strstr(findings(&store), "the index clients_newest is missing"));
    store_close(&store);
}

TEST(what_is_not_a_database_is_refused_and_left_alone)
{
    struct arena arena;
    struct failure failure = { 0 };
    struct db *db;
    const char *path = test_write_file("foyer.db", STR("This is a diary of 1 January, and of every "
                                                       "day that followed it in that year."));

    arena_init(&arena, 1 << 16);
    CHECK_INT(db_open(path, DB_WRITE, &db, &failure, &arena), ST_UNAVAILABLE);
    CHECK(!db);
    CHECK(strstr(failure.message.at, path));
    failure_clear(&failure);
    CHECK_INT(db_open(test_path("missing.db"), DB_READ, &db, &failure, &arena), ST_NOT_FOUND);
    failure_clear(&failure);
    CHECK_INT(db_open(test_folder(), DB_WRITE, &db, &failure, &arena), ST_UNAVAILABLE);
    CHECK(str_starts(test_read_file(path), STR("This is a diary")));
    arena_fini(&arena);
}

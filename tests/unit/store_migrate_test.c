/* Migrations: each whole or not at all, wherever they are cut short; a strange database is refused. */
#include "store_fixture.h"

#include "base/buf.h"
#include "base/file.h"
#include "each_fault.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/vfs.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A database of this content; absent: an empty one. */
static void open_with(struct store *store, struct str file)
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
    CHECK(str_is_absent(file) || file_write(store->path, file, 0600));
    CHECK_INT(db_open(store->path, DB_WRITE, &store->db, &store->failure, &store->arena), ST_OK);
}

static void open_empty(struct store *store)
{
    open_with(store, STR_NONE);
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

#ifdef FOYER_FAULTS
static void check_pages(struct store *store)
{
    struct buf report;

    buf_init(&report, 1 << 16);
    db_check(store->db, &report);
    CHECK_STR(buf_view(&report), "");
    buf_fini(&report);
}
#endif

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

/* The database as a migration finds it, and how it is once that has run. Each migration is looked at by
 * itself: to run all those before it for each of its faults would take longer with each that is added. */
struct stage {
    struct arena arena;
    struct str file; /* absent: there is none */
    int number;
    const char *before, *after;
};

/* Its schema and the number of the last migration. */
static const char *state_of(struct store *store, struct arena *arena)
{
    struct str text = STR_NONE;
    struct query q;
    struct tx tx;

    tx_init(&tx, store->db, &store->arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    q = query_open(&tx,
                   "SELECT coalesce(max(number), 0) || coalesce((SELECT group_concat(name || sql)"
                   " FROM (SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
                   " ORDER BY type, name)), '') FROM migrations",
                   NO_ARGS);
    CHECK(query_next(&q));
    text = str_copy(arena, query_text(&q, 0));
    query_close(&q);
    tx_end_read(&tx);
    return text.at;
}

static const char *migrated_to(struct store *store, int number, struct stage *stage)
{
    CHECK_INT(migrate_run_to(store->db, number, NULL, &store->failure, &store->arena), ST_OK);
    return state_of(store, &stage->arena);
}

/* From the stage before, or for number 1 from nothing. */
static void stage_begin(struct stage *stage, int number)
{
    struct str file = STR_NONE;
    struct store store;
    struct arena arena;

    if (number == 1)
        *stage = (struct stage){ .file = STR_NONE };
    arena_init(&arena, 64 << 20);
    open_with(&store, stage->file);
    if (number > 1)
        migrated_to(&store, number - 1, stage);
    CHECK_INT(db_checkpoint(store.db, true), ST_OK);
    if (number > 1)
        file = file_read(&arena, store.path, 64 << 20);
    store_close(&store);
    if (number > 1)
        arena_fini(&stage->arena);
    *stage = (struct stage){ .arena = arena, .file = file, .number = number };
    open_with(&store, stage->file);
    stage->before = migrated_to(&store, number - 1, stage);
    stage->after = migrated_to(&store, number, stage);
    CHECK(strcmp(stage->before, stage->after) != 0);
    if (number == migrate_newest())
        check_whole(&store);
    store_close(&store);
}

static bool is_at(struct store *store, const char *state)
{
    return strcmp(state_of(store, &store->arena), state) == 0;
}

TEST(a_migration_that_fails_at_any_statement_leaves_nothing_and_the_next_start_finishes)
{
    struct stage stage;

    for (int number = 1; number <= migrate_newest(); number++) {
        stage_begin(&stage, number);
        EACH_FAULT(1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT)
        {
            struct store store;
            enum status status;

            open_with(&store, stage.file);
            status = migrate_run_to(store.db, number, NULL, &store.failure, &store.arena);
            if (EACH_FAULT_END()) {
                CHECK(status != ST_OK);
                CHECK(is_at(&store, stage.before));
                failure_clear(&store.failure);
                CHECK_INT(migrate_run_to(store.db, number, NULL, &store.failure, &store.arena),
                          ST_OK);
            } else {
                CHECK_INT(status, ST_OK);
            }
            CHECK(is_at(&store, stage.after));
            store_close(&store);
        }
    }
    arena_fini(&stage.arena);
}

#ifdef FOYER_FAULTS
/* Killed when a write of the disk is reached, and what was not synced is gone. False: it never was. */
static bool kill_at(const struct stage *stage, uint64_t nth)
{
    struct store store;
    bool was_hit;

    harness_note("migration %d killed at write or sync %llu", stage->number,
                 (unsigned long long)nth);
    open_with(&store, stage->file);
    vfs_fail(1u << VFS_WRITE | 1u << VFS_SYNC, nth, true, VFS_TORN);
    migrate_run_to(store.db, stage->number, NULL, &store.failure, &store.arena);
    was_hit = vfs_was_hit();
    vfs_fail(0, 0, false, VFS_IO_ERROR);
    vfs_power_cut();
    db_close(store.db);
    failure_clear(&store.failure);
    CHECK_INT(db_open(store.path, DB_WRITE, &store.db, &store.failure, &store.arena), ST_OK);
    CHECK_INT(migrate_run_to(store.db, stage->number - 1, NULL, &store.failure, &store.arena),
              ST_OK);
    CHECK(is_at(&store, stage->before) || is_at(&store, stage->after));
    CHECK_INT(migrate_run_to(store.db, stage->number, NULL, &store.failure, &store.arena), ST_OK);
    CHECK(is_at(&store, stage->after));
    check_pages(&store);
    store_close(&store);
    return was_hit;
}

TEST(a_migration_that_is_killed_at_any_write_is_finished_by_the_next_start)
{
    uint64_t writes = 0;
    struct stage stage;

    db_start();
    vfs_set_memory(VFS_FORGET_SOME);
    for (int number = 1; number <= migrate_newest(); number++) {
        stage_begin(&stage, number);
        for (uint64_t nth = 1; kill_at(&stage, nth); nth++)
            writes++;
    }
    CHECK(writes > 100);
    arena_fini(&stage.arena);
}

/* All of them in one start, whose commits are in one log: here and there. */
TEST(a_start_that_is_killed_between_migrations_is_finished_by_the_next)
{
    enum { STRIDE = 29 };
    bool was_hit;
    uint64_t nth = 1;

    db_start();
    vfs_set_memory(VFS_FORGET_SOME);
    do {
        struct store store;

        harness_note("killed at write or sync %llu", (unsigned long long)nth);
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
        nth += STRIDE;
    } while (was_hit);
    CHECK(nth > 10 * STRIDE);
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

/* Commands that read without a server would ask for columns that are not there yet. */
TEST(what_reads_asks_for_the_schema_of_this_program)
{
    struct store store;

    store_open(&store);
    CHECK_INT(migrate_ready(store.db, &store.failure, &store.arena), ST_OK);
    store_sql(&store, "DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)");
    CHECK_INT(migrate_ready(store.db, &store.failure, &store.arena), ST_UNAVAILABLE);
    CHECK_STR(store.failure.code, "schema_older");
    failure_clear(&store.failure);
    store_sql(&store, "INSERT INTO migrations (number, checksum, at) SELECT max(number) + 2, 'x', 1"
                      " FROM migrations");
    CHECK_INT(migrate_ready(store.db, &store.failure, &store.arena), ST_UNAVAILABLE);
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

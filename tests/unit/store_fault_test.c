/* Faults: whatever call fails, rows are all or nothing, the status is a known one, and the next
 * transaction works. */
#ifdef FOYER_FAULTS
#include "store_fixture.h"

#include "each_fault.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITES = 1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT };

/* Three rows in two jobs, and a job that is dropped. */
static enum status change(struct store *store)
{
    enum status status = tx_batch_begin(store->db);
    struct tx tx;

    if (status != ST_OK)
        return status;
    for (int64_t job = 0; job < 3 && status == ST_OK; job++) {
        struct query q;
        int64_t seen = 0;

        tx_init(&tx, store->db, &store->arena, 1);
        tx_job_begin(&tx);
        query_run(&tx, "INSERT INTO t (a, b) VALUES ($1, $2)",
                  ARGS(arg_int(10 * job), arg_text(str_printf(&store->arena, "b%d", (int)job))));
        query_run(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(10 * job + 1)));
        q = query_open(&tx, "SELECT a, b FROM t WHERE a < 100 ORDER BY a", NO_ARGS);
        while (query_next(&q)) {
            query_text(&q, 1);
            seen++;
        }
        query_close(&q);
        if (tx_status(&tx) == ST_OK)
            CHECK_INT(seen, 2 * job + 2);
        status = tx_status(&tx);
        switch (tx_job_end(&tx, job < 2)) {
        case TX_DONE:
            break;
        case TX_FAILED:
            status = job < 2 ? tx_status(&tx) : status;
            break;
        case TX_BATCH_LOST:
            CHECK(tx_status(&tx) != ST_OK);
            status = tx_status(&tx);
            break;
        }
    }
    if (status != ST_OK) {
        tx_batch_abandon(store->db);
        return status;
    }
    return tx_batch_commit(store->db, 1);
}

static bool is_known(enum status status)
{
    return status == ST_NO_MEMORY || status == ST_UNAVAILABLE || status == ST_DISK_FULL ||
           status == ST_READ_ONLY || status == ST_BUSY;
}

TEST(each_fault_in_a_batch_leaves_all_or_nothing_and_the_next_batch_works)
{
    struct store store;

    store_open(&store);
    EACH_FAULT(SITES)
    {
        enum status status = change(&store);

        if (EACH_FAULT_END()) {
            CHECK(is_known(status));
            arena_reset(&store.arena);
            CHECK_STR(store_rows(&store), "");
            CHECK_INT(change(&store), ST_OK);
        } else {
            CHECK_INT(status, ST_OK);
        }
        CHECK_STR(store_rows(&store), "0 1 10 11");
        store_sql(&store, "DELETE FROM t");
    }
    store_close(&store);
}

TEST(each_allocation_that_sqlite_does_not_get_leaves_all_or_nothing)
{
    struct store store;

    store_open(&store);
    EACH_FAULT(1u << FAULT_DB_MEMORY)
    {
        enum status status = change(&store);

        if (EACH_FAULT_END()) {
            CHECK(status == ST_OK || is_known(status));
            CHECK_STR(store_rows(&store), status == ST_OK ? "0 1 10 11" : "");
            if (status != ST_OK)
                CHECK_INT(change(&store), ST_OK);
        } else {
            CHECK_INT(status, ST_OK);
        }
        arena_reset(&store.arena);
        CHECK_STR(store_rows(&store), "0 1 10 11");
        store_sql(&store, "DELETE FROM t");
    }
    store_close(&store);
}

TEST(an_open_without_memory_is_told_and_the_next_one_works)
{
    struct store store;

    store_open(&store);
    db_close(store.db);
    EACH_FAULT(1u << FAULT_DB_MEMORY)
    {
        enum status status;

        failure_clear(&store.failure);
        status = db_open(store.path, DB_WRITE, &store.db, &store.failure, &store.arena);
        if (EACH_FAULT_END() && status != ST_OK)
            CHECK(!store.db && !str_is_absent(store.failure.message));
        db_close(store.db);
    }
    store_reopen(&store);
    store_close(&store);
}

/* What a read gives under faults: the truth, or a failure. */
static void read_all(struct db *db, struct arena *arena)
{
    struct tx tx;
    int64_t count;

    tx_init(&tx, db, arena, 1);
    tx_begin_read(&tx);
    count = query_one_int(&tx, -1, "SELECT count(*) FROM t WHERE b IS NULL", NO_ARGS);
    tx_end_read(&tx);
    if (tx_status(&tx) == ST_OK)
        CHECK_INT(count, 2);
    else
        CHECK(is_known(tx_status(&tx)));
}

/* Opens, migrates if need be, changes, reads, closes: with one call of the disk failing. */
static enum status live(struct store *store)
{
    struct db *reader = NULL;
    enum status status = db_open(store->path, DB_WRITE, &store->db, &store->failure, &store->arena);

    if (status != ST_OK)
        return status;
    status = change(store);
    if (status == ST_OK &&
        db_open(store->path, DB_READ, &reader, &store->failure, &store->arena) == ST_OK) {
        read_all(reader, &store->arena);
        db_close(reader);
    }
    if (status == ST_OK) {
        enum status checkpoint = db_checkpoint(store->db, true);

        CHECK(checkpoint == ST_OK || is_known(checkpoint));
    }
    db_close(store->db);
    store->db = NULL;
    return status;
}

static void fail_each_call(unsigned call, bool for_good, enum vfs_error error)
{
    struct store store;
    uint64_t nth = 0;
    bool was_hit;

    store_open(&store);
    db_close(store.db);
    do {
        enum status status;
        const char *rows;

        nth++;
        harness_note("call %llu of kind %u, %s, error %d", (unsigned long long)nth, call,
                     for_good ? "from then on" : "once", (int)error);
        vfs_fail(1u << call, nth, for_good, error);
        failure_clear(&store.failure);
        arena_reset(&store.arena);
        status = live(&store);
        was_hit = vfs_was_hit();
        vfs_fail(0, 0, false, VFS_IO_ERROR);
        CHECK(status == ST_OK || (was_hit && is_known(status)));

        arena_reset(&store.arena);
        failure_clear(&store.failure);
        store_reopen(&store);
        rows = store_rows(&store);
        /* Not acknowledged may still have happened, but never by half. */
        CHECK(!strcmp(rows, "0 1 10 11") || (status != ST_OK && !strcmp(rows, "")));
        store_sql(&store, "DELETE FROM t");
        CHECK_INT(change(&store), ST_OK);
        CHECK_STR(store_rows(&store), "0 1 10 11");
        store_sql(&store, "DELETE FROM t");
        CHECK_INT(db_checkpoint(store.db, true), ST_OK); /* each round begins alike */
        db_close(store.db);
    } while (was_hit && nth < 10000);
    CHECK(nth > 1 || call == VFS_DELETE || call == VFS_TRUNCATE);
    arena_fini(&store.arena);
}

TEST(each_single_failing_call_of_the_disk_leaves_all_or_nothing)
{
    for (unsigned call = 0; call < VFS_CALLS; call++)
        fail_each_call(call, false, VFS_IO_ERROR);
}

TEST(each_call_of_the_disk_failing_from_then_on_leaves_all_or_nothing)
{
    for (unsigned call = 0; call < VFS_CALLS; call++)
        fail_each_call(call, true, VFS_IO_ERROR);
}

TEST(each_torn_or_refused_write_leaves_all_or_nothing)
{
    fail_each_call(VFS_WRITE, false, VFS_TORN);
    fail_each_call(VFS_WRITE, true, VFS_TORN);
    fail_each_call(VFS_WRITE, false, VFS_NO_ROOM);
    fail_each_call(VFS_WRITE, true, VFS_NO_ROOM);
}

TEST(a_full_disk_refuses_writes_lets_read_and_recovers_by_itself)
{
    struct store store;
    struct tx tx;

    store_open(&store);
    store_sql(&store, "INSERT INTO t (a) VALUES (1)");
    vfs_set_disk(VFS_DISK_FULL);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(tx_batch_begin(store.db), ST_OK);
        store_job(&store, &tx);
        query_run(&tx, "INSERT INTO t (a) VALUES (2)", NO_ARGS);
        CHECK_INT(tx_job_end(&tx, true), TX_DONE);
        CHECK_INT(tx_batch_commit(store.db, 1), ST_DISK_FULL);
        CHECK_STR(store_rows(&store), "1");
        CHECK(!db_is_read_only(store.db));
    }
    vfs_set_disk(VFS_SOUND);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    query_run(&tx, "INSERT INTO t (a) VALUES (2)", NO_ARGS);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_STR(store_rows(&store), "1 2");
    store_close(&store);
}

TEST(a_disk_that_fills_up_within_a_job_is_told_and_recovers)
{
    struct store store;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    query_run(&tx, "INSERT INTO t (a) VALUES (1)", NO_ARGS);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    vfs_set_disk(VFS_DISK_FULL);
    store_job(&store, &tx);
    /* More than the page cache holds: it must be written before the commit. */
    query_run(&tx,
              "INSERT INTO t (a, b) WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n"
              " WHERE i < 200) SELECT i, hex(randomblob(100000)) FROM n",
              NO_ARGS);
    CHECK_INT(tx_status(&tx), ST_DISK_FULL);
    CHECK(tx_job_end(&tx, true) != TX_DONE);
    tx_batch_abandon(store.db);
    CHECK_STR(store_rows(&store), "");
    vfs_set_disk(VFS_SOUND);
    CHECK_INT(change(&store), ST_OK);
    CHECK_STR(store_rows(&store), "0 1 10 11");
    store_close(&store);
}

TEST(a_failed_fsync_is_final_and_never_tried_again)
{
    struct store store;
    struct db *reader;
    uint64_t syncs;

    store_open(&store);
    store_sql(&store, "INSERT INTO t (a) VALUES (500)");
    reader = store_reader(&store);
    vfs_set_disk(VFS_SYNCS_FAIL);
    CHECK_INT(change(&store), ST_READ_ONLY);
    vfs_set_disk(VFS_SOUND); /* it would go well again: nobody may find out */
    syncs = vfs_calls(VFS_SYNC);
    CHECK(db_is_read_only(store.db));
    CHECK(db_is_read_only(reader));
    for (int i = 0; i < 3; i++)
        CHECK_INT(tx_batch_begin(store.db), ST_READ_ONLY);
    CHECK_INT(db_checkpoint(store.db, false), ST_READ_ONLY);
    CHECK_INT(db_checkpoint(store.db, true), ST_READ_ONLY);
    CHECK_STR(store_rows(&store), "500"); /* reads go on */
    db_close(reader);
    db_close(store.db);
    CHECK_INT(vfs_calls(VFS_SYNC), syncs);
    /* After a restart the refused commit may be there, but whole: the kernel had it. */
    store_reopen(&store);
    CHECK(!strcmp(store_rows(&store), "500") || !strcmp(store_rows(&store), "0 1 10 11 500"));
    store_sql(&store, "DELETE FROM t");
    CHECK_INT(change(&store), ST_OK);
    store_close(&store);
}

TEST(a_failed_fsync_of_a_checkpoint_is_final_too)
{
    struct store store;

    store_open(&store);
    store_sql(&store, "INSERT INTO t (a) VALUES (500)");
    vfs_set_disk(VFS_SYNCS_FAIL);
    CHECK_INT(db_checkpoint(store.db, false), ST_READ_ONLY);
    vfs_set_disk(VFS_SOUND);
    CHECK_INT(tx_batch_begin(store.db), ST_READ_ONLY);
    CHECK_STR(store_rows(&store), "500");
    store_close(&store);
}

/* Power cuts ------------------------------------------------------------------------------------ */

/* Commits until the power goes; gives how many of them are there afterwards. */
static int survivors(enum vfs_memory memory, int commits, int checkpoint_every)
{
    struct store store;
    char sql[64];
    int found;
    struct tx tx;

    db_start();
    vfs_set_memory(memory);
    store_open(&store);
    for (int i = 1; i <= commits; i++) {
        snprintf(sql, sizeof(sql), "INSERT INTO t (a) VALUES (%d)", i);
        store_sql(&store, sql);
        if (checkpoint_every && i % checkpoint_every == 0)
            CHECK_INT(db_checkpoint(store.db, i % 2), ST_OK);
    }
    vfs_power_cut();
    db_close(store.db);
    if (db_open(store.path, DB_WRITE, &store.db, &store.failure, &store.arena) != ST_OK ||
        migrate_run(store.db, NULL, &store.failure, &store.arena) != ST_OK) {
        db_close(store.db);
        arena_fini(&store.arena);
        return -1;
    }
    tx_init(&tx, store.db, &store.arena, 1);
    tx_begin_read(&tx);
    found =
        (int)query_one_int(&tx, 0, "SELECT count(*) FROM sqlite_schema WHERE name = 't'", NO_ARGS);
    if (found)
        found = (int)query_one_int(&tx, -1, "SELECT count(*) FROM t", NO_ARGS);
    tx_end_read(&tx);
    CHECK_INT(tx_status(&tx), ST_OK);
    store_close(&store);
    return found;
}

TEST(what_was_acknowledged_survives_a_power_cut)
{
    CHECK_INT(survivors(VFS_FORGET, 50, 0), 50);
}

TEST(what_was_acknowledged_survives_a_power_cut_between_checkpoints)
{
    CHECK_INT(survivors(VFS_FORGET, 50, 7), 50);
}

TEST(what_was_acknowledged_survives_when_unsynced_writes_arrive_in_no_order)
{
    CHECK_INT(survivors(VFS_FORGET_SOME, 50, 7), 50);
}

TEST(with_synchronous_normal_the_same_power_cut_loses_commits)
{
    setenv("FOYER_TEST_SYNCHRONOUS", "normal", 1);
    CHECK(survivors(VFS_FORGET, 50, 0) < 50);
}

TEST(on_a_disk_that_lies_the_same_power_cut_loses_commits)
{
    CHECK(survivors(VFS_LIE, 50, 0) < 50);
}
#endif

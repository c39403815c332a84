/* Transactions: sticky status, savepoints of jobs, a batch that SQLite rolls back by itself. */
#include "store_fixture.h"

#include "base/limits.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>

static void insert(struct tx *tx, int64_t a)
{
    query_run(tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(a)));
}

TEST(a_kept_job_is_there_after_the_commit_and_a_dropped_one_is_not)
{
    struct store store;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    CHECK_INT(query_run(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(1))), 1);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    store_job(&store, &tx);
    CHECK_INT(query_run(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(2))), 1);
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
    CHECK_STR(store_rows(&store), ""); /* nobody sees it before the commit */
    CHECK_INT(tx_batch_commit(store.db, 5), ST_OK);
    CHECK_INT(db_commits(store.db), 2); /* the first made the table */
    CHECK_STR(store_rows(&store), "1");
    store_close(&store);
}

TEST(after_the_first_failure_every_call_does_nothing_and_the_first_message_stays)
{
    struct store store;
    struct query q;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    insert(&tx, 1);
    CHECK_INT(tx_fail(&tx, ST_GONE, "too_late", "It is %d o'clock.", 12), ST_GONE);
    CHECK_INT(tx_fail(&tx, ST_CONFLICT, NULL, "Another."), ST_GONE);
    CHECK_INT(query_run(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(2))), 0);
    CHECK_INT(query_run(&tx, "this is not even SQL", NO_ARGS), 0);
    CHECK(!query_run_unique(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(1))));
    CHECK_INT(query_one_int(&tx, -7, "SELECT count(*) FROM t", NO_ARGS), -7);
    q = query_open(&tx, "SELECT a, b FROM t", NO_ARGS);
    CHECK(!query_next(&q));
    CHECK_INT(query_int(&q, 0), 0);
    CHECK_STR(query_text(&q, 1), NULL);
    CHECK(query_is_null(&q, 0));
    query_close(&q);
    CHECK_INT(tx_status(&tx), ST_GONE);
    CHECK_STR(tx.failure.code, "too_late");
    CHECK_STR(tx.failure.message, "It is 12 o'clock.");
    CHECK_INT(tx_job_end(&tx, true), TX_FAILED);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_STR(store_rows(&store), "");
    store_close(&store);
}

TEST(faulty_fields_gather_and_an_exhausted_arena_is_a_failure)
{
    struct store store;
    struct arena small;
    struct tx tx;

    store_open(&store);
    tx_init(&tx, store.db, &store.arena, 1);
    tx_fail_field(&tx, ST_INVALID, "name", "too_short", "At least %d.", 2);
    tx_fail_field(&tx, ST_INVALID, "email", "not_an_address", "No.");
    tx_fail_field(&tx, ST_UNPROCESSABLE, "other", "late", "Of another status.");
    CHECK_INT(tx_status(&tx), ST_INVALID);
    CHECK_STR(tx.failure.errors->field, "name");
    CHECK_STR(tx.failure.errors->message, "At least 2.");
    CHECK_STR(tx.failure.errors->next->field, "email");
    CHECK(!tx.failure.errors->next->next);

    arena_init(&small, KIB(4));
    tx_init(&tx, store.db, &small, 1);
    arena_alloc(&small, KIB(3));
    CHECK_INT(tx_status(&tx), ST_OK);
    arena_alloc(&small, KIB(3));
    CHECK_INT(tx_status(&tx), ST_NO_MEMORY);
    arena_fini(&small);
    store_close(&store);
}

TEST(a_batch_that_changed_nothing_is_not_counted_nor_synced)
{
    struct store store;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    query_one_int(&tx, 0, "SELECT count(*) FROM t", NO_ARGS);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    store_job(&store, &tx);
    insert(&tx, 3);
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_INT(db_commits(store.db), 1);
    CHECK_STR(store_rows(&store), "");
    store_close(&store);
}

TEST(time_never_goes_below_the_last_commit)
{
    struct store store;
    struct db *reader;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    tx_init(&tx, store.db, &store.arena, 5000);
    CHECK_INT(tx_job_begin(&tx), ST_OK);
    insert(&tx, 1);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 4000), ST_OK); /* a clock that went back meanwhile */
    tx_init(&tx, store.db, &store.arena, 17);
    CHECK_INT(tx_now(&tx), 5000);
    reader = store_reader(&store);
    tx_init(&tx, reader, &store.arena, 18);
    CHECK_INT(tx_now(&tx), 5000);
    tx_init(&tx, reader, &store.arena, 6000);
    CHECK_INT(tx_now(&tx), 6000);
    db_close(reader);
    db_close(store.db);
    CHECK_INT(db_open(store.path, DB_WRITE, &store.db, &store.failure, &store.arena), ST_OK);
    tx_init(&tx, store.db, &store.arena, 19);
    CHECK_INT(tx_now(&tx), 5000);
    store_close(&store);
}

/* What rolls the whole transaction back inside of SQLite. */
static const char *const killers[] = {
    "INSERT OR ROLLBACK INTO t (a) VALUES (1)",
    "INSERT INTO r (a) VALUES (13)", /* RAISE(ROLLBACK) */
    "UPDATE OR ROLLBACK t SET a = 1 WHERE a = 2",
};

TEST(a_batch_that_sqlite_rolls_back_is_told_and_the_next_one_works)
{
    struct store store;
    struct tx tx;

    store_open(&store);
    store_sql(&store, "CREATE TABLE r (a INTEGER)");
    store_sql(&store, "CREATE TRIGGER r_13 BEFORE INSERT ON r WHEN NEW.a = 13 BEGIN"
                      " SELECT RAISE(ROLLBACK, 'thirteen'); END");
    for (size_t i = 0; i < sizeof(killers) / sizeof(killers[0]); i++) {
        harness_note("%s", killers[i]);
        CHECK_INT(tx_batch_begin(store.db), ST_OK);
        store_job(&store, &tx);
        insert(&tx, 1);
        insert(&tx, 2);
        CHECK_INT(tx_job_end(&tx, true), TX_DONE);
        store_job(&store, &tx);
        CHECK_INT(query_run(&tx, killers[i], NO_ARGS), 0);
        CHECK(tx_status(&tx) != ST_OK);
        CHECK_INT(tx_job_end(&tx, true), TX_BATCH_LOST);
        tx_batch_abandon(store.db);
        CHECK_STR(store_rows(&store), "");
    }
    /* And where the caller asked whether it was unique: the batch is lost all the same. */
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    insert(&tx, 1);
    CHECK(!query_run_unique(&tx, "INSERT OR ROLLBACK INTO t (a) VALUES (1)", NO_ARGS));
    CHECK(tx_status(&tx) != ST_OK);
    CHECK_INT(tx_job_end(&tx, true), TX_BATCH_LOST);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    insert(&tx, 9);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_STR(store_rows(&store), "9");
    store_close(&store);
}

static bool stop(void *context)
{
    return ++*(int *)context >= 2;
}

TEST(an_interrupted_change_is_busy_and_loses_its_batch)
{
    struct store store;
    int looks = 0;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    insert(&tx, 1);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    store_job(&store, &tx);
    db_set_progress(store.db, stop, &looks);
    query_run(&tx,
              "INSERT INTO t (a) WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n"
              " WHERE i < 900) SELECT i FROM n",
              NO_ARGS);
    db_set_progress(store.db, NULL, NULL);
    CHECK_INT(tx_status(&tx), ST_BUSY);
    CHECK_INT(tx_job_end(&tx, true), TX_BATCH_LOST);
    CHECK_STR(store_rows(&store), "");
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    tx_batch_abandon(store.db);
    store_close(&store);
}

TEST(an_interrupted_read_is_busy_and_its_connection_goes_on)
{
    struct store store;
    struct db *reader;
    int looks = 0;
    struct tx tx;

    store_open(&store);
    reader = store_reader(&store);
    tx_init(&tx, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    db_set_progress(reader, stop, &looks);
    query_one_int(&tx, 0,
                  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                  " WHERE i < 100000) SELECT sum(i) FROM n",
                  NO_ARGS);
    db_set_progress(reader, NULL, NULL);
    CHECK_INT(tx_status(&tx), ST_BUSY);
    tx_end_read(&tx);
    tx_init(&tx, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    CHECK_INT(query_one_int(&tx, 0, "SELECT 7", NO_ARGS), 7);
    tx_end_read(&tx);
    db_close(reader);
    store_close(&store);
}

TEST(a_read_transaction_sees_one_snapshot)
{
    struct store store;
    struct db *reader;
    struct tx read, tx;

    store_open(&store);
    reader = store_reader(&store);
    tx_init(&read, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&read), ST_OK);
    CHECK_INT(query_one_int(&read, -1, "SELECT count(*) FROM t", NO_ARGS), 0);
    tx_init(&tx, store.db, &store.arena, 1);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    CHECK_INT(tx_job_begin(&tx), ST_OK);
    insert(&tx, 1);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_INT(query_one_int(&read, -1, "SELECT count(*) FROM t", NO_ARGS), 0);
    tx_end_read(&read);
    tx_init(&read, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&read), ST_OK);
    CHECK_INT(query_one_int(&read, -1, "SELECT count(*) FROM t", NO_ARGS), 1);
    tx_end_read(&read);
    db_close(reader);
    store_close(&store);
}

TEST(a_connection_that_reads_cannot_write)
{
    struct store store;
    struct db *reader;
    struct query q;
    struct tx tx;

    store_open(&store);
    reader = store_reader(&store);
    tx_init(&tx, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    q = query_open(&tx, "INSERT INTO t (a) VALUES (1) RETURNING a", NO_ARGS);
    CHECK(!query_next(&q));
    CHECK_INT(tx_status(&tx), ST_UNAVAILABLE);
    query_close(&q);
    tx_end_read(&tx);
    EXPECT_ABORT(insert(&tx, 1));
    EXPECT_ABORT(tx_batch_begin(reader));
    EXPECT_ABORT(db_checkpoint(reader, false));
    db_close(reader);
    store_close(&store);
}

TEST(a_query_that_was_not_closed_is_our_mistake)
{
    struct store store;
    struct query q;
    struct tx tx;

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    insert(&tx, 1);
    q = query_open(&tx, "SELECT a FROM t", NO_ARGS);
    CHECK(query_next(&q));
    EXPECT_ABORT(tx_job_end(&tx, true));
    query_close(&q);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    tx_batch_abandon(store.db);
    store_close(&store);
}

static enum status fill(struct tx *tx, void *context)
{
    insert(tx, 1);
    insert(tx, *(int64_t *)context);
    return tx_status(tx);
}

TEST(what_is_run_once_commits_all_or_nothing)
{
    struct store store;
    int64_t second = 2;
    struct tx tx;

    store_open(&store);
    tx_init(&tx, store.db, &store.arena, 1);
    CHECK_INT(tx_once(store.db, &tx, fill, &second), ST_OK);
    CHECK_STR(store_rows(&store), "1 2");
    store_sql(&store, "DELETE FROM t");
    second = 5000; /* more than the CHECK allows */
    tx_init(&tx, store.db, &store.arena, 1);
    CHECK_INT(tx_once(store.db, &tx, fill, &second), ST_UNPROCESSABLE);
    CHECK_STR(tx.failure.code, "small");
    CHECK_STR(store_rows(&store), "");
    store_close(&store);
}

TEST(a_connection_for_later_is_opened_by_its_first_read)
{
    struct store store;
    struct db *db;
    struct tx tx;

    store_open(&store);
    store_sql(&store, "INSERT INTO t (a) VALUES (7)");
    db = db_later(store.path);
    tx_init(&tx, db, &store.arena, 1);
    CHECK(tx.now > 0); /* no earlier than the last commit, as on any connection */
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    CHECK_INT(query_one_int(&tx, -1, "SELECT a FROM t", NO_ARGS), 7);
    tx_end_read(&tx);
    db_close(db);
    db_close(db_later(store.path)); /* nobody ever asked */
    store_close(&store);
}

TEST(a_connection_that_cannot_be_opened_fails_the_read_and_is_tried_again)
{
    struct store store;
    struct db *db;
    struct tx tx;

    store_open(&store);
    CHECK_INT(rename(store.path, test_path("away.db")), 0);
    db = db_later(store.path);
    for (int i = 0; i < 2; i++) {
        tx_init(&tx, db, &store.arena, 1);
        CHECK_INT(tx_begin_read(&tx), ST_UNAVAILABLE);
        CHECK_STR(tx.failure.code, "database_unusable");
        tx_end_read(&tx);
    }
    CHECK_INT(rename(test_path("away.db"), store.path), 0);
    tx_init(&tx, db, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    CHECK_INT(query_one_int(&tx, -1, "SELECT count(*) FROM t", NO_ARGS), 0);
    tx_end_read(&tx);
    db_close(db);
    store_close(&store);
}

/* A snapshot that is kept for the next read of its connection. */
#include "store/query.h"
#include "store_fixture.h"

static struct store store;

static int64_t rows(struct db *reader, bool keeps)
{
    struct tx tx;
    int64_t count;

    tx_init(&tx, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    count = query_one_int(&tx, -1, "SELECT count(*) FROM t", NO_ARGS);
    if (keeps)
        tx_keep_read(&tx);
    else
        tx_end_read(&tx);
    return count;
}

TEST(a_read_in_a_kept_snapshot_sees_what_was_committed_before_it)
{
    struct db *reader;

    store_open(&store);
    reader = store_reader(&store);
    CHECK_INT(rows(reader, true), 0);
    CHECK_INT(rows(reader, true), 0);
    store_sql(&store, "INSERT INTO t VALUES (1, 'one')");
    CHECK_INT(rows(reader, true), 1);
    store_sql(&store, "INSERT INTO t VALUES (2, 'two')");
    CHECK_INT(rows(reader, false), 2);
    store_sql(&store, "INSERT INTO t VALUES (3, 'three')");
    CHECK_INT(rows(reader, true), 3);
    tx_release_read(reader);
    tx_release_read(reader); /* none is kept any more */
    CHECK_INT(rows(reader, false), 3);
    db_close(reader);
    store_close(&store);
}

TEST(a_kept_snapshot_holds_the_log_until_it_is_let_go)
{
    struct db *reader;
    int64_t held;

    store_open(&store);
    reader = store_reader(&store);
    CHECK_INT(rows(reader, true), 0);
    store_sql(&store, "INSERT INTO t VALUES (1, 'one')");
    held = (int64_t)db_wal_bytes(store.db);
    CHECK(db_checkpoint(store.db, true) != ST_OK || (int64_t)db_wal_bytes(store.db) == held);
    tx_release_read(reader);
    CHECK_INT(db_checkpoint(store.db, true), ST_OK);
    CHECK_INT(db_wal_bytes(store.db), 0);
    CHECK_INT(rows(reader, false), 1);
    db_close(reader);
    store_close(&store);
}

TEST(a_connection_with_a_kept_snapshot_can_be_closed)
{
    struct db *reader;

    store_open(&store);
    reader = store_reader(&store);
    CHECK_INT(rows(reader, true), 0);
    db_close(reader);
    store_close(&store);
}

/* Transactions: sticky status, savepoints of jobs, a batch that SQLite rolls back by itself. */
#include "store_fixture.h"

#include "store/query.h"

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
    CHECK_INT(tx_batch_commit(store.db, 5), ST_OK);
    CHECK_INT(db_commits(store.db), 2); /* the first made the table */
    CHECK_STR(store_rows(&store), "1");
    store_close(&store);
}

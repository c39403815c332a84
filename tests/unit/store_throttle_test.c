/* Throttles: who failed, and who has to wait for it. */
#include "base/clock.h"
#include "store/throttle.h"
#include "store_fixture.h"

static void fail_at(struct store *store, int64_t now)
{
    struct tx tx;

    store_job(store, &tx);
    tx.now = now;
    tx.peer = STR("192.0.2.7");
    throttle_fail(&tx, STR_NONE);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
}

static enum status check_at(struct store *store, int64_t now)
{
    struct tx tx;
    enum status status;

    store_job(store, &tx);
    tx.now = now;
    tx.peer = STR("192.0.2.7");
    status = throttle_check(&tx, STR_NONE);
    CHECK_INT(tx_job_end(&tx, false), TX_FAILED);
    return status;
}

TEST(a_failure_that_is_free_makes_nobody_wait_who_began_before_it)
{
    struct store store;
    int64_t now = clock_wall();

    store_open(&store);
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    fail_at(&store, now);
    CHECK_INT(check_at(&store, now - CLOCK_SECOND / 10), ST_OK);
    for (int i = 1; i < 50; i++)
        fail_at(&store, now);
    CHECK_INT(check_at(&store, now - CLOCK_SECOND / 10), ST_TOO_MANY);
    CHECK_INT(check_at(&store, now + 2 * CLOCK_SECOND), ST_OK);
    tx_batch_abandon(store.db);
    store_close(&store);
}

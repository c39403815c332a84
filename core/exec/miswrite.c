/* Miswrite: each does its wrong thing, then waits, so that a kill finds it done by half. */
#include "exec/miswrite.h"

#ifdef FOYER_FAULTS

#include "exec/batch.h"

#include "base/arena.h"
#include "base/check.h"
#include "store/query.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW_MS = 20 };

static void run(struct batch *batch, void (*change)(struct tx *tx));
static void hold_mails(struct tx *tx);
static void give_mails(struct tx *tx);
static void wait_a_moment(void);

enum miswrite miswrite_chosen(void)
{
    const char *is_test = getenv("FOYER_TEST"), *name = getenv("FOYER_TEST_MISWRITE");

    if (!is_test || !name || strcmp(is_test, "1") != 0)
        return MISWRITE_NONE;
    if (!strcmp(name, "early_acknowledgement"))
        return MISWRITE_EARLY_ACKNOWLEDGEMENT;
    if (!strcmp(name, "mail_sent_early"))
        return MISWRITE_MAIL_SENT_EARLY;
    if (!strcmp(name, "steps_forgotten"))
        return MISWRITE_STEPS_FORGOTTEN;
    return !strcmp(name, "outbox_outside") ? MISWRITE_OUTBOX_OUTSIDE : MISWRITE_NONE;
}

void miswrite_before_commit(struct batch *batch)
{
    if (batch->miswrite == MISWRITE_EARLY_ACKNOWLEDGEMENT && batch->count > 0) {
        batch_release(batch);
        wait_a_moment();
    } else if (batch->miswrite == MISWRITE_OUTBOX_OUTSIDE) {
        run(batch, hold_mails);
    }
}

void miswrite_after_release(struct batch *batch)
{
    if (batch->miswrite != MISWRITE_OUTBOX_OUTSIDE)
        return;
    wait_a_moment();
    if (tx_batch_begin(batch->db) != ST_OK)
        return;
    run(batch, give_mails);
    tx_batch_commit(batch->db, batch->now);
}

static void run(struct batch *batch, void (*change)(struct tx *tx))
{
    struct arena arena;
    struct tx tx;

    arena_init(&arena, MIB(1));
    tx_init(&tx, batch->db, &arena, batch->now);
    tx_job_begin(&tx);
    change(&tx);
    NEVER(tx_job_end(&tx, true) != TX_DONE);
    arena_fini(&arena);
}

/* What was owed in this batch: not tried yet, and no older. */
static void hold_mails(struct tx *tx)
{
    query_run(tx, "CREATE TEMP TABLE IF NOT EXISTS held AS SELECT * FROM mails WHERE 0", NO_ARGS);
    query_run(tx, "INSERT INTO held SELECT * FROM mails WHERE attempts = 0 AND created_at >= $1",
              ARGS(arg_int(tx->now)));
    query_run(tx, "DELETE FROM mails WHERE seq IN (SELECT seq FROM held)", NO_ARGS);
}

static void give_mails(struct tx *tx)
{
    query_run(tx, "INSERT INTO mails SELECT * FROM held", NO_ARGS);
    query_run(tx, "DELETE FROM held", NO_ARGS);
}

static void wait_a_moment(void)
{
    const struct timespec window = { .tv_nsec = WINDOW_MS * 1000000 };

    nanosleep(&window, NULL);
}

#endif

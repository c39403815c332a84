/* Batch: the frame of the writer's transactions. When it runs, and what is queued, is writer.c's. */
#include "exec/batch.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum end {
    END_OVER,    /* committed, or refused for good */
    END_LOST,    /* SQLite rolled everything back; the culprit is over */
    END_REFUSED, /* COMMIT failed */
};

static enum end run_together(struct batch *batch, struct write *(*next)(void *), void *context);
static void run_one_by_one(struct batch *batch);
static bool may_take(const struct batch *batch, uint64_t until);
static enum tx_outcome run_write(struct batch *batch, struct write *write);
static enum tx_outcome run_once(struct batch *batch, struct write *write, bool keep);
static enum tx_outcome run_refused(struct batch *batch, struct write *write, struct arena *arena);
static void check_stutter(const struct write *write, bool answers_differ);
static void committed(struct batch *batch);
static void finish(struct batch *batch, struct write *write);
static void give_up(struct batch *batch, enum status status);
static void give_up_one(struct write *write, enum status status);

void batch_run(struct batch *batch, int64_t now, struct write *(*next)(void *), void *context)
{
    enum end end;

    batch->now = now;
    batch->count = 0;
    batch->effects = (struct tx_effects){ 0 };
    batch->lost = batch->commits = 0;
    end = run_together(batch, next, context);
    if (end == END_LOST)
        end = run_together(batch, NULL, NULL);
    if (end != END_OVER)
        run_one_by_one(batch);
}

void batch_release(struct batch *batch)
{
    size_t i, count = batch->count;

    batch->count = 0;
    for (i = 0; i < count; i++)
        batch->writes[i]->calls->done(batch->writes[i]);
#ifdef FOYER_FAULTS
    if (count > 0)
        miswrite_after_release(batch);
#endif
}

/* next NULL: only those that were taken before and are not over. */
static enum end run_together(struct batch *batch, struct write *(*next)(void *), void *context)
{
    uint64_t until = clock_monotonic() + batch->budget * 1000;
    enum status status = tx_batch_begin(batch->db);
    size_t i;

    for (i = 0; i < batch->count || (next && may_take(batch, until)); i++) {
        if (i == batch->count) {
            struct write *write = next(context);

            if (!write)
                break;
            write->is_over = false;
            batch->writes[batch->count++] = write;
        }
        if (status != ST_OK)
            give_up_one(batch->writes[i], status);
        if (batch->writes[i]->is_over)
            continue;
        if (run_write(batch, batch->writes[i]) == TX_BATCH_LOST) {
            batch->lost++;
            batch->writes[i]->is_over = true;
            return END_LOST;
        }
    }
    if (status != ST_OK)
        return END_OVER;
#ifdef FOYER_FAULTS
    miswrite_before_commit(batch);
#endif
    status = tx_batch_commit(batch->db, batch->now);
    if (status == ST_OK) {
        committed(batch);
        return END_OVER;
    }
    if (status != ST_READ_ONLY)
        return END_REFUSED;
    give_up(batch, status);
    return END_OVER;
}

static void run_one_by_one(struct batch *batch)
{
    size_t i;

    for (i = 0; i < batch->count; i++) {
        struct write *write = batch->writes[i];
        enum status status;

        if (write->is_over)
            continue;
        status = tx_batch_begin(batch->db);
        if (status == ST_OK) {
            if (run_write(batch, write) == TX_BATCH_LOST) {
                batch->lost++;
                write->is_over = true;
                continue;
            }
            status = tx_batch_commit(batch->db, batch->now);
        }
        if (status != ST_OK)
            give_up_one(write, status);
        else
            batch->commits++;
        finish(batch, write);
    }
}

static bool may_take(const struct batch *batch, uint64_t until)
{
    return batch->count < LIMIT_BATCH_JOBS && (batch->count == 0 || clock_monotonic() < until);
}

static enum tx_outcome run_write(struct batch *batch, struct write *write)
{
    uint8_t first[CRYPTO_HASH], second[CRYPTO_HASH];
    enum status status;
    enum tx_outcome outcome;

    if (!batch->stutters)
        return run_once(batch, write, true);
    outcome = run_once(batch, write, false);
    if (outcome == TX_BATCH_LOST)
        return outcome;
    status = write->status;
    write->calls->digest(write, first);
    outcome = run_once(batch, write, true);
    if (outcome == TX_BATCH_LOST)
        return outcome;
    write->calls->digest(write, second);
    check_stutter(write, write->status != status || memcmp(first, second, sizeof(first)) != 0);
    return outcome;
}

/* keep false: the rows go in any case. */
static enum tx_outcome run_once(struct batch *batch, struct write *write, bool keep)
{
    struct arena *arena = write->calls->prepare(write);
    enum tx_outcome outcome;
    enum status status;
    struct tx tx;

    tx_init(&tx, batch->db, arena, batch->now);
    if (tx_job_begin(&tx) == ST_OK) {
        status = write->calls->run(write, &tx);
        if (status != ST_OK && tx_status(&tx) == ST_OK)
            tx_fail(&tx, status, NULL, "%s", status_text(status));
    }
    outcome = tx_job_end(&tx, keep);
    write->status = tx_status(&tx);
    write->failure = tx.failure;
    write->effects = tx.effects;
    write->held = tx.held;
    if (keep && outcome == TX_FAILED && write->status != ST_OK && write->calls->refused)
        return run_refused(batch, write, arena);
    return outcome;
}

static enum tx_outcome run_refused(struct batch *batch, struct write *write, struct arena *arena)
{
    struct failure failure = write->failure;
    enum tx_outcome outcome;
    struct tx tx;

    tx_init(&tx, batch->db, arena, batch->now);
    if (tx_job_begin(&tx) == ST_OK)
        write->calls->refused(write, &tx, &failure);
    outcome = tx_job_end(&tx, true);
    /* What cannot be kept is answered all the same, but for the disk's own failures. */
    if (outcome == TX_BATCH_LOST) {
        write->status = tx_status(&tx);
        write->failure = tx.failure;
    }
    return outcome == TX_BATCH_LOST ? outcome : TX_FAILED;
}

static void check_stutter(const struct write *write, bool answers_differ)
{
    if (answers_differ)
        log_error(STR_NONE, "a handler answered differently when it ran a second time",
                  LOG_C("handler", write->calls->name),
                  LOG_C("status", status_code(write->status)));
    NEVER(answers_differ);
}

static void committed(struct batch *batch)
{
    size_t i;

    batch->commits++;
    for (i = 0; i < batch->count; i++)
        if (!batch->writes[i]->is_over)
            finish(batch, batch->writes[i]);
}

static void finish(struct batch *batch, struct write *write)
{
    if (write->status == ST_OK) {
        batch->effects.mails |= write->effects.mails;
        batch->effects.events |= write->effects.events;
        batch->effects.operations |= write->effects.operations;
        batch->effects.scripts |= write->effects.scripts;
        batch->effects.deliveries |= write->effects.deliveries;
        batch->effects.listeners |= write->effects.listeners;
        tx_held_apply(write->held);
    }
    write->held = NULL;
    write->is_over = true;
}

static void give_up(struct batch *batch, enum status status)
{
    size_t i;

    for (i = 0; i < batch->count; i++)
        if (!batch->writes[i]->is_over)
            give_up_one(batch->writes[i], status);
}

/* The arena's: nothing of the run is answered. */
static void give_up_one(struct write *write, enum status status)
{
    write->calls->prepare(write);
    write->status = status;
    failure_clear(&write->failure);
    write->failure.status = status;
    write->effects = (struct tx_effects){ 0 };
    write->held = NULL;
    write->is_over = true;
}

/* Tx item: a savepoint inside of a job, for calls that give each item a verdict of its own; and what is held. */
#include "store/query.h"
#include "store/tx.h"

static enum status end(struct tx *tx, enum status status, bool is_own, struct failure *failure);
static void settle_held(struct tx *tx, bool is_kept);

void tx_item_begin(struct tx *tx)
{
    tx->items++;
    if (tx->is_writing) /* while reading there is nothing to undo */
        query_run(tx, "SAVEPOINT item", NO_ARGS);
}

enum status tx_item_end(struct tx *tx, struct failure *failure)
{
    enum status status = tx_status(tx);

    return end(tx, status, status_http(status) < 500, failure);
}

enum status tx_item_end_alone(struct tx *tx, struct failure *failure)
{
    enum status status = tx_status(tx);

    return end(tx, status,
               status_http(status) < 500 || status == ST_RULE_ERROR || status == ST_NO_MEMORY,
               failure);
}

static enum status end(struct tx *tx, enum status status, bool is_own, struct failure *failure)
{
    failure_clear(failure);
    settle_held(tx, status == ST_OK);
    if (!is_own)
        return status;
    if (status != ST_OK) {
        *failure = tx->failure;
        if (failure->last == &tx->failure.errors)
            failure->last = &failure->errors;
        tx->status = ST_OK;
        failure_clear(&tx->failure);
        if (tx->is_writing)
            query_run(tx, "ROLLBACK TO item", NO_ARGS);
    }
    if (tx->is_writing)
        query_run(tx, "RELEASE item", NO_ARGS);
    return status;
}

/* ---- What is held until the commit -------------------------------------------------------------- */

void tx_hold(struct tx *tx, struct tx_held *held)
{
    held->next = tx->held;
    held->items = tx->items;
    held->now = tx->now;
    tx->held = held;
}

void tx_held_apply(struct tx_held *held)
{
    struct tx_held *oldest = NULL, *next;

    for (; held; held = next) {
        next = held->next;
        held->next = oldest;
        oldest = held;
    }
    for (; oldest; oldest = oldest->next)
        oldest->apply(oldest);
}

/* Of the item that ends: it goes, or is the surrounding one's from now on. */
static void settle_held(struct tx *tx, bool is_kept)
{
    struct tx_held *held = tx->held;

    for (; held && held->items == tx->items; held = held->next)
        held->items = tx->items - 1;
    if (!is_kept)
        tx->held = held;
    tx->items--;
}

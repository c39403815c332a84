/* Tx item: a savepoint inside of a job, for calls that give each item a verdict of its own. */
#include "store/query.h"
#include "store/tx.h"

static enum status end(struct tx *tx, enum status status, bool is_own, struct failure *failure);

void tx_item_begin(struct tx *tx)
{
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

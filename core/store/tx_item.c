/* Tx item: a savepoint inside of a job, for calls that give each item a verdict of its own. */
#include "store/query.h"
#include "store/tx.h"

void tx_item_begin(struct tx *tx)
{
    if (tx->is_writing) /* while reading there is nothing to undo */
        query_run(tx, "SAVEPOINT item", NO_ARGS);
}

enum status tx_item_end(struct tx *tx, struct failure *failure)
{
    enum status status = tx_status(tx);

    failure_clear(failure);
    if (status != ST_OK && status_http(status) >= 500)
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

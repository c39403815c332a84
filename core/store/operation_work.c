/* Operation work: whose turn it is, what comes next, what became of it. Run by the writer alone. */
#include "base/clock.h"
#include "store/operation_row.h"

#include <string.h>

enum { KEPT_DAYS = 30, SWEPT = 500 };

static int64_t next_workspace(struct tx *tx, int64_t after);

bool operation_next(struct tx *tx, int64_t after, struct operation *operation)
{
    int64_t workspace = next_workspace(tx, after);
    struct query q;
    bool found;

    if (!workspace)
        workspace = next_workspace(tx, 0);
    q = query_open(tx,
                   OPERATION_SELECT ", w.id FROM operations t JOIN workspaces w"
                                    " ON w.seq = t.workspace WHERE t.workspace = $1"
                                    " AND t.ended_at IS NULL ORDER BY t.worked_at, t.seq LIMIT 1",
                   ARGS(arg_int(workspace)));
    found = query_next(&q);
    if (found) {
        operation_read_row(&q, operation);
        tx->workspace = workspace;
        tx->workspace_id = query_id(&q, 21);
    }
    query_close(&q);
    return found;
}

bool operation_begin(struct tx *tx, struct operation *operation)
{
    if (operation->status != OPERATION_QUEUED)
        return false;
    operation->status = OPERATION_RUNNING;
    operation->started_at = tx_now(tx);
    query_run(tx, "UPDATE operations SET status = $2, started_at = $3 WHERE seq = $1",
              ARGS(arg_int(operation->seq), arg_int(OPERATION_RUNNING), arg_int(tx_now(tx))));
    return true;
}

struct ids operation_items(struct tx *tx, const struct operation *operation)
{
    size_t skipped = (size_t)(operation->done % OPERATION_PART);
    struct ids items = { 0 };
    struct query q = query_open(tx,
                                "SELECT ids FROM operation_lists WHERE workspace = $1"
                                " AND operation = $2 AND part = $3",
                                ARGS(arg_int(tx->workspace), arg_int(operation->seq),
                                     arg_int(operation->done / OPERATION_PART)));

    if (query_next(&q))
        items = ids_from_blob(tx->arena, query_blob(&q, 0));
    query_close(&q);
    if (items.count <= skipped) {
        if (operation->done < operation->total)
            tx_fail(tx, ST_INTERNAL, NULL, "The items of an operation are missing.");
        return (struct ids){ 0 };
    }
    return (struct ids){ items.at + skipped, items.count - skipped };
}

void operation_judge(struct tx *tx, struct operation *operation, struct uuid item,
                     enum status status, const struct failure *failure)
{
    struct str code = STR_NONE, message = STR_NONE;

    if (status != ST_OK)
        verdict_words(status, failure, &code, &message);
    operation->done++;
    operation->failed += status != ST_OK;
    query_run(tx,
              "INSERT INTO operation_verdicts (workspace, operation, number, item, ok, code,"
              " message) VALUES ($1, $2, $3, $4, $5, $6, $7)",
              ARGS(arg_int(tx->workspace), arg_int(operation->seq), arg_int(operation->done),
                   arg_id(item), arg_bool(status == ST_OK), arg_text(code), arg_text(message)));
}

void operation_keep(struct tx *tx, const struct operation *operation)
{
    query_run(tx,
              "UPDATE operations SET done = $2, failed = $3, worked_at = $4 WHERE seq = $1"
              " AND ended_at IS NULL",
              ARGS(arg_int(operation->seq), arg_int(operation->done), arg_int(operation->failed),
                   arg_int(tx_now(tx))));
}

void operation_end(struct tx *tx, struct operation *operation, enum operation_status status,
                   const struct failure *failure)
{
    if (failure)
        verdict_words(failure->status, failure, &operation->error_code, &operation->error_message);
    operation->status = (int)status;
    operation->ended_at = tx_now(tx);
    query_run(tx,
              "UPDATE operations SET status = $2, ended_at = $3, error_code = $4,"
              " error_message = $5, done = $6, failed = $7 WHERE seq = $1",
              ARGS(arg_int(operation->seq), arg_int(operation->status),
                   arg_int(operation->ended_at), arg_text(operation->error_code),
                   arg_text(operation->error_message), arg_int(operation->done),
                   arg_int(operation->failed)));
    operation_drop_list(tx, operation);
}

/* Its verdicts first, for there may be more than may go at once. */
size_t operation_sweep(struct tx *tx)
{
    struct query q =
        query_open(tx, "SELECT seq FROM operations WHERE ended_at < $1 ORDER BY ended_at LIMIT 1",
                   ARGS(arg_int(tx_now(tx) - KEPT_DAYS * CLOCK_DAY)));
    int64_t old = query_next(&q) ? query_int(&q, 0) : 0;
    size_t gone;

    query_close(&q);
    if (!old)
        return 0;
    gone = (size_t)query_run(tx,
                             "DELETE FROM operation_verdicts WHERE operation = $1 AND number IN"
                             " (SELECT number FROM operation_verdicts WHERE operation = $1"
                             " LIMIT $2)",
                             ARGS(arg_int(old), arg_int(SWEPT)));
    if (gone < SWEPT)
        query_run(tx, "DELETE FROM operations WHERE seq = $1", ARGS(arg_int(old)));
    return SWEPT; /* there may be another one */
}

void verdict_words(enum status status, const struct failure *failure, struct str *code,
                   struct str *message)
{
    bool has_field = failure && failure->errors;

    *code = has_field ? failure->errors->code : failure ? failure->code : STR_NONE;
    *message = has_field ? failure->errors->message : failure ? failure->message : STR_NONE;
    if (str_is_absent(*code))
        *code = str_from(status_code(status));
    if (str_is_absent(*message))
        *message = str_from(status_text(status));
}

/* 0: none has any. */
static int64_t next_workspace(struct tx *tx, int64_t after)
{
    return query_one_int(tx, 0,
                         "SELECT workspace FROM operations WHERE ended_at IS NULL"
                         " AND workspace > $1 ORDER BY workspace LIMIT 1",
                         ARGS(arg_int(after)));
}

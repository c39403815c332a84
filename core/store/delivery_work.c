/* Delivery work: what is due, what became of a try, and what a handler has changed so far. */
#include "base/clock.h"
#include "store/delivery_row.h"
#include "store/webhook_work.h"

#include <string.h>

enum { ANSWER_MOST = 65536, MESSAGE_MOST = 1000 };

static int64_t pause_after(int64_t attempts);
static int64_t next_try(const struct delivery *after, const struct delivery_error *error,
                        int64_t now);
static struct str shortened(struct str text);

enum status delivery_due(struct tx *tx, const struct listener *listener, size_t most,
                         struct delivery **deliveries, size_t *count, int64_t *next)
{
    static const char due[] =
        DELIVERY_SELECT " FROM deliveries t WHERE t.plugin = $1"
                        " AND t.handler = $2 AND t.due_at IS NOT NULL AND " DELIVERY_IS_ON(
                            "t.workspace", "t.plugin") " ORDER BY t.due_at LIMIT $3";
    static const char tests[] = DELIVERY_SELECT
        " FROM deliveries t WHERE t.plugin = $1"
        " AND t.handler = $2 AND t.due_at IS NOT NULL AND t.event = '" WEBHOOK_TEST
        "' AND " DELIVERY_IS_ON("t.workspace", "t.plugin") " ORDER BY t.due_at LIMIT $3";
    struct query q = query_open(
        tx, listener->is_paused ? tests : due,
        ARGS(arg_text(listener->plugin), arg_text(listener->name), arg_int((int64_t)most)));

    *deliveries = arena_array(tx->arena, struct delivery, most);
    *next = 0;
    for (*count = 0; *count < most && query_next(&q);) {
        delivery_read_row(&q, &(*deliveries)[*count]);
        if ((*deliveries)[*count].due_at > tx_now(tx)) {
            *next = (*deliveries)[*count].due_at;
            break;
        }
        (*count)++;
    }
    query_close(&q);
    return tx_status(tx);
}

enum status delivery_event(struct tx *tx, const struct delivery *delivery,
                           struct delivered_event *event)
{
    struct query q =
        query_open(tx,
                   "SELECT w.id, e.actor_kind, e.actor_id, e.payload, e.request_id,"
                   " e.created_at FROM events e JOIN workspaces w ON w.seq = e.workspace"
                   " WHERE e.workspace = $1 AND e.seq = $2",
                   ARGS(arg_int(delivery->workspace), arg_int(delivery->event_seq)));
    bool found = query_next(&q);

    if (found)
        *event = (struct delivered_event){ .workspace_id = query_id(&q, 0),
                                           .actor_kind = query_text(&q, 1),
                                           .actor_id = query_id(&q, 2),
                                           .payload = query_text(&q, 3),
                                           .request_id = query_text(&q, 4),
                                           .created_at = query_int(&q, 5) };
    query_close(&q);
    return found ? tx_status(tx) : tx_not_found(tx);
}

bool delivery_judge(struct tx *tx, struct delivery *delivery, const struct delivery_error *error)
{
    bool is_test = str_is(delivery->event, WEBHOOK_TEST);
    bool is_dead = error && (is_test || delivery->attempts + 1 >= DELIVERY_TRIES);
    enum delivery_status status = !error    ? DELIVERY_DONE
                                  : is_dead ? DELIVERY_DEAD
                                            : DELIVERY_FAILED;
    int64_t now = tx_now(tx);
    struct delivery after = *delivery;

    after.attempts += error != NULL;
    after.status = status;
    after.tried_at = now;
    after.ended_at = status == DELIVERY_FAILED ? 0 : now;
    after.due_at = status == DELIVERY_FAILED ? next_try(&after, error, now) : 0;
    after.error_message = error ? shortened(error->message) : delivery->error_message;
    after.error_where = error ? error->where : delivery->error_where;
    if (query_run(tx,
                  "UPDATE deliveries SET status = $2, attempts = $3, due_at = $4, ended_at = $5,"
                  " tried_at = $6, error_message = $7, error_where = $8"
                  " WHERE seq = $1 AND due_at IS NOT NULL AND attempts = $9",
                  ARGS(arg_int(delivery->seq), arg_int(status), arg_int(after.attempts),
                       arg_time(after.due_at), arg_time(after.ended_at), arg_int(now),
                       arg_text(after.error_message), arg_text(after.error_where),
                       arg_int(delivery->attempts))) == 0)
        return false;
    if (status == DELIVERY_DONE)
        query_run(tx, "DELETE FROM delivery_steps WHERE delivery = $1",
                  ARGS(arg_int(delivery->seq)));
    if (after.ended_at)
        delivery_next_turn(tx, delivery);
    tx->effects.deliveries = 1;
    *delivery = after;
    return true;
}

bool delivery_step_find(struct tx *tx, const struct delivery *delivery, struct delivery_step *step)
{
    struct query q =
        query_open(tx,
                   "SELECT status, answer FROM delivery_steps WHERE workspace = $1"
                   " AND delivery = $2 AND number = $3 AND call_hash = $4",
                   ARGS(arg_int(tx->workspace), arg_int(delivery->seq), arg_int(step->number),
                        arg_blob(step->call_hash, sizeof(step->call_hash))));
    bool found = query_next(&q);

    if (found) {
        step->status = (int)query_int(&q, 0);
        step->answer = query_text(&q, 1);
    }
    query_close(&q);
    return found;
}

/* A handler that goes another way this time has other calls: those of before are of no use any more. */
void delivery_step_keep(struct tx *tx, const struct delivery *delivery,
                        const struct delivery_step *step)
{
    query_run(
        tx,
        "INSERT OR REPLACE INTO delivery_steps (workspace, delivery, number, call_hash, status,"
        " answer) VALUES ($1, $2, $3, $4, $5, $6)",
        ARGS(arg_int(tx->workspace), arg_int(delivery->seq), arg_int(step->number),
             arg_blob(step->call_hash, sizeof(step->call_hash)), arg_int(step->status),
             arg_text(step->answer.len > ANSWER_MOST ? STR_NONE : step->answer)));
}

static int64_t pause_after(int64_t attempts)
{
    static const int64_t minutes[] = { 1, 5, 30, 120, 360, 720 };
    size_t last = sizeof(minutes) / sizeof(minutes[0]) - 1, step = (size_t)attempts - 1;

    return minutes[step < last ? step : last] * CLOCK_MINUTE;
}

/* Who asks for more time than the longest pause gets that. */
static int64_t next_try(const struct delivery *after, const struct delivery_error *error,
                        int64_t now)
{
    int64_t planned = now + pause_after(after->attempts);
    int64_t latest = now + pause_after(DELIVERY_TRIES);

    if (error->not_before <= planned)
        return planned;
    return error->not_before < latest ? error->not_before : latest;
}

static struct str shortened(struct str text)
{
    if (text.len <= MESSAGE_MOST)
        return text;
    for (text.len = MESSAGE_MOST; text.len > 0 && (text.at[text.len] & 0xC0) == 0x80;)
        text.len--; /* not in the middle of a character */
    return text;
}

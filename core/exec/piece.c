/* Piece: the operations of the database as writes. What an item does is api/operation_kinds.c's.
 *
 * Re-runnable: how many steps a piece takes is found by the clock in its first run, and kept for the
 * runs after it (a lost batch, the stutter). A piece that fails with a fault of the server is tried again
 * up to the step before; a step that fails alone, again and again, ends its operation.
 */
#include "exec/piece.h"

#include "api/operations.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "exec/inside.h"
#include "exec/writer.h"
#include "plugin/handler.h"
#include "plugin/host.h"
#include "store/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND UINT64_C(1000000) /* of monotonic time */
enum {
    PAUSE_MS = 1000, /* after a failure of the server's */
    TRIES = 5,       /* of a step that fails alone */
};

struct pieces {
    struct write write;
    struct server *server;
    struct arena arena;
    struct arena step; /* what one step makes, and a piece does not need */
    struct policy *policy;
    uint8_t seed[CRYPTO_KEY];
    bool has_work;
    bool
        is_woken; /* since the piece that runs was given: what it did not find may be there by now */
    uint64_t due;      /* not before */
    int64_t workspace; /* whose turn it was */

    size_t most;    /* steps that this piece takes; 0: as many as there is time for */
    uint64_t until; /* when that is over */

    /* Of the last run. */
    bool has_found;
    struct operation operation;
    int64_t of; /* workspace */
    size_t steps;

    int64_t failing; /* seq of an operation whose piece failed; 0: none */
    size_t next_most;
    unsigned failures; /* of one step, alone */
};

static struct arena *prepare(struct write *write);
static enum status run(struct write *write, struct tx *tx);
static void work(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind);
static bool take_step(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind,
                      struct ids *items);
static void take_item(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind,
                      struct uuid item);
static bool take_finish(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind);
static bool may_go_on(struct pieces *pieces);
static bool become_actor(struct tx *tx, const struct operation *operation);
static void step_begin(struct pieces *pieces, struct tx *tx);
static enum status step_end(struct pieces *pieces, struct tx *tx, struct failure *failure);
static void end(struct pieces *pieces, struct tx *tx, enum operation_status status,
                const struct failure *failure);
static void digest(struct write *write, uint8_t out[CRYPTO_HASH]);
static void done(struct write *write);
static void failed(struct pieces *pieces, enum status status, uint64_t now);
static struct pieces *pieces_of(struct write *write);

static const struct write_calls piece_calls = {
    .name = "operation",
    .prepare = prepare,
    .run = run,
    .digest = digest,
    .done = done,
};

struct pieces *pieces_new(struct server *server)
{
    struct pieces *pieces = xcalloc(1, sizeof(*pieces));

    pieces->write.calls = &piece_calls;
    pieces->server = server;
    pieces->has_work = true; /* of a server that ran before: it looks */
    arena_init(&pieces->arena, LIMIT_REQUEST_ARENA);
    arena_init(&pieces->step, LIMIT_REQUEST_ARENA);
    return pieces;
}

void pieces_free(struct pieces *pieces)
{
    if (!pieces)
        return;
    arena_fini(&pieces->step);
    arena_fini(&pieces->arena);
    free(pieces);
}

void pieces_wake(struct pieces *pieces)
{
    pieces->has_work = pieces->is_woken = true;
}

uint64_t pieces_due(const struct pieces *pieces)
{
    return pieces->has_work && !atomic_load(&pieces->server->is_draining) ? pieces->due
                                                                          : UINT64_MAX;
}

struct write *pieces_next(struct pieces *pieces, uint64_t now)
{
    if (pieces_due(pieces) > now)
        return NULL;
    pieces->is_woken = false;
    pieces->most = pieces->next_most;
    if (pieces->server->stutters)
        crypto_random(pieces->seed, sizeof(pieces->seed));
    pieces->policy = host_acquire(pieces->server->host, pieces->server->loop_count);
    return &pieces->write;
}

void pieces_ran(struct pieces *pieces, struct write *write, uint64_t now)
{
    const struct operation *operation = &pieces->operation;

    host_release(pieces->policy);
    pieces->policy = NULL;
    if (write->status != ST_OK) {
        failed(pieces, write->status, now);
        return;
    }
    pieces->has_work = pieces->has_found || pieces->is_woken;
    if (!pieces->has_found)
        return;
    pieces->workspace = pieces->of;
    pieces->next_most = 0;
    if (pieces->failing == operation->seq) {
        pieces->failing = 0;
        pieces->failures = 0;
    }
    if (operation->ended_at)
        log_info(operation->request_id, "an operation ended", LOG_S("kind", operation->kind),
                 LOG_C("status", operation->status == OPERATION_DONE ? "done" : "failed"),
                 LOG_N("total", operation->total), LOG_N("done", operation->done),
                 LOG_N("failed", operation->failed), LOG_S("code", operation->error_code));
}

static struct arena *prepare(struct write *write)
{
    struct pieces *pieces = pieces_of(write);

    arena_reset(&pieces->arena);
    pieces->has_found = false;
    pieces->steps = 0;
    pieces->until = clock_monotonic() + LIMIT_BATCH_MICROSECONDS * 1000;
    return &pieces->arena;
}

static enum status run(struct write *write, struct tx *tx)
{
    struct pieces *pieces = pieces_of(write);
    static const struct failure stuck = { .status = ST_INTERNAL };
    static const struct failure unknown = {
        .status = ST_UNAVAILABLE,
        .code = STR("unknown_kind"),
        .message = STR("A newer version of the server began this: ask for it again."),
    };
    struct operation *operation = &pieces->operation;
    const struct operation_kind *kind;

    tx->actor.kind = ACTOR_SYSTEM;
    tx->actor.road = "system";
    tx->server_key = pieces->server->folder.server_key;
    tx->policy = pieces->policy;
    if (pieces->server->stutters)
        tx->seed = pieces->seed;
    pieces->has_found = operation_next(tx, pieces->workspace, operation);
    if (!pieces->has_found)
        return tx_status(tx);
    pieces->of = tx->workspace;
    tx->request_id = operation->request_id;
    tx->peer = operation->peer;
    tx->event_depth = operation->event_depth;
    kind = operation_kind_find(operation->kind);
    if (!kind)
        end(pieces, tx, OPERATION_FAILED, &unknown);
    else if (pieces->failing == operation->seq && pieces->failures >= TRIES)
        end(pieces, tx, OPERATION_FAILED, &stuck);
    else
        work(pieces, tx, kind);
    tx->policy = NULL;
    return tx_status(tx);
}

static void work(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind)
{
    struct operation *operation = &pieces->operation;
    struct ids items = operation_items(tx, operation);

    if (operation_begin(tx, operation) && become_actor(tx, operation))
        operation_tell(tx, "operation.started", operation);
    while (take_step(pieces, tx, kind, &items) && may_go_on(pieces))
        ;
    if (pieces->most == 0) /* it ended, or the step after these failed, and will fail again */
        pieces->most = pieces->steps + (tx_status(tx) != ST_OK);
    if (!operation->ended_at)
        operation_keep(tx, operation);
}

/* False: it has ended, or the transaction has failed. */
static bool take_step(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind,
                      struct ids *items)
{
    struct operation *operation = &pieces->operation;
    bool is_over = false;

    if (operation->done < operation->total) {
        if (items->count == 0) /* the next part of them */
            *items = operation_items(tx, operation);
        if (tx_status(tx) != ST_OK)
            return false;
        take_item(pieces, tx, kind, *items->at);
        items->at++;
        items->count--;
    } else {
        is_over = take_finish(pieces, tx, kind);
    }
    if (tx_status(tx) != ST_OK)
        return false;
    pieces->steps++;
    if (is_over && !operation->ended_at)
        end(pieces, tx, OPERATION_DONE, NULL);
    return !operation->ended_at;
}

static void take_item(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind,
                      struct uuid item)
{
    static const struct failure actor_gone = {
        .status = ST_DENIED,
        .code = STR("actor_gone"),
        .message = STR("Whoever asked for this has no access any more: the rest was left undone."),
    };
    struct operation *operation = &pieces->operation;
    struct failure failure = { 0 };
    enum status status;
    bool is_here;

    step_begin(pieces, tx);
    is_here = become_actor(tx, operation);
    if (is_here)
        kind->item(tx, operation, item);
    status = step_end(pieces, tx, &failure);
    if (tx_status(tx) != ST_OK)
        return;
    if (is_here || status != ST_OK) /* looking for him may have failed, too */
        operation_judge(tx, operation, item, status, &failure);
    else
        end(pieces, tx, OPERATION_FAILED, &actor_gone);
}

/* True: nothing is left to do. */
static bool take_finish(struct pieces *pieces, struct tx *tx, const struct operation_kind *kind)
{
    struct operation *operation = &pieces->operation;
    struct failure failure = { 0 };
    bool is_over = true;

    if (!kind->finish)
        return true;
    step_begin(pieces, tx);
    if (become_actor(tx, operation))
        is_over = kind->finish(tx, operation);
    else
        tx_fail(tx, ST_DENIED, "actor_gone",
                "Whoever asked for this has no access any more: the rest was left undone.");
    if (step_end(pieces, tx, &failure) != ST_OK && tx_status(tx) == ST_OK)
        end(pieces, tx, OPERATION_FAILED, &failure);
    return is_over;
}

/* In a later run of the same piece the clock is not asked: it took as many steps as it did at first. */
static bool may_go_on(struct pieces *pieces)
{
    if (pieces->most > 0)
        return pieces->steps < pieces->most;
    if (clock_monotonic() < pieces->until && !writer_is_wanted(pieces->server->writer))
        return true;
    pieces->most = pieces->steps;
    return false;
}

/* As he is now: rights, limits, memberships. False: he is gone, or his key is; then he is known by name
 * alone. */
static bool become_actor(struct tx *tx, const struct operation *operation)
{
    static const char *const roads[] = { "api", "session", "command", "link", "plugin", "system" };
    struct str kind = operation->actor_kind;
    bool is_here = false;

    if (str_is(kind, actor_kind_name(ACTOR_STAFF)))
        is_here = actor_find_staff(tx, operation->actor_id);
    else if (str_is(kind, actor_kind_name(ACTOR_CLIENT)))
        is_here = actor_find_client(tx, operation->actor_id);
    else if (str_is(kind, actor_kind_name(ACTOR_KEY)))
        is_here = actor_find_key(tx, operation->actor_id);
    else if (str_is(kind, actor_kind_name(ACTOR_PLUGIN)))
        is_here = plugin_actor_find(tx->policy, operation->actor_id, &tx->actor);
    if (!is_here)
        tx->actor = (struct actor){ .kind = ACTOR_NOBODY, .id = operation->actor_id };
    for (size_t i = 0; i < sizeof(roads) / sizeof(roads[0]); i++)
        if (str_is(operation->road, roads[i]))
            tx->actor.road = roads[i];
    return is_here;
}

static void step_begin(struct pieces *pieces, struct tx *tx)
{
    tx_item_begin(tx);
    arena_reset(&pieces->step);
    tx->arena = &pieces->step;
    tx->workspace_seen = NULL; /* it lay in there */
    tx->subject = NULL;
    tx->scratch = NULL;
}

/* What failed for want of memory has failed in the step's arena: that of the piece is as it was. */
static enum status step_end(struct pieces *pieces, struct tx *tx, struct failure *failure)
{
    tx_status(tx);
    tx->arena = &pieces->arena;
    tx->workspace_seen = NULL;
    return tx_item_end_alone(tx, failure);
}

static void end(struct pieces *pieces, struct tx *tx, enum operation_status status,
                const struct failure *failure)
{
    struct operation *operation = &pieces->operation;

    operation_end(tx, operation, status, failure);
    become_actor(tx, operation);
    operation_tell(tx, status == OPERATION_DONE ? "operation.done" : "operation.failed", operation);
}

static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    const struct pieces *pieces = pieces_of(write);
    const struct operation *operation = &pieces->operation;
    char text[128];
    int len = snprintf(text, sizeof(text), "%d %zu %lld %d %lld %lld", pieces->has_found,
                       pieces->steps, pieces->has_found ? (long long)operation->seq : 0,
                       pieces->has_found ? operation->status : 0,
                       pieces->has_found ? (long long)operation->done : 0,
                       pieces->has_found ? (long long)operation->failed : 0);

    crypto_sha256(str_slice(text, (size_t)len), out);
}

/* pieces_ran looks at it when the batch is over. */
static void done(struct write *write)
{
    (void)write;
}

/* The steps before the one that failed are good: they are taken alone, and then that one. A disk that is
 * full, or an end that is near, is no fault of the operation. */
static void failed(struct pieces *pieces, enum status status, uint64_t now)
{
    bool is_its_own = status != ST_DISK_FULL && status != ST_READ_ONLY && status != ST_BUSY;

    pieces->next_most = pieces->steps > 0 ? pieces->steps : 1;
    if (pieces->steps == 0 || !is_its_own)
        pieces->due = now + PAUSE_MS * MILLISECOND;
    if (!pieces->has_found || !is_its_own)
        return;
    if (pieces->steps > 0 || pieces->failing != pieces->operation.seq)
        pieces->failures = 0;
    pieces->failing = pieces->operation.seq;
    pieces->failures += pieces->steps == 0;
    log_warn(pieces->operation.request_id, "a piece of an operation failed and is tried again",
             LOG_S("kind", pieces->operation.kind), LOG_C("status", status_code(status)),
             LOG_N("done", pieces->operation.done));
}

static struct pieces *pieces_of(struct write *write)
{
    return (struct pieces *)(void *)((char *)write - offsetof(struct pieces, write));
}

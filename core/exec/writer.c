/* Writer: its thread, its queue, and what it does between batches. */
#include "exec/writer.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/queue.h"
#include "store/db.h"

#include <stdatomic.h>
#include <stdlib.h>

#define MILLISECOND UINT64_C(1000000) /* of monotonic time */
enum {
    CHECKPOINT_IDLE_MS = 1000,  /* idle for so long with a large WAL, */
    CHECKPOINT_REST_MS = 30000, /* or with any at all */
    FULL_MS = 5000,             /* between chores while the disk is full */
    PIECE_MS = 20,              /* between pieces of operations while others wait */
    PIECE_REST = 3,             /* times as long as it took, while others come */
    OTHERS_MS = 100,            /* for so long somebody who came is thought to come again */
};
#define CHECKPOINT_IDLE_BYTES ((int64_t)MIB(1))
#define CHECKPOINT_AGAIN                                                                           \
    ((int64_t)MIB(16)) /* the WAL grew so much since one that readers held up */
/* While an operation runs: a checkpoint of this takes 3 ms where that of LIMIT_WAL_BYTES takes 40, and
 * others wait for it. */
#define CHECKPOINT_PIECES ((int64_t)MIB(2))

struct writer {
    struct writer_options options;
    struct queue queue; /* of struct write */
    struct thread thread;
    bool is_started;

    /* The thread's alone. */
    struct batch batch;
    struct chores *chores;
    struct write *taken;   /* woke the thread; the first of the next batch */
    struct write *between; /* works between batches; the first of them has its turn */
    uint64_t marked;       /* commits that the high-water mark knows of */
    uint64_t busy_at;      /* monotonic, end of the last batch that had something */
    uint64_t chores_at;    /* no chore, no piece before that: the disk is full, or broken */
    uint64_t piece_at;     /* monotonic, end of the last piece of an operation, */
    uint64_t piece_took;   /* and how long it was, with its commit */
    uint64_t others_at;    /* monotonic, end of the last batch that was of others */
    int64_t held_up;       /* WAL bytes after a checkpoint that could not finish; 0: none */

    /* Written by the thread, read by any. */
    _Atomic int health;
    _Atomic uint64_t batches[WRITER_SIZES], writes, commits, lost, checkpoints, wal_bytes;
};

static void run(void *arg);
static bool wait_for_work(struct writer *writer);
static uint64_t piece_due(const struct writer *writer);
static struct write *next_queued(void *context);
static void put_aside(struct writer *writer, struct write *write);
static void run_between(struct writer *writer);
static size_t run_batch(struct writer *writer, struct write *first,
                        struct write *(*next)(void *context));
static void count_batch(struct writer *writer, size_t size);
static struct write *nothing_more(void *context);
static void run_chores(struct writer *writer, bool is_idle);
static void run_piece(struct writer *writer);
static void judge(struct writer *writer, const struct batch *batch, bool has_committed);
static void checkpoint_between(struct writer *writer, bool is_idle);
static void checkpoint(struct writer *writer, bool truncate);
static void fail(struct writer *writer);
static void finish(struct writer *writer);

struct writer *writer_new(const struct writer_options *options)
{
    struct writer *writer = xcalloc(1, sizeof(*writer));

    writer->options = *options;
    writer->batch.db = options->db;
    writer->batch.stutters = options->stutters;
    writer->batch.budget = LIMIT_BATCH_MICROSECONDS;
#ifdef FOYER_FAULTS
    writer->batch.miswrite = miswrite_chosen();
#endif
    queue_init(&writer->queue, LIMIT_WRITER_QUEUE);
    if (options->chores)
        writer->chores = chores_new(options->chores, options->server);
    writer->marked = db_commits(options->db);
    atomic_store(&writer->wal_bytes, (uint64_t)db_wal_bytes(options->db));
    return writer;
}

enum status writer_start(struct writer *writer)
{
    enum status status = thread_start(&writer->thread, "writer", run, writer);

    writer->is_started = status == ST_OK;
    return status;
}

void writer_stop(struct writer *writer)
{
    queue_close(&writer->queue);
    if (!writer->is_started)
        return;
    thread_join(&writer->thread);
    writer->is_started = false;
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    PRE(!writer->is_started);
    queue_fini(&writer->queue);
    if (writer->chores)
        chores_free(writer->chores);
    free(writer);
}

void writer_work(struct writer *writer)
{
    struct write *write;

    PRE(!writer->is_started);
    while ((write = next_queued(writer)))
        count_batch(writer, run_batch(writer, write, next_queued));
}

void writer_rest(struct writer *writer)
{
    struct pieces *pieces = writer->options.pieces;
    struct write *write;

    PRE(!writer->is_started);
    while (pieces && (write = pieces_next(pieces, UINT64_MAX - 1))) {
        run_batch(writer, write, nothing_more);
        pieces_ran(pieces, write, 0);
    }
    if (writer->chores)
        chores_hurry(writer->chores);
    run_chores(writer, true);
}

enum status writer_submit(struct writer *writer, struct write *write)
{
    return queue_put(&writer->queue, write);
}

bool writer_is_wanted(struct writer *writer)
{
    return queue_length(&writer->queue) > 0;
}

enum writer_health writer_health(const struct writer *writer)
{
    return (enum writer_health)atomic_load(&writer->health);
}

void writer_figures(struct writer *writer, struct writer_figures *figures)
{
    size_t i;

    figures->queued = queue_length(&writer->queue);
    for (i = 0; i < WRITER_SIZES; i++)
        figures->batches[i] = atomic_load(&writer->batches[i]);
    figures->writes = atomic_load(&writer->writes);
    figures->commits = atomic_load(&writer->commits);
    figures->lost = atomic_load(&writer->lost);
    figures->checkpoints = atomic_load(&writer->checkpoints);
    figures->wal_bytes = atomic_load(&writer->wal_bytes);
}

static void run(void *arg)
{
    struct writer *writer = arg;

    writer->busy_at = clock_monotonic();
    for (;;) {
        if (wait_for_work(writer)) {
            struct write *first = writer->taken;

            writer->taken = NULL;
            if (first)
                count_batch(writer, run_batch(writer, first, next_queued));
            run_between(writer);
            run_chores(writer, false);
            run_piece(writer);
            checkpoint_between(writer, false);
        } else if (queue_is_closed(&writer->queue)) {
            break;
        } else if (writer->between) {
            run_between(writer);
            run_chores(writer, false);
            run_piece(writer);
            checkpoint_between(writer, false);
        } else {
            run_chores(writer, piece_due(writer) > clock_monotonic());
            run_piece(writer);
            checkpoint_between(writer, true);
        }
    }
    finish(writer);
}

/* False: nothing came before something else was to be done, or nothing more will. */
static bool wait_for_work(struct writer *writer)
{
    uint64_t deadline = writer->busy_at + CHECKPOINT_IDLE_MS * MILLISECOND;
    uint64_t now = clock_monotonic();
    void *item;

    if (db_wal_bytes(writer->options.db) == 0 || deadline <= now)
        deadline = now + CHECKPOINT_REST_MS * MILLISECOND;
    if (writer->chores) {
        uint64_t due = chores_deadline(writer->chores, db_commits(writer->options.db));

        due = due > writer->chores_at ? due : writer->chores_at;
        deadline = due < deadline ? due : deadline;
    }
    if (piece_due(writer) < deadline)
        deadline = piece_due(writer);
    if (writer->between)
        deadline = 0;
    if (queue_take_many(&writer->queue, &item, 1, deadline) == 0)
        return false;
    writer->taken = item;
    if (writer->taken->calls->between) {
        put_aside(writer, writer->taken);
        writer->taken = NULL;
    }
    return true;
}

/* UINT64_MAX: no operation waits. While others come, three quarters of the time are theirs: who meets no
 * piece waits for no commit but his own. */
static uint64_t piece_due(const struct writer *writer)
{
    uint64_t due = writer->options.pieces ? pieces_due(writer->options.pieces) : UINT64_MAX;
    uint64_t rested = writer->piece_at + PIECE_REST * writer->piece_took;

    if (writer->others_at + OTHERS_MS * MILLISECOND > writer->piece_at && rested > due)
        due = rested;
    return due > writer->chores_at ? due : writer->chores_at;
}

static struct write *next_queued(void *context)
{
    struct writer *writer = context;
    struct write *write = writer->taken;
    void *item;

    writer->taken = NULL;
    while (!write && queue_take_many(&writer->queue, &item, 1, 0)) {
        write = item;
        if (write->calls->between) {
            put_aside(writer, write);
            write = NULL;
        }
    }
    return write;
}

static void put_aside(struct writer *writer, struct write *write)
{
    struct write **last = &writer->between;

    while (*last)
        last = &(*last)->next;
    write->next = NULL;
    *last = write;
}

/* A turn of the first of them. */
static void run_between(struct writer *writer)
{
    struct write *write = writer->between;

    if (!write || write->calls->between(write, writer->options.db))
        return;
    writer->between = write->next;
    write->calls->done(write);
}

static struct write *nothing_more(void *context)
{
    struct writer *writer = context;
    struct write *only = writer->taken;

    writer->taken = NULL;
    return only;
}

/* Gives how many writes it was. */
static size_t run_batch(struct writer *writer, struct write *first,
                        struct write *(*next)(void *context))
{
    struct batch *batch = &writer->batch;
    struct db *db = writer->options.db;
    size_t count;

    writer->taken = first;
    batch_run(batch, clock_wall(), next, writer);
    judge(writer, batch, db_commits(db) != writer->marked);
    atomic_fetch_add(&writer->commits, db_commits(db) - writer->marked);
    if (db_commits(db) != writer->marked) {
        writer->marked = db_commits(db);
        if (writer->options.folder)
            datafolder_raise_mark(writer->options.folder, writer->marked);
    }
    atomic_fetch_add(&writer->lost, batch->lost);
    atomic_store(&writer->wal_bytes, (uint64_t)db_wal_bytes(db));
    if (batch->effects.operations && writer->options.pieces)
        pieces_wake(writer->options.pieces);
    if (writer->options.on_committed)
        writer->options.on_committed(writer->options.context, batch->effects);
    count = batch->count;
    batch_release(batch);
    writer->busy_at = clock_monotonic();
    return count;
}

/* Of requests and of what else others handed in. */
static void count_batch(struct writer *writer, size_t size)
{
    size_t i = 0;

    if (size == 0)
        return;
    writer->others_at = clock_monotonic();
    while (i + 1 < WRITER_SIZES && (size_t)1 << i < size)
        i++;
    atomic_fetch_add(&writer->batches[i], 1);
    atomic_fetch_add(&writer->writes, size);
}

/* Each chore is a batch of its own: what delays or breaks it is nobody else's. */
static void run_chores(struct writer *writer, bool is_idle)
{
    struct write *write;

    if (!writer->chores || clock_monotonic() < writer->chores_at)
        return;
    while ((write = chores_next(writer->chores, clock_monotonic(), is_idle,
                                db_commits(writer->options.db)))) {
        uint64_t busy_at = writer->busy_at;

        run_batch(writer, write, nothing_more);
        writer->busy_at = busy_at;
        chores_ran(writer->chores, write, clock_monotonic(), db_commits(writer->options.db));
        if (queue_length(&writer->queue) > 0 || clock_monotonic() < writer->chores_at)
            return;
    }
}

/* It stops as soon as somebody waits, who then comes into the same batch: he does not wait for a commit of
 * the piece and then for his own. Where somebody always waits, it comes all the same from time to time,
 * for one item. */
static void run_piece(struct writer *writer)
{
    struct pieces *pieces = writer->options.pieces;
    uint64_t now = clock_monotonic();
    struct write *write;

    if (now < piece_due(writer) || queue_is_closed(&writer->queue))
        return;
    if (queue_length(&writer->queue) > 0 && now - writer->piece_at < PIECE_MS * MILLISECOND)
        return;
    write = pieces_next(pieces, now);
    if (!write)
        return;
    count_batch(writer, run_batch(writer, write, next_queued) - 1);
    writer->piece_at = clock_monotonic();
    writer->piece_took = writer->piece_at - now;
    pieces_ran(pieces, write, writer->piece_at);
}

/* Says in the log, once each way, that the disk is full or has room again. */
static void judge(struct writer *writer, const struct batch *batch, bool has_committed)
{
    bool is_full = false;
    size_t i;

    if (db_is_read_only(writer->options.db)) {
        fail(writer);
        return;
    }
    for (i = 0; i < batch->count; i++)
        is_full |= batch->writes[i]->status == ST_DISK_FULL;
    if (is_full)
        writer->chores_at = clock_monotonic() + FULL_MS * MILLISECOND;
    if (is_full && atomic_load(&writer->health) == WRITER_WELL) {
        atomic_store(&writer->health, WRITER_DISK_FULL);
        log_error(STR_NONE, "the disk is full: writes are refused until there is room");
    } else if (!is_full && has_committed && atomic_load(&writer->health) == WRITER_DISK_FULL) {
        atomic_store(&writer->health, WRITER_WELL);
        log_info(STR_NONE, "the disk has room again");
    }
}

static void checkpoint_between(struct writer *writer, bool is_idle)
{
    int64_t bytes = db_wal_bytes(writer->options.db);
    uint64_t idle = clock_monotonic() - writer->busy_at;

    if (bytes == 0 || atomic_load(&writer->health) == WRITER_READ_ONLY)
        return;
    if (bytes > (int64_t)LIMIT_WAL_BYTES && bytes > writer->held_up + CHECKPOINT_AGAIN)
        checkpoint(writer, false);
    else if (piece_due(writer) != UINT64_MAX && bytes > writer->held_up + CHECKPOINT_PIECES &&
             queue_length(&writer->queue) == 0)
        checkpoint(writer, false);
    else if (is_idle && (idle >= CHECKPOINT_REST_MS * MILLISECOND ||
                         (idle >= CHECKPOINT_IDLE_MS * MILLISECOND &&
                          bytes >= CHECKPOINT_IDLE_BYTES && bytes != writer->held_up)))
        checkpoint(writer, true);
}

static void checkpoint(struct writer *writer, bool truncate)
{
    enum status status = db_checkpoint(writer->options.db, truncate);
    int64_t left = db_wal_bytes(writer->options.db);

    if (status == ST_READ_ONLY || db_is_read_only(writer->options.db)) {
        fail(writer);
        return;
    }
    /* A reader in an old snapshot holds it up; it will be tried when more has come. */
    writer->held_up = left;
    atomic_store(&writer->wal_bytes, (uint64_t)left);
    atomic_fetch_add(&writer->checkpoints, 1);
}

static void fail(struct writer *writer)
{
    writer->chores_at = UINT64_MAX;
    if (atomic_exchange(&writer->health, WRITER_READ_ONLY) == WRITER_READ_ONLY)
        return;
    log_error(STR_NONE, "fsync failed: what was not acknowledged may be lost, nothing more is "
                        "written, and the server ends. Look after the disk, then start it again");
    if (writer->options.on_failed)
        writer->options.on_failed(writer->options.context);
}

/* What the chores still hold (decisions, last activity) goes in, and the WAL into the database. */
static void finish(struct writer *writer)
{
    while (writer->between) {
        struct write *write = writer->between;

        writer->between = write->next;
        write->calls->done(write);
    }
    if (atomic_load(&writer->health) == WRITER_READ_ONLY)
        return;
    writer->chores_at = 0;
    if (writer->chores)
        chores_hurry(writer->chores);
    run_chores(writer, true);
    if (atomic_load(&writer->health) != WRITER_READ_ONLY)
        checkpoint(writer, true);
}

/* The writer's thread: groups, queues, full disks, failed syncs, chores. */
#include "base/arena.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/thread.h"
#include "exec/writer.h"
#include "exec_folder.h"
#include "harness.h"
#include "store/query.h"
#include "store/vfs.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { THREADS = 4, EACH = 200 };

/* A write that puts n into notes. */
struct note {
    struct write write;
    struct arena arena;
    int64_t n;
    struct ledger *ledger;
};

/* Where ends are counted; waited for under the lock. */
struct ledger {
    struct mutex lock;
    struct cond changed;
    size_t ended, well;
    enum status last;
};

static _Atomic int failures, chores_run, chores_kept;

static struct note *note_of(struct write *write)
{
    return (struct note *)(void *)((char *)write - offsetof(struct note, write));
}

static struct arena *prepare(struct write *write)
{
    arena_reset(&note_of(write)->arena);
    return &note_of(write)->arena;
}

static enum status run(struct write *write, struct tx *tx)
{
    query_run(tx, "INSERT INTO notes (n, text) VALUES ($1, $2)",
              ARGS(arg_int(note_of(write)->n), arg_text(STR("noted"))));
    return tx_status(tx);
}

static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    (void)write;
    crypto_sha256(STR("same"), out);
}

static void done(struct write *write)
{
    struct ledger *ledger = note_of(write)->ledger;

    mutex_lock(&ledger->lock);
    ledger->ended++;
    ledger->well += write->status == ST_OK;
    ledger->last = write->status;
    cond_broadcast(&ledger->changed);
    mutex_unlock(&ledger->lock);
}

static const struct write_calls calls = {
    .name = "note", .prepare = prepare, .run = run, .digest = digest, .done = done
};

static void on_failed(void *context)
{
    (void)context;
    failures++;
}

static void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){ .ended = 0 };
    mutex_init(&ledger->lock);
    cond_init(&ledger->changed);
}

static void ledger_wait(struct ledger *ledger, size_t ended)
{
    mutex_lock(&ledger->lock);
    while (ledger->ended < ended)
        cond_wait(&ledger->changed, &ledger->lock);
    mutex_unlock(&ledger->lock);
}

static struct note *notes_new(struct ledger *ledger, size_t count, int64_t first)
{
    struct note *notes = xcalloc(count, sizeof(*notes));

    for (size_t i = 0; i < count; i++) {
        notes[i].write.calls = &calls;
        notes[i].n = first + (int64_t)i;
        notes[i].ledger = ledger;
        arena_init(&notes[i].arena, MIB(1));
    }
    return notes;
}

static void notes_free(struct note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        arena_fini(&notes[i].arena);
    free(notes);
}

/* Writes one and waits for its end. */
static enum status write_one(struct writer *writer, int64_t n)
{
    struct ledger ledger;
    struct note *note;
    enum status status;

    ledger_init(&ledger);
    note = notes_new(&ledger, 1, n);
    status = writer_submit(writer, &note->write);
    if (status == ST_OK) {
        ledger_wait(&ledger, 1);
        status = ledger.last;
    }
    notes_free(note, 1);
    return status;
}

static struct writer *writer_begin(struct exec_folder *made, const struct writer_chore *chores)
{
    const struct writer_options options = {
        .db = made->db, .folder = &made->folder, .chores = chores, .on_failed = on_failed
    };
    struct writer *writer = writer_new(&options);

    CHECK_INT(writer_start(writer), ST_OK);
    return writer;
}

struct crowd {
    struct writer *writer;
    struct note *notes;
};

static void submit_all(void *arg)
{
    struct crowd *crowd = arg;

    for (size_t i = 0; i < EACH; i++)
        while (writer_submit(crowd->writer, &crowd->notes[i].write) != ST_OK)
            ;
}

TEST(writes_of_many_threads_share_commits_and_all_are_there)
{
    struct exec_folder made;
    struct ledger ledger;
    struct thread threads[THREADS];
    struct crowd crowds[THREADS];
    struct writer_figures figures;
    struct writer *writer;

    exec_folder_open(&made);
    ledger_init(&ledger);
    writer = writer_begin(&made, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        crowds[i].writer = writer;
        crowds[i].notes = notes_new(&ledger, EACH, (int64_t)(1000 * (i + 1)));
        CHECK_INT(thread_start(&threads[i], "crowd", submit_all, &crowds[i]), ST_OK);
    }
    ledger_wait(&ledger, THREADS * EACH);
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
        notes_free(crowds[i].notes, EACH);
    }
    writer_stop(writer);
    writer_figures(writer, &figures);
    CHECK_INT(ledger.well, THREADS * EACH);
    CHECK_INT(figures.writes, THREADS * EACH);
    CHECK(figures.commits < THREADS * EACH);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), THREADS * EACH);
    writer_free(writer);
    exec_folder_close(&made);
}

TEST(the_mark_of_the_folder_follows_the_commits)
{
    struct exec_folder made;
    struct failure failure = { 0 };
    struct writer *writer;
    struct stat before, after;

    exec_folder_open(&made);
    CHECK_INT(stat(test_path("data/commits"), &before), 0);
    writer = writer_begin(&made, NULL);
    CHECK_INT(write_one(writer, 1), ST_OK);
    writer_stop(writer);
    writer_free(writer);
    CHECK_INT(stat(test_path("data/commits"), &after), 0);
    exec_folder_reopen(&made);
    CHECK_INT(made.folder.mark, (long long)db_commits(made.db));
    CHECK_INT(datafolder_check_mark(&made.folder, made.db, &failure, &made.arena), ST_OK);
    exec_folder_close(&made);
}

TEST(a_full_queue_and_a_stopping_writer_say_so)
{
    struct exec_folder made;
    struct ledger ledger;
    struct note *notes;
    struct writer *writer;

    exec_folder_open(&made);
    ledger_init(&ledger);
    notes = notes_new(&ledger, LIMIT_WRITER_QUEUE + 1, 100);
    writer = writer_new(&(const struct writer_options){ .db = made.db });
    for (size_t i = 0; i < LIMIT_WRITER_QUEUE; i++)
        CHECK_INT(writer_submit(writer, &notes[i].write), ST_OK);
    CHECK_INT(writer_submit(writer, &notes[LIMIT_WRITER_QUEUE].write), ST_BUSY);
    CHECK_INT(writer_start(writer), ST_OK);
    writer_stop(writer); /* what was taken in is done */
    CHECK_INT(ledger.well, LIMIT_WRITER_QUEUE);
    CHECK_INT(writer_submit(writer, &notes[LIMIT_WRITER_QUEUE].write), ST_UNAVAILABLE);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), LIMIT_WRITER_QUEUE);
    writer_free(writer);
    notes_free(notes, LIMIT_WRITER_QUEUE + 1);
    exec_folder_close(&made);
}

TEST(the_end_leaves_an_empty_log)
{
    struct exec_folder made;
    struct writer *writer;
    struct stat wal;

    exec_folder_open(&made);
    writer = writer_begin(&made, NULL);
    CHECK_INT(write_one(writer, 1), ST_OK);
    writer_stop(writer);
    writer_free(writer);
    CHECK_INT(stat(test_path("data/foyer.db-wal"), &wal), 0);
    CHECK_INT(wal.st_size, 0);
    exec_folder_close(&made);
}

static size_t sweep(struct tx *tx, struct server *server)
{
    (void)server;
    chores_run++;
    return (size_t)query_run(tx, "DELETE FROM notes WHERE n IN (SELECT n FROM notes LIMIT 10)",
                             NO_ARGS);
}

static void sweep_kept(struct server *server)
{
    (void)server;
    chores_kept++;
}

TEST(chores_go_on_until_nothing_is_left)
{
    static const struct writer_chore table[] = { { "sweep", 1, 60000, true, sweep, 10, sweep_kept },
                                                 { 0 } };
    struct exec_folder made;
    struct writer *writer;

    exec_folder_open(&made);
    writer = writer_begin(&made, table);
    for (int64_t n = 100; n < 135; n++)
        CHECK_INT(write_one(writer, n), ST_OK);
    writer_stop(writer);
    writer_free(writer);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 0);
    CHECK(chores_run >= 4);
    CHECK_INT(chores_kept, chores_run);
    exec_folder_close(&made);
}

#ifdef FOYER_FAULTS
TEST(a_full_disk_refuses_writes_until_there_is_room)
{
    struct exec_folder made;
    struct writer *writer;

    exec_folder_open(&made);
    writer = writer_begin(&made, NULL);
    CHECK_INT(write_one(writer, 1), ST_OK);
    vfs_set_disk(VFS_DISK_FULL);
    CHECK_INT(write_one(writer, 2), ST_DISK_FULL);
    CHECK_INT(writer_health(writer), WRITER_DISK_FULL);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 1); /* reads go on */
    CHECK_INT(write_one(writer, 3), ST_DISK_FULL);
    vfs_set_disk(VFS_SOUND);
    CHECK_INT(write_one(writer, 4), ST_OK);
    CHECK_INT(writer_health(writer), WRITER_WELL);
    CHECK_INT(exec_folder_ask(&made, "SELECT sum(n) FROM notes"), 5);
    writer_stop(writer);
    writer_free(writer);
    exec_folder_close(&made);
}

TEST(a_failed_sync_is_final)
{
    struct exec_folder made;
    struct writer *writer;
    uint64_t syncs;

    exec_folder_open(&made);
    writer = writer_begin(&made, NULL);
    CHECK_INT(write_one(writer, 1), ST_OK);
    vfs_set_disk(VFS_SYNCS_FAIL);
    CHECK_INT(write_one(writer, 2), ST_READ_ONLY);
    syncs = vfs_calls(VFS_SYNC);
    vfs_set_disk(VFS_SOUND); /* what a second sync says is worth nothing */
    CHECK_INT(write_one(writer, 3), ST_READ_ONLY);
    CHECK_INT(write_one(writer, 4), ST_READ_ONLY);
    CHECK_INT(writer_health(writer), WRITER_READ_ONLY);
    CHECK_INT(failures, 1);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes WHERE n = 1"), 1);
    writer_stop(writer);
    writer_free(writer);
    exec_folder_close(&made);
    CHECK_INT(vfs_calls(VFS_SYNC), syncs);
}

TEST(writes_that_fail_for_a_while_are_refused_and_then_taken)
{
    struct exec_folder made;
    struct writer *writer;

    exec_folder_open(&made);
    writer = writer_begin(&made, NULL);
    vfs_set_disk(VFS_WRITES_FAIL);
    CHECK_INT(status_http(write_one(writer, 1)), 503);
    vfs_set_disk(VFS_SOUND);
    CHECK_INT(write_one(writer, 2), ST_OK);
    CHECK_INT(exec_folder_ask(&made, "SELECT sum(n) FROM notes"), 2);
    writer_stop(writer);
    writer_free(writer);
    exec_folder_close(&made);
}
#endif

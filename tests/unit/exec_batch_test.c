/* Batches: one commit for many, replay when SQLite drops them all, and the stutter. */
#include "base/arena.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fault.h"
#include "exec/batch.h"
#include "exec_folder.h"
#include "harness.h"
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 100 };

/* A write that puts number n into notes. */
struct note {
    struct write write;
    struct arena arena;
    int64_t n;
    int runs, refusals, ends;
    bool is_careless; /* takes its text from somewhere else than the transaction */
    bool keeps_refusal;
    bool dies_late;  /* rolls everything back when it runs again */
    struct str text; /* what it answers */
};

struct notes {
    struct note at[MOST];
    size_t count, taken;
};

static struct arena *prepare(struct write *write);
static enum status run(struct write *write, struct tx *tx);
static void refused(struct write *write, struct tx *tx, const struct failure *failure);
static void digest(struct write *write, uint8_t out[CRYPTO_HASH]);
static void done(struct write *write);

static const struct write_calls calls = {
    .name = "note",
    .prepare = prepare,
    .run = run,
    .refused = refused,
    .digest = digest,
    .done = done,
};

static struct note *note_of(struct write *write)
{
    return (struct note *)(void *)((char *)write - offsetof(struct note, write));
}

static struct arena *prepare(struct write *write)
{
    struct note *note = note_of(write);

    arena_reset(&note->arena);
    note->text = STR_NONE;
    return &note->arena;
}

static enum status run(struct write *write, struct tx *tx)
{
    static const uint8_t seed[CRYPTO_KEY] = { 1, 2, 3 };
    struct note *note = note_of(write);
    struct uuid id;
    char text[UUID_TEXT];

    note->runs++;
    tx->seed = seed;
    id = tx_id(tx);
    uuid_format(id, text);
    note->text = str_copy(tx->arena, str_from(text));
    if (note->dies_late && note->runs == 2)
        note->n = 13;
    if (note->is_careless)
        note->text = str_printf(tx->arena, "%d", note->runs);
    query_run(tx, "INSERT INTO notes (n, text) VALUES ($1, $2)",
              ARGS(arg_int(note->n), arg_text(note->text)));
    return tx_status(tx);
}

static void refused(struct write *write, struct tx *tx, const struct failure *failure)
{
    struct note *note = note_of(write);

    CHECK(failure->status != ST_OK);
    note->refusals++;
    if (note->keeps_refusal)
        query_run(tx, "INSERT INTO notes (n, text) VALUES ($1, 'refused')",
                  ARGS(arg_int(1000 + note->n)));
}

static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    crypto_sha256(note_of(write)->text, out);
}

static void done(struct write *write)
{
    note_of(write)->ends++;
}

static struct write *next(void *context)
{
    struct notes *notes = context;

    return notes->taken < notes->count ? &notes->at[notes->taken++].write : NULL;
}

static struct notes *notes_new(size_t count)
{
    struct notes *notes = xcalloc(1, sizeof(*notes));

    CHECK(count <= MOST);
    notes->count = count;
    for (size_t i = 0; i < count; i++) {
        notes->at[i].write.calls = &calls;
        notes->at[i].n = 100 + (int64_t)i;
        arena_init(&notes->at[i].arena, MIB(1));
    }
    return notes;
}

static void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        arena_fini(&notes->at[i].arena);
    free(notes);
}

static void run_all(struct batch *batch, struct notes *notes)
{
    size_t first = notes->taken;

    batch->budget = 60000000; /* the machine may be busy */
    batch_run(batch, clock_wall(), next, notes);
    for (size_t i = first; i < notes->taken; i++)
        CHECK_INT(notes->at[i].ends, 0); /* nobody hears before it is over */
    batch_release(batch);
    for (size_t i = 0; i < notes->taken; i++)
        CHECK_INT(notes->at[i].ends, 1);
}

TEST(writes_of_a_batch_share_one_commit)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(5);
    uint64_t before;

    exec_folder_open(&made);
    batch.db = made.db;
    before = db_commits(made.db);
    run_all(&batch, notes);
    CHECK_INT(db_commits(made.db), before + 1);
    CHECK_INT(batch.commits, 1);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 5);
    notes_free(notes);
    exec_folder_close(&made);
}

TEST(a_batch_takes_no_more_than_its_limit)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(MOST);

    exec_folder_open(&made);
    batch.db = made.db;
    run_all(&batch, notes);
    CHECK(notes->taken <= LIMIT_BATCH_JOBS && notes->taken > 0);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), (long long)notes->taken);
    notes_free(notes);
    exec_folder_close(&made);
}

TEST(a_refused_write_leaves_the_others_of_its_batch_alone)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(4);

    exec_folder_open(&made);
    batch.db = made.db;
    notes->at[1].n = 14;
    notes->at[1].keeps_refusal = true;
    notes->at[3].n = notes->at[2].n; /* a broken key: 409 */
    run_all(&batch, notes);
    CHECK_INT(notes->at[0].write.status, ST_OK);
    CHECK_INT(notes->at[1].write.status, ST_UNPROCESSABLE);
    CHECK_INT(notes->at[2].write.status, ST_OK);
    CHECK_INT(notes->at[3].write.status, ST_CONFLICT);
    CHECK_INT(notes->at[1].refusals, 1);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 3);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes WHERE n = 1014"), 1);
    CHECK_INT(batch.lost, 0);
    CHECK_INT(batch.commits, 1);
    notes_free(notes);
    exec_folder_close(&made);
}

TEST(a_rollback_of_the_whole_batch_costs_the_culprit_alone)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(5);

    exec_folder_open(&made);
    batch.db = made.db;
    notes->at[2].n = 13;
    run_all(&batch, notes);
    CHECK_INT(batch.lost, 1);
    CHECK_INT(batch.commits, 1);
    CHECK_INT(notes->taken, 3);
    run_all(&batch, notes); /* what was still queued comes in the next batch */
    CHECK_INT(batch.lost, 0);
    for (size_t i = 0; i < 5; i++) {
        CHECK_INT(notes->at[i].write.status, i == 2 ? ST_UNPROCESSABLE : ST_OK);
        CHECK_INT(notes->at[i].runs, i < 2 ? 2 : 1); /* those before it ran again */
    }
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 4);
    notes_free(notes);
    exec_folder_close(&made);
}

TEST(a_batch_that_is_lost_twice_goes_on_one_by_one)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(5);

    exec_folder_open(&made);
    batch.db = made.db;
    notes->at[1].dies_late = true;
    notes->at[3].n = 13;
    run_all(&batch, notes);
    CHECK_INT(batch.lost, 2);
    CHECK_INT(batch.commits, 2);
    CHECK_INT(notes->taken, 4);
    for (size_t i = 0; i < 4; i++)
        CHECK_INT(notes->at[i].write.status, i % 2 ? ST_UNPROCESSABLE : ST_OK);
    CHECK_INT(notes->at[0].runs, 3);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 2);
    notes_free(notes);
    exec_folder_close(&made);
}

/* The second was refused because of the first, whose row then went: it must be asked again. */
TEST(a_refusal_is_not_kept_when_its_reason_was_rolled_back)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(3);

    exec_folder_open(&made);
    batch.db = made.db;
    notes->at[1].n = notes->at[0].n;
    notes->at[2].n = 13;
    run_all(&batch, notes);
    CHECK_INT(notes->at[0].write.status, ST_OK);
    CHECK_INT(notes->at[1].write.status, ST_CONFLICT);
    CHECK_INT(notes->at[1].runs, 2);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 1);
    notes_free(notes);
    exec_folder_close(&made);
}

#ifdef FOYER_FAULTS
TEST(a_commit_that_fails_once_is_tried_one_by_one)
{
    struct exec_folder made;
    struct batch batch = { 0 };
    struct notes *notes = notes_new(4);
    uint64_t before;

    exec_folder_open(&made);
    batch.db = made.db;
    before = db_commits(made.db);
    fault_arm(1u << FAULT_COMMIT, 1);
    run_all(&batch, notes);
    CHECK(fault_was_hit());
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(notes->at[i].write.status, ST_OK);
        CHECK_INT(notes->at[i].runs, 2);
    }
    CHECK_INT(db_commits(made.db), before + 4);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 4);
    notes_free(notes);
    exec_folder_close(&made);
}

TEST(any_failing_call_leaves_each_write_whole_or_absent)
{
    struct exec_folder made;
    struct batch batch = { 0 };

    exec_folder_open(&made);
    batch.db = made.db;
    for (uint64_t nth = 1;; nth++) {
        struct notes *notes = notes_new(4);
        int64_t kept = 0, before = exec_folder_ask(&made, "SELECT count(*) FROM notes");
        bool was_hit;

        harness_note("with fallible call %llu failing", (unsigned long long)nth);
        for (size_t i = 0; i < 4; i++)
            notes->at[i].n = (int64_t)nth * 1000 + (int64_t)i;
        fault_arm(1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT | 1u << FAULT_ARENA,
                  nth);
        run_all(&batch, notes);
        was_hit = fault_was_hit();
        fault_arm(0, 0);
        for (size_t i = 0; i < notes->taken; i++)
            kept += notes->at[i].write.status == ST_OK;
        CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), before + kept);
        notes_free(notes);
        if (!was_hit) {
            CHECK_INT(kept, 4);
            CHECK(nth > 4);
            break;
        }
    }
    exec_folder_close(&made);
}
#endif

TEST(the_stutter_runs_twice_and_keeps_one)
{
    struct exec_folder made;
    struct batch batch = { .stutters = true };
    struct notes *notes = notes_new(3);

    exec_folder_open(&made);
    batch.db = made.db;
    notes->at[1].n = 14;
    notes->at[1].keeps_refusal = true;
    run_all(&batch, notes);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(notes->at[i].runs, 2);
    CHECK_INT(notes->at[0].write.status, ST_OK);
    CHECK_INT(notes->at[1].write.status, ST_UNPROCESSABLE);
    CHECK_INT(notes->at[1].refusals, 1);
    CHECK_INT(exec_folder_ask(&made, "SELECT count(*) FROM notes"), 3);
    notes_free(notes);
    exec_folder_close(&made);
}

TEST(the_stutter_aborts_on_a_handler_that_is_not_rerunnable)
{
    struct exec_folder made;
    struct batch batch = { .stutters = true };
    struct notes *notes = notes_new(1);

    exec_folder_open(&made);
    batch.db = made.db;
    notes->at[0].is_careless = true;
    EXPECT_ABORT(run_all(&batch, notes));
    notes_free(notes);
    exec_folder_close(&made);
}

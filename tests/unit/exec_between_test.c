/* The writer between its batches: what works there has its turns, holds nobody up, and is given back. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/thread.h"
#include "exec/writer.h"
#include "exec_folder.h"
#include "harness.h"
#include "store/query.h"

#include <stddef.h>

enum { TURNS = 500, WRITES = 50 };

static struct mutex lock;
static struct cond changed;
static int turns, ended, written;
static struct arena arena;

static bool take_turn(struct write *write, struct db *db)
{
    struct tx tx;

    (void)write;
    turns++;
    tx_init(&tx, db, &arena, clock_wall());
    CHECK_INT(tx_begin_read(&tx), ST_OK); /* no transaction is open */
    tx_end_read(&tx);
    arena_reset(&arena);
    return turns < TURNS;
}

static void end_turns(struct write *write)
{
    (void)write;
    mutex_lock(&lock);
    ended++;
    cond_broadcast(&changed);
    mutex_unlock(&lock);
}

static struct arena *prepare(struct write *write)
{
    (void)write;
    return &arena;
}

static enum status run(struct write *write, struct tx *tx)
{
    (void)write;
    query_run(tx, "INSERT INTO notes (text) VALUES ('x')", NO_ARGS);
    return tx_status(tx);
}

static void digest(struct write *write, uint8_t out[CRYPTO_HASH])
{
    (void)write;
    crypto_sha256(STR("same"), out);
}

static void end_write(struct write *write)
{
    mutex_lock(&lock);
    written += write->status == ST_OK;
    cond_broadcast(&changed);
    mutex_unlock(&lock);
}

static const struct write_calls between_calls = { .name = "between",
                                                  .between = take_turn,
                                                  .done = end_turns };
static const struct write_calls write_calls = {
    .name = "write", .prepare = prepare, .run = run, .digest = digest, .done = end_write
};

TEST(what_works_between_batches_holds_no_write_up_and_comes_to_its_end)
{
    struct write between[2] = { { .calls = &between_calls }, { .calls = &between_calls } };
    struct write writes[WRITES] = { { .calls = &write_calls } };
    struct writer_options options = { 0 };
    struct exec_folder folder;
    struct writer *writer;

    exec_folder_open(&folder);
    arena_init(&arena, 1 << 20);
    mutex_init(&lock);
    cond_init(&changed);
    options.db = folder.db;
    options.folder = &folder.folder;
    writer = writer_new(&options);
    CHECK_INT(writer_start(writer), ST_OK);
    CHECK_INT(writer_submit(writer, &between[0]), ST_OK);
    CHECK_INT(writer_submit(writer, &between[1]), ST_OK);
    for (size_t i = 0; i < WRITES; i++) {
        writes[i].calls = &write_calls;
        CHECK_INT(writer_submit(writer, &writes[i]), ST_OK);
    }
    mutex_lock(&lock);
    while (ended < 2 || written < WRITES)
        cond_wait(&changed, &lock);
    mutex_unlock(&lock);
    CHECK_INT(turns, TURNS + 1); /* the second had only to see that there were enough */
    writer_stop(writer);
    writer_free(writer);
    CHECK_INT(exec_folder_ask(&folder, "SELECT count(*) FROM notes"), WRITES);
    arena_fini(&arena);
    exec_folder_close(&folder);
}

static bool never_enough(struct write *write, struct db *db)
{
    (void)write;
    (void)db;
    turns++;
    return true;
}

static const struct write_calls endless_calls = { .name = "endless",
                                                  .between = never_enough,
                                                  .done = end_turns };

TEST(the_end_of_the_writer_gives_back_what_works_between_batches)
{
    struct write endless = { .calls = &endless_calls };
    struct writer_options options = { 0 };
    struct exec_folder folder;
    struct writer *writer;

    exec_folder_open(&folder);
    mutex_init(&lock);
    cond_init(&changed);
    options.db = folder.db;
    options.folder = &folder.folder;
    writer = writer_new(&options);
    CHECK_INT(writer_start(writer), ST_OK);
    CHECK_INT(writer_submit(writer, &endless), ST_OK);
    writer_stop(writer);
    CHECK_INT(ended, 1);
    writer_free(writer);
    exec_folder_close(&folder);
}

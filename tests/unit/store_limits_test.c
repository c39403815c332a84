/* Edges of the machine: a limit of file size, a folder without permission, a reader that blocks a
 * checkpoint, a writer beside readers. */
#include "store_fixture.h"

#include "store/query.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status insert(struct store *store, int64_t a, const char *b)
{
    enum status status = tx_batch_begin(store->db);
    struct tx tx;

    if (status != ST_OK)
        return status;
    store_job(store, &tx);
    query_run(&tx, "INSERT INTO t (a, b) VALUES ($1, $2 || hex(zeroblob(50000)))",
              ARGS(arg_int(a), arg_text(str_from(b))));
    if (tx_job_end(&tx, true) == TX_DONE)
        return tx_batch_commit(store->db, 1);
    tx_batch_abandon(store->db);
    return tx_status(&tx);
}

TEST(a_limit_of_file_size_is_a_full_disk)
{
    struct rlimit limit = { 600000, RLIM_INFINITY };
    struct store store;

    signal(SIGXFSZ, SIG_IGN);
    store_open(&store);
    CHECK_INT(db_checkpoint(store.db, true), ST_OK);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_INT(insert(&store, 1, "a"), ST_OK);
    for (int i = 2; i < 10; i++)
        if (insert(&store, i, "bcdefghijkl" + i) != ST_OK)
            break;
    CHECK_INT(insert(&store, 20, "z"), ST_DISK_FULL);
    CHECK(!db_is_read_only(store.db));
    limit.rlim_cur = RLIM_INFINITY;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_INT(insert(&store, 20, "z"), ST_OK);
    store_close(&store);
}

TEST(a_reader_does_not_hold_up_a_checkpoint_and_the_log_stays_bounded_after_it)
{
    struct store store;
    struct db *reader;
    struct tx read;
    int64_t first;

    store_open(&store);
    CHECK_INT(db_checkpoint(store.db, true), ST_OK);
    CHECK_INT(db_wal_bytes(store.db), 0);
    reader = store_reader(&store);
    tx_init(&read, reader, &store.arena, 1);
    CHECK_INT(tx_begin_read(&read), ST_OK);
    CHECK_INT(query_one_int(&read, -1, "SELECT count(*) FROM t", NO_ARGS), 0);
    CHECK_INT(insert(&store, 1, "a"), ST_OK);
    CHECK(db_wal_bytes(store.db) > 50000);
    first = db_wal_bytes(store.db);
    CHECK_INT(db_checkpoint(store.db, false), ST_OK); /* as far as the reader lets it */
    CHECK(db_wal_bytes(store.db) > 50000);
    CHECK_INT(db_checkpoint(store.db, true), ST_BUSY); /* soon, not after seconds */
    CHECK_INT(query_one_int(&read, -1, "SELECT count(*) FROM t", NO_ARGS), 0);
    tx_end_read(&read);
    CHECK_INT(db_checkpoint(store.db, false), ST_OK);
    CHECK_INT(db_wal_bytes(store.db), 0);
    CHECK_INT(insert(&store, 2, "b"), ST_OK);
    CHECK(db_wal_bytes(store.db) < first + first / 2); /* begins anew */
    db_close(reader);
    store_close(&store);
}

TEST(memory_of_sqlite_is_counted)
{
    struct store store;
    int64_t before;

    db_start();
    before = db_memory();
    store_open(&store);
    CHECK(db_memory() > before + 10000);
    store_close(&store);
    CHECK_INT(db_memory(), before);
}

/* Threads ----------------------------------------------------------------------------------------- */

struct shared {
    const char *path;
    _Atomic bool is_over;
    _Atomic int snapshots;
};

/* Each snapshot has whole pairs, never fewer than the one before, and a clock that does not go back. */
static void *read_pairs(void *context)
{
    struct shared *shared = context;
    struct failure failure = { 0 };
    struct arena arena;
    int64_t last = 0, time = 0;
    struct db *db;

    arena_init(&arena, 1 << 20);
    CHECK_INT(db_open(shared->path, DB_READ, &db, &failure, &arena), ST_OK);
    while (!shared->is_over) {
        int64_t pairs, singles;
        struct tx tx;

        arena_reset(&arena);
        tx_init(&tx, db, &arena, 1);
        CHECK(tx_now(&tx) >= time);
        time = tx_now(&tx);
        CHECK_INT(tx_begin_read(&tx), ST_OK);
        pairs = query_one_int(&tx, -1, "SELECT count(*) FROM t WHERE a < 500", NO_ARGS);
        singles = query_one_int(&tx, -1, "SELECT count(*) FROM t WHERE a >= 500", NO_ARGS);
        tx_end_read(&tx);
        CHECK_INT(tx_status(&tx), ST_OK);
        CHECK_INT(pairs, singles);
        CHECK(pairs >= last);
        last = pairs;
        shared->snapshots++;
    }
    db_close(db);
    arena_fini(&arena);
    return NULL;
}

TEST(readers_on_threads_see_whole_commits_of_the_writer)
{
    struct shared shared = { 0 };
    pthread_t threads[3];
    struct store store;
    struct tx tx;

    store_open(&store);
    shared.path = store.path;
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, read_pairs, &shared), 0);
    for (int64_t i = 1; i < 300 || shared.snapshots < 10; i++) {
        CHECK_INT(tx_batch_begin(store.db), ST_OK);
        tx_init(&tx, store.db, &store.arena, i);
        CHECK_INT(tx_job_begin(&tx), ST_OK);
        if (i < 400) {
            query_run(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(i)));
            query_run(&tx, "INSERT INTO t (a) VALUES ($1)", ARGS(arg_int(500 + i)));
        }
        CHECK_INT(tx_job_end(&tx, true), TX_DONE);
        CHECK_INT(tx_batch_commit(store.db, i), ST_OK);
        if (i % 50 == 0)
            db_checkpoint(store.db, false);
        arena_reset(&store.arena);
    }
    shared.is_over = true;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    store_close(&store);
}

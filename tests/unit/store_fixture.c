/* Store fixture: a migrated database for the tests of store/. */
#include "store_fixture.h"

#include "store/migrate.h"
#include "store/query.h"
#include "store/vfs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void store_open(struct store *store)
{
    memset(store, 0, sizeof(*store));
    arena_init(&store->arena, 64 << 20);
    store->path = test_path("foyer.db");
#ifdef FOYER_FAULTS
    vfs_power_cut(); /* nothing is owed to the file that goes */
#endif
    unlink(store->path);
    unlink(test_path("foyer.db-wal"));
    unlink(test_path("foyer.db-shm"));
    store_reopen(store);
    store_sql(store, "CREATE TABLE t (a INTEGER PRIMARY KEY CONSTRAINT small CHECK (a < 1000),"
                     " b TEXT UNIQUE) STRICT");
}

void store_reopen(struct store *store)
{
    if (db_open(store->path, DB_WRITE, &store->db, &store->failure, &store->arena) != ST_OK ||
        migrate_run(store->db, NULL, &store->failure, &store->arena) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", store->failure.message.at);
}

void store_close(struct store *store)
{
    db_close(store->db);
    arena_fini(&store->arena);
}

struct db *store_reader(struct store *store)
{
    struct db *db;

    CHECK_INT(db_open(store->path, DB_READ, &db, &store->failure, &store->arena), ST_OK);
    return db;
}

void store_job(struct store *store, struct tx *tx)
{
    tx_init(tx, store->db, &store->arena, 1);
    CHECK_INT(tx_job_begin(tx), ST_OK);
}

static enum status run_sql(struct tx *tx, void *context)
{
    query_run(tx, context, NO_ARGS);
    return tx_status(tx);
}

/* Statements are kept by the address of their text: no other may ever stand there. A test is a process. */
static char *keep_text(const char *sql)
{
    static struct text {
        struct text *next;
        char at[];
    } * texts;
    size_t len = strlen(sql) + 1;
    struct text *kept = malloc(sizeof(*kept) + len);

    CHECK(kept);
    kept->next = texts;
    texts = kept;
    return memcpy(kept->at, sql, len);
}

void store_sql(struct store *store, const char *sql)
{
    char *text = keep_text(sql);
    struct tx tx;

    tx_init(&tx, store->db, &store->arena, 1);
    if (tx_once(store->db, &tx, run_sql, text) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s: %s", sql, tx.failure.message.at);
}

const char *store_rows(struct store *store)
{
    struct db *db = store_reader(store);
    struct str rows;
    struct query q;
    struct tx tx;

    tx_init(&tx, db, &store->arena, 1);
    tx_begin_read(&tx);
    q = query_open(&tx,
                   "SELECT coalesce(group_concat(a, ' '), '') FROM (SELECT a FROM t ORDER BY a)",
                   NO_ARGS);
    CHECK(query_next(&q));
    rows = query_text(&q, 0);
    query_close(&q);
    tx_end_read(&tx);
    CHECK_INT(tx_status(&tx), ST_OK);
    db_close(db);
    return rows.at;
}

/* Store fixture: a migrated database for the tests of store/. */
#include "store_fixture.h"

#include "store/migrate.h"
#include "store/query.h"

#include <string.h>

static enum status make_table(struct tx *tx, void *context)
{
    (void)context;
    query_run(tx,
              "CREATE TABLE t (a INTEGER PRIMARY KEY CONSTRAINT small CHECK (a < 1000), b TEXT "
              "UNIQUE) STRICT",
              NO_ARGS);
    return tx_status(tx);
}

void store_open(struct store *store)
{
    struct tx tx;

    memset(store, 0, sizeof(*store));
    arena_init(&store->arena, 64 << 20);
    store->path = test_path("foyer.db");
    harness_note("store_open");
    if (db_open(store->path, DB_WRITE, &store->db, &store->failure, &store->arena) != ST_OK ||
        migrate_run(store->db, NULL, &store->failure, &store->arena) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", store->failure.message.at);
    tx_init(&tx, store->db, &store->arena, 1);
    tx_once(store->db, &tx, make_table, NULL);
    CHECK_INT(tx_status(&tx), ST_OK);
    harness_note("%s", "");
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

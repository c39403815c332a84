/* The plan's limit of clients, and the archive beside it. */
#include "store_fixture.h"

#include "store/client.h"
#include "store/query.h"

#include <stdio.h>

static void begin(struct store *store, int limit)
{
    char sql[200];

    store_open(store);
    snprintf(sql, sizeof(sql),
             "INSERT INTO workspaces (seq, id, name, client_limit, created_at, updated_at)"
             " VALUES (1, randomblob(16), 'W', %d, 1, 1)",
             limit);
    store_sql(store, sql);
}

static void start(struct store *store, struct tx *tx)
{
    CHECK_INT(tx_batch_begin(store->db), ST_OK);
    store_job(store, tx);
    tx->workspace = 1;
}

static void commit(struct store *store, struct tx *tx)
{
    CHECK_INT(tx_job_end(tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store->db, tx->now), ST_OK);
}

static void give_up(struct store *store, struct tx *tx)
{
    CHECK_INT(tx_job_end(tx, true), TX_FAILED);
    CHECK_INT(tx_batch_commit(store->db, tx->now), ST_OK);
}

static struct client named(const char *name)
{
    return (struct client){ .given_name = str_from(name), .family_name = STR("Lee") };
}

TEST(a_full_plan_takes_neither_new_clients_nor_archived_ones)
{
    struct client ann = named("Ann"), bob = named("Bob");
    struct store store;
    struct tx tx;

    begin(&store, 1);
    start(&store, &tx);
    CHECK_INT(client_create(&tx, &ann), ST_OK);
    commit(&store, &tx);

    start(&store, &tx);
    CHECK_INT(client_create(&tx, &bob), ST_UNPROCESSABLE);
    CHECK_STR(tx.failure.code, "client_limit_reached");
    give_up(&store, &tx);

    start(&store, &tx);
    CHECK_INT(client_archive(&tx, &ann), ST_OK);
    bob = named("Bob");
    CHECK_INT(client_create(&tx, &bob), ST_OK);
    commit(&store, &tx);

    start(&store, &tx);
    CHECK_INT(client_load_any(&tx, ann.id, &ann), ST_OK);
    CHECK_INT(client_restore(&tx, &ann), ST_UNPROCESSABLE);
    CHECK_STR(tx.failure.code, "client_limit_reached");
    give_up(&store, &tx);

    start(&store, &tx);
    CHECK_INT(client_archive(&tx, &bob), ST_OK);
    CHECK_INT(client_restore(&tx, &ann), ST_OK);
    CHECK_INT(query_one_int(&tx, -1, "SELECT client_count FROM workspaces", NO_ARGS), 1);
    commit(&store, &tx);
    store_close(&store);
}

static unsigned looks;

static bool count_progress(void *context)
{
    (void)context;
    looks++;
    return false;
}

/* Progress is told once in 1,000 steps: a walk over all would take tens of thousands. */
TEST(the_archive_is_listed_without_a_look_at_others)
{
    struct list_columns columns = client_archived_columns();
    struct list list = { .scope = { .kind = SCOPE_EVERYTHING },
                         .sort = columns.sorts,
                         .descending = true,
                         .limit = 10 };
    struct client *clients;
    struct store store;
    size_t count;
    struct tx tx;

    begin(&store, 10000);
    store_sql(&store,
              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
              " INSERT INTO clients (workspace, id, given_name, given_key, family_name,"
              " family_key, creation_method, fallback_color, created_at, updated_at, archived_at)"
              " SELECT 1, randomblob(16), 'A', 'a', 'B', 'b', 0, '#000000', 1, 1,"
              " CASE WHEN i % 1000 = 0 THEN 1 END FROM n");
    start(&store, &tx);
    looks = 0;
    db_set_progress(store.db, count_progress, NULL);
    CHECK_INT(client_list_archived(&tx, &list, &clients, &count), ST_OK);
    CHECK_INT(count, 2);
    CHECK(clients[0].seq > clients[1].seq && clients[0].archived_at > 0);
    CHECK_INT(looks, 0);
    db_set_progress(store.db, NULL, NULL);
    commit(&store, &tx);
    store_close(&store);
}

/* Referrers: whatever can be deleted finds what refers to it by an index, however much there is. */
#include "store_fixture.h"

#include "store/client.h"
#include "store/fold.h"
#include "store/query.h"

#include <string.h>

/* Rows of these are never deleted: staff and roles that are removed keep theirs. */
#define KEPT "('workspaces', 'internal_users', 'roles')"

TEST(what_refers_to_a_row_that_may_go_is_found_by_an_index)
{
    struct store store;
    struct query q;
    struct tx tx;
    int count = 0;

    store_open(&store);
    tx_init(&tx, store.db, &store.arena, 1);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    q = query_open(&tx,
                   "SELECT m.name, group_concat('\"' || f.\"from\" || '\" = 1', ' AND ')"
                   " FROM sqlite_schema m, pragma_foreign_key_list(m.name) f"
                   " WHERE m.type = 'table' AND f.\"table\" NOT IN " KEPT " GROUP BY m.name, f.id",
                   NO_ARGS);
    for (; query_next(&q); count++) {
        struct str table = query_text(&q, 0), terms = query_text(&q, 1);
        struct query plan = query_open_built(
            &tx,
            str_printf(&store.arena, "EXPLAIN QUERY PLAN SELECT 1 FROM \"%.*s\" WHERE %.*s",
                       STR_ARG(table), STR_ARG(terms)),
            NO_ARGS);

        harness_note("%.*s WHERE %.*s", STR_ARG(table), STR_ARG(terms));
        CHECK(query_next(&plan));
        CHECK(str_starts(query_text(&plan, 3), STR("SEARCH")));
        query_close(&plan);
    }
    query_close(&q);
    CHECK(count > 8);
    tx_end_read(&tx);
    store_close(&store);
}

static bool count_progress(void *context)
{
    ++*(int *)context;
    return false;
}

TEST(a_client_that_goes_for_good_costs_the_same_among_many)
{
    struct store store;
    struct client client;
    struct tx tx;
    int looks = 0;

    fold_start();
    store_open(&store);
    store_sql(&store, "INSERT INTO workspaces (seq, id, name, client_limit, created_at, updated_at)"
                      " VALUES (1, randomblob(16), 'W', NULL, 1, 1)");
    store_sql(&store, "INSERT INTO companies (seq, workspace, id, name, name_key, fallback_color,"
                      " created_at, updated_at) VALUES (1, 1, randomblob(16), 'C', 'c', '#000000',"
                      " 1, 1)");
    store_sql(&store,
              "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
              " INSERT INTO clients (seq, workspace, id, given_name, given_key, family_name,"
              " family_key, creation_method, fallback_color, created_at, updated_at)"
              " SELECT i, 1, randomblob(16), 'A', 'a', 'B', 'b', 0, '#000000', 1, 1 FROM n");
    store_sql(&store, "INSERT INTO memberships (workspace, client, company, created_at)"
                      " SELECT 1, seq, 1, 1 FROM clients");
    store_sql(&store, "INSERT INTO invites (workspace, id, client, email, inviter_kind, created_at,"
                      " expires_at) SELECT 1, randomblob(16), seq, 'a@b.cc', 'apiKey', 1, 1"
                      " FROM clients");
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    store_job(&store, &tx);
    tx.workspace = 1;
    CHECK_INT(client_load_by_seq(&tx, 2500, &client), ST_OK);
    db_set_progress(store.db, count_progress, &looks);
    CHECK_INT(client_delete(&tx, &client), ST_OK);
    db_set_progress(store.db, NULL, NULL);
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM memberships", NO_ARGS), 4999);
    CHECK_INT(query_one_int(&tx, 0, "SELECT count(*) FROM invites", NO_ARGS), 4999);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK(looks < 4); /* a walk through memberships or invites takes 20 more */
    store_close(&store);
}

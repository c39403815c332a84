/* Searching clients: the index, what is newer than it, and what changed since. */
#include "store_fixture.h"

#include "store/client.h"
#include "store/query.h"

#include <stdio.h>

enum { MANY = 3000 };

static const struct list_sort by_newest = { "createdAt", { "t.seq" } };

static void make_clients(struct store *store, const char *family, int count)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO clients (workspace, id, given_name, given_key, family_name, family_key,"
             " creation_method, fallback_color, created_at, updated_at)"
             " SELECT 1, randomblob(16), 'Ann', 'ann', '%s', '%s', 0, '#000000', 1, 1 FROM n",
             count, family, family);
    store_sql(store, sql);
}

static void begin(struct store *store)
{
    store_open(store);
    store_sql(store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at)"
                     " VALUES (1, randomblob(16), 'W', 1, 1)");
}

static void index_all(struct store *store)
{
    struct tx tx;
    size_t done = 1;

    while (done > 0) {
        CHECK_INT(tx_batch_begin(store->db), ST_OK);
        store_job(store, &tx);
        done = client_index(&tx, 500);
        CHECK_INT(tx_job_end(&tx, true), TX_DONE);
        CHECK_INT(tx_batch_commit(store->db, 1), ST_OK);
    }
}

/* How many a search finds in a new reader. */
static size_t find(struct store *store, const char *text, bool (*progress)(void *), void *context)
{
    struct list list = { .scope = { .kind = SCOPE_EVERYTHING },
                         .second = { .kind = SCOPE_EVERYTHING },
                         .sort = &by_newest,
                         .descending = true,
                         .search = str_from(text),
                         .limit = 50 };
    struct db *db = store_reader(store);
    struct client *clients;
    size_t count = 0;
    struct tx tx;

    tx_init(&tx, db, &store->arena, 1);
    tx.workspace = 1;
    db_set_progress(db, progress, context);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    CHECK_INT(client_list(&tx, &list, &clients, &count), ST_OK);
    tx_end_read(&tx);
    db_close(db);
    return count;
}

static bool count_progress(void *context)
{
    ++*(int *)context;
    return false;
}

TEST(a_search_finds_what_is_not_in_the_index_yet)
{
    struct store store;

    begin(&store);
    make_clients(&store, "berg", 3);
    CHECK_INT(find(&store, "berg", NULL, NULL), 3);
    index_all(&store);
    make_clients(&store, "bergmann", 2);
    CHECK_INT(find(&store, "berg", NULL, NULL), 5);
    index_all(&store);
    CHECK_INT(find(&store, "berg", NULL, NULL), 5);
    store_close(&store);
}

TEST(a_search_shows_a_changed_client_as_it_is_now)
{
    struct store store;

    begin(&store);
    make_clients(&store, "berg", 3);
    index_all(&store);
    store_sql(&store, "UPDATE clients SET family_key = 'thal', family_name = 'thal' WHERE seq = 2");
    CHECK_INT(find(&store, "berg", NULL, NULL), 2);
    CHECK_INT(find(&store, "thal", NULL, NULL), 1);
    store_sql(&store, "UPDATE clients SET archived_at = 2 WHERE seq = 2");
    CHECK_INT(find(&store, "thal", NULL, NULL), 0);
    store_close(&store);
}

/* Progress is told once in 1,000 steps: a walk over all would take tens of thousands. */
TEST(a_search_does_not_walk_what_is_in_the_index)
{
    struct store store;
    int looks = 0;

    begin(&store);
    make_clients(&store, "thal", MANY);
    make_clients(&store, "berg", 2);
    index_all(&store);
    CHECK_INT(find(&store, "berg", count_progress, &looks), 2);
    CHECK(looks < 5);
    store_close(&store);
}

/* SQLite gives the number of the newest row again once that row is deleted. */
TEST(a_client_in_the_place_of_a_deleted_one_is_found)
{
    struct store store;

    begin(&store);
    make_clients(&store, "zeppelin", 3);
    index_all(&store);
    store_sql(&store, "DELETE FROM clients WHERE seq = 3");
    index_all(&store);
    make_clients(&store, "montgolfier", 1);
    CHECK_INT(find(&store, "montgolfier", NULL, NULL), 1);
    index_all(&store);
    CHECK_INT(find(&store, "montgolfier", NULL, NULL), 1);
    CHECK_INT(find(&store, "zeppelin", NULL, NULL), 2);
    store_close(&store);
}

/* A company of its own for each client of the family, of that name. */
static void house(struct store *store, const char *family, const char *name, int shares)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "INSERT INTO companies (workspace, id, name, name_key, is_placeholder, fallback_color,"
             " created_at, updated_at) SELECT 1, randomblob(16), '%s', '%s ' || min(seq), 0,"
             " '#000000', 1, 1 FROM clients WHERE family_key = '%s' GROUP BY seq / %d",
             name, name, family, shares);
    store_sql(store, sql);
    snprintf(sql, sizeof(sql),
             "INSERT INTO memberships (workspace, client, company, created_at) SELECT 1, t.seq,"
             " c.seq, 1 FROM clients t JOIN companies c ON c.name_key ="
             " '%s ' || (SELECT min(seq) FROM clients WHERE family_key = '%s'"
             " AND seq / %d = t.seq / %d) WHERE t.family_key = '%s'",
             name, family, shares, shares, family);
    store_sql(store, sql);
}

TEST(a_search_by_companies_walks_neither_clients_nor_companies)
{
    struct store store;
    int looks = 0;

    begin(&store);
    make_clients(&store, "thal", MANY);
    house(&store, "thal", "rockets", 1);
    make_clients(&store, "berg", 2);
    house(&store, "berg", "zeppelins", 100);
    index_all(&store);
    CHECK_INT(find(&store, "zeppelins", count_progress, &looks), 2);
    CHECK(looks < 5);
    store_close(&store);
}

/* One company of thousands: a page is read off its end. */
TEST(a_page_of_a_large_company_does_not_walk_it)
{
    struct store store;
    int looks = 0;

    begin(&store);
    make_clients(&store, "thal", MANY);
    house(&store, "thal", "rockets", 2 * MANY);
    index_all(&store);
    CHECK_INT(find(&store, "rockets", count_progress, &looks), 51);
    CHECK(looks < 20);
    store_close(&store);
}

TEST(the_index_of_companies_follows_them)
{
    struct store store;

    begin(&store);
    make_clients(&store, "berg", 2);
    house(&store, "berg", "zeppelins", 100);
    CHECK_INT(find(&store, "zeppelins", NULL, NULL), 2);
    store_sql(&store, "UPDATE companies SET name_key = 'gliders'");
    CHECK_INT(find(&store, "zeppelins", NULL, NULL), 0);
    CHECK_INT(find(&store, "gliders", NULL, NULL), 2);
    store_sql(&store, "UPDATE companies SET is_placeholder = 1");
    CHECK_INT(find(&store, "gliders", NULL, NULL), 0);
    store_sql(&store, "UPDATE companies SET is_placeholder = 0");
    CHECK_INT(find(&store, "gliders", NULL, NULL), 2);
    store_sql(&store, "DELETE FROM companies");
    CHECK_INT(find(&store, "gliders", NULL, NULL), 0);
    store_close(&store);
}

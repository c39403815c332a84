/* Lists of companies: pages among many placeholders, searches, filters of several values. */
#include "store_fixture.h"

#include "store/company.h"
#include "store/fold.h"
#include "store/query.h"

#include <stdio.h>

enum { MANY = 3000 };

static void begin(struct store *store)
{
    fold_start();
    store_open(store);
    store_sql(store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at)"
                     " VALUES (1, randomblob(16), 'W', 1, 1)");
}

static void make_company(struct store *store, const char *name, bool is_placeholder)
{
    struct company company = { .name = str_from(name), .is_placeholder = is_placeholder };
    struct tx tx;

    CHECK_INT(tx_batch_begin(store->db), ST_OK);
    store_job(store, &tx);
    tx.workspace = 1;
    CHECK_INT(company_create(&tx, &company), ST_OK);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store->db, 1), ST_OK);
}

static bool count_progress(void *context)
{
    ++*(int *)context;
    return false;
}

/* How many a list gives, and how often in it 1,000 steps had passed. */
static size_t list_all(struct store *store, struct list list, int *looks)
{
    struct db *db = store_reader(store);
    struct company *companies;
    size_t count = 0;
    struct tx tx;

    list.scope.kind = SCOPE_EVERYTHING;
    list.limit = 50;
    *looks = 0;
    tx_init(&tx, db, &store->arena, 1);
    tx.workspace = 1;
    db_set_progress(db, count_progress, looks);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
    CHECK_INT(company_list(&tx, &list, &companies, &count), ST_OK);
    tx_end_read(&tx);
    db_close(db);
    return count;
}

TEST(a_page_costs_the_same_among_many_companies)
{
    static const struct list_filter real = { "t.is_placeholder = 0", { 0 }, false };
    const struct list_sort *by_newest = company_columns.sorts, *by_name = company_columns.sorts + 1;
    struct store store;
    char sql[600];
    int looks;

    begin(&store);
    make_company(&store, "Acme", false);
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO companies (workspace, id, name, name_key, is_placeholder,"
             " fallback_color, created_at, updated_at)"
             " SELECT 1, randomblob(16), 'Ann', 'ann', 1, '#000000', 1, 1 FROM n",
             MANY);
    store_sql(&store, sql);
    CHECK_INT(list_all(&store, (struct list){ .sort = by_newest, .descending = true }, &looks), 51);
    CHECK(looks < 3);
    CHECK_INT(list_all(&store, (struct list){ .sort = by_name }, &looks), 51);
    CHECK(looks < 3);
    CHECK_INT(list_all(&store,
                       (struct list){ .sort = by_newest,
                                      .descending = true,
                                      .filters = { real },
                                      .filter_count = 1 },
                       &looks),
              1);
    CHECK(looks < 3);
    CHECK_INT(list_all(&store,
                       (struct list){ .sort = by_name, .filters = { real }, .filter_count = 1 },
                       &looks),
              1);
    CHECK(looks < 3);
    CHECK_INT(list_all(&store,
                       (struct list){ .sort = company_columns.found,
                                      .descending = true,
                                      .search = STR("cm acm") },
                       &looks),
              1);
    store_close(&store);
}

TEST(any_of_two_filters_is_enough_where_they_say_so)
{
    struct list list = {
        .sort = company_columns.sorts,
        .filters = { { .condition = "t.name = %s",
                       .value = arg_text(STR("Acme")),
                       .or_next = true },
                     { .condition = "t.name = %s", .value = arg_text(STR("Bikes")) },
                     { .condition = "t.is_placeholder = 0", .value = arg_int(0) } },
        .filter_count = 3
    };
    struct store store;
    int looks;

    begin(&store);
    make_company(&store, "Acme", false);
    make_company(&store, "Bikes", false);
    make_company(&store, "Cars", false);
    make_company(&store, "Acme", true);
    CHECK_INT(list_all(&store, list, &looks), 2);
    store_close(&store);
}

TEST(a_scope_narrows_lists_searches_counts_and_single_reads)
{
    static const char *const scopes[] = { "companies", "ids", "manager", "tags", "own" };
    struct uuid manager = { { 1, 2, 3 } }, acme;
    struct store store;
    struct tx tx;

    begin(&store);
    make_company(&store, "Acme", false);
    make_company(&store, "Acme Bikes", false);
    store_sql(&store, "UPDATE companies SET tags = '[\"vip\"]', account_manager ="
                      " x'01020300000000000000000000000000' WHERE name = 'Acme'");
    tx_init(&tx, store.db, &store.arena, 1);
    tx.workspace = 1;
    tx_begin_read(&tx);
    struct query q = query_open(&tx, "SELECT id FROM companies WHERE name = 'Acme'", NO_ARGS);
    CHECK(query_next(&q));
    acme = query_id(&q, 0);
    query_close(&q);
    for (int i = 0; i < 5; i++) {
        struct scope_term terms[] = {
            { .kind = SCOPE_COMPANIES, .ids = { &acme, 1 } },
            { .kind = SCOPE_IDS, .ids = { &acme, 1 } },
            { .kind = SCOPE_ACCOUNT_MANAGER, .ids = { &manager, 1 } },
            { .kind = SCOPE_TAGS, .texts = { (struct str[]){ STR("vip") }, 1 } },
            { .kind = SCOPE_OWN },
        };
        struct list list = { .scope = { SCOPE_TERMS, &terms[i], 1 },
                             .sort = company_columns.found,
                             .descending = true,
                             .limit = 10 };
        size_t count, wanted = i < 4;
        struct company *companies;

        harness_note("%s", scopes[i]);
        CHECK_INT(company_list(&tx, &list, &companies, &count), ST_OK);
        CHECK_INT(count, wanted);
        CHECK_INT(company_count(&tx, &list), (int64_t)wanted);
        list.search = STR("acme");
        CHECK_INT(company_list(&tx, &list, &companies, &count), ST_OK);
        CHECK_INT(count, wanted);
        list.search = STR("bikes");
        CHECK_INT(company_count(&tx, &list), 0);
        CHECK(company_is_in_scope(&tx, acme, &list.scope) == (wanted > 0));
    }
    tx_end_read(&tx);
    CHECK_INT(tx_status(&tx), ST_OK);
    store_close(&store);
}

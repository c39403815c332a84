/* Companies: names, placeholders that come and go, deletion in bounded steps. */
#include "store_fixture.h"

#include "each_fault.h"
#include "store/company.h"
#include "store/fold.h"
#include "store/membership.h"
#include "store/query.h"
#include "store/sweep.h"

#include <stdio.h>

enum { SITES = 1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT };

static void begin(struct store *store)
{
    fold_start();
    store_open(store);
    store_sql(store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at)"
                     " VALUES (1, randomblob(16), 'W', 1, 1)");
}

static void job_begin(struct store *store, struct tx *tx)
{
    CHECK_INT(tx_batch_begin(store->db), ST_OK);
    store_job(store, tx);
    tx->workspace = 1;
}

static void job_end(struct store *store, struct tx *tx)
{
    if (tx_status(tx) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%s", tx->failure.message.at);
    CHECK_INT(tx_job_end(tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store->db, 1), ST_OK);
}

static int64_t ask(struct store *store, const char *sql)
{
    struct db *db = store_reader(store);
    struct tx tx;
    int64_t number;

    tx_init(&tx, db, &store->arena, 1);
    tx_begin_read(&tx);
    number = query_one_int(&tx, -1, sql, NO_ARGS);
    tx_end_read(&tx);
    db_close(db);
    return number;
}

static void check_sound(struct store *store)
{
    struct db *db = store_reader(store);
    struct buf report;
    struct tx tx;

    buf_init(&report, 10000);
    tx_init(&tx, db, &store->arena, 1);
    tx_begin_read(&tx);
    if (sweep_run(&tx, &report) != ST_OK)
        harness_failed(__FILE__, __LINE__, "%.*s", STR_ARG(buf_view(&report)));
    tx_end_read(&tx);
    db_close(db);
    buf_fini(&report);
}

static struct uuid make_company(struct store *store, const char *name, bool is_placeholder)
{
    struct company company = { .name = str_from(name), .is_placeholder = is_placeholder };
    struct tx tx;

    job_begin(store, &tx);
    company_create(&tx, &company);
    job_end(store, &tx);
    return company.id;
}

static struct client make_client(struct store *store, struct ids companies)
{
    struct client client = { .given_name = STR("Ann"),
                             .family_name = STR("Lee"),
                             .company_ids = companies };
    struct tx tx;

    job_begin(store, &tx);
    client_create(&tx, &client);
    job_end(store, &tx);
    return client;
}

/* `count` clients of the company, by SQL alone. */
static void make_many(struct store *store, struct uuid company, int count)
{
    char hex[33], sql[1024];

    for (size_t i = 0; i < sizeof(company.bytes); i++)
        snprintf(hex + 2 * i, 3, "%02x", company.bytes[i]);
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO clients (workspace, id, given_name, given_key, family_name, family_key,"
             " creation_method, fallback_color, company_ids, created_at, updated_at)"
             " SELECT 1, randomblob(16), 'Ann', 'ann', 'Lee', 'lee', 0, '#000000', x'%s', 1, 1"
             " FROM n",
             count, hex);
    store_sql(store, sql);
    snprintf(sql, sizeof(sql),
             "INSERT INTO memberships (workspace, client, company, created_at)"
             " SELECT 1, t.seq, c.seq, 1 FROM clients t JOIN companies c ON c.id = t.company_ids"
             " WHERE c.id = x'%s' AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.client = "
             "t.seq)",
             hex);
    store_sql(store, sql);
}

/* All steps of `most`, each a transaction; gives how many there were. */
static int delete_company(struct store *store, struct uuid id, size_t most)
{
    struct client_moves moves;
    struct company company;
    size_t taken = most;
    struct tx tx;
    int steps = 0;

    for (; taken == most; steps++) {
        job_begin(store, &tx);
        CHECK(company_find(&tx, id, &company));
        taken = company_delete_some(&tx, &company, true, most, &moves);
        job_end(store, &tx);
        for (size_t i = 0; i < moves.count; i++) {
            CHECK(ids_has(moves.before[i].company_ids, id));
            CHECK(!ids_has(moves.after[i].company_ids, id) && moves.after[i].company_ids.count > 0);
        }
    }
    return steps;
}

TEST(names_that_differ_by_case_accents_or_nothing_visible_are_one)
{
    static const char *const same[] = { "ACME", "Acm\u00e9", "a\u200bcme", "\uff21cme" };
    struct store store;
    struct tx tx;

    begin(&store);
    make_company(&store, "Acme", false);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        struct company company = { .name = str_from(same[i]) };

        job_begin(&store, &tx);
        CHECK_INT(company_create(&tx, &company), ST_CONFLICT);
        CHECK_STR(tx.failure.errors->code, "name_taken");
        CHECK_INT(tx_job_end(&tx, true), TX_FAILED);
        tx_batch_abandon(store.db);
    }
    make_company(&store, "Acme", true);
    make_company(&store, "Acme", true);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies"), 3);
    store_close(&store);
}

TEST(an_untouched_placeholder_goes_with_its_last_client)
{
    struct store store;
    struct uuid ids[2];
    struct client ann, bob;
    struct tx tx;

    begin(&store);
    ids[0] = make_company(&store, "Ann Lee", true);
    ids[1] = make_company(&store, "Acme", false);
    ann = make_client(&store, (struct ids){ ids, 1 });
    bob = make_client(&store, (struct ids){ ids, 1 });
    job_begin(&store, &tx);
    membership_set(&tx, ann.seq, (struct ids){ ids + 1, 1 });
    job_end(&store, &tx);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies"), 2); /* Bob is in it */
    job_begin(&store, &tx);
    client_archive(&tx, &bob);
    job_end(&store, &tx);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies"), 1);
    check_sound(&store);
    store_close(&store);
}

TEST(a_placeholder_that_somebody_changed_stays)
{
    struct store store;
    struct company company;
    struct uuid ids[2];
    struct client ann;
    struct tx tx;

    begin(&store);
    ids[0] = make_company(&store, "Ann Lee", true);
    ids[1] = make_company(&store, "Acme", false);
    ann = make_client(&store, (struct ids){ ids, 1 });
    job_begin(&store, &tx);
    tx.now = 2;
    CHECK(company_find(&tx, ids[0], &company));
    company.description = STR("to be called");
    company_update(&tx, &company);
    membership_set(&tx, ann.seq, (struct ids){ ids + 1, 1 });
    job_end(&store, &tx);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies"), 2);
    check_sound(&store);
    store_close(&store);
}

TEST(deleting_a_company_leaves_its_clients_step_by_step)
{
    struct store store;
    struct uuid ids[2];
    struct client both, archived;
    struct tx tx;

    begin(&store);
    ids[0] = make_company(&store, "Acme", false);
    ids[1] = make_company(&store, "Bikes", false);
    both = make_client(&store, (struct ids){ ids, 2 });
    archived = make_client(&store, (struct ids){ ids, 1 });
    job_begin(&store, &tx);
    client_archive(&tx, &archived);
    job_end(&store, &tx);
    make_many(&store, ids[0], 98);
    CHECK_INT(delete_company(&store, ids[0], 30), 4);
    CHECK_INT(ask(&store, "SELECT count(*) FROM clients WHERE archived_at IS NULL"), 99);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies WHERE is_placeholder = 1"), 98);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies WHERE name = 'Ann Lee' AND name_key ="
                          " 'ann lee' AND fallback_color LIKE '#______'"),
              98);
    CHECK_INT(ask(&store, "SELECT count(DISTINCT company_ids) FROM clients WHERE"
                          " length(company_ids) = 16"),
              99);
    job_begin(&store, &tx);
    CHECK_INT(client_load(&tx, both.id, &both), ST_OK);
    CHECK_INT(both.company_ids.count, 1);
    CHECK(uuid_eq(both.company_id, ids[1]));
    job_end(&store, &tx);
    check_sound(&store);
    store_close(&store);
}

/* As long as many clients are left, the company is there: a delete that stops may go on. */
TEST(a_company_goes_with_the_last_step_of_its_deletion)
{
    struct store store;
    struct uuid id;

    begin(&store);
    id = make_company(&store, "Acme", false);
    make_many(&store, id, 30);
    CHECK_INT(delete_company(&store, id, 30), 2);
    id = make_company(&store, "Acme", false);
    CHECK_INT(delete_company(&store, id, 30), 1);
    store_close(&store);
}

TEST(who_has_no_company_gets_a_placeholder_step_by_step)
{
    struct store store;
    struct client_moves moves;
    struct uuid id;
    int64_t after = 0;
    size_t looked = 10;
    struct tx tx;

    begin(&store);
    id = make_company(&store, "Acme", false);
    make_many(&store, id, 15);
    for (int i = 0; i < 20; i++)
        make_client(&store, (struct ids){ 0 });
    while (looked == 10) {
        job_begin(&store, &tx);
        looked = company_house_some(&tx, &after, 10, &moves);
        job_end(&store, &tx);
        for (size_t i = 0; i < moves.count; i++)
            CHECK(moves.before[i].company_ids.count == 0 && moves.after[i].company_ids.count == 1);
    }
    CHECK_INT(looked, 5);
    CHECK_INT(ask(&store, "SELECT count(*) FROM companies WHERE is_placeholder = 1"), 20);
    CHECK_INT(ask(&store, "SELECT count(*) FROM clients WHERE length(company_ids) <> 16"), 0);
    check_sound(&store);
    store_close(&store);
}

TEST(where_companies_are_off_nobody_is_in_one_and_nothing_is_lost)
{
    struct store store;
    struct uuid id;
    struct client ann;
    struct tx tx;

    begin(&store);
    id = make_company(&store, "Acme", false);
    ann = make_client(&store, (struct ids){ &id, 1 });
    store_sql(&store, "UPDATE workspaces SET companies_enabled = 0");
    job_begin(&store, &tx);
    CHECK_INT(client_load(&tx, ann.id, &ann), ST_OK);
    CHECK_INT(ann.company_ids.count, 0);
    CHECK(uuid_is_none(ann.company_id));
    ann.position = STR("Director");
    client_update(&tx, &ann);
    CHECK_INT(actor_load_client(&tx, ann.id), ST_OK);
    CHECK_INT(tx.actor.company_count, 0);
    job_end(&store, &tx);
    store_sql(&store, "UPDATE workspaces SET companies_enabled = 1");
    job_begin(&store, &tx);
    CHECK_INT(client_load(&tx, ann.id, &ann), ST_OK);
    CHECK(uuid_eq(ann.company_id, id));
    job_end(&store, &tx);
    store_close(&store);
}

TEST(ids_of_another_workspace_are_of_nobody)
{
    struct store store;
    struct membership membership;
    struct company company;
    struct client_moves moves;
    struct uuid id;
    struct client ann;
    int64_t after = 0;
    struct tx tx;

    begin(&store);
    id = make_company(&store, "Acme", false);
    ann = make_client(&store, (struct ids){ &id, 1 });
    make_client(&store, (struct ids){ 0 });
    store_sql(&store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at)"
                      " VALUES (2, randomblob(16), 'X', 1, 1)");
    job_begin(&store, &tx);
    tx.workspace = 2;
    CHECK(!company_find(&tx, id, &company));
    CHECK(!membership_find(&tx, ann.id, id, &membership));
    CHECK_INT(company_house_some(&tx, &after, 10, &moves), 0);
    CHECK_INT(membership_set(&tx, ann.seq, (struct ids){ &id, 1 }), ST_INVALID);
    CHECK_INT(tx_job_end(&tx, true), TX_FAILED);
    tx_batch_abandon(store.db);
    make_company(&store, "Bikes", false);
    check_sound(&store);
    store_close(&store);
}

TEST(a_membership_keeps_its_role_when_the_companies_are_set_again)
{
    struct store store;
    struct membership membership, *all;
    struct uuid ids[2];
    struct client ann;
    size_t count;
    struct tx tx;

    begin(&store);
    ids[0] = make_company(&store, "Acme", false);
    ids[1] = make_company(&store, "Bikes", false);
    ann = make_client(&store, (struct ids){ ids, 1 });
    job_begin(&store, &tx);
    CHECK(membership_find(&tx, ann.id, ids[0], &membership));
    CHECK_STR(membership.role, "member");
    membership.role = STR("admin");
    membership_set_role(&tx, &membership);
    membership_set(&tx, ann.seq, (struct ids){ (struct uuid[]){ ids[1], ids[0] }, 2 });
    CHECK_INT(membership_list(&tx, ann.id, &all, &count), ST_OK);
    CHECK_INT(count, 2);
    CHECK_STR(all[0].company_name, "Bikes");
    CHECK_STR(all[1].role, "admin");
    CHECK(!membership_find(&tx, ids[0], ids[0], &membership));
    job_end(&store, &tx);
    CHECK(membership_is_role(STR("billing-2")) && !membership_is_role(STR("Admin")) &&
          !membership_is_role(STR("")));
    store_close(&store);
}

/* A company with a client, as one transaction. */
static enum status make_both(struct store *store, struct uuid *id)
{
    struct company company = { .name = STR("Acme"), .tags = { (struct str[]){ STR("vip") }, 1 } };
    struct client client = { .given_name = STR("Ann"), .family_name = STR("Lee") };
    enum status status = tx_batch_begin(store->db);
    struct tx tx;

    if (status != ST_OK)
        return status;
    tx_init(&tx, store->db, &store->arena, 1);
    tx.workspace = 1;
    tx_job_begin(&tx);
    if (company_create(&tx, &company) == ST_OK) {
        client.company_ids = (struct ids){ &company.id, 1 };
        client_create(&tx, &client);
    }
    *id = company.id;
    status = tx_status(&tx);
    if (tx_job_end(&tx, true) != TX_DONE) {
        tx_batch_abandon(store->db);
        return status != ST_OK ? status : tx_status(&tx);
    }
    return tx_batch_commit(store->db, 1);
}

static enum status delete_both(struct store *store, struct uuid id)
{
    enum status status = tx_batch_begin(store->db);
    struct client_moves moves;
    struct company company;
    struct tx tx;

    if (status != ST_OK)
        return status;
    tx_init(&tx, store->db, &store->arena, 1);
    tx.workspace = 1;
    tx_job_begin(&tx);
    if (company_load(&tx, id, &company) == ST_OK)
        company_delete_some(&tx, &company, true, 10, &moves);
    status = tx_status(&tx);
    if (tx_job_end(&tx, true) != TX_DONE) {
        tx_batch_abandon(store->db);
        return status != ST_OK ? status : tx_status(&tx);
    }
    return tx_batch_commit(store->db, 1);
}

TEST(each_fault_in_a_creation_leaves_all_or_nothing)
{
    struct store store;
    struct uuid id;

    begin(&store);
    EACH_FAULT(SITES)
    {
        enum status status = make_both(&store, &id);

        if (EACH_FAULT_END()) {
            CHECK(status != ST_OK && status != ST_CONFLICT && status != ST_INVALID);
            arena_reset(&store.arena);
            CHECK_INT(ask(&store, "SELECT count(*) FROM companies"), 0);
            CHECK_INT(ask(&store, "SELECT count(*) FROM clients"), 0);
            CHECK_INT(make_both(&store, &id), ST_OK);
        } else {
            CHECK_INT(status, ST_OK);
        }
        check_sound(&store);
        store_sql(&store, "DELETE FROM clients");
        store_sql(&store, "DELETE FROM companies");
    }
    store_close(&store);
}

TEST(each_fault_in_a_deletion_leaves_all_or_nothing)
{
    struct store store;
    struct uuid id;

    begin(&store);
    CHECK_INT(make_both(&store, &id), ST_OK);
    EACH_FAULT(SITES)
    {
        enum status status = delete_both(&store, id);

        if (EACH_FAULT_END()) {
            CHECK(status != ST_OK && status != ST_NOT_FOUND);
            arena_reset(&store.arena);
            CHECK_INT(ask(&store, "SELECT count(*) FROM companies WHERE is_placeholder = 0"), 1);
            CHECK_INT(ask(&store, "SELECT count(*) FROM companies"), 1);
            check_sound(&store);
            CHECK_INT(delete_both(&store, id), ST_OK);
        } else {
            CHECK_INT(status, ST_OK);
        }
        check_sound(&store);
        CHECK_INT(ask(&store, "SELECT count(*) FROM companies WHERE is_placeholder = 1"), 1);
        store_sql(&store, "DELETE FROM clients");
        store_sql(&store, "DELETE FROM companies");
        CHECK_INT(make_both(&store, &id), ST_OK);
    }
    store_close(&store);
}

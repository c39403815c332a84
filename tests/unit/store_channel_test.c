/* Channels: what the schema holds together, whoever changes rows. */
#include "channel_fixture.h"

#include "base/limits.h"
#include "each_fault.h"
#include "store/company.h"
#include "store/query.h"

#include <string.h>

/* That it fails undoes it alone. */
static enum status try(const char *sql)
{
    struct failure failure;

    tx_item_begin(&channels.tx);
    query_run(&channels.tx, sql, NO_ARGS);
    return tx_item_end(&channels.tx, &failure);
}

TEST(a_set_of_members_is_one_group_of_a_company)
{
    int64_t members[16];
    struct channel wish, first, same;
    struct failure failure;

    channels_begin();
    first = channels_make(1, "4 5");
    channels_make(1, "1 4 5");
    channels_make(2, "4 5");
    wish = channels_group(1, "4 5", members);
    CHECK(channel_find_same(&channels.tx, &wish, &same));
    CHECK_INT(same.seq, first.seq);
    tx_item_begin(&channels.tx);
    CHECK_INT(channel_create(&channels.tx, &wish, members), ST_CONFLICT);
    CHECK_INT(tx_item_end(&channels.tx, &failure), ST_CONFLICT);
    CHECK_STR(failure.errors->code, "channel_exists");
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channels"), 3);
    channels_end();
}

TEST(a_client_and_a_company_have_one_channel_each)
{
    struct channel again = { .kind = CHANNEL_INDIVIDUAL,
                             .client = 1,
                             .client_id = channels_id('p', 1) };
    struct failure failure;

    channels_begin();
    channels_make_of(CHANNEL_INDIVIDUAL, 1);
    channels_make_of(CHANNEL_COMPANY, 1);
    tx_item_begin(&channels.tx);
    CHECK_INT(channel_create(&channels.tx, &again, NULL), ST_CONFLICT);
    tx_item_end(&channels.tx, &failure);
    again = (struct channel){ .kind = CHANNEL_COMPANY,
                              .company = 1,
                              .company_id = channels_id('c', 1) };
    tx_item_begin(&channels.tx);
    CHECK_INT(channel_create(&channels.tx, &again, NULL), ST_CONFLICT);
    tx_item_end(&channels.tx, &failure);
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channels"), 2);
    channels_end();
}

TEST(the_schema_lets_nobody_into_a_group_from_elsewhere)
{
    channels_begin();
    channels_make(1, "1 2");
    CHECK_INT(try("INSERT INTO message_channel_members VALUES (1, 1, 6, 1, randomblob(16))"),
              ST_CONFLICT); /* not in company 1 */
    CHECK_INT(try("INSERT INTO message_channel_members VALUES (1, 1, 6, 2, randomblob(16))"),
              ST_CONFLICT); /* the group is not of company 2 */
    CHECK_INT(try("INSERT INTO message_channel_members VALUES (2, 1, 7, 3, randomblob(16))"),
              ST_CONFLICT); /* nor of workspace 2 */
    query_run(&channels.tx, "UPDATE clients SET archived_at = 5 WHERE seq = 3", NO_ARGS);
    CHECK_INT(try("INSERT INTO message_channel_members VALUES (1, 1, 3, 1, randomblob(16))"),
              ST_UNPROCESSABLE);
    query_run(&channels.tx, "UPDATE clients SET archived_at = NULL WHERE seq = 3", NO_ARGS);
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channel_members"), 2);
    channels_end();
}

TEST(whoever_leaves_the_company_leaves_its_groups_and_no_others)
{
    struct uuid second = channels_id('c', 2);
    struct channel one, two, all;

    channels_begin();
    one = channels_make(1, "1 4 5");
    two = channels_make(2, "4 5 6");
    all = channels_make_of(CHANNEL_COMPANY, 1);
    CHECK_STR(channels_members(&all), "1 2 3 4 5");
    CHECK_INT(membership_set(&channels.tx, 4, (struct ids){ &second, 1 }), ST_OK);
    CHECK_STR(channels_members(&one), "1 5");
    CHECK_STR(channels_members(&two), "4 5 6");
    CHECK_STR(channels_members(&all), "1 2 3 5");
    query_run(&channels.tx, "UPDATE clients SET archived_at = 5 WHERE seq = 5", NO_ARGS);
    CHECK_STR(channels_members(&one), "1");
    CHECK_STR(channels_members(&two), "4 6");
    CHECK_STR(channels_members(&all), "1 2 3");
    query_run(&channels.tx, "DELETE FROM clients WHERE seq = 1", NO_ARGS);
    CHECK_STR(channels_members(&one), "");
    channels_end();
}

TEST(groups_that_become_the_same_stay_apart)
{
    int64_t members[16];
    struct channel first, second, wish, same;

    channels_begin();
    first = channels_make(1, "1 2");
    second = channels_make(1, "1 2 3");
    query_run(&channels.tx, "UPDATE clients SET archived_at = 5 WHERE seq = 3", NO_ARGS);
    CHECK_STR(channels_members(&second), "1 2");
    wish = channels_group(1, "1 2", members);
    CHECK(channel_find_same(&channels.tx, &wish, &same));
    CHECK_INT(same.seq, first.seq);
    CHECK_INT(channel_delete(&channels.tx, &first), ST_OK);
    CHECK(channel_find_same(&channels.tx, &wish, &same));
    CHECK_INT(same.seq, second.seq);
    wish = channels_group(1, "1 4", members);
    CHECK_INT(channel_set_members(&channels.tx, &second, wish.member_ids, members), ST_OK);
    CHECK_INT(channels_rows("SELECT is_twin FROM message_channels"), 0);
    channels_make(1, "1 2");
    query_run(&channels.tx, "UPDATE clients SET archived_at = 5 WHERE seq IN (1, 2, 4)", NO_ARGS);
    CHECK_INT(channels_rows("SELECT sum(is_twin) FROM message_channels"), 1); /* both of nobody */
    channels_end();
}

TEST(an_edit_changes_who_is_named_and_refuses_the_members_of_another_group)
{
    int64_t members[16];
    struct channel first, wish;
    struct failure failure;

    channels_begin();
    first = channels_make(1, "1 2 3");
    channels_make(1, "4 5");
    wish = channels_group(1, "2 4", members);
    channels.tx.now = 77;
    CHECK_INT(channel_set_members(&channels.tx, &first, wish.member_ids, members), ST_OK);
    CHECK_STR(channels_members(&first), "2 4");
    CHECK_INT(channels_rows("SELECT updated_at FROM message_channels WHERE seq = 1"), 77);
    wish = channels_group(1, "4 5", members);
    tx_item_begin(&channels.tx);
    CHECK_INT(channel_set_members(&channels.tx, &first, wish.member_ids, members), ST_CONFLICT);
    tx_item_end(&channels.tx, &failure);
    CHECK_STR(channels_members(&first), "2 4");
    channels_end();
}

TEST(a_client_is_in_two_hundred_groups_at_most)
{
    int64_t members[16];
    struct channel wish;
    struct failure failure;

    channels_begin();
    query_run(&channels.tx,
              "INSERT INTO message_channels (workspace, id, kind, company, member_ids,"
              " members_hash, is_twin, created_at, updated_at)"
              " SELECT 1, randomblob(16), 1, 1, $1, sha256($1), 1, 1, 1 FROM"
              " (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
              " SELECT i FROM n)",
              ARGS(arg_id(channels_id('p', 1))));
    query_run(&channels.tx,
              "INSERT INTO message_channel_members SELECT 1, seq, 1, 1, $1 FROM message_channels",
              ARGS(arg_id(channels_id('p', 1))));
    CHECK_INT(tx_status(&channels.tx), ST_OK);
    wish = channels_group(1, "1 2", members);
    tx_item_begin(&channels.tx);
    CHECK_INT(channel_create(&channels.tx, &wish, members), ST_UNPROCESSABLE);
    CHECK_INT(tx_item_end(&channels.tx, &failure), ST_UNPROCESSABLE);
    CHECK_STR(failure.code, "too_many_groups");
    CHECK(strstr(failure.message.at, "delete a group"));
    channels_make(1, "2 3");
    query_run(&channels.tx, "UPDATE clients SET archived_at = 5 WHERE seq = 1", NO_ARGS);
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channel_members"), 2);
    channels_end();
}

TEST(a_company_takes_its_channels_with_it)
{
    channels_begin();
    channels_make(1, "1 2");
    channels_make(2, "4 5");
    channels_make_of(CHANNEL_COMPANY, 1);
    channels_make_of(CHANNEL_INDIVIDUAL, 1);
    query_run(&channels.tx, "UPDATE clients SET company_ids = x'' WHERE seq <= 3", NO_ARGS);
    query_run(&channels.tx, "UPDATE clients SET company_ids = $1 WHERE seq IN (4, 5)",
              ARGS(arg_id(channels_id('c', 2))));
    query_run(&channels.tx, "DELETE FROM companies WHERE seq = 1", NO_ARGS);
    CHECK_INT(tx_status(&channels.tx), ST_OK);
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channels"), 2);
    CHECK_INT(channels_rows("SELECT count(*) FROM message_channel_members"), 2);
    channels_end();
}

TEST(clients_and_companies_of_another_workspace_are_not_there)
{
    struct uuid ids[2] = { channels_id('p', 1), channels_id('p', 9) }, company;
    struct scope everything = { .kind = SCOPE_EVERYTHING };
    struct scope_term term = { .kind = SCOPE_COMPANIES, .ids = { ids, 1 } };
    int64_t seqs[2], found;

    channels_begin();
    CHECK_INT(channel_clients(&channels.tx, (struct ids){ ids, 2 }, &everything, seqs), ST_OK);
    CHECK_INT(seqs[0], 1);
    CHECK_INT(seqs[1], 0);
    CHECK(channel_company(&channels.tx, channels_id('c', 1), &everything, &found));
    CHECK_INT(found, 1);
    channels.tx.workspace = 2;
    CHECK_INT(channel_clients(&channels.tx, (struct ids){ ids, 2 }, &everything, seqs), ST_OK);
    CHECK_INT(seqs[0], 7);
    CHECK(!channel_company(&channels.tx, channels_id('c', 2), &everything, &found));
    channels.tx.workspace = 1;

    /* nor are those outside of the scope */
    ids[0] = channels_id('c', 1);
    CHECK(!channel_company(&channels.tx, channels_id('c', 2),
                           &(struct scope){ SCOPE_TERMS, &term, 1 }, &found));
    CHECK(channel_company(&channels.tx, channels_id('c', 1),
                          &(struct scope){ SCOPE_TERMS, &term, 1 }, &found));
    CHECK_INT(
        channel_shared_company(&channels.tx, (int64_t[]){ 4, 5 }, 2, &everything, &found, &company),
        2);
    CHECK_INT(channel_shared_company(&channels.tx, (int64_t[]){ 4, 5 }, 2,
                                     &(struct scope){ SCOPE_TERMS, &term, 1 }, &found, &company),
              1);
    CHECK_INT(found, 1);
    CHECK_INT(
        channel_shared_company(&channels.tx, (int64_t[]){ 1, 6 }, 2, &everything, &found, &company),
        0);
    channels_end();
}

/* A group is made, edited, left; and its maker's arena and statements fail one by one. */
static enum status live(struct tx *changing, void *context)
{
    int64_t members[16];
    struct channel channel = channels_group(1, "1 2 3", members), wish;
    struct uuid second = channels_id('c', 2);

    (void)context;
    changing->workspace = 1;
    if (channel_create(changing, &channel, members) != ST_OK)
        return tx_status(changing);
    wish = channels_group(1, "2 4", members);
    channel_set_members(changing, &channel, wish.member_ids, members);
    return membership_set(changing, 4, (struct ids){ &second, 1 });
}

TEST(a_failing_call_leaves_a_group_made_or_not)
{
    channels_begin();
    channels_keep();
    EACH_FAULT(1u << FAULT_ARENA | 1u << FAULT_PREPARE | 1u << FAULT_STEP | 1u << FAULT_COMMIT |
               1u << FAULT_DB_MEMORY)
    {
        struct tx changing;
        struct arena arena;
        struct db *db;
        enum status status;
        bool was_hit;

        arena_init(&arena, MIB(1));
        tx_init(&changing, channels.store.db, &arena, 2);
        status = tx_once(channels.store.db, &changing, live, NULL);
        was_hit = EACH_FAULT_END();
        CHECK_INT(status != ST_OK, was_hit);
        if (was_hit)
            CHECK(status_http(status) >= 500);
        db = store_reader(&channels.store);
        tx_init(&channels.tx, db, &channels.store.arena, 3);
        CHECK_INT(tx_begin_read(&channels.tx), ST_OK);
        CHECK_INT(channels_rows("SELECT count(*) FROM message_channels"), was_hit ? 0 : 1);
        CHECK_INT(channels_rows("SELECT count(*) FROM message_channel_members"), was_hit ? 0 : 1);
        CHECK_INT(channels_rows("SELECT count(*) FROM memberships WHERE client = 4"),
                  was_hit ? 2 : 1);
        tx_end_read(&channels.tx);
        db_close(db);
        arena_fini(&arena);
    }
    channels_job();
    CHECK_INT(channels_rows("SELECT length(member_ids) FROM message_channels"), 16);
    channels_end();
}

/* Channels: which of them a list gives, and where a page ends. */
#include "channel_fixture.h"

#include "base/limits.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>

static struct list list_of(struct scope_term *terms, size_t count)
{
    return (struct list){
        .scope = { .kind = SCOPE_TERMS, .terms = terms, .count = count },
        .sort = channel_columns.sorts,
        .limit = 1000,
    };
}

/* "1 2 3": the numbers of the rows of the first page. */
static const char *page(const struct list *list)
{
    static char text[200];
    struct channel *found;
    size_t count, len = 0;
    bool more;

    text[0] = '\0';
    CHECK_INT(channel_list(&channels.tx, list, true, &found, &count, &more), ST_OK);
    for (size_t i = 0; i < count && len < sizeof(text) - 10; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", i ? " " : "",
                                (int)found[i].seq);
    return text;
}

/* Channels 1 individual of 1, 2 of 6, 3 group of 1 and 2, 4 group of 4 and 6, 5 of company 1, 6 of 2. */
static void make_six(void)
{
    channels_make_of(CHANNEL_INDIVIDUAL, 1);
    channels_make_of(CHANNEL_INDIVIDUAL, 6);
    channels_make(1, "1 2");
    channels_make(2, "4 6");
    channels_make_of(CHANNEL_COMPANY, 1);
    channels_make_of(CHANNEL_COMPANY, 2);
}

TEST(each_scope_gives_its_channels_in_list_count_and_single_look)
{
    struct uuid company = channels_id('c', 2), manager = channels_id('s', 9), two[2];
    struct str tags[2] = { STR("gold"), STR("none") };
    struct scope_term terms[] = {
        { .kind = SCOPE_OWN },
        { .kind = SCOPE_COMPANIES, .ids = { &company, 1 } },
        { .kind = SCOPE_ACCOUNT_MANAGER, .ids = { &manager, 1 } },
        { .kind = SCOPE_TAGS, .texts = { tags, 2 } },
        { .kind = SCOPE_IDS, .ids = { two, 2 } },
    };
    static const char *const wanted[] = { "1 3 5", "2 4 6", "1 3 5", "3 5", "2 5" };
    struct uuid ids[7];
    struct list list;

    channels_begin();
    make_six();
    for (int i = 1; i <= 6; i++) {
        struct channel channel;

        CHECK(channel_find_by_seq(&channels.tx, i, &channel));
        ids[i] = channel.id;
    }
    two[0] = ids[5];
    two[1] = ids[2];
    for (size_t i = 0; i < 5; i++) {
        harness_note("term %d", (int)i);
        list = list_of(&terms[i], 1);
        CHECK_STR(page(&list), wanted[i]);
        CHECK_INT(list_count(&channels.tx, &channel_columns, &list),
                  (int64_t)(strlen(wanted[i]) + 1) / 2);
        for (int k = 1; k <= 6; k++)
            CHECK_INT(channel_is_in_scope(&channels.tx, ids[k], &list.scope),
                      strchr(wanted[i], '0' + k) != NULL);
    }
    list = list_of(terms, 2);
    CHECK_STR(page(&list), "1 2 3 4 5 6");
    list = list_of(&terms[1], 1);
    list.descending = true;
    list.limit = 2;
    CHECK_STR(page(&list), "6 4");
    channels.tx.actor.id = channels_id('p', 6); /* another one */
    list = list_of(terms, 1);
    CHECK_STR(page(&list), "2 4 6");
    query_run(&channels.tx, "UPDATE workspaces SET companies_enabled = 0", NO_ARGS);
    CHECK_STR(page(&list), "2");
    CHECK(!channel_is_in_scope(&channels.tx, ids[4], &list.scope));
    channels.tx.workspace = 2; /* has a client and a company of the same ids */
    channels.tx.actor.id = channels_id('p', 1);
    list = list_of(terms, 5);
    CHECK_STR(page(&list), "");
    channels.tx.workspace = 1;
    query_run(&channels.tx, "UPDATE workspaces SET companies_enabled = 1", NO_ARGS);
    channels_end();
}

TEST(a_page_ends_where_its_members_are_too_many)
{
    struct list list = list_of(NULL, 0);
    struct channel *found;
    size_t count;
    bool more;

    channels_begin();
    channels_make_of(CHANNEL_COMPANY, 1);
    channels_make_of(CHANNEL_COMPANY, 2);
    channels_make(1, "1 2");
    query_run(&channels.tx,
              "INSERT INTO clients (workspace, id, given_name, given_key, family_name,"
              " family_key, creation_method, fallback_color, company_ids, created_at, updated_at)"
              " SELECT 1, randomblob(16), 'a', 'a', 'b', 'b', 0, '#fff', $1, 1, 1 FROM"
              " (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 16000)"
              " SELECT i FROM n)",
              ARGS(arg_id(channels_id('c', 1))));
    query_run(&channels.tx,
              "INSERT INTO memberships SELECT 1, seq, 1, 'member', 1 FROM clients WHERE seq > 7",
              NO_ARGS);
    for (int c = 10; c < 13; c++) { /* of a thousand each */
        query_run(&channels.tx,
                  "INSERT INTO companies (seq, workspace, id, name, name_key, fallback_color,"
                  " created_at, updated_at) VALUES ($1, 1, $2, $1, $1, '#fff', 1, 1)",
                  ARGS(arg_int(c), arg_id(channels_id('c', c))));
        query_run(&channels.tx,
                  "INSERT INTO memberships SELECT 1, seq, $1, 'member', 1 FROM clients"
                  " WHERE seq BETWEEN 100 AND 8099",
                  ARGS(arg_int(c)));
        channels_make_of(CHANNEL_COMPANY, c);
    }
    CHECK_INT(tx_status(&channels.tx), ST_OK);
    list.scope.kind = SCOPE_EVERYTHING;
    CHECK_INT(channel_list(&channels.tx, &list, true, &found, &count, &more), ST_OK);
    CHECK_INT(count, 4); /* 10,000 + 3 + 2 + 8,000: another 8,000 are more than 25,000 */
    CHECK(more);
    CHECK_INT(found[0].member_ids.count, LIMIT_CHANNEL_SHOWN);
    CHECK_INT(found[0].member_count, 16005);
    CHECK_INT(found[1].member_count, 3);
    CHECK_INT(found[3].member_count, 8000);
    CHECK_INT(channel_list(&channels.tx, &list, false, &found, &count, &more), ST_OK);
    CHECK_INT(count, 6);
    CHECK(!more);
    list.limit = 3;
    CHECK_INT(channel_list(&channels.tx, &list, true, &found, &count, &more), ST_OK);
    CHECK_INT(count, 3);
    CHECK(more);
    query_run(&channels.tx, "DELETE FROM memberships WHERE company >= 10", NO_ARGS);
    query_run(&channels.tx, "UPDATE search_state SET clients_watermark = 0", NO_ARGS);
    channels_end();
}

static bool count_looks(void *context)
{
    ++*(int *)context;
    return false;
}

/* A look is 1,000 steps of SQLite's machine; all channels would take 30 of them at least. */
TEST(a_page_of_few_channels_does_not_walk_all)
{
    struct uuid company = channels_id('c', 2), manager = channels_id('s', 9);
    struct scope_term terms[] = {
        { .kind = SCOPE_OWN },
        { .kind = SCOPE_COMPANIES, .ids = { &company, 1 } },
        { .kind = SCOPE_ACCOUNT_MANAGER, .ids = { &manager, 1 } },
    };
    struct list list, everything;
    int looks = 0;

    channels_begin();
    query_run(&channels.tx,
              "INSERT INTO clients (workspace, id, given_name, given_key, family_name,"
              " family_key, creation_method, fallback_color, created_at, updated_at)"
              " SELECT 1, randomblob(16), 'a', 'a', 'b', 'b', 0, '#fff', 1, 1 FROM"
              " (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
              " SELECT i FROM n)",
              NO_ARGS);
    query_run(&channels.tx,
              "INSERT INTO message_channels (workspace, id, kind, client, created_at, updated_at)"
              " SELECT 1, randomblob(16), 0, seq, 1, 1 FROM clients WHERE seq > 7",
              NO_ARGS);
    channels_make(1, "1 2");
    for (size_t i = 0; i < 3; i++) {
        list = list_of(&terms[i], 1);
        page(&list); /* prepared */
        looks = 0;
        db_set_progress(channels.store.db, count_looks, &looks);
        page(&list);
        CHECK(looks <= 2);
        for (const struct filter *filter = channel_columns.filters; filter->name; filter++) {
            if (filter->kind != FILTER_ID)
                continue;
            harness_note("filter %s", filter->name);
            everything = (struct list){ .scope = { .kind = SCOPE_EVERYTHING },
                                        .sort = channel_columns.sorts,
                                        .limit = 100,
                                        .filters = { { filter->condition,
                                                       arg_id(channels_id('p', 1)), false } },
                                        .filter_count = 1 };
            page(&everything);
            looks = 0;
            page(&everything);
            CHECK(looks <= 2);
        }
        everything.filter_count = 0; /* the control */
        CHECK_INT(list_count(&channels.tx, &channel_columns, &everything), 5001);
        CHECK(looks >= 20);
        db_set_progress(channels.store.db, NULL, NULL);
    }
    channels_end();
}

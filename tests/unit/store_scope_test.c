/* Scopes: what a list, a count and a single look give is what the terms say, and few rows are found
 * without walking all. */
#include "store_fixture.h"

#include "store/client.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>

enum { CLIENTS = 3000 };

static struct uuid id_of(char kind, int number)
{
    struct uuid id = { { (uint8_t)kind } };

    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* Clients 1 … 3000; company 1 has those from 501 on, 2 the first three, 3 number 3000 and 1; client 7 is
 * managed by staff 9, and 8 and 9 are tagged. Workspace 2 has a client and a company of the same ids. */
static enum status fill(struct tx *tx, void *context)
{

    (void)context;
    for (int w = 1; w <= 2; w++)
        query_run(tx,
                  "INSERT INTO workspaces (seq, id, name, created_at, updated_at) VALUES ($1, $2, "
                  "'w', 1, 1)",
                  ARGS(arg_int(w), arg_id(id_of('w', w))));
    for (int i = 1; i <= CLIENTS + 1; i++)
        query_run(tx,
                  "INSERT INTO clients (seq, workspace, id, given_name, given_key, family_name, "
                  "family_key,"
                  " creation_method, fallback_color, account_manager, tags, created_at, updated_at)"
                  " VALUES ($1, $2, $3, 'a', 'a', 'b', 'b', 0, '#fff', $4, $5, 1, 1)",
                  ARGS(arg_int(i), arg_int(i > CLIENTS ? 2 : 1),
                       arg_id(id_of('p', i > CLIENTS ? 7 : i)),
                       arg_id(i == 7 ? id_of('s', 9) : UUID_NONE),
                       arg_text(i == 8   ? STR("[\"gold\"]")
                                : i == 9 ? STR("[\"x\", \"a \\\"quoted\\\" one\"]")
                                         : STR("[]"))));
    for (int c = 1; c <= 4; c++)
        query_run(
            tx,
            "INSERT INTO companies (seq, workspace, id, name, name_key, fallback_color, created_at,"
            " updated_at) VALUES ($1, $2, $3, $4, $4, '#fff', 1, 1)",
            ARGS(arg_int(c), arg_int(c == 4 ? 2 : 1), arg_id(id_of('c', c == 4 ? 2 : c)),
                 arg_text(str_printf(tx->arena, "c%d", c))));
    query_run(tx,
              "INSERT INTO memberships SELECT 1, seq, 1, 'member', 1 FROM clients WHERE seq "
              "BETWEEN 501 AND $1",
              ARGS(arg_int(CLIENTS)));
    query_run(tx,
              "INSERT INTO memberships SELECT 1, seq, 2, 'member', 1 FROM clients WHERE seq <= 3",
              NO_ARGS);
    query_run(tx,
              "INSERT INTO memberships VALUES (1, $1, 3, 'member', 1), (1, 1, 3, 'member', 1), (2, "
              "$2, 4, 'member', 1)",
              ARGS(arg_int(CLIENTS), arg_int(CLIENTS + 1)));
    return tx_status(tx);
}

static struct store store;
static struct tx tx;

static void begin(void)
{
    struct tx filling;

    store_open(&store);
    tx_init(&filling, store.db, &store.arena, 1);
    CHECK_INT(tx_once(store.db, &filling, fill, NULL), ST_OK);
    tx_init(&tx, store.db, &store.arena, 1);
    tx.workspace = 1;
    tx.actor.id = id_of('p', 5);
    CHECK_INT(tx_begin_read(&tx), ST_OK);
}

static void end(void)
{
    tx_end_read(&tx);
    store_close(&store);
}

static struct list list_of(struct scope_term *terms, size_t count)
{
    return (struct list){
        .scope = { .kind = SCOPE_TERMS, .terms = terms, .count = count },
        .sort = client_columns.sorts,
        .limit = 1000,
    };
}

/* "1 2 3": the numbers of the rows of the first page. */
static const char *page(const struct list *list)
{
    static char text[200];
    struct client *clients;
    size_t count, len = 0;

    text[0] = '\0';
    CHECK_INT(client_list(&tx, list, &clients, &count), ST_OK);
    for (size_t i = 0; i < count && len < sizeof(text) - 10; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", i ? " " : "",
                                (int)clients[i].seq);
    return text;
}

static bool holds(const struct list *list, int client)
{
    return client_is_in_scope(&tx, id_of('p', client), &list->scope);
}

TEST(each_term_gives_its_rows_in_list_count_and_single_look)
{
    struct uuid one = id_of('c', 2), pair[2] = { id_of('p', 20), id_of('p', 10) };
    struct uuid manager = id_of('s', 9);
    struct str tags[2] = { STR("a \"quoted\" one"), STR("none") };
    struct scope_term terms[] = {
        { .kind = SCOPE_OWN },
        { .kind = SCOPE_COMPANIES, .ids = { &one, 1 } },
        { .kind = SCOPE_ACCOUNT_MANAGER, .ids = { &manager, 1 } },
        { .kind = SCOPE_TAGS, .texts = { tags, 2 } },
        { .kind = SCOPE_IDS, .ids = { pair, 2 } },
    };
    static const char *const rows[] = { "5", "1 2 3", "7", "9", "10 20" };
    static const int counts[] = { 1, 3, 1, 1, 2 }, some[] = { 5, 2, 7, 9, 10 };
    struct list list;

    begin();
    for (size_t i = 0; i < 5; i++) {
        list = list_of(&terms[i], 1);
        harness_note("term %d", (int)i);
        CHECK_STR(page(&list), rows[i]);
        CHECK_INT(list_count(&tx, &client_columns, &list), counts[i]);
        for (size_t k = 0; k < 5; k++)
            CHECK_INT(holds(&list, some[k]), i == k);
    }
    list = list_of(terms, 5);
    CHECK_STR(page(&list), "1 2 3 5 7 9 10 20");
    list = list_of(terms, 3); /* without tags, which have no index */
    CHECK_STR(page(&list), "1 2 3 5 7");
    list.descending = true;
    list.limit = 2;
    CHECK_STR(page(&list), "7 5 3");
    CHECK_INT(tx_status(&tx), ST_OK);
    end();
}

TEST(a_row_that_two_terms_give_comes_once)
{
    struct uuid companies[2] = { id_of('c', 2), id_of('c', 3) }, one = id_of('p', 1);
    struct scope_term terms[] = {
        { .kind = SCOPE_COMPANIES, .ids = { companies, 2 } },
        { .kind = SCOPE_IDS, .ids = { &one, 1 } },
    };
    struct list list;

    begin();
    list = list_of(terms, 2);
    CHECK_STR(page(&list), "1 2 3 3000");
    CHECK_INT(list_count(&tx, &client_columns, &list), 4);
    end();
}

TEST(empty_lists_and_an_actor_without_id_see_nothing)
{
    struct scope_term terms[] = {
        { .kind = SCOPE_OWN },
        { .kind = SCOPE_COMPANIES },
        { .kind = SCOPE_ACCOUNT_MANAGER },
        { .kind = SCOPE_IDS },
    };
    struct scope_term tags = { .kind = SCOPE_TAGS };
    struct list list;

    begin();
    tx.actor.id = UUID_NONE;
    list = list_of(terms, 4);
    CHECK_STR(page(&list), "");
    CHECK(!holds(&list, 5));
    list = list_of(&tags, 1);
    CHECK_STR(page(&list), "");
    list = list_of(terms, 0);
    CHECK_STR(page(&list), "");
    list.scope.kind = SCOPE_NONE;
    CHECK_STR(page(&list), "");
    CHECK(!holds(&list, 5));
    list.scope.kind = SCOPE_EVERYTHING;
    CHECK_INT(list_count(&tx, &client_columns, &list), CLIENTS);
    CHECK(holds(&list, 5));
    end();
}

TEST(a_scope_of_many_rows_gives_the_same_as_one_of_few)
{
    struct uuid companies[2] = { id_of('c', 1), id_of('c', 2) };
    struct scope_term term = { .kind = SCOPE_COMPANIES, .ids = { companies, 2 } };
    struct list list;

    begin();
    list = list_of(&term, 1); /* 2503 rows: more than are looked up one by one */
    list.limit = 4;
    CHECK_STR(page(&list), "1 2 3 501 502");
    CHECK_INT(list_count(&tx, &client_columns, &list), 2503);
    list.descending = true;
    CHECK_STR(page(&list), "3000 2999 2998 2997 2996");
    CHECK(holds(&list, 501));
    CHECK(!holds(&list, 500));
    end();
}

TEST(ids_of_another_workspace_give_nothing)
{
    struct uuid company = id_of('c', 2);
    struct scope_term term = { .kind = SCOPE_COMPANIES, .ids = { &company, 1 } };
    struct list list;

    begin();
    tx.workspace = 2; /* has a company and a client of the same ids */
    list = list_of(&term, 1);
    CHECK_STR(page(&list), "3001");
    CHECK(holds(&list, 7));
    CHECK(!holds(&list, 1));
    end();
}

TEST(too_many_terms_fail_closed_and_many_ids_do_not)
{
    static struct scope_term terms[33];
    static struct uuid ids[20000];
    struct list list;
    struct client *clients;
    size_t count;

    begin();
    for (int i = 0; i < 20000; i++)
        ids[i] = id_of('p', 40 + i);
    terms[0] = (struct scope_term){ .kind = SCOPE_IDS, .ids = { ids, 20000 } };
    list = list_of(terms, 1);
    list.limit = 2;
    CHECK_STR(page(&list), "40 41 42");
    CHECK(holds(&list, 3000));
    list = list_of(terms, 33);
    CHECK_INT(client_list(&tx, &list, &clients, &count), ST_RULE_ERROR);
    CHECK_STR(tx.failure.code, "scope_too_large");
    CHECK(!holds(&list, 40));
    end();
}

static bool count_looks(void *context)
{
    ++*(int *)context;
    return false;
}

/* A look is 1,000 steps of SQLite's machine; all clients would take 30 of them at least. */
TEST(a_page_of_a_small_scope_does_not_walk_all_rows)
{
    struct uuid company = id_of('c', 2);
    struct scope_term terms[] = {
        { .kind = SCOPE_COMPANIES, .ids = { &company, 1 } },
        { .kind = SCOPE_OWN },
    };
    struct scope_term tags = { .kind = SCOPE_TAGS };
    int looks = 0;
    struct list list;

    begin();
    list = list_of(terms, 2);
    page(&list); /* prepared */
    db_set_progress(store.db, count_looks, &looks);
    CHECK_STR(page(&list), "1 2 3 5");
    CHECK(holds(&list, 2));
    CHECK(looks <= 2);
    list = list_of(&tags, 1); /* the control: without an index it does */
    page(&list);
    CHECK(looks >= 20);
    db_set_progress(store.db, NULL, NULL);
    end();
}

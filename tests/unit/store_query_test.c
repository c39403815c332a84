/* Queries: parameters by number, kept statements, what SQLite's refusals mean. */
#include "store_fixture.h"

#include "store/query.h"

#include <stdio.h>
#include <string.h>

static void begin(struct store *store, struct tx *tx)
{
    store_open(store);
    CHECK_INT(tx_batch_begin(store->db), ST_OK);
    store_job(store, tx);
}

static void end(struct store *store, struct tx *tx)
{
    tx_job_end(tx, false);
    tx_batch_abandon(store->db);
    store_close(store);
}

TEST(parameters_are_numbered_whatever_their_order_in_the_text)
{
    struct store store;
    struct query q;
    struct tx tx;

    begin(&store, &tx);
    q = query_open(&tx, "SELECT $3, $1, $2, $1", ARGS(arg_int(1), arg_int(2), arg_int(3)));
    CHECK(query_next(&q));
    CHECK_INT(query_int(&q, 0), 3);
    CHECK_INT(query_int(&q, 1), 1);
    CHECK_INT(query_int(&q, 2), 2);
    CHECK_INT(query_int(&q, 3), 1);
    CHECK(!query_next(&q));
    EXPECT_ABORT(query_open(&tx, "SELECT $2", ARGS(arg_int(1))));
    EXPECT_ABORT(query_open(&tx, "SELECT ?1", ARGS(arg_int(1))));
    EXPECT_ABORT(query_open(&tx, "SELECT :name", ARGS(arg_int(1))));
    end(&store, &tx);
}

TEST(every_kind_of_value_comes_back_as_it_went)
{
    static const struct uuid id = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };
    struct store store;
    struct query q;
    struct tx tx;

    begin(&store, &tx);
    q = query_open(&tx,
                   "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, typeof($3), typeof($5)",
                   ARGS(arg_int(INT64_MIN), arg_bool(true), arg_text(STR("a\0b")),
                        arg_text(STR("")), arg_blob("\0\1", 2), arg_blob("", 0), arg_id(id),
                        arg_time(77), arg_text(STR_NONE), arg_id(UUID_NONE), arg_time(0)));
    CHECK(query_next(&q));
    CHECK(query_int(&q, 0) == INT64_MIN);
    CHECK(query_bool(&q, 1));
    CHECK(str_eq(query_text(&q, 2), STR("a\0b")));
    CHECK_STR(query_text(&q, 3), "");
    CHECK(str_eq(query_blob(&q, 4), STR("\0\1")));
    CHECK(!str_is_absent(query_blob(&q, 5)));
    CHECK_INT(query_blob(&q, 5).len, 0);
    CHECK(uuid_eq(query_id(&q, 6), id));
    CHECK_INT(query_int(&q, 7), 77);
    CHECK(query_is_null(&q, 8));
    CHECK_STR(query_text(&q, 8), NULL);
    CHECK(query_is_null(&q, 9));
    CHECK(uuid_is_none(query_id(&q, 9)));
    CHECK(query_is_null(&q, 10));
    CHECK_STR(query_text(&q, 11), "text");
    CHECK_STR(query_text(&q, 12), "blob");
    query_close(&q);
    query_close(&q); /* takes a closed one */
    CHECK_INT(tx_status(&tx), ST_OK);
    end(&store, &tx);
}

TEST(an_id_of_another_length_is_a_broken_database)
{
    struct store store;
    struct query q;
    struct tx tx;

    begin(&store, &tx);
    q = query_open(&tx, "SELECT x'0102'", NO_ARGS);
    CHECK(query_next(&q));
    CHECK(uuid_is_none(query_id(&q, 0)));
    CHECK_INT(tx_status(&tx), ST_UNAVAILABLE);
    query_close(&q);
    end(&store, &tx);
}

static struct query open_with_id(struct tx *tx, uint8_t first)
{
    struct uuid id = { { first } };

    return query_open(tx, "SELECT $1", ARGS(arg_id(id)));
}

TEST(an_id_may_go_before_its_query_does)
{
    struct store store;
    struct query q;
    struct tx tx;
    uint8_t trash[256];

    begin(&store, &tx);
    q = open_with_id(&tx, 7);
    memset(trash, 0xee, sizeof(trash));
    CHECK_INT(trash[9], 0xee);
    CHECK(query_next(&q));
    CHECK_INT(query_id(&q, 0).bytes[0], 7);
    query_close(&q);
    end(&store, &tx);
}

static int64_t count_down(struct tx *tx, int64_t from)
{
    struct query q = query_open(tx, "SELECT $1", ARGS(arg_int(from)));
    int64_t sum;

    CHECK(query_next(&q));
    sum = from ? count_down(tx, from - 1) : 0;
    sum += query_int(&q, 0);
    query_close(&q);
    return sum;
}

TEST(a_statement_may_be_used_while_it_is_open)
{
    struct store store;
    struct tx tx;

    begin(&store, &tx);
    CHECK_INT(count_down(&tx, 5), 15);
    CHECK_INT(count_down(&tx, 5), 15);
    end(&store, &tx);
}

TEST(built_statements_are_found_by_content_and_the_oldest_leave)
{
    struct store store;
    struct query held, q;
    struct tx tx;
    char text[64];

    begin(&store, &tx);
    held = query_open_built(&tx, STR("SELECT -1"), NO_ARGS);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 300; i++) {
            snprintf(text, sizeof(text), "SELECT %d, $1", i);
            q = query_open_built(&tx, str_from(text), ARGS(arg_int(i)));
            memset(text, 'x', 10); /* the text is copied */
            CHECK(query_next(&q));
            CHECK_INT(query_int(&q, 0), i);
            CHECK_INT(query_int(&q, 1), i);
            query_close(&q);
        }
    CHECK(query_next(&held)); /* was open all the time, and stayed */
    CHECK_INT(query_int(&held, 0), -1);
    query_close(&held);
    end(&store, &tx);
}

TEST(more_built_statements_than_are_kept_may_be_open_at_once)
{
    enum { MANY = 140 };
    static struct query open[MANY];
    struct store store;
    struct tx tx;
    char text[64];

    begin(&store, &tx);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof(text), "SELECT %d", i);
        open[i] = query_open_built(&tx, str_from(text), NO_ARGS);
    }
    for (int i = 0; i < MANY; i++) {
        CHECK(query_next(&open[i]));
        CHECK_INT(query_int(&open[i], 0), i);
        query_close(&open[i]);
    }
    end(&store, &tx);
}

TEST(a_built_text_in_the_place_of_a_literal_is_our_mistake)
{
    struct store store;
    struct tx tx;
    char text[32] = "SELECT 1";

    begin(&store, &tx);
    CHECK_INT(query_one_int(&tx, 0, text, NO_ARGS), 1);
    memcpy(text, "SELECT 2", 8);
#ifdef FOYER_FAULTS
    EXPECT_ABORT(query_one_int(&tx, 0, text, NO_ARGS));
#endif
    end(&store, &tx);
}

static const struct {
    const char *sql;
    enum status status;
    const char *code;
} refusals[] = {
    { "INSERT INTO t (a) VALUES (1)", ST_CONFLICT, NULL }, /* PRIMARY KEY */
    { "INSERT INTO t (b) VALUES ('x')", ST_CONFLICT, NULL },
    { "INSERT INTO t (a) VALUES (1000)", ST_UNPROCESSABLE, "small" },
    { "INSERT INTO u (a) VALUES (-1)", ST_UNPROCESSABLE, NULL }, /* a CHECK without a name */
    { "INSERT INTO u (a) VALUES (13)", ST_UNPROCESSABLE, "thirteen" },
    { "INSERT INTO u (a) VALUES (14)", ST_UNPROCESSABLE, NULL },
    { "INSERT INTO u (a, t) VALUES (1, 99)", ST_CONFLICT, NULL }, /* foreign key */
    { "INSERT INTO u (a) VALUES (NULL)", ST_INTERNAL, NULL },
    { "INSERT INTO u (a) VALUES ('text')", ST_INTERNAL, NULL }, /* STRICT */
    { "INSERT INTO nowhere (a) VALUES (1)", ST_INTERNAL, NULL },
    { "INSERT INTO t (b) VALUES (\"double quoted\")", ST_INTERNAL, NULL },
    { "INSERT INTO t (b) VALUES (hex(zeroblob(20000000)))", ST_TOO_LARGE, NULL },
    { "UPDATE sqlite_schema SET sql = 'x'", ST_INTERNAL, NULL },
    { "SELECT load_extension('x')", ST_INTERNAL, NULL },
};

TEST(each_refusal_has_its_status_and_leaves_the_batch_alive)
{
    struct store store;
    struct tx tx;

    store_open(&store);
    store_sql(
        &store,
        "CREATE TABLE u (a INTEGER NOT NULL CHECK (a > 0), t INTEGER REFERENCES t (a)) STRICT");
    store_sql(&store, "CREATE TRIGGER u_13 BEFORE INSERT ON u WHEN NEW.a = 13 BEGIN"
                      " SELECT RAISE(ABORT, 'thirteen'); END");
    store_sql(&store, "CREATE TRIGGER u_14 BEFORE INSERT ON u WHEN NEW.a = 14 BEGIN"
                      " SELECT RAISE(ABORT, 'Not a code.'); END");
    store_sql(&store, "INSERT INTO t (a, b) VALUES (1, 'x')");
    CHECK_INT(tx_batch_begin(store.db), ST_OK);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        harness_note("%s", refusals[i].sql);
        store_job(&store, &tx);
        CHECK_INT(query_run(&tx, "INSERT INTO t (a) VALUES (2)", NO_ARGS), 1);
        CHECK_INT(query_run(&tx, refusals[i].sql, NO_ARGS), 0);
        CHECK_INT(tx_status(&tx), refusals[i].status);
        CHECK_STR(tx.failure.code, refusals[i].code);
        CHECK(
            !strstr(tx.failure.message.at, "failed")); /* nothing of SQLite's reaches the outside */
        CHECK_INT(tx_job_end(&tx, true), TX_FAILED);
    }
    store_job(&store, &tx);
    CHECK(query_run_unique(&tx, "INSERT INTO t (a) VALUES (1)", NO_ARGS));
    CHECK(query_run_unique(&tx, "INSERT INTO t (b) VALUES ('x')", NO_ARGS));
    CHECK(!query_run_unique(&tx, "INSERT INTO t (a) VALUES (3)", NO_ARGS));
    CHECK_INT(query_last_seq(&tx), 3);
    CHECK_INT(tx_job_end(&tx, true), TX_DONE);
    CHECK_INT(tx_batch_commit(store.db, 1), ST_OK);
    CHECK_STR(store_rows(&store), "1 3");
    store_close(&store);
}

TEST(a_change_tells_how_many_rows_it_changed)
{
    struct store store;
    struct tx tx;

    begin(&store, &tx);
    CHECK_INT(query_run(&tx, "INSERT INTO t (a) VALUES (1), (2), (3)", NO_ARGS), 3);
    CHECK_INT(query_run(&tx, "UPDATE t SET b = a WHERE a > $1", ARGS(arg_int(1))), 2);
    CHECK_INT(query_run(&tx, "UPDATE t SET b = a WHERE a > $1", ARGS(arg_int(9))), 0);
    CHECK_INT(query_run(&tx, "SELECT 1", NO_ARGS), 0);
    CHECK_INT(query_run(&tx, "DELETE FROM t WHERE a < $1 RETURNING a", ARGS(arg_int(3))), 2);
    CHECK_INT(tx_status(&tx), ST_OK);
    end(&store, &tx);
}

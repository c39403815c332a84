/* Webhook endpoints: their secrets, and how many there may be. */
#include "base/clock.h"
#include "base/crypto.h"
#include "store/query.h"
#include "store/record.h"
#include "store/webhook_work.h"
#include "store_fixture.h"

#define NOW INT64_C(1795471980000000)

static const uint8_t key[CRYPTO_KEY] = { 7 };

struct hooks {
    struct store store;
    struct tx tx;
};

static void begin(struct hooks *h)
{
    store_open(&h->store);
    store_sql(&h->store, "INSERT INTO workspaces (seq, id, name, created_at, updated_at) VALUES"
                         " (1, zeroblob(16), 'One', 1, 1), (2, randomblob(16), 'Two', 1, 1)");
    CHECK_INT(tx_batch_begin(h->store.db), ST_OK);
    store_job(&h->store, &h->tx);
    h->tx.now = NOW;
    h->tx.workspace = 1;
    h->tx.server_key = key;
}

static void end(struct hooks *h)
{
    tx_job_end(&h->tx, false);
    tx_batch_abandon(h->store.db);
    store_close(&h->store);
}

static struct webhook_endpoint make(struct hooks *h)
{
    static struct str everything = { "*", 1 };
    struct webhook_endpoint endpoint = { .url = STR("https://hooks.example.com/"),
                                         .events = { &everything, 1 } };

    webhook_endpoint_create(&h->tx, &endpoint);
    return endpoint;
}

TEST(each_endpoint_has_a_secret_of_its_own)
{
    struct webhook_endpoint one, two;
    struct hooks h;

    begin(&h);
    one = make(&h);
    two = make(&h);
    webhook_endpoint_tell_secrets(&h.tx, &one);
    webhook_endpoint_tell_secrets(&h.tx, &two);
    CHECK(str_starts(one.secret, STR("whsec_")));
    CHECK_INT(one.secret.len, 6 + 44);
    CHECK(!str_eq(one.secret, two.secret));
    end(&h);
}

TEST(the_secret_before_is_good_for_a_day)
{
    struct webhook_endpoint endpoint;
    struct str first, second;
    struct hooks h;

    begin(&h);
    endpoint = make(&h);
    webhook_endpoint_tell_secrets(&h.tx, &endpoint);
    first = endpoint.secret;
    CHECK(str_is_absent(endpoint.secret_before));
    CHECK_INT(webhook_endpoint_rotate(&h.tx, &endpoint), ST_OK);
    webhook_endpoint_tell_secrets(&h.tx, &endpoint);
    second = endpoint.secret;
    CHECK(!str_eq(first, second));
    CHECK(str_eq(endpoint.secret_before, first));
    h.tx.now += CLOCK_DAY;
    webhook_endpoint_tell_secrets(&h.tx, &endpoint);
    CHECK(str_eq(endpoint.secret, second));
    CHECK(str_is_absent(endpoint.secret_before));
    end(&h);
}

TEST(a_workspace_has_fifty_endpoints_at_most)
{
    struct hooks h;

    begin(&h);
    for (int i = 0; i < 50; i++)
        make(&h);
    CHECK_INT(tx_status(&h.tx), ST_OK);
    h.tx.workspace = 2;
    make(&h);
    CHECK_INT(tx_status(&h.tx), ST_OK);
    h.tx.workspace = 1;
    make(&h);
    CHECK_INT(tx_status(&h.tx), ST_UNPROCESSABLE);
    CHECK_STR(h.tx.failure.code, "too_many_webhook_endpoints");
    end(&h);
}

TEST(pausing_and_resuming_happen_once)
{
    struct webhook_endpoint endpoint;
    struct hooks h;

    begin(&h);
    endpoint = make(&h);
    CHECK(webhook_endpoint_pause(&h.tx, &endpoint, STR("first")));
    CHECK(!webhook_endpoint_pause(&h.tx, &endpoint, STR("second")));
    CHECK_INT(endpoint.status, WEBHOOK_PAUSED);
    CHECK_STR(endpoint.paused_reason, "first");
    CHECK(webhook_endpoint_resume(&h.tx, &endpoint));
    CHECK(!webhook_endpoint_resume(&h.tx, &endpoint));
    CHECK_INT(endpoint.status, WEBHOOK_ACTIVE);
    end(&h);
}

static int64_t rows(struct hooks *h, const char *sql)
{
    return query_one_int(&h->tx, -1, sql, NO_ARGS);
}

/* Two events, of which the first endpoint wants one, and the second both. */
static void tell_two(struct hooks *h, struct webhook_endpoint *one, struct webhook_endpoint *two)
{
    struct str pattern = STR("client.*");

    query_run(&h->tx,
              "INSERT INTO handlers (plugin, name, event, since) VALUES ('webhooks', 'deliver',"
              " 'webhook.due', 1)",
              NO_ARGS);
    *one = make(h);
    one->events = (struct texts){ &pattern, 1 };
    webhook_endpoint_update(&h->tx, one);
    *two = make(h);
    tx_event(&h->tx, "client.created", "client", tx_id(&h->tx), STR("{}"));
    tx_event(&h->tx, "company.created", "company", tx_id(&h->tx), STR("{}"));
    CHECK_INT(delivery_fan_out(&h->tx, 100), 2);
    CHECK_INT(tx_status(&h->tx), ST_OK);
}

TEST(an_endpoint_gets_what_it_wants_and_only_since_it_was_made)
{
    struct webhook_endpoint one, two, late;
    struct hooks h;

    begin(&h);
    CHECK(!delivery_has_listeners(&h.tx));
    tell_two(&h, &one, &two);
    CHECK(delivery_has_listeners(&h.tx));
    CHECK_INT(rows(&h, "SELECT count(*) FROM deliveries"), 3);
    CHECK_INT(rows(&h, "SELECT count(*) FROM deliveries WHERE event = 'company.created'"), 1);
    late = make(&h);
    webhook_catch_up(&h.tx, STR("webhooks"), 0); /* and nothing twice */
    CHECK_INT(rows(&h, "SELECT count(*) FROM deliveries"), 3);
    CHECK(!uuid_eq(late.id, two.id));
    end(&h);
}

TEST(what_waits_for_an_endpoint_goes_with_it_or_after_fourteen_days)
{
    struct webhook_endpoint one, two;
    struct hooks h;

    begin(&h);
    tell_two(&h, &one, &two);
    query_run(&h.tx, "DELETE FROM webhook_endpoints WHERE seq = $1", ARGS(arg_int(one.seq)));
    CHECK_INT(webhook_sweep(&h.tx, 500), 1);
    CHECK_INT(rows(&h, "SELECT count(*) FROM deliveries"), 2);
    webhook_endpoint_pause(&h.tx, &two, STR("moves"));
    h.tx.now += 13 * CLOCK_DAY;
    CHECK_INT(webhook_sweep(&h.tx, 500), 0);
    h.tx.now += 2 * CLOCK_DAY;
    CHECK_INT(webhook_sweep(&h.tx, 500), 2);
    CHECK_INT(rows(&h, "SELECT count(*) FROM deliveries WHERE status = 3 AND due_at IS NULL"), 2);
    CHECK_INT(tx_status(&h.tx), ST_OK);
    end(&h);
}

TEST(who_is_owed_something_is_found_endpoint_by_endpoint)
{
    struct webhook_endpoint one, two;
    struct webhook_turn turn;
    struct str first;
    struct hooks h;

    begin(&h);
    tell_two(&h, &one, &two);
    webhook_endpoint_pause(&h.tx, &two, STR("moves"));
    CHECK(webhook_next(&h.tx, STR("webhooks"), STR(""), &turn));
    first = turn.handler;
    CHECK(turn.is_slow); /* nothing is known of it yet */
    CHECK(webhook_next(&h.tx, STR("webhooks"), first, &turn));
    CHECK(!str_eq(first, turn.handler));
    CHECK(!webhook_next(&h.tx, STR("webhooks"), turn.handler, &turn));
    CHECK(!webhook_next(&h.tx, STR("others"), STR(""), &turn));
    end(&h);
}

/* Webhook endpoints: their secrets, and how many there may be. */
#include "base/clock.h"
#include "base/crypto.h"
#include "store/webhook_endpoint.h"
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

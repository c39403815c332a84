/* Limiter: buckets of keys and addresses. Time is given, so none is waited for. */
#include "base/crypto.h"
#include "base/thread.h"
#include "exec/limiter.h"
#include "harness.h"

#include <stdio.h>

#define SECOND UINT64_C(1000000000)

static struct uuid key(uint8_t number)
{
    struct uuid id = { { [0] = 1, [15] = number } };

    return id;
}

static int taken(struct limiter *limiter, const char *peer, int tries, uint64_t now)
{
    struct limit limit;
    int count = 0;

    for (int i = 0; i < tries; i++)
        count += limiter_take_peer(limiter, str_from(peer), now, &limit);
    return count;
}

TEST(a_bucket_gives_its_burst_and_then_its_rate)
{
    struct limiter *limiter = limiter_new(10, 30);
    struct limit limit;
    int count = 0;

    for (int i = 0; i < 50; i++)
        count += limiter_take_key(limiter, key(1), SECOND, &limit);
    CHECK_INT(count, 30);
    CHECK_INT(limit.remaining, 0);
    CHECK_INT(limit.retry, 1);
    CHECK_INT(limit.reset, 3);
    for (int i = 0; i < 50; i++)
        count += limiter_take_key(limiter, key(1), 2 * SECOND, &limit);
    CHECK_INT(count, 40);
    for (int i = 0; i < 50; i++)
        count += limiter_take_key(limiter, key(1), 100 * SECOND, &limit);
    CHECK_INT(count, 70); /* never more than the burst */
    limiter_free(limiter);
}

TEST(keys_have_buckets_of_their_own)
{
    struct limiter *limiter = limiter_new(1, 1);
    struct limit limit;

    CHECK(limiter_take_key(limiter, key(1), SECOND, &limit));
    CHECK(!limiter_take_key(limiter, key(1), SECOND, &limit));
    CHECK(limiter_take_key(limiter, key(2), SECOND, &limit));
    limiter_free(limiter);
}

TEST(an_ipv6_network_shares_a_bucket_and_ipv4_addresses_do_not)
{
    struct limiter *limiter = limiter_new(1, 5);

    CHECK_INT(taken(limiter, "2001:db8:1:2::1", 3, SECOND), 3);
    CHECK_INT(taken(limiter, "2001:db8:1:2:ffff::9", 9, SECOND), 2);
    CHECK_INT(taken(limiter, "2001:db8:1:3::1", 9, SECOND), 5);
    CHECK_INT(taken(limiter, "192.0.2.1", 9, SECOND), 5);
    CHECK_INT(taken(limiter, "192.0.2.2", 9, SECOND), 5);
    CHECK_INT(taken(limiter, "::ffff:192.0.2.3", 3, SECOND), 3);
    CHECK_INT(taken(limiter, "192.0.2.3", 9, SECOND), 2);
    limiter_free(limiter);
}

TEST(without_a_rate_nothing_is_limited)
{
    struct limiter *limiter = limiter_new(0, 1);
    struct limit limit = { .is_on = true };

    CHECK(limiter == NULL);
    CHECK(limiter_take_peer(limiter, STR("192.0.2.1"), SECOND, &limit));
    CHECK(!limit.is_on);
}

/* Whoever comes with very many addresses cannot empty another's bucket, nor refill his own. */
TEST(a_crowd_does_not_set_an_empty_bucket_free)
{
    struct limiter *limiter = limiter_new(1, 4);
    char peer[32];

    CHECK_INT(taken(limiter, "192.0.2.1", 9, SECOND), 4);
    for (int i = 0; i < 100000; i++) {
        snprintf(peer, sizeof(peer), "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
        taken(limiter, peer, 1, SECOND);
    }
    CHECK_INT(taken(limiter, "192.0.2.1", 9, SECOND), 0);
    limiter_free(limiter);
}

enum { THREADS = 4, TRIES = 2000, BURST = 500 };

static struct limiter *shared;
static _Atomic int taken_by_all;

static void take_some(void *arg)
{
    const uint64_t *now = arg;

    for (int i = 0; i < TRIES; i++) {
        struct limit limit;

        taken_by_all += limiter_take_key(shared, key(1), *now, &limit);
    }
}

/* Their clocks differ by what lies between looking and taking. */
TEST(a_bucket_is_one_for_all_threads)
{
    uint64_t nows[THREADS] = { SECOND, SECOND + 1, SECOND + 2, SECOND - 1 };
    struct thread threads[THREADS];

    shared = limiter_new(1, BURST);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(thread_start(&threads[i], "takes", take_some, &nows[i]), ST_OK);
    for (int i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    CHECK_INT(taken_by_all, BURST);
    limiter_free(shared);
}

/* Limiter: sets of a few buckets each, chosen by a hash that a peer cannot foresee. */
#include "exec/limiter.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/thread.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, SETS = 2048, LOCKS = 64 };

#define SECOND UINT64_C(1000000000) /* of monotonic time */

struct name {
    uint64_t high, low;
};

struct bucket {
    struct name name;
    double tokens;
    uint64_t at; /* when tokens was right; 0: unused */
};

struct limiter {
    double rate, burst;
    uint64_t secret[2];
    struct mutex locks[LOCKS]; /* of the sets, by number */
    struct bucket buckets[SETS][WAYS];
};

static bool take(struct limiter *limiter, struct name name, uint64_t now, struct limit *limit);
static struct bucket *find(struct limiter *limiter, size_t number, struct name name, uint64_t now);
static double held(const struct limiter *limiter, const struct bucket *bucket, uint64_t now);
static size_t set_of(const struct limiter *limiter, struct name name);
static struct name name_of_peer(struct str peer);
static int64_t whole_seconds(double seconds);

struct limiter *limiter_new(int64_t rate, int64_t burst)
{
    struct limiter *limiter;

    if (rate <= 0)
        return NULL;
    limiter = xcalloc(1, sizeof(*limiter));
    limiter->rate = (double)rate;
    limiter->burst = burst > 0 ? (double)burst : 1;
    crypto_random(limiter->secret, sizeof(limiter->secret));
    for (size_t i = 0; i < LOCKS; i++)
        mutex_init(&limiter->locks[i]);
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    if (!limiter)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        mutex_fini(&limiter->locks[i]);
    free(limiter);
}

bool limiter_take_key(struct limiter *limiter, struct uuid key, uint64_t now, struct limit *limit)
{
    struct name name;

    memcpy(&name, key.bytes, sizeof(name));
    return take(limiter, name, now, limit);
}

bool limiter_take_peer(struct limiter *limiter, struct str peer, uint64_t now, struct limit *limit)
{
    return take(limiter, name_of_peer(peer), now, limit);
}

static bool take(struct limiter *limiter, struct name name, uint64_t now, struct limit *limit)
{
    struct bucket *bucket;
    bool is_taken;
    size_t set;

    *limit = (struct limit){ 0 };
    if (!limiter)
        return true;
    set = set_of(limiter, name);
    mutex_lock(&limiter->locks[set % LOCKS]);
    bucket = find(limiter, set, name, now);
    bucket->tokens = held(limiter, bucket, now);
    if (bucket->at < now)
        bucket->at = now;
    is_taken = bucket->tokens >= 1;
    if (is_taken)
        bucket->tokens -= 1;
    else
        limit->retry = whole_seconds((1 - bucket->tokens) / limiter->rate);
    limit->is_on = true;
    limit->remaining = (int64_t)bucket->tokens;
    limit->reset = whole_seconds((limiter->burst - bucket->tokens) / limiter->rate);
    mutex_unlock(&limiter->locks[set % LOCKS]);
    return is_taken;
}

/* The bucket of that name, or a full one in the place of the fullest of its set. */
static struct bucket *find(struct limiter *limiter, size_t number, struct name name, uint64_t now)
{
    struct bucket *set = limiter->buckets[number], *fullest = set;
    size_t i;

    for (i = 0; i < WAYS; i++) {
        if (set[i].at != 0 && set[i].name.high == name.high && set[i].name.low == name.low)
            return &set[i];
        if (held(limiter, &set[i], now) > held(limiter, fullest, now))
            fullest = &set[i];
    }
    *fullest = (struct bucket){ .name = name, .tokens = limiter->burst, .at = now };
    return fullest;
}

static double held(const struct limiter *limiter, const struct bucket *bucket, uint64_t now)
{
    double tokens;

    if (bucket->at == 0)
        return limiter->burst + 1; /* unused: rather than any other */
    if (bucket->at > now)          /* another loop came later and was first */
        return bucket->tokens;
    tokens = bucket->tokens + (double)(now - bucket->at) / (double)SECOND * limiter->rate;
    return tokens < limiter->burst ? tokens : limiter->burst;
}

static size_t set_of(const struct limiter *limiter, struct name name)
{
    uint64_t mixed = (name.high ^ limiter->secret[0]) * UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ (mixed >> 29) ^ name.low ^ limiter->secret[1]) * UINT64_C(0xBF58476D1CE4E5B9);
    return (size_t)(mixed >> 48) % SETS;
}

static struct name name_of_peer(struct str peer)
{
    struct name name = { 0, 0 };
    struct in6_addr six;
    struct in_addr four;
    char text[INET6_ADDRSTRLEN];

    if (peer.len == 0 || peer.len >= sizeof(text))
        return name;
    memcpy(text, peer.at, peer.len);
    text[peer.len] = '\0';
    if (inet_pton(AF_INET, text, &four) == 1) {
        name.low = UINT64_C(0xFFFF00000000) | four.s_addr; /* no /64 that is ever given out */
    } else if (inet_pton(AF_INET6, text, &six) == 1) {
        if (IN6_IS_ADDR_V4MAPPED(&six)) {
            memcpy(&four, six.s6_addr + 12, sizeof(four));
            name.low = UINT64_C(0xFFFF00000000) | four.s_addr;
        } else {
            memcpy(&name.high, six.s6_addr, sizeof(name.high));
        }
    }
    return name;
}

static int64_t whole_seconds(double seconds)
{
    int64_t whole = (int64_t)seconds;

    if (seconds > (double)whole)
        whole++;
    return whole > 0 ? whole : 1;
}

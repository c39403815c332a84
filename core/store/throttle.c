/* Throttle: rows of `throttles`. */
#include "store/throttle.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/query.h"

#include <arpa/inet.h>

enum { FREE_OF_ACCOUNT = 10, FREE_OF_PEER = 50, LONGEST_PAUSE = 15 * 60 };

static struct str account_key(struct tx *tx, struct str account);
static struct str peer_key(struct tx *tx);
static struct str hashed(struct tx *tx, struct str text);
static int64_t blocked_until(struct tx *tx, struct str key);
static void count_failure(struct tx *tx, struct str key, int free_ones);

enum status throttle_check(struct tx *tx, struct str account)
{
    int64_t until = blocked_until(tx, peer_key(tx));
    int64_t of_account = str_is_absent(account) ? 0 : blocked_until(tx, account_key(tx, account));

    if (of_account > until)
        until = of_account;
    if (until <= tx_now(tx))
        return tx_status(tx);
    tx_fail(tx, ST_TOO_MANY, "too_many_attempts",
            "Too many attempts failed: wait a moment, then try again.");
    tx->failure.retry_after = (until - tx_now(tx) + CLOCK_SECOND - 1) / CLOCK_SECOND;
    return tx_status(tx);
}

void throttle_fail(struct tx *tx, struct str account)
{
    if (!str_is_absent(account))
        count_failure(tx, account_key(tx, account), FREE_OF_ACCOUNT);
    count_failure(tx, peer_key(tx), FREE_OF_PEER);
}

void throttle_clear(struct tx *tx, struct str account)
{
    query_run(tx, "DELETE FROM throttles WHERE key = $1", ARGS(arg_text(account_key(tx, account))));
}

size_t throttle_sweep(struct tx *tx)
{
    return (size_t)query_run(tx,
                             "DELETE FROM throttles WHERE key IN (SELECT key FROM throttles WHERE "
                             "updated_at < $1 LIMIT 500)",
                             ARGS(arg_int(tx_now(tx) - CLOCK_DAY)));
}

static struct str account_key(struct tx *tx, struct str account)
{
    return hashed(
        tx, str_printf(tx->arena, "account:%lld:%.*s", (long long)tx->workspace, STR_ARG(account)));
}

static struct str peer_key(struct tx *tx)
{
    struct in6_addr address;
    const char *text = str_copy(tx->arena, tx->peer).at;

    if (text && inet_pton(AF_INET6, text, &address) == 1)
        return hashed(tx, str_concat(tx->arena, STR("address:"),
                                     bytes_to_hex(tx->arena, address.s6_addr, 8)));
    return hashed(tx, str_concat(tx->arena, STR("address:"), tx->peer));
}

static struct str hashed(struct tx *tx, struct str text)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(text, hash);
    return bytes_to_hex(tx->arena, hash, 16);
}

static int64_t blocked_until(struct tx *tx, struct str key)
{
    return query_one_int(tx, 0, "SELECT blocked_until FROM throttles WHERE key = $1",
                         ARGS(arg_text(key)));
}

static void count_failure(struct tx *tx, struct str key, int free_ones)
{
    int64_t now = tx_now(tx);
    int64_t failures =
        1 + query_one_int(tx, 0,
                          "SELECT failures FROM throttles WHERE key = $1 AND updated_at > $2",
                          ARGS(arg_text(key), arg_int(now - CLOCK_DAY)));
    int64_t beyond = failures - free_ones, pause = 0;

    if (beyond >= 0)
        pause = beyond < 10 ? INT64_C(1) << beyond : LONGEST_PAUSE;
    if (pause > LONGEST_PAUSE)
        pause = LONGEST_PAUSE;
    query_run(
        tx,
        "INSERT INTO throttles (key, failures, blocked_until, updated_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (key) DO UPDATE SET failures = $2, blocked_until = $3, updated_at = $4",
        /* not `now`: whoever reads began a little earlier than the writer, and would wait for it */
        ARGS(arg_text(key), arg_int(failures), arg_int(pause > 0 ? now + pause * CLOCK_SECOND : 0),
             arg_int(now)));
}

/* Crypto: the few primitives that Foyer uses, by libsodium, with Foyer's own costs.
 *
 * Argon2id costs stand against OWASP's floor for it (Password Storage Cheat Sheet:
 * 19 MiB and 2 passes, or 46 MiB and 1): interactive is 64 MiB and 2 passes,
 * libsodium's own value; moderate is 64 MiB and 3 passes, because libsodium's
 * moderate (256 MiB) lets a few sign-ins at a time fill a small machine.
 */
#include "base/crypto.h"

#include "base/check.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

_Static_assert(CRYPTO_HASH == crypto_hash_sha256_BYTES, "sha256");
_Static_assert(CRYPTO_KEY == crypto_auth_hmacsha256_KEYBYTES, "hmac");
_Static_assert(CRYPTO_PASSWORD_TEXT == crypto_pwhash_STRBYTES, "argon2id");

struct cost {
    unsigned long long passes;
    size_t memory;
    const char *dummy;
};

/* The dummies' salt and hash are zeroes: to find a password for one is to invert argon2id. */
#define DUMMY(m, t)                                                                                \
    "$argon2id$v=19$m=" m ",t=" t ",p=1$AAAAAAAAAAAAAAAAAAAAAA"                                    \
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct cost costs[] = {
    [CRYPTO_COST_MINIMAL] = { 1, 8 * 1024, DUMMY("8", "1") },
    [CRYPTO_COST_INTERACTIVE] = { 2, 64 * 1024 * 1024, DUMMY("65536", "2") },
    [CRYPTO_COST_MODERATE] = { 3, 64 * 1024 * 1024, DUMMY("65536", "3") },
};

static _Atomic uint64_t runs;
static struct {
    bool is_fixed;
    uint8_t seed[CRYPTO_KEY];
    uint64_t drawn;
} fixed;

static const unsigned char *bytes_of(struct str s);
static const struct cost *cost_of(enum crypto_cost cost);
static bool whole_text(const char *hash, char text[CRYPTO_PASSWORD_TEXT]);

void crypto_start(void)
{
    NEVER(sodium_init() < 0);
}

void crypto_random(void *out, size_t len)
{
    uint8_t seed[CRYPTO_KEY];

    if (!fixed.is_fixed) {
        randombytes_buf(out, len);
        return;
    }
    _Static_assert(CRYPTO_KEY == randombytes_SEEDBYTES, "seed");
    crypto_hmac_sha256(fixed.seed,
                       (struct str){ .at = (const char *)&fixed.drawn, .len = sizeof(fixed.drawn) },
                       seed);
    fixed.drawn++;
    randombytes_buf_deterministic(out, len, seed);
}

uint64_t crypto_fixed_count(void)
{
    return fixed.is_fixed ? fixed.drawn : 0;
}

void crypto_fix(const uint8_t seed[CRYPTO_KEY])
{
    fixed.is_fixed = seed != NULL;
    fixed.drawn = 0;
    if (seed)
        memcpy(fixed.seed, seed, sizeof(fixed.seed));
}

void crypto_sha256(struct str message, uint8_t out[CRYPTO_HASH])
{
    crypto_hash_sha256(out, bytes_of(message), message.len);
}

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct crypto_sha256), "room");

void crypto_sha256_begin(struct crypto_sha256 *sha)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)sha->state);
}

void crypto_sha256_put(struct crypto_sha256 *sha, const void *at, size_t len)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)sha->state, at, len);
}

void crypto_sha256_end(struct crypto_sha256 *sha, uint8_t out[CRYPTO_HASH])
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)sha->state, out);
}

void crypto_hmac_sha256(const uint8_t key[CRYPTO_KEY], struct str message, uint8_t out[CRYPTO_HASH])
{
    crypto_auth_hmacsha256(out, bytes_of(message), message.len, key);
}

void crypto_hmac_sha256_by(struct str key, struct str message, uint8_t out[CRYPTO_HASH])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.len);
    crypto_auth_hmacsha256_update(&state, bytes_of(message), message.len);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

uint64_t crypto_siphash(const uint8_t secret[16], struct str message)
{
    uint64_t hash;

    _Static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8, "siphash");
    crypto_shorthash((unsigned char *)&hash, bytes_of(message), message.len, secret);
    return hash;
}

_Static_assert(CRYPTO_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   CRYPTO_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
                   CRYPTO_SEAL == CRYPTO_NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "xchacha20poly1305");

void crypto_seal(const uint8_t key[CRYPTO_KEY], const uint8_t nonce[CRYPTO_NONCE],
                 struct str message, struct str bound, uint8_t *out)
{
    memcpy(out, nonce, CRYPTO_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + CRYPTO_NONCE, NULL, bytes_of(message),
                                               message.len, bytes_of(bound), bound.len, NULL, nonce,
                                               key);
}

bool crypto_open(const uint8_t key[CRYPTO_KEY], struct str sealed, struct str bound, void *out)
{
    if (sealed.len < CRYPTO_SEAL)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, bytes_of(sealed) + CRYPTO_NONCE, sealed.len - CRYPTO_NONCE,
               bytes_of(bound), bound.len, bytes_of(sealed), key) == 0;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void crypto_wipe(void *at, size_t len)
{
    sodium_memzero(at, len);
}

bool crypto_password_hash(struct str password, enum crypto_cost cost,
                          char out[CRYPTO_PASSWORD_TEXT])
{
    const struct cost *c = cost_of(cost);

    atomic_fetch_add_explicit(&runs, 1, memory_order_relaxed);
    return crypto_pwhash_str_alg(out, password.at ? password.at : "", password.len, c->passes,
                                 c->memory, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool crypto_password_verify(struct str password, const char *hash)
{
    char text[CRYPTO_PASSWORD_TEXT];

    if (!whole_text(hash, text))
        return false;
    atomic_fetch_add_explicit(&runs, 1, memory_order_relaxed);
    return crypto_pwhash_str_verify(text, password.at ? password.at : "", password.len) == 0;
}

bool crypto_password_needs_rehash(const char *hash, enum crypto_cost cost)
{
    const struct cost *c = cost_of(cost);
    char text[CRYPTO_PASSWORD_TEXT];

    return !whole_text(hash, text) ||
           crypto_pwhash_str_needs_rehash(text, c->passes, c->memory) != 0;
}

const char *crypto_password_dummy(enum crypto_cost cost)
{
    return cost_of(cost)->dummy;
}

uint64_t crypto_password_runs(void)
{
    return atomic_load_explicit(&runs, memory_order_relaxed);
}

static const unsigned char *bytes_of(struct str s)
{
    return (const unsigned char *)(s.at ? s.at : "");
}

static const struct cost *cost_of(enum crypto_cost cost)
{
    PRE((size_t)cost < sizeof costs / sizeof costs[0]);
    return &costs[cost];
}

/* libsodium may read all of CRYPTO_PASSWORD_TEXT; a stored text is as long as it is. False: no hash
 * is so long. */
static bool whole_text(const char *hash, char text[CRYPTO_PASSWORD_TEXT])
{
    size_t len = strlen(hash);

    if (len >= CRYPTO_PASSWORD_TEXT)
        return false;
    memset(text, 0, CRYPTO_PASSWORD_TEXT);
    memcpy(text, hash, len);
    return true;
}

/* Crypto: known answers, and what passwords cost and do. */
#include "harness.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/crypto.h"

#include <string.h>

static const char *hex(const void *at, size_t len)
{
    static struct arena arena;

    if (arena.ceiling == 0)
        arena_init(&arena, 100000);
    return bytes_to_hex(&arena, at, len).at;
}

TEST(sha256_answers_as_published)
{
    uint8_t out[CRYPTO_HASH];

    /* FIPS 180-2, B.1, and the empty message */
    crypto_sha256(STR("abc"), out);
    CHECK_STR(hex(out, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256(STR_NONE, out);
    CHECK_STR(hex(out, 32), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(hmac_sha256_answers_as_published)
{
    uint8_t key[CRYPTO_KEY] = { 0 }, out[CRYPTO_HASH];

    /* RFC 4231, 4.3: shorter keys are the same as keys with zeroes behind */
    memcpy(key, "Jefe", 4);
    crypto_hmac_sha256(key, STR("what do ya want for nothing?"), out);
    CHECK_STR(hex(out, 32), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(siphash_answers_as_published)
{
    uint8_t key[16];
    char message[15];
    uint64_t hash;

    /* the reference vector: key 00..0f, message 00..0e */
    for (int i = 0; i < 16; i++)
        key[i] = (uint8_t)i;
    for (int i = 0; i < 15; i++)
        message[i] = (char)i;
    hash = crypto_siphash(key, str_slice(message, 15));
    CHECK(hash == UINT64_C(0xa129ca6149be45e5));
}

TEST(random_bytes_differ)
{
    uint8_t a[32], b[32];

    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    CHECK(!crypto_equal(a, b, sizeof a));
    crypto_wipe(a, sizeof a);
    for (size_t i = 0; i < sizeof a; i++)
        CHECK_INT(a[i], 0);
}

TEST(a_password_fits_its_hash_alone)
{
    char hash[CRYPTO_PASSWORD_TEXT], again[CRYPTO_PASSWORD_TEXT];

    CHECK(crypto_password_hash(STR("correct horse"), CRYPTO_COST_MINIMAL, hash));
    CHECK(str_starts(str_from(hash), STR("$argon2id$v=19$m=8,t=1,p=1$")));
    CHECK(crypto_password_verify(STR("correct horse"), hash));
    CHECK(!crypto_password_verify(STR("correct horse "), hash));
    CHECK(!crypto_password_verify(STR("correct\0horse"), hash));
    CHECK(!crypto_password_verify(STR(""), hash));
    CHECK(!crypto_password_verify(STR_NONE, hash));
    CHECK(crypto_password_hash(STR("correct horse"), CRYPTO_COST_MINIMAL, again));
    CHECK(strcmp(hash, again) != 0);
}

TEST(a_broken_hash_fits_nothing)
{
    CHECK(!crypto_password_verify(STR("x"), ""));
    CHECK(!crypto_password_verify(STR("x"), "x"));
    CHECK(!crypto_password_verify(STR(""), "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"));
    CHECK(crypto_password_needs_rehash("x", CRYPTO_COST_MINIMAL));
}

TEST(a_hash_of_another_cost_needs_rehash)
{
    char hash[CRYPTO_PASSWORD_TEXT];

    CHECK(crypto_password_hash(STR("correct horse"), CRYPTO_COST_MINIMAL, hash));
    CHECK(!crypto_password_needs_rehash(hash, CRYPTO_COST_MINIMAL));
    CHECK(crypto_password_needs_rehash(hash, CRYPTO_COST_INTERACTIVE));
    CHECK(crypto_password_needs_rehash(hash, CRYPTO_COST_MODERATE));
}

/* The dummy costs what a real one costs, and is read by the same code up to the end. */
TEST(a_dummy_has_its_cost_and_fits_no_password)
{
    CHECK(!crypto_password_verify(STR(""), crypto_password_dummy(CRYPTO_COST_MINIMAL)));
    for (int cost = CRYPTO_COST_MINIMAL; cost <= CRYPTO_COST_MODERATE; cost++)
        for (int other = CRYPTO_COST_MINIMAL; other <= CRYPTO_COST_MODERATE; other++)
            CHECK(crypto_password_needs_rehash(crypto_password_dummy((enum crypto_cost)cost),
                                               (enum crypto_cost)other) == (cost != other));
}

TEST(costs_for_people_are_above_the_floor)
{
    char hash[CRYPTO_PASSWORD_TEXT];

    CHECK(crypto_password_hash(STR("x"), CRYPTO_COST_INTERACTIVE, hash));
    CHECK(str_starts(str_from(hash), STR("$argon2id$v=19$m=65536,t=2,p=1$")));
    CHECK(crypto_password_hash(STR("x"), CRYPTO_COST_MODERATE, hash));
    CHECK(str_starts(str_from(hash), STR("$argon2id$v=19$m=65536,t=3,p=1$")));
    CHECK_INT(strlen(crypto_password_dummy(CRYPTO_COST_MODERATE)), strlen(hash));
    EXPECT_ABORT(crypto_password_dummy((enum crypto_cost)3));
}

TEST(what_is_sealed_opens_with_its_key_and_place_alone)
{
    uint8_t key[CRYPTO_KEY] = { 1 }, other[CRYPTO_KEY] = { 2 }, nonce[CRYPTO_NONCE] = { 3 };
    uint8_t sealed[5 + CRYPTO_SEAL];
    struct str text = { .at = (const char *)sealed, .len = sizeof(sealed) };
    char opened[5];

    crypto_seal(key, nonce, STR("hello"), STR("a place"), sealed);
    CHECK(crypto_open(key, text, STR("a place"), opened));
    CHECK_STR(str_slice(opened, 5), "hello");
    CHECK(!crypto_open(other, text, STR("a place"), opened));
    CHECK(!crypto_open(key, text, STR("another"), opened));
    CHECK(!crypto_open(key, str_slice(text.at, CRYPTO_SEAL - 1), STR("a place"), opened));
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 1;
        CHECK(!crypto_open(key, text, STR("a place"), opened));
        sealed[i] ^= 1;
    }
}

/* Crypto: random bytes, hashes, HMAC, password hashes; all by libsodium.
 *
 * crypto_start is called once before anything else here. Everything else: any
 * thread. crypto_password_* takes tens of milliseconds and runs on workers only.
 */
#ifndef FOYER_BASE_CRYPTO_H
#define FOYER_BASE_CRYPTO_H

#include "base/str.h"

enum { CRYPTO_HASH = 32, CRYPTO_KEY = 32, CRYPTO_PASSWORD_TEXT = 128 };
enum { CRYPTO_NONCE = 24, CRYPTO_SEAL = CRYPTO_NONCE + 16 }; /* what sealing adds */

void crypto_start(void);
void crypto_random(void *out, size_t len);
/* From now on crypto_random draws the same bytes as after every other call with this seed; NULL: at random again.
 * For tests of scripts, while no thread but the caller's draws. */
void crypto_fix(const uint8_t seed[CRYPTO_KEY]);
/* How often it drew since then; 0: it is not fixed. */
uint64_t crypto_fixed_count(void);
void crypto_sha256(struct str message, uint8_t out[CRYPTO_HASH]);
/* The same of a message that comes in pieces. */
struct crypto_sha256 {
    _Alignas(16) uint8_t state[128];
};
void crypto_sha256_begin(struct crypto_sha256 *sha);
void crypto_sha256_put(struct crypto_sha256 *sha, const void *at, size_t len);
void crypto_sha256_end(struct crypto_sha256 *sha, uint8_t out[CRYPTO_HASH]);
void crypto_hmac_sha256(const uint8_t key[CRYPTO_KEY], struct str message,
                        uint8_t out[CRYPTO_HASH]);
/* The same with a key of any length. */
void crypto_hmac_sha256_by(struct str key, struct str message, uint8_t out[CRYPTO_HASH]);
/* SipHash-2-4: for hash tables whose keys a peer may choose. */
uint64_t crypto_siphash(const uint8_t secret[16], struct str message);
/* Seals a message (XChaCha20-Poly1305): out gets message.len + CRYPTO_SEAL bytes, the nonce first. What it is bound
 * to must be given again to open it. A nonce is random, and used once. */
void crypto_seal(const uint8_t key[CRYPTO_KEY], const uint8_t nonce[CRYPTO_NONCE],
                 struct str message, struct str bound, uint8_t *out);
/* False: altered, bound to something else, or of another key. out gets sealed.len - CRYPTO_SEAL bytes. */
bool crypto_open(const uint8_t key[CRYPTO_KEY], struct str sealed, struct str bound, void *out);
bool crypto_equal(const void *a, const void *b, size_t len); /* in constant time */
void crypto_wipe(void *at, size_t len);

/* Cost of argon2id; the minimal one exists for tests, and serve refuses it outside of them. */
enum crypto_cost { CRYPTO_COST_MINIMAL, CRYPTO_COST_INTERACTIVE, CRYPTO_COST_MODERATE };
/* Writes a self-describing NUL-terminated text. False: the machine has no memory for it now. */
bool crypto_password_hash(struct str password, enum crypto_cost cost,
                          char out[CRYPTO_PASSWORD_TEXT]);
/* False also where the machine has no memory for it now: libsodium does not tell the two apart. */
bool crypto_password_verify(struct str password, const char *hash);
bool crypto_password_needs_rehash(const char *hash, enum crypto_cost cost);
/* A hash of that cost that no password fits: what an unknown address is checked against, so that
 * known and unknown cost the same. */
const char *crypto_password_dummy(enum crypto_cost cost);
/* How often argon2id has run in this process, to hash or to verify: for /metrics, and for the tests
 * that compare the known with the unknown. */
uint64_t crypto_password_runs(void);

#endif

/* Digest: the same on every machine, another for every text. */
#include "harness.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/digest.h"

#include <string.h>

TEST(digests_tell_texts_apart)
{
    uint8_t a[DIGEST], b[DIGEST];

    digest128(STR("one"), a);
    digest128(STR("two"), b);
    CHECK(memcmp(a, b, DIGEST) != 0);
    digest128(STR("one"), b);
    CHECK(memcmp(a, b, DIGEST) == 0);
}

/* An ETag outlives the server that gave it: the reference value of XXH3 for nothing. */
TEST(digests_are_those_of_the_standard)
{
    uint8_t digest[DIGEST];
    struct arena arena;

    arena_init(&arena, 4096);
    digest128(STR(""), digest);
    CHECK(str_is(bytes_to_hex(&arena, digest, DIGEST), "99aa06d3014798d86001c324468d497f"));
    arena_fini(&arena);
}

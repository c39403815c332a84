/* Digest: XXH3 in its canonical order of bytes. */
#include "base/digest.h"

#include <string.h>
#include <xxhash.h>

_Static_assert(sizeof(XXH128_canonical_t) == DIGEST, "canonical");

void digest128(struct str text, uint8_t out[DIGEST])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(text.at, text.len));
    memcpy(out, canonical.digest, DIGEST);
}

/* Bytes: hex, base64url and big-endian numbers. No secrets are compared here: crypto.h does. */
#ifndef FOYER_BASE_BYTES_H
#define FOYER_BASE_BYTES_H

#include "base/str.h"

struct arena;

struct str bytes_to_hex(struct arena *arena, const void *at, size_t len);
struct str bytes_to_base64url(struct arena *arena, const void *at, size_t len); /* no padding */
struct str bytes_to_base64(struct arena *arena, const void *at, size_t len);    /* with padding */
/* Exactly `len` bytes must come out of the text; false leaves out undefined. */
bool bytes_from_hex(struct str text, void *out, size_t len);
bool bytes_from_base64url(struct str text, void *out, size_t len);

void bytes_put_u64(uint8_t out[8], uint64_t number);
uint64_t bytes_get_u64(const uint8_t in[8]);
void bytes_put_u32(uint8_t out[4], uint32_t number);
uint32_t bytes_get_u32(const uint8_t in[4]);

#endif

/* Bind crypto: foyer.crypto, hashes and their texts. */
#include "base/crypto.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/secret.h"
#include "store/tx.h"

#include <lauxlib.h>
#include <string.h>

enum { RANDOM_MAX = 256, TEXT_MAX = 512 * 1024 };

static struct str read_key(lua_State *L, int index);
static void forget_key(lua_State *L, int index, struct str key);
static struct str read_bytes(lua_State *L, int index);
static int push_hex(lua_State *L, const void *at, size_t len);

int bind_crypto_sha256(lua_State *L)
{
    uint8_t hash[CRYPTO_HASH];

    crypto_sha256(read_bytes(L, 1), hash);
    return push_hex(L, hash, sizeof(hash));
}

int bind_crypto_hmac(lua_State *L)
{
    struct str text = read_bytes(L, 2), key = read_key(L, 1);
    uint8_t hash[CRYPTO_HASH];

    crypto_hmac_sha256_by(key, text, hash);
    forget_key(L, 1, key);
    return push_hex(L, hash, sizeof(hash));
}

int bind_crypto_hex(lua_State *L)
{
    struct str bytes = read_bytes(L, 1);

    return push_hex(L, bytes.at, bytes.len);
}

int bind_crypto_unhex(lua_State *L)
{
    struct arena_mark mark = arena_mark(script_scratch(L));
    struct str text = read_bytes(L, 1);
    char *out = arena_alloc(script_scratch(L), text.len / 2 + 1);

    if (bytes_from_hex(text, out, text.len / 2))
        lua_pushlstring(L, out, text.len / 2);
    else
        lua_pushnil(L);
    arena_rewind(script_scratch(L), mark);
    return 1;
}

int bind_crypto_base64(lua_State *L)
{
    struct arena *scratch = script_scratch(L);
    struct arena_mark mark = arena_mark(scratch);
    struct str bytes = read_bytes(L, 1),
               text = lua_toboolean(L, 2) ? bytes_to_base64url(scratch, bytes.at, bytes.len)
                                          : bytes_to_base64(scratch, bytes.at, bytes.len);

    lua_pushlstring(L, text.at, text.len);
    arena_rewind(scratch, mark);
    return 1;
}

/* Both alphabets, with padding or without. */
int bind_crypto_unbase64(lua_State *L)
{
    struct arena_mark mark = arena_mark(script_scratch(L));
    struct str text = read_bytes(L, 1);
    char *url = arena_alloc(script_scratch(L), text.len + 1), *out;
    size_t len = text.len, size;

    for (int pads = 0; pads < 2 && text.len % 4 == 0 && len > 0 && text.at[len - 1] == '='; pads++)
        len--;
    for (size_t i = 0; i < len; i++)
        url[i] = text.at[i] == '+' ? '-' : text.at[i] == '/' ? '_' : text.at[i];
    size = len * 3 / 4;
    out = arena_alloc(script_scratch(L), size + 1);
    if (bytes_from_base64url(str_slice(url, len), out, size))
        lua_pushlstring(L, out, size);
    else
        lua_pushnil(L);
    arena_rewind(script_scratch(L), mark);
    return 1;
}

int bind_crypto_equal(lua_State *L)
{
    struct str a = read_key(L, 1), b = read_key(L, 2);
    bool is_same = a.len == b.len && crypto_equal(a.at, b.at, a.len);

    forget_key(L, 1, a);
    forget_key(L, 2, b);
    lua_pushboolean(L, is_same);
    return 1;
}

int bind_crypto_random(lua_State *L)
{
    lua_Integer count = lua_tointeger(L, 1);
    char bytes[RANDOM_MAX];

    luaL_argcheck(L, count >= 1 && count <= RANDOM_MAX, 1, "1 to 256 bytes expected");
    tx_random(call_of(L)->tx, bytes, (size_t)count);
    lua_pushlstring(L, bytes, (size_t)count);
    return 1;
}

/* A secret becomes its text, in the scratch arena: forget_key. */
static struct str read_key(lua_State *L, int index)
{
    if (!secret_is(L, index))
        return read_bytes(L, index);
    script_charge(L, 100);
    return secret_text(L, index, script_scratch(L));
}

static void forget_key(lua_State *L, int index, struct str key)
{
    if (secret_is(L, index))
        crypto_wipe((char *)(uintptr_t)key.at, key.len);
}

static struct str read_bytes(lua_State *L, int index)
{
    struct str bytes = api_text(L, index);

    luaL_argcheck(L, bytes.len <= TEXT_MAX, index, "at most 512 KiB expected");
    script_charge(L, bytes.len / 8 + 1);
    return bytes;
}

static int push_hex(lua_State *L, const void *at, size_t len)
{
    struct arena *scratch = script_scratch(L);
    struct arena_mark mark = arena_mark(scratch);
    struct str text = bytes_to_hex(scratch, at, len);

    lua_pushlstring(L, text.at, text.len);
    arena_rewind(scratch, mark);
    return 1;
}

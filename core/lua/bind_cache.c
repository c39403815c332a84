/* Bind cache: foyer.cache, values in memory for a while (plugin/cache.h). */
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/value.h"
#include "plugin/cache.h"
#include "store/tx.h"

#include <lauxlib.h>

/* Seconds. */
#define TTL_USUAL 3600.0
#define TTL_MAX   604800.0

static struct cache_place place_of(lua_State *L);
static struct str read_key(lua_State *L, int index);
static int64_t read_expiry(lua_State *L, int index);

int bind_cache_get(lua_State *L)
{
    struct cache_place place = place_of(L);
    struct call *call = call_of(L);
    struct str json = cache_get(call->tx, &place, read_key(L, 1)), reason;
    struct value value = value_nil();

    if (!str_is_absent(json)) {
        script_charge(L, json.len / 16);
        reason = value_from_json(json, call->arena, &value);
        if (!str_is_absent(reason))
            return luaL_error(L, "foyer.cache.get: %s", reason.at);
    }
    value_push(L, &value, 0);
    return 1;
}

int bind_cache_set(lua_State *L)
{
    struct cache_place place = place_of(L);
    const struct cache_change change = { .kind = CACHE_SET,
                                         .key = read_key(L, 1),
                                         .value = api_json(L, 2, call_of(L)->arena, CACHE_VALUE_MAX,
                                                           "foyer.cache.delete"),
                                         .expires_at = read_expiry(L, 3) };
    int64_t unused;

    cache_change(call_of(L)->tx, &place, &change, &unused);
    return 0;
}

int bind_cache_delete(lua_State *L)
{
    struct cache_place place = place_of(L);
    const struct cache_change change = { .kind = CACHE_DELETE, .key = read_key(L, 1) };
    int64_t unused;

    cache_change(call_of(L)->tx, &place, &change, &unused);
    return 0;
}

int bind_cache_add(lua_State *L)
{
    struct cache_place place = place_of(L);
    const struct cache_change change = { .kind = CACHE_ADD,
                                         .key = read_key(L, 1),
                                         .number = lua_isnoneornil(L, 2) ? 1 : lua_tointeger(L, 2),
                                         .expires_at = read_expiry(L, 3) };
    int64_t sum;

    if (!cache_change(call_of(L)->tx, &place, &change, &sum))
        return luaL_error(L, "foyer.cache.add: what is there is no whole number, or becomes too "
                             "large");
    lua_pushinteger(L, sum);
    return 1;
}

static struct cache_place place_of(lua_State *L)
{
    script_charge(L, 20);
    return cache_place(call_of(L)->tx, instance_of(L)->plugin);
}

static struct str read_key(lua_State *L, int index)
{
    struct str key = api_text(L, index);

    luaL_argcheck(L, key.len > 0 && key.len <= CACHE_KEY_MAX, index, "1 to 200 bytes expected");
    return key;
}

/* { ttl = seconds } */
static int64_t read_expiry(lua_State *L, int index)
{
    lua_Number ttl = TTL_USUAL;

    if (lua_istable(L, index)) {
        if (lua_getfield(L, index, "ttl") != LUA_TNIL) {
            ttl = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
            luaL_argcheck(L, ttl > 0 && ttl <= TTL_MAX, index,
                          "ttl must be seconds, more than 0 and at most a week");
        }
        lua_pop(L, 1);
    }
    return tx_now(call_of(L)->tx) + (int64_t)(ttl * (lua_Number)CLOCK_SECOND);
}

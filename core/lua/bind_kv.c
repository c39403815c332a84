/* Bind kv: foyer.kv, the entries of the plugin in the workspace of the transaction. */
#include "base/buf.h"
#include "base/clock.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/value.h"
#include "store/kv.h"

#include <lauxlib.h>

enum { LIST_USUAL = 100 };

/* Seconds: ten years. */
#define TTL_MAX 315360000.0

static struct tx *tx_of(lua_State *L);
static struct str read_key(lua_State *L, int index);
static void read_options(lua_State *L, int index, struct kv_wish *wish);
static lua_Integer read_count(lua_State *L, int index, const char *name, lua_Integer usual,
                              lua_Integer least, lua_Integer most);
static void push_value(lua_State *L, struct str json);
static void settle(lua_State *L, struct tx *tx);

int bind_kv_get(lua_State *L)
{
    struct tx *tx = tx_of(L);
    struct kv_entry entry;

    if (!kv_get(tx, instance_of(L)->plugin->id, read_key(L, 1), &entry)) {
        settle(L, tx);
        lua_pushnil(L);
        return 1;
    }
    push_value(L, entry.value);
    lua_pushinteger(L, entry.version);
    return 2;
}

int bind_kv_set(lua_State *L)
{
    struct tx *tx = tx_of(L);
    struct kv_wish wish = { .plugin = instance_of(L)->plugin->id };
    struct failure failure = { 0 };
    int64_t version;

    wish.key = str_copy(tx->arena, read_key(L, 1));
    wish.value = api_json(L, 2, tx->arena, KV_VALUE_MAX, "foyer.kv.delete");
    read_options(L, 3, &wish);
    if (tx->kept) {
        version = kv_set(tx, &wish);
    } else {
        tx_item_begin(tx);
        version = kv_set(tx, &wish);
        if (tx_item_end(tx, &failure) != ST_OK)
            return luaL_error(L, "foyer.kv.set: %s", failure.message.at);
    }
    settle(L, tx);
    if (version)
        lua_pushinteger(L, version);
    else
        lua_pushnil(L);
    return 1;
}

int bind_kv_delete(lua_State *L)
{
    struct tx *tx = tx_of(L);
    struct kv_wish wish = { .plugin = instance_of(L)->plugin->id, .key = read_key(L, 1) };
    bool is_deleted;

    read_options(L, 2, &wish);
    is_deleted = kv_delete(tx, &wish);
    settle(L, tx);
    lua_pushboolean(L, is_deleted);
    return 1;
}

int bind_kv_list(lua_State *L)
{
    struct tx *tx = tx_of(L);
    struct str prefix = api_copy_text(L, 1), after = STR_NONE;
    lua_Integer most = read_count(L, 2, "limit", LIST_USUAL, 1, KV_LIST_MAX);
    struct kv_entry *entries;
    size_t count;

    if (lua_istable(L, 2) && lua_getfield(L, 2, "after") != LUA_TNIL) {
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "after must be a key");
        after = api_copy_text(L, -1);
    }
    count = kv_list(tx, instance_of(L)->plugin->id, prefix, after, (size_t)most, &entries);
    settle(L, tx);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 3);
        lua_pushlstring(L, entries[i].key.at, entries[i].key.len);
        lua_setfield(L, -2, "key");
        push_value(L, entries[i].value);
        lua_setfield(L, -2, "value");
        lua_pushinteger(L, entries[i].version);
        lua_setfield(L, -2, "version");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* Tests of filters have entries of their own and no database. */
static struct tx *tx_of(lua_State *L)
{
    struct tx *tx = call_of(L)->tx;

    if (!tx->db && !tx->kept)
        luaL_error(L, "foyer.kv is not there: no database is open here");
    return tx;
}

static struct str read_key(lua_State *L, int index)
{
    struct str key = api_text(L, index);

    luaL_argcheck(L, key.len > 0 && key.len <= KV_KEY_MAX, index, "1 to 200 bytes expected");
    luaL_argcheck(L, str_is_utf8(key) && str_is_one_line(key), index, "one line of UTF-8 expected");
    return key;
}

/* { ttl = seconds, version = what it must have } */
static void read_options(lua_State *L, int index, struct kv_wish *wish)
{
    if (!lua_istable(L, index))
        return;
    if (lua_getfield(L, index, "ttl") != LUA_TNIL) {
        luaL_argcheck(L,
                      lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) > 0 &&
                          lua_tonumber(L, -1) <= TTL_MAX,
                      index, "ttl must be seconds, more than 0 and at most ten years");
        wish->expires_at =
            tx_now(call_of(L)->tx) + (int64_t)(lua_tonumber(L, -1) * (lua_Number)CLOCK_SECOND);
    }
    lua_pop(L, 1);
    lua_getfield(L, index, "version");
    wish->is_conditional = !lua_isnil(L, -1);
    lua_pop(L, 1);
    wish->version = read_count(L, index, "version", 0, 0, LUA_MAXINTEGER);
}

static lua_Integer read_count(lua_State *L, int index, const char *name, lua_Integer usual,
                              lua_Integer least, lua_Integer most)
{
    lua_Integer count = usual;

    if (!lua_istable(L, index))
        return usual;
    if (lua_getfield(L, index, name) != LUA_TNIL) {
        count = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : least - 1;
        if (count < least || count > most)
            luaL_argerror(L, index,
                          lua_pushfstring(L, "%s must be a whole number from %I to %I", name,
                                          (LUAI_UACINT)least, (LUAI_UACINT)most));
    }
    lua_pop(L, 1);
    return count;
}

static void push_value(lua_State *L, struct str json)
{
    struct value value;
    struct str reason = value_from_json(json, call_of(L)->arena, &value);

    if (!str_is_absent(reason))
        luaL_error(L, "foyer.kv: %s", reason.at);
    value_push(L, &value, 0);
}

/* A transaction that has failed goes on in vain: the script ends here. */
static void settle(lua_State *L, struct tx *tx)
{
    if (tx_status(tx) != ST_OK)
        luaL_error(L, "foyer.kv: the transaction has failed");
}

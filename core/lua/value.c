/* Value: trees of data pushed to Lua and read from it. JSON is in json.c. */
#include "lua/value.h"

#include "lua/sandbox.h"
#include "lua/secret.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_STEPS = 4 };

const char KEY_ARRAY; /* in the registry: the metatable that marks arrays */

struct reader {
    lua_State *L;
    struct arena *arena;
    size_t nodes;
    size_t bytes;
    struct opened_secrets *opened; /* NULL: there must be none */
    const char *reason;
    struct str path; /* of the culprit, from where the reader stands */
};

struct shape {
    size_t integers;
    size_t names;
    lua_Integer largest;
};

static void push(lua_State *L, const struct value *value, unsigned flags, int depth);
static void push_array(lua_State *L, const struct value *value, unsigned flags, int depth);
static void push_object(lua_State *L, const struct value *value, unsigned flags, int depth);
static bool read_value(struct reader *reader, int index, int depth, struct value *value);
static bool read_secret(struct reader *reader, int index, struct value *value);
static bool read_text(struct reader *reader, int index, struct str *text);
static bool read_table(struct reader *reader, int depth, struct value *value);
static bool measure(struct reader *reader, int table, struct shape *shape);
static bool read_array(struct reader *reader, int table, int depth, size_t count,
                       struct value *value);
static bool read_object(struct reader *reader, int table, int depth, size_t count,
                        struct value *value);
static int compare_members(const void *a, const void *b);

/* ---- Pushing ----------------------------------------------------------------------------------- */

void value_push(struct lua_State *L, const struct value *value, unsigned flags)
{
    push(L, value, flags, 0);
}

static void push(lua_State *L, const struct value *value, unsigned flags, int depth)
{
    if (depth > VALUE_DEPTH)
        luaL_error(L, "data nests deeper than %d", VALUE_DEPTH);
    luaL_checkstack(L, 4, "data");
    script_charge(L, NODE_STEPS);
    switch (value->type) {
    case VALUE_NIL:
        lua_pushnil(L);
        break;
    case VALUE_BOOL:
        lua_pushboolean(L, value->boolean);
        break;
    case VALUE_INTEGER:
        lua_pushinteger(L, value->integer);
        break;
    case VALUE_NUMBER:
        lua_pushnumber(L, value->number);
        break;
    case VALUE_STRING:
        lua_pushlstring(L, value->string.at, value->string.len);
        break;
    case VALUE_ARRAY:
        push_array(L, value, flags, depth);
        break;
    case VALUE_OBJECT:
        push_object(L, value, flags, depth);
        break;
    }
}

static void push_array(lua_State *L, const struct value *value, unsigned flags, int depth)
{
    lua_createtable(L, (int)value->array.count, 0);
    for (size_t i = 0; i < value->array.count; i++) {
        if (value->array.items[i].type == VALUE_NIL)
            lua_pushlightuserdata(L, NULL);
        else
            push(L, &value->array.items[i], flags, depth + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    value_mark_array(L);
}

static void push_object(lua_State *L, const struct value *value, unsigned flags, int depth)
{
    lua_createtable(L, 0, (int)value->object.count);
    for (size_t i = 0; i < value->object.count; i++) {
        const struct value_member *member = &value->object.members[i];
        bool null = member->value.type == VALUE_NIL;

        if (null && !(flags & VALUE_KEEP_NULL))
            continue;
        lua_pushlstring(L, member->name.at, member->name.len);
        if (null)
            lua_pushlightuserdata(L, NULL);
        else
            push(L, &member->value, flags, depth + 1);
        lua_rawset(L, -3);
    }
}

void value_mark_array(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_ARRAY) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_ARRAY);
    }
    lua_setmetatable(L, -2);
}

bool value_is_marked(lua_State *L, int index)
{
    bool marked;

    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_ARRAY);
    marked = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return marked;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

struct str value_read(struct lua_State *L, int index, struct arena *arena, struct value *value)
{
    return value_read_secrets(L, index, arena, value, NULL);
}

struct str value_read_secrets(struct lua_State *L, int index, struct arena *arena,
                              struct value *value, struct opened_secrets *opened)
{
    struct reader reader = { .L = L, .arena = arena, .opened = opened };

    if (!read_value(&reader, lua_absindex(L, index), 0, value)) {
        if (reader.path.len == 0)
            return str_printf(arena, "the value %s", reader.reason);
        return str_printf(arena, "'%.*s' %s", STR_ARG(reader.path), reader.reason);
    }
    if (arena_is_exhausted(arena))
        return str_copy(arena, STR("the value is too large"));
    return STR_NONE;
}

static bool refuse(struct reader *reader, const char *reason)
{
    reader->reason = reason;
    return false;
}

static bool read_value(struct reader *reader, int index, int depth, struct value *value)
{
    lua_State *L = reader->L;
    bool good = true;

    *value = value_nil();
    script_charge(L, NODE_STEPS);
    if (++reader->nodes > VALUE_NODES)
        return refuse(reader, "is one value too many: at most 20000 go together");
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        break;
    case LUA_TBOOLEAN:
        *value = value_bool(lua_toboolean(L, index) != 0);
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            *value = value_integer(lua_tointeger(L, index));
        else if (isfinite(lua_tonumber(L, index)))
            *value = value_number(lua_tonumber(L, index));
        else
            return refuse(reader, "is not a finite number");
        break;
    case LUA_TSTRING:
        value->type = VALUE_STRING;
        return read_text(reader, index, &value->string);
    case LUA_TLIGHTUSERDATA:
        return lua_touserdata(L, index) == NULL || refuse(reader, "is no data");
    case LUA_TTABLE:
        if (depth == VALUE_DEPTH)
            return refuse(reader, "nests deeper than 32 tables, or holds itself");
        luaL_checkstack(L, 8, "data");
        if (!script_push_frozen_content(L, index))
            lua_pushvalue(L, index);
        good = read_table(reader, depth, value);
        lua_pop(L, 1);
        return good;
    case LUA_TFUNCTION:
        return refuse(reader, "is a function");
    case LUA_TUSERDATA:
        if (!secret_is(L, index))
            return refuse(reader, "is no data");
        if (!reader->opened)
            return refuse(reader, "is a secret, which is written down nowhere");
        return read_secret(reader, index, value);
    default:
        return refuse(reader, "is no data");
    }
    return good;
}

static bool read_secret(struct reader *reader, int index, struct value *value)
{
    struct opened_secrets *opened = reader->opened;

    if (opened->count == opened->cap)
        return refuse(reader, "is one secret too many");
    *value = value_string(secret_text(reader->L, index, reader->arena));
    opened->at[opened->count++] = value->string;
    return true;
}

static bool read_text(struct reader *reader, int index, struct str *text)
{
    struct str borrowed;

    borrowed.at = lua_tolstring(reader->L, index, &borrowed.len);
    reader->bytes += borrowed.len;
    if (reader->bytes > VALUE_BYTES)
        return refuse(reader, "is too much text: at most 1 MB goes together");
    script_charge(reader->L, borrowed.len / 16);
    *text = str_copy(reader->arena, borrowed);
    return true;
}

static bool read_table(struct reader *reader, int depth, struct value *value)
{
    int table = lua_gettop(reader->L);
    struct shape shape = { 0 };

    if (!measure(reader, table, &shape))
        return false;
    if (shape.integers > 0 && shape.names > 0)
        return refuse(reader, "mixes numbers and names as keys");
    if (shape.integers != (size_t)shape.largest)
        return refuse(reader, "has holes: an array has the keys 1 to n");
    if (shape.integers > 0 || (shape.names == 0 && value_is_marked(reader->L, table)))
        return read_array(reader, table, depth, shape.integers, value);
    return read_object(reader, table, depth, shape.names, value);
}

static bool measure(struct reader *reader, int table, struct shape *shape)
{
    lua_State *L = reader->L;

    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0) {
            shape->integers++;
            if (lua_tointeger(L, -1) > shape->largest)
                shape->largest = lua_tointeger(L, -1);
        } else if (lua_type(L, -1) == LUA_TSTRING) {
            shape->names += !metatable_is_hidden(L, -1);
        } else {
            lua_pop(L, 1);
            return refuse(reader, "has a key that is neither a name nor 1 to n");
        }
        if (shape->integers + shape->names > VALUE_NODES) {
            lua_pop(L, 1);
            return refuse(reader, "has too many entries: at most 20000 values go together");
        }
    }
    script_charge(L, shape->integers + shape->names);
    return true;
}

static bool read_array(struct reader *reader, int table, int depth, size_t count,
                       struct value *value)
{
    struct value *items = arena_array(reader->arena, struct value, count);

    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(reader->L, table, (lua_Integer)i + 1);
        if (!read_value(reader, lua_gettop(reader->L), depth + 1, &items[i])) {
            reader->path = str_printf(reader->arena, "[%zu]%s%.*s", i + 1,
                                      reader->path.len && reader->path.at[0] != '[' ? "." : "",
                                      STR_ARG(reader->path));
            return false;
        }
        lua_pop(reader->L, 1);
    }
    *value = value_array(items, count);
    return true;
}

static bool read_object(struct reader *reader, int table, int depth, size_t count,
                        struct value *value)
{
    struct value_member *members = arena_array(reader->arena, struct value_member, count);
    lua_State *L = reader->L;
    size_t i = 0;

    lua_pushnil(L);
    while (lua_next(L, table)) {
        int top = lua_gettop(L);

        if (!metatable_is_hidden(L, top - 1)) {
            if (!read_text(reader, top - 1, &members[i].name))
                return false;
            if (!read_value(reader, top, depth + 1, &members[i].value)) {
                reader->path = str_printf(reader->arena, "%.*s%s%.*s", STR_ARG(members[i].name),
                                          reader->path.len && reader->path.at[0] != '[' ? "." : "",
                                          STR_ARG(reader->path));
                return false;
            }
            i++;
        }
        lua_pop(L, 1);
    }
    if (count > 0)
        qsort(members, count, sizeof(*members), compare_members);
    *value = value_object(members, count);
    return true;
}

static int compare_members(const void *a, const void *b)
{
    const struct str *left = &((const struct value_member *)a)->name;
    const struct str *right = &((const struct value_member *)b)->name;
    size_t len = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->at, right->at, len);

    if (order != 0)
        return order;
    return (left->len > right->len) - (left->len < right->len);
}

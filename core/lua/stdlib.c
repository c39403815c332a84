/* Stdlib: the environment of scripts: what is in it, what a missing name says, compiling.
 *
 * Functions are in base.c, coroutine.c, table.c, text.c, patterns_lua.c and require.c.
 */
#include "lua/stdlib.h"

#include "lua/sandbox.h"
#include "lua/source.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_EDITED = 64, KEYS_LOOKED_AT = 500, PIECE = 4096 };

const char KEY_ENV, KEY_NAMES;

/* Names that people know from elsewhere, and what there is instead. */
static const struct {
    const char *name;
    const char *instead;
} absent[] = {
    { "collectgarbage", "memory is looked after" },
    { "debug", "there is no debug library" },
    { "dofile", "use require(\"lib.name\")" },
    { "io", "scripts cannot reach files" },
    { "loadfile", "use require(\"lib.name\")" },
    { "loadstring", "use load" },
    { "module", "return a table from the file" },
    { "os", "scripts cannot reach the system; for time there is require(\"foyer\").time" },
    { "package", "use require(\"lib.name\")" },
    { "print", "use require(\"foyer\").log" },
    { "unpack", "use table.unpack" },
    { "warn", "use require(\"foyer\").log" },
    { "xpcall", "use pcall" },
};

static void name_functions(lua_State *L);
static void open_math(lua_State *L);
static void open_original(lua_State *L, lua_CFunction open);
static int missing_global(lua_State *L);
static int refuse_global(lua_State *L);
static bool is_module(lua_State *L, const char *name);
static size_t edits(struct str a, struct str b);
static void note_refusal(struct script_state *state, const char *message);
static const char *read_piece(lua_State *L, void *data, size_t *size);

struct reader {
    struct str rest;
    bool is_over;
};

void stdlib_open(struct lua_State *L)
{
    static const struct {
        const char *name;
        void (*open)(lua_State *L);
    } parts[] = { { "string", stdlib_open_string },
                  { "table", stdlib_open_table },
                  { "math", open_math },
                  { "coroutine", stdlib_open_coroutine } };

    metatable_open(L);
    stdlib_open_base(L);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        parts[i].open(L);
        script_freeze_table(L, -1);
        lua_setfield(L, -2, parts[i].name);
    }
    open_original(L, luaopen_utf8);
    stdlib_charge(L, (const char *const[]){ "char", "codepoint", "len", "offset", NULL });
    script_freeze_table(L, -1);
    lua_setfield(L, -2, "utf8");
    stdlib_open_require(L);

    /* names is the content; the environment that scripts see is an empty table before it */
    lua_newtable(L);
    lua_pushcfunction(L, missing_global);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_global);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -3);
    lua_rawsetp(L, -2, &KEY_FROZEN);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "_G");
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_ENV);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_NAMES);
    name_functions(L);
}

/* Lua looks there for what to call a function in "bad argument #1 to 'string.rep'". names is at the
 * top, and is taken. */
static void name_functions(lua_State *L)
{
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        if (script_push_frozen_content(L, -1)) {
            lua_pushvalue(L, -3);
            lua_insert(L, -2);
            lua_rawset(L, -5);
        }
        lua_pop(L, 1);
    }
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "_G");
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pop(L, 1);
}

static void open_original(lua_State *L, lua_CFunction open)
{
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
}

static void open_math(lua_State *L)
{
    static const char *const gone[] = { "random", "randomseed" };

    open_original(L, luaopen_math);
    for (size_t i = 0; i < 2; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, gone[i]);
    }
}

void stdlib_push_env(struct lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_ENV);
}

void stdlib_push_name(struct lua_State *L, struct str name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_NAMES);
    lua_pushlstring(L, name.at, name.len);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

/* ---- Names that are not there ------------------------------------------------------------------ */

static int missing_global(lua_State *L)
{
    const char *name;
    struct str meant;

    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "no global has a %s for a name", luaL_typename(L, 2));
    name = lua_tostring(L, 2);
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        if (strcmp(name, absent[i].name) == 0)
            return luaL_error(L, "'%s' is not available: %s", name, absent[i].instead);
    }
    if (is_module(L, name))
        return luaL_error(L, "undeclared global '%s': write local %s = require(\"%s\") first", name,
                          name, name);
    meant = stdlib_closest_key(L, 1, str_from(name));
    if (!str_is_absent(meant))
        return luaL_error(L, "undeclared global '%s': did you mean '%s'?", name, meant.at);
    return luaL_error(L, "undeclared global '%s'", name);
}

static int refuse_global(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    struct str meant;

    stdlib_push_name(L, str_from(name));
    if (!lua_isnil(L, -1))
        return luaL_error(L, "cannot assign to '%s': it is part of the language here", name);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_NAMES);
    meant = stdlib_closest_key(L, -1, str_from(name));
    if (!str_is_absent(meant))
        return luaL_error(L, "assignment to undeclared global '%s': did you mean '%s'?", name,
                          meant.at);
    return luaL_error(L, "assignment to undeclared global '%s': write local %s = ...", name, name);
}

static bool is_module(lua_State *L, const char *name)
{
    bool found;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_MODULES);
    lua_pushstring(L, name);
    found = lua_rawget(L, -2) == LUA_TTABLE;
    lua_pop(L, 2);
    return found;
}

struct str stdlib_closest_key(struct lua_State *L, int index, struct str name)
{
    struct str best = STR_NONE;
    size_t best_edits = name.len <= 4 ? 1 : 2;
    size_t len;

    index = lua_absindex(L, index);
    lua_pushnil(L);
    for (int i = 0; i < KEYS_LOOKED_AT && lua_next(L, index); i++) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            struct str key;
            size_t distance;

            key.at = lua_tolstring(L, -1, &len);
            key.len = len;
            distance = edits(name, key);
            /* the order of keys differs between states: equals are settled by name */
            if (distance < best_edits ||
                (distance == best_edits && (best.at == NULL || strcmp(key.at, best.at) < 0))) {
                best = key;
                best_edits = distance;
            }
        }
        if (i == KEYS_LOOKED_AT - 1)
            lua_pop(L, 1);
    }
    return best;
}

struct str stdlib_did_you_mean(struct str name, const struct str *candidates, size_t count)
{
    struct str best = STR_NONE;
    size_t best_edits = name.len <= 4 ? 2 : 3; /* one more than allowed */

    for (size_t i = 0; i < count; i++) {
        size_t distance = edits(name, candidates[i]);

        if (distance < best_edits) {
            best = candidates[i];
            best_edits = distance;
        }
    }
    return best;
}

/* Insertions, deletions, changes and swaps of neighbours that make a into b (restricted
 * Damerau-Levenshtein); large when either is too long to matter. */
static size_t edits(struct str a, struct str b)
{
    size_t rows[3][NAME_MAX_EDITED + 1];

    if (a.len > NAME_MAX_EDITED || b.len > NAME_MAX_EDITED)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);

            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1] &&
                two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a.len % 3][b.len];
}

/* ---- Compiling --------------------------------------------------------------------------------- */

bool stdlib_compile(struct lua_State *L, struct str name, struct str source, size_t ceiling)
{
    struct script_state *state = script_state_of(L);
    struct reader reader = { source, false };
    struct str refusal;
    int line;
    int status;

    lua_pushlstring(L, name.at, name.len);
    if (source.len > ceiling) {
        lua_pushfstring(L, "%s:1: the source is larger than %d KiB", lua_tostring(L, -1),
                        (int)(ceiling / 1024));
        lua_remove(L, -2);
        return false;
    }
    arena_reset(&state->once);
    refusal = source_refusal(source, &state->once, &line);
    if (!str_is_absent(refusal)) {
        lua_pushfstring(L, "%s:%d: %s", lua_tostring(L, -1), line, refusal.at);
        lua_remove(L, -2);
        note_refusal(state, lua_tostring(L, -1));
        return false;
    }
    lua_pushfstring(L, "@%s", lua_tostring(L, -1));
    lua_remove(L, -2);
    status = lua_load(L, read_piece, &reader, lua_tostring(L, -1), "t");
    lua_remove(L, -2);
    if (reader.is_over || status == LUA_ERRMEM)
        script_look(L);
    if (status == LUA_ERRMEM) {
        if (state->run)
            state->run->is_memory = true;
        lua_error(L);
    }
    if (status != LUA_OK) {
        note_refusal(state, lua_tostring(L, -1));
        return false;
    }
    stdlib_push_env(L);
    if (lua_setupvalue(L, -2, 1) == NULL)
        lua_pop(L, 1);
    return true;
}

/* So that the report takes "name:line: " for a place, though no function runs there. */
static void note_refusal(struct script_state *state, const char *message)
{
    snprintf(state->refused_at, sizeof(state->refused_at), "%s", message ? message : "");
}

/* The compiler cannot be interrupted but between the pieces that it is given. */
static const char *read_piece(lua_State *L, void *data, size_t *size)
{
    struct reader *reader = data;
    struct script_state *state = script_state_of(L);
    const char *at = reader->rest.at;

    if (state->budget && budget_look(state->budget)) {
        reader->is_over = true;
        *size = 0;
        return NULL;
    }
    *size = reader->rest.len < PIECE ? reader->rest.len : PIECE;
    reader->rest.at += *size;
    reader->rest.len -= *size;
    return at;
}

/* Require: modules made in C, files of the plugin, and the loading of both.
 *
 * A name is first a module (script_module), then a file that was loaded, then, while loading, a file
 * that script_files finds.
 */
#include "base/check.h"
#include "lua/sandbox.h"
#include "lua/stdlib.h"

#include <lauxlib.h>
#include <string.h>

const char KEY_MODULES; /* name -> table */
const char KEY_LOADED;  /* name -> value of the file, or KEY_LOADED itself while it loads */

struct load {
    struct str name;
    struct str source;
    int *returned;
};

struct module {
    const char *name;
    lua_CFunction open;
    void *data;
    bool is_taken;
};

static int require(lua_State *L);
static void require_file(lua_State *L, const char *name);
static int load_body(lua_State *L);
static int finish_load(lua_State *L, int status, lua_KContext context);
static int module_body(lua_State *L);
static int freeze_body(lua_State *L);

void stdlib_open_require(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_MODULES);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_LOADED);
    lua_pushcfunction(L, require);
    lua_setfield(L, -2, "require");
}

static int require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    luaL_argcheck(L, strlen(name) == lua_rawlen(L, 1), 1, "no name of a module or file");
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_MODULES);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL)
        return 1;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_LOADED);
    lua_replace(L, 2);
    lua_settop(L, 2);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) == LUA_TNIL)
        require_file(L, name);
    if (lua_touserdata(L, -1) == &KEY_LOADED)
        return luaL_error(L, "'%s' requires itself, or could not be loaded before", name);
    return 1;
}

/* Stack: name, table of what is loaded, nil. Leaves the file's value on top. */
static void require_file(lua_State *L, const char *name)
{
    struct script_state *state = script_state_of(L);
    const struct script_files *files = &state->limits.files;
    struct str source = STR_NONE;
    struct str path = STR_NONE;

    if (!script_is_file_name(str_from(name)))
        luaL_error(L, "'%s' is no name of a module or file", name);
    if (!script_is_loading(L))
        luaL_error(L, "'%s' is not loaded: require it at the top of the file", name);
    if (files->find == NULL || !files->find(files->context, str_from(name), &source, &path)) {
        struct str meant;

        lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_MODULES);
        meant = stdlib_closest_key(L, -1, str_from(name));
        if (str_is_absent(meant))
            luaL_error(L, "there is no module or file '%s'", name);
        luaL_error(L, "there is no module or file '%s': did you mean '%s'?", name, meant.at);
    }
    if (!stdlib_compile(L, path, source, LIMIT_SCRIPT_SOURCE))
        lua_error(L);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&KEY_LOADED);
    lua_rawset(L, 2);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1); /* nothing is caught: the error is to name the place in the file */
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
}

/* Letters, digits, '_' and '-', with single '.' or '/' between them. */
bool script_is_file_name(struct str name)
{
    bool may_separate = false;

    if (name.len == 0 || name.len > 100)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (c == '.' || c == '/') {
            if (!may_separate)
                return false;
            may_separate = false;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_' || c == '-') {
            may_separate = true;
        } else {
            return false;
        }
    }
    return may_separate;
}

/* ---- From outside ------------------------------------------------------------------------------ */

enum status script_load(struct script_state *state, struct str name, struct str source,
                        uint64_t budget_us, int *returned, struct script_error *error)
{
    struct load load = { name, source, returned };
    struct script_run run = {
        .body = load_body, .data = &load, .budget_us = budget_us, .is_loading = true
    };
    struct script_error ignored;

    if (error == NULL)
        error = &ignored;
    if (returned)
        *returned = 0;
    if (source.len > LIMIT_SCRIPT_SOURCE) {
        report_text(state, SCRIPT_SYNTAX, error, "the source is larger than %zu KiB",
                    LIMIT_SCRIPT_SOURCE / KIB(1));
        return ST_TOO_LARGE;
    }
    return script_run(state, &run, error);
}

static int load_body(lua_State *L)
{
    struct script_run *run = lua_touserdata(L, 1);
    const struct load *load = run->data;

    if (!stdlib_compile(L, load->name, load->source, LIMIT_SCRIPT_SOURCE)) {
        run->is_syntax = true;
        return lua_error(L);
    }
    lua_callk(L, 0, 1, 0, finish_load);
    return finish_load(L, LUA_OK, 0);
}

/* Reached by two roads: see call_body in state.c. */
static int finish_load(lua_State *L, int status, lua_KContext context)
{
    const struct script_run *run = lua_touserdata(L, 1);
    const struct load *load = run->data;

    (void)status;
    (void)context;
    if (load->returned && !lua_isnil(L, -1))
        *load->returned = script_keep(L, -1);
    return 0;
}

enum status script_module(struct script_state *state, const char *name,
                          int (*open)(struct lua_State *L), void *data, struct script_error *error)
{
    struct module module = { name, open, data, false };
    struct script_run run = { .body = module_body,
                              .data = &module,
                              .budget_us = LIMIT_LOAD_MICROSECONDS,
                              .is_loading = true };
    enum status status = script_run(state, &run, error);

    return module.is_taken ? ST_CONFLICT : status;
}

static int module_body(lua_State *L)
{
    const struct script_run *run = lua_touserdata(L, 1);
    struct module *module = run->data;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_MODULES);
    if (lua_getfield(L, -1, module->name) != LUA_TNIL) {
        module->is_taken = true;
        return luaL_error(L, "there is a module '%s' already", module->name);
    }
    lua_pop(L, 1);
    lua_pushcfunction(L, module->open);
    lua_pushlightuserdata(L, module->data);
    lua_call(L, 1, 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    script_freeze_table(L, -1);
    lua_setfield(L, -2, module->name);
    return 0;
}

enum status script_freeze(struct script_state *state, struct script_error *error)
{
    struct script_run run = { .body = freeze_body, .budget_us = LIMIT_LOAD_MICROSECONDS };

    return script_run(state, &run, error);
}

static int freeze_body(lua_State *L)
{
    lua_settop(L, 0);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_LOADED);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        if (lua_type(L, -1) == LUA_TTABLE)
            script_freeze_table(L, -1);
        lua_pop(L, 1);
    }
    return 0;
}

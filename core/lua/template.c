/* Template: compiling and rendering. The translation to Lua is template_text.c's.
 *
 * What a rendering puts out lies in a userdata that Lua collects, so that nothing is lost when a
 * template leaves by an error or over budget.
 */
#include "lua/template.h"

#include "base/value.h"
#include "lua/bind.h"
#include "lua/sandbox.h"
#include "lua/secret.h"
#include "lua/stdlib.h"
#include "lua/value.h"

#include <lauxlib.h>
#include <string.h>

enum {
    OUTPUT_FIRST = 1024,
    OUTPUT_MAX = (int)LIMIT_SCRIPT_ALLOCATION - 64, /* Lua's own head of a block beside it */
    CHUNK_MAX = 4 * (int)LIMIT_SCRIPT_SOURCE
};

const char KEY_TEMPLATES; /* name -> function */

struct output {
    char *at; /* in the userdata that is its user value */
    size_t len;
    size_t cap;
};

struct compiling {
    struct str name;
    struct str source;
    enum template_mode mode;
    int *reference;
};

struct rendering {
    const struct value *variables;
    struct buf *out;
};

static int compile_body(lua_State *L);
static bool push_template(lua_State *L, struct str name, struct str source,
                          enum template_mode mode);
static int push_variables(lua_State *L, void *context);
static void take_output(lua_State *L, int first, int count, void *context);
static int run_template(lua_State *L);
static void push_environment(lua_State *L);
static int find_name(lua_State *L);
static int refuse_name(lua_State *L);
static int put_text(lua_State *L);
static int put_escaped(lua_State *L);
static void put(lua_State *L, struct output *output, const char *at, size_t len);
static void put_html(lua_State *L, struct output *output, const char *at, size_t len);
static struct str check_shown(lua_State *L);

/* ---- From C ------------------------------------------------------------------------------------ */

enum status template_compile(struct script_state *state, struct str name, struct str source,
                             enum template_mode mode, int *reference, struct script_error *error)
{
    struct compiling compiling = { name, source, mode, reference };
    struct script_run run = { .body = compile_body,
                              .data = &compiling,
                              .budget_us = LIMIT_LOAD_MICROSECONDS,
                              .is_loading = true };
    struct script_error ignored;

    *reference = 0;
    if (source.len > LIMIT_SCRIPT_SOURCE) {
        report_text(state, SCRIPT_SYNTAX, error ? error : &ignored,
                    "the template is larger than %zu KiB", LIMIT_SCRIPT_SOURCE / KIB(1));
        return ST_TOO_LARGE;
    }
    return script_run(state, &run, error);
}

static int compile_body(lua_State *L)
{
    struct script_run *run = lua_touserdata(L, 1);
    const struct compiling *compiling = run->data;

    if (!push_template(L, compiling->name, compiling->source, compiling->mode)) {
        run->is_syntax = true;
        return lua_error(L);
    }
    *compiling->reference = script_keep(L, -1);
    return 0;
}

enum status template_render(struct script_state *state, int reference,
                            const struct value *variables, uint64_t budget_us, struct buf *out,
                            struct script_error *error)
{
    struct rendering rendering = { variables, out };
    struct script_call call = { .function = reference,
                                .push = push_variables,
                                .read = take_output,
                                .context = &rendering,
                                .budget_us = budget_us };
    size_t before = out->len;
    enum status status = script_call(state, &call, error);

    if (status != ST_OK) {
        out->len = before;
        out->overflowed = false;
    }
    return status;
}

static int push_variables(lua_State *L, void *context)
{
    const struct rendering *rendering = context;

    value_push(L, rendering->variables, 0);
    return 1;
}

static void take_output(lua_State *L, int first, int count, void *context)
{
    const struct rendering *rendering = context;
    size_t len;
    const char *text = lua_tolstring(L, first, &len);

    if (count != 1 || text == NULL)
        luaL_error(L, "a template gave no text");
    buf_put(rendering->out, text, len);
    if (rendering->out->overflowed)
        luaL_error(L, "the output is longer than the %d bytes that it may have",
                   (int)rendering->out->ceiling);
}

/* Pushes the function and returns true, or a message and returns false. */
static bool push_template(lua_State *L, struct str name, struct str source, enum template_mode mode)
{
    struct script_state *state = script_state_of(L);
    const char *reason;
    int line;

    buf_clear(&state->text);
    script_charge(L, 1 + source.len / 4);
    if (!template_translate(source, &state->text, &reason, &line) || state->text.overflowed) {
        lua_pushlstring(L, name.at, name.len);
        lua_pushfstring(L, "%s:%d: %s", lua_tostring(L, -1), line,
                        reason ? reason : "the template is too large");
        lua_remove(L, -2);
        return false;
    }
    if (!stdlib_compile(L, name, buf_view(&state->text), CHUNK_MAX))
        return false;
    lua_pushboolean(L, mode == TEMPLATE_HTML);
    lua_pushcclosure(L, run_template, 2);
    return true;
}

/* ---- Running ----------------------------------------------------------------------------------- */

/* Upvalues: the translated function, whether {{ }} escapes. Argument: the variables. */
static int run_template(lua_State *L)
{
    struct output *output;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    output = lua_newuserdatauv(L, sizeof(*output), 1);
    memset(output, 0, sizeof(*output));
    lua_pushvalue(L, lua_upvalueindex(1));
    push_environment(L);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, put_text, 1);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, lua_toboolean(L, lua_upvalueindex(2)) ? put_escaped : put_text, 1);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, put_text, 1);
    lua_call(L, 4, 0);
    lua_pushlstring(L, output->at ? output->at : "", output->len);
    return 1;
}

/* The variables are at index 1: they may be anybody's table, so names are looked up from beside. */
static void push_environment(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, find_name, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_name);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

static int find_name(lua_State *L)
{
    struct str name;
    struct str meant;

    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (lua_type(L, 2) != LUA_TSTRING)
        return 1;
    name.at = lua_tolstring(L, 2, &name.len);
    stdlib_push_name(L, name);
    if (!lua_isnil(L, -1))
        return 1;
    if (!script_push_frozen_content(L, lua_upvalueindex(1)))
        lua_pushvalue(L, lua_upvalueindex(1));
    meant = stdlib_closest_key(L, -1, name);
    if (str_is_absent(meant))
        return luaL_error(L, "there is no variable '%s'", name.at);
    return luaL_error(L, "there is no variable '%s': did you mean '%s'?", name.at, meant.at);
}

static int refuse_name(lua_State *L)
{
    return luaL_error(L, "cannot assign to '%s': write local %s = ...", luaL_tolstring(L, 2, NULL),
                      luaL_tolstring(L, 2, NULL));
}

/* __text(literal), __raw(value, expression), and __value(value, expression) in text mode */
static int put_text(lua_State *L)
{
    struct str text = check_shown(L);

    put(L, lua_touserdata(L, lua_upvalueindex(1)), text.at, text.len);
    return 0;
}

static int put_escaped(lua_State *L)
{
    struct str text = check_shown(L);

    put_html(L, lua_touserdata(L, lua_upvalueindex(1)), text.at, text.len);
    return 0;
}

static struct str check_shown(lua_State *L)
{
    struct str text = { NULL, 0 };
    int type = lua_type(L, 1);

    if (type == LUA_TBOOLEAN)
        return lua_toboolean(L, 1) ? STR("true") : STR("false");
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        text.at = lua_tolstring(L, 1, &text.len);
        return text;
    }
    if (type == LUA_TNIL || (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, 1) == NULL))
        luaL_error(L, "'%s' has no value: write %s or \"\" if it may be missing",
                   luaL_optstring(L, 2, "?"), luaL_optstring(L, 2, "?"));
    if (secret_is(L, 1))
        luaL_error(L, "'%s' is a secret, which is written down nowhere", luaL_optstring(L, 2, "?"));
    luaL_error(L, "'%s' is a %s: only texts, numbers and booleans can be put out",
               luaL_optstring(L, 2, "?"), lua_typename(L, type));
    return text;
}

static void put(lua_State *L, struct output *output, const char *at, size_t len)
{
    script_charge(L, 1 + len / 16);
    if (len > output->cap - output->len) {
        size_t cap = output->cap ? output->cap : OUTPUT_FIRST;
        char *block;

        while (cap - output->len < len && cap < OUTPUT_MAX)
            cap *= 2;
        if (cap > OUTPUT_MAX)
            cap = OUTPUT_MAX;
        if (cap - output->len < len)
            luaL_error(L, "the output is longer than 1 MiB");
        block = lua_newuserdatauv(L, cap, 0);
        if (output->len > 0)
            memcpy(block, output->at, output->len);
        lua_setiuservalue(L, lua_upvalueindex(1), 1);
        output->at = block;
        output->cap = cap;
    }
    if (len > 0)
        memcpy(output->at + output->len, at, len);
    output->len += len;
}

/* As buf_html does. */
static void put_html(lua_State *L, struct output *output, const char *at, size_t len)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
    };
    size_t start = 0;

    for (size_t i = 0; i < len; i++) {
        for (size_t j = 0; j < sizeof(entities) / sizeof(entities[0]); j++) {
            if (at[i] != entities[j].c)
                continue;
            put(L, output, at + start, i - start);
            put(L, output, entities[j].entity, strlen(entities[j].entity));
            start = i + 1;
        }
    }
    put(L, output, at + start, len - start);
}

/* ---- The module -------------------------------------------------------------------------------- */

int template_open(struct lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "compile", bind_template_compile },
        { "load", bind_template_load },
        { "escape", bind_template_escape },
        { NULL, NULL },
    };

    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &KEY_TEMPLATES);
    luaL_newlib(L, functions);
    return 1;
}

static enum template_mode check_mode(lua_State *L, int index, struct str name)
{
    static const char *const modes[] = { "html", "text", NULL };

    return luaL_checkoption(L, index, str_ends(name, STR(".txt")) ? "text" : "html", modes) == 1
               ? TEMPLATE_TEXT
               : TEMPLATE_HTML;
}

int bind_template_compile(lua_State *L)
{
    struct str name = str_from(luaL_checkstring(L, 1));
    struct str source;

    source.at = luaL_checklstring(L, 2, &source.len);
    luaL_argcheck(L, source.len <= SCRIPT_LOAD_TEXT || script_is_loading(L), 2,
                  "a template of more than 16 KiB is compiled at the top of the file");
    luaL_argcheck(L, source.len <= LIMIT_SCRIPT_SOURCE, 2, "the template is larger than 128 KiB");
    if (!push_template(L, name, source, check_mode(L, 3, name)))
        return lua_error(L);
    return 1;
}

int bind_template_load(lua_State *L)
{
    const struct script_files *files = &script_state_of(L)->limits.files;
    struct str name = str_from(luaL_checkstring(L, 1));
    enum template_mode mode = check_mode(L, 2, name);
    struct str source;
    struct str path;

    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &KEY_TEMPLATES);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL)
        return 1;
    if (!script_is_loading(L))
        return luaL_error(L, "template '%s' is not loaded: load it at the top of the file",
                          name.at);
    if (!script_is_file_name(name) || files->find == NULL ||
        !files->find(files->context, name, &source, &path))
        return luaL_error(L, "there is no template '%s'", name.at);
    luaL_argcheck(L, source.len <= LIMIT_SCRIPT_SOURCE, 1, "the template is larger than 128 KiB");
    if (!push_template(L, path, source, mode))
        return lua_error(L);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}

int bind_template_escape(lua_State *L)
{
    struct output *output;

    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    output = lua_newuserdatauv(L, sizeof(*output), 1);
    memset(output, 0, sizeof(*output));
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, put_escaped, 1);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 0);
    lua_pushlstring(L, output->at ? output->at : "", output->len);
    return 1;
}

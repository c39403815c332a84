/* Bind secret: foyer.secret, and what its values can be made into. There is nothing that gives the text to a script: what
 * is text once is soon in a log. What must be, is declared as a text.
 */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/secret.h"
#include "plugin/choices.h"

#include <lauxlib.h>
#include <string.h>

enum { WORDS_MAX = 200 };

/* Of no call: it may be kept, and is opened for whoever uses it. */
struct secret {
    struct str name; /* the plugin's */
    bool is_basic;
    size_t words_len;
    char words[]; /* that come before it; is_basic: the user */
};

static struct secret *at(lua_State *L, int index);
static int push(lua_State *L, struct str name, bool is_basic, struct str words);
static int method(lua_State *L);
static int to_text(lua_State *L);
static enum secret_state open_it(lua_State *L, struct str name, struct arena *arena,
                                 struct str *text);

static const char METATABLE; /* registry */

void secret_open(lua_State *L)
{
    lua_createtable(L, 0, 5);
    lua_newtable(L);
    for (const struct api_function *row = api_methods; row->name; row++)
        if (strncmp(row->name, "secret:", 7) == 0) {
            api_push(L, row);
            lua_setfield(L, -2, row->name + 7);
        }
    lua_pushcclosure(L, method, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, to_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "secret");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &METATABLE);
}

bool secret_is(lua_State *L, int index)
{
    bool is;

    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &METATABLE);
    is = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is;
}

int bind_secret(lua_State *L)
{
    const struct plugin *plugin = instance_of(L)->plugin;
    const struct plugin_setting *setting =
        setting_find(plugin->settings, plugin->setting_count, api_text(L, 1));
    struct arena *scratch = script_scratch(L);
    struct str text;

    if (!setting)
        return luaL_error(L, "there is no setting \"%s\": declare it with type = \"secret\"",
                          lua_tostring(L, 1));
    if (setting->type != SETTING_SECRET)
        return luaL_error(L, "%s is no secret: ctx.settings.%s has it", lua_tostring(L, 1),
                          lua_tostring(L, 1));
    if (open_it(L, setting->name, scratch, &text) == SECRET_NOT_SET) {
        lua_pushnil(L);
        return 1;
    }
    crypto_wipe((char *)(uintptr_t)text.at, text.len);
    return push(L, setting->name, false, STR(""));
}

int bind_secret_prefixed(lua_State *L)
{
    const struct secret *secret = at(L, 1);

    luaL_argcheck(L, !secret->is_basic && secret->words_len == 0, 1,
                  "it is worded already: foyer.secret gives it as it is");
    return push(L, secret->name, false, api_text(L, 2));
}

int bind_secret_basic(lua_State *L)
{
    const struct secret *secret = at(L, 1);
    struct str user = api_text(L, 2);

    luaL_argcheck(L, !secret->is_basic && secret->words_len == 0, 1,
                  "it is worded already: foyer.secret gives it as it is");
    luaL_argcheck(L, !memchr(user.at, ':', user.len), 2, "a user has no colon");
    return push(L, secret->name, true, user);
}

static int push(lua_State *L, struct str name, bool is_basic, struct str words)
{
    struct secret *secret;

    luaL_argcheck(L, words.len <= WORDS_MAX, 2, "at most 200 bytes expected");
    secret = lua_newuserdatauv(L, sizeof(*secret) + words.len, 0);
    *secret = (struct secret){ .name = name, .is_basic = is_basic, .words_len = words.len };
    memcpy(secret->words, words.at, words.len);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &METATABLE);
    lua_setmetatable(L, -2);
    return 1;
}

struct str secret_text(lua_State *L, int index, struct arena *arena)
{
    const struct secret *secret = at(L, index);
    struct str words = { .at = secret->words, .len = secret->words_len }, text, worded;

    if (open_it(L, secret->name, arena, &text) == SECRET_NOT_SET)
        luaL_error(L, "the secret %s is not set any more", secret->name.at);
    if (!secret->is_basic && words.len == 0)
        return text;
    worded =
        str_printf(arena, "%.*s%s%.*s", STR_ARG(words), secret->is_basic ? ":" : "", STR_ARG(text));
    crypto_wipe((char *)(uintptr_t)text.at, text.len);
    if (!secret->is_basic)
        return worded;
    text = str_concat(arena, STR("Basic "), bytes_to_base64(arena, worded.at, worded.len));
    crypto_wipe((char *)(uintptr_t)worded.at, worded.len);
    return text;
}

/* SECRET_GOOD or SECRET_NOT_SET. */
static enum secret_state open_it(lua_State *L, struct str name, struct arena *arena,
                                 struct str *text)
{
    const struct instance *instance = instance_of(L);
    enum secret_state state = choices_secret(call_of(L)->tx, instance->plugin, name, arena, text);

    if (state == SECRET_OTHER_KEY || state == SECRET_ALTERED)
        luaL_error(L, "the secret %s cannot be used: %s", str_copy(arena, name).at,
                   secret_state_text(state));
    return state;
}

static struct secret *at(lua_State *L, int index)
{
    luaL_argcheck(L, secret_is(L, index), index, "a secret expected: foyer.secret(\"token\")");
    return lua_touserdata(L, index);
}

static int method(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING && lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    return api_unknown(L, "a secret", 2, lua_upvalueindex(1));
}

static int to_text(lua_State *L)
{
    const struct secret *secret = at(L, 1);

    lua_pushfstring(L, "secret %s", secret->name.at);
    return 1;
}

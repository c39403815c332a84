/* Bind i18n: foyer.i18n, the words of the person's language, and what is put into them. */
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"

#include <lauxlib.h>
#include <string.h>

static bool push_of(lua_State *L, struct str locale);

/* "de-AT", then "de", then "en", then the first by name: some words are better than none. */
int bind_i18n_choose(lua_State *L)
{
    struct str locale = lua_isnil(L, 2) ? STR_NONE : api_text(L, 2);
    const char *least = NULL;

    while (locale.len > 0) {
        if (push_of(L, locale))
            return 1;
        while (locale.len > 0 && locale.at[locale.len - 1] != '-' &&
               locale.at[locale.len - 1] != '_')
            locale.len--;
        if (locale.len > 0)
            locale.len--;
    }
    if (push_of(L, STR("en")))
        return 1;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING && (!least || strcmp(lua_tostring(L, -2), least) < 0))
            least = lua_tostring(L, -2);
        lua_pop(L, 1);
    }
    luaL_argcheck(L, least, 1, "a table with a language in it expected: { en = … }");
    lua_getfield(L, 1, least);
    return 1;
}

static bool push_of(lua_State *L, struct str locale)
{
    script_charge(L, 4);
    lua_pushlstring(L, locale.at, locale.len);
    if (lua_gettable(L, 1) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

/* "Hello {name}": what has no value is an error, so that nobody reads a brace. */
int bind_i18n_fill(lua_State *L)
{
    struct str text = api_text(L, 1);
    luaL_Buffer out;

    script_charge(L, text.len / 8 + 1);
    lua_settop(L, 2);
    luaL_buffinit(L, &out);
    while (text.len > 0) {
        const char *open = memchr(text.at, '{', text.len);
        size_t before = open ? (size_t)(open - text.at) : text.len;
        const char *close = open ? memchr(open, '}', text.len - before) : NULL;

        if (!close) {
            luaL_addlstring(&out, text.at, text.len);
            break;
        }
        luaL_addlstring(&out, text.at, before);
        lua_pushlstring(L, open + 1, (size_t)(close - open - 1));
        lua_pushvalue(L, -1);
        lua_gettable(L, 2);
        if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
            return luaL_error(L, "foyer.i18n.fill: \"%s\" has no value that is a text or a number",
                              lua_tostring(L, -2));
        lua_remove(L, -2);
        luaL_addvalue(&out);
        text = str_slice(close + 1, text.len - before - (size_t)(close - open) - 1);
    }
    luaL_pushresult(&out);
    return 1;
}

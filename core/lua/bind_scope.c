/* Bind scope: the closed terms of which rows exist. */
#include "base/limits.h"
#include "lua/answer.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"

#include <lauxlib.h>

static int push_term(lua_State *L, struct scope_term term);
static struct ids read_ids(lua_State *L, int index);
static void read_list(lua_State *L, int index, size_t *count);
static struct uuid read_id(lua_State *L, int index, int argument);

int bind_everything(lua_State *L)
{
    answer_push(L, ANSWER_SCOPE)->scope.kind = SCOPE_EVERYTHING;
    return 1;
}

int bind_nothing(lua_State *L)
{
    answer_push(L, ANSWER_SCOPE)->scope.kind = SCOPE_NONE;
    return 1;
}

int bind_own(lua_State *L)
{
    return push_term(L, (struct scope_term){ .kind = SCOPE_OWN });
}

int bind_companies(lua_State *L)
{
    return push_term(L, (struct scope_term){ .kind = SCOPE_COMPANIES, .ids = read_ids(L, 1) });
}

int bind_ids(lua_State *L)
{
    return push_term(L, (struct scope_term){ .kind = SCOPE_IDS, .ids = read_ids(L, 1) });
}

int bind_account_manager(lua_State *L)
{
    struct uuid *id = arena_new(call_of(L)->arena, struct uuid);

    *id = read_id(L, 1, 1);
    return push_term(
        L, (struct scope_term){ .kind = SCOPE_ACCOUNT_MANAGER, .ids = { .at = id, .count = 1 } });
}

int bind_tags(lua_State *L)
{
    struct scope_term term = { .kind = SCOPE_TAGS };

    read_list(L, 1, &term.texts.count);
    term.texts.at = arena_array(call_of(L)->arena, struct str, term.texts.count);
    for (size_t i = 0; i < term.texts.count; i++) {
        lua_geti(L, 1, (lua_Integer)i + 1);
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "an array of texts expected");
        term.texts.at[i] = api_copy_text(L, -1);
        lua_pop(L, 1);
    }
    return push_term(L, term);
}

int bind_union(lua_State *L)
{
    struct call *call = call_of(L);
    struct scope scope = { .kind = SCOPE_NONE };
    size_t count;

    read_list(L, 1, &count);
    scope.terms = arena_array(call->arena, struct scope_term, LIMIT_SCOPE_TERMS);
    for (size_t i = 0; i < count; i++) {
        const struct answer *part;

        lua_geti(L, 1, (lua_Integer)i + 1);
        part = answer_at(L, -1);
        luaL_argcheck(L, part && part->kind == ANSWER_SCOPE, 1,
                      "an array of foyer.own(), foyer.companies(…) … expected");
        lua_pop(L, 1);
        luaL_argcheck(L, scope.count + part->scope.count <= LIMIT_SCOPE_TERMS, 1, "too many terms");
        if (part->scope.kind == SCOPE_EVERYTHING || scope.kind == SCOPE_NONE)
            scope.kind = part->scope.kind;
        for (size_t k = 0; k < part->scope.count; k++)
            scope.terms[scope.count++] = part->scope.terms[k];
    }
    answer_push(L, ANSWER_SCOPE)->scope = scope;
    return 1;
}

static int push_term(lua_State *L, struct scope_term term)
{
    struct scope_term *terms = arena_new(call_of(L)->arena, struct scope_term);

    *terms = term;
    answer_push(L, ANSWER_SCOPE)->scope =
        (struct scope){ .kind = SCOPE_TERMS, .terms = terms, .count = 1 };
    return 1;
}

static struct ids read_ids(lua_State *L, int index)
{
    struct ids ids;

    read_list(L, index, &ids.count);
    ids.at = arena_array(call_of(L)->arena, struct uuid, ids.count);
    for (size_t i = 0; i < ids.count; i++) {
        lua_geti(L, index, (lua_Integer)i + 1);
        ids.at[i] = read_id(L, -1, index);
        lua_pop(L, 1);
    }
    return ids;
}

static void read_list(lua_State *L, int index, size_t *count)
{
    lua_Integer len = luaL_len(L, index);

    luaL_argcheck(L, len >= 0 && len <= LIMIT_LIST_MAX, index, "too many entries");
    *count = (size_t)len;
    script_charge(L, *count);
}

static struct uuid read_id(lua_State *L, int index, int argument)
{
    struct uuid id = UUID_NONE;

    luaL_argcheck(L, lua_type(L, index) == LUA_TSTRING && uuid_parse(api_text(L, index), &id),
                  argument, "an id expected");
    return id;
}

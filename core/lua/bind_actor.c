/* Bind actor: who asks, with what he may and where he belongs. */
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/view.h"
#include "policy/reads.h"

#include <lauxlib.h>
#include <string.h>

#define ACTOR_KINDS (API_RULE | API_SCOPE | API_FILTER | API_TRANSACTION | API_TASKS)

static int actor_index(lua_State *L);
static void push_company_ids(lua_State *L, const struct actor *actor);
static const struct actor *self(lua_State *L, struct reads **reads);
static void push_text(lua_State *L, struct str text);
static void push_id(lua_State *L, struct uuid id);

static const char PERMISSIONS; /* registry: names of permissions -> their bits */

/* Methods stand in the table of names beside the numbers of members. */
void actor_open(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; i < PERMISSION_COUNT; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, -2, permission_names[i]);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &PERMISSIONS);
    lua_newtable(L);
    for (int i = 0; i < ACTOR_MEMBER_COMPANY_ROLES; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, -2, actor_member_names[i]);
    }
    for (const struct api_function *row = api_methods; row->name; row++) {
        if (strncmp(row->name, "actor:", sizeof("actor:") - 1) != 0)
            continue;
        api_push(L, row);
        lua_setfield(L, -2, row->name + sizeof("actor:") - 1);
    }
    view_make(L, OBJECT_ACTOR, "actor", actor_index, lua_gettop(L));
    lua_pop(L, 1);
}

static int actor_index(lua_State *L)
{
    struct call *call;
    const struct actor *actor;
    enum actor_member member;

    lua_pushvalue(L, 2);
    switch (lua_rawget(L, lua_upvalueindex(1))) {
    case LUA_TFUNCTION:
        return 1;
    case LUA_TNUMBER:
        break;
    default:
        return api_unknown(L, "actor", 2, lua_upvalueindex(1));
    }
    call = view_call(L, "actor", ACTOR_KINDS);
    actor = &call->tx->actor;
    member = (enum actor_member)lua_tointeger(L, -1);
    call->question->reads.actor |= 1u << member;
    switch (member) {
    case ACTOR_MEMBER_KIND:
        lua_pushstring(L, actor_kind_name(actor->kind));
        break;
    case ACTOR_MEMBER_ID:
        push_id(L, actor->id);
        break;
    case ACTOR_MEMBER_NAME:
        push_text(L, actor->name);
        break;
    case ACTOR_MEMBER_EMAIL:
        push_text(L, actor->email);
        break;
    case ACTOR_MEMBER_ROLE:
        push_text(L, actor->role);
        break;
    case ACTOR_MEMBER_IS_OWNER:
        lua_pushboolean(L, actor->is_owner);
        break;
    case ACTOR_MEMBER_MAY_OPERATE:
        lua_pushboolean(L, actor->may_operate);
        break;
    case ACTOR_MEMBER_LIMITED_TO:
        if (actor->is_limited)
            view_push_ids(L, actor->limited_to);
        else
            lua_pushnil(L);
        break;
    case ACTOR_MEMBER_ROAD:
        lua_pushstring(L, actor->road);
        break;
    case ACTOR_MEMBER_OWNER_ID:
        push_id(L, actor->behalf_id);
        break;
    case ACTOR_MEMBER_COMPANY_IDS:
    case ACTOR_MEMBER_COMPANY_ROLES:
    case ACTOR_MEMBERS:
        push_company_ids(L, actor);
        break;
    }
    return 1;
}

static void push_company_ids(lua_State *L, const struct actor *actor)
{
    struct ids ids = {
        .at = arena_array(script_scratch(L), struct uuid, actor->company_count),
        .count = actor->company_count,
    };

    for (size_t i = 0; i < ids.count; i++)
        ids.at[i] = actor->companies[i].company;
    view_push_ids(L, ids);
}

int bind_can(lua_State *L)
{
    struct reads *reads;
    const struct actor *actor = self(L, &reads);
    int permission;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &PERMISSIONS);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNUMBER)
        return api_unknown(L, "the list of permissions", 2, lua_gettop(L) - 1);
    permission = (int)lua_tointeger(L, -1);
    reads->can |= UINT64_C(1) << permission;
    lua_pushboolean(L, actor_can(actor, (enum permission)permission));
    return 1;
}

int bind_has_company_role(lua_State *L)
{
    struct reads *reads;
    const struct actor *actor = self(L, &reads);
    struct str role = api_text(L, 3);
    struct uuid company;
    bool has = false;

    reads->actor |= 1u << ACTOR_MEMBER_COMPANY_ROLES;
    /* No company, no role in it: a target without one is nothing unusual. */
    if (!lua_isnoneornil(L, 2)) {
        luaL_argcheck(L, lua_type(L, 2) == LUA_TSTRING && uuid_parse(api_text(L, 2), &company), 1,
                      "the id of a company expected");
        for (size_t i = 0; i < actor->company_count; i++)
            has |= uuid_eq(actor->companies[i].company, company) &&
                   str_eq(actor->companies[i].role, role);
    }
    lua_pushboolean(L, has);
    return 1;
}

int bind_is(lua_State *L)
{
    struct reads *reads;
    const struct actor *actor = self(L, &reads);
    struct str kind = api_text(L, 2);
    bool is_known = false;

    reads->actor |= 1u << ACTOR_MEMBER_KIND;
    for (int i = ACTOR_NOBODY; i <= ACTOR_SYSTEM; i++)
        is_known |= str_is(kind, actor_kind_name((enum actor_kind)i));
    luaL_argcheck(L, is_known, 1,
                  "\"internalUser\", \"client\", \"apiKey\", \"plugin\", \"system\" or \"nobody\" "
                  "expected");
    lua_pushboolean(L, str_is(kind, actor_kind_name(actor->kind)));
    return 1;
}

static const struct actor *self(lua_State *L, struct reads **reads)
{
    struct call *call = view_call(L, "actor", ACTOR_KINDS);

    *reads = &call->question->reads;
    return &call->tx->actor;
}

static void push_text(lua_State *L, struct str text)
{
    if (str_is_absent(text))
        lua_pushnil(L);
    else
        lua_pushlstring(L, text.at, text.len);
}

static void push_id(lua_State *L, struct uuid id)
{
    char text[UUID_TEXT];

    uuid_format(id, text);
    push_text(L, uuid_is_none(id) ? STR_NONE : str_from(text));
}

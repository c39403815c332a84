/* Bind schema: foyer.schema.validate. */
#include "base/arena.h"
#include "lua/api.h"
#include "lua/bind.h"
#include "lua/budget.h"
#include "lua/schema.h"
#include "lua/value.h"

#include <lauxlib.h>

int bind_schema_validate(lua_State *L)
{
    struct arena *arena = script_scratch(L);
    struct arena_mark mark = arena_mark(arena);
    struct schema_faults faults = { .arena = arena };
    struct value value, schema;
    struct str reason = value_read(L, 1, arena, &value);

    luaL_argcheck(L, str_is_absent(reason), 1, reason.at);
    reason = value_read(L, 2, arena, &schema);
    luaL_argcheck(L, str_is_absent(reason), 2, reason.at);
    script_charge(L, 100);
    reason = schema_check(&schema, arena);
    luaL_argcheck(L, str_is_absent(reason), 2, reason.at);
    schema_validate(&schema, &value, STR(""), &faults);
    script_charge(L, faults.steps);
    lua_createtable(L, (int)faults.count, 0);
    for (size_t i = 0; i < faults.count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushlstring(L, faults.at[i].path.at, faults.at[i].path.len);
        lua_setfield(L, -2, "path");
        lua_pushlstring(L, faults.at[i].message.at, faults.at[i].message.len);
        lua_setfield(L, -2, "message");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushboolean(L, faults.count == 0);
    lua_insert(L, -2);
    arena_rewind(arena, mark);
    return 2;
}

/* Bind answer: what rules and filters return. */
#include "base/limits.h"
#include "lua/answer.h"
#include "lua/api.h"
#include "lua/bind.h"

#include <lauxlib.h>

enum { FIELD_NAME_MAX = 100 };

static void check_code(lua_State *L, int index);
static void check_words(lua_State *L, int index);
static struct str place(lua_State *L, struct call *call);

int bind_allow(lua_State *L)
{
    struct call *call = call_of(L);
    struct answer *answer;

    check_words(L, 1);
    answer = answer_push(L, ANSWER_ALLOW);
    answer->text = api_copy_text(L, 1);
    if (call->question->with_place)
        answer->where = place(L, call);
    return 1;
}

int bind_deny(lua_State *L)
{
    struct call *call = call_of(L);
    struct answer *answer;

    check_code(L, 1);
    check_words(L, 2);
    answer = answer_push(L, ANSWER_DENY);
    answer->code = api_copy_text(L, 1);
    answer->message = api_copy_text(L, 2);
    answer->where = place(L, call);
    return 1;
}

int bind_reject(lua_State *L)
{
    struct call *call = call_of(L);
    struct str field = STR_NONE;
    struct answer *answer;

    check_code(L, 1);
    check_words(L, 2);
    if (lua_istable(L, 3) && lua_getfield(L, 3, "field") != LUA_TNIL) {
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 3, "field must be a text");
        field = api_text(L, -1);
        luaL_argcheck(L, field.len <= FIELD_NAME_MAX && str_is_one_line(field), 3,
                      "field must be the name of a field");
        field = api_copy_text(L, -1);
    }
    answer = answer_push(L, ANSWER_REJECT);
    answer->code = api_copy_text(L, 1);
    answer->message = api_copy_text(L, 2);
    answer->text = field;
    answer->where = place(L, call);
    return 1;
}

/* Programs compare codes: they are names, not sentences. */
static void check_code(lua_State *L, int index)
{
    struct str code = api_text(L, index);
    bool is_good = code.len > 0 && code.len <= 64;

    for (size_t i = 0; is_good && i < code.len; i++) {
        char c = code.at[i];

        is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    luaL_argcheck(L, is_good, index, "a code in snake_case expected, like \"group_too_large\"");
}

/* They stand in answers, in decisions and in logs: what a person reads, no document. */
static void check_words(lua_State *L, int index)
{
    struct str words = api_text(L, index);

    luaL_argcheck(L, words.len <= LIMIT_ANSWER_WORDS, index, "at most 2,000 bytes expected");
    luaL_argcheck(L, str_is_utf8(words), index, "UTF-8 expected");
}

/* Of a function that was made by another one (`with(permission)`) the line of its registering says
 * more: absent. */
static struct str place(lua_State *L, struct call *call)
{
    return call->is_inline ? script_where(L, 0, call->arena) : STR_NONE;
}

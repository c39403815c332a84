/* Lua fixture: a script state for a test, and short words for loading and calling. */
#ifndef FOYER_TESTS_LUA_FIXTURE_H
#define FOYER_TESTS_LUA_FIXTURE_H

#include "base/str.h"
#include "lua/state.h"

struct lua_fixture {
    struct script_state *state;
    struct script_error error; /* of the last thing done */
    int function;              /* what the last file returned */
};

/* limits may be NULL. */
void lua_begin(struct lua_fixture *lua, const struct script_limits *limits);
void lua_end(struct lua_fixture *lua);

/* Loads the text as "test.lua" with the load budget. */
enum status lua_load_text(struct lua_fixture *lua, const char *source);
/* The same, and fails the test when it does not load. */
void lua_must_load(struct lua_fixture *lua, const char *source);
/* Calls what the last file returned, without arguments, with the rule budget. */
enum status lua_run(struct lua_fixture *lua);
/* The same, and gives its first result as text, borrowed until the next call; "nil" for none. */
const char *lua_text_of(struct lua_fixture *lua);
/* Loads "return function() SOURCE end" and gives what lua_text_of does: the error's message when it
 * fails. */
const char *lua_answer(struct lua_fixture *lua, const char *source);
/* The error as "kind where: message", borrowed until the next call. */
const char *lua_error_text(const struct lua_fixture *lua);

#endif

/* Test ask: questions out of the tables that tests write, and answers back. */
#ifndef FOYER_LUA_TEST_ASK_H
#define FOYER_LUA_TEST_ASK_H

#include "lua/instance.h"
#include "store/workspace.h"

/* t.ask(action, { actor = …, target = …, input = …, workspace = …, entity = …, now = … }) */
struct test_question {
    struct str name; /* action or entity */
    struct tx tx;
    struct workspace workspace;
    struct subject subject;
    struct decision decision;
};

/* The name is argument 1, the table argument 2. Raises where they cannot be understood. */
void test_read_question(lua_State *L, enum hook_kind kind, struct test_question *question);
void test_read_actor(lua_State *L, int index, struct actor *actor);

/* The member `settings` of the table at 2: as if the workspace had chosen so. */
void test_read_settings(lua_State *L, struct tx *tx);

void test_ask(struct test_question *question);
/* "everything", "nothing", "own, companies(ID, ID)" */
struct str test_scope(struct test_question *question);
/* Pushes { changed = { … } } or { code =, message =, field = }. */
int test_filter(lua_State *L, struct test_question *question);

void test_push_decision(lua_State *L, const struct decision *decision);
/* "deny, no rule allowed it (permissions.lua:12)" */
struct str test_describe(const struct test_question *question);
/* Into the table at the top; nothing where it is absent. */
void test_set_text(lua_State *L, const char *name, struct str text);

#endif

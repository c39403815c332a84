/* World: the workspace and the people that a test has (t.workspace), between the files that bind them:
 *
 *   world.c           t.workspace, the object `w` and its members
 *   world_make.c      people and other things that w makes, what it chooses, restarting
 *   world_person.c    requests as somebody, and their replies
 *   world_run.c       w:run, w:advance, and the stubs that answer what is fetched
 */
#ifndef FOYER_LUA_WORLD_H
#define FOYER_LUA_WORLD_H

#include "lua/instance.h"
#include "lua/scratch.h"

/* Userdata. A place is good as long as its test. */
struct world {
    struct scratch_place place;
    uint64_t test;
};
enum { WORLD_STUBS = 1, WORLD_FETCHES, WORLD_OWNER, WORLD_NOBODY, WORLD_VALUES };

struct world_person {
    enum actor_kind kind;
    struct uuid id;
    struct scratch_place place;
    uint64_t test;
};
enum { PERSON_FIELDS = 1, PERSON_KEY, PERSON_VALUES };

/* ---- world.c ---- */
/* Once a state, for files of tests: the metatables. */
void world_open(lua_State *L);
/* The userdata at index 1. Raises where its test is over. */
struct world *world_check(lua_State *L);
/* That of the workspace with that number is pushed, or nil. */
void world_push(lua_State *L, int64_t number);
/* The server of the test that runs. Raises where it is another test's. */
struct scratch *world_scratch(lua_State *L, uint64_t test);
/* The members of the table at `index` must be among these. */
void world_check_names(lua_State *L, int index, const char *what, const char *const *names);

/* The text `name` of the table, in the arena; absent: there is none. Raises where it is something else. */
struct str world_get_text(lua_State *L, int table, const char *name);

/* ---- world_make.c ---- */
/* PATCH /v1/plugins/PLUGIN as the owner; raises, with `what`, where that is refused. */
void world_choose(lua_State *L, const struct world *world, const char *what, struct str plugin,
                  struct str change);
/* The text at index; where there is none (or index is 0), what is tested. */
struct str world_plugin_at(lua_State *L, int index);

/* ---- world_person.c ---- */
/* Pushes somebody; the table of his fields is on top of the stack, and is taken. */
void person_push(lua_State *L, const struct world *world, enum actor_kind kind, struct uuid id,
                 struct str key);
int person_index(lua_State *L);
/* As the owner; raises, with `what`, unless the answer is a 2xx. */
void person_ask_owner(lua_State *L, const struct world *world, const char *what, enum method method,
                      struct str path, struct str body, struct scratch_reply *reply);

/* Puts "name: value\n" each into the table on top, names in lower case. */
void world_set_headers(lua_State *L, struct str headers);

/* ---- world_run.c ---- */
/* Runs to that instant; raises where something is fetched that no stub answers. */
void world_run_until(lua_State *L, uint64_t test, int64_t until);

/* Answers it by a stub; raises where there is none. */
void world_answer(lua_State *L, struct scratch *scratch, const struct scratch_fetch *fetch);

/* The value at index as JSON in the arena. */
struct str world_json(lua_State *L, int index, const char *what);
/* Pushes what the JSON says. */
void world_push_json(lua_State *L, struct str json);

#endif

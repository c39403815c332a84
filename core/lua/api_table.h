/* Api table: everything that scripts can call, declared once.
 *
 * From these rows come the checks of arguments and of where a function may be called (api.c), the
 * editor's stubs and the reference (stubs.c), the globals that luacheck knows, and a test that runs
 * every example. Names of level 1 are never changed.
 */
#ifndef FOYER_LUA_API_TABLE_H
#define FOYER_LUA_API_TABLE_H

#include "lua/instance.h"

#include <lua.h>

enum { API_PARAMS = 4 };

enum api_type {
    API_END, /* no more parameters */
    API_STRING,
    API_NUMBER,
    API_INTEGER,
    API_BOOLEAN,
    API_TABLE,
    API_FUNCTION,
    API_ANY,
    API_SECRET /* a text, or what foyer.secret gives */
};

struct api_param {
    const char *name;
    enum api_type type;
    bool is_optional;
    const char *lua_type; /* for the stubs, where the type alone says too little: "string[]" */
};

struct api_function {
    const char *name;       /* "allow", "text.trim"; methods: "actor:can"; NULL ends the table */
    lua_CFunction body;     /* NULL: comes with a later level; help says what to use */
    unsigned kinds;         /* API_RULE | … */
    bool is_method;         /* the object comes before the parameters: the actor, or of tests */
    const char *of;         /* this: TEST_WORKSPACE, TEST_PERSON */
    const char *capability; /* that a plugin with a manifest must list; NULL: none */
    struct api_param params[API_PARAMS];
    const char *returns; /* for the stubs; NULL: nothing */
    const char *help;    /* sentences */
    const char
        *example; /* Lua; of a whole file where kinds has API_LOAD, else what a rule returns */
};

extern const struct api_function api_functions[]; /* of `foyer`: registering, answers, the API */
extern const struct api_function api_tools[];     /* of `foyer`: tools */
extern const struct api_function api_metrics[];   /* of `foyer`: foyer.metrics */
extern const struct api_function api_methods[];   /* "actor:can", "secret:prefixed" */
extern const struct api_function api_tests[];     /* "t.equal", of tests */
extern const struct api_function api_scratch[];   /* "w:run", "person:get", of tests */
#define TEST_WORKSPACE "workspace"
#define TEST_PERSON    "person"

/* ctx.NAME and the like: for the stubs. */
struct api_member {
    const char *class; /* "Context" */
    const char *name;
    const char *lua_type;
    const char *help;
};
extern const struct api_member api_members[];         /* up to a NULL class */
extern const struct api_member api_scratch_members[]; /* likewise, of tests */

/* "in rules and filters", "at the top level of a file". */
struct str api_kinds_text(unsigned kinds, struct arena *arena);
/* What runs now: "in a rule". */
const char *api_kind_name(enum api_kind kind);

#endif

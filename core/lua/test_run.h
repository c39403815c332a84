/* Test run: a file of tests of scripts, and what its functions ask. Between test_run.c, which loads and
 * runs, and bind_test.c, which answers.
 */
#ifndef FOYER_LUA_TEST_RUN_H
#define FOYER_LUA_TEST_RUN_H

#include "lua/instance.h"

enum { TESTS_MAX = 500, TEST_ARENA = 16 * 1024 * 1024 };

struct test_case {
    struct str name;
    int function;
};

struct test_run {
    struct policy *policy;
    struct arena arena; /* of one test */
    struct arena names; /* of the file */
    struct test_case cases[TESTS_MAX];
    size_t count;
    uint64_t serial;         /* of the test that runs */
    struct scratch *scratch; /* its server; NULL: it has asked for none */
    bool is_left;            /* it asked where there are none */
    bool is_answering;       /* a handler waits for the answer of a stub */
};

/* runtime.test */
void test_run_file(struct policy *policy, const struct plugin *file, const struct known *known,
                   struct testing *testing, struct buf *report);

/* lua_CFunction for script_module: the module `test`, which is called to register one; and the
 * object that a test gets. */
int test_open(lua_State *L);
void test_push_object(lua_State *L);

#endif

/* Test handle: what t.handle and t.request share: running a function that waits, with the answers of the test.
 *
 * All that is read from the test's state is read first, and all that is pushed last: in between a buffer and
 * an arena are owned, and nothing jumps.
 */
#ifndef FOYER_LUA_TEST_HANDLE_H
#define FOYER_LUA_TEST_HANDLE_H

#include "lua/instance.h"
#include "plugin/handler.h"

/* What the test says, and what became of it; in the test's arena but for what stands otherwise. */
struct handled {
    struct handler handler;
    struct value event, answers;
    int64_t attempt;
    struct tx said;     /* what the settings are */
    struct actor actor; /* of a request: who asks */
    struct arena own;   /* of the task, and of what it gave */
    struct buf calls;   /* JSON */
    struct str error;   /* absent: it returned */
};

/* Owns own and calls from here to handled_end. given->tx is made here. */
void handled_begin(struct handled *handled);
void handled_run(struct policy *policy, const struct tx *outer, struct handled *handled,
                 struct task_given *given);
/* Copies calls and error into the arena; absent: too large. */
struct str handled_end(struct handled *handled, struct arena *arena);

#endif

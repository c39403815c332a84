/* Patterns: find, match, gmatch and gsub of Lua 5.4, written anew so that they can be stopped.
 *
 * The original runs in C where no hook looks, and `("a"):rep(50):find(("a*"):rep(20) .. "b")` runs
 * for longer than the universe. These have the same syntax, results and messages (a differential
 * test compares them) and pay every step to the budget. The matcher itself knows no Lua state,
 * so that a fuzzer can drive it.
 */
#ifndef FOYER_LUA_PATTERNS_H
#define FOYER_LUA_PATTERNS_H

#include "base/str.h"

struct lua_State;

#define PATTERN_CAPTURES 32
#define PATTERN_DEPTH    200

enum { PATTERN_OPEN = -1, PATTERN_POSITION = -2 }; /* in place of a length */

struct pattern_capture {
    const char *at;
    ptrdiff_t len; /* PATTERN_POSITION: it stands for a place, not a text */
};

struct pattern_match {
    const char *start; /* of the subject: positions count from here */
    const char *end;
    const char *pattern_end;
    /* Called each time `steps_left` is used up: gives how many more may be taken; 0, or no function,
     * stops the match with an error. May longjmp. */
    uint64_t (*more)(void *context);
    void *context;
    uint64_t steps_left;
    char error[56]; /* empty, or why the match failed: "malformed pattern (ends with '%')" */
    int level;      /* captures, open ones included */
    int depth;
    struct pattern_capture captures[PATTERN_CAPTURES];
};

/* Prepares for matching in a subject; more, context and steps_left are set by the caller after it.
 * Borrows both. */
void pattern_init(struct pattern_match *match, struct str subject, struct str pattern);

/* Matches the pattern from `at` (inside the subject) on, without searching; the pattern comes
 * without its leading '^'. Forgets earlier captures. Gives the end of the match, or NULL: none, or
 * match->error is set. A step is about one character compared. */
const char *pattern_match_at(struct pattern_match *match, const char *at, const char *pattern);

/* Puts find, match, gmatch and gsub into the table at the top of the stack. */
void patterns_open(struct lua_State *L);

#endif

/* Source: a look at the tokens of a script before Lua's compiler sees it.
 *
 * Debian 12 has Lua 5.4.4, whose compiler and error messages have known faults that a plain script
 * reaches. What would reach them is refused here, in words; so is what the sandbox does not have.
 * The grammar itself is the compiler's business: what this cannot make sense of is let through.
 *
 *   bytecode                  not text; 5.4.4 can be crashed by a corrupted one
 *   nesting above 100         the compiler's own limit (200 C levels) says "C stack overflow"
 *   chains a.b.c… above 100   naming the culprit of an error recurses along them (fixed in 5.4.7)
 *   long a..b..c…             the compiler recurses along them; above 150 table.concat is named
 *   t[a < b]                  wrong code is generated when t is an upvalue: the comparison's jump is
 *                             lost and any bytes are run as code (fixed in 5.4.8)
 *   local x <close>           __close is not available
 *   local _ENV <const>        wrong code, heap overflow (CVE-2022-28805)
 *
 * Any thread. No Lua in it.
 */
#ifndef FOYER_LUA_SOURCE_H
#define FOYER_LUA_SOURCE_H

#include "base/str.h"

struct arena;

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_KEYWORD,
    TOKEN_NUMBER,
    TOKEN_STRING,  /* with its quotes or brackets */
    TOKEN_OPERATOR /* and all other punctuation */
};

struct token {
    enum token_kind kind;
    struct str text; /* borrowed from the source */
    int line;        /* on which it begins */
};

struct scanner {
    const char *at;
    const char *end;
    int line;
};

/* Borrows the source. */
void scanner_init(struct scanner *scanner, struct str source);
/* Skips white space and comments. Never fails: an unfinished string ends with its line or the
 * source, a strange byte is an operator. */
struct token scanner_next(struct scanner *scanner);

/* Absent: fine. Else the reason, in the arena, and *line where it is. */
struct str source_refusal(struct str source, struct arena *arena, int *line);

#endif

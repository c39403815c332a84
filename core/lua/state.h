/* State: one sandboxed Lua state: memory ceiling, frozen environment, loading and calling.
 *
 * What scripts see is made by stdlib.h; how long they run is budget.h; the tables that `require`
 * gives are modules, registered here by whoever binds Foyer to Lua. A state belongs to one thread
 * at a time and is never shared. lua.h is not included: `struct lua_State` suffices to pass along.
 *
 * Life: script_state_new, script_module for each built-in module, script_load for the entry file
 * (its top level runs and registers), script_freeze, then any number of script_call. After
 * script_freeze nothing that the state holds can be written but upvalues of closures: Lua has no
 * means against those, scripts must not keep anything there, and tests run twice to show it.
 *
 * No function of this header raises a Lua error or longjmps, but those that take `L` first: they
 * are for C functions that run inside a call, and for `push` and `read`.
 */
#ifndef FOYER_LUA_STATE_H
#define FOYER_LUA_STATE_H

#include "base/status.h"
#include "base/str.h"

#include <stdint.h>

struct arena;
struct lua_State;
struct script_state;

enum script_kind {
    SCRIPT_SYNTAX = 1, /* the source does not compile, or is refused before it is tried */
    SCRIPT_RUNTIME,    /* error(), a wrong type, a stack too deep … */
    SCRIPT_TIMEOUT,    /* the budget is spent */
    SCRIPT_MEMORY,     /* the ceiling of the state or of one allocation */
    SCRIPT_YIELD       /* it tried to wait where nothing may wait */
};

/* What went wrong, for a person. The texts are borrowed from the state: valid until the next
 * script_load or script_call on it. */
struct script_error {
    enum script_kind kind;
    struct str message;   /* one line, without the place */
    struct str where;     /* "scripts/permissions.lua:12"; empty where no script line is known */
    struct str traceback; /* several lines, may be empty; at most 2 KiB */
};

/* "timeout", "memory", "runtime", "syntax", "yield" */
const char *script_kind_name(enum script_kind kind);

/* Finds what `require("lib.x")` and templates ask for. Runs on the state's thread during loading. */
struct script_files {
    /* name as the script gave it: letters, digits, '_', '-' and single '.' or '/' between them;
     * nothing else gets here. True: *source is borrowed until the next call of find, *path is the
     * name for messages ("lib/x.lua"). False: no such file. Must not touch the state. */
    bool (*find)(void *context, struct str name, struct str *source, struct str *path);
    void *context; /* borrowed as long as the state lives */
};

struct script_limits {
    size_t memory;             /* bytes of the whole state; 0: LIMIT_SCRIPT_STATE */
    size_t allocation;         /* bytes of one allocation; 0: LIMIT_SCRIPT_ALLOCATION */
    struct script_files files; /* .find may be NULL: then only modules can be required */
};

/* Gives a state with the standard library of stdlib.h, or NULL when even that does not fit under
 * the ceiling (or by FAULT_LUA). limits may be NULL for the defaults. Copies limits. */
struct script_state *script_state_new(const struct script_limits *limits);
/* Takes the state; NULL is allowed. Not from inside a call. */
void script_state_free(struct script_state *state);

/* A pointer for the bindings, set by whoever made the state; NULL at first. Borrowed. */
void script_set_host(struct script_state *state, void *host);

size_t script_memory_used(const struct script_state *state); /* bytes now */
size_t script_memory_peak(const struct script_state *state); /* bytes at most since new */

/* ---- Modules and loading ------------------------------------------------------------------ */

/* Registers what `require(name)` gives. open is a lua_CFunction: called once, now, with
 * `data` as light userdata as its only argument; it returns one table, which is frozen (deeply)
 * at once. A module of a name goes before a file of that name. ST_CONFLICT: the name is taken; ST_RULE_ERROR:
 * open failed, see error. */
enum status script_module(struct script_state *state, const char *name,
                          int (*open)(struct lua_State *L), void *data, struct script_error *error);

/* Compiles and runs a file of text (never bytecode) within budget_us. name is its path for
 * messages. *returned (may be NULL) is a reference to its first result, or 0 when that was nil.
 * ST_OK; ST_TOO_LARGE (above LIMIT_SCRIPT_SOURCE) and ST_RULE_ERROR: see error. After
 * script_freeze too (tests): what it makes is then simply its own. */
enum status script_load(struct script_state *state, struct str name, struct str source,
                        uint64_t budget_us, int *returned, struct script_error *error);

/* From now on module tables (those of required files too) refuse writes, and `require` gives only
 * what is loaded. ST_RULE_ERROR: out of memory, or a table nests too deep to be frozen. */
enum status script_freeze(struct script_state *state, struct script_error *error);

/* ---- Calling ------------------------------------------------------------------------------ */

struct script_call {
    int function; /* a reference: of script_keep, or *returned */
    /* Pushes the arguments and returns how many; at most 16. NULL: none. Runs inside the call's
     * protection: may raise, must own nothing. */
    int (*push)(struct lua_State *L, void *context);
    /* Looks at `count` results, the first at index `first`, before they vanish. NULL: ignored.
     * May raise (luaL_error: the call then fails as SCRIPT_RUNTIME); must own nothing. */
    void (*read)(struct lua_State *L, int first, int count, void *context);
    void *context;      /* for push and read, and script_call_context */
    uint64_t budget_us; /* LIMIT_RULE_MICROSECONDS … */
};

/* Calls a kept function. Nothing in it may wait. Costs well below 1 us: the coroutine in which
 * it runs is kept for the next call and made anew only after an error.
 *
 * May be called from a C function that such a call runs (a filter that asks a rule), up to 8 deep:
 * the inner call has its own budget and ends with the outer one's at the latest (call
 * script_pass_expiry of budget.h when it failed, so that the outer one ends, too).
 * ST_OK; ST_RULE_ERROR: see error (may be NULL). Never anything else; the state stays usable. */
enum status script_call(struct script_state *state, const struct script_call *call,
                        struct script_error *error);

/* ---- Tasks: calls that run in slices, and may wait ------------------------------------------- */

/* A call in a coroutine of its own, of which a state may have many. It is run by slices: where one is over
 * it is left in the middle, and goes on there with the next. C functions in it may wait for what is done
 * elsewhere meanwhile (script_task_wait). Not from inside of a call. */
struct script_task;

enum script_progress {
    SCRIPT_GOES_ON, /* the slice is over */
    SCRIPT_WAITS,   /* for what a C function asked for: resume it when that is there */
    SCRIPT_ENDED,   /* call->read has seen the results */
    SCRIPT_FAILED   /* *error */
};

/* call->budget_us is what all slices together may take. Copies *call; borrows its context. NULL: there is
 * no memory, *error. Free it before the state. */
struct script_task *script_task_new(struct script_state *state, const struct script_call *call,
                                    struct script_error *error);
/* Begins it, or goes on, for about slice_us. What cannot be left in the middle (a comparator of table.sort,
 * a callback of string.gsub) may take LIMIT_STRETCH_MICROSECONDS beyond that. error may be NULL. */
enum script_progress script_task_run(struct script_task *task, uint64_t slice_us,
                                     struct script_error *error);
/* Takes NULL. What is left of it is never run, and not unwound. */
void script_task_free(struct script_task *task);

/* For C functions in a task: `return script_task_wait(L, go_on)` leaves; the next script_task_run calls
 * go_on, with the same stack, and what that returns is the function's. Raises where nothing can wait: in a
 * call, or inside of a callback. */
int script_task_wait(struct lua_State *L,
                     int (*go_on)(struct lua_State *L, int status, intptr_t context));

/* Keeps the value at index (not nil) and gives a reference above 0, for script_call and
 * script_push. It lives until script_drop or the state's end. May raise (memory). */
int script_keep(struct lua_State *L, int index);
void script_push(struct lua_State *L, int reference);
void script_drop(struct script_state *state, int reference); /* 0 is allowed */

/* ---- For C functions that run inside a call ----------------------------------------------- */

struct script_state *script_state_of(struct lua_State *L);
void *script_host(struct lua_State *L); /* what script_set_host set */
void *
script_call_context(struct lua_State *L);    /* of the innermost script_call; NULL while loading */
bool script_is_loading(struct lua_State *L); /* top level of a file: registering is allowed */

/* An arena of the state for what a C function needs while it runs; survives longjmp, and is reset
 * when the outermost call or load ends. Ceiling 4 MiB: look at arena_is_exhausted before using a
 * result whose size the script chose. */
struct arena *script_scratch(struct lua_State *L);

/* "file:line" of the script line that runs at `level` (0: the nearest script function), copied into
 * the arena; empty when there is none. */
struct str script_where(struct lua_State *L, int level, struct arena *arena);

/* Makes the table at index, and all tables in it that have no metatable, refuse every write, also
 * by rawset and table.*; reads, #, pairs, ipairs and next see through. Fields whose names begin
 * with "__" stay where metatables need them. The table keeps its identity. Raises on memory, or
 * when it nests deeper than 32. */
void script_freeze_table(struct lua_State *L, int index);

/* For each metatable before lua_setmetatable: refuses (raises) what metatables must not have here, and
 * makes its __call work, which must be a function and there already. */
void script_check_metatable(struct lua_State *L, int index);

/* If the value at index is a frozen table, replaces nothing but pushes its content table and
 * returns true; never hand that to a script. Else pushes nothing. */
bool script_push_frozen_content(struct lua_State *L, int index);

#endif

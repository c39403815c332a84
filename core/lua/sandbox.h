/* Sandbox: what the files of this folder know of a script state, and nobody else does.
 *
 * The contracts for everybody are state.h, budget.h and stdlib.h. Bindings do not include this.
 */
#ifndef FOYER_LUA_SANDBOX_H
#define FOYER_LUA_SANDBOX_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "lua/budget.h"
#include "lua/state.h"

#include <lua.h>

enum {
    SCRIPT_CALL_DEPTH = 8,
    SCRIPT_WHERE_MAX = 256,
    SCRIPT_SCRATCH = 4 * 1024 * 1024,
    SCRIPT_LOAD_TEXT = 16 * 1024 /* what `load` takes */
};

/* Something that runs in a coroutine within a budget: a call, a load, an opening of a module. */
struct script_run {
    lua_CFunction body; /* gets this struct as light userdata */
    void *data;         /* of the body */
    void *context;      /* what script_call_context gives */
    uint64_t budget_us;
    bool is_loading;
    bool is_syntax;  /* set by the body: the error that it raises is the compiler's */
    bool is_memory;  /* likewise: Lua said that memory was the reason */
    bool is_stretch; /* of a task: what could not be left in the middle took too long */
    lua_State *co;
    struct script_run *outer;
};

/* Why a coroutine has yielded. */
enum script_yield {
    YIELD_OWN,   /* coroutine.yield of the script, or over budget */
    YIELD_SLICE, /* the slice of the task is over */
    YIELD_WAIT,  /* script_task_wait */
};

struct script_state {
    lua_State *main; /* never runs script code: it resumes */
    void *host;
    struct script_limits limits;

    /* The allocator's */
    size_t used;
    size_t peak;
    size_t unlooked;       /* bytes given since it last looked at the clock */
    bool is_fault_pending; /* the retry after the emergency collection fails, too */
    bool is_reporting;     /* may go above the ceiling a little */
    bool is_gc_tight;

    struct budget *budget;                    /* of the innermost run; NULL between runs */
    struct script_run *run;                   /* innermost; NULL between runs */
    lua_State *running;                       /* the coroutine whose code runs now */
    lua_State *coroutines[SCRIPT_CALL_DEPTH]; /* one for each depth; NULL: to be made */
    int depth;
    enum script_yield yielded; /* of the newest yield */
    unsigned
        pinned; /* coroutines that run inside of what cannot yield: nothing in them may be left */
    char spent_at[SCRIPT_WHERE_MAX]; /* where the budget was found spent; "" */

    char refused_at[SCRIPT_WHERE_MAX]; /* how the last message of the compiler began */
    const void *call_name;             /* the string that stands for "__call"; see metatable.c */

    struct arena scratch; /* until the outermost run ends */
    struct arena once;    /* of a C function that calls no script: reset at its beginning */
    struct buf text;      /* likewise */
    struct buf message;
    struct buf where;
    struct buf traceback;
};

/* alloc.c: lua_Alloc with the ceilings; ud is the state. */
void *script_alloc(void *ud, void *old, size_t old_size, size_t size);

/* state.c: runs in the coroutine of the depth. ST_OK or ST_RULE_ERROR with *error (may be NULL). */
enum status script_run(struct script_state *state, struct script_run *run,
                       struct script_error *error);

/* state.c: what a call's coroutine begins with; run->data is the call. */
int script_call_body(lua_State *L);
/* state.c: after a run: collects what a state that fills its room must not keep. */
void script_settle_memory(struct script_state *state, const struct script_error *error);

/* state.c: it was that of a call which failed, and must never be resumed: its run is gone. */
bool script_is_dropped(lua_State *co);

/* report.c: fills the error from the stack of a coroutine that failed with a Lua status. */
void report_failure(struct script_state *state, lua_State *co, int status,
                    const struct script_run *run, struct script_error *error);
/* The same for what failed before or beside Lua. */
void report_text(struct script_state *state, enum script_kind kind, struct script_error *error,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Writes "file:line" of the nearest script function of L at or above level; false: there is none. */
bool report_place(lua_State *L, int level, char *text, size_t size);

/* budget.c: looks at the clock now; leaves when the budget is spent. */
void script_look(lua_State *L);

/* freeze.c: true when the value at index is a frozen table. No memory is taken. */
bool script_is_frozen(lua_State *L, int index);
/* Replaces the frozen table at the positive index by its content, to read from; others stay. */
void script_see_through(lua_State *L, int index);
/* Raises when the table at index is frozen. */
void script_check_writable(lua_State *L, int index);

/* require.c: whether script_files may be asked for the name. */
bool script_is_file_name(struct str name);

/* Put the functions of _G into a new table on the stack (base.c); add require to it (require.c). */
void stdlib_open_base(lua_State *L);
void stdlib_open_require(lua_State *L);
/* Each leaves a new library table on the stack. */
void stdlib_open_coroutine(lua_State *L);
void stdlib_open_table(lua_State *L);
void stdlib_open_string(lua_State *L);
/* In the library table at the top: the functions named, up to NULL, pay for the texts they get. */
void stdlib_charge(lua_State *L, const char *const *names);
/* tostring without addresses: pushes the text of the value at the positive index. */
void stdlib_push_text(lua_State *L, int index);

/* metatable.c: once, first of all. */
void metatable_open(lua_State *L);
/* True when the string at index is the hidden name of __call, which no script may see. */
bool metatable_is_hidden(lua_State *L, int index);

/* value.c: the mark of arrays: sets it on the table at the top; whether the value at index has it. */
void value_mark_array(lua_State *L);
bool value_is_marked(lua_State *L, int index);

/* Registry keys: addresses of these. */
extern const char KEY_ENV, KEY_NAMES, KEY_MODULES, KEY_LOADED, KEY_ARRAY, KEY_FROZEN;

#endif

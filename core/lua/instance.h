/* Instance: one plugin in one script state, and the call that runs in it. What the bindings share.
 *
 * Bindings find the instance by instance_of(L) and the innermost call by call_of(L). They check
 * arguments (api.c does it by the table), make one call, push the result, and own nothing.
 */
#ifndef FOYER_LUA_INSTANCE_H
#define FOYER_LUA_INSTANCE_H

#include "base/value.h"
#include "http/reply.h"
#include "lua/state.h"
#include "plugin/generation.h"

#include <lua.h>

/* Where a function of the API may be called; a mask in api_table.h. */
enum api_kind {
    API_LOAD = 1u << 0, /* top level of a file */
    API_RULE = 1u << 1,
    API_SCOPE = 1u << 2,
    API_FILTER = 1u << 3,
    API_RENDER = 1u << 4,
    API_TEST = 1u << 5, /* inside of test("…", function(t) … end) */
    API_EVENT = 1u << 6,
    API_TRANSACTION = 1u << 7,
    API_JOB = 1u << 8,
    API_ROUTE = 1u << 9,
    API_PAGE = 1u << 10,
    API_COMMAND = 1u << 11,
};
/* Those that may wait. */
#define API_TASKS    (API_EVENT | API_JOB | API_COMMAND | API_REQUESTS)
#define API_REQUESTS (API_ROUTE | API_PAGE)
#define API_CALLED                                                                                 \
    (API_RULE | API_SCOPE | API_FILTER | API_RENDER | API_TEST | API_TRANSACTION | API_TASKS)
#define API_ANYWHERE (API_LOAD | API_CALLED)

/* Objects that scripts get are made once a state and used again by each call. */
enum object {
    OBJECT_CTX,
    OBJECT_ACTOR,
    OBJECT_TARGET,
    OBJECT_INPUT,
    OBJECT_CHANGE,
    OBJECT_WORKSPACE,
    OBJECT_SETTINGS,
    OBJECTS
};

enum { ANSWERS_READY = 8 };

enum answer_kind { ANSWER_ALLOW, ANSWER_DENY, ANSWER_REJECT, ANSWER_SCOPE };

/* What foyer.allow, deny, reject, own … give, and a function returns. Texts and terms lie in the
 * arena of the call that made it; an older one is refused by its serial. */
struct answer {
    enum answer_kind kind;
    uint64_t serial;
    struct str code, message, text; /* text: reason of allow, field of reject */
    struct str where;
    struct scope scope;
};

/* A registered function. */
struct script_function {
    int reference;
    bool is_inline; /* written where it is registered: then its own lines tell more */
};

struct instance {
    struct script_state *state;
    const struct plugin *plugin;
    const struct known *known;
    struct registry *registry; /* while loading */
    bool has_settings;
    bool is_again;                     /* it was checked before, and has its numbers */
    const struct manifest *header;     /* what foyer.plugin said; NULL: nothing */
    struct script_function *functions; /* by number */
    size_t function_count, function_cap;
    int objects[OBJECTS]; /* references */
    const void *places[OBJECTS];
    int answers[ANSWERS_READY];
    struct answer *answer_places[ANSWERS_READY];
    uint64_t serial;        /* of the newest call */
    unsigned depth;         /* of calls inside of calls */
    struct test_run *tests; /* NULL: no file of tests is loaded here */
};

/* What runs in the instance: script_call_context. */
struct call {
    enum api_kind kind;
    struct instance *instance;
    uint64_t serial;
    bool is_outermost;         /* of the instance */
    bool is_inline;            /* the function */
    struct question *question; /* NULL in renders and tests */
    struct tx *tx;
    struct arena *arena; /* the transaction's */
    /* filters */
    const struct entity *entity;
    const void *row;
    void *change;
    uint64_t given;
    struct reply *reply; /* of foyer.api: of who calls, so that an error does not lose it */
    bool has_reply;
    unsigned logged;
    unsigned mails;   /* that were queued */
    unsigned emitted; /* events */
    /* handlers of events and transactions */
    struct task *task;     /* NULL: it is no handler */
    struct value argument; /* event, or args */
    /* renders */
    const char *name;
    struct str locale;
    const struct value *data;
    /* answers */
    unsigned answers; /* how many were made */
    struct answer answer;
    bool has_answer;
    struct value changed; /* nil: none */
    bool has_changed;
    struct rendered *rendered;
};

/* A handler of events, a job or a route: in it foyer.api and foyer.run wait for whoever runs it (handler.c). */
struct task {
    struct call call; /* what runs in the instance */
    struct question question;
    struct script_task *script;
    struct arena_mark mark; /* what a call of it needs lies behind that */
    struct task_call asks;
    const struct task_answer *answer; /* NULL: there is none yet */
    int64_t attempt;
    struct task_result *result; /* of a route */
};

/* runtime.task_new and so on, and runtime.transaction. */
struct task *handler_task_new(struct instance *instance, size_t function,
                              const struct task_given *given, struct fault *fault);
enum task_progress handler_task_run(struct task *task, uint64_t slice_us, struct task_call *call,
                                    struct fault *fault);
void handler_task_answer(struct task *task, const struct task_answer *answer);
void handler_task_free(struct task *task);
enum status handler_transaction(struct instance *instance, size_t function,
                                struct question *question, struct str args, struct str *result,
                                struct fault *fault);

/* runtime.open and runtime.close. */
struct instance *instance_open(const struct plugin *plugin, const struct known *known,
                               struct registry *registry, struct arena *arena, struct fault *fault);
void instance_close(struct instance *instance);

/* Runs a function of it by script_call. */
enum status instance_call(struct call *call, size_t function, const struct script_call *kind,
                          struct script_error *error);
void instance_set_fault(struct fault *fault, const struct script_error *error, struct arena *arena);
/* script_files.find over the files of the plugin; context is the instance. */
bool instance_find_file(void *context, struct str name, struct str *source, struct str *path);

/* What it says of itself, also while it is loaded; NULL: nothing. */
const struct manifest *instance_says(const struct instance *instance);

struct instance *instance_of(lua_State *L);
/* NULL: a file is being loaded. */
struct call *call_of(lua_State *L);

#endif

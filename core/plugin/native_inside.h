/* Native inside: what the files native_*.c share, among it what is opaque to plugins.
 *
 * Owned by the thread of the instance.
 */
#ifndef FOYER_PLUGIN_NATIVE_INSIDE_H
#define FOYER_PLUGIN_NATIVE_INSIDE_H

#include "base/value.h"
#include "foyer/plugin.h"
#include "plugin/native.h"

/* Where a function of the table may be called. */
enum native_kind {
    NATIVE_RULE = 1u << 0,
    NATIVE_SCOPE = 1u << 1,
    NATIVE_FILTER = 1u << 2,
    NATIVE_RENDER = 1u << 3,
    NATIVE_TEST = 1u << 4,
    NATIVE_EVENT = 1u << 5,
    NATIVE_TRANSACTION = 1u << 6,
};
#define NATIVE_QUESTION (NATIVE_RULE | NATIVE_SCOPE | NATIVE_FILTER)
#define NATIVE_WRITE    (NATIVE_FILTER | NATIVE_TRANSACTION)
#define NATIVE_HOOK     (NATIVE_QUESTION | NATIVE_RENDER | NATIVE_EVENT | NATIVE_TRANSACTION)

struct native_library {
    int fd; /* kept while it is loaded: the loader knows libraries by their path, /proc/self/fd/N */
    void *handle;
    struct foyer_plugin_table table; /* what its date has not is zeroed */
};

struct native_instance {
    const struct plugin *plugin;
    const struct known *known;
    void *own; /* the plugin's */
    foyer_function **functions;
    size_t function_count;
};

/* CPU time of the thread, with a cap by the clock for whoever sleeps. */
struct native_budget {
    uint64_t begun, cpu_begun; /* ns */
    uint64_t limit;            /* ns */
};

struct foyer_registry {
    const struct plugin *plugin;
    const struct known *known;
    struct registry *registry;
    struct native_instance *instance;
    size_t function_cap;
    struct arena *arena;
    struct str fault; /* the first; absent: none */
};

struct foyer_call {
    enum native_kind kind;
    struct native_instance *instance;
    struct question *question; /* NULL in renders, event handlers and self-tests */
    struct tx *tx;             /* NULL in self-tests */
    struct arena *arena;
    struct native_budget budget;
    unsigned logged;
    struct str fault; /* the first; absent: none */
    /* filters */
    const struct entity *entity;
    const void *row, *change;
    uint64_t given;
    /* renders; data also the event, or what a transaction is given */
    const char *name;
    struct str locale;
    const struct value *data;
    int64_t attempt; /* event handlers */
    unsigned told;   /* events */
    /* the answer */
    bool has_answer;
    enum verdict verdict;
    struct str code, message, reason, field;
    struct scope scope;
    struct value_member *changed;
    size_t changed_count;
    struct rendered rendered;
    struct str transaction, args; /* of event handlers; args is JSON */
};

/* The table that plugins get. */
extern const struct foyer_host native_host;

/* ---- Running (native.c) ---- */
struct native_instance *native_open(const struct native_library *library,
                                    const struct plugin *plugin, const struct known *known,
                                    struct registry *registry, struct arena *arena,
                                    struct fault *fault);
void native_close(const struct native_library *library, struct native_instance *instance);
/* Calls one of its functions. False: *fault. */
bool native_call(struct foyer_call *call, size_t function, uint64_t microseconds,
                 struct fault *fault);
void native_budget_begin(struct native_budget *budget, uint64_t microseconds);
int64_t native_budget_left(const struct native_budget *budget);

/* ---- Faults and texts (native_host.c) ---- */
/* Keeps the first fault of the call, and gives the status. */
int native_fault(struct foyer_call *call, enum foyer_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* FOYER_OK, or the fault that `what` is not in a function of this kind. */
int native_here(struct foyer_call *call, unsigned kinds, const char *what);
/* Copies a text of at most `most` bytes. Absent: NULL was given, which must be allowed. */
enum native_null { NATIVE_NULL_IS_WRONG, NATIVE_NULL_IS_ABSENT };
int native_take_text(struct foyer_call *call, const char *text, size_t most, enum native_null null,
                     const char *what, struct str *taken);
/* Why a text of a plugin cannot be taken; NULL: it can. */
const char *native_text_refusal(const char *text, size_t most, size_t *len);

/* Whether plugin.json lists the capability. */
bool native_is_capable(const struct native_instance *instance, const char *capability);

/* ---- Event handlers (native_handler.c) ---- */
struct task *native_task_new(struct instance *instance, size_t function,
                             const struct task_given *given, struct fault *fault);
enum task_progress native_task_run(struct task *task, uint64_t slice_us, struct task_call *call,
                                   struct fault *fault);
void native_task_answer(struct task *task, const struct task_answer *answer);
void native_task_free(struct task *task);
enum status native_transaction_run(struct instance *instance, size_t function,
                                   struct question *question, struct str args, struct str *result,
                                   struct fault *fault);

/* ---- The functions of the table ---- */
int native_rule(struct foyer_registry *registry, const char *action,
                const struct foyer_options *options, foyer_function *function);
int native_scope(struct foyer_registry *registry, const char *entity,
                 const struct foyer_options *options, foyer_function *function);
int native_filter(struct foyer_registry *registry, const char *action,
                  const struct foyer_options *options, foyer_function *function);
int native_render(struct foyer_registry *registry, const char *name,
                  const struct foyer_options *options, foyer_function *function);
int native_refuse(struct foyer_registry *registry, const char *why);
int native_get(struct foyer_call *call, enum foyer_object object, const char *name,
               const struct foyer_value **value);
int native_can(struct foyer_call *call, const char *permission, int *answer);
int native_has_company_role(struct foyer_call *call, const char *company, const char *role,
                            int *answer);
int native_allow(struct foyer_call *call, const char *reason);
int native_deny(struct foyer_call *call, const char *code, const char *message);
int native_rows(struct foyer_call *call, enum foyer_rows rows, const char *const *texts,
                size_t count);
int native_change(struct foyer_call *call, const char *name, const struct foyer_value *value);
int native_reject(struct foyer_call *call, const char *code, const char *message,
                  const char *field);
int native_rendered(struct foyer_call *call, const char *subject, const char *text,
                    const char *html);
int native_api(struct foyer_call *call, const char *method_name, const char *target_text,
               const struct foyer_value *given, int *status, const struct foyer_value **answer);
int native_on(struct foyer_registry *registry, const char *event,
              const struct foyer_options *options, foyer_function *function);
int native_transaction(struct foyer_registry *registry, const char *name,
                       const struct foyer_options *options, foyer_function *function);
int native_run(struct foyer_call *call, const char *name, const struct foyer_value *args);
int native_tell(struct foyer_call *call, const char *event, const char *key,
                const struct foyer_value *data);

/* ---- Values (native_value.c) ---- */
/* A copy in the arena. */
const struct foyer_value *native_value_give(struct arena *arena, const struct value *value);
/* Copies what a plugin gives. Absent: fine. Else the reason, in the arena. */
struct str native_value_take(struct arena *arena, const struct foyer_value *value,
                             struct value *taken);
/* The same as JSON of at most `most` bytes; NULL: null. FOYER_OK, or the fault of `what`. */
int native_value_json(struct foyer_call *call, const struct foyer_value *value, size_t most,
                      const char *what, struct str *json);
/* A member of a row as the outside sees it, in the arena; nil where it is null. Absent: fine; else the reason. */
struct str native_value_of_field(const struct field *field, const void *row, struct arena *arena,
                                 struct value *value);
struct value native_value_of_id(struct uuid id, struct arena *arena); /* none: nil */
struct value native_value_of_ids(struct ids ids, struct arena *arena);

#endif

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
};
#define NATIVE_QUESTION (NATIVE_RULE | NATIVE_SCOPE | NATIVE_FILTER)
#define NATIVE_HOOK     (NATIVE_QUESTION | NATIVE_RENDER)

struct native_library {
    int fd; /* kept while it is loaded: the loader knows libraries by their path, /proc/self/fd/N */
    void *handle;
    struct foyer_plugin_table table; /* what its date has not is zeroed */
};

struct native_instance {
    const struct plugin *plugin;
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
    struct question *question; /* NULL in renders and self-tests */
    struct tx *tx;             /* NULL in self-tests */
    struct arena *arena;
    struct native_budget budget;
    unsigned logged;
    struct str fault; /* the first; absent: none */
    /* filters */
    const struct entity *entity;
    const void *row, *change;
    uint64_t given;
    /* renders */
    const char *name;
    struct str locale;
    const struct value *data;
    /* the answer */
    bool has_answer;
    enum verdict verdict;
    struct str code, message, reason, field;
    struct scope scope;
    struct value_member *changed;
    size_t changed_count;
    struct rendered rendered;
};

/* The table that plugins get. */
extern const struct foyer_host native_host;

/* ---- Running (native.c) ---- */
struct native_instance *native_open(const struct native_library *library,
                                    const struct plugin *plugin, const struct known *known,
                                    struct registry *registry, struct arena *arena,
                                    struct fault *fault);
void native_close(const struct native_library *library, struct native_instance *instance);
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

/* ---- Values (native_value.c) ---- */
/* A copy in the arena. */
const struct foyer_value *native_value_give(struct arena *arena, const struct value *value);
/* Copies what a plugin gives. Absent: fine. Else the reason, in the arena. */
struct str native_value_take(struct arena *arena, const struct foyer_value *value,
                             struct value *taken);
/* A member of a row as the outside sees it, in the arena; nil where it is null. Absent: fine; else the reason. */
struct str native_value_of_field(const struct field *field, const void *row, struct arena *arena,
                                 struct value *value);
struct value native_value_of_id(struct uuid id, struct arena *arena); /* none: nil */
struct value native_value_of_ids(struct ids ids, struct arena *arena);

#endif

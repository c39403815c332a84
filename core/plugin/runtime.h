/* Runtime: what runs the functions of plugins; lua/engine.h has the one of scripts, native.h that of libraries.
 *
 * A plugin is loaded by opening an *instance* of it: its entry runs, and what it registers is
 * written down. The first instance numbers the functions; later ones find theirs by what they were
 * registered for, so that a number means the same function everywhere. Instances belong to one
 * thread. Nothing here raises or jumps; texts that are given lie in the transaction's arena unless
 * said otherwise.
 */
#ifndef FOYER_PLUGIN_RUNTIME_H
#define FOYER_PLUGIN_RUNTIME_H

#include "base/schedule.h"
#include "http/request.h"
#include "plugin/setting.h"
#include "policy/policy.h"
#include "policy/reads.h"

struct instance; /* the runtime's */
struct known;
struct manifest;
struct plugin;
struct plugin_metric;

enum hook_kind {
    HOOK_RULE,
    HOOK_SCOPE,
    HOOK_FILTER,
    HOOK_RENDER,
    HOOK_EVENT,
    HOOK_TRANSACTION,
    HOOK_JOB,
    HOOK_ROUTE,
    HOOK_PAGE,
    HOOK_COMMAND,
    HOOK_KINDS
};
/* "rule", "scope", "filter", "render", "event", "transaction", "job", "route", "page", "command" */
extern const char *const hook_kind_names[HOOK_KINDS + 1];

enum hook_stage {
    STAGE_VALIDATE,
    STAGE_NORMALIZE,
    STAGE_ENRICH,
    STAGE_POLICY,
    STAGE_AUDIT,
    STAGES
};
extern const char *const hook_stage_names[STAGES + 1];

/* Of foyer.route and foyer.page: where it is, who may ask for it, and what it takes; of foyer.command body alone, a
 * schema of its arguments. */
struct route_terms {
    enum method method;               /* of routes; pages take GET, and POST of their forms */
    struct str path;                  /* "/hooks/{source}", below the plugin's own address */
    struct str may, open;             /* as those of struct route; absent: the other one */
    const struct value *query, *body; /* schemas, body of forms too; NULL: anything */
    /* of pages */
    struct str place;         /* "dashboard" or "portal" */
    struct str title;         /* where the page says no other */
    struct str label;         /* in the navigation; absent: it does not stand there */
    struct str style, script; /* paths of assets; absent: none */
};

/* One foyer.rule(…), foyer.scope(…) …; texts in the registry's arena. */
struct registration {
    enum hook_kind kind;
    enum hook_stage stage;
    struct str subject;  /* action, entity, hook, event, or name of a render, transaction or job;
                          * "GET /reports/{id}" of a route, "dashboard /reports" of a page */
    struct str name;     /* absent: none was given */
    struct str describe; /* absent: none was given */
    struct texts after, before;
    struct schedule schedule; /* of jobs */
    struct str schedule_text; /* the same as text; absent: no job */
    struct route_terms route; /* of routes */
    struct str where;         /* "permissions.lua:12": of the function */
};

struct registry {
    struct arena *arena;
    struct registration *at;
    size_t count, cap;
    struct plugin_setting *settings; /* of SETTINGS_MAX; NULL: none were declared */
    size_t setting_count;
    struct plugin_metric *metrics; /* of METRICS_MAX; NULL: none were declared */
    size_t metric_count;
    const struct manifest *header; /* of a script; NULL: it said nothing */
};

/* Copies the texts. Gives the number of the function. */
size_t registry_add(struct registry *registry, const struct registration *registration);

/* Copies what it declares. NULL: there are too many. */
struct plugin_setting *registry_add_setting(struct registry *registry,
                                            const struct plugin_setting *setting);

/* Copies what it declares, which was settled. */
enum registry_added { REGISTRY_ADDED, REGISTRY_FULL, REGISTRY_TWICE };
enum registry_added registry_add_metric(struct registry *registry,
                                        const struct plugin_metric *metric);

/* Why a function gave no answer. Absent where: no line is known. */
struct fault {
    struct str message;
    struct str where;
    bool is_timeout;
};

/* What a function is asked, and what it looked at. On the stack of who asks. */
struct question {
    struct tx *tx;
    const char *action; /* of rules and filters; else NULL */
    const struct subject *subject;
    struct reads reads;
    bool with_place; /* the exact line of an allow is wanted: costs a little */
};

/* Loads it at the first look of the transaction. NULL: the transaction has failed. */
const struct workspace *question_workspace(struct question *question);

/* A handler of events, a job or a route that runs: in slices, and beside others of its thread. */
struct task; /* the runtime's */

/* What a route, page or command gave, as it goes out; in the task's arena. */
struct task_result {
    int status;
    struct str type;    /* Content-Type; absent: there is no body */
    struct str headers; /* "Name: value\n" each; names and values are as they may be */
    struct str body;
    bool is_page;      /* the body belongs into the layout */
    struct str title;  /* of that; absent: the page's own */
    struct str notice; /* what the next page says once; absent: nothing */
};

/* What it is given; borrowed until task_free. */
struct task_given {
    struct tx *tx;               /* has no database: who it is, where, when, and its arena */
    struct str event;            /* JSON object */
    int64_t attempt;             /* from 1 */
    const struct value *request; /* of routes and pages; of commands their arguments */
    struct task_result *result;  /* filled when one of these has ended */
};

enum task_progress {
    TASK_GOES_ON, /* the slice is over */
    TASK_WAITS,   /* for the answer to *call */
    TASK_ENDED,
    TASK_FAILED /* *fault */
};

/* What it waits for; in its arena until it is answered. */
struct task_call {
    enum method method; /* of foyer.api */
    struct str path, query, body;
    struct str transaction; /* foyer.run, of its plugin, with body; absent: foyer.api */
    struct str event; /* foyer.events.emit, with path (the key) and body; absent: something else */
    struct str url;   /* foyer.http.fetch, with method, body (absent: none), */
    struct str headers;        /* "name: value\n" each */
    struct str secret_headers; /* the same of those that are for this host alone */
    bool has_secret;           /* url or body has one */
    bool follows;              /* redirects */
    int64_t timeout_ms;
    bool
        is_last; /* of a transaction: what it does and the end of the task are committed together */
};
struct task_answer {
    int status;         /* HTTP */
    struct str body;    /* JSON, or empty; of what was fetched: as it came */
    struct str headers; /* of what was fetched: "name: value\n" each, names in lower case */
    struct str error;   /* that the call raises instead; absent: none */
};

/* Tests: which are asked for, and what became of them. */
struct testing {
    struct str filter; /* those with this in their sentence; absent: all */
    size_t count;      /* that were run, */
    size_t failed;     /* of them, */
    size_t left; /* and that were not: they need a workspace, which commands alone give them */
};

struct runtime {
    /* Runs the entry of the plugin. registry NULL: the functions get the numbers of
     * plugin->registrations; else they are written down there. known tells which names may be
     * registered. NULL: *fault says why; its texts lie in `arena`. */
    struct instance *(*open)(const struct plugin *plugin, const struct known *known,
                             struct registry *registry, struct arena *arena, struct fault *fault);
    void (*close)(struct instance *instance); /* takes NULL */

    /* ABSTAIN; ALLOW (reason, rule); DENY (code, message, rule); ERROR (reason, rule). */
    enum verdict (*rule)(struct instance *instance, size_t function, struct question *question,
                         struct decision *decision);
    /* Adds its answer to *scope. False: *fault. */
    bool (*scope)(struct instance *instance, size_t function, struct question *question,
                  struct scope *scope, struct fault *fault);
    /* May set members of *change and their bits in *given. ST_OK; a reject fails the transaction
     * and gives its status; ST_RULE_ERROR with *fault where the function failed. */
    enum status (*filter)(struct instance *instance, size_t function, struct question *question,
                          const struct entity *entity, const void *row, void *change,
                          uint64_t *given, struct fault *fault);
    /* data is JSON text. False: *fault. */
    bool (*render)(struct instance *instance, size_t function, struct tx *tx, const char *name,
                   struct str locale, struct str data, struct rendered *rendered,
                   struct fault *fault);
    /* NULL: *fault. The instance stays until it is freed. */
    struct task *(*task_new)(struct instance *instance, size_t function,
                             const struct task_given *given, struct fault *fault);
    enum task_progress (*task_run)(struct task *task, uint64_t slice_us, struct task_call *call,
                                   struct fault *fault);
    /* Before the next task_run, where it waits; borrows the texts until that returns. */
    void (*task_answer)(struct task *task, const struct task_answer *answer);
    void (*task_free)(struct task *task); /* takes NULL */
    /* In a write transaction. args and *result are JSON texts. ST_OK; ST_RULE_ERROR with *fault where the
     * function failed; what else the transaction says. */
    enum status (*transaction)(struct instance *instance, size_t function,
                               struct question *question, struct str args, struct str *result,
                               struct fault *fault);
    /* Runs a file of tests (test("sentence", function(t) … end)) against `policy`, whose rules they
     * ask. Appends a line a failure to *report, and adds to *testing. Of scripts alone: a library tests itself. */
    void (*test)(struct policy *policy, const struct plugin *file, const struct known *known,
                 struct testing *testing, struct buf *report);
};

#endif

/* foyer/plugin.h: native plugins. What Foyer promises to their authors, and they to Foyer. Plain C11, and C++11.
 *
 * A native plugin is a shared library beside a plugin.json whose "entry" names it ("hello.so"), in the folder
 * plugins/ID of the data folder. It exports one function, foyer_plugin, links against nothing of Foyer, and is
 * given a table of functions. It runs inside of the server, trusted and uncontained: what it breaks is broken.
 * So nothing runs unless the operator has pinned the SHA-256 of the file (setting native_plugins).
 *
 * History. Entries are added, nothing is taken away or moved; a date is what a plugin says that it needs.
 *
 *   2026-11-28  level 1: rules, scopes, filters and renders; reading, answering, api, log, now, deadline.
 *   2026-11-29  event handlers and their transactions: on, transaction, run, tell; FOYER_EVENT, FOYER_ARGS.
 *               Jobs, routes, pages and commands are of scripts alone.
 *
 * Level and size. FOYER_PLUGIN_LEVEL grows only if what is here could not stay, and a plugin of another level is
 * refused. Tables begin with their size, and grow at their end alone: of a shorter table the rest counts as not
 * there. A plugin that says a newer date than the server has is refused. A plugin that can do without something
 * new says an older date, and asks FOYER_HAS(foyer, member) first.
 *
 * Threads. Each thread of the server opens an instance of its own when it first asks. An instance is used by that
 * thread alone, one call after the other (but for api, see there); others may be opened, called and closed at the same
 * time. What is not in the instance is shared by all of them: constants, or atomics. What depends on an earlier call
 * differs from thread to thread, and a filter may be run once more for the same change.
 *
 * A function answers at once: it never waits, for files, locks or the network neither. It has 5 ms of CPU time as
 * rule or scope, 20 ms as filter, render or transaction, 100 ms as event handler, and looks at deadline() in whatever
 * may take long. It cannot be stopped; what comes too late counts as an error. It does not change anything outside of
 * its instance (but for event handlers, see on), sets no signal handler, locale or environment, does not exit, fork, or
 * write to the standard streams (log does that), and lets neither longjmp nor an exception of C++ out of itself.
 * Nothing of it outlives close: no thread, no key of thread-specific data, no callback of another library. A library
 * that cannot be unloaded (-z nodelete, unique symbols of C++) stays in memory with each replacement.
 *
 * Memory. Texts are UTF-8 and end with a NUL. What Foyer gives (values, texts) is good until the function
 * returns, and is never changed nor freed by the plugin. What the plugin gives is copied before the call returns.
 * Tables of a plugin stay as they are while it is loaded. A new build of the library is another library: nothing
 * is carried over, and the old one is unloaded when the last request that began with it is done.
 *
 * Errors. Functions give enum foyer_status. The first fault of a call sticks: whatever the function answers then,
 * it counts as failed, and the decision and the log say what was wrong. So no status needs to be looked at for
 * safety: a value that could not be read is nil, and nobody is allowed anything by mistake. A failed rule is 503
 * rule_error (never a yes), a failed filter fails the change, a failed render falls back to the built-in text, a
 * failed event handler is called again later (after 1 m, 5 m, 30 m, 2 h, 6 h, 12 h and 12 h; then it is a dead letter).
 */
#ifndef FOYER_PLUGIN_H
#define FOYER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOYER_PLUGIN_LEVEL 1
#define FOYER_PLUGIN_DATE  20261129

/* Every other symbol of the library is best hidden: -fvisibility=hidden. */
#define FOYER_EXPORT __attribute__((visibility("default")))

enum foyer_status {
    FOYER_OK = 0,
    FOYER_FAILED = 1,   /* the plugin's own: fail() may say why */
    FOYER_INVALID = 2,  /* an argument is NULL, no UTF-8, too long, or a name that there is not */
    FOYER_NOT_HERE = 3, /* not in a function of this kind */
    FOYER_ANSWERED = 4, /* there is an answer already */
    FOYER_TOO_MUCH = 5  /* more than a call may read, or a plugin register */
};

/* ---- Values ------------------------------------------------------------------------------------ */

enum foyer_type {
    FOYER_NIL = 0, /* null outside; also what is not there */
    FOYER_BOOL = 1,
    FOYER_INTEGER = 2,
    FOYER_NUMBER = 3,
    FOYER_TEXT = 4,
    FOYER_ARRAY = 5,
    FOYER_OBJECT = 6
};

struct foyer_member;

/* A tree of plain data. Whoever made it does not change it while it is looked at. Never grows. */
struct foyer_value {
    uint32_t type; /* enum foyer_type */
    uint32_t
        length; /* bytes of a text (without its NUL), items of an array, members of an object */
    union {
        int32_t boolean;
        int64_t integer;
        double number;
        const char *text;
        const struct foyer_value *items;
        const struct foyer_member *members;
    };
};

struct foyer_member {
    const char *name; /* each once */
    struct foyer_value value;
};

/* Makers. Texts, items and members are borrowed. */
static inline struct foyer_value foyer_nil(void)
{
    struct foyer_value value;

    memset(&value, 0, sizeof(value));
    return value;
}

static inline struct foyer_value foyer_bool(int boolean)
{
    struct foyer_value value = foyer_nil();

    value.type = FOYER_BOOL;
    value.boolean = boolean != 0;
    return value;
}

static inline struct foyer_value foyer_integer(int64_t integer)
{
    struct foyer_value value = foyer_nil();

    value.type = FOYER_INTEGER;
    value.integer = integer;
    return value;
}

static inline struct foyer_value foyer_number(double number)
{
    struct foyer_value value = foyer_nil();

    value.type = FOYER_NUMBER;
    value.number = number;
    return value;
}

/* NULL makes nil. */
static inline struct foyer_value foyer_text(const char *text)
{
    struct foyer_value value = foyer_nil();

    if (text) {
        value.type = FOYER_TEXT;
        value.length = (uint32_t)strlen(text);
        value.text = text;
    }
    return value;
}

static inline struct foyer_value foyer_array(const struct foyer_value *items, uint32_t count)
{
    struct foyer_value value = foyer_nil();

    value.type = FOYER_ARRAY;
    value.length = count;
    value.items = items;
    return value;
}

static inline struct foyer_value foyer_object(const struct foyer_member *members, uint32_t count)
{
    struct foyer_value value = foyer_nil();

    value.type = FOYER_OBJECT;
    value.length = count;
    value.members = members;
    return value;
}

/* The text, or "" where it is none. */
static inline const char *foyer_text_of(const struct foyer_value *value)
{
    return value && value->type == FOYER_TEXT ? value->text : "";
}

static inline int foyer_is(const struct foyer_value *value, const char *text)
{
    return value && value->type == FOYER_TEXT && strcmp(value->text, text) == 0;
}

/* NULL: there is none of that name, or it is no object. */
static inline const struct foyer_value *foyer_get(const struct foyer_value *object,
                                                  const char *name)
{
    uint32_t i;

    for (i = 0; object && object->type == FOYER_OBJECT && i < object->length; i++)
        if (strcmp(object->members[i].name, name) == 0)
            return &object->members[i].value;
    return NULL;
}

/* ---- What Foyer gives -------------------------------------------------------------------------- */

struct foyer_call;     /* one call of a function; opaque, good until it returns */
struct foyer_registry; /* of an instance that is being opened; opaque, good until open returns */
struct foyer_host;

/* A rule, scope, filter, render, event handler or transaction. Gives FOYER_OK when it has answered, or has nothing to
 * say; anything else is a failure. instance is what open gave. */
typedef int foyer_function(const struct foyer_host *foyer, struct foyer_call *call, void *instance);

/* How a function stands among others; NULL or zeroed: nothing said. */
struct foyer_options {
    uint32_t size;    /* sizeof(struct foyer_options) */
    const char *name; /* as after and before of others name it; NULL: the plugin's id; but see on */
    const char *describe; /* half a sentence for people */
    const char *where;    /* FOYER_HERE: stands in decisions and faults; NULL: the library's name */
    const char *stage;    /* "validate", "normalize", "enrich", "policy" (NULL), "audit" */
    const char *const *after;  /* names, up to NULL; NULL: none */
    const char *const *before; /* likewise */
};

#define FOYER_STRING_(x) #x
#define FOYER_STRING(x)  FOYER_STRING_(x)
#define FOYER_HERE       __FILE__ ":" FOYER_STRING(__LINE__)

/* What get() looks at. Names are those of the HTTP API (companyIds, givenName) and of Lua. */
enum foyer_object {
    /* action, entity (rules, filters), name, locale (renders), attempt (event handlers: from 1) */
    FOYER_CALL = 1,
    /* kind, id, name, email, role, isOwner, mayOperate, limitedTo, companyIds, companyRoles, road, ownerId; rules,
     * scopes, filters */
    FOYER_ACTOR = 2,
    FOYER_TARGET = 3, /* what it is about, as it is now, or as it is being made; rules, filters */
    FOYER_INPUT = 4,  /* what the request asks for, and only that; rules, filters */
    FOYER_CHANGE = 5, /* what is going to be, with what filters before have changed; filters */
    FOYER_WORKSPACE = 6, /* settings of the workspace; rules, filters, transactions */
    FOYER_SETTINGS = 7,  /* of the plugin, as plugin.json declares them; all but self-tests */
    FOYER_DATA = 8,      /* what is rendered; renders */
    /* name, number, entity, entityId, actorType, actorId, requestId, createdAt, data, before; event handlers */
    FOYER_EVENT = 9,
    FOYER_ARGS = 10 /* what run gave; transactions */
};

enum foyer_rows {
    FOYER_EVERYTHING = 1,      /* all rows of the workspace; no texts */
    FOYER_OWN = 2,             /* the actor's own row; no texts */
    FOYER_COMPANIES = 3,       /* rows of these companies: ids */
    FOYER_ACCOUNT_MANAGER = 4, /* rows whose account manager is this member of staff: one id */
    FOYER_TAGS = 5,            /* rows that have one of these tags */
    FOYER_IDS = 6              /* exactly these rows: ids */
};

enum foyer_log_level { FOYER_LOG_INFO = 1, FOYER_LOG_WARN = 2, FOYER_LOG_ERROR = 3 };

/* Static, immutable, the same for all threads. `call` and `registry` are never NULL. */
struct foyer_host {
    uint32_t size;
    uint32_t date; /* the newest entry of the history that this server has */

    /* Registering, in open alone. The subject must be one that Foyer asks (`foyer script stubs` lists them) and
     * stand in "provides" of plugin.json. Every instance registers the same, in the same order. options may be
     * NULL. A fault makes open fail, whatever it gives. */
    int (*rule)(struct foyer_registry *registry, const char *action,
                const struct foyer_options *options, foyer_function *function);
    int (*scope)(struct foyer_registry *registry, const char *entity,
                 const struct foyer_options *options, foyer_function *function);
    int (*filter)(struct foyer_registry *registry, const char *action,
                  const struct foyer_options *options, foyer_function *function);
    int (*render)(struct foyer_registry *registry, const char *name,
                  const struct foyer_options *options, foyer_function *function);
    /* Says why open gives FOYER_FAILED. */
    int (*refuse)(struct foyer_registry *registry, const char *why);

    /* Reading. *value is never NULL: nil where there is nothing, and where it fails. name NULL: all of it as an
     * object; nil: there is none, as the target of a list. What was looked at stands in the decision. */
    int (*get)(struct foyer_call *call, enum foyer_object object, const char *name,
               const struct foyer_value **value);
    /* Whether the actor's role (or key) has the permission; *answer is 0 or 1, 0 where it fails. */
    int (*can)(struct foyer_call *call, const char *permission, int *answer);
    /* Whether the client has this role (admin, member, …) in this company, an id; company NULL: 0. */
    int (*has_company_role)(struct foyer_call *call, const char *company, const char *role,
                            int *answer);

    /* Answers: one a call, but for rows and change, which add up. */
    /* Rules. reason, message: at most 2,000 bytes, may be NULL. code: snake_case, at most 64. */
    int (*allow)(struct foyer_call *call, const char *reason);
    int (*deny)(struct foyer_call *call, const char *code, const char *message);
    /* Scopes: these rows, too. At most 32 calls, of at most 1,000 texts each. */
    int (*rows)(struct foyer_call *call, enum foyer_rows rows, const char *const *texts,
                size_t count);
    /* Filters: gives a field another value (nil clears it); checked as the body of a request when the function has
     * returned. Or refuses the change as a whole, at a field or (NULL) without one. */
    int (*change)(struct foyer_call *call, const char *name, const struct foyer_value *value);
    int (*reject)(struct foyer_call *call, const char *code, const char *message,
                  const char *field);
    /* Renders: text or html or both, at most 1 MiB each; subject is one line, or NULL. */
    int (*rendered)(struct foyer_call *call, const char *subject, const char *text,
                    const char *html);

    /* Filters and transactions, where plugin.json has the capability "api": the HTTP API from inside, in the
     * transaction of the change and with the rights of the actor (in transactions the plugin is the actor, and may
     * what its capabilities say: "view_clients" …). method: "GET" …; target: path and query ("/v1/clients?limit=5"), at
     * most 8 KiB; body: NULL for none. *status is the HTTP status (0 where it fails), *answer the body, nil where there
     * is none. What is refused is undone and answered, and the change goes on. What it asks may ask functions of this
     * plugin, in this instance, before it returns. */
    int (*api)(struct foyer_call *call, const char *method, const char *target,
               const struct foyer_value *body, int *status, const struct foyer_value **answer);

    /* Everywhere: says why the function fails. Gives FOYER_FAILED: `return foyer->fail(call, "…")`. */
    int (*fail)(struct foyer_call *call, const char *why);

    /* Tools, everywhere. */
    /* One line of the server's log, with the id of the request; at most 20 of 500 bytes a call are kept. */
    int (*log)(struct foyer_call *call, enum foyer_log_level level, const char *text);
    /* The instant of the request: microseconds UTC since 1970, the same in the whole transaction. */
    int64_t (*now)(struct foyer_call *call);
    /* Nanoseconds that the function may still take; 0 or less: return now, it is too late for an answer. */
    int64_t (*deadline)(struct foyer_call *call);

    /* Since 2026-11-29. Event handlers, in two halves.
     *
     * on: called after the commit of what the event tells, at least once, and those of one thing (FOYER_EVENT
     * entityId) one after the other. It may do something outside of Foyer, and is prepared to do it again. All event
     * handlers, those of scripts too, share one thread: while this one computes or waits, they stand. So it has
     * 100 ms of CPU time and 2 s by the clock, and what takes longer is for a process of its own.
     * The name in options, or else that of the event, is what its deliveries are kept under: letters, digits, '_', '-'
     * and '.', each once in a plugin, and best the same for ever. There is no order: stage, after and before stay NULL.
     *
     * transaction: what it does by api and tell is one transaction of the one thread that writes, 20 ms at most. Where
     * it fails, all of it is undone, and the event handler that asked for it has failed. It may be run once more
     * before it is committed: it does nothing outside. */
    int (*on)(struct foyer_registry *registry, const char *event,
              const struct foyer_options *options, foyer_function *function);
    int (*transaction)(struct foyer_registry *registry, const char *name,
                       const struct foyer_options *options, foyer_function *function);
    /* Event handlers, one a call: when the function has returned, this transaction of the plugin is run, and what it
     * does is committed together with the end of the event handler: both or neither, and never twice. args NULL: nil.
     * What it does counts as the plugin's own, and is undone where the delivery was replayed meanwhile. */
    int (*run)(struct foyer_call *call, const char *name, const struct foyer_value *args);
    /* Filters and transactions, where plugin.json has the capability "events": tells an event when the transaction is
     * committed, to event handlers of all plugins and scripts. event begins with the id of the plugin and a dot
     * ("hello.greeted"); key: the id of the client, company … that it is about, or NULL; data: an object of at most 64
     * KiB, or NULL. At most 20 a call. */
    int (*tell)(struct foyer_call *call, const char *event, const char *key,
                const struct foyer_value *data);
};

/* Whether the server has this member: for tables of servers older than this header. */
#define FOYER_HAS(table, member)                                                                   \
    ((table)->size >= offsetof(struct foyer_host, member) + sizeof((table)->member) &&             \
     (table)->member)

/* ---- What the plugin gives --------------------------------------------------------------------- */

struct foyer_plugin_table {
    uint32_t size;  /* sizeof(struct foyer_plugin_table) */
    uint32_t level; /* FOYER_PLUGIN_LEVEL */
    uint32_t date;  /* FOYER_PLUGIN_DATE, or the oldest entry of the history that will do */

    /* Registers the functions, and makes an instance in *instance (which is NULL before, and may stay so). Anything
     * but FOYER_OK: there is none, close is not called. Within 500 ms. */
    int (*open)(const struct foyer_host *foyer, struct foyer_registry *registry, void **instance);
    /* Frees the instance, on the thread that opened it or, after that ended, on another. May be NULL. */
    void (*close)(const struct foyer_host *foyer, void *instance);
    /* Says whether the library does what it should: run with an instance in a process of its own, before the server
     * loads the library, within 10 s. Of the functions above fail, log, now and deadline are there. May be NULL. */
    int (*self_test)(const struct foyer_host *foyer, struct foyer_call *call, void *instance);
};

/* The one exported symbol. Called once for each loading; the table is static. */
FOYER_EXPORT const struct foyer_plugin_table *foyer_plugin(void);

#ifdef __cplusplus
}
#endif

#endif

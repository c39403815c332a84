/* Route: a row that says everything about one address.
 *
 * api/<resource>.c has a table of them; api/routes.c lists the tables. From the rows come the
 * router, permissions, checks of queries and bodies, and openapi.json.
 */
#ifndef FOYER_HTTP_ROUTE_H
#define FOYER_HTTP_ROUTE_H

#include "base/field.h"
#include "http/reply.h"
#include "http/request.h"

struct tx;
struct subject;

/* A .read that answered (rp->status is set) before .work or .write ends the job with that answer: how
 * a page shows its form again. */
typedef enum status route_phase(struct tx *tx, const struct request *rq, struct reply *rp);
/* Loads the subject of the permission from path and body: in the read snapshot, and again in the
 * write transaction. ST_NOT_FOUND: not there or not visible. Memory is the transaction's arena. */
typedef enum status route_target(struct tx *tx, const struct request *rq, struct subject *subject);
/* CPU work on a worker: nothing but the arena, what .read left in `scratch`, and plain values. */
struct work;
typedef enum status route_work(struct work *work);

/* What .read leaves for .work, and .work for .write; in the job's arena. */
struct work {
    struct arena *arena;
    const struct request *rq;
    struct failure *failure;
    void *scratch;
};

/* A query parameter that the route knows beside those that the entity's fields bring. */
struct route_query {
    const char *name;
    const char *help;
    bool is_flag; /* true or false */
};

enum route_flag {
    /* Knows limit, nextToken, count, q, sort, fields and the entity's filters. */
    ROUTE_LIST = 1u << 0,
    ROUTE_NO_TARGET = 1u << 1,   /* {id} is not a UUID (tokens, names) */
    ROUTE_PASSWORD = 1u << 2,    /* .work runs in the password queue */
    ROUTE_PAGE = 1u << 3,        /* answers HTML, errors too; takes forms */
    ROUTE_SECRET_PATH = 1u << 4, /* path parameters never reach logs */
    ROUTE_PUBLIC_HOST = 1u << 5, /* any Host: health and metrics */
    ROUTE_OPTIONAL_BODY = 1u << 6,
    ROUTE_HIDDEN = 1u << 7, /* not in openapi.json */
    /* .read takes long or waits for files: it runs on a reader. So do lists with q, count
     * or a large limit, unasked. */
    ROUTE_SLOW = 1u << 8,
    ROUTE_INSIDE = 1u << 9,     /* a list of what belongs to the target: it has no scope */
    ROUTE_OPERATION = 1u << 10, /* answers 202 with an operation where it is about many */
    ROUTE_ALL = 1u << 11,       /* answers {data} with all there are, without pages */
    ROUTE_SCRIPT = 1u << 12,    /* a plugin's: its function answers on the scripts' thread */
    ROUTE_ANY_BODY = 1u << 13,  /* takes a body of any type, and leaves it as it came */
};

struct route {
    enum method method;          /* HEAD follows GET, OPTIONS is made */
    const char *pattern;         /* "/v1/clients/{id}/tags/{tag}"; "{path...}" takes the rest */
    const char *may;             /* action that policy is asked: "client.create" */
    const char *open;            /* instead of may: why nobody is asked */
    const struct entity *entity; /* of target, body and answer */
    const struct entity *body;   /* schema of the body where it is not `entity` */
    const struct entity
        *answer; /* schema of the answer, or of each in {data}, where it is not `entity` */
    route_target *target;
    route_phase *read;
    route_work *work;
    route_phase *write;
    route_phase *after;              /* loop: with the finished reply */
    const struct route_query *query; /* up to a NULL name */
    unsigned flags;
    const char *summary; /* one line for openapi.json */
};

/* The router: built once from tables (each up to a row without pattern); immutable afterwards.
 * ST_INTERNAL with a text in *error: two rows of one method and pattern, a row with neither may nor
 * open, a .may without a phase: the server refuses to start. */
struct router;
enum status router_new(const struct route *const *tables, struct router **router,
                       struct buf *error);
void router_free(struct router *router);

/* Finds the row and fills rq->route, path_params, target_id, log_path. ST_NOT_FOUND; ST_METHOD:
 * other methods are served there (*allow is the value of Allow, also for OPTIONS); an {id} that is
 * no UUID is ST_NOT_FOUND. HEAD finds GET. */
enum status router_find(const struct router *router, struct request *rq, struct arena *arena,
                        struct str *allow);
/* ST_INVALID naming every query parameter that rq->route does not know, with the one that was probably
 * meant, and every one whose value cannot be. Known are its own, those of ROUTE_LIST and, of ROUTE_LIST,
 * the fields of the entity that may filter. Known ones that are not repeatable (all but filters) may stand
 * once. */
enum status route_check_query(const struct request *rq, struct arena *arena,
                              struct failure *failure);
/* For openapi: calls back for each row in the order of the tables. */
void router_each(const struct router *router, void (*row)(const struct route *, void *),
                 void *context);

/* The API from inside: set by exec, used by lua. Runs a route in the transaction tx as its actor. */
typedef enum status route_dispatch(struct tx *tx, enum method method, struct str path,
                                   struct str query, struct str body, struct reply *rp);
extern route_dispatch *route_dispatcher;

#endif

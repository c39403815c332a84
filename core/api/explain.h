/* Explain: asks the rules about somebody, and keeps all that is known of the answer.
 *
 * Used by POST /v1/policies/explain and by `foyer explain`. Reads only.
 */
#ifndef FOYER_API_EXPLAIN_H
#define FOYER_API_EXPLAIN_H

#include "policy/policy.h"

struct explain_asked {
    struct str as;      /* address of a member of staff or client, or an id; absent: tx->actor */
    struct str action;  /* "client.create" */
    struct uuid target; /* none: is being made, or a list */
    struct str input;   /* JSON object: the body; absent: none */
    struct str company; /* id: companyId of the body; absent: as input says */
};

/* What would have been answered, had one thing been otherwise. */
struct explain_otherwise {
    struct str what; /* "actor:can(create_clients) = true", "without input.email" */
    enum verdict verdict;
};

enum { EXPLAIN_OTHERWISE = 32 };

struct explained {
    struct actor actor;
    struct str action;
    enum status status;     /* of the request: ST_OK, ST_DENIED, ST_NOT_FOUND … */
    struct failure refused; /* status ST_NOT_FOUND, ST_INVALID …: why the rules were not asked */
    struct decision decision;
    const char *entity; /* whose scope; NULL: none */
    struct scope scope;
    bool has_scope;
    struct explain_otherwise otherwise[EXPLAIN_OTHERWISE];
    size_t otherwise_count;
    uint64_t generation;
};

/* tx reads, with a policy and a workspace. ST_NOT_FOUND: nobody of that address; ST_INVALID: there is no
 * such action. What the rules say is no failure. */
enum status explain(struct tx *tx, const struct explain_asked *asked, struct explained *explained);

/* ---- What its files share, and replay and who-can with it ---- */
struct route;
struct request;
/* Fills explained->otherwise by asking about the subject again; tx is left as it was. */
void explain_otherwise(struct tx *tx, const struct subject *subject, struct explained *explained);
/* The row that asks for the action; NULL: none does. */
const struct route *explain_route(struct tx *tx, struct str action, bool has_target);
/* ST_INVALID unknown_action, with what was probably meant. */
enum status explain_refuse_action(struct tx *tx, struct str action);
/* The body that the question names becomes rq->json: request_fini. Fails tx. */
enum status explain_input(struct tx *tx, const struct explain_asked *asked, struct request *rq);
/* What the row's .target loads for tx->actor; the body is rq->json. Fails tx: ST_NOT_FOUND … */
enum status explain_subject(struct tx *tx, const struct route *route, struct uuid target,
                            struct request *rq, struct subject *subject);
/* tx->actor, a member of staff, as a session brings him. */
void explain_operator(struct tx *tx);

/* As one JSON object. */
void explain_json(const struct explained *explained, struct buf *out);
/* For people, several lines. */
void explain_text(const struct explained *explained, struct buf *out);

#endif

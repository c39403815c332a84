/* Policy: the questions that C asks, and that scripts and plugins answer.
 *
 * may()    may this actor do this?       deny overrides, then allow, else deny
 * scope()  which rows exist for him?
 * filter() may alter or reject a change, inside its transaction
 * render() makes the text of a mail or page
 *
 * Each thread has an instance of each generation in use (tx->policy); a request keeps the one it
 * began with. Who answers is set by plugin/ through struct policy_engine; this folder knows no Lua.
 */
#ifndef FOYER_POLICY_POLICY_H
#define FOYER_POLICY_POLICY_H

#include "base/buf.h"
#include "base/field.h"
#include "store/scope.h"
#include "store/tx.h"

/* What a question is about. Zeroed: nothing. */
struct subject {
    const struct entity *entity; /* of row and change */
    const void *row;             /* as it is in the database; NULL: is being made, or a list */
    const void *change;          /* as the body asks for it; NULL: no body */
    uint64_t given;              /* which fields of change were given */
    struct uuid id;              /* none: is being made */
};

enum verdict { VERDICT_ABSTAIN, VERDICT_ALLOW, VERDICT_DENY, VERDICT_ERROR };

/* How a question was answered; in the transaction's arena. */
struct decision {
    enum verdict verdict;
    struct str code;    /* of a denial */
    struct str message; /* for the person */
    struct str reason;  /* "role": of an allow; or the error's text */
    struct str rule;    /* "permissions.lua:12" */
    struct str reads;   /* JSON object of what the rules read; absent unless recorded */
    struct str asked;   /* JSON array of the functions asked; absent unless wanted with reads */
    uint64_t target_read, input_read; /* fields that were looked at; unless wanted with reads: 0 */
    int64_t nanoseconds;
};

/* ST_OK; ST_DENIED (the failure carries rule, code, message); ST_RULE_ERROR. Records the decision. */
enum status policy_may(struct tx *tx, const char *action, const struct subject *subject);
/* The same without failing the transaction and with everything that rules read: for explain. */
enum verdict policy_ask(struct tx *tx, const char *action, const struct subject *subject,
                        bool with_reads, struct decision *decision);
/* Union of what the scope functions of the entity answer for tx->actor; none registered: nothing. */
enum status policy_scope(struct tx *tx, const char *entity, struct scope *scope);
/* Runs the filters of a hook ("client.create") over *change; they may set fields (and their bits in
 * *given). A reject fails tx with its code, message and field. Only while writing. */
enum status policy_filter(struct tx *tx, const char *hook, const struct entity *entity,
                          const void *row, void *change, uint64_t *given);

struct rendered {
    struct str subject;
    struct str text;
    struct str html;
    struct str fallback; /* why the caller's own must be used; absent: all is well */
};
/* name: "mail.invite", "page.invite"; data is the text of a JSON object. ST_RULE_ERROR: it failed, or
 * nobody renders it; rendered->fallback says why and where, the transaction goes on, and the caller
 * falls back. Works without a database (tx->db may be NULL). */
enum status policy_render(struct tx *tx, const char *name, struct str locale, struct str data,
                          struct rendered *rendered);

/* How plugin/ answers. `policy` is what tx->policy points to, by convention its first member. */
struct policy_engine {
    enum verdict (*ask)(struct policy *, struct tx *, const char *action, const struct subject *,
                        bool with_reads, struct decision *);
    enum status (*scope)(struct policy *, struct tx *, const char *entity, struct scope *);
    enum status (*filter)(struct policy *, struct tx *, const char *hook, const struct entity *,
                          const void *row, void *change, uint64_t *given);
    enum status (*render)(struct policy *, struct tx *, const char *name, struct str locale,
                          struct str data, struct rendered *);
};
struct policy {
    const struct policy_engine *engine;
    struct decision_ring *decisions; /* of the thread; NULL: not recorded */
};

#endif

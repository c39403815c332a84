/* Operations: /v1/operations, and how a request that is about many things becomes one.
 *
 * Up to OPERATION_AT_ONCE items are done in the request, which answers 200 with their verdicts; more
 * become an operation, and the answer is 202. Either way an item is done by the row of its kind.
 */
#ifndef FOYER_API_OPERATIONS_H
#define FOYER_API_OPERATIONS_H

#include "base/field.h"
#include "http/route.h"
#include "store/operation.h"

enum { OPERATION_AT_ONCE = 100 };

extern const struct entity operation_entity, verdict_entity;
extern const struct route operation_routes[];

/* One kind of bulk work. How its items are listed is its route's business: ids, at the moment when it is
 * asked for. */
struct operation_kind {
    const char *name; /* the action of its route, by which the whole of it is permitted */
    const char
        *asks; /* the action that item asks the rules, with the rights that the actor has then */
    /* Does one item, within tx_item_begin and its end, as the actor: with the events and the audit that a
     * request for it alone would leave. Fails tx where it is refused. */
    enum status (*item)(struct tx *tx, const struct operation *operation, struct uuid id);
    /* A bounded step of what is left when every item has its verdict. True: that was the last. When it
     * fails, so has the operation. NULL: nothing is left. */
    bool (*finish)(struct tx *tx, const struct operation *operation);
};

/* Ends with a NULL name (operation_kinds.c). */
extern const struct operation_kind operation_kinds[];
const struct operation_kind *operation_kind_find(struct str name); /* NULL: of a newer program */

/* The items of companies (company_bulk.c), invites (invites.c) and webhooks (webhook_log.c). */
enum status operation_delete_client(struct tx *tx, const struct operation *operation,
                                    struct uuid id);
enum status operation_move_client(struct tx *tx, const struct operation *operation, struct uuid id);
enum status operation_leave_company(struct tx *tx, const struct operation *operation,
                                    struct uuid id);
bool operation_delete_company(struct tx *tx, const struct operation *operation);
enum status operation_invite(struct tx *tx, const struct operation *operation, struct uuid id);
enum status operation_replay(struct tx *tx, const struct operation *operation, struct uuid id);

/* What the request said beside the items, as the entity's struct. */
enum status operation_input(struct tx *tx, const struct operation *operation,
                            const struct entity *entity, void *row);

/* Makes one of kind, subject and input over the items, with its audit entry, and answers 202. */
enum status operation_start(struct tx *tx, struct operation *operation, struct ids items,
                            struct reply *rp);
/* The same for more than OPERATION_AT_ONCE; fewer are done here, and answered 200 with verdicts. */
enum status operation_do(struct tx *tx, struct operation *operation, struct ids items,
                         struct reply *rp);
/* Where it is, and when to look: headers of an answer 202. */
void operation_headers(struct reply *rp, struct arena *arena, struct uuid id);
/* Event of its life: "operation.started". */
void operation_tell(struct tx *tx, const char *event, struct operation *operation);

#endif

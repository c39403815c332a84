/* List: from the query of a request to a page of answers: `{data, nextToken}`.
 *
 * limit, nextToken, sort, q, count, fields and the filters that the table's columns name. Used by the
 * .read of every ROUTE_LIST; the scope is asked here, so that no list can forget it.
 */
#ifndef FOYER_API_LIST_H
#define FOYER_API_LIST_H

#include "http/request.h"
#include "policy/policy.h"
#include "store/list.h"

struct reply;

/* Reads the query into *list, with the actor's scope of the entity. What the table of fields says is faulty
 * was refused before (route_check_query); what this list alone knows is named here. */
enum status list_read(struct tx *tx, const struct request *rq, const struct entity *entity,
                      const struct list_columns *columns, struct list *list);
/* The same for what belongs to the target, which the actor has been found to see: no scope is asked. */
enum status list_read_inside(struct tx *tx, const struct request *rq, const struct entity *entity,
                             const struct list_columns *columns, struct list *list);

/* How one page is written. rows has up to limit + 1; the one too many tells that more follow. */
struct list_page {
    const struct entity *entity;
    const struct list_columns *columns;
    const void *rows;
    size_t count;
    int64_t (*total)(struct tx *, const struct list *); /* for ?count=true; NULL: list_count */
    struct str next;                                    /* absent: last page */
};
bool list_has_more(const struct list *list, size_t count);
/* Answers 200, with `count` when it was asked for. */
enum status list_reply(struct tx *tx, const struct request *rq, const struct list *list,
                       const struct list_page *page, struct reply *rp);

/* Whether there may be companies that do not exist for who asks. */
bool list_hides_companies(const struct tx *tx);
/* Whether this one does not: for staff that is limited to others, for a client whose
 * scope of companies does not show it, though a colleague is in it. */
bool list_is_kept_from(struct tx *tx, struct uuid company);
/* The companies that clients show to who asks. */
enum status list_shown_companies(struct tx *tx, struct scope *scope);
/* Those of these companies that are not kept from who asks: an answer names no others. */
struct ids list_seen_companies(struct tx *tx, struct ids companies);

/* The fields that ?fields=a,b asks for as a mask; all without. */
uint64_t list_fields(const struct request *rq, const struct entity *entity);

#endif

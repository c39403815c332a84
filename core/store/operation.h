/* Operation: work on many things that one request asked for, done piece by piece by the writer.
 *
 *   queued ─▶ running ─▶ done        every item has its verdict
 *     │          ├─────▶ failed      it cannot go on: who asked is gone, or what it is about
 *     └──────────┴─────▶ cancelled   what is done stays, the rest is left
 *
 * The items are copied when it is asked for: what joins later was not meant, and what has gone by its
 * turn gets a verdict that says so. An item's effect and its verdict are one transaction. Kept for 30
 * days after its end.
 */
#ifndef FOYER_STORE_OPERATION_H
#define FOYER_STORE_OPERATION_H

#include "base/field.h"
#include "store/list.h"
#include "store/tx.h"

enum operation_status {
    OPERATION_QUEUED,
    OPERATION_RUNNING,
    OPERATION_DONE,
    OPERATION_CANCELLED,
    OPERATION_FAILED
};

struct operation {
    int64_t seq;
    struct uuid id;
    struct str kind; /* "company.delete_clients" */
    int status;      /* enum operation_status */
    struct uuid subject;
    struct str input; /* JSON object: what the request said beside the items */
    int64_t total, done, failed;
    struct str error_code, error_message; /* why it failed as a whole; absent: it did not */
    struct str actor_kind;
    struct uuid actor_id, behalf_id;
    struct str road, peer, request_id;
    int64_t created_at, started_at, ended_at;
    int64_t event_depth; /* of what it tells: tx.h */
    struct str url;      /* filled in by api */
};

struct item_verdict {
    int64_t number; /* from 1, in the order of the items */
    struct uuid item;
    bool ok;
    struct str code, message; /* absent: ok */
};

extern const struct list_columns operation_columns, verdict_columns;

/* ---- For requests ------------------------------------------------------------------------------ */

/* Makes it, queued, as the actor's, with kind, subject and input of *operation; wakes the writer's work
 * after the commit. Copies the items. */
enum status operation_create(struct tx *tx, struct operation *operation, struct ids items);
enum status operation_load(struct tx *tx, struct uuid id,
                           struct operation *operation); /* ST_NOT_FOUND */
enum status operation_list(struct tx *tx, const struct list *list, struct operation **operations,
                           size_t *count);
bool operation_is_in_scope(struct tx *tx, struct uuid id, const struct scope *scope);
/* ST_CONFLICT operation_over: it has ended. */
enum status operation_cancel(struct tx *tx, struct operation *operation);
/* Narrows a list of verdicts to those of an operation: before the next two. */
void verdict_list_of(struct list *list, const struct operation *operation);
enum status verdict_list(struct tx *tx, const struct list *list, struct item_verdict **verdicts,
                         size_t *count);
int64_t verdict_count(struct tx *tx, const struct list *list);

/* ---- For whoever works them off (operation_work.c) --------------------------------------------- */

/* Whose turn it is: in the next workspace after this number that has any, and round again, the one that
 * waited longest. Makes its workspace the transaction's. False: there is none. */
bool operation_next(struct tx *tx, int64_t after, struct operation *operation);
/* Its turn has begun: running, if it was queued. True: it was. */
bool operation_begin(struct tx *tx, struct operation *operation);
/* The items that come next, at least one where done < total. */
struct ids operation_items(struct tx *tx, const struct operation *operation);
/* Keeps the verdict of the next item. status ST_OK: it is done; failure may be NULL then. */
void operation_judge(struct tx *tx, struct operation *operation, struct uuid item,
                     enum status status, const struct failure *failure);
/* Writes done and failed back, at the end of a piece. */
void operation_keep(struct tx *tx, const struct operation *operation);
/* DONE or FAILED (then failure says why). */
void operation_end(struct tx *tx, struct operation *operation, enum operation_status status,
                   const struct failure *failure);
/* Chore: deletes what ended more than 30 days ago, at most 500 rows. */
size_t operation_sweep(struct tx *tx);

/* Code and message as a verdict tells them: of the first faulty field where there is one. */
void verdict_words(enum status status, const struct failure *failure, struct str *code,
                   struct str *message);

#endif

/* Tx: a transaction, and everything that a handler may know of the world.
 *
 * A request is one transaction. It is *sticky*: after the first failure every call
 * on it does nothing and returns that failure, with its first message. Check where
 * you decide, not after each line.
 *
 * Handlers are re-runnable: clock, ids and random bytes come from here only, and
 * nothing leaves but rows and tx_* calls. Owned by the thread that runs it.
 */
#ifndef FOYER_STORE_TX_H
#define FOYER_STORE_TX_H

#include "base/arena.h"
#include "base/failure.h"
#include "base/uuid.h"
#include "store/actor.h"

struct db;
struct kept_entries;
struct plugin_choices;
struct policy;
struct subject;
struct workspace;

/* What a transaction leaves behind once it has committed, beside its rows. */
struct tx_effects {
    unsigned mails : 1;      /* the outbox holds new work for the courier */
    unsigned events : 1;     /* the event table grew */
    unsigned operations : 1; /* one waits for its turn */
    unsigned scripts : 1;    /* a text was recorded that is on its way into force */
    unsigned deliveries : 1; /* of events to handlers: one may be due */
    unsigned listeners : 1;  /* who is told of events has changed */
};

/* What is done in memory once the transaction has committed, and never where it has not: the first member of what
 * its maker keeps in the transaction's arena. */
struct tx_held {
    struct tx_held *next; /* an older one */
    unsigned items;       /* around it: an item that is undone takes it along */
    int64_t now;
    void (*apply)(struct tx_held *held);
};

struct tx {
    struct db *db;
    struct arena *arena;
    bool is_writing;
    enum status status; /* sticky; ask tx_status */
    struct failure failure;
    int64_t now;       /* one instant for the whole transaction */
    int64_t workspace; /* number; 0: none yet */
    struct uuid workspace_id;
    struct actor actor;
    struct str request_id;
    struct str peer;       /* address of who asks, without port */
    struct policy *policy; /* the thread's instance of the request's generation; NULL in commands */
    const struct subject *subject; /* what .target loaded in this transaction; NULL: no target */
    /* The workspace as rules see it: loaded when one first looks (policy/), given by tests of rules. */
    const struct workspace *workspace_seen;
    /* In tests of scripts, which have no database: what kv.h keeps. Else NULL. */
    struct kept_entries *kept;
    /* workspaces.plugins_version of the workspace plugins_of (0: not read yet), as of this snapshot, and what
     * was chosen for plugins there; of plugin/choices.h. */
    int64_t plugins_of, plugins_version;
    const struct plugin_choices *plugins;
    struct tx_effects effects;
    struct tx_held *held;      /* newest first; NULL: nothing */
    unsigned items;            /* that have begun (tx_item_begin) and not ended */
    const uint8_t *server_key; /* CRYPTO_KEY bytes that tokens are derived from */
    /* What an earlier phase left for this one: struct work's, in the request's arena. */
    void *scratch;
    /* CRYPTO_KEY bytes that tx_random draws from, so that a second run draws the same; NULL: fresh. */
    const uint8_t *seed;
    uint64_t drawn; /* how often it drew from seed */
    bool
        was_allowed; /* the same was asked before for this request: an allow is not recorded again */
    int64_t event_depth; /* of its events: how many handlers caused each other; 0: a request */
    unsigned depth;      /* of routes that run inside of this transaction: route_dispatcher */
};

/* Zeroes *tx and sets db, arena, now (never below the last commit's). No transaction is begun. */
void tx_init(struct tx *tx, struct db *db, struct arena *arena, int64_t now);

/* A read snapshot. End with tx_end_read, also after failures. */
enum status tx_begin_read(struct tx *tx);
void tx_end_read(struct tx *tx);
/* Instead of tx_end_read after a read that went well: the next tx_begin_read of this connection goes on in
 * the same snapshot, if nothing was committed meanwhile by this process, which alone writes. Whoever
 * keeps one lets go of it before he waits for anything: it holds the log back. */
void tx_keep_read(struct tx *tx);
void tx_release_read(struct db *db); /* also where none is kept */

/* What ended (or did not end) in the database when a transaction was tried. */
enum tx_outcome {
    TX_DONE,
    TX_FAILED,     /* rolled back to where it began; the surrounding batch lives */
    TX_BATCH_LOST, /* the whole batch was rolled back by SQLite */
};

/* The writer's frame: batch_begin … { job_begin … job_end }* … batch_commit | batch_abandon. */
enum status tx_batch_begin(struct db *db);
/* Commit; ST_DISK_FULL, ST_READ_ONLY (an fsync failed: final), ST_UNAVAILABLE. Counts the commit. */
enum status tx_batch_commit(struct db *db, int64_t now);
void tx_batch_abandon(struct db *db);
enum status tx_job_begin(struct tx *tx); /* SAVEPOINT; tx->is_writing */
/* Keeps the job's rows if tx_status is ST_OK and keep, else rolls back to the savepoint. */
enum tx_outcome tx_job_end(struct tx *tx, bool keep);

/* For commands that hold the folder's lock: the same frame around one function. */
enum status tx_once(struct db *db, struct tx *tx, enum status (*run)(struct tx *, void *),
                    void *context);

/* The first failure, or ST_OK. Also turns an exhausted arena into ST_NO_MEMORY. */
enum status tx_status(struct tx *tx);
/* Fails the transaction unless it failed already; returns its status. code NULL: the status's. */
enum status tx_fail(struct tx *tx, enum status status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* ST_NOT_FOUND with the text that is the same whether a thing is missing or not visible. */
enum status tx_not_found(struct tx *tx);
/* Notes one faulty field; go on and look for more. */
void tx_fail_field(struct tx *tx, enum status status, const char *field, const char *code,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* One item of a call that gives a verdict per item: when it fails for a reason of its own (a status
 * below 500), what it changed is undone, its failure is given in *failure, and the transaction goes on. */
void tx_item_begin(struct tx *tx);
enum status tx_item_end(struct tx *tx, struct failure *failure);
/* The same where nobody can ask for the item again: a rule that failed, and memory that one item may not
 * use, are reasons of its own, too. */
enum status tx_item_end_alone(struct tx *tx, struct failure *failure);

/* Sets next, items and now. */
void tx_hold(struct tx *tx, struct tx_held *held);
/* After the commit, the oldest first. Takes NULL. */
void tx_held_apply(struct tx_held *held);

int64_t tx_now(const struct tx *tx);
struct uuid tx_id(struct tx *tx);
void tx_random(struct tx *tx, void *out, size_t len);

#endif

/* Connection: what the files of store/ know of a struct db, and nobody else does.
 *
 * A connection, its statements and everything here belong to the one thread that opened it,
 * except struct dbfile: what all connections of the process to one file share (atomics only).
 */
#ifndef FOYER_STORE_CONNECTION_H
#define FOYER_STORE_CONNECTION_H

#include "store/db.h"

#include <sqlite3.h>
#include <stdatomic.h>

struct tx;

/* Shared by the connections to one file; found by path at db_open, under a mutex. */
struct dbfile {
    struct dbfile *next;
    char *path;
    unsigned users;                /* guarded by the mutex of db.c */
    _Atomic int64_t committed_at;  /* wall time of the last commit */
    _Atomic uint64_t commits_made; /* since it was opened, by all connections of this process */
    _Atomic bool sync_failed;      /* final: nothing is acknowledged any more */
};

/* A prepared statement, kept. */
struct statement {
    sqlite3_stmt *handle;
    const char *text; /* by address: the literal; built: own copy */
    size_t text_len;
    uint64_t hash;
    uint64_t used_at;       /* built: tick of the last use */
    struct statement *twin; /* same SQL, for use while this one is open */
    uint16_t *order;        /* SQLite's parameter i is argument order[i]: it counts $n as names */
    uint8_t (*ids)[16];     /* where ids lie while bound, one per parameter */
    int parameters;
    bool is_open;
    bool is_kept; /* else finalized at close */
    char *owned;  /* built text */
};

enum { STATEMENTS_BUILT_MAX = 128 };

struct statements {
    struct statement **by_address; /* open addressing, cap is a power of two */
    size_t cap, count;
    struct statement *built[STATEMENTS_BUILT_MAX];
    size_t built_count;
    uint64_t tick;
};

/* The frame of transactions, prepared at open. */
enum frame {
    FRAME_BEGIN_READ,
    FRAME_END_READ,
    FRAME_BEGIN_WRITE,
    FRAME_COMMIT,
    FRAME_ROLLBACK,
    FRAME_SAVE,
    FRAME_KEEP,
    FRAME_UNDO,
    FRAME_COUNT_COMMIT,
    FRAMES
};

struct db {
    sqlite3 *handle; /* NULL: nobody has used it yet (db_later) */
    enum db_mode mode;
    struct dbfile *file;
    struct statements statements;
    sqlite3_stmt *frames[FRAMES];
    unsigned open_queries;
    uint64_t snapshot;        /* how many it has begun; the number of the one it is in */
    struct actors_seen *seen; /* in it (actor_seen.h); NULL: nobody yet */
    bool is_kept;             /* a snapshot that tx_keep_read left open … */
    uint64_t kept_at;       /* … and how many commits this process had made before it was taken */
    uint64_t commits;       /* as of the last commit of this connection */
    uint64_t counting;      /* what the batch will make of it */
    int64_t batch_now;      /* the latest tx_now of the batch's jobs */
    bool has_savepoint;     /* of the job */
    bool job_changed;       /* what the counter of changed rows does not tell: a CREATE */
    bool batch_changed;     /* some kept job changed a row */
    int64_t changes_before; /* of the job: sqlite3_total_changes64 */
    int page_size;
    int wal_pages;
    bool (*progress)(void *);
    void *progress_context;
};

/* What an SQLite result code means; tells the file when an fsync failed. The message for the log
 * is sqlite3_errmsg. ST_OK for OK, ROW and DONE. */
enum status db_classify(struct db *db, int code);
/* Fails the transaction with what the code means; logs it where it is our fault or the machine's
 * (what: what was tried, or the SQL). Returns the transaction's status. */
enum status tx_fail_code(struct tx *tx, int code, const char *what);
void db_log_code(struct db *db, struct str request_id, int code, const char *what);
/* Is it a broken UNIQUE or PRIMARY KEY? */
bool db_is_duplicate(int code);

/* Longest wait for a lock: nobody but us may lock, save a person with the sqlite3 shell. */
enum { DB_BUSY_MS = 5000 };

/* db_settings.c, of a handle that was just opened: what it refuses and how it waits (SQLite's code), and its
 * PRAGMAs (false: *what was not taken). */
int db_harden(struct db *db);
bool db_configure(struct db *db, const char **what);

void actors_seen_free(struct actors_seen *seen); /* takes NULL */

/* Opens what db_later gave. ST_UNAVAILABLE: it is as before, and the log says why. */
enum status db_open_now(struct db *db);

/* Reads the counter of commits, once there is a schema; and raises the time that tx_init never
 * goes below. */
int db_load_counter(struct db *db);
void db_raise_time(struct db *db, int64_t committed_at);

/* Runs one statement of the frame; gives SQLite's code (SQLITE_DONE or SQLITE_ROW is success). */
int db_frame(struct db *db, enum frame frame);

/* Lists of ids as one parameter: ids($1) and has_id($1, id). */
int ids_register(sqlite3 *handle);

/* How SQLite allocates: memory.c, which counts. */
extern const struct sqlite3_mem_methods db_memory_methods;

/* Statements: by the literal's address, or by content. NULL: *code says why. */
struct statement *statement_take(struct db *db, const char *sql, int *code);
struct statement *statement_take_built(struct db *db, struct str sql, int *code);
void statement_give_back(struct db *db, struct statement *statement);
void statements_fini(struct statements *statements);

#endif

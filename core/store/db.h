/* Db: one SQLite connection and its prepared statements.
 *
 * Each thread opens its own. Only the writer's is DB_WRITE: it is the only
 * connection in the process that ever writes or checkpoints. DB_READ ones are
 * opened query-only, with wal_autocheckpoint=0 and no checkpoint on close. WAL and
 * synchronous=FULL are set, read back and asserted at open. Statements are prepared
 * once per SQL text (by its address) and kept.
 */
#ifndef FOYER_STORE_DB_H
#define FOYER_STORE_DB_H

#include "base/failure.h"
#include "base/str.h"

struct db;
struct arena;

enum db_mode { DB_READ, DB_WRITE };

/* path is DATA/foyer.db. Gives *db. Failure says file and reason: ST_NOT_FOUND (no such file, only
 * DB_READ), ST_UNAVAILABLE (not a database, cannot be opened, WAL refused). */
enum status db_open(const char *path, enum db_mode mode, struct db **db, struct failure *failure,
                    struct arena *arena);
/* A DB_READ one that the first tx_begin_read on it opens, on the thread that owns it from then on. What
 * fails by then fails that transaction (ST_UNAVAILABLE, logged), and the next tries again. */
struct db *db_later(const char *path);
/* Opens it before that, before its thread begins: when files run out, it is there. ST_UNAVAILABLE, logged. */
enum status db_warm(struct db *db);
void db_close(struct db *db); /* takes NULL */

/* Bytes of the WAL as of the last commit; and a checkpoint (writer only, between batches).
 * truncate: also shortens the file (at shutdown and when idle). */
int64_t db_wal_bytes(const struct db *db);
enum status db_checkpoint(struct db *db, bool truncate);
/* The counter of commits as of the last commit of this connection (writer only). */
uint64_t db_commits(const struct db *db);
/* An fsync of this file failed in this process: final, nothing is acknowledged any more. Any thread's
 * connection to the file tells. */
bool db_is_read_only(const struct db *db);
/* Memory that SQLite uses in the process, for /metrics. */
int64_t db_memory(void);
const char *db_version(void);
int db_version_number(void); /* 3040001 of 3.40.1 */
/* Once per process, before any db_open: configures SQLite, registers the VFS that faults need. */
void db_start(void);

/* Connections that are opened from now on never wait for the disk: a power cut may take the whole database. For tests
 * of scripts, whose databases are thrown away. */
void db_set_unsynced(bool is_on);

/* PRAGMA integrity_check and foreign_key_check; each finding is a line in *report. */
struct buf;
enum status db_check(struct db *db, struct buf *report);

/* Steps of SQLite's machine between two looks: at 100 a page of a list costs 2 % more, at 1000 nothing. */
enum { DB_PROGRESS_STEPS = 1000 };
/* Runs for each stretch of work of the reading statement, and of all those before it that were shorter;
 * true from the callback interrupts it with ST_BUSY. NULL turns it off. Inside one step of a full text
 * search nobody looks: it takes 0.2 s among a million rows. */
void db_set_progress(struct db *db, bool (*callback)(void *), void *context);

#endif

/* Tx: transactions with a sticky status, and the writer's frame of batch and jobs.
 *
 * A job is a savepoint of the batch. SQLite may roll back the whole batch by itself (a full disk, an
 * I/O error, an interrupted change, OR ROLLBACK): tx_job_end asks for it after every job.
 */
#include "store/tx.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/connection.h"

#include <stdio.h>
#include <string.h>

static int count_commit(struct db *db, int64_t now);
static int undo_job(struct db *db);

void tx_init(struct tx *tx, struct db *db, struct arena *arena, int64_t now)
{
    int64_t floor = atomic_load_explicit(&db->file->committed_at, memory_order_relaxed);

    memset(tx, 0, sizeof(*tx));
    tx->db = db;
    tx->arena = arena;
    tx->now = now > floor ? now : floor;
}

enum status tx_begin_read(struct tx *tx)
{
    int code;

    PRE(tx->db->open_queries == 0);
    if (tx->db->is_kept && tx->db->kept_at == atomic_load(&tx->db->file->commits_made)) {
        tx->db->is_kept = false;
        return tx_status(tx);
    }
    if (!tx->db->handle && db_open_now(tx->db) != ST_OK)
        return tx_fail(tx, ST_UNAVAILABLE, "database_unusable", "The database cannot be opened.");
    tx_release_read(tx->db);
    tx->db->snapshot++;
    tx->db->kept_at = atomic_load(&tx->db->file->commits_made); /* the snapshot is no older */
    code = db_frame(tx->db, FRAME_BEGIN_READ);
    return code == SQLITE_OK ? tx_status(tx) : tx_fail_code(tx, code, "begin");
}

void tx_end_read(struct tx *tx)
{
    int code = SQLITE_OK;

    PRE(tx->db->open_queries == 0); /* a query was not closed: it would keep the snapshot */
    if (!tx->db->handle)
        return;
    if (!sqlite3_get_autocommit(tx->db->handle))
        code = db_frame(tx->db, FRAME_END_READ);
    if (code != SQLITE_OK)
        tx_fail_code(tx, code, "end of a read");
    if (!sqlite3_get_autocommit(tx->db->handle))
        db_frame(tx->db, FRAME_ROLLBACK);
}

void tx_keep_read(struct tx *tx)
{
    PRE(tx->db->open_queries == 0 && tx_status(tx) == ST_OK);
    tx->db->is_kept = !sqlite3_get_autocommit(tx->db->handle);
}

void tx_release_read(struct db *db)
{
    if (!db->is_kept)
        return;
    db->is_kept = false;
    if (db_frame(db, FRAME_END_READ) != SQLITE_OK)
        db_frame(db, FRAME_ROLLBACK);
}

enum status tx_batch_begin(struct db *db)
{
    int code;

    PRE(db->mode == DB_WRITE && db->open_queries == 0);
    if (db_is_read_only(db))
        return ST_READ_ONLY;
    db->batch_now = 0;
    db->batch_changed = false;
    code = db_frame(db, FRAME_BEGIN_WRITE);
    if (code != SQLITE_OK)
        db_log_code(db, STR_NONE, code, "begin of a batch");
    return db_classify(db, code);
}

enum status tx_batch_commit(struct db *db, int64_t now)
{
    int code = SQLITE_OK;
    enum status status;

    PRE(!sqlite3_get_autocommit(db->handle) && db->open_queries == 0);
    if (now < db->batch_now)
        now = db->batch_now;
    if (!db->batch_changed) { /* nothing to make durable: no fsync, no number */
        tx_batch_abandon(db);
        return ST_OK;
    }
    if (fault_hits(FAULT_COMMIT))
        code = SQLITE_IOERR_WRITE;
    if (code == SQLITE_OK)
        code = count_commit(db, now);
    if (code == SQLITE_OK)
        code = db_frame(db, FRAME_COMMIT);
    status = db_classify(db, code);
    if (status != ST_OK) {
        db_log_code(db, STR_NONE, code, "commit");
        tx_batch_abandon(db);
        return status;
    }
    db->commits = db->counting;
    atomic_fetch_add(&db->file->commits_made, 1);
    db_raise_time(db, now);
    return ST_OK;
}

void tx_batch_abandon(struct db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        db_frame(db, FRAME_ROLLBACK);
    /* A rollback that fails leaves SQLite in its error state, and the transaction is gone all the
     * same: the next use of the database reads it anew. */
    db->batch_changed = false;
}

enum status tx_job_begin(struct tx *tx)
{
    struct db *db = tx->db;
    int code;

    PRE(db->mode == DB_WRITE && db->open_queries == 0);
    tx->is_writing = true;
    if (tx->now > db->batch_now)
        db->batch_now = tx->now;
    db->job_changed = false;
    db->changes_before = sqlite3_total_changes64(db->handle);
    code = db_frame(db, FRAME_SAVE);
    db->has_savepoint = code == SQLITE_OK;
    return code == SQLITE_OK ? tx_status(tx) : tx_fail_code(tx, code, "savepoint");
}

enum tx_outcome tx_job_end(struct tx *tx, bool keep)
{
    struct db *db = tx->db;
    int code;

    PRE(db->open_queries == 0);
    if (sqlite3_get_autocommit(db->handle)) {
        tx_fail(tx, ST_UNAVAILABLE, NULL, "The transaction was rolled back: try again.");
        return TX_BATCH_LOST;
    }
    if (!db->has_savepoint) /* it never began */
        return TX_FAILED;
    if (tx_status(tx) == ST_OK && keep) {
        bool has_changed =
            db->job_changed || sqlite3_total_changes64(db->handle) != db->changes_before;

        code = db_frame(db, FRAME_KEEP);
        if (code == SQLITE_OK) {
            db->batch_changed |= has_changed;
            return TX_DONE;
        }
        tx_fail_code(tx, code, "release");
    }
    code = undo_job(db);
    if (code != SQLITE_OK && !sqlite3_get_autocommit(db->handle)) {
        /* Half a job must not be committed with the others. */
        db_log_code(db, tx->request_id, code, "rollback to the savepoint");
        tx_batch_abandon(db);
    }
    if (sqlite3_get_autocommit(db->handle)) {
        tx_fail(tx, ST_UNAVAILABLE, NULL, "The transaction was rolled back: try again.");
        return TX_BATCH_LOST;
    }
    return TX_FAILED;
}

enum status tx_once(struct db *db, struct tx *tx, enum status (*run)(struct tx *, void *),
                    void *context)
{
    enum status status = tx_batch_begin(db);

    if (status != ST_OK)
        return tx_fail(tx, status, NULL, "%s", status_text(status));
    if (tx_job_begin(tx) == ST_OK)
        run(tx, context);
    if (tx_job_end(tx, true) != TX_DONE) {
        tx_batch_abandon(db);
        return tx_status(tx);
    }
    status = tx_batch_commit(db, tx->now);
    if (status != ST_OK)
        return tx_fail(tx, status, NULL, "%s", status_text(status));
    return ST_OK;
}

enum status tx_status(struct tx *tx)
{
    if (tx->status == ST_OK && arena_is_exhausted(tx->arena))
        tx_fail(tx, ST_NO_MEMORY, NULL, "%s", status_text(ST_NO_MEMORY));
    return tx->status;
}

enum status tx_fail(struct tx *tx, enum status status, const char *code, const char *format, ...)
{
    va_list args;

    PRE(status != ST_OK);
    if (tx->status != ST_OK)
        return tx->status;
    tx->status = status;
    va_start(args, format);
    failure_vset(&tx->failure, tx->arena, status, code, format, args);
    va_end(args);
    return status;
}

void tx_fail_field(struct tx *tx, enum status status, const char *field, const char *code,
                   const char *format, ...)
{
    char message[512];
    va_list args;

    PRE(status != ST_OK);
    if (tx->status != ST_OK && tx->status != status)
        return;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    tx->status = status;
    failure_field(&tx->failure, tx->arena, status, str_from(field), code, "%s", message);
}

enum status tx_not_found(struct tx *tx)
{
    return tx_fail(tx, ST_NOT_FOUND, NULL, "%s", status_text(ST_NOT_FOUND));
}

int64_t tx_now(const struct tx *tx)
{
    return tx->now;
}

struct uuid tx_id(struct tx *tx)
{
    uint8_t random[10];
    uint64_t count;

    tx_random(tx, random, sizeof(random));
    count = tx->seed ? 0 : crypto_fixed_count();
    if (count) { /* time stands still, and lists are in the order in which things were made all the same */
        bytes_put_u32(random + 2, (uint32_t)count);
        random[2] = 0;
    }
    return uuid_v7(tx->now, random);
}

void tx_random(struct tx *tx, void *out, size_t len)
{
    uint8_t number[8], drawn[CRYPTO_HASH];
    size_t done, take;

    if (!tx->seed) {
        crypto_random(out, len);
        return;
    }
    for (done = 0; done < len; done += take) {
        bytes_put_u64(number, tx->drawn++);
        crypto_hmac_sha256(tx->seed, str_slice((const char *)number, sizeof(number)), drawn);
        take = len - done < sizeof(drawn) ? len - done : sizeof(drawn);
        memcpy((uint8_t *)out + done, drawn, take);
    }
    crypto_wipe(drawn, sizeof(drawn));
}

/* The counter grows in the commit that it counts. */
static int count_commit(struct db *db, int64_t now)
{
    sqlite3_stmt **frame = &db->frames[FRAME_COUNT_COMMIT];
    int code = SQLITE_OK;

    if (!*frame)
        code = sqlite3_prepare_v3(db->handle,
                                  "UPDATE meta SET commits = commits + 1, last_commit_at = "
                                  "max(last_commit_at, $1) RETURNING commits",
                                  -1, SQLITE_PREPARE_PERSISTENT, frame, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int64(*frame, 1, now);
    code = sqlite3_step(*frame);
    if (code == SQLITE_ROW) {
        db->counting = (uint64_t)sqlite3_column_int64(*frame, 0);
        code = sqlite3_step(*frame);
    }
    sqlite3_reset(*frame);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int undo_job(struct db *db)
{
    int code = db_frame(db, FRAME_UNDO);

    return code == SQLITE_OK ? db_frame(db, FRAME_KEEP) : code;
}

/* Result: what an SQLite result code means for a request and for the file.
 *
 * Decided by primary and extended code, never by a message.
 */
#include "base/log.h"
#include "store/connection.h"
#include "store/tx.h"

#include <errno.h>
#include <string.h>

static enum status of_constraint(int code);
static enum status of_io(struct db *db, int code);
static int last_errno(struct db *db);
static void fail_constraint(struct tx *tx, enum status status, int code);

enum status db_classify(struct db *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ST_OK;
    case SQLITE_CONSTRAINT:
        return of_constraint(code);
    case SQLITE_FULL:
        return ST_DISK_FULL;
    case SQLITE_IOERR:
        return of_io(db, code);
    case SQLITE_NOMEM:
        return ST_NO_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return ST_BUSY;
    case SQLITE_TOOBIG:
        return ST_TOO_LARGE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
    case SQLITE_SCHEMA:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
        return ST_UNAVAILABLE;
    default:
        return ST_INTERNAL; /* ERROR, MISUSE, RANGE, MISMATCH …: our statement is wrong */
    }
}

enum status tx_fail_code(struct tx *tx, int code, const char *what)
{
    enum status status;

    if (tx->status != ST_OK)
        return tx->status;
    status = db_classify(tx->db, code);
    if (status == ST_CONFLICT || status == ST_UNPROCESSABLE) {
        fail_constraint(tx, status, code);
        return status;
    }
    if (status != ST_BUSY)
        db_log_code(tx->db, tx->request_id, code, what);
    return tx_fail(tx, status, NULL, "%s", status_text(status));
}

void db_log_code(struct db *db, struct str request_id, int code, const char *what)
{
    log_error(request_id, "the database refused", LOG_C("file", db->file->path),
              LOG_C("what", what), LOG_N("code", code), LOG_C("meaning", sqlite3_errstr(code)),
              LOG_C("message", sqlite3_errmsg(db->handle)));
}

bool db_is_duplicate(int code)
{
    return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
           code == SQLITE_CONSTRAINT_ROWID;
}

static enum status of_constraint(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_TRIGGER:
        return ST_UNPROCESSABLE;
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_DATATYPE:
        return ST_INTERNAL; /* what a peer sends is checked before */
    default:
        return ST_CONFLICT;
    }
}

static enum status of_io(struct db *db, int code)
{
    int error = last_errno(db);

    switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
        /* What the kernel dropped it does not write at a second fsync that "succeeds". */
        if (!atomic_exchange(&db->file->sync_failed, true))
            log_error(STR_NONE,
                      "fsync failed: nothing is acknowledged any more, restart on sound storage",
                      LOG_C("file", db->file->path), LOG_N("errno", error));
        return ST_READ_ONLY;
    case SQLITE_IOERR_NOMEM:
        return ST_NO_MEMORY;
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_TRUNCATE:
        /* A quota or RLIMIT_FSIZE is a full disk too. */
        if (error == EDQUOT || error == EFBIG || error == ENOSPC)
            return ST_DISK_FULL;
        return ST_UNAVAILABLE;
    default:
        return ST_UNAVAILABLE;
    }
}

/* Of the database's file or its log. Not sqlite3_system_errno: it is read after the rollback, whose
 * calls have had their own. */
static int last_errno(struct db *db)
{
    static const int files[] = { SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER };
    int error = 0;

    for (size_t i = 0; i < 2 && error == 0; i++) {
        sqlite3_file *file = NULL;

        if (sqlite3_file_control(db->handle, "main", files[i], &file) == SQLITE_OK && file &&
            file->pMethods)
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    }
    return error;
}

/* A trigger's RAISE(ABORT, 'some_code') and a named CHECK carry the code that the outside sees:
 * the schema is where the rule stands, so its name stands there too. */
static void fail_constraint(struct tx *tx, enum status status, int code)
{
    static const char prefix[] = "CHECK constraint failed: ";
    const char *message = sqlite3_errmsg(tx->db->handle);
    char name[64];
    size_t len;

    if (code == SQLITE_CONSTRAINT_CHECK && !strncmp(message, prefix, sizeof(prefix) - 1))
        message += sizeof(prefix) - 1;
    len = strspn(message, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (status != ST_UNPROCESSABLE || len == 0 || message[len] || len >= sizeof(name)) {
        tx_fail(tx, status, NULL, "%s", status_text(status));
        return;
    }
    memcpy(name, message, len + 1);
    tx_fail(tx, status, name, "%s", status_text(status));
}

/* Store fixture: a migrated database in the test's folder with one more table, `t`.
 *
 *   t (a INTEGER PRIMARY KEY CONSTRAINT small CHECK (a < 1000), b TEXT UNIQUE)
 */
#ifndef FOYER_TESTS_STORE_FIXTURE_H
#define FOYER_TESTS_STORE_FIXTURE_H

#include "base/arena.h"
#include "harness.h"
#include "store/db.h"
#include "store/tx.h"

struct store {
    const char *path;
    struct db *db;
    struct arena arena;
    struct failure failure;
};

void store_open(struct store *store);
/* Opens the database of an earlier store_open again, migrated. */
void store_reopen(struct store *store);
void store_close(struct store *store);
/* A further connection that reads. */
struct db *store_reader(struct store *store);
/* tx_init and tx_job_begin, which must succeed. */
void store_job(struct store *store, struct tx *tx);
/* Runs a statement in a transaction of its own, which must succeed. */
void store_sql(struct store *store, const char *sql);
/* The values of t.a, ascending, with blanks between, as a new reader sees them. */
const char *store_rows(struct store *store);

#endif

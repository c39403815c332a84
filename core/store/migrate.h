/* Migrate: brings a database to the schema of this program.
 *
 * Migrations are the embedded files core/store/sql/NNNN_reason.sql, in order, each in one
 * transaction together with its row in `migrations` (number, checksum, when). Never edited after
 * release: a checksum that differs is refused. A database from a newer program is refused.
 * Killed at any statement, it finishes or rolls back at the next start.
 */
#ifndef FOYER_STORE_MIGRATE_H
#define FOYER_STORE_MIGRATE_H

#include "store/db.h"

/* Needs a DB_WRITE connection. backup_path: where a copy is made first when there is something to
 * migrate in a database that is not empty (NULL: none). */
enum status migrate_run(struct db *db, const char *backup_path, struct failure *failure,
                        struct arena *arena);
int migrate_newest(void);
/* Whether migrate_run would take it: ST_UNAVAILABLE where a newer or another program made it. */
enum status migrate_look(struct db *db, struct failure *failure, struct arena *arena);
/* Whether it has the schema of this program: ST_UNAVAILABLE where a server would migrate it first, too. */
enum status migrate_ready(struct db *db, struct failure *failure, struct arena *arena);
/* migrate_run, but no further than to one number: as an older program would have left the database. */
enum status migrate_run_to(struct db *db, int newest, const char *backup_path,
                           struct failure *failure, struct arena *arena);
/* What is wrong with the schema, a line each in *report: migrations that are missing, strange or still to
 * come, tables and indexes that differ from what the migrations make. Changes nothing. */
struct buf;
enum status migrate_check(struct db *db, struct buf *report, struct arena *arena);

#endif

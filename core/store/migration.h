/* Migration: the embedded migrations, for the files of store/ that run or compare them. */
#ifndef FOYER_STORE_MIGRATION_H
#define FOYER_STORE_MIGRATION_H

#include "base/embedded.h"
#include "store/connection.h"

struct migration {
    int number;
    struct str sql;
    const char *path;
};

/* Walks them in their order; *file begins as embedded_files. */
bool migration_next(const struct embedded_file **file, struct migration *migration);
/* Runs a script statement by statement; gives SQLite's code. */
int migration_run_script(sqlite3 *handle, struct str sql);
/* Reads which were run and refuses what this program would not have run (a failure is set); *done is
 * the number of the last. */
enum status migration_check_done(struct db *db, int *done, struct failure *failure,
                                 struct arena *arena);

extern const char migration_table_sql[];

#endif

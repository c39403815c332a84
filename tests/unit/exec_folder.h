/* Exec_folder: a data folder of its own for a test, with a table to write into. */
#ifndef FOYER_TESTS_EXEC_FOLDER_H
#define FOYER_TESTS_EXEC_FOLDER_H

#include "base/arena.h"
#include "store/datafolder.h"
#include "store/db.h"

struct exec_folder {
    struct datafolder folder;
    struct db *db; /* the writer's */
    struct arena arena;
};

/* Makes and opens it, with the table `notes (n INTEGER PRIMARY KEY, text TEXT)`, where n = 13 rolls the
 * whole transaction back and n = 14 is refused. */
void exec_folder_open(struct exec_folder *made);
/* Closes and opens it again, as the next start of a server would. */
void exec_folder_reopen(struct exec_folder *made);
void exec_folder_close(struct exec_folder *made);
/* First column of the first row, on a connection of its own. */
int64_t exec_folder_ask(struct exec_folder *made, const char *sql);

#endif

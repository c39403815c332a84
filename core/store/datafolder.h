/* Data folder: where everything of a server lives, and who may use it.
 *
 *   foyer.db, -wal, -shm   the database           lock        held by the one server or command
 *   server.key             0600, 32 random bytes  commits     high-water mark of commits
 *   mail/new cur tmp       maildir, no SMTP set   scripts/    the admin's own scripts
 *   files/                 uploads                plugins/    installed plugins
 *   control                socket of the running server, for its owner (exec/control.h)
 *
 * The high-water mark is written (not synced) after COMMIT returned; a database whose own counter
 * is below it has lost history: opening refuses and says so, and what to do.
 */
#ifndef FOYER_STORE_DATAFOLDER_H
#define FOYER_STORE_DATAFOLDER_H

#include "base/crypto.h"
#include "base/failure.h"

struct arena;

struct datafolder {
    char path[4096];
    char database[4200];
    int lock_fd;
    int mark_fd;
    uint8_t server_key[CRYPTO_KEY];
    bool has_key;  /* it was read */
    uint64_t mark; /* high-water mark as read at open */
};

/* ST_CONFLICT: is a data folder already (already_initialized), is no folder, holds other things, or is
 * in use. Goes on with what an init that was cut short left. Makes folders (0700), key, database (migrated), lock held. */
enum status datafolder_create(struct datafolder *folder, const char *path, struct failure *failure,
                              struct arena *arena);
/* ST_NOT_FOUND: no such folder, or nothing of Foyer in it; ST_CONFLICT: another server or command
 * holds it (with its pid); ST_UNAVAILABLE: history is missing, key unreadable or of wrong mode. */
enum status datafolder_open(struct datafolder *folder, const char *path, struct failure *failure,
                            struct arena *arena);
/* For foyer check, in two steps: takes the folder's lock if it is free, else tells who has it (-1: not
 * known, 0: we have it now), without failing; then reads key and mark, whose failures are findings. */
enum status datafolder_look(struct datafolder *folder, const char *path, int64_t *holder,
                            struct failure *failure, struct arena *arena);
enum status datafolder_read(struct datafolder *folder, struct failure *failure,
                            struct arena *arena);
/* For commands that only look: reads the key if it can be read. */
void datafolder_try_key(struct datafolder *folder, struct arena *arena);
void datafolder_close(struct datafolder *folder);
/* After a commit: raises the mark. Writer only. */
void datafolder_raise_mark(struct datafolder *folder, uint64_t commits);
/* With the database open: compares its counter with the mark. */
struct db;
enum status datafolder_check_mark(const struct datafolder *folder, struct db *db,
                                  struct failure *failure, struct arena *arena);
/* With the folder open: opens the writer's connection, migrates (a copy of the database is left in the
 * folder first) and compares with the mark: what every server and command begins with. */
enum status datafolder_open_database(struct datafolder *folder, struct db **db,
                                     struct failure *failure, struct arena *arena);

#endif

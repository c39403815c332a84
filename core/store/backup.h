/* Backup: a copy of the database that is made while it is written to, and archives of a whole data folder.
 *
 * An archive is a plain tar of a data folder: foyer-backup.txt first (what it is, which commit, when),
 * then foyer.db, server.key, commits, scripts/, plugins/, files/, mail/, and SHA256SUMS of all of them
 * at the end; `tar x` alone makes a folder of it that can be served. It holds keys: mode 0600.
 *
 * Files are read after the database was copied: what a row of the copy refers to is there, since a
 * file comes before its row.
 */
#ifndef FOYER_STORE_BACKUP_H
#define FOYER_STORE_BACKUP_H

#include "base/failure.h"
#include "store/datafolder.h"

#include <stdint.h>

struct arena;
struct db;

/* ---- A copy of the database --------------------------------------------------------------------
 * All on the thread of the connection, outside of its transactions; other writes of the same connection
 * may come between two steps, and go into the copy, too. */

struct backup_copy;

enum { BACKUP_PAGES = 64 }; /* a step */

/* Copies into the file at path, which is there and empty. db must not be closed before the copy. */
enum status backup_copy_open(struct db *db, const char *path, struct backup_copy **copy,
                             struct failure *failure, struct arena *arena);
/* Copies some pages; false: that was all, or it has failed. */
bool backup_copy_step(struct backup_copy *copy);
uint64_t backup_copy_done(const struct backup_copy *copy); /* pages so far */
uint64_t backup_copy_total(const struct backup_copy *copy);
/* The end, good or not: syncs what was copied. ST_OK: *commits is the counter of the copy. ST_DISK_FULL,
 * ST_UNAVAILABLE; ST_BUSY: it was given up before its end. */
enum status backup_copy_close(struct backup_copy *copy, uint64_t *commits, struct failure *failure,
                              struct arena *arena);

/* ---- An archive -------------------------------------------------------------------------------- */

struct backup_facts {
    uint64_t commits;
    int64_t made_at; /* microseconds UTC */
    uint64_t files;  /* but those that the backup itself writes */
    uint64_t bytes;
};

/* A name beside path for what is not whole yet, in the arena. */
struct str backup_temporary(struct arena *arena, const char *path);
/* Whether there is an archive of Foyer at path (only its beginning is looked at). */
bool backup_is_archive(const char *path);
/* Makes one at `temporary` of the copy and the rest of the folder, and renames it to path once it is
 * durable. The copy is checked first (every page, its counter must be facts->commits). Fills in
 * files and bytes. Nothing stays at `temporary`. */
enum status backup_write(const char *folder, const char *copy, const char *temporary,
                         const char *path, struct backup_facts *facts, struct failure *failure,
                         struct arena *arena);
/* Reads all of an archive and compares it with its sums; changes nothing. */
enum status backup_verify(const char *path, struct backup_facts *facts, struct failure *failure,
                          struct arena *arena);
/* Unpacks it into a folder that is not there or empty, checks what came out (its schema, too) and sets the
 * high-water mark to it. foyer.db gets its name last: a restore that was cut short is no data folder. What was made is
 * taken away when it fails. */
enum status backup_restore(const char *path, const char *folder, struct backup_facts *facts,
                           struct failure *failure, struct arena *arena);

#endif

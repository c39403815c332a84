/* Backup inside: what the writing and the reading of archives share. */
#ifndef FOYER_STORE_BACKUP_INSIDE_H
#define FOYER_STORE_BACKUP_INSIDE_H

#include "base/crypto.h"
#include "store/backup.h"

struct buf;

/* Names in an archive. */
#define BACKUP_HEAD "foyer-backup.txt"
#define BACKUP_SUMS "SHA256SUMS"
#define BACKUP_DB   "foyer.db"
#define BACKUP_KEY  "server.key"
#define BACKUP_MARK "commits"
enum { BACKUP_FORMAT = 1, BACKUP_CHUNK = 64 * 1024 };
/* Ends with NULL. */
extern const char *const backup_folders[];

/* The line of SHA256SUMS, as sha256sum -c reads it. */
void backup_sum_line(struct crypto_sha256 *sha, const char *name, struct buf *sums);
/* Looks at every page of a database that nobody uses, without a trace beside it; its counter of commits
 * must be this one. */
enum status backup_check_copy(const char *path, uint64_t commits, struct failure *failure,
                              struct arena *arena);
/* Says by errno what could not be done to path; gives false. */
bool backup_fail(struct failure *failure, struct arena *arena, const char *verb, const char *path);

#endif

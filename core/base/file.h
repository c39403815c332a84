/* File: small whole files, read and written so that a power cut leaves the old or the new one.
 *
 * Every function that can fail says false and leaves the cause in errno; file_status and
 * file_explain make a status and a sentence that says what to do of it. Each system call
 * that may fail asks fault_hits(FAULT_FILE) (errno EIO then). Any thread; who guards the files of a
 * data folder is its lock. Not here: the database (store), uploads (net).
 */
#ifndef FOYER_BASE_FILE_H
#define FOYER_BASE_FILE_H

#include "base/failure.h"

#include <sys/types.h>

struct arena;

/* Gives the content of a regular file, at most max bytes. Absent: errno says why, among others
 * EFBIG: longer; EISDIR, EINVAL: a folder, or something else that is no file. */
struct str file_read(struct arena *arena, const char *path, size_t max);
/* The same for a secret; EPERM: others than its owner may read or write it. */
struct str file_read_secret(struct arena *arena, const char *path, size_t max);

/* Puts content in the place of what was at path, with that mode, not narrowed by the umask: a
 * temporary file beside it, fsync, rename, fsync of the folder. After false path holds the old or
 * the whole new content, which of them survives a power cut is not known, and no temporary file
 * stays. */
bool file_write(const char *path, struct str content, mode_t mode);
/* The same, but EEXIST when there is something at path already. */
bool file_write_new(const char *path, struct str content, mode_t mode);

/* Writes all of it at the place where fd stands. Beyond the limit of file sizes is ENOSPC. */
bool file_put(int fd, struct str content);

/* Removes a file, durably. ENOENT: there was none. */
bool file_remove(const char *path);

/* Removes a folder with all that lies in it, as far as it goes, and without following links; not durably. */
void file_remove_folder(const char *path);

/* Makes the folder and those above it that are missing, each with that mode and durably. True also
 * when it is there; ENOTDIR: something else is. */
bool file_make_folders(const char *path, mode_t mode);
/* Makes names in the folder durable. */
bool file_sync_folder(const char *path);
/* The same for the folder in which path stands. */
bool file_sync_parent(const char *path);

/* Takes the lock at path (flock; the file is made, holds the owner's process id, and stays) and
 * gives its descriptor, closed over exec. EWOULDBLOCK: another process has it; *holder is its id,
 * or 0 where that cannot be read. The lock goes with file_unlock or the process. */
bool file_lock(const char *path, int *fd, int64_t *holder);
void file_unlock(int fd);

/* What errno's value means for the caller: ST_NOT_FOUND, ST_DENIED, ST_TOO_LARGE, ST_DISK_FULL,
 * ST_CONFLICT (something else stands there, others may read it, somebody holds it), and
 * ST_UNAVAILABLE for the rest. */
enum status file_status(int cause);
/* Says in failure what could not be done to path and what to do about it, with file_status(cause),
 * which is returned. verb: "read", "write", "make", "lock". */
enum status file_explain(struct failure *failure, struct arena *arena, const char *verb,
                         const char *path, int cause);

#endif

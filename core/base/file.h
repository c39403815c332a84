/* File: whole small files, written so that a power cut leaves the old one or the new one.
 *
 * Not for uploads (net/) nor for the database. Each call may fail and asks FAULT_FILE; errno says
 * why. Any thread.
 */
#ifndef FOYER_BASE_FILE_H
#define FOYER_BASE_FILE_H

#include "base/str.h"

#include <sys/types.h>

struct arena;

/* Writes to a temporary name beside path, fsyncs, renames, fsyncs the folder. Takes the place of
 * what was there. mode is not narrowed by the umask. */
bool file_write(const char *path, struct str content, mode_t mode);
/* Gives the content, at most max bytes (EFBIG); absent: errno says why. */
struct str file_read(struct arena *arena, const char *path, size_t max);
/* Makes names in the folder durable. */
bool file_sync_folder(const char *path);
/* The same for the folder in which path stands. */
bool file_sync_parent(const char *path);

#endif

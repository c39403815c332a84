/* Overlay: what was written to a file and not yet synced, kept in memory. Part of the faulty VFS.
 *
 * Shared by all who have the file open in this process, and kept while nobody has: as the kernel's
 * page cache would. One lock for all: any thread.
 */
#ifndef FOYER_STORE_OVERLAY_H
#define FOYER_STORE_OVERLAY_H

#include "store/vfs.h"

#include <sqlite3.h>

struct overlay;

void overlay_set_memory(enum vfs_memory memory);
/* Are files kept in memory now? */
bool overlay_is_on(void);

/* By path; real is the file beneath. Give back at close. */
struct overlay *overlay_take(const char *path, sqlite3_file *real);
void overlay_give_back(struct overlay *overlay);
/* The file is deleted: nothing is owed any more. */
void overlay_forget(const char *path);
/* Was the power cut since it was taken? */
bool overlay_is_dead(const struct overlay *overlay);

/* Like the methods of sqlite3_file. */
int overlay_read(struct overlay *overlay, sqlite3_file *real, void *out, int len, int64_t from);
int overlay_write(struct overlay *overlay, sqlite3_file *real, const void *at, int len, int64_t to);
int overlay_truncate(struct overlay *overlay, int64_t size);
int overlay_sync(struct overlay *overlay, sqlite3_file *real, int flags);
int64_t overlay_size(struct overlay *overlay);

void overlay_power_cut(void);

#endif

/* Tar: archives of files and folders in the format of POSIX (ustar, with pax headers for long names),
 * written and read from the beginning to the end.
 *
 * Written so that any tar reads it; read so that only what is written here is taken: plain files and
 * folders, names that stay below where they are unpacked. Each function that can fail says false and
 * leaves the cause in errno (each system call asks FAULT_FILE; too long for the file system counts as
 * ENOSPC); EBADMSG: this is no such archive, or it is damaged or cut short. One thread.
 */
#ifndef FOYER_BASE_TAR_H
#define FOYER_BASE_TAR_H

#include "base/str.h"

#include <sys/types.h>

enum { TAR_BLOCK = 512, TAR_NAME = 1024 };

struct tar {
    int fd;        /* borrowed */
    uint64_t left; /* bytes of the entry that are still to come */
    uint64_t size; /* of the entry */
};

struct tar_entry {
    char name[TAR_NAME]; /* relative, without '.', '..' and empty parts */
    bool is_folder;
    mode_t mode;
    uint64_t size;
    int64_t changed_at; /* seconds since 1970 */
};

/* Begins at the place where fd stands. */
void tar_init(struct tar *tar, int fd);

/* Writes the head of an entry; a file's size bytes follow by tar_put. */
bool tar_begin(struct tar *tar, const struct tar_entry *entry);
bool tar_put(struct tar *tar, const void *at, size_t len);
/* After the last byte of the archive's last entry. */
bool tar_end(struct tar *tar);

enum tar_found { TAR_ENTRY, TAR_END, TAR_FAILED };

/* The next entry; what was not read of the one before is passed over. */
enum tar_found tar_next(struct tar *tar, struct tar_entry *entry);
/* At most len bytes of the entry; 0: it is over; -1: failed. */
ssize_t tar_take(struct tar *tar, void *at, size_t len);

#endif

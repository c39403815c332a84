/* Vfs: a disk that fails when told to, and forgets at a power cut what was not synced.
 *
 * Stands between SQLite and the operating system in builds with FOYER_FAULTS, for the files of
 * databases only (files of our own ask FAULT_FILE). It passes everything on until a test asks for:
 *
 *   a failure     the Nth call of some kinds fails: vfs_fail
 *   a full disk   writes that need room fail until there is room: vfs_set_disk
 *   a power cut   writes are kept in memory until they are synced; vfs_power_cut, or kill -9, drops
 *                 the rest; a process that ends by itself writes them, as the kernel would
 *   a liar        a sync that says yes and does nothing: the control of the crash tests
 *
 * A server under test is told by its environment, with FOYER_TEST=1: FOYER_TEST_POWERCUT is forget,
 * some or lie (enum vfs_memory); FOYER_TEST_DISK names a file of 16 bytes, two int64 that a
 * test may change at any time: enum vfs_disk, and microseconds added to each sync.
 *
 * db_start calls vfs_start; the rest on any thread.
 */
#ifndef FOYER_STORE_VFS_H
#define FOYER_STORE_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum vfs_call {
    VFS_OPEN,
    VFS_DELETE,
    VFS_ACCESS,
    VFS_READ,
    VFS_WRITE,
    VFS_TRUNCATE,
    VFS_SYNC,
    VFS_SIZE,
    VFS_LOCK,
    VFS_SHM_MAP,
    VFS_SHM_LOCK,
    VFS_CALLS
};
#define VFS_ALL ((1u << VFS_CALLS) - 1)

enum vfs_error {
    VFS_IO_ERROR, /* the SQLITE_IOERR_… of that call, CANTOPEN for open */
    VFS_TORN,     /* the same, but half of a write has arrived */
    VFS_NO_ROOM   /* SQLITE_FULL */
};

enum vfs_disk { VFS_SOUND, VFS_DISK_FULL, VFS_SYNCS_FAIL, VFS_WRITES_FAIL, VFS_READS_FAIL };

enum vfs_memory {
    VFS_WRITE_THROUGH,
    VFS_FORGET,      /* what is not synced is not on the disk */
    VFS_FORGET_SOME, /* about half of it is, in no order */
    VFS_LIE          /* syncs do nothing */
};

/* Registers it, and reads the environment. */
void vfs_start(void);

/* The nth call of the kinds in the mask (1u << kind; 1 is the next) fails, once or from then on.
 * nth 0 disarms. */
void vfs_fail(uint32_t calls, uint64_t nth, bool for_good, enum vfs_error error);
bool vfs_was_hit(void);
/* Calls of a kind since the start. */
uint64_t vfs_calls(enum vfs_call call);

void vfs_set_disk(enum vfs_disk disk);
/* Before the database's files are opened. */
void vfs_set_memory(enum vfs_memory memory);
/* Drops what was not synced. Every open file is dead: close the connections, open others. */
void vfs_power_cut(void);

#endif

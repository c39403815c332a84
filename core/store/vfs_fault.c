/* Vfs: the methods that stand before those of the operating system. See vfs.h. */
#ifdef FOYER_FAULTS
#include "store/vfs.h"

#include "base/check.h"
#include "store/overlay.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_FILES = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL };

/* What SQLite holds as sqlite3_file; the real one follows in the same memory. */
struct file {
    sqlite3_file base;
    struct overlay *overlay; /* NULL: writes go through */
    sqlite3_file real;       /* its first bytes: the size is the real VFS's to know */
};

/* Of a server under test: mapped, changed from outside. */
struct disk {
    _Atomic int64_t state; /* enum vfs_disk */
    _Atomic int64_t sync_delay;
};

static sqlite3_vfs vfs, *os;
static struct disk own_disk, *disk = &own_disk;
static _Atomic uint64_t counts[VFS_CALLS];
static _Atomic uint32_t armed_calls;
static _Atomic uint64_t armed_nth, armed_asked;
static _Atomic bool armed_for_good, was_hit;
static _Atomic int armed_error;

static void read_environment(void);
static int fails(enum vfs_call call, int code);
static int disk_fails(enum vfs_call call, int code);
static bool is_dead(const struct file *file);

void vfs_fail(uint32_t calls, uint64_t nth, bool for_good, enum vfs_error error)
{
    armed_nth = 0;
    armed_calls = calls;
    armed_asked = 0;
    armed_for_good = for_good;
    armed_error = error;
    was_hit = false;
    armed_nth = nth;
}

bool vfs_was_hit(void)
{
    return was_hit;
}

uint64_t vfs_calls(enum vfs_call call)
{
    return counts[call];
}

void vfs_set_disk(enum vfs_disk state)
{
    disk->state = state;
}

void vfs_set_memory(enum vfs_memory memory)
{
    overlay_set_memory(memory);
}

void vfs_power_cut(void)
{
    overlay_power_cut();
}

/* Methods of files ------------------------------------------------------------------------------ */

#define FILE_OF(base)           ((struct file *)(void *)(base))
#define REAL(file)              (&(file)->real)
#define CALL(file, method, ...) REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__)

static int on_close(sqlite3_file *base)
{
    struct file *file = FILE_OF(base);

    if (file->overlay)
        overlay_give_back(file->overlay);
    return CALL(file, xClose);
}

static int on_read(sqlite3_file *base, void *out, int len, sqlite3_int64 from)
{
    struct file *file = FILE_OF(base);
    int code = is_dead(file) ? SQLITE_IOERR_READ : fails(VFS_READ, SQLITE_IOERR_READ);

    if (code != SQLITE_OK)
        return code;
    return file->overlay ? overlay_read(file->overlay, REAL(file), out, len, from)
                         : CALL(file, xRead, out, len, from);
}

static int put(struct file *file, const void *at, int len, sqlite3_int64 to)
{
    return file->overlay ? overlay_write(file->overlay, REAL(file), at, len, to)
                         : CALL(file, xWrite, at, len, to);
}

static int on_write(sqlite3_file *base, const void *at, int len, sqlite3_int64 to)
{
    struct file *file = FILE_OF(base);
    int code = is_dead(file) ? SQLITE_IOERR_WRITE : fails(VFS_WRITE, SQLITE_IOERR_WRITE);

    if (code != SQLITE_OK && armed_error == VFS_TORN && !is_dead(file))
        put(file, at, len / 2, to);
    return code == SQLITE_OK ? put(file, at, len, to) : code;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct file *file = FILE_OF(base);
    int code = is_dead(file) ? SQLITE_IOERR_TRUNCATE : fails(VFS_TRUNCATE, SQLITE_IOERR_TRUNCATE);

    if (code != SQLITE_OK)
        return code;
    return file->overlay ? overlay_truncate(file->overlay, size) : CALL(file, xTruncate, size);
}

static int on_sync(sqlite3_file *base, int flags)
{
    struct file *file = FILE_OF(base);
    int code = is_dead(file) ? SQLITE_IOERR_FSYNC : fails(VFS_SYNC, SQLITE_IOERR_FSYNC);
    int64_t delay = disk->sync_delay;

    if (code != SQLITE_OK)
        return code;
    if (delay > 0)
        nanosleep(&(struct timespec){ delay / 1000000, delay % 1000000 * 1000 }, NULL);
    return file->overlay ? overlay_sync(file->overlay, REAL(file), flags)
                         : CALL(file, xSync, flags);
}

static int on_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct file *file = FILE_OF(base);
    int code = is_dead(file) ? SQLITE_IOERR_FSTAT : fails(VFS_SIZE, SQLITE_IOERR_FSTAT);

    if (code != SQLITE_OK)
        return code;
    if (!file->overlay)
        return CALL(file, xFileSize, size);
    *size = overlay_size(file->overlay);
    return SQLITE_OK;
}

static int on_lock(sqlite3_file *base, int kind)
{
    int code = fails(VFS_LOCK, SQLITE_IOERR_LOCK);

    return code == SQLITE_OK ? CALL(FILE_OF(base), xLock, kind) : code;
}

static int on_unlock(sqlite3_file *base, int kind)
{
    return CALL(FILE_OF(base), xUnlock, kind);
}

static int on_check_lock(sqlite3_file *base, int *is_held)
{
    return CALL(FILE_OF(base), xCheckReservedLock, is_held);
}

static int on_control(sqlite3_file *base, int what, void *argument)
{
    struct file *file = FILE_OF(base);

    if (file->overlay && (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE))
        return SQLITE_OK; /* would change the file beneath */
    if (file->overlay && what == SQLITE_FCNTL_MMAP_SIZE) {
        *(sqlite3_int64 *)argument = 0;
        return SQLITE_OK;
    }
    return CALL(file, xFileControl, what, argument);
}

static int on_sector_size(sqlite3_file *base)
{
    return CALL(FILE_OF(base), xSectorSize);
}

static int on_device(sqlite3_file *base)
{
    return CALL(FILE_OF(base), xDeviceCharacteristics);
}

static int on_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **at)
{
    int code = fails(VFS_SHM_MAP, SQLITE_IOERR_SHMMAP);

    return code == SQLITE_OK ? CALL(FILE_OF(base), xShmMap, page, size, extend, at) : code;
}

static int on_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    /* SQLite cannot be told that an unlock failed. */
    int code = flags & SQLITE_SHM_LOCK ? fails(VFS_SHM_LOCK, SQLITE_IOERR_SHMLOCK) : SQLITE_OK;

    return code == SQLITE_OK ? CALL(FILE_OF(base), xShmLock, offset, count, flags) : code;
}

static void on_shm_barrier(sqlite3_file *base)
{
    CALL(FILE_OF(base), xShmBarrier);
}

static int on_shm_unmap(sqlite3_file *base, int is_deleted)
{
    return CALL(FILE_OF(base), xShmUnmap, is_deleted);
}

/* Nothing is mapped: every read is seen. */
static int on_fetch(sqlite3_file *base, sqlite3_int64 from, int len, void **at)
{
    (void)base;
    (void)from;
    (void)len;
    *at = NULL;
    return SQLITE_OK;
}

static int on_unfetch(sqlite3_file *base, sqlite3_int64 from, void *at)
{
    (void)base;
    (void)from;
    (void)at;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_device,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
    .xFetch = on_fetch,
    .xUnfetch = on_unfetch,
};

/* Methods of the VFS ------------------------------------------------------------------------------ */

static int on_open(sqlite3_vfs *self, const char *path, sqlite3_file *base, int flags, int *given)
{
    struct file *file = FILE_OF(base);
    int code = fails(VFS_OPEN, SQLITE_CANTOPEN);

    (void)self;
    memset(file, 0, sizeof(*file));
    if (code == SQLITE_OK)
        code = os->xOpen(os, path, REAL(file), flags, given);
    if (code != SQLITE_OK)
        return code; /* base.pMethods stays NULL: it is not closed */
    file->base.pMethods = &methods;
    if (path && (flags & KEPT_FILES) && overlay_is_on())
        file->overlay = overlay_take(path, REAL(file));
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *self, const char *path, int sync_folder)
{
    int code = fails(VFS_DELETE, SQLITE_IOERR_DELETE);

    (void)self;
    if (code == SQLITE_OK)
        code = os->xDelete(os, path, sync_folder);
    if (code == SQLITE_OK)
        overlay_forget(path);
    return code;
}

static int on_access(sqlite3_vfs *self, const char *path, int flags, int *result)
{
    int code = fails(VFS_ACCESS, SQLITE_IOERR_ACCESS);

    (void)self;
    return code == SQLITE_OK ? os->xAccess(os, path, flags, result) : code;
}

static int on_full_path(sqlite3_vfs *self, const char *path, int len, char *out)
{
    (void)self;
    return os->xFullPathname(os, path, len, out);
}

static int on_random(sqlite3_vfs *self, int len, char *out)
{
    (void)self;
    return os->xRandomness(os, len, out);
}

static int on_sleep(sqlite3_vfs *self, int microseconds)
{
    (void)self;
    return os->xSleep(os, microseconds);
}

static int on_time(sqlite3_vfs *self, sqlite3_int64 *now)
{
    (void)self;
    return os->xCurrentTimeInt64(os, now);
}

static int on_time_double(sqlite3_vfs *self, double *now)
{
    (void)self;
    return os->xCurrentTime(os, now);
}

static int on_last_error(sqlite3_vfs *self, int len, char *text)
{
    (void)self;
    return os->xGetLastError(os, len, text);
}

void vfs_start(void)
{
    if (os)
        return;
    os = sqlite3_vfs_find(NULL);
    NEVER(!os);
    vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)offsetof(struct file, real) + os->szOsFile,
        .mxPathname = os->mxPathname,
        .zName = "foyer-fault",
        .xOpen = on_open,
        .xDelete = on_delete,
        .xAccess = on_access,
        .xFullPathname = on_full_path,
        .xRandomness = on_random,
        .xSleep = on_sleep,
        .xCurrentTime = on_time_double,
        .xGetLastError = on_last_error,
        .xCurrentTimeInt64 = on_time,
    };
    read_environment();
    NEVER(sqlite3_vfs_register(&vfs, 1) != SQLITE_OK);
}

static void read_environment(void)
{
    static const char *const names[] = { "", "forget", "some", "lie" };
    const char *is_test = getenv("FOYER_TEST"), *cut = getenv("FOYER_TEST_POWERCUT");
    const char *path = getenv("FOYER_TEST_DISK");
    int fd;

    if (!is_test || strcmp(is_test, "1") != 0)
        return;
    for (int i = VFS_FORGET; i <= VFS_LIE; i++)
        if (cut && !strcmp(cut, names[i]))
            overlay_set_memory((enum vfs_memory)i);
    fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEVER(disk == MAP_FAILED);
    close(fd);
}

/* code, or what else the test asked for; SQLITE_OK: go on. */
static int fails(enum vfs_call call, int code)
{
    uint64_t nth = armed_nth, asked;

    counts[call]++;
    if (nth && (armed_calls & (1u << call))) {
        asked = ++armed_asked;
        if (asked == nth || (armed_for_good && asked > nth)) {
            was_hit = true;
            return armed_error == VFS_NO_ROOM ? SQLITE_FULL : code;
        }
    }
    return disk_fails(call, code);
}

static int disk_fails(enum vfs_call call, int code)
{
    switch ((int)disk->state) {
    case VFS_DISK_FULL:
        return call == VFS_WRITE ? SQLITE_FULL : SQLITE_OK;
    case VFS_SYNCS_FAIL:
        return call == VFS_SYNC ? code : SQLITE_OK;
    case VFS_WRITES_FAIL:
        return call == VFS_WRITE || call == VFS_TRUNCATE ? code : SQLITE_OK;
    case VFS_READS_FAIL:
        return call == VFS_READ ? code : SQLITE_OK;
    default:
        return SQLITE_OK;
    }
}

static bool is_dead(const struct file *file)
{
    return file->overlay && overlay_is_dead(file->overlay);
}
#endif

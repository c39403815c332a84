/* Slowfsync: preloaded into a server, makes each fsync and fdatasync last longer, and counts them.
 *
 *   LD_PRELOAD=libslowfsync.so SLOWFSYNC_MICROS=1000 SLOWFSYNC_COUNT=FILE server …
 *
 * FILE gets the number of calls as 8 bytes, native order, kept up to date while the server runs.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t nowhere;
static uint64_t *count = &nowhere;
static long extra_micros;

__attribute__((constructor)) static void start(void)
{
    const char *micros = getenv("SLOWFSYNC_MICROS"), *path = getenv("SLOWFSYNC_COUNT");
    void *mapped;
    int fd;

    extra_micros = micros ? strtol(micros, NULL, 10) : 0;
    fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0 || ftruncate(fd, sizeof(*count)))
        return;
    mapped = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        count = mapped;
    close(fd);
}

static int sync_slowly(const char *name, int fd)
{
    int (*real)(int);
    struct timespec extra = { extra_micros / 1000000, extra_micros % 1000000 * 1000 };

    *(void **)&real = dlsym(RTLD_NEXT, name);
    __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    if (extra_micros)
        nanosleep(&extra, NULL);
    return real(fd);
}

int fsync(int fd);
int fdatasync(int fd);

int fsync(int fd)
{
    return sync_slowly("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_slowly("fdatasync", fd);
}

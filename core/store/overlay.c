/* Overlay: unsynced blocks in memory, written beneath at sync. */
#ifdef FOYER_FAULTS
#include "store/overlay.h"

#include "base/check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, BUCKETS = 1024 };

struct block {
    struct block *next;
    int64_t number;
    uint8_t bytes[BLOCK];
};

struct overlay {
    struct overlay *next;
    char *path;
    unsigned users;
    int64_t size;  /* as its users see it */
    int64_t below; /* so many bytes of the file beneath still count */
    bool is_dead;
    struct block *buckets[BUCKETS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct overlay *overlays;
static _Atomic enum vfs_memory memory;

static struct block *find(const struct overlay *overlay, int64_t number);
static int make(struct overlay *overlay, sqlite3_file *real, int64_t number, struct block **block);
static int read_below(const struct overlay *overlay, sqlite3_file *real, uint8_t *out, int len,
                      int64_t from);
static int write_below(const struct overlay *overlay, sqlite3_file *real,
                       const struct block *block);
static void drop_blocks(struct overlay *overlay, int64_t size);
static void unlink_and_free(struct overlay *overlay);
static void write_all_at_exit(void);
static int64_t least(int64_t a, int64_t b);

void overlay_set_memory(enum vfs_memory chosen)
{
    static bool is_registered;

    pthread_mutex_lock(&lock);
    memory = chosen;
    if (!is_registered)
        atexit(write_all_at_exit);
    is_registered = true;
    pthread_mutex_unlock(&lock);
}

bool overlay_is_on(void)
{
    return memory != VFS_WRITE_THROUGH;
}

struct overlay *overlay_take(const char *path, sqlite3_file *real)
{
    struct overlay *overlay;
    sqlite3_int64 size = 0;

    pthread_mutex_lock(&lock);
    for (overlay = overlays; overlay; overlay = overlay->next)
        if (!overlay->is_dead && !strcmp(overlay->path, path))
            break;
    if (!overlay) {
        overlay = xcalloc(1, sizeof(*overlay));
        overlay->path = xstrdup(path);
        real->pMethods->xFileSize(real, &size);
        overlay->size = overlay->below = size;
        overlay->next = overlays;
        overlays = overlay;
    }
    overlay->users++;
    pthread_mutex_unlock(&lock);
    return overlay;
}

void overlay_give_back(struct overlay *overlay)
{
    pthread_mutex_lock(&lock);
    overlay->users--;
    if (overlay->is_dead && overlay->users == 0)
        unlink_and_free(overlay);
    pthread_mutex_unlock(&lock);
}

void overlay_forget(const char *path)
{
    struct overlay *overlay;

    pthread_mutex_lock(&lock);
    for (overlay = overlays; overlay; overlay = overlay->next)
        if (!overlay->is_dead && !strcmp(overlay->path, path)) {
            drop_blocks(overlay, 0);
            overlay->size = overlay->below = 0;
        }
    pthread_mutex_unlock(&lock);
}

bool overlay_is_dead(const struct overlay *overlay)
{
    bool is_dead;

    pthread_mutex_lock(&lock);
    is_dead = overlay->is_dead;
    pthread_mutex_unlock(&lock);
    return is_dead;
}

int overlay_read(struct overlay *overlay, sqlite3_file *real, void *out, int len, int64_t from)
{
    uint8_t *at = out;
    int code = SQLITE_OK;
    int64_t have;

    pthread_mutex_lock(&lock);
    have = overlay->size > from ? least(len, overlay->size - from) : 0;
    memset(at + have, 0, (size_t)(len - have));
    for (int64_t done = 0; done < have && code == SQLITE_OK;) {
        int64_t place = from + done, within = place % BLOCK;
        int piece = (int)least(BLOCK - within, have - done);
        const struct block *block = find(overlay, place / BLOCK);

        if (block)
            memcpy(at + done, block->bytes + within, (size_t)piece);
        else
            code = read_below(overlay, real, at + done, piece, place);
        done += piece;
    }
    pthread_mutex_unlock(&lock);
    return code == SQLITE_OK && have < len ? SQLITE_IOERR_SHORT_READ : code;
}

int overlay_write(struct overlay *overlay, sqlite3_file *real, const void *at, int len, int64_t to)
{
    int code = SQLITE_OK;

    pthread_mutex_lock(&lock);
    if (overlay->size < to + len)
        overlay->size = to + len;
    for (int done = 0; done < len && code == SQLITE_OK;) {
        int64_t place = to + done, within = place % BLOCK;
        int piece = (int)least(BLOCK - within, len - done);
        struct block *block;

        code = make(overlay, real, place / BLOCK, &block);
        if (code == SQLITE_OK) {
            memcpy(block->bytes + within, (const uint8_t *)at + done, (size_t)piece);
            if (memory == VFS_FORGET_SOME && (random() & 1))
                code = write_below(overlay, real, block);
        }
        done += piece;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

int overlay_truncate(struct overlay *overlay, int64_t size)
{
    pthread_mutex_lock(&lock);
    drop_blocks(overlay, size);
    overlay->size = size;
    overlay->below = least(overlay->below, size);
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

int overlay_sync(struct overlay *overlay, sqlite3_file *real, int flags)
{
    int code;

    pthread_mutex_lock(&lock);
    if (memory == VFS_LIE) {
        pthread_mutex_unlock(&lock);
        return SQLITE_OK;
    }
    code = real->pMethods->xTruncate(real, overlay->below);
    for (size_t i = 0; i < BUCKETS && code == SQLITE_OK; i++)
        for (const struct block *block = overlay->buckets[i]; block && code == SQLITE_OK;
             block = block->next)
            code = write_below(overlay, real, block);
    if (code == SQLITE_OK)
        code = real->pMethods->xTruncate(real, overlay->size);
    if (code == SQLITE_OK)
        code = real->pMethods->xSync(real, flags);
    if (code == SQLITE_OK) {
        drop_blocks(overlay, 0);
        overlay->below = overlay->size;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

int64_t overlay_size(struct overlay *overlay)
{
    int64_t size;

    pthread_mutex_lock(&lock);
    size = overlay->size;
    pthread_mutex_unlock(&lock);
    return size;
}

void overlay_power_cut(void)
{
    struct overlay *overlay, *next;

    pthread_mutex_lock(&lock);
    for (overlay = overlays; overlay; overlay = next) {
        next = overlay->next;
        drop_blocks(overlay, 0);
        overlay->is_dead = true;
        if (overlay->users == 0)
            unlink_and_free(overlay);
    }
    pthread_mutex_unlock(&lock);
}

static struct block *find(const struct overlay *overlay, int64_t number)
{
    struct block *block = overlay->buckets[number % BUCKETS];

    while (block && block->number != number)
        block = block->next;
    return block;
}

/* The block, with what lies beneath when it is new. */
static int make(struct overlay *overlay, sqlite3_file *real, int64_t number, struct block **block)
{
    int code;

    *block = find(overlay, number);
    if (*block)
        return SQLITE_OK;
    *block = xcalloc(1, sizeof(**block));
    (*block)->number = number;
    code = read_below(overlay, real, (*block)->bytes, BLOCK, number * BLOCK);
    if (code != SQLITE_OK) {
        free(*block);
        *block = NULL;
        return code;
    }
    (*block)->next = overlay->buckets[number % BUCKETS];
    overlay->buckets[number % BUCKETS] = *block;
    return SQLITE_OK;
}

static int read_below(const struct overlay *overlay, sqlite3_file *real, uint8_t *out, int len,
                      int64_t from)
{
    int have = overlay->below > from ? (int)least(len, overlay->below - from) : 0;
    int code = have ? real->pMethods->xRead(real, out, have, from) : SQLITE_OK;

    memset(out + have, 0, (size_t)(len - have));
    return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

static int write_below(const struct overlay *overlay, sqlite3_file *real, const struct block *block)
{
    int64_t at = block->number * BLOCK;

    return real->pMethods->xWrite(real, block->bytes, (int)least(BLOCK, overlay->size - at), at);
}

/* Those from size on; the rest of the last one is zeroed. */
static void drop_blocks(struct overlay *overlay, int64_t size)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct block **at = &overlay->buckets[i]; *at;) {
            struct block *block = *at;
            int64_t first = block->number * BLOCK;

            if (first < size) {
                if (first + BLOCK > size)
                    memset(block->bytes + (size - first), 0, (size_t)(first + BLOCK - size));
                at = &block->next;
                continue;
            }
            *at = block->next;
            free(block);
        }
}

static void unlink_and_free(struct overlay *overlay)
{
    struct overlay **at = &overlays;

    while (*at != overlay)
        at = &(*at)->next;
    *at = overlay->next;
    drop_blocks(overlay, 0);
    free(overlay->path);
    free(overlay);
}

/* What the kernel would have done with what a process leaves behind. Closing these descriptors drops
 * the locks of the process, which ends anyway. */
static void write_all_at_exit(void)
{
    pthread_mutex_lock(&lock);
    for (struct overlay *overlay = overlays; overlay; overlay = overlay->next) {
        int fd = overlay->is_dead ? -1 : open(overlay->path, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
            continue;
        NEVER(ftruncate(fd, overlay->below) != 0);
        for (size_t i = 0; i < BUCKETS; i++)
            for (const struct block *block = overlay->buckets[i]; block; block = block->next)
                NEVER(pwrite(fd, block->bytes,
                             (size_t)least(BLOCK, overlay->size - block->number * BLOCK),
                             block->number * BLOCK) < 0);
        NEVER(ftruncate(fd, overlay->size) != 0);
        close(fd);
    }
    pthread_mutex_unlock(&lock);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
#endif

/* Memory: SQLite's allocations, counted without a lock that all threads would share.
 *
 * Each thread adds to a counter that few others use; what is freed elsewhere makes one of them
 * negative, and the sum is right. A machine without memory aborts here as everywhere; only tests
 * (FAULT_DB_MEMORY) see SQLite go on without, which then is a status like others.
 */
#include "base/check.h"
#include "base/fault.h"
#include "store/connection.h"

#include <malloc.h>
#include <stdlib.h>

enum { COUNTERS = 32, CACHE_LINE = 64 };

static struct counter {
    _Alignas(CACHE_LINE) _Atomic int64_t bytes;
} counters[COUNTERS];

static void count(int64_t bytes);
static void *on_malloc(int size);
static void on_free(void *at);
static void *on_realloc(void *old, int size);
static int on_size(void *at);
static int on_roundup(int size);
static int on_init(void *context);
static void on_shutdown(void *context);

const struct sqlite3_mem_methods db_memory_methods = {
    .xMalloc = on_malloc,
    .xFree = on_free,
    .xRealloc = on_realloc,
    .xSize = on_size,
    .xRoundup = on_roundup,
    .xInit = on_init,
    .xShutdown = on_shutdown,
};

int64_t db_memory(void)
{
    int64_t sum = 0;

    for (size_t i = 0; i < COUNTERS; i++)
        sum += atomic_load_explicit(&counters[i].bytes, memory_order_relaxed);
    return sum;
}

static void count(int64_t bytes)
{
    static _Thread_local struct counter *mine;
    static _Atomic unsigned threads;

    if (!mine)
        mine = &counters[atomic_fetch_add(&threads, 1) % COUNTERS];
    atomic_fetch_add_explicit(&mine->bytes, bytes, memory_order_relaxed);
}

static void *on_malloc(int size)
{
    void *at = fault_hits(FAULT_DB_MEMORY) ? NULL : xmalloc((size_t)size);

    if (at)
        count((int64_t)malloc_usable_size(at));
    return at;
}

static void on_free(void *at)
{
    count(-(int64_t)malloc_usable_size(at));
    free(at);
}

static void *on_realloc(void *old, int size)
{
    int64_t before = (int64_t)malloc_usable_size(old);
    void *at = fault_hits(FAULT_DB_MEMORY) ? NULL : xrealloc(old, (size_t)size);

    if (at)
        count((int64_t)malloc_usable_size(at) - before);
    return at;
}

static int on_size(void *at)
{
    return at ? (int)malloc_usable_size(at) : 0;
}

static int on_roundup(int size)
{
    return (size + 7) & ~7;
}

static int on_init(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void on_shutdown(void *context)
{
    (void)context;
}
